-- Calls on trails that were refused or failed in the range, by what was tried: a flood of them is one row.
WITH tried AS (
    SELECT
        event_time AS time,
        lower(event_name) AS name_key,
        event_name,
        outcome,
        nullif(trim(coalesce(
            json_param(request_parameters, 'Name'), json_param(request_parameters, 'TrailName'),
            json_param(request_parameter_json, 'Name'), json_param(request_parameter_json, 'TrailName')
        )), '') AS trail,
        nullif(account_id, '') AS account_id,
        user_identity_type AS who_type,
        user_identity_user_name AS who_name,
        source_ip_address AS address,
        event_id
    FROM events
    -- Lengths are compared first: that is quick, and leaves few names whose case is then passed over.
    WHERE octet_length(event_name) IN (11, 12, 20, 23, 31)
        AND lower(event_name) IN (
            'createtrail', 'startlogging', 'updatetrail', 'stoplogging', 'deletetrail',
            'putdataeventselector', 'deletedataeventselector', 'updateglobaleventsstorageregion'
        )
        AND starts_with(lower(coalesce(nullif(trim(service_name), ''), event_source)), 'actiontrail')
        AND outcome <> 'success'
        AND event_time >= $since AND event_time < $until
),
grouped AS (
    SELECT
        min(time) AS time,
        max(time) AS last,
        count(*) AS calls,
        first_value(event_name ORDER BY time, event_id) AS event_name,
        first_value(outcome ORDER BY time, event_id) AS outcome,
        trail,
        account_id,
        CASE WHEN min(who_type) IS NOT DISTINCT FROM max(who_type) THEN min(who_type) END AS who_type,
        CASE WHEN min(who_name) IS NOT DISTINCT FROM max(who_name) THEN min(who_name) END AS who_name,
        CASE WHEN min(address) IS NOT DISTINCT FROM max(address) THEN min(address) END AS address,
        first_value(event_id ORDER BY time, event_id) AS event_id
    FROM tried
    GROUP BY name_key, trail, account_id
)
SELECT *, count(*) OVER () AS total
FROM grouped
ORDER BY calls DESC, time, event_id
LIMIT $listed
