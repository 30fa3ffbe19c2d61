-- What root did, one row a period, local day and account. Period 0 is the range of the report, 1 to 4 are the ranges
-- before it. `event_time` carries the report's time zone.
SELECT
    CASE
        WHEN event_time >= $since THEN 0
        WHEN event_time >= $since_1 THEN 1
        WHEN event_time >= $since_2 THEN 2
        WHEN event_time >= $since_3 THEN 3
        ELSE 4
    END AS period,
    to_char(event_time, '%Y-%m-%d') AS day,
    nullif(account_id, '') AS account_id,
    count(*) FILTER (WHERE event_name = 'ConsoleSignin') AS logons,
    count(*) FILTER (
        WHERE coalesce(event_name, '') NOT IN ('ConsoleSignin', 'ConsoleSignout')
            AND access_key_kind(user_identity_access_key_id) IS NULL
            AND event_access(event_rw, service_name, event_name) = 'Write'
    ) AS console_writes,
    {figures}
FROM events
WHERE user_identity_type = 'root-account' AND event_time >= $since_4 AND event_time < $until
GROUP BY period, day, account_id
ORDER BY period, day, account_id
