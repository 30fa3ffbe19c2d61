-- Calls signed with an AccessKey of root: one row for each key, and one for each of its most frequent addresses and services.
-- `part` says which, and `total` how many of them the key has.
WITH calls AS (
    SELECT
        user_identity_access_key_id AS access_key_id,
        nullif(account_id, '') AS account_id,
        nullif(source_ip_address, '') AS address,
        nullif(service_name, '') AS service,
        lower(nullif(service_name, '')) AS service_key,
        outcome,
        event_time
    FROM events
    WHERE user_identity_type = 'root-account'
        AND access_key_kind(user_identity_access_key_id) IS NOT NULL
        AND coalesce(event_name, '') <> 'ConsoleSignin'
        AND event_time >= $since AND event_time < $until
),
found AS (
    SELECT
        access_key_id,
        account_id,
        CASE WHEN grouping(address) = 0 THEN 'address' WHEN grouping(service_key) = 0 THEN 'service' ELSE 'key' END AS part,
        address,
        service_key,
        min(service) AS service,
        count(*) AS calls,
        count(*) FILTER (WHERE outcome <> 'success') AS failed,
        min(event_time) AS first,
        max(event_time) AS last
    FROM calls
    GROUP BY GROUPING SETS (
        (access_key_id, account_id), (access_key_id, account_id, address), (access_key_id, account_id, service_key)
    )
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY access_key_id, account_id, part) AS total,
        row_number() OVER (
            PARTITION BY access_key_id, account_id, part ORDER BY calls DESC, address NULLS FIRST, service NULLS FIRST
        ) AS place
    FROM found
)
SELECT access_key_id, account_id, part, CASE part WHEN 'address' THEN address ELSE service END AS value, calls, failed,
    first, last, total
FROM ranked
WHERE place <= $listed
ORDER BY access_key_id, account_id, part, place
