-- How many sources the events of an account, region and local day were read from.
WITH sources_of_day AS (
    SELECT DISTINCT
        nullif(account_id, '') AS account_id,
        nullif(acs_region, '') AS region,
        to_char(event_time, '%Y-%m-%d') AS day,
        source_id
    FROM events
    WHERE event_time >= $since AND event_time < $until
)
SELECT account_id, region, day, count(*) AS sources
FROM sources_of_day
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
