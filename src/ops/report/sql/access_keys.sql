-- Calls signed with an AccessKey of root: one row for each key, and one for each of its most frequent addresses and
-- services. `part` says which, and `total` how many of them the key has; of a key, how many keys the account has.
WITH calls AS (
    SELECT
        nullif(account_id, '') AS account_id,
        user_identity_access_key_id AS access_key_id,
        nullif(source_ip_address, '') AS address,
        nullif(service_name, '') AS service,
        lower(nullif(service_name, '')) AS service_key,
        outcome,
        event_time,
        event_id,
        source_id
    FROM events
    WHERE user_identity_type = 'root-account'
        AND access_key_kind(user_identity_access_key_id) IS NOT NULL
        AND coalesce(event_name, '') <> 'ConsoleSignin'
        AND event_time >= $since AND event_time < $until
),
found AS (
    SELECT
        account_id,
        access_key_id,
        CASE WHEN grouping(address) = 0 THEN 'address' WHEN grouping(service_key) = 0 THEN 'service' ELSE 'key' END AS part,
        address,
        service_key,
        min(service) AS service,
        count(*) AS calls,
        count(*) FILTER (WHERE outcome = 'denied') AS denied,
        count(*) FILTER (WHERE outcome NOT IN ('success', 'denied')) AS failed,
        min(event_time) AS first,
        max(event_time) AS last,
        first_events(event_time, event_id, source_id, $ids) AS first_events
    FROM calls
    GROUP BY GROUPING SETS (
        (account_id, access_key_id), (account_id, access_key_id, address), (account_id, access_key_id, service_key)
    )
),
ranked AS (
    SELECT
        *,
        CASE part
            WHEN 'key' THEN count(*) OVER (PARTITION BY account_id, part)
            ELSE count(*) OVER (PARTITION BY account_id, access_key_id, part)
        END AS total,
        CASE part
            WHEN 'key' THEN row_number() OVER (PARTITION BY account_id, part ORDER BY calls DESC, access_key_id)
            ELSE row_number() OVER (
                PARTITION BY account_id, access_key_id, part
                ORDER BY calls DESC, address NULLS FIRST, service NULLS FIRST
            )
        END AS place
    FROM found
)
SELECT account_id, access_key_id, part, CASE part WHEN 'address' THEN address ELSE service END AS value, calls, denied,
    failed, first, last, CASE part WHEN 'key' THEN first_events END AS first_events, total, place
FROM ranked
WHERE place <= CASE part WHEN 'key' THEN $listed ELSE $listed_per_key END
ORDER BY account_id, access_key_id, part, place
