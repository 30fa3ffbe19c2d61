-- /// view
-- name = "slb_http_listener"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1557"]
-- source = "actiontrail-alert"
-- parity = ["alert:dataflow.at.slb_http"]
-- title.en = "Plain HTTP listeners created"
-- title.ja = "暗号化されない HTTP リスナーの作成"
-- title.zh = "创建 HTTP 监听"
-- why = """
-- What passes through this listener can be read and changed on the way. Ask whether it only redirects to HTTPS;
-- otherwise replace it by an HTTPS listener. The published rule knows CLB only, and this view knows ALB too."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'LoadBalancerId') AS load_balancer_id,
    json_param(request_parameters, 'ListenerPort') AS listener_port,
    json_param(request_parameters, 'ListenerForward') AS redirects,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('CreateLoadBalancerHTTPListener', 'CreateListener')
  AND (
      (event_name = 'CreateLoadBalancerHTTPListener' AND service = 'slb')
      OR (
          event_name = 'CreateListener'
          AND service = 'alb'
          AND upper(json_param(request_parameters, 'ListenerProtocol')) = 'HTTP'
      )
  )
ORDER BY event_time, event_id
