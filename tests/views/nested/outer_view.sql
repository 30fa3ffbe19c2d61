-- /// view
-- name = "outer_view"
-- severity = "info"
-- kind = "match"
-- source = "test"
-- title = { en = "A test", ja = "テスト", zh = "测试" }
-- why = "Shows that a parameter of each type can be used."
-- param.names = { type = "list", default = ["StopInstances"], help = "Names of events" }
-- ///
SELECT event_time, account_id, acs_region, source_ip_address, event_id
FROM named_events(names => $names)
WHERE event_time >= (SELECT min(event_time) FROM named_events(names => ['RunInstances', 'StopInstances']))
ORDER BY event_time, event_id
