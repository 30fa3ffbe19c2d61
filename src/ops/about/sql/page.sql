-- The events of a value, counted by what they have in common: one row for all of them, one for each day, and one for each
-- of the most frequent operations, principals, AccessKeys, addresses, user agents, errors, resources, regions and accounts.
-- `part` says which, and `total` how many of them there are. Operations are ranked apart by their access.
WITH matching AS ({matching}),
counted AS (
    SELECT
        CASE
            WHEN grouping(day) = 0 THEN 'day'
            WHEN grouping(event_name) = 0 THEN 'operation'
            WHEN grouping(principal) = 0 THEN 'principal'
            WHEN grouping(access_key_id) = 0 THEN 'key'
            WHEN grouping(address) = 0 THEN 'address'
            WHEN grouping(agent) = 0 THEN 'agent'
            WHEN grouping(error) = 0 THEN 'error'
            WHEN grouping(resource) = 0 THEN 'resource'
            WHEN grouping(region) = 0 THEN 'region'
            WHEN grouping(account_id) = 0 THEN 'account'
            ELSE 'all'
        END AS part,
        day, service, event_name, access, account_id, identity_type, principal_id, principal, access_key_id, address,
        agent, error, resource_type, resource, region,
        count(*) AS events,
        count(*) FILTER (WHERE access = 'Write') AS writes,
        count(*) FILTER (WHERE outcome = 'denied') AS denied,
        count(*) FILTER (WHERE outcome NOT IN ('success', 'denied')) AS errors,
        count(*) FILTER (WHERE event_time IS NULL) AS undated,
        min(event_time) AS first_event,
        max(event_time) AS last_event
    FROM matching
    GROUP BY GROUPING SETS (
        (), (day), (service, event_name, access), (account_id, identity_type, principal_id, principal), (access_key_id),
        (address), (agent), (error), (resource_type, resource), (region), (account_id)
    )
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY part, CASE part WHEN 'operation' THEN coalesce(access, '') END) AS total,
        row_number() OVER (
            PARTITION BY part, CASE part WHEN 'operation' THEN coalesce(access, '') END
            -- Resources that were changed come first, and keys that stay valid.
            ORDER BY
                CASE part
                    WHEN 'resource' THEN writes > 0
                    WHEN 'key' THEN access_key_kind(access_key_id) <> 'temporary'
                END DESC,
                events DESC, first_event, service, event_name, account_id, principal_id, principal, access_key_id,
                address, agent, error, resource, region
        ) AS place
    FROM counted
    -- Events that lack something are none of its values.
    WHERE CASE part
        WHEN 'day' THEN day
        WHEN 'principal' THEN coalesce(principal, principal_id, identity_type)
        WHEN 'key' THEN access_key_id
        WHEN 'address' THEN address
        WHEN 'agent' THEN agent
        WHEN 'error' THEN error
        WHEN 'resource' THEN resource
        WHEN 'region' THEN region
        WHEN 'account' THEN account_id
        ELSE ''
    END IS NOT NULL
)
SELECT *
FROM ranked
WHERE place <= CASE part WHEN 'day' THEN $days WHEN 'account' THEN $accounts ELSE $listed END
ORDER BY part, access DESC NULLS LAST, CASE part WHEN 'day' THEN day END, place
