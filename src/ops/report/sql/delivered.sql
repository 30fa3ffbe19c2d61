-- One row a period, local day and account: how many events were delivered, of whatever region.
WITH marked AS (
    SELECT
        CASE
            WHEN event_time >= $since THEN 0
            WHEN event_time >= $since_1 THEN 1
            WHEN event_time >= $since_2 THEN 2
            WHEN event_time >= $since_3 THEN 3
            ELSE 4
        END AS period,
        to_char(event_time, '%Y-%m-%d') AS day,
        nullif(account_id, '') AS account_id
    FROM events
    WHERE event_time >= $since_4 AND event_time < $until
)
SELECT period, day, account_id, count(*) AS events
FROM marked
GROUP BY period, day, account_id
ORDER BY period, day, account_id
