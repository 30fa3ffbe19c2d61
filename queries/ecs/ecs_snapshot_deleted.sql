-- /// view
-- name = "ecs_snapshot_deleted"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1490"]
-- source = "peer"
-- title.en = "Snapshots deleted"
-- title.ja = "スナップショットの削除"
-- title.zh = "删除快照"
-- why = """
-- Without its snapshots, a disk cannot be restored. Ask whether the snapshot was still needed. in_burst marks the
-- calls of a principal that stand close together; look at these first, and in ransom_pattern for backups and keys
-- that were destroyed on the same day."""
-- param.n = { type = "count", default = 5, help = "Minimum number of calls within one window that are a burst" }
-- param.window = { type = "duration", default = "10m", help = "Length of a window" }
-- ///
WITH deletions AS (
    SELECT *, count(*) OVER (
        PARTITION BY account_id, principal_key ORDER BY event_time
        RANGE BETWEEN $window PRECEDING AND CURRENT ROW
    ) AS deletions_before
    FROM ecs_events
    WHERE event_name = 'DeleteSnapshot'
),
-- The window that holds enough may end at a later row.
counted AS (
    SELECT *, max(deletions_before) OVER (
        PARTITION BY account_id, principal_key ORDER BY event_time
        RANGE BETWEEN CURRENT ROW AND $window FOLLOWING
    ) AS deletions_in_window
    FROM deletions
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        array_to_string(resource_ids(resource_type, resource_name, 'ACS::ECS::Snapshot'), ','),
        json_param(request_parameters, 'SnapshotId')
    ) AS snapshots,
    event_time IS NOT NULL AND deletions_in_window >= $n AS in_burst,
    json_param(request_parameters, 'Force') AS forced,
    error_code,
    access_key_id,
    event_id
FROM counted
ORDER BY event_time, event_id
