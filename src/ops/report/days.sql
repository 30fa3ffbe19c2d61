-- One row a period, local day and account: how many events there were, and what root did on that day.
-- Period 0 is the range of the report, 1 to 4 are the ranges before it. `event_time` carries the report's time zone.
WITH marked AS (
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
        coalesce(user_identity_type, '') = 'root-account' AS is_root,
        coalesce(event_name, '') = 'ConsoleSignin' AS is_logon,
        coalesce(event_name, '') NOT IN ('ConsoleSignin', 'ConsoleSignout') AS is_call,
        CASE WHEN user_identity_type = 'root-account' THEN event_access(event_rw, service_name, event_name) END AS access,
        CASE WHEN user_identity_type = 'root-account' THEN access_key_kind(user_identity_access_key_id) END AS key_kind,
        outcome,
        mfa_used
    FROM events
    WHERE event_time >= $since_4 AND event_time < $until
)
SELECT
    period,
    day,
    account_id,
    count(*) AS events,
    count(*) FILTER (WHERE is_root) AS root_events,
    count(*) FILTER (WHERE is_root AND is_logon) AS logons,
    count(*) FILTER (WHERE is_root AND is_logon AND outcome = 'success') AS logons_succeeded,
    count(*) FILTER (WHERE is_root AND is_logon AND outcome = 'success' AND mfa_used) AS logons_with_mfa,
    count(*) FILTER (WHERE is_root AND is_logon AND outcome = 'success' AND NOT mfa_used) AS logons_without_mfa,
    count(*) FILTER (WHERE is_root AND NOT is_logon AND key_kind IS NOT NULL) AS access_key_calls,
    count(*) FILTER (WHERE is_root AND NOT is_logon AND key_kind = 'long-term') AS long_term_key_calls,
    count(*) FILTER (WHERE is_root AND is_call AND key_kind IS NULL AND access = 'Write') AS console_writes,
    count(*) FILTER (WHERE is_root AND is_call AND access = 'Write' AND outcome = 'success') AS changes,
    count(*) FILTER (WHERE is_root AND is_call AND access = 'Write' AND outcome <> 'success') AS changes_failed,
    count(*) FILTER (WHERE is_root AND is_call AND access IS NULL) AS access_not_known,
    count(*) FILTER (WHERE is_root AND NOT is_logon AND outcome = 'denied') AS denied
FROM marked
GROUP BY period, day, account_id
ORDER BY period, day, account_id
