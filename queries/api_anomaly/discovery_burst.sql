-- /// view
-- name = "discovery_burst"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1580", "T1526"]
-- source = "ours"
-- title.en = "One principal reads with many different operations within a short time"
-- title.ja = "同一プリンシパルによる短時間での多種類の読み取り操作"
-- title.zh = "同一主体短时间内执行多种不同的读操作"
-- why = """
-- An intruder looks around before anything else. Ask the person, and see permission_enumeration for what was refused.
-- Audit and inventory programs do the same every day; their principal and user agent tell them."""
-- param.n = { type = "count", default = 30, help = "Minimum number of different operations within one window" }
-- param.window = { type = "duration", default = "10m", help = "Length of a window" }
-- ///
WITH reads AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address, acs_region, service, user_agent,
        principal_key AS burst_key,
        service || ':' || event_name AS burst_value
    FROM audit_events
    WHERE event_rw = 'Read'
      AND outcome = 'success'
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    count(DISTINCT burst_value) AS operations,
    count(DISTINCT service) AS services,
    count(DISTINCT acs_region) AS regions,
    min(user_agent) AS user_agent,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM varied_bursts(source => reads, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal
