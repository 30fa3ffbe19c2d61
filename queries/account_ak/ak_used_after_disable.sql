-- /// view
-- name = "ak_used_after_disable"
-- severity = "high"
-- kind = "sequence"
-- attack = ["T1078.004"]
-- source = "ours"
-- title.en = "AccessKeys seen after they were disabled or deleted"
-- title.ja = "無効化または削除された後に使用された AccessKey"
-- title.zh = "被禁用或删除后仍被使用的 AccessKey"
-- why = """
-- A refused call means that a program or an intruder still holds the key; look at its address. A success means that the
-- change had not taken effect, and what was done needs a check. A key that was enabled again is not listed."""
-- ///
WITH changes AS (
    SELECT
        event_time,
        event_id,
        event_name,
        principal,
        account_id,
        json_param(request_parameters, 'UserAccessKeyId') AS changed_key,
        event_name = 'DeleteAccessKey' OR lower(json_param(request_parameters, 'Status')) = 'inactive' AS off
    FROM audit_events
    WHERE event_name IN ('UpdateAccessKey', 'DeleteAccessKey')
      AND service IN ('ram', 'ims')
      AND outcome = 'success'
      AND event_time IS NOT NULL
),
compared AS (
    SELECT *, lag(off) OVER (PARTITION BY account_id, changed_key ORDER BY event_time, event_id) AS off_before
    FROM changes
    WHERE off IS NOT NULL
),
-- A key that is disabled and then deleted has been off since it was disabled.
stretches AS (
    SELECT *, lead(event_time) OVER (PARTITION BY account_id, changed_key ORDER BY event_time, event_id) AS until
    FROM compared
    WHERE off_before IS DISTINCT FROM off
)
SELECT
    used.event_time AS event_time,
    used.outcome AS outcome,
    used.account_id AS account_id,
    used.principal AS principal,
    used.source_ip_address AS source_ip_address,
    used.acs_region AS acs_region,
    used.service_name AS service_name,
    used.event_name AS event_name,
    used.resource_name AS resource_name,
    used.access_key_id AS access_key_id,
    stretch.event_time AS off_since,
    stretch.event_name AS off_by_event,
    stretch.principal AS off_by,
    used.error_code AS error_code,
    used.user_agent AS user_agent,
    used.event_id AS event_id
FROM audit_events AS used
JOIN stretches AS stretch
  ON (used.account_id IS NOT DISTINCT FROM stretch.account_id)
 AND used.access_key_id = stretch.changed_key
 AND used.event_time > stretch.event_time
WHERE stretch.off
  AND (stretch.until IS NULL OR used.event_time < stretch.until)
ORDER BY event_time, event_id
