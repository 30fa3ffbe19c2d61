-- /// view
-- name = "api_error_burst"
-- severity = "medium"
-- kind = "threshold"
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.api_err"]
-- title.en = "Bursts of failed calls in one account"
-- title.ja = "同一アカウントでの API エラーの多発"
-- title.zh = "同一账号短时间内出现大量 API 错误"
-- why = """
-- Many errors at once come from a broken program, a changed policy or somebody who tries things out. The codes in
-- summary_error tell which. The published rule counts from the first error on, which finds every account."""
-- param.n = { type = "int", default = 50, help = "Number of failed calls that a window exceeds" }
-- param.window = { type = "duration", default = "30m", help = "Length of a window" }
-- ///
WITH errors AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address, outcome, principal_key, service,
        error_code,
        'all' AS burst_key, 1 AS burst_weight
    FROM audit_events
    WHERE outcome <> 'success'
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT principal_key) AS principals,
    count(DISTINCT source_ip_address) AS addresses,
    count(DISTINCT service) AS services,
    count(DISTINCT error_code) AS error_codes,
    count(*) FILTER (WHERE outcome = 'denied') AS denied,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM bursts(source => errors, more_than => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id
