-- Calls with the users and keys that root made, from their making to the end of the range: one row for each of them, and
-- one for each of its most frequent addresses and operations. `part` says which.
WITH made AS (
    SELECT column1 AS n, column2 AS is_key, column3 AS id, column4 AS account_id, column5 AS created
    FROM (VALUES {made})
),
calls AS (
    SELECT
        made.n,
        nullif(e.source_ip_address, '') AS address,
        concat_ws(':', nullif(e.service_name, ''), nullif(e.event_name, '')) AS operation,
        e.outcome,
        event_access(e.event_rw, e.service_name, e.event_name) AS access,
        e.event_time,
        e.event_id,
        e.source_id
    FROM events AS e
    JOIN made ON e.user_identity_access_key_id = made.id
    WHERE made.is_key = 1 AND e.event_time >= made.created AND e.event_time >= $since AND e.event_time < $until
    UNION ALL
    SELECT
        made.n,
        nullif(e.source_ip_address, ''),
        concat_ws(':', nullif(e.service_name, ''), nullif(e.event_name, '')),
        e.outcome,
        event_access(e.event_rw, e.service_name, e.event_name),
        e.event_time,
        e.event_id,
        e.source_id
    FROM events AS e
    JOIN made ON e.user_identity_user_name = made.id
    WHERE made.is_key = 0 AND e.user_identity_type = 'ram-user'
        AND (nullif(e.account_id, '') IS NOT DISTINCT FROM made.account_id)
        AND e.event_time >= made.created AND e.event_time >= $since AND e.event_time < $until
),
found AS (
    SELECT
        n,
        CASE WHEN grouping(address) = 0 THEN 'address' WHEN grouping(operation) = 0 THEN 'operation' ELSE 'all' END
            AS part,
        address,
        operation,
        count(*) AS calls,
        count(*) FILTER (WHERE access = 'Write' AND outcome = 'success') AS changes,
        count(*) FILTER (WHERE outcome = 'denied') AS denied,
        min(event_time) AS first,
        max(event_time) AS last,
        first_events(event_time, event_id, source_id, $ids) AS first_events
    FROM calls
    GROUP BY GROUPING SETS ((n), (n, address), (n, operation))
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY n, part) AS total,
        row_number() OVER (PARTITION BY n, part ORDER BY calls DESC, address NULLS FIRST, operation NULLS FIRST) AS place
    FROM found
)
SELECT n, part, CASE part WHEN 'address' THEN address ELSE operation END AS value, calls, changes, denied, first, last,
    CASE part WHEN 'all' THEN first_events END AS first_events, total
FROM ranked
WHERE place <= $listed
ORDER BY n, part, place
