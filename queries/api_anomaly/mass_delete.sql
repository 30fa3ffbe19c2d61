-- /// view
-- name = "mass_delete"
-- severity = "critical"
-- kind = "threshold"
-- attack = ["T1485"]
-- source = "ours"
-- title.en = "Many deletions by one principal within a short time"
-- title.ja = "同一プリンシパルによる短時間での大量のリソース削除"
-- title.zh = "同一主体短时间内大量删除资源"
-- why = """
-- Somebody clears resources away; programs that clean up look alike. Ask the person at once, and disable the
-- principal while nobody can say why. See ransom_pattern for backups and keys."""
-- param.n = { type = "count", default = 20, help = "Minimum number of deletions within one window" }
-- param.window = { type = "duration", default = "10m", help = "Length of a window" }
-- ///
WITH deletions AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address, acs_region, service, event_name,
        principal_key AS burst_key, 1 AS burst_weight
    FROM audit_events
    WHERE (
        event_name LIKE 'Delete%' OR event_name LIKE 'Release%' OR event_name LIKE 'Destroy%'
        OR event_name LIKE 'Remove%' OR event_name LIKE 'Terminate%'
    )
      AND outcome = 'success'
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT service) AS services,
    count(DISTINCT event_name) AS operations,
    count(DISTINCT acs_region) AS regions,
    min(event_name) AS example,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM bursts(source => deletions, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal
