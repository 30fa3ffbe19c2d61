-- /// view
-- name = "root_login_governance"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1078.004"]
-- cis = ["1.1"]
-- source = "governance-center"
-- title.en = "Accounts whose root logged on in the last 90 days"
-- title.ja = "過去 90 日間にコンソールログオンがあった Alibaba Cloud アカウント (root)"
-- title.zh = "最近 90 天内登录过控制台的阿里云账号（主账号）"
-- why = """
-- The governance model 3.0 of Cloud Governance Center asks for no logon of root, model 2.0 for fewer than three (n =
-- 3). Move the daily work to RAM users, and look at each logon in root_console_login_success."""
-- param.n = { type = "count", default = 1, help = "Minimum number of successful logons" }
-- param.period = { type = "duration", default = "90d", help = "Length of the time that is looked at" }
-- param.end = { type = "date", default = "9999-12-31", help = "Day that ends it; after the newest event: that event" }
-- ///
WITH limits AS (
    SELECT least(max(event_time), CAST($end AS TIMESTAMP WITH TIME ZONE)) AS period_end
    FROM events
),
logons AS (
    SELECT *
    FROM console_logons
    CROSS JOIN limits
    WHERE user_identity_type = 'root-account'
      AND outcome = 'success'
      AND event_time >= period_end - $period
      AND event_time <= period_end
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    count(*) FILTER (WHERE NOT mfa_used) AS without_mfa,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM logons
GROUP BY account_id
HAVING count(*) >= $n
ORDER BY first_event, account_id
