-- /// view
-- name = "oss_logging_removed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1562.008"]
-- cis = ["5.3"]
-- source = "sls-audit"
-- parity = ["sls:oss_log_config"]
-- title.en = "Access logging of OSS buckets removed"
-- title.ja = "OSS バケットのアクセスログ記録の削除"
-- title.zh = "OSS 存储空间的日志转存被删除"
-- why = """
-- Who reads and writes objects of this bucket is no longer recorded. Set the logging again, and ask why it was
-- removed. Look at trail_stopped and oss_made_public for the same principal."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(json_param(request_parameters, 'bucketName'), json_param(request_parameters, 'bucket')) AS bucket,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name = 'DeleteBucketLogging'
  AND service = 'oss'
ORDER BY event_time, event_id
