-- /// view
-- name = "param_text"
-- severity = "info"
-- kind = "match"
-- source = "test"
-- title = { en = "A test", ja = "テスト", zh = "测试" }
-- why = "Shows that a parameter of each type can be used."
-- param.value = { type = "text", default = "RunInstances", help = "The value" }
-- ///
SELECT event_time, account_id, acs_region, source_ip_address, event_id
FROM events
WHERE event_name = $value
ORDER BY event_time, event_id
