-- /// view
-- name = "console_writes"
-- severity = "info"
-- kind = "match"
-- source = "peer"
-- title.en = "Changes made in the console"
-- title.ja = "コンソールからの書き込み操作"
-- title.zh = "通过控制台执行的写操作"
-- why = """
-- A person made this change by hand; where code describes the infrastructure, compare it with the code. Programs
-- choose their user agent, so that a console is claimed and not proven. See write_off_hours for unusual times."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    user_agent,
    user_identity_type,
    error_code,
    event_id
FROM audit_events
WHERE event_rw = 'Write'
  AND (user_agent LIKE '%.console.aliyun.com%' OR user_agent = 'AliyunConsole')
ORDER BY event_time, event_id
