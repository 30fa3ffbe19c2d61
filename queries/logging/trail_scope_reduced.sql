-- /// view
-- name = "trail_scope_reduced"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.008"]
-- cis = ["2.1"]
-- source = "peer"
-- title.en = "Trails narrowed or sent to another destination"
-- title.ja = "トレイルの対象範囲の縮小、配信先の変更"
-- title.zh = "跟踪范围缩小或投递目标变更"
-- why = """
-- Some events are no longer delivered, or they go elsewhere. Set the trail back to all regions and all events, and
-- ask whose the new destination is. Where no earlier call names one, previous_destination is empty and the call is
-- listed."""
-- ///
WITH trails AS (
    SELECT
        *,
        json_param(request_parameters, 'Name') AS trail_name,
        json_param(request_parameters, 'TrailRegion') AS trail_region,
        json_param(request_parameters, 'EventRW') AS trail_event_rw,
        nullif(json_param(request_parameters, 'OssBucketName'), '') AS bucket,
        nullif(json_param(request_parameters, 'SlsProjectArn'), '') AS project
    FROM audit_events
    WHERE event_name IN ('CreateTrail', 'UpdateTrail')
      AND service = 'actiontrail'
),
-- Events hold no values from before, so the calls before are asked.
compared AS (
    SELECT
        *,
        last_value(CASE WHEN outcome = 'success' THEN bucket END) IGNORE NULLS OVER earlier AS bucket_before,
        last_value(CASE WHEN outcome = 'success' THEN project END) IGNORE NULLS OVER earlier AS project_before
    FROM trails
    WINDOW earlier AS (
        PARTITION BY account_id, trail_name ORDER BY event_time, event_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
judged AS (
    SELECT
        *,
        concat_ws(
            ', ',
            CASE WHEN lower(trail_region) NOT IN ('all', '') THEN 'TrailRegion ' || trail_region END,
            CASE WHEN lower(trail_event_rw) NOT IN ('all', '') THEN 'EventRW ' || trail_event_rw END,
            CASE
                WHEN bucket <> bucket_before
                    OR (bucket IS NOT NULL AND bucket_before IS NULL AND project_before IS NULL)
                    THEN 'OssBucketName'
            END,
            CASE
                WHEN project <> project_before
                    OR (project IS NOT NULL AND bucket_before IS NULL AND project_before IS NULL)
                    THEN 'SlsProjectArn'
            END
        ) AS reduced
    FROM compared
    WHERE event_name = 'UpdateTrail'
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    trail_name,
    reduced,
    concat_ws(', ', bucket, project) AS destination,
    nullif(concat_ws(', ', bucket_before, project_before), '') AS previous_destination,
    error_code,
    event_id
FROM judged
WHERE reduced <> ''
ORDER BY event_time, event_id
