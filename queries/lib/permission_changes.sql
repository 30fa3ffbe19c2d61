-- /// view
-- name = "permission_changes"
-- why = """
-- Calls of RAM and Resource Manager that attach a policy to somebody or detach one, tried or done. target_type is user,
-- group or role, target_name the name that the call gives, which may end with @ and a domain."""
-- ///
SELECT
    *,
    CASE
        WHEN event_name IN ('AttachPolicyToUser', 'DetachPolicyFromUser') THEN 'user'
        WHEN event_name IN ('AttachPolicyToGroup', 'DetachPolicyFromGroup') THEN 'group'
        WHEN event_name IN ('AttachPolicyToRole', 'DetachPolicyFromRole') THEN 'role'
        WHEN lower(json_param(request_parameters, 'PrincipalType')) = 'imsuser' THEN 'user'
        WHEN lower(json_param(request_parameters, 'PrincipalType')) = 'imsgroup' THEN 'group'
        WHEN lower(json_param(request_parameters, 'PrincipalType')) = 'servicerole' THEN 'role'
    END AS target_type,
    CASE
        WHEN event_name IN ('AttachPolicyToUser', 'DetachPolicyFromUser')
            THEN json_param(request_parameters, 'UserName')
        WHEN event_name IN ('AttachPolicyToGroup', 'DetachPolicyFromGroup')
            THEN json_param(request_parameters, 'GroupName')
        WHEN event_name IN ('AttachPolicyToRole', 'DetachPolicyFromRole')
            THEN json_param(request_parameters, 'RoleName')
        ELSE json_param(request_parameters, 'PrincipalName')
    END AS target_name,
    json_param(request_parameters, 'PolicyName') AS policy_name,
    json_param(request_parameters, 'PolicyType') AS policy_type
FROM audit_events
WHERE event_name IN (
        'AttachPolicy', 'DetachPolicy', 'AttachPolicyToUser', 'AttachPolicyToGroup', 'AttachPolicyToRole',
        'DetachPolicyFromUser', 'DetachPolicyFromGroup', 'DetachPolicyFromRole'
    )
  AND service = CASE WHEN event_name IN ('AttachPolicy', 'DetachPolicy') THEN 'resourcemanager' ELSE 'ram' END
