-- /// view
-- name = "ram_user_many_clients"
-- severity = "low"
-- kind = "threshold"
-- attack = ["T1078.004"]
-- source = "source-documents"
-- title.en = "RAM users that log on from many browsers at many addresses within a short time"
-- title.ja = "短時間に多数のブラウザーと IP アドレスからログオンした RAM ユーザー"
-- title.zh = "短时间内从多个浏览器和多个 IP 地址登录的 RAM 用户"
-- why = """
-- Several people seem to use one RAM user, so that nobody can say who did what. Give each of them a user of their own,
-- or let them assume a role. One person with an office, a home and a telephone may come near to it."""
-- param.n = { type = "count", default = 3, help = "Minimum number of different user agents, and of addresses, within one window" }
-- param.window = { type = "duration", default = "12h", help = "Length of a window" }
-- ///
WITH logons AS (
    SELECT *, principal_key AS burst_key, user_agent AS burst_value
    FROM console_logons
    WHERE user_identity_type = 'ram-user'
      AND outcome = 'success'
      AND source_kind IN ('ipv4', 'ipv6')
      AND user_agent <> ''
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    count(DISTINCT user_agent) AS user_agents,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM varied_bursts(source => logons, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
HAVING count(DISTINCT source_ip_address) >= $n
ORDER BY first_event, account_id, principal
