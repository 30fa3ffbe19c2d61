-- /// view
-- name = "summary_error"
-- severity = "info"
-- kind = "summary"
-- source = "peer"
-- title.en = "Errors by their code"
-- title.ja = "エラーコード別の集計"
-- title.zh = "按错误码汇总"
-- why = """
-- The codes of calls that failed, the most frequent first. A code with a few principals and services points to one
-- broken program; one of lacking rights with many services points to somebody who looks around. A logon that failed
-- by its message only has no code."""
-- ///
SELECT
    error_code,
    outcome,
    count(*) AS events,
    count(DISTINCT lower(service_name)) AS services,
    count(DISTINCT event_name) AS operations,
    count(DISTINCT user_identity_principal_id) AS principals,
    count(DISTINCT source_ip_address) AS addresses,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM events
WHERE outcome <> 'success'
GROUP BY error_code, outcome
ORDER BY events DESC, error_code, outcome
