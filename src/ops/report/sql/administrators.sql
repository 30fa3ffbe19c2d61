-- Policies of administrator grade that were given to a user, group or role in the range. A policy that somebody made
-- (PolicyType=Custom) may have such a name and another content; where no type is said, it is taken for the system's.
WITH attached AS (
    SELECT
        *,
        lower(event_name) AS name_key,
        -- Some exports have the parameters as text only.
        coalesce(request_parameters, request_parameter_json) AS parameters
    FROM events
    WHERE (
            (
                lower(service_name) IN ('ram', 'ims')
                AND lower(event_name) IN ('attachpolicytouser', 'attachpolicytogroup', 'attachpolicytorole')
            )
            OR (lower(service_name) = 'resourcemanager' AND lower(event_name) = 'attachpolicy')
        )
        AND outcome = 'success'
        AND event_time >= $since AND event_time < $until
),
found AS (
    SELECT
        event_time AS time,
        event_name,
        json_param(parameters, 'PolicyName') AS policy_name,
        CASE name_key
            WHEN 'attachpolicytouser' THEN 'user'
            WHEN 'attachpolicytogroup' THEN 'group'
            WHEN 'attachpolicytorole' THEN 'role'
            ELSE json_param(parameters, 'PrincipalType')
        END AS receiver_kind,
        CASE name_key
            WHEN 'attachpolicytouser' THEN json_param(parameters, 'UserName')
            WHEN 'attachpolicytogroup' THEN json_param(parameters, 'GroupName')
            WHEN 'attachpolicytorole' THEN json_param(parameters, 'RoleName')
            ELSE json_param(parameters, 'PrincipalName')
        END AS receiver,
        user_identity_type AS kind,
        user_identity_user_name AS user_name,
        user_identity_principal_id AS principal_id,
        nullif(account_id, '') AS account_id,
        nullif(source_ip_address, '') AS address,
        event_id,
        source_id
    FROM attached
    WHERE lower(coalesce(json_param(parameters, 'PolicyType'), '')) <> 'custom'
        AND json_param(parameters, 'PolicyName') IN (
            'AdministratorAccess', 'AliyunRAMFullAccess', 'AliyunSTSAssumeRoleAccess', 'AliyunResourceDirectoryFullAccess'
        )
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY account_id) AS total,
        row_number() OVER (PARTITION BY account_id ORDER BY time, event_id) AS place
    FROM found
)
SELECT *
FROM ranked
WHERE place <= $listed
ORDER BY account_id, place
