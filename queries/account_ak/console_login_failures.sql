-- /// view
-- name = "console_login_failures"
-- severity = "low"
-- kind = "match"
-- attack = ["T1110"]
-- cis = ["2.19"]
-- source = "cis"
-- title.en = "Failed console logons"
-- title.ja = "失敗したコンソールログオン"
-- title.zh = "登录控制台失败事件"
-- why = """
-- One failure is mostly a typing error; many deserve a look. See console_login_bruteforce for one principal,
-- console_login_spray for one address, and login_success_after_failures for a guess that was right."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    user_identity_type,
    additional_event_data_login_account AS login_account,
    error_code,
    error_message,
    user_agent,
    event_id
FROM console_logons
WHERE outcome <> 'success'
ORDER BY event_time, event_id
