-- Root events of the range by account, local day and hour.
SELECT
    nullif(account_id, '') AS account_id,
    to_char(event_time, '%Y-%m-%d') AS day,
    to_char(event_time, '%H') AS hour,
    count(*) AS events,
    first_events(event_time, event_id, source_id, $ids) AS first_events
FROM events
WHERE user_identity_type = 'root-account' AND event_time >= $since AND event_time < $until
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
