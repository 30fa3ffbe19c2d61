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
        service || ':' || event_name AS burst_value,
        date_bin($window, event_time) AS slot
    FROM audit_events
    WHERE event_rw = 'Read'
      AND outcome = 'success'
),
-- Every window lies in two slots that follow each other, so that most rows need not be sorted.
slots AS (
    SELECT account_id, burst_key, slot, count(DISTINCT burst_value) AS different
    FROM reads
    GROUP BY 1, 2, 3
),
paired AS (
    SELECT
        *,
        sum(different) OVER (
            PARTITION BY account_id, burst_key ORDER BY slot RANGE BETWEEN $window PRECEDING AND CURRENT ROW
        ) AS with_previous,
        sum(different) OVER (
            PARTITION BY account_id, burst_key ORDER BY slot RANGE BETWEEN CURRENT ROW AND $window FOLLOWING
        ) AS with_next
    FROM slots
),
busy AS (
    SELECT account_id, burst_key, slot
    FROM paired
    WHERE greatest(with_previous, with_next) >= $n
),
candidates AS (
    SELECT reads.*
    FROM busy
    JOIN reads
      ON (busy.account_id IS NOT DISTINCT FROM reads.account_id)
     AND (busy.burst_key IS NOT DISTINCT FROM reads.burst_key)
     AND busy.slot = reads.slot
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
FROM varied_bursts(source => candidates, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal
