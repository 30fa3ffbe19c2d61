-- Single logons of root: all where there are few, else the successful ones without MFA or after failures. Those after
-- most failures come first, so that a cut never hides one of them. The hour before the range is read too: a logon early
-- in the range may follow failures just before it.
--
-- A failure that names no account may be one of any account, and counts for each. Of a failure at the same time nobody
-- knows whether it came before, so it is counted apart.
WITH logons AS (
    SELECT
        event_time,
        outcome = 'success' AS succeeded,
        error_code,
        error_message,
        mfa_used,
        nullif(source_ip_address, '') AS address,
        user_agent,
        additional_event_data_login_account AS login_account,
        nullif(account_id, '') AS account_id,
        event_id,
        CASE WHEN outcome = 'success' THEN 0 ELSE 1 END AS failed,
        CASE WHEN outcome <> 'success' AND nullif(account_id, '') IS NULL THEN 1 ELSE 0 END AS nameless
    FROM events
    WHERE user_identity_type = 'root-account'
        AND event_name = 'ConsoleSignin'
        AND event_time >= $hour_before
        AND event_time < $until
),
counted AS (
    SELECT
        *,
        sum(failed) OVER (
            PARTITION BY account_id ORDER BY event_time RANGE BETWEEN INTERVAL '1 hour' PRECEDING AND CURRENT ROW
        ) AS own,
        sum(failed) OVER (PARTITION BY account_id, event_time) AS own_at_once,
        sum(nameless) OVER (ORDER BY event_time RANGE BETWEEN INTERVAL '1 hour' PRECEDING AND CURRENT ROW)
            AS without_account,
        sum(nameless) OVER (PARTITION BY event_time) AS without_account_at_once,
        sum(failed) OVER (ORDER BY event_time RANGE BETWEEN INTERVAL '1 hour' PRECEDING AND CURRENT ROW) AS every,
        sum(failed) OVER (PARTITION BY event_time) AS every_at_once
    FROM logons
),
told AS (
    SELECT
        *,
        CASE
            WHEN account_id IS NULL THEN every - every_at_once
            ELSE own - own_at_once + without_account - without_account_at_once
        END AS failed_in_hour_before,
        CASE
            WHEN account_id IS NULL THEN every_at_once - failed
            ELSE own_at_once + without_account_at_once - failed
        END AS failed_in_same_second,
        without_account - nameless AS failed_without_account,
        count(*) OVER (PARTITION BY account_id) AS of_account
    FROM counted
    WHERE event_time >= $since
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY account_id) AS total,
        row_number() OVER (
            PARTITION BY account_id
            ORDER BY
                succeeded DESC,
                CASE WHEN succeeded THEN failed_in_hour_before + failed_in_same_second ELSE 0 END DESC,
                event_time,
                event_id
        ) AS place
    FROM told
    WHERE of_account <= $few
        OR (
            succeeded
            AND ((mfa_used IS DISTINCT FROM true) OR failed_in_hour_before + failed_in_same_second > 0)
        )
)
SELECT event_time, succeeded, error_code, error_message, mfa_used, address, user_agent, login_account, account_id,
    event_id, failed_in_hour_before, failed_in_same_second, failed_without_account, total
FROM ranked
WHERE place <= $listed
ORDER BY account_id, event_time, event_id
