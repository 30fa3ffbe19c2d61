-- /// view
-- name = "rds_sql_audit_off"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.008"]
-- cis = ["6.3"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.rds_sql_audit", "sls:rds_sql_audit"]
-- title.en = "SQL Explorer and Audit of RDS instances switched off"
-- title.ja = "RDS インスタンスの SQL Explorer および監査の無効化"
-- title.zh = "RDS 实例的 SQL 洞察和审计被关闭"
-- why = """
-- Statements on this database are no longer recorded, so a theft of data leaves no trace in it. Switch the audit
-- on again, and ask who needed it off. Look at db_whitelist_open for the same instance."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'DBInstanceId') AS db_instance_id,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name = 'ModifySQLCollectorPolicy'
  AND service = 'rds'
  AND lower(json_param(request_parameters, 'SQLCollectorStatus')) IN ('disabled', 'disable')
ORDER BY event_time, event_id
