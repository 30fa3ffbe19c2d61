-- /// view
-- name = "db_whitelist_open"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.007"]
-- cis = ["6.2"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.rds_access_whitelist", "sls:rds_access_whitelist"]
-- title.en = "IP whitelists of databases opened to every address"
-- title.ja = "すべてのアドレスに開放されたデータベースの IP アドレスホワイトリスト"
-- title.zh = "数据库 IP 白名单向所有地址开放"
-- why = """
-- The whitelist no longer keeps anybody out, so the database depends on its passwords. Narrow the list, and look
-- at rds_public_endpoint for a way in from the internet. The published rule also finds 10.0.0.0 and lists that
-- are deleted; this view does not."""
-- ///
WITH calls AS (
    SELECT
        *,
        coalesce(
            json_param(request_parameters, 'SecurityIps'),
            json_param(request_parameters, 'SecurityIPList')
        ) AS whitelist,
        lower(coalesce(json_param(request_parameters, 'ModifyMode'), '')) AS mode
    FROM audit_events
    WHERE event_name IN ('ModifySecurityIps', 'ModifyDBClusterAccessWhitelist')
      AND (
        (event_name = 'ModifySecurityIps' AND service IN ('rds', 'dds', 'r-kvstore', 'polardbx'))
        OR (event_name = 'ModifyDBClusterAccessWhitelist' AND service = 'polardb')
      )
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'DBInstanceId'),
        json_param(request_parameters, 'InstanceId'),
        json_param(request_parameters, 'DBClusterId'),
        json_param(request_parameters, 'DBInstanceName')
    ) AS instance_id,
    whitelist,
    nullif(mode, '') AS modify_mode,
    error_code,
    access_key_id,
    event_id
FROM calls
-- The address 10.0.0.0 has the text 0.0.0.0 in it. Mode 2 of PolarDB-X is what the others call Delete.
WHERE regexp_like(whitelist, '(^|[^0-9.])0[.]0[.]0[.]0([^0-9.]|$)')
  AND mode <> 'delete'
  AND NOT (service = 'polardbx' AND mode = '2')
ORDER BY event_time, event_id
