-- /// view
-- name = "param_cidr_list"
-- severity = "info"
-- kind = "match"
-- source = "test"
-- title = { en = "A test", ja = "テスト", zh = "测试" }
-- why = "Shows that a parameter of each type can be used."
-- param.value = { type = "cidr_list", default = ["10.0.0.0/8", "2001:db8::/32"], help = "The value" }
-- ///
SELECT event_time, account_id, acs_region, source_ip_address, event_id
FROM events
WHERE in_cidr(source_ip_address, $value)
ORDER BY event_time, event_id
