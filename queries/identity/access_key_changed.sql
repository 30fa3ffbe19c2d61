-- /// view
-- name = "access_key_changed"
-- severity = "low"
-- kind = "match"
-- attack = ["T1531"]
-- cis = ["1.6"]
-- source = "peer"
-- title.en = "AccessKey pairs enabled, disabled or deleted"
-- title.ja = "AccessKey ペアの有効化、無効化、削除"
-- title.zh = "AccessKey 的启用、禁用和删除"
-- why = """
-- A key that is disabled or deleted stops the programs that use it, and one that is enabled opens the account again.
-- Ask for the rotation or the ticket behind it. See in ak_used_after_disable whether something still uses the key."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'UserPrincipalName'),
        json_param(request_parameters, 'UserName')
    ) AS target_user,
    json_param(request_parameters, 'UserAccessKeyId') AS changed_access_key_id,
    json_param(request_parameters, 'Status') AS new_status,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('UpdateAccessKey', 'DeleteAccessKey')
  AND service IN ('ram', 'ims')
ORDER BY event_time, event_id
