-- /// view
-- name = "param_duration"
-- severity = "info"
-- kind = "match"
-- source = "test"
-- title = { en = "A test", ja = "テスト", zh = "测试" }
-- why = "Shows that a parameter of each type can be used."
-- param.value = { type = "duration", default = "30m", help = "The value" }
-- ///
SELECT event_time, account_id, acs_region, source_ip_address, event_id
FROM events
WHERE TIMESTAMPTZ '2026-11-03T10:00:00Z' - event_time <= $value AND event_time + $value >= TIMESTAMPTZ '2026-11-03T10:00:00Z'
ORDER BY event_time, event_id
