-- The calls that changed the state of AccessKeys, of any time before the end of the range. Only root itself changes keys
-- of root. IMS names a user in another parameter than RAM does.
WITH called AS (
    SELECT
        nullif(account_id, '') AS account_id,
        lower(event_name) AS name_key,
        event_time,
        event_id,
        coalesce(request_parameters, request_parameter_json) AS parameters,
        response_elements,
        resource_name
    FROM events
    WHERE user_identity_type = 'root-account'
        AND lower(event_name) IN ('createaccesskey', 'updateaccesskey', 'deleteaccesskey')
        AND lower(service_name) IN ('ram', 'ims')
        AND outcome = 'success'
        AND event_time < $until
)
SELECT
    account_id,
    coalesce(
        json_param(parameters, 'UserAccessKeyId'),
        json_param(response_elements, 'AccessKey.AccessKeyId'),
        resource_name
    ) AS access_key_id,
    CASE name_key
        WHEN 'createaccesskey' THEN 'created'
        WHEN 'deleteaccesskey' THEN 'deleted'
        ELSE CASE lower(json_param(parameters, 'Status')) WHEN 'inactive' THEN 'disabled' WHEN 'active' THEN 'enabled' END
    END AS state,
    event_time AS time,
    event_id
FROM called
ORDER BY event_time DESC, event_id DESC
LIMIT $listed
