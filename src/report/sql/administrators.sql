-- Policies of administrator grade that were given to a user, group or role in the range.
WITH found AS (
    SELECT
        event_time AS time,
        event_name,
        json_param(request_parameters, 'PolicyName') AS policy_name,
        CASE event_name
            WHEN 'AttachPolicyToUser' THEN 'user'
            WHEN 'AttachPolicyToGroup' THEN 'group'
            WHEN 'AttachPolicyToRole' THEN 'role'
            ELSE json_param(request_parameters, 'PrincipalType')
        END AS receiver_kind,
        CASE event_name
            WHEN 'AttachPolicyToUser' THEN json_param(request_parameters, 'UserName')
            WHEN 'AttachPolicyToGroup' THEN json_param(request_parameters, 'GroupName')
            WHEN 'AttachPolicyToRole' THEN json_param(request_parameters, 'RoleName')
            ELSE json_param(request_parameters, 'PrincipalName')
        END AS receiver,
        user_identity_type AS giver_type,
        user_identity_user_name AS giver_name,
        account_id,
        source_ip_address AS address,
        event_id
    FROM events
    WHERE (
            (lower(service_name) = 'ram' AND event_name IN ('AttachPolicyToUser', 'AttachPolicyToGroup', 'AttachPolicyToRole'))
            OR (lower(service_name) = 'resourcemanager' AND event_name = 'AttachPolicy')
        )
        AND outcome = 'success'
        AND json_param(request_parameters, 'PolicyName') IN (
            'AdministratorAccess', 'AliyunRAMFullAccess', 'AliyunSTSAssumeRoleAccess', 'AliyunResourceDirectoryFullAccess'
        )
        AND event_time >= $since AND event_time < $until
)
SELECT *, count(*) OVER () AS total
FROM found
ORDER BY time, event_id
LIMIT $listed
