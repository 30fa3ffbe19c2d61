-- /// view
-- name = "insight_events"
-- severity = "high"
-- kind = "threshold"
-- source = "actiontrail-alert"
-- parity = ["alert:ip_insight", "alert:ip_insight_v2", "insight:IpInsight", "insight:ApiCallRateInsight",
-- "insight:ApiErrorRateInsight", "insight:AkInsight", "insight:PolicyChangeInsight", "insight:PasswordChangeInsight",
-- "insight:TrailConcealmentInsight"]
-- title.en = "Insight events of ActionTrail by type, region and object"
-- title.ja = "ActionTrail の Insight イベント（タイプ、リージョン、対象別）"
-- title.zh = "操作审计 Insight 事件（按类型、地域和对象）"
-- why = """
-- ActionTrail itself found this unusual, and mostly sends one event for its start and one for its end. Look at an
-- address with summary_source_ip, and at a key with summary_access_key. Trails of several accounts deliver no
-- Insight."""
-- param.n = { type = "count", default = 1, help = "Minimum number of events of one type, region and object" }
-- ///
WITH insights AS (
    SELECT
        *,
        coalesce(nullif(insight_details_insight_object, ''), insight_details_source_ip_address) AS insight_object,
        TRY_CAST(json_param(insight_details, 'insightContext.statistics.insightCount') AS BIGINT) AS insight_count
    FROM audit_events
    WHERE insight_details_insight_type <> ''
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    acs_region,
    insight_details_insight_type AS insight_type,
    insight_object,
    count(DISTINCT shared_event_id) AS insights,
    max(insight_count) AS insight_count,
    string_agg(DISTINCT insight_details_state, ',' ORDER BY insight_details_state) AS states,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM insights
GROUP BY account_id, acs_region, insight_details_insight_type, insight_object
HAVING count(*) >= $n
ORDER BY first_event, account_id, acs_region, insight_type, insight_object
