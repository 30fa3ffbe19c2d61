-- /// view
-- name = "ecs_disk_reinitialized"
-- severity = "high"
-- kind = "match"
-- attack = ["T1561"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.ecs_disk_reinit"]
-- title.en = "Cloud disks re-initialized"
-- title.ja = "クラウドディスクの再初期化"
-- title.zh = "重新初始化云盘"
-- why = """
-- The disk goes back to the state in which it was created, and what was written since is lost. Ask the owner whether
-- that was intended, and look for a snapshot to restore from. The view ecs_snapshot_deleted shows snapshots that
-- went at the same time."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(disk_resources, ',') AS disks,
    error_code,
    user_agent,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name = 'ReInitDisk'
  AND event_rw = 'Write'
  AND disk_resources IS NOT NULL
ORDER BY event_time, event_id
