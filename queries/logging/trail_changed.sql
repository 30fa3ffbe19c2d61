-- /// view
-- name = "trail_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1562.008"]
-- cis = ["2.1"]
-- source = "actiontrail-template"
-- parity = ["template:Network/Data Security: Trail Change Events"]
-- title.en = "Trails created, changed, started, stopped or deleted"
-- title.ja = "トレイルの作成、変更、有効化、停止、削除"
-- title.zh = "跟踪的创建、修改、启用、停止和删除"
-- why = """
-- A trail decides which events are kept and where. Ask for the ticket behind the change. See in trail_stopped and
-- trail_scope_reduced whether events go missing since."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'Name') AS trail_name,
    json_param(request_parameters, 'TrailRegion') AS trail_region,
    json_param(request_parameters, 'EventRW') AS trail_event_rw,
    coalesce(
        json_param(request_parameters, 'OssBucketName'),
        json_param(request_parameters, 'SlsProjectArn')
    ) AS destination,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('CreateTrail', 'UpdateTrail', 'DeleteTrail', 'StartLogging', 'StopLogging')
  AND service = 'actiontrail'
ORDER BY event_time, event_id
