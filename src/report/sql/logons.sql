-- Console logons of root in the range, the successful ones first, so that a cut never hides one of them.
-- The hour before the range is read too: a logon early in the range may follow failures just before it.
WITH logons AS (
    SELECT
        event_time,
        outcome = 'success' AS succeeded,
        error_code,
        error_message,
        mfa_used,
        source_ip_address,
        user_agent,
        additional_event_data_login_account AS login_account,
        account_id,
        event_id,
        sum(CASE WHEN outcome = 'success' THEN 0 ELSE 1 END) OVER (
            PARTITION BY account_id
            ORDER BY event_time
            RANGE BETWEEN INTERVAL '1 hour' PRECEDING AND CURRENT ROW
        ) AS failed_in_hour_before
    FROM events
    WHERE user_identity_type = 'root-account'
        AND event_name = 'ConsoleSignin'
        AND event_time >= $hour_before
        AND event_time < $until
)
SELECT *
FROM logons
WHERE event_time >= $since
ORDER BY succeeded DESC, event_time, event_id
LIMIT $listed
