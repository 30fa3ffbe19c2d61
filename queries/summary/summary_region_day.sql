-- /// view
-- name = "summary_region_day"
-- severity = "info"
-- kind = "summary"
-- source = "peer"
-- title.en = "Events by day and region"
-- title.ja = "日別、リージョン別のイベント数"
-- title.zh = "按日期和地域汇总的事件数"
-- why = """
-- One line for each day and region, by the days of --tz. A day without events may be a gap in the export or a trail
-- that was stopped; see trail_stopped. A region that is new has a row in new_region_activity."""
-- ///
SELECT
    CAST(date_trunc('day', event_time) AS DATE) AS day,
    acs_region,
    count(*) AS events,
    count(*) FILTER (WHERE event_rw = 'Write') AS writes,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    count(*) FILTER (WHERE outcome = 'denied') AS denied,
    count(DISTINCT account_id) AS accounts,
    count(DISTINCT principal_key) AS principals,
    count(DISTINCT service) AS services
FROM audit_events
GROUP BY 1, 2
ORDER BY day, acs_region
