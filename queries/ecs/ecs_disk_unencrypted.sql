-- /// view
-- name = "ecs_disk_unencrypted"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1578.005"]
-- cis = ["4.1", "4.2"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.ecs_disk_encry_detc", "sls:ecs_disk_encry_detc"]
-- title.en = "Disks created without encryption"
-- title.ja = "暗号化されていないクラウドディスクの作成"
-- title.zh = "创建未加密的云盘"
-- why = """
-- Who gets hold of the disk, or of a snapshot of it, can read the data. Ask what is kept there, and copy it to an
-- encrypted disk. The published rule sees only an explicit false; this view also lists calls that do not say. A disk
-- from an encrypted snapshot, or by an account-wide default, is encrypted all the same."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(disk_resources, ',') AS disks,
    json_param(request_parameters, 'Encrypted') AS encrypted,
    json_param(request_parameters, 'SnapshotId') AS snapshot_id,
    error_code,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN ('CreateDisk', 'CreateDisks')
  AND coalesce(nullif(lower(json_param(request_parameters, 'Encrypted')), ''), 'false') = 'false'
ORDER BY event_time, event_id
