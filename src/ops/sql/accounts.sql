-- The accounts and regions of the lake, whatever the range: the first event of each, and the last that is not of the
-- future.
SELECT
    nullif(account_id, '') AS account_id,
    nullif(acs_region, '') AS region,
    min(event_time) AS first,
    max(event_time) FILTER (WHERE event_time <= $newest) AS last
FROM events
WHERE event_time IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
