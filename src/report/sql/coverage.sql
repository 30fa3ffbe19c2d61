-- What the events of the range are: by account and region, and whether reads are among them.
SELECT
    nullif(account_id, '') AS account_id,
    nullif(acs_region, '') AS region,
    count(*) AS events,
    count(*) FILTER (WHERE event_rw = 'Write') AS writes,
    count(*) FILTER (WHERE event_rw = 'Read') AS reads,
    min(event_time) AS first,
    max(event_time) AS last
FROM events
WHERE event_time >= $since AND event_time < $until
GROUP BY 1, 2
ORDER BY 1, 2
