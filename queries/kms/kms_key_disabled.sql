-- /// view
-- name = "kms_key_disabled"
-- severity = "high"
-- kind = "match"
-- attack = ["T1485", "T1486"]
-- cis = ["2.20"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.ak_conf_change", "sls:ak_conf_change"]
-- title.en = "KMS keys disabled, scheduled for deletion or with their key material deleted"
-- title.ja = "KMS キーの無効化、削除のスケジュール設定、キーマテリアルの削除"
-- title.zh = "KMS 密钥被禁用、被计划删除或密钥材料被删除"
-- why = """
-- Data that this key encrypts cannot be read any more, which is what ransom looks like. Enable the key, or
-- cancel the deletion within pending_days. Look at ransom_pattern for backups that went at the same time."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'KeyId') AS key_id,
    json_param(request_parameters, 'PendingWindowInDays') AS pending_days,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('DisableKey', 'ScheduleKeyDeletion', 'DeleteKeyMaterial')
  AND service = 'kms'
ORDER BY event_time, event_id
