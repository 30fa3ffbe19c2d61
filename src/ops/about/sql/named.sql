-- Calls that name a value in what they ask for, such as those on a user or an AccessKey: one row for each name, detail,
-- caller and outcome, in the order of a list that changes come first in, and the oldest of them. `total` says how many
-- such rows there are. Calls that made the value, took it away or switched it are rows of their own: `is_life` tells them,
-- `nth` is 1 for one row of each group, and `all_events`, `all_first` and `all_last` are those of the group.
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
        -- A key that was made for a user, the state that a key was given, a new name, and the policy that was attached.
        CASE lower(event_name)
            WHEN 'createaccesskey' THEN json_param(response_elements, 'AccessKey.AccessKeyId')
            WHEN 'updateaccesskey' THEN json_param(parameters, 'Status')
            WHEN 'deleteaccesskey' THEN json_param(parameters, 'UserAccessKeyId')
            WHEN 'updateuser' THEN json_param(parameters, 'NewUserName')
            ELSE json_param(parameters, 'PolicyName')
        END AS detail,
        CASE lower(event_name) WHEN 'updateuser' THEN json_param(parameters, 'UserName') END AS old_name
    FROM (SELECT *, coalesce(request_parameters, request_parameter_json) AS parameters FROM ({branches}))
),
grouped AS (
    SELECT
        service, event_name, access, outcome, error, account_id, identity_type, principal, access_key_id, address, detail,
        old_name,
        coalesce(outcome = 'success' AND ({life}), false) AS is_life,
        CASE WHEN outcome = 'success' AND ({life}) THEN event_id END AS life_id,
        count(*) AS events,
        min(event_time) AS first_event,
        max(event_time) AS last_event,
        first_events(event_time, event_id, source_id, 1) AS first_events
    FROM matching
    GROUP BY
        service, event_name, access, outcome, error, account_id, identity_type, principal, access_key_id, address, detail,
        old_name, is_life, life_id
),
merged AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY
                service, event_name, access, outcome, error, account_id, identity_type, principal, access_key_id, address,
                detail, old_name
            ORDER BY first_event NULLS LAST, life_id
        ) AS nth,
        sum(events) OVER same AS all_events,
        min(first_event) OVER same AS all_first,
        max(last_event) OVER same AS all_last
    FROM grouped
    WINDOW same AS (
        PARTITION BY
            service, event_name, access, outcome, error, account_id, identity_type, principal, access_key_id, address,
            detail, old_name
    )
),
placed AS (
    SELECT
        *,
        count(*) FILTER (WHERE nth = 1) OVER () AS total,
        row_number() OVER (
            PARTITION BY nth = 1
            ORDER BY
                access = 'Write' DESC NULLS LAST, all_first, all_events DESC, service, event_name, principal, address,
                account_id, detail
        ) AS place,
        row_number() OVER (PARTITION BY is_life ORDER BY first_event DESC NULLS LAST, life_id) AS life_place
    FROM merged
)
SELECT *
FROM placed
WHERE (nth = 1 AND place <= $listed) OR (is_life AND life_place <= $most_life)
ORDER BY place, first_event NULLS LAST, life_id
