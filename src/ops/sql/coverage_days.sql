-- One row an account, region and local day with events. `steps` are the five-minute steps of the day with events, which
-- is how often a trail would write an object; `hours` has a bit for each local hour with events.
WITH steps AS (
    SELECT
        nullif(account_id, '') AS account_id,
        nullif(acs_region, '') AS region,
        date_bin(INTERVAL '5 minutes', event_time) AS step,
        count(*) AS events,
        count(*) FILTER (WHERE event_access(event_rw, service_name, event_name) = 'Read') AS reads,
        count(*) FILTER (WHERE event_access(event_rw, service_name, event_name) = 'Write') AS writes,
        min(event_time) AS first,
        max(event_time) AS last
    FROM events
    WHERE event_time >= $since AND event_time < $until
    GROUP BY 1, 2, 3
)
SELECT
    account_id,
    region,
    to_char(step, '%Y-%m-%d') AS day,
    sum(events) AS events,
    sum(reads) AS reads,
    sum(writes) AS writes,
    count(*) AS steps,
    bit_or(1 << CAST(date_part('hour', step) AS BIGINT)) AS hours,
    min(first) AS first,
    max(last) AS last
FROM steps
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
