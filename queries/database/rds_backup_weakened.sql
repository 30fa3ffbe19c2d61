-- /// view
-- name = "rds_backup_weakened"
-- severity = "high"
-- kind = "match"
-- attack = ["T1490"]
-- source = "peer"
-- title.en = "RDS backups deleted, backup policies changed or release protection switched off"
-- title.ja = "RDS のバックアップの削除、バックアップポリシーの変更、リリース保護の無効化"
-- title.zh = "RDS 备份被删除、备份策略被修改或释放保护被关闭"
-- why = """
-- Without backups and protection, a deleted or encrypted database cannot be brought back. An event has no
-- earlier values, so compare the new backup policy with the one that you want. Look at rds_instance_released and
-- ransom_pattern next."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    CASE event_name
        WHEN 'ModifyBackupPolicy' THEN 'policy_changed'
        WHEN 'ModifyDBInstanceDeletionProtection' THEN 'protection_off'
        ELSE 'backup_deleted'
    END AS change,
    json_param(request_parameters, 'DBInstanceId') AS db_instance_id,
    json_param(request_parameters, 'BackupId') AS backup_ids,
    json_param(request_parameters, 'BackupRetentionPeriod') AS retention_days,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('DeleteBackup', 'DeleteBackupFile', 'ModifyBackupPolicy', 'ModifyDBInstanceDeletionProtection')
  AND service = 'rds'
  AND (
    event_name <> 'ModifyDBInstanceDeletionProtection'
    OR lower(json_param(request_parameters, 'DeletionProtection')) = 'false'
  )
ORDER BY event_time, event_id
