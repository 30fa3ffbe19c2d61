-- /// view
-- name = "kms_key_lifecycle"
-- severity = "info"
-- kind = "match"
-- source = "actiontrail-template"
-- parity = ["template:lifecycle: KMS > Kms Key > Create Events"]
-- title.en = "KMS keys created, imported and deleted"
-- title.ja = "KMS キーの作成、インポート、削除"
-- title.zh = "KMS 密钥的创建、导入和删除"
-- why = """
-- An inventory of keys that came and went. Use it to find who created a key, and whether a deletion was called
-- off. Look at kms_key_disabled for keys that stop working."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    CASE event_name
        WHEN 'CreateKey' THEN 'created'
        WHEN 'ImportKeyMaterial' THEN 'material_imported'
        WHEN 'ScheduleKeyDeletion' THEN 'deletion_scheduled'
        WHEN 'CancelKeyDeletion' THEN 'deletion_cancelled'
    END AS change,
    coalesce(
        json_param(request_parameters, 'KeyId'),
        json_param(response_elements, 'KeyMetadata.KeyId')
    ) AS key_id,
    json_param(request_parameters, 'Origin') AS key_origin,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('CreateKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion', 'ImportKeyMaterial')
  AND service = 'kms'
ORDER BY event_time, event_id
