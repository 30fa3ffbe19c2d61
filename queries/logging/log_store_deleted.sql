-- /// view
-- name = "log_store_deleted"
-- severity = "high"
-- kind = "match"
-- attack = ["T1070", "T1562.008"]
-- cis = ["2.23"]
-- source = "cis"
-- title.en = "SLS projects and Logstores deleted, or their retention cut"
-- title.ja = "Log Service のプロジェクトと Logstore の削除、保存期間の短縮"
-- title.zh = "日志服务 Project 和 Logstore 的删除及保存时间缩短"
-- why = """
-- Logs are gone, or will be sooner than the benchmark asks for. Check whether a trail, a flow log or a firewall wrote
-- there, and ask for the ticket. A ttl of 3650 days keeps logs without a limit."""
-- param.days = { type = "count", default = 365, help = "Minimum number of days that logs are to be kept" }
-- ///
WITH calls AS (
    SELECT
        *,
        TRY_CAST(coalesce(
            json_param(request_parameters, 'ttl'),
            json_param(request_parameters, 'body.ttl')
        ) AS BIGINT) AS ttl_days
    FROM audit_events
    WHERE event_name IN (
            'DeleteProject', 'DeleteLogStore', 'DeleteLogstore', 'UpdateLogStore', 'UpdateLogstore'
        )
      AND service IN ('sls', 'log')
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'project'),
        json_param(request_parameters, 'projectName')
    ) AS project,
    coalesce(
        json_param(request_parameters, 'logstore'),
        json_param(request_parameters, 'logstoreName'),
        json_param(request_parameters, 'body.logstoreName')
    ) AS logstore,
    ttl_days,
    access_key_id,
    error_code,
    event_id
FROM calls
WHERE event_name IN ('DeleteProject', 'DeleteLogStore', 'DeleteLogstore')
   OR ttl_days < $days
ORDER BY event_time, event_id
