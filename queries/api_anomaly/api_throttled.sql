-- /// view
-- name = "api_throttled"
-- severity = "low"
-- kind = "match"
-- attack = ["T1499"]
-- source = "ours"
-- title.en = "Throttled calls"
-- title.ja = "スロットリングされた API 呼び出し"
-- title.zh = "被流控的 API 调用"
-- why = """
-- A program calls too often, and calls of others in the account may be refused with it. Ask its owner to call less
-- often. From an unknown address it may be somebody who copies or enumerates; see discovery_burst."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    error_code,
    error_message,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE btrim(error_code, ' "') LIKE 'Throttling%'
ORDER BY event_time, event_id
