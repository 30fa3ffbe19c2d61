-- /// view
-- name = "slb_protection_off"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.001"]
-- source = "sls-audit"
-- parity = ["sls:slb_mod_protec"]
-- title.en = "Modification or deletion protection of load balancers turned off"
-- title.ja = "ロードバランサーの設定変更保護または削除保護の無効化"
-- title.zh = "关闭负载均衡实例的配置修改保护或删除保护"
-- why = """
-- Without the protection, a mistake or an intruder can change or delete the load balancer. Ask whether a change is
-- planned, and turn the protection on again afterwards. The view resource_history shows what was done to the load
-- balancer next."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'LoadBalancerId') AS load_balancer_id,
    CASE
        WHEN event_name = 'SetLoadBalancerDeleteProtection' THEN 'deletion'
        ELSE 'modification'
    END AS protection,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('SetLoadBalancerModificationProtection', 'SetLoadBalancerDeleteProtection')
  AND service = 'slb'
  AND (
      (
          event_name = 'SetLoadBalancerModificationProtection'
          AND lower(json_param(request_parameters, 'ModificationProtectionStatus')) = 'nonprotection'
      )
      OR (
          event_name = 'SetLoadBalancerDeleteProtection'
          AND lower(json_param(request_parameters, 'DeleteProtection')) = 'off'
      )
  )
ORDER BY event_time, event_id
