-- Calls that decide whether a trail delivers events, and which; failed ones too. Nobody makes many of them, so a flood
-- is cut.
SELECT
    event_time AS time,
    event_name,
    outcome,
    nullif(json_param(request_parameters, 'Name'), '') AS trail,
    json_param(request_parameters, 'EventRW') AS event_rw,
    nullif(account_id, '') AS account_id,
    user_identity_type AS who_type,
    user_identity_user_name AS who_name,
    source_ip_address AS address,
    event_id
FROM events
WHERE lower(service_name) = 'actiontrail'
    AND event_name IN ('CreateTrail', 'StartLogging', 'UpdateTrail', 'StopLogging', 'DeleteTrail')
ORDER BY event_time, event_id
LIMIT 10000
