-- /// view
-- name = "ak_multi_ip"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1078.004"]
-- source = "ours"
-- title.en = "AccessKeys used from many addresses within a short time"
-- title.ja = "短時間に多数の IP アドレスから使用された AccessKey"
-- title.zh = "短时间内从多个 IP 地址使用的 AccessKey"
-- why = """
-- A long-term key that works in many places may have leaked; programs behind changing addresses look alike. Ask its
-- owner where it is installed, and replace it where nobody can say. See ak_new_ip for the new networks."""
-- param.n = { type = "count", default = 5, help = "Minimum number of different addresses within one window" }
-- param.window = { type = "duration", default = "1h", help = "Length of a window" }
-- ///
WITH calls AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address, user_agent, service,
        access_key_id AS burst_key, source_ip_address AS burst_value
    FROM audit_events
    WHERE outcome = 'success'
      AND access_key_kind(access_key_id) = 'long-term'
      AND source_kind IN ('ipv4', 'ipv6')
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    burst_key AS access_key_id,
    count(DISTINCT user_agent) AS user_agents,
    count(DISTINCT service) AS services,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM varied_bursts(source => calls, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, access_key_id
