-- /// view
-- name = "oss_replication_added"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1537"]
-- cis = ["2.21"]
-- source = "peer"
-- title.en = "Replication rules added to OSS buckets"
-- title.ja = "OSS バケットへのレプリケーションルールの追加"
-- title.zh = "OSS 存储空间新增数据复制规则"
-- why = """
-- OSS copies the objects of this bucket to another one from now on, and the other may belong to somebody else.
-- Check the destination in the replication rules of the bucket. Remove a rule that nobody ordered."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(json_param(request_parameters, 'bucketName'), json_param(request_parameters, 'bucket')) AS bucket,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name = 'PutBucketReplication'
  AND service = 'oss'
  AND outcome = 'success'
ORDER BY event_time, event_id
