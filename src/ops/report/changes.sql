-- Write calls of root by service, event name and whether they succeeded, with a few resources by name.
-- Services are compared without case: ActionTrail writes the same service in several ways.
WITH found AS (
    SELECT
        lower(nullif(service_name, '')) AS service_key,
        min(nullif(service_name, '')) AS service,
        nullif(event_name, '') AS event_name,
        outcome = 'success' AS done,
        count(*) AS count,
        count(*) FILTER (WHERE outcome = 'denied') AS denied,
        min(event_time) AS first,
        max(event_time) AS last,
        first_value(resource_name ORDER BY event_time, event_id) FILTER (WHERE coalesce(resource_name, '') NOT IN ('', 'NULL', 'null'))
            AS first_resource,
        last_value(resource_name ORDER BY event_time, event_id) FILTER (WHERE coalesce(resource_name, '') NOT IN ('', 'NULL', 'null'))
            AS last_resource,
        count(DISTINCT resource_name) FILTER (WHERE coalesce(resource_name, '') NOT IN ('', 'NULL', 'null')) AS resources
    FROM events
    WHERE user_identity_type = 'root-account'
        AND event_access(event_rw, service_name, event_name) = 'Write'
        AND coalesce(event_name, '') NOT IN ('ConsoleSignin', 'ConsoleSignout')
        AND event_time >= $since AND event_time < $until
    GROUP BY 1, 3, 4
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY done) AS total,
        row_number() OVER (PARTITION BY done ORDER BY count DESC, service_key, event_name) AS place
    FROM found
)
SELECT *
FROM ranked
WHERE place <= $listed
ORDER BY count DESC, service_key, event_name, done
