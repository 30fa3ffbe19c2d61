-- /// view
-- name = "user_grants"
-- why = """
-- Calls that make a RAM user, give it an AccessKey or a console logon, or attach or detach a policy, tried or done.
-- target_user is the user in small letters and without @ and a domain. A key for which no user is named is the
-- caller's own."""
-- ///
WITH named AS (
    SELECT
        *,
        nullif(coalesce(
            json_param(request_parameters, 'UserPrincipalName'),
            json_param(request_parameters, 'UserName'),
            json_param(request_parameters, 'PrincipalName')
        ), '') AS named_user
    FROM audit_events
    WHERE event_name IN (
            'CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile',
            'AttachPolicyToUser', 'DetachPolicyFromUser', 'AttachPolicy', 'DetachPolicy'
        )
      AND CASE
            WHEN event_name IN ('AttachPolicyToUser', 'DetachPolicyFromUser') THEN service = 'ram'
            WHEN event_name IN ('AttachPolicy', 'DetachPolicy') THEN service = 'resourcemanager'
                AND lower(json_param(request_parameters, 'PrincipalType')) = 'imsuser'
            ELSE service IN ('ram', 'ims')
        END
)
SELECT
    *,
    lower(split_part(
        CASE
            WHEN named_user IS NULL AND event_name = 'CreateAccessKey' AND user_identity_type = 'ram-user'
                THEN user_identity_user_name
            ELSE named_user
        END,
        '@',
        1
    )) AS target_user,
    json_param(request_parameters, 'PolicyName') AS policy_name
FROM named
