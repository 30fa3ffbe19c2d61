-- /// view
-- name = "password_policy_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1556"]
-- cis = ["1.7", "1.8", "1.9", "1.10", "1.11", "1.12", "1.13", "1.14"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.password_change"]
-- title.en = "RAM password policy changed"
-- title.ja = "RAM パスワードポリシーの変更"
-- title.zh = "RAM 密码策略变更"
-- why = """
-- The password policy holds for all RAM users of the account. Ask for the ticket behind the change. See in
-- password_policy_weak which of the new settings are below the benchmark."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    TRY_CAST(json_param(request_parameters, 'MinimumPasswordLength') AS BIGINT) AS minimum_length,
    TRY_CAST(json_param(request_parameters, 'MaxPasswordAge') AS BIGINT) AS max_age_days,
    TRY_CAST(json_param(request_parameters, 'PasswordReusePrevention') AS BIGINT) AS reuse_prevention,
    TRY_CAST(json_param(request_parameters, 'MaxLoginAttemps') AS BIGINT) AS max_login_attempts,
    error_code,
    event_id
FROM audit_events
WHERE event_name = 'SetPasswordPolicy'
  AND service IN ('ram', 'ims')
ORDER BY event_time, event_id
