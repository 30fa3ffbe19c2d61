-- /// view
-- name = "ak_invalid_credential"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["2.16"]
-- source = "cis"
-- title.en = "Calls refused for a wrong AccessKey, token or signature"
-- title.ja = "無効な AccessKey、トークン、署名により拒否された呼び出し"
-- title.zh = "因 AccessKey、令牌或签名无效而被拒绝的调用"
-- why = """
-- A program uses a key that was deleted or mistyped, or somebody tries found keys. Ask the owner of the address.
-- ak_used_after_disable shows keys that were switched off, and summary_source_ip what else came from there."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    error_code,
    error_message,
    access_key_id,
    user_agent,
    event_id
FROM refused_calls
WHERE refusal = 'credential'
ORDER BY event_time, event_id
