-- /// view
-- name = "rds_instance_released"
-- severity = "high"
-- kind = "match"
-- attack = ["T1485"]
-- source = "actiontrail-template"
-- parity = ["template:lifecycle (RDS)", "alert:db.at.rds_instance_del", "sls:rds_instance_del"]
-- title.en = "RDS instances released or destroyed"
-- title.ja = "RDS インスタンスの解放または破棄"
-- title.zh = "RDS 实例被释放或销毁"
-- why = """
-- The database is gone, or waits in the recycle bin, so ask its owner at once. backups_kept None means that no
-- backup stays. Look at rds_backup_weakened for backups deleted before."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'DBInstanceId') AS db_instance_id,
    json_param(request_parameters, 'ReleasedKeepPolicy') AS backups_kept,
    event_type,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('DeleteDBInstance', 'Release', 'DestroyDBInstance')
  AND service = 'rds'
ORDER BY event_time, event_id
