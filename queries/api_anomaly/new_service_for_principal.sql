-- /// view
-- name = "new_service_for_principal"
-- severity = "low"
-- kind = "first_seen"
-- attack = ["T1078.004"]
-- source = "ours"
-- parity = ["insight:AkInsight"]
-- title.en = "First use of a service by a principal"
-- title.ja = "プリンシパルが初めて利用したクラウドサービス"
-- title.zh = "主体首次使用的云服务"
-- why = """
-- People and programs mostly use the same services: look closer where the service has nothing to do with the task.
-- Sessions of one role count as one principal. A service is new if the scope has no earlier call, so its first days
-- list more."""
-- ///
WITH calls AS (
    SELECT *, CASE
        WHEN user_identity_type = 'assumed-role' THEN split_part(principal_key, ':', 1)
        ELSE principal_key
    END AS actor
    FROM audit_events
    WHERE outcome = 'success'
      AND principal_key IS NOT NULL
      AND service <> ''
      AND event_time IS NOT NULL
),
services AS (
    SELECT
        account_id,
        actor,
        service,
        min(event_time) AS first_use,
        first_value(named_struct(
            'event_id', event_id, 'event_time', event_time, 'outcome', outcome, 'principal', principal,
            'source_ip_address', source_ip_address, 'acs_region', acs_region, 'service_name', service_name,
            'event_name', event_name, 'resource_name', resource_name, 'access_key_id', access_key_id,
            'user_agent', user_agent
        ) ORDER BY event_time, event_id) AS first_event
    FROM calls
    GROUP BY 1, 2, 3
),
compared AS (
    SELECT *, count(*) OVER (
        PARTITION BY account_id, actor ORDER BY first_use
        RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS services_so_far, min(first_use) OVER (PARTITION BY account_id, actor) AS principal_since
    FROM services
)
SELECT
    first_event['event_time'] AS event_time,
    first_event['outcome'] AS outcome,
    account_id,
    first_event['principal'] AS principal,
    first_event['source_ip_address'] AS source_ip_address,
    first_event['acs_region'] AS acs_region,
    first_event['service_name'] AS service_name,
    first_event['event_name'] AS event_name,
    first_event['resource_name'] AS resource_name,
    principal_since,
    services_so_far,
    first_event['access_key_id'] AS access_key_id,
    first_event['user_agent'] AS user_agent,
    first_event['event_id'] AS event_id
FROM compared
WHERE principal_since < first_use
ORDER BY event_time, event_id
