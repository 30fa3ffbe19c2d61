-- /// view
-- name = "oss_acl_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1222"]
-- cis = ["2.14", "5.2"]
-- source = "cis"
-- title.en = "ACL of OSS buckets or objects changed"
-- title.ja = "OSS バケットまたはオブジェクトの ACL の変更"
-- title.zh = "OSS 存储空间或文件的读写权限（ACL）变更"
-- why = """
-- The ACL says whether strangers may read or write, so ask for the reason of each change. oss_made_public lists
-- the buckets that public-read or public-read-write opens to everybody. Without data events in the trail, calls
-- for single objects may be missing."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(json_param(request_parameters, 'bucketName'), json_param(request_parameters, 'bucket')) AS bucket,
    coalesce(json_param(request_parameters, 'objectName'), json_param(request_parameters, 'key')) AS object,
    coalesce(
        json_param(request_parameters, 'x-oss-acl'),
        json_param(request_parameters, 'x-oss-object-acl'),
        json_param(request_parameters, 'acl')
    ) AS acl,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('PutBucketAcl', 'PutObjectAcl')
  AND service = 'oss'
ORDER BY event_time, event_id
