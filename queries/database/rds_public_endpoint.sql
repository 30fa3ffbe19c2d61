-- /// view
-- name = "rds_public_endpoint"
-- severity = "high"
-- kind = "match"
-- attack = ["T1133"]
-- cis = ["6.2"]
-- source = "peer"
-- title.en = "Public endpoints allocated to databases"
-- title.ja = "データベースへのパブリックエンドポイントの割り当て"
-- title.zh = "为数据库申请公网地址"
-- why = """
-- Whoever passes the whitelist may reach the database from the internet. Release the endpoint unless it is
-- needed, and look at db_whitelist_open. A new cluster endpoint or address of PolarDB may be private: net_type
-- says it where the call does."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'DBInstanceId'),
        json_param(request_parameters, 'InstanceId'),
        json_param(request_parameters, 'DBClusterId')
    ) AS instance_id,
    json_param(request_parameters, 'ConnectionStringPrefix') AS endpoint_prefix,
    json_param(request_parameters, 'NetType') AS net_type,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN (
        'AllocateInstancePublicConnection', 'AllocatePublicNetworkAddress', 'CreateDBClusterEndpoint',
        'CreateDBEndpointAddress'
    )
  AND service IN ('rds', 'polardb', 'dds', 'r-kvstore')
ORDER BY event_time, event_id
