-- /// view
-- name = "ransom_pattern"
-- severity = "critical"
-- kind = "threshold"
-- attack = ["T1486", "T1490"]
-- source = "ours"
-- title.en = "Snapshots, backups and keys destroyed by one principal within a day"
-- title.ja = "同一プリンシパルによる 1 日以内のスナップショット、バックアップ、キーの破壊"
-- title.zh = "同一主体一天内破坏快照、备份和密钥"
-- why = """
-- Whoever takes the ways of recovery away prepares a ransom or a wipe; failed attempts count. Disable the principal
-- at once, and cancel the deletion of keys while it is pending. See mass_delete for the data itself."""
-- param.n = { type = "count", default = 2, help = "Minimum number of different kinds within one window" }
-- param.window = { type = "duration", default = "1d", help = "Length of a window" }
-- ///
WITH kinds AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address, acs_region, outcome, principal_key AS burst_key,
        CASE
            WHEN service = 'ecs' AND event_name = 'DeleteSnapshot' THEN 'snapshot'
            WHEN service = 'ecs' AND event_name IN ('CancelAutoSnapshotPolicy', 'DeleteAutoSnapshotPolicy')
                THEN 'auto-snapshot'
            WHEN service = 'rds' AND event_name IN ('DeleteBackup', 'DeleteBackupFile', 'ModifyBackupPolicy')
                THEN 'rds-backup'
            WHEN service = 'rds'
             AND event_name = 'ModifyDBInstanceDeletionProtection'
             AND lower(json_param(request_parameters, 'DeletionProtection')) = 'false' THEN 'rds-backup'
            WHEN service = 'kms' AND event_name IN ('DisableKey', 'ScheduleKeyDeletion', 'DeleteKeyMaterial')
                THEN 'kms-key'
            WHEN service = 'hbr' AND event_name IN ('DeleteVault', 'DeleteBackupPlan', 'DisableBackupPlan')
                THEN 'cloud-backup'
        END AS burst_value
    FROM audit_events
    WHERE event_name IN (
        'DeleteSnapshot', 'CancelAutoSnapshotPolicy', 'DeleteAutoSnapshotPolicy', 'DeleteBackup', 'DeleteBackupFile',
        'ModifyBackupPolicy', 'ModifyDBInstanceDeletionProtection', 'DisableKey', 'ScheduleKeyDeletion',
        'DeleteKeyMaterial', 'DeleteVault', 'DeleteBackupPlan', 'DisableBackupPlan'
    )
),
destructions AS (
    SELECT *
    FROM kinds
    WHERE burst_value IS NOT NULL
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT burst_value) AS kinds,
    string_agg(DISTINCT burst_value, ',' ORDER BY burst_value) AS kinds_found,
    count(DISTINCT acs_region) AS regions,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM varied_bursts(source => destructions, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal
