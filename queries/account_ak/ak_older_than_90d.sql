-- /// view
-- name = "ak_older_than_90d"
-- severity = "low"
-- kind = "threshold"
-- attack = ["T1078.004"]
-- cis = ["1.6"]
-- source = "cis"
-- title.en = "AccessKeys still used 90 days after they were made or first seen"
-- title.ja = "作成または初回使用から 90 日を過ぎても使用されている AccessKey"
-- title.zh = "创建或首次出现 90 天后仍在使用的 AccessKey"
-- why = """
-- The longer a key lives, the more copies of it lie around. Replace it, and see in summary_access_key where it is used.
-- A key without created_at may be older than the events say."""
-- param.age = { type = "duration", default = "90d", help = "Minimum time between creation or first use and last use" }
-- ///
WITH sightings AS (
    SELECT
        event_time,
        event_id,
        account_id,
        principal,
        source_ip_address,
        access_key_id AS key_id,
        false AS created
    FROM audit_events
    WHERE access_key_kind(access_key_id) = 'long-term'
    UNION ALL
    SELECT
        event_time,
        event_id,
        account_id,
        principal,
        source_ip_address,
        json_param(response_elements, 'AccessKey.AccessKeyId') AS key_id,
        true AS created
    FROM audit_events
    WHERE event_name = 'CreateAccessKey'
      AND service IN ('ram', 'ims')
      AND outcome = 'success'
),
keys AS (
    SELECT
        min(event_time) AS first_event,
        max(event_time) FILTER (WHERE NOT created) AS last_event,
        account_id,
        count(*) FILTER (WHERE NOT created) AS events,
        min(principal) FILTER (WHERE NOT created) AS principal,
        min(source_ip_address) FILTER (WHERE NOT created) AS source_ip_address,
        key_id AS access_key_id,
        min(event_time) FILTER (WHERE created) AS created_at,
        first_value(event_id ORDER BY event_time, event_id) AS event_id
    FROM sightings
    GROUP BY account_id, key_id
)
SELECT
    first_event,
    last_event,
    account_id,
    events,
    principal,
    source_ip_address,
    access_key_id,
    created_at,
    CAST(floor((extract(epoch FROM last_event) - extract(epoch FROM first_event)) / 86400) AS BIGINT) AS days,
    event_id
FROM keys
WHERE first_event <= last_event - $age
ORDER BY first_event, account_id, access_key_id
