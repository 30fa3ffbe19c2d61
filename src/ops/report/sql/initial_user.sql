-- Calls that created Linux instances or system disks with root as initial login user, and calls on instances that were
-- refused, by caller. The conditions are those of the views.
WITH both AS (
    SELECT false AS refused, account_id, event_name, user_identity_type, principal, NULL AS error_code, event_time, event_id
    FROM ecs_root_initial_user
    UNION ALL
    SELECT true, account_id, event_name, user_identity_type, principal, error_code, event_time, event_id
    FROM ecs_root_initial_user_denied
    WHERE event_name <> 'InvokeCommand' AND (login_as_non_root IS DISTINCT FROM 'true')
),
found AS (
    SELECT
        refused,
        nullif(account_id, '') AS account_id,
        event_name,
        user_identity_type AS kind,
        principal AS user_name,
        error_code,
        count(*) AS count,
        min(event_time) AS first,
        max(event_time) AS last,
        first_events(event_time, event_id, CAST(NULL AS VARCHAR), $ids) AS first_events
    FROM both
    WHERE event_time >= $since AND event_time < $until
    GROUP BY 1, 2, 3, 4, 5, 6
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY refused, account_id) AS total,
        row_number() OVER (
            PARTITION BY refused, account_id ORDER BY count DESC, kind, user_name, event_name, error_code
        ) AS place
    FROM found
)
SELECT *
FROM ranked
WHERE place <= $listed
ORDER BY account_id, refused, place
