-- /// view
-- name = "console_login_spray"
-- severity = "high"
-- kind = "threshold"
-- attack = ["T1110.003"]
-- cis = ["2.19"]
-- source = "ours"
-- title.en = "Failed console logons of many principals from one address"
-- title.ja = "同一 IP アドレスからの多数のプリンシパルによるコンソールログオンの失敗"
-- title.zh = "多个主体从同一 IP 地址登录控制台失败"
-- why = """
-- Somebody tries a few passwords on many users; an office behind one address looks alike. Block the address, and look
-- in summary_source_ip at what else came from it. Principals of all accounts count together: account_id is one of
-- them, and accounts their number."""
-- param.n = { type = "count", default = 5, help = "Minimum number of different principals within one window" }
-- param.window = { type = "duration", default = "1h", help = "Length of a window" }
-- ///
-- The address is what the failures share, so that account_id must not part them.
WITH failures AS (
    SELECT
        event_id,
        event_time,
        account_id AS account,
        principal,
        source_ip_address,
        user_agent,
        'all' AS account_id,
        source_ip_address AS burst_key,
        coalesce(account_id, '') || '/' || principal_key AS burst_value
    FROM console_logons
    WHERE outcome <> 'success'
      AND source_kind IN ('ipv4', 'ipv6')
      AND principal_key IS NOT NULL
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    min(account) AS account_id,
    count(*) AS events,
    min(principal) AS principal,
    burst_key AS source_ip_address,
    count(DISTINCT burst_value) AS principals,
    count(DISTINCT account) AS accounts,
    count(DISTINCT user_agent) AS user_agents,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM varied_bursts(source => failures, minimum => $n, length => $window)
GROUP BY burst_key, burst
ORDER BY first_event, source_ip_address
