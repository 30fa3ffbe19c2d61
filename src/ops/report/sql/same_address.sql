-- Other identities on the addresses that root came from in the range, failed root logons too. Only real addresses:
-- `Internal`, masked ones and the names of calling services are shared by everybody.
WITH root_addresses AS (
    SELECT nullif(account_id, '') AS account_id, source_ip_address AS address, count(*) AS root_events
    FROM events
    WHERE user_identity_type = 'root-account'
        AND source_kind IN ('ipv4', 'ipv6')
        AND event_time >= $since AND event_time < $until
    GROUP BY 1, 2
),
found AS (
    SELECT
        root_addresses.account_id,
        root_addresses.address,
        nullif(e.user_identity_type, '') AS kind,
        nullif(e.user_identity_user_name, '') AS user_name,
        nullif(e.user_identity_principal_id, '') AS principal_id,
        nullif(e.user_identity_account_id, '') AS identity_account_id,
        count(*) AS calls,
        min(e.event_time) AS first,
        max(e.event_time) AS last,
        max(root_addresses.root_events) AS root_events,
        first_events(e.event_time, e.event_id, e.source_id, $ids) AS first_events
    FROM events AS e
    JOIN root_addresses ON e.source_ip_address = root_addresses.address
    WHERE coalesce(e.user_identity_type, '') NOT IN ('root-account', 'system', '')
        AND e.event_time >= $since AND e.event_time < $until
    GROUP BY 1, 2, 3, 4, 5, 6
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY account_id) AS total,
        row_number() OVER (
            PARTITION BY account_id ORDER BY calls DESC, address, kind, user_name, principal_id, identity_account_id
        ) AS place
    FROM found
)
SELECT *
FROM ranked
WHERE place <= $listed
ORDER BY account_id, place
