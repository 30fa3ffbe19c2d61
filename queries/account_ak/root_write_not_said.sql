-- /// view
-- name = "root_write_not_said"
-- severity = "low"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["1.1"]
-- source = "ours"
-- title.en = "Calls of the Alibaba Cloud account (root) that do not say whether they wrote, and are not known to read"
-- title.ja = "読み取りか書き込みかを示さない、読み取りと確認できない Alibaba Cloud アカウント (root) の呼び出し"
-- title.zh = "未注明读写类型且无法确认为只读的阿里云账号（主账号）调用"
-- why = """
-- root_resource_write goes by what events say themselves, and these say nothing. access is Write where the API is known
-- to change something, and empty where it is not known. Look at them as at the rows of root_resource_write."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    event_access(event_rw, service_name, event_name) AS access,
    access_key_id,
    user_agent,
    resource_type,
    event_id
FROM audit_events
WHERE user_identity_type = 'root-account'
  AND event_access(event_rw, NULL, NULL) IS NULL
  AND coalesce(event_access(event_rw, service_name, event_name), '') <> 'Read'
  AND coalesce(event_name, '') NOT IN ('ConsoleSignin', 'ConsoleSignout')
  AND outcome = 'success'
ORDER BY event_time, event_id
