-- /// view
-- name = "oss_made_public"
-- severity = "critical"
-- kind = "match"
-- attack = ["T1530"]
-- cis = ["5.1", "5.7"]
-- source = "ours"
-- title.en = "OSS buckets opened to everybody"
-- title.ja = "すべてのユーザーに公開された OSS バケット"
-- title.zh = "OSS 存储空间向所有人开放"
-- why = """
-- Everybody on the internet may read, or even write, what is in this bucket. Set the ACL to private, or name the
-- principals of the policy, and block public access for the account. Then look in the access log of the bucket for
-- what was read. opened_by tells which of the four ways was taken."""
-- ///
WITH calls AS (
    SELECT
        *,
        CASE
            WHEN event_name = 'PutBucketAcl'
                AND lower(coalesce(
                    json_param(request_parameters, 'x-oss-acl'),
                    json_param(request_parameters, 'acl')
                )) IN ('public-read', 'public-read-write') THEN 'acl'
            WHEN event_name = 'PutBucketPolicy'
                AND array_has(policy_principals(coalesce(
                    json_param(request_parameters, 'policy'),
                    json_param(request_parameters, 'body')
                )), '*') THEN 'policy'
            WHEN event_name = 'DeleteBucketPublicAccessBlock' THEN 'block_removed'
            WHEN event_name = 'PutBucketPublicAccessBlock'
                AND lower(coalesce(
                    json_param(request_parameters, 'BlockPublicAccess'),
                    json_param(request_parameters, 'PublicAccessBlockConfiguration.BlockPublicAccess')
                )) = 'false' THEN 'block_off'
        END AS opened_by
    FROM audit_events
    WHERE event_name IN (
            'PutBucketAcl', 'PutBucketPolicy', 'DeleteBucketPublicAccessBlock', 'PutBucketPublicAccessBlock'
        )
      AND service = 'oss'
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    opened_by,
    coalesce(json_param(request_parameters, 'bucketName'), json_param(request_parameters, 'bucket')) AS bucket,
    error_code,
    access_key_id,
    event_id
FROM calls
WHERE opened_by IS NOT NULL
ORDER BY event_time, event_id
