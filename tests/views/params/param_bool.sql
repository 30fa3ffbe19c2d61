-- /// view
-- name = "param_bool"
-- severity = "info"
-- kind = "match"
-- source = "test"
-- title = { en = "A test", ja = "テスト", zh = "测试" }
-- why = "Shows that a parameter of each type can be used."
-- param.value = { type = "bool", default = true, help = "The value" }
-- ///
SELECT event_time, account_id, acs_region, source_ip_address, event_id
FROM events
WHERE (event_rw = 'Write') = $value OR event_rw IS NULL AND $value
ORDER BY event_time, event_id
