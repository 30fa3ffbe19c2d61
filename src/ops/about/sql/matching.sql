-- The events of a value, with what a page counts of them.
SELECT
    event_time,
    to_char(event_time, '%Y-%m-%d') AS day,
    nullif(account_id, '') AS account_id,
    user_identity_type AS identity_type,
    user_identity_principal_id AS principal_id,
    coalesce(
        nullif(user_identity_user_name, ''), nullif(additional_event_data_login_account, '')
    ) AS principal,
    CASE
        WHEN access_key_kind(user_identity_access_key_id) IS NOT NULL THEN user_identity_access_key_id
    END AS access_key_id,
    nullif(service_name, '') AS service,
    coalesce(event_name, insight_details_insight_type, event_type) AS event_name,
    event_access(event_rw, service_name, event_name) AS access,
    outcome,
    CASE WHEN outcome <> 'success' THEN coalesce(nullif(error_code, ''), error_message) END AS error,
    nullif(source_ip_address, '') AS address,
    user_agent_summary(user_agent) AS agent,
    acs_region AS region,
    nullif(resource_type, '') AS resource_type,
    nullif(resource_name, '') AS resource
FROM events
WHERE {condition}
