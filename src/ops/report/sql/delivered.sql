-- One row a period, local day and account: how many events were delivered, of whatever region.
--
-- Days are written for each slot of $slot microseconds, and not for each event, which takes longer than all the rest. No
-- day begins within a slot.
WITH slots AS (
    SELECT
        CASE
            WHEN event_time >= $since THEN 0
            WHEN event_time >= $since_1 THEN 1
            WHEN event_time >= $since_2 THEN 2
            WHEN event_time >= $since_3 THEN 3
            ELSE 4
        END AS period,
        CAST(event_time AS BIGINT) / $slot AS slot,
        nullif(account_id, '') AS account_id,
        min(event_time) AS first,
        count(*) AS events
    FROM events
    WHERE event_time >= $since_4 AND event_time < $until
    GROUP BY 1, 2, 3
)
SELECT period, to_char(first, '%Y-%m-%d') AS day, account_id, sum(events) AS events
FROM slots
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
