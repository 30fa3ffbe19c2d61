-- /// view
-- name = "oss_bucket_deleted"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1485"]
-- source = "peer"
-- title.en = "OSS buckets deleted"
-- title.ja = "OSS バケットの削除"
-- title.zh = "删除 OSS 存储空间"
-- why = """
-- OSS deletes only an empty bucket, so its objects were removed or expired before. Ask the owner whether it was
-- still needed. Anybody may take the free name and receive what old clients still send there."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(json_param(request_parameters, 'bucketName'), json_param(request_parameters, 'bucket')) AS bucket,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name = 'DeleteBucket'
  AND service = 'oss'
ORDER BY event_time, event_id
