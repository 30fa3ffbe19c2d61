-- /// view
-- name = "unauthorized_api_calls"
-- severity = "low"
-- kind = "match"
-- attack = ["T1526"]
-- cis = ["2.16"]
-- source = "cis"
-- parity = ["sls:unauth_apicall"]
-- title.en = "Calls that were refused for lack of a right, or for a wrong credential"
-- title.ja = "権限不足または無効な認証情報により拒否された API 呼び出し"
-- title.zh = "因权限不足或凭证无效而被拒绝的 API 调用"
-- why = """
-- Programs ask for what they may not do after a change of their rights, and intruders while they look around. Many
-- refusals of one principal for different calls deserve a look: see permission_enumeration. refusal tells a missing
-- right (permission) from a wrong key, token or signature (credential)."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    refusal,
    error_code,
    error_message,
    access_key_id,
    user_agent,
    event_id
FROM refused_calls
WHERE event_type = 'ApiCall'
ORDER BY event_time, event_id
