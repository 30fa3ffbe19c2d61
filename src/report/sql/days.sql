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
        coalesce(event_rw, '') = 'Write' AND coalesce(event_name, '') NOT IN ('ConsoleSignin', 'ConsoleSignout') AS is_write,
        coalesce(user_identity_access_key_id, '') NOT IN ('', 'NULL') AS has_key,
        coalesce(user_identity_access_key_id, '') LIKE 'LTAI%' AS has_long_term_key,
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
    count(*) FILTER (WHERE is_root AND NOT is_logon AND has_key) AS access_key_calls,
    count(*) FILTER (WHERE is_root AND NOT is_logon AND has_long_term_key) AS long_term_key_calls,
    count(*) FILTER (WHERE is_root AND NOT is_logon AND NOT has_key AND is_write) AS console_writes,
    count(*) FILTER (WHERE is_root AND is_write AND outcome = 'success') AS changes,
    count(*) FILTER (WHERE is_root AND is_write AND outcome <> 'success') AS changes_failed,
    count(*) FILTER (WHERE is_root AND NOT is_logon AND outcome = 'denied') AS denied
FROM marked
GROUP BY period, day, account_id
ORDER BY period, day, account_id
