-- /// view
-- name = "audit_bucket_tampered"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.008"]
-- cis = ["2.2"]
-- source = "cis"
-- title.en = "Writes on the OSS bucket that holds a trail"
-- title.ja = "トレイルの配信先 OSS バケットに対する書き込み操作"
-- title.zh = "跟踪投递的 OSS 存储空间的写操作"
-- why = """
-- The evidence itself may have been changed, opened or deleted. Keep a copy of the bucket, and compare the days in
-- it with those in the lake. Without trail_bucket, the buckets are those that calls of CreateTrail and UpdateTrail
-- name."""
-- param.trail_bucket = { type = "text", default = "", help = "Name of the bucket, where no call in the lake tells it" }
-- ///
WITH trail_buckets AS (
    SELECT lower($trail_bucket) AS bucket
    WHERE $trail_bucket <> ''
    UNION ALL
    SELECT lower(json_param(request_parameters, 'OssBucketName')) AS bucket
    FROM audit_events
    WHERE event_name IN ('CreateTrail', 'UpdateTrail')
      AND service = 'actiontrail'
      AND outcome = 'success'
      AND $trail_bucket = ''
),
writes AS (
    SELECT
        *,
        lower(coalesce(
            json_param(request_parameters, 'bucketName'),
            json_param(request_parameters, 'bucket')
        )) AS bucket
    FROM audit_events
    WHERE (event_name LIKE 'PutBucket%' OR event_name LIKE 'Delete%')
      AND service = 'oss'
      AND event_rw = 'Write'
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    bucket,
    coalesce(
        json_param(request_parameters, 'objectName'),
        json_param(request_parameters, 'object')
    ) AS object_name,
    access_key_id,
    user_agent,
    error_code,
    event_id
FROM writes
WHERE bucket IN (SELECT bucket FROM trail_buckets)
ORDER BY event_time, event_id
