-- Console logons of root that are alike, successes first, the most frequent of each account.
WITH found AS (
    SELECT
        nullif(account_id, '') AS account_id,
        outcome = 'success' AS succeeded,
        CASE WHEN outcome = 'success' THEN mfa_used END AS mfa,
        CASE WHEN outcome <> 'success' THEN error_code END AS error_code,
        CASE WHEN outcome <> 'success' THEN error_message END AS error_message,
        nullif(source_ip_address, '') AS address,
        user_agent_summary(user_agent) AS agent,
        first_value(user_agent ORDER BY event_time, event_id) AS user_agent,
        count(*) AS count,
        min(event_time) AS first,
        max(event_time) AS last,
        first_events(event_time, event_id, source_id, $ids) AS first_events
    FROM events
    WHERE user_identity_type = 'root-account'
        AND event_name = 'ConsoleSignin'
        AND event_time >= $since AND event_time < $until
    GROUP BY 1, 2, 3, 4, 5, 6, 7
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY account_id) AS total,
        row_number() OVER (
            PARTITION BY account_id
            ORDER BY succeeded DESC, mfa NULLS LAST, count DESC, first, address, agent, error_code, error_message
        ) AS place
    FROM found
)
SELECT *
FROM ranked
WHERE place <= $listed
ORDER BY account_id, place
