-- What the events of the range are: by account and region, and whether reads are among them.
-- Where an event does not say itself whether it read or wrote, its API does.
WITH found AS (
    SELECT
        account_id,
        acs_region,
        event_time,
        event_access(event_rw, NULL, NULL) AS said,
        event_access(event_rw, service_name, event_name) AS access
    FROM events
    WHERE event_time >= $since AND event_time < $until
)
SELECT
    nullif(account_id, '') AS account_id,
    nullif(acs_region, '') AS region,
    count(*) AS events,
    count(*) FILTER (WHERE access = 'Write') AS writes,
    count(*) FILTER (WHERE access = 'Read') AS reads,
    count(*) FILTER (WHERE said IS NULL) AS not_said,
    min(event_time) AS first,
    max(event_time) AS last
FROM found
GROUP BY 1, 2
ORDER BY 1, 2
