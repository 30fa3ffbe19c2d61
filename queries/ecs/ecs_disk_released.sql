-- /// view
-- name = "ecs_disk_released"
-- severity = "high"
-- kind = "match"
-- attack = ["T1485"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.ecs_disk_release"]
-- title.en = "Cloud disks released"
-- title.ja = "クラウドディスクの解放"
-- title.zh = "释放云盘"
-- why = """
-- The data of the disk is gone unless there is a snapshot. Ask whether the disk was still needed, and look for
-- snapshots that were deleted at the same time: ransom_pattern puts both together. Attempts that failed are listed
-- too."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(resource_ids(resource_type, resource_name, 'ACS::ECS::Disk'), ',') AS disks,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name = 'DeleteDisk'
  AND event_rw = 'Write'
  AND resource_ids(resource_type, resource_name, 'ACS::ECS::Disk') IS NOT NULL
ORDER BY event_time, event_id
