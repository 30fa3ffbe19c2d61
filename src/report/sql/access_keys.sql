-- Calls signed with an AccessKey of root, by key, address and service.
SELECT
    user_identity_access_key_id AS access_key_id,
    nullif(account_id, '') AS account_id,
    nullif(source_ip_address, '') AS address,
    lower(nullif(service_name, '')) AS service_key,
    min(nullif(service_name, '')) AS service,
    count(*) AS calls,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    min(event_time) AS first,
    max(event_time) AS last
FROM events
WHERE user_identity_type = 'root-account'
    AND coalesce(user_identity_access_key_id, '') NOT IN ('', 'NULL')
    AND coalesce(event_name, '') <> 'ConsoleSignin'
    AND event_time >= $since AND event_time < $until
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
