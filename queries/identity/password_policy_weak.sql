-- /// view
-- name = "password_policy_weak"
-- severity = "high"
-- kind = "match"
-- attack = ["T1556"]
-- cis = ["1.7", "1.8", "1.9", "1.10", "1.11", "1.12", "1.13", "1.14"]
-- source = "actiontrail-alert"
-- parity = [
--     "alert:cis.at.pwd_login_attemp_policy",
--     "alert:cis.at.pwd_expire_policy",
--     "alert:cis.at.pwd_reuse_prevention_policy",
--     "alert:cis.at.pwd_length_policy",
--     "sls:pwd_login_attemp_policy",
--     "sls:pwd_expire_policy",
--     "sls:pwd_reuse_prevention_policy",
--     "sls:pwd_length_policy",
-- ]
-- title.en = "RAM password policy set below the benchmark"
-- title.ja = "ベンチマークの基準を下回る RAM パスワードポリシーの設定"
-- title.zh = "RAM 密码策略设置低于基线要求"
-- why = """
-- Weak passwords are guessed. weak_settings names the settings to put right, and 0 as an age or a number of attempts
-- means no limit. The published rules for length and history look for values that are too large; this view for values
-- too small."""
-- param.min_length = { type = "int", default = 14, help = "Minimum length of passwords" }
-- param.max_age = { type = "int", default = 90, help = "Maximum age of passwords in days" }
-- param.min_history = { type = "int", default = 4, help = "Minimum number of earlier passwords that are barred" }
-- param.max_attempts = { type = "int", default = 5, help = "Maximum number of failed logons before a lock" }
-- ///
WITH calls AS (
    SELECT
        *,
        TRY_CAST(json_param(request_parameters, 'MinimumPasswordLength') AS BIGINT) AS minimum_length,
        TRY_CAST(json_param(request_parameters, 'MaxPasswordAge') AS BIGINT) AS max_age_days,
        TRY_CAST(json_param(request_parameters, 'PasswordReusePrevention') AS BIGINT) AS reuse_prevention,
        TRY_CAST(json_param(request_parameters, 'MaxLoginAttemps') AS BIGINT) AS max_login_attempts
    FROM audit_events
    WHERE event_name = 'SetPasswordPolicy'
      AND service IN ('ram', 'ims')
),
judged AS (
    SELECT
        *,
        concat_ws(
            ', ',
            CASE WHEN minimum_length < $min_length THEN 'MinimumPasswordLength' END,
            CASE WHEN max_age_days > $max_age OR max_age_days = 0 THEN 'MaxPasswordAge' END,
            CASE WHEN reuse_prevention < $min_history THEN 'PasswordReusePrevention' END,
            CASE WHEN max_login_attempts > $max_attempts OR max_login_attempts = 0 THEN 'MaxLoginAttemps' END,
            CASE
                WHEN lower(json_param(request_parameters, 'RequireLowercaseCharacters')) = 'false'
                    THEN 'RequireLowercaseCharacters'
            END,
            CASE
                WHEN lower(json_param(request_parameters, 'RequireUppercaseCharacters')) = 'false'
                    THEN 'RequireUppercaseCharacters'
            END,
            CASE
                WHEN lower(json_param(request_parameters, 'RequireNumbers')) = 'false'
                    THEN 'RequireNumbers'
            END,
            CASE
                WHEN lower(json_param(request_parameters, 'RequireSymbols')) = 'false'
                    THEN 'RequireSymbols'
            END
        ) AS weak_settings
    FROM calls
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    weak_settings,
    minimum_length,
    max_age_days,
    reuse_prevention,
    max_login_attempts,
    event_id
FROM judged
WHERE weak_settings <> ''
ORDER BY event_time, event_id
