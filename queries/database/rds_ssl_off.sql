-- /// view
-- name = "rds_ssl_off"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.010"]
-- cis = ["6.1"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.rds_ssl_config", "sls:rds_ssl_config"]
-- title.en = "SSL encryption of RDS instances switched off"
-- title.ja = "RDS インスタンスの SSL 暗号化の無効化"
-- title.zh = "RDS 实例的 SSL 加密被关闭"
-- why = """
-- Passwords and data of this database may travel in the clear, and whoever is on the way can read them. Switch
-- SSL on again. Look at rds_public_endpoint, since a connection over the internet makes it worse."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'DBInstanceId') AS db_instance_id,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name = 'ModifyDBInstanceSSL'
  AND service = 'rds'
  AND json_param(request_parameters, 'SSLEnabled') = '0'
ORDER BY event_time, event_id
