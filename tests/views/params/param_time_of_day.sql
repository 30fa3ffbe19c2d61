-- /// view
-- name = "param_time_of_day"
-- severity = "info"
-- kind = "match"
-- source = "test"
-- title = { en = "A test", ja = "テスト", zh = "测试" }
-- why = "Shows that a parameter of each type can be used."
-- param.value = { type = "time_of_day", default = "18:00", help = "The value" }
-- ///
SELECT event_time, account_id, acs_region, source_ip_address, event_id
FROM events
WHERE CAST(event_time AS TIME) >= $value
ORDER BY event_time, event_id
