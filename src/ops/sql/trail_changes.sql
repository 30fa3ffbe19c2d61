-- Calls that succeeded and decide whether a trail delivers events, and which. Alike calls on a trail in a row are one
-- row, so that to repeat a harmless call hides nothing; of very many the newest count, `total` is how many there are.
WITH called AS (
    SELECT
        *,
        -- Some exports have the parameters as text only.
        CASE
            WHEN json_param(request_parameters, 'Name') IS NULL THEN coalesce(request_parameter_json, request_parameters)
            ELSE request_parameters
        END AS parameters
    FROM events
    -- Lengths are compared first: that is quick, and leaves few names whose case is then passed over.
    WHERE octet_length(event_name) IN (11, 12, 20, 23, 31)
        AND lower(event_name) IN (
            'createtrail', 'startlogging', 'updatetrail', 'stoplogging', 'deletetrail',
            'putdataeventselector', 'deletedataeventselector', 'updateglobaleventsstorageregion'
        )
        AND starts_with(lower(coalesce(nullif(trim(service_name), ''), event_source)), 'actiontrail')
        AND outcome = 'success'
        AND event_time IS NOT NULL
),
named AS (
    SELECT
        event_time AS time,
        lower(event_name) AS name_key,
        event_name,
        nullif(trim(coalesce(json_param(parameters, 'Name'), json_param(parameters, 'TrailName'))), '') AS trail,
        json_param(parameters, 'EventRW') AS event_rw,
        json_param(parameters, 'TrailRegion') AS trail_region,
        json_param(parameters, 'OssBucketName') AS bucket,
        json_param(parameters, 'SlsProjectArn') AS sls_project,
        json_param(parameters, 'MaxComputeProjectArn') AS maxcompute_project,
        nullif(account_id, '') AS account_id,
        user_identity_type AS who_type,
        user_identity_user_name AS who_name,
        source_ip_address AS address,
        event_id
    FROM called
),
said AS (
    SELECT
        *,
        concat_ws(
            '/', name_key, lower(coalesce(event_rw, '')), lower(coalesce(trail_region, '')), coalesce(bucket, ''),
            coalesce(sls_project, ''), coalesce(maxcompute_project, '')
        ) AS setting
    FROM named
),
marked AS (
    SELECT
        *,
        lag(setting) OVER (PARTITION BY account_id, trail ORDER BY time, event_id) IS DISTINCT FROM setting AS begins
    FROM said
),
numbered AS (
    SELECT
        *,
        sum(CAST(begins AS BIGINT)) OVER (
            PARTITION BY account_id, trail ORDER BY time, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM marked
),
runs AS (
    SELECT
        min(time) AS time,
        max(time) AS last,
        count(*) AS calls,
        first_value(event_name ORDER BY time, event_id) AS event_name,
        'success' AS outcome,
        trail,
        first_value(event_rw ORDER BY time, event_id) AS event_rw,
        first_value(trail_region ORDER BY time, event_id) AS trail_region,
        first_value(bucket ORDER BY time, event_id) AS bucket,
        first_value(sls_project ORDER BY time, event_id) AS sls_project,
        first_value(maxcompute_project ORDER BY time, event_id) AS maxcompute_project,
        account_id,
        first_value(who_type ORDER BY time, event_id) AS who_type,
        first_value(who_name ORDER BY time, event_id) AS who_name,
        first_value(address ORDER BY time, event_id) AS address,
        first_value(event_id ORDER BY time, event_id) AS event_id
    FROM numbered
    GROUP BY account_id, trail, run
)
SELECT *, count(*) OVER () AS total
FROM runs
ORDER BY time DESC, event_id DESC
LIMIT $listed
