-- Calls that name a value in what they ask for, such as those on a user or an AccessKey: one row for each name, detail,
-- caller and outcome, the oldest first. `total` says how many rows there are.
WITH matching AS (
    SELECT
        event_time,
        event_id,
        source_id,
        nullif(account_id, '') AS account_id,
        user_identity_type AS identity_type,
        coalesce(
            nullif(user_identity_user_name, ''), nullif(additional_event_data_login_account, ''),
            user_identity_principal_id
        ) AS principal,
        CASE
            WHEN access_key_kind(user_identity_access_key_id) IS NOT NULL THEN user_identity_access_key_id
        END AS access_key_id,
        nullif(service_name, '') AS service,
        coalesce(event_name, insight_details_insight_type) AS event_name,
        event_access(event_rw, service_name, event_name) AS access,
        outcome,
        CASE WHEN outcome <> 'success' THEN nullif(error_code, '') END AS error,
        nullif(source_ip_address, '') AS address,
        -- A key that was made for a user, the state that a key was given, and the policy that was attached.
        CASE lower(event_name)
            WHEN 'createaccesskey' THEN json_param(response_elements, 'AccessKey.AccessKeyId')
            WHEN 'updateaccesskey' THEN json_param(parameters, 'Status')
            WHEN 'deleteaccesskey' THEN json_param(parameters, 'UserAccessKeyId')
            ELSE json_param(parameters, 'PolicyName')
        END AS detail
    FROM (SELECT *, coalesce(request_parameters, request_parameter_json) AS parameters FROM ({branches}))
)
SELECT
    service, event_name, access, outcome, error, account_id, identity_type, principal, access_key_id, address, detail,
    count(*) AS events,
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    first_events(event_time, event_id, source_id, 1) AS first_events,
    count(*) OVER () AS total
FROM matching
GROUP BY service, event_name, access, outcome, error, account_id, identity_type, principal, access_key_id, address, detail
ORDER BY access = 'Write' DESC NULLS LAST, first_event, events DESC, service, event_name, principal, address
LIMIT $listed
