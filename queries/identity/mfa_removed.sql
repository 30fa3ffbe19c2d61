-- /// view
-- name = "mfa_removed"
-- severity = "high"
-- kind = "match"
-- attack = ["T1556.006"]
-- cis = ["1.3", "1.4"]
-- source = "peer"
-- title.en = "MFA unbound, deleted or switched off"
-- title.ja = "MFA のバインド解除、削除、無効化"
-- title.zh = "MFA 的解绑、删除和停用"
-- why = """
-- Without MFA a stolen password is enough for a logon. Ask the user whether the device was lost or replaced, and have a
-- new one bound. Look at the logons that follow in ram_user_login_without_mfa and root_login_without_mfa."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'UserPrincipalName'),
        json_param(request_parameters, 'UserName')
    ) AS target_user,
    json_param(request_parameters, 'SerialNumber') AS serial_number,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN (
        'UnbindMFADevice', 'DisableVirtualMFA', 'DeleteVirtualMFADevice', 'MFAUnbind', 'SetMFAAuthenticationStatus'
    )
  AND (
    (event_name IN ('UnbindMFADevice', 'DisableVirtualMFA', 'DeleteVirtualMFADevice') AND service IN ('ram', 'ims'))
    OR (event_name = 'MFAUnbind' AND service = 'aascustomer')
    OR (
        event_name = 'SetMFAAuthenticationStatus'
        AND service = 'cloudsso'
        AND coalesce(lower(json_param(request_parameters, 'MFAAuthenticationStatus')), '') <> 'enabled'
    )
  )
ORDER BY event_time, event_id
