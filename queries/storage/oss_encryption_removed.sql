-- /// view
-- name = "oss_encryption_removed"
-- severity = "high"
-- kind = "match"
-- attack = ["T1578.005"]
-- cis = ["5.8"]
-- source = "sls-audit"
-- parity = ["sls:oss_encry_config"]
-- title.en = "Server-side encryption of OSS buckets removed"
-- title.ja = "OSS バケットのサーバー側暗号化の削除"
-- title.zh = "OSS 存储空间的服务器端加密被删除"
-- why = """
-- New objects of this bucket are stored without encryption unless the upload asks for it. Set the encryption
-- again, and encrypt what was uploaded since. Look at kms_key_disabled when the bucket used a key of KMS."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(json_param(request_parameters, 'bucketName'), json_param(request_parameters, 'bucket')) AS bucket,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name = 'DeleteBucketEncryption'
  AND service = 'oss'
ORDER BY event_time, event_id
