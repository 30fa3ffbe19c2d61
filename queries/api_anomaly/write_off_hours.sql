-- /// view
-- name = "write_off_hours"
-- severity = "low"
-- kind = "match"
-- attack = ["T1078.004"]
-- source = "ours"
-- title.en = "Changes that people made in the console outside working hours"
-- title.ja = "業務時間外にコンソールで行われた書き込み操作"
-- title.zh = "非工作时间在控制台执行的写操作"
-- why = """
-- Stolen sessions are often used while their owners sleep. Ask the person about the change, and look at the logon in
-- login_off_hours. The working hours are those of the given zone; holidays count as working days unless they are
-- named."""
-- param.zone = { type = "zone", default = "Asia/Shanghai", help = "Time zone of the working hours" }
-- param.begin = { type = "time_of_day", default = "09:00", help = "Begin of the working hours" }
-- param.end = { type = "time_of_day", default = "19:00", help = "End of the working hours, which is outside of them" }
-- param.days = { type = "list", default = ["Mon", "Tue", "Wed", "Thu", "Fri"], help = "Working days" }
-- param.holidays = { type = "list", default = [], help = "Days that are no working days, such as 2026-10-01" }
-- ///
WITH writes AS (
    SELECT *, event_time AT TIME ZONE $zone AS local_time
    FROM audit_events
    WHERE event_rw = 'Write'
      AND user_identity_type IN ('root-account', 'ram-user')
      AND (user_agent LIKE '%.console.aliyun.com%' OR user_agent = 'AliyunConsole')
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    to_char(local_time, '%a %H:%M') AS local_time,
    user_identity_type,
    user_agent,
    error_code,
    event_id
FROM writes
WHERE NOT array_has($days, to_char(local_time, '%a'))
   OR array_has($holidays, to_char(local_time, '%Y-%m-%d'))
   OR CAST(local_time AS TIME) < $begin
   OR CAST(local_time AS TIME) >= $end
ORDER BY event_time, event_id
