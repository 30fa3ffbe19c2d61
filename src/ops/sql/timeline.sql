-- Events in the order of their time, with the columns that findings share. `resource_name` is what the call was about: the
-- resources that the event lists, else those it refers to, else the parameters that name one. `anchor` marks the event
-- that was asked for. Rows of `branches` are disjoint.
SELECT
    event_time,
    outcome,
    nullif(account_id, '') AS account_id,
    coalesce(
        nullif(user_identity_user_name, ''), nullif(additional_event_data_login_account, ''), user_identity_principal_id,
        user_identity_type
    ) AS principal,
    nullif(source_ip_address, '') AS source_ip_address,
    acs_region,
    nullif(service_name, '') AS service_name,
    coalesce(event_name, insight_details_insight_type) AS event_name,
    -- A list of resources need not have the policy, the key with its new state, or the new name.
    nullif(concat_ws(
        ',',
        named,
        CASE WHEN NOT contains(coalesce(named, ''), policy) THEN policy END,
        CASE WHEN NOT contains(coalesce(named, ''), changed_key) THEN changed_key END,
        key_state,
        CASE WHEN NOT contains(coalesce(named, ''), new_name) THEN new_name END
    ), '') AS resource_name,
    event_access(event_rw, service_name, event_name) AS access,
    user_identity_type AS identity_type,
    CASE
        WHEN access_key_kind(user_identity_access_key_id) IS NOT NULL THEN user_identity_access_key_id
    END AS access_key_id,
    nullif(user_agent, '') AS user_agent,
    CASE WHEN outcome <> 'success' THEN coalesce(nullif(error_code, ''), error_message) END AS error_code,
    coalesce(event_id = $anchor, false) AS anchor,
    event_id
FROM (
    SELECT
        *,
        coalesce(
            nullif(resource_name, ''),
            array_to_string(json_params(referenced_resources, '*.*'), ','),
            insight_details_insight_object,
            json_param(parameters, 'UserName'),
            json_param(parameters, 'UserPrincipalName'),
            json_param(parameters, 'RoleName'),
            json_param(parameters, 'RoleArn'),
            json_param(parameters, 'GroupName'),
            json_param(parameters, 'PolicyName'),
            json_param(parameters, 'UserAccessKeyId'),
            json_param(parameters, 'InstanceId'),
            json_param(parameters, 'InstanceId.1'),
            json_param(parameters, 'DBInstanceId'),
            json_param(parameters, 'SecurityGroupId'),
            json_param(parameters, 'DiskId'),
            json_param(parameters, 'SnapshotId'),
            json_param(parameters, 'ImageId'),
            json_param(parameters, 'LoadBalancerId'),
            json_param(parameters, 'BucketName'),
            json_param(parameters, 'KeyId'),
            json_param(parameters, 'SecretName'),
            json_param(parameters, 'ClusterId'),
            json_param(parameters, 'Name')
        ) AS named,
        CASE WHEN is_ram THEN json_param(parameters, 'PolicyName') END AS policy,
        CASE WHEN is_ram THEN json_param(parameters, 'UserAccessKeyId') END AS changed_key,
        CASE WHEN lower(event_name) = 'updateaccesskey' THEN json_param(parameters, 'Status') END AS key_state,
        CASE WHEN is_ram THEN json_param(parameters, 'NewUserName') END AS new_name
    FROM (
        SELECT
            *,
            coalesce(request_parameters, request_parameter_json) AS parameters,
            lower(service_name) IN ('ram', 'ims') AS is_ram
        FROM ({branches})
    )
)
ORDER BY event_time NULLS LAST, event_id, source_id, source_record
