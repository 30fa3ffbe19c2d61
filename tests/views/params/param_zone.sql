-- /// view
-- name = "param_zone"
-- severity = "info"
-- kind = "match"
-- source = "test"
-- title = { en = "A test", ja = "テスト", zh = "测试" }
-- why = "Shows that a parameter of each type can be used."
-- param.value = { type = "zone", default = "Asia/Tokyo", help = "The value" }
-- ///
SELECT event_time, account_id, acs_region, source_ip_address, event_id
FROM events
WHERE date_part('hour', event_time AT TIME ZONE $value) = 19
ORDER BY event_time, event_id
