-- /// view
-- name = "permission_enumeration"
-- severity = "high"
-- kind = "threshold"
-- attack = ["T1087.004", "T1580"]
-- cis = ["2.16"]
-- source = "peer"
-- title.en = "One principal is refused many different operations"
-- title.ja = "同一プリンシパルによる多数の異なる操作の拒否"
-- title.zh = "同一主体的多种不同操作被拒绝"
-- why = """
-- Whoever holds a stolen key tries what it may do. Look at the address and the program that made the calls, and
-- disable the key while nobody knows them. A new program with too few rights looks alike, and its owner knows it."""
-- param.n = { type = "count", default = 10, help = "Minimum number of different operations within one window" }
-- param.window = { type = "duration", default = "60m", help = "Length of a window" }
-- ///
WITH denials AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address,
        principal_key AS burst_key, service || ':' || event_name AS burst_value
    FROM audit_events
    WHERE outcome = 'denied'
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
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM varied_bursts(source => denials, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal
