-- Root calls refused for lack of permission, reads too.
WITH found AS (
    SELECT
        lower(nullif(service_name, '')) AS service_key,
        min(nullif(service_name, '')) AS service,
        nullif(event_name, '') AS event_name,
        error_code,
        count(*) AS count,
        min(event_time) AS first,
        max(event_time) AS last
    FROM events
    WHERE user_identity_type = 'root-account'
        AND outcome = 'denied'
        AND coalesce(event_name, '') <> 'ConsoleSignin'
        AND event_time >= $since AND event_time < $until
    GROUP BY 1, 3, 4
)
SELECT *, count(*) OVER () AS total
FROM found
ORDER BY count DESC, service_key, event_name, error_code
LIMIT $listed
