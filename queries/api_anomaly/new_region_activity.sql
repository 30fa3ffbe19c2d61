-- /// view
-- name = "new_region_activity"
-- severity = "medium"
-- kind = "first_seen"
-- attack = ["T1535"]
-- source = "ours"
-- title.en = "First change of an account in a region"
-- title.ja = "アカウントで初めて書き込み操作が行われたリージョン"
-- title.zh = "账号首次执行写操作的地域"
-- why = """
-- Intruders use regions that nobody watches: ask the person, and see resource_lifecycle for what was created there. A
-- region is new if the scope has no earlier change, so its first days list more. Global services record in one
-- region; is_global tells them."""
-- ///
WITH regions AS (
    SELECT
        account_id,
        acs_region,
        min(event_time) AS first_write,
        first_value(named_struct(
            'event_id', event_id, 'event_time', event_time, 'outcome', outcome, 'principal', principal,
            'source_ip_address', source_ip_address, 'service_name', service_name, 'event_name', event_name,
            'resource_name', resource_name, 'is_global', is_global, 'user_agent', user_agent
        ) ORDER BY event_time, event_id) AS first_event
    FROM audit_events
    WHERE event_rw = 'Write'
      AND outcome = 'success'
      AND acs_region IS NOT NULL
      AND event_time IS NOT NULL
    GROUP BY 1, 2
),
-- The first region of an account has nothing to be compared with.
compared AS (
    SELECT *, count(*) OVER (
        PARTITION BY account_id ORDER BY first_write
        RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS regions_so_far, min(first_write) OVER (PARTITION BY account_id) AS account_since
    FROM regions
)
SELECT
    first_event['event_time'] AS event_time,
    first_event['outcome'] AS outcome,
    account_id,
    first_event['principal'] AS principal,
    first_event['source_ip_address'] AS source_ip_address,
    acs_region,
    first_event['service_name'] AS service_name,
    first_event['event_name'] AS event_name,
    first_event['resource_name'] AS resource_name,
    first_event['is_global'] AS is_global,
    account_since,
    regions_so_far,
    first_event['user_agent'] AS user_agent,
    first_event['event_id'] AS event_id
FROM compared
WHERE account_since < first_write
ORDER BY event_time, event_id
