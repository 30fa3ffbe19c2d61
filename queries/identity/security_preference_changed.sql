-- /// view
-- name = "security_preference_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1556"]
-- cis = ["1.4"]
-- source = "ours"
-- title.en = "RAM security preferences changed"
-- title.ja = "RAM セキュリティプリファレンスの変更"
-- title.zh = "RAM 安全首选项变更"
-- why = """
-- The security preferences say how all RAM users log on. weaker_settings names those that the call made weaker, and is
-- empty where none was. Put these back, and look at the logons that came in meanwhile in login_new_ip."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    concat_ws(
        ', ',
        CASE
            WHEN lower(json_param(request_parameters, 'AllowUserToManageAccessKeys')) = 'true'
                THEN 'AllowUserToManageAccessKeys'
        END,
        CASE
            WHEN lower(json_param(request_parameters, 'MFAOperationForLogin')) <> 'mandatory'
                THEN 'MFAOperationForLogin'
        END,
        CASE WHEN json_param(request_parameters, 'LoginNetworkMasks') = '' THEN 'LoginNetworkMasks' END,
        CASE
            WHEN lower(json_param(request_parameters, 'EnableSaveMFATicket')) = 'true' THEN 'EnableSaveMFATicket'
        END
    ) AS weaker_settings,
    json_param(request_parameters, 'MFAOperationForLogin') AS mfa_operation,
    json_param(request_parameters, 'LoginNetworkMasks') AS login_network_masks,
    error_code,
    event_id
FROM audit_events
WHERE event_name = 'SetSecurityPreference'
  AND service IN ('ram', 'ims')
ORDER BY event_time, event_id
