-- /// view
-- name = "root_login_frequent"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1078.004"]
-- cis = ["2.18"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.root_login", "sls:root_login"]
-- title.en = "Bursts of console logons of the Alibaba Cloud account (root)"
-- title.ja = "Alibaba Cloud アカウント (root) のコンソールログオンの連続"
-- title.zh = "阿里云账号（主账号）短时间内频繁登录控制台"
-- why = """
-- Many failures are a guessed password; many successes mean that several people share the root password. Ask the
-- owner of the account, and look at each logon in root_console_login. The rule of SLS has n = 2 and window = 5m."""
-- param.n = { type = "int", default = 5, help = "Number of logons that a window exceeds" }
-- param.window = { type = "duration", default = "30m", help = "Length of a window" }
-- ///
WITH logons AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address, outcome,
        'root' AS burst_key, 1 AS burst_weight
    FROM console_logons
    WHERE user_identity_type = 'root-account'
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM bursts(source => logons, more_than => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id
