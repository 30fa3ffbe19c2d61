-- Calls of root by service and event name: write calls that succeeded (`changes`), write calls that did not
-- (`changes_failed`), and calls refused for lack of permission, reads too, by their error code (`denied`). Services are
-- compared without case, since ActionTrail writes the same service in several ways.
WITH called AS (
    SELECT
        nullif(account_id, '') AS account_id,
        lower(nullif(service_name, '')) AS service_key,
        nullif(service_name, '') AS service,
        nullif(event_name, '') AS event_name,
        outcome,
        error_code,
        nullif(resource_name, '') AS resource_name,
        event_access(event_rw, service_name, event_name) AS access,
        event_time,
        event_id,
        source_id
    FROM events
    WHERE user_identity_type = 'root-account'
        AND coalesce(event_name, '') <> 'ConsoleSignin'
        AND event_time >= $since AND event_time < $until
),
parts AS (
    SELECT CASE outcome WHEN 'success' THEN 'changes' ELSE 'changes_failed' END AS part, NULL AS code, *
    FROM called
    WHERE access = 'Write' AND coalesce(event_name, '') <> 'ConsoleSignout'
    UNION ALL
    SELECT 'denied' AS part, error_code AS code, *
    FROM called
    WHERE outcome = 'denied'
),
found AS (
    SELECT
        account_id,
        part,
        service_key,
        event_name,
        code AS error_code,
        min(service) AS service,
        count(*) AS count,
        count(*) FILTER (WHERE outcome = 'denied') AS denied,
        min(event_time) AS first,
        max(event_time) AS last,
        first_value(resource_name ORDER BY event_time, event_id) FILTER (WHERE upper(resource_name) <> 'NULL')
            AS first_resource,
        last_value(resource_name ORDER BY event_time, event_id) FILTER (WHERE upper(resource_name) <> 'NULL')
            AS last_resource,
        count(DISTINCT resource_name) FILTER (WHERE upper(resource_name) <> 'NULL') AS resources,
        first_events(event_time, event_id, source_id, $ids) AS first_events
    FROM parts
    GROUP BY 1, 2, 3, 4, 5
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY account_id, part) AS total,
        row_number() OVER (
            PARTITION BY account_id, part ORDER BY count DESC, service_key, event_name, error_code
        ) AS place
    FROM found
)
SELECT *
FROM ranked
WHERE place <= $listed
ORDER BY account_id, part, place
