-- /// view
-- name = "oss_bucket_config_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098"]
-- cis = ["2.21"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.oss_policy_change"]
-- title.en = "Policy, CORS, lifecycle, encryption or replication of OSS buckets changed"
-- title.ja = "OSS バケットのポリシー、CORS、ライフサイクル、暗号化、レプリケーションの変更"
-- title.zh = "OSS 存储空间的授权策略、跨域、生命周期、加密或复制规则变更"
-- why = """
-- These settings say who may read a bucket, how long its objects stay and where they are copied to. Compare the
-- change with the ticket behind it, and restore the setting if there is none. Look at oss_made_public,
-- oss_encryption_removed and oss_replication_added for the changes that hurt most."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(json_param(request_parameters, 'bucketName'), json_param(request_parameters, 'bucket')) AS bucket,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name IN (
        'PutBucketPolicy', 'PutBucketCors', 'PutBucketLifecycle', 'PutBucketEncryption', 'PutBucketReplication',
        'DeleteBucketPolicy', 'DeleteBucketCors', 'DeleteBucketLifecycle', 'DeleteBucketEncryption',
        'DeleteBucketReplication'
    )
  AND service = 'oss'
ORDER BY event_time, event_id
