-- /// view
-- name = "ack_kubeconfig_issued"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1078.004"]
-- source = "peer"
-- title.en = "Kubeconfig files of ACK clusters issued or cluster permissions granted"
-- title.ja = "ACK クラスターの kubeconfig の取得と権限付与"
-- title.zh = "获取 ACK 集群 kubeconfig 或授予集群权限"
-- why = """
-- A kubeconfig file opens the cluster, and ActionTrail does not see what is done with it. Check who took it or
-- was granted rights, and look in the audit log of the cluster for what was done. Revoke a kubeconfig that
-- nobody asked for."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(json_param(request_parameters, 'ClusterId'), json_param(request_parameters, 'cluster_id')) AS cluster_id,
    json_param(request_parameters, 'uid') AS target_uid,
    json_param(request_parameters, 'TemporaryDurationMinutes') AS valid_minutes,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('DescribeClusterUserKubeconfig', 'GrantPermissions')
  AND service = 'cs'
ORDER BY event_time, event_id
