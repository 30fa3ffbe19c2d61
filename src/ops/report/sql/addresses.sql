-- The addresses of root in the range, by account and of all accounts together (`every`), the most frequent of each.
WITH found AS (
    SELECT
        nullif(account_id, '') AS account_id,
        nullif(source_ip_address, '') AS address,
        min(source_kind) AS kind,
        count(*) AS count
    FROM events
    WHERE user_identity_type = 'root-account' AND event_time >= $since AND event_time < $until
    GROUP BY 1, 2
),
both AS (
    SELECT false AS every, account_id, address, kind, count FROM found
    UNION ALL
    SELECT true, NULL, address, min(kind), sum(count) FROM found GROUP BY address
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY every, account_id) AS total,
        row_number() OVER (PARTITION BY every, account_id ORDER BY count DESC, address) AS place
    FROM both
)
SELECT every, account_id, address, kind, count, total
FROM ranked
WHERE place <= $listed
ORDER BY every, account_id, place
