-- /// view
-- name = "traffic_mirror_created"
-- severity = "high"
-- kind = "match"
-- attack = ["T1040"]
-- source = "peer"
-- title.en = "Traffic mirror sessions or filters created"
-- title.ja = "トラフィックミラーリングのセッションまたはフィルターの作成"
-- title.zh = "创建流量镜像会话或筛选条件"
-- why = """
-- A mirror session copies the packets of a network interface to another place, where what is not encrypted can be
-- read. Check who owns the target in the row, and delete the session if nobody knows of it. A filter alone copies
-- nothing yet."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(json_params(request_parameters, 'TrafficMirrorSourceIds.*'), ',') AS sources,
    json_param(request_parameters, 'TrafficMirrorTargetId') AS target_id,
    json_param(request_parameters, 'TrafficMirrorTargetType') AS target_type,
    json_param(request_parameters, 'TrafficMirrorFilterId') AS filter_id,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('CreateTrafficMirrorSession', 'CreateTrafficMirrorFilter')
  AND service = 'vpc'
ORDER BY event_time, event_id
