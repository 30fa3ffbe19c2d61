-- /// view
-- name = "root_resource_write"
-- severity = "high"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["1.1"]
-- source = "source-documents"
-- title.en = "Resource management done with the Alibaba Cloud account (root)"
-- title.ja = "Alibaba Cloud アカウント (root) によるリソース管理操作"
-- title.zh = "阿里云账号（主账号）的资源管理操作"
-- why = """
-- Resources should be managed by RAM users and roles, whose rights end somewhere and whose names are people. Ask
-- who did this and give them a RAM identity for it. Events that do not say whether they wrote are left out here;
-- the report tells them by their API."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    access_key_id,
    user_agent,
    resource_type,
    event_id
FROM audit_events
WHERE user_identity_type = 'root-account'
  AND event_rw = 'Write'
  AND event_name NOT IN ('ConsoleSignin', 'ConsoleSignout')
  AND outcome = 'success'
ORDER BY event_time, event_id
