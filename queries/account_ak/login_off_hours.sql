-- /// view
-- name = "login_off_hours"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1078.004"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.off_duty_login"]
-- title.en = "Console logons outside working hours"
-- title.ja = "業務時間外のコンソールログオン"
-- title.zh = "非工作时间登录控制台"
-- why = """
-- Stolen passwords are often used while their owners sleep. Ask the person, and look at where the address belongs and
-- at what the session did. The working hours are those of the given zone; holidays count as working days unless they
-- are named."""
-- param.zone = { type = "zone", default = "Asia/Shanghai", help = "Time zone of the working hours" }
-- param.begin = { type = "time_of_day", default = "09:00", help = "Begin of the working hours" }
-- param.end = { type = "time_of_day", default = "19:00", help = "End of the working hours, which is outside of them" }
-- param.days = { type = "list", default = ["Mon", "Tue", "Wed", "Thu", "Fri"], help = "Working days" }
-- param.holidays = { type = "list", default = [], help = "Days that are no working days, such as 2026-10-01" }
-- ///
WITH logons AS (
    SELECT *, event_time AT TIME ZONE $zone AS local_time
    FROM console_logons
    WHERE outcome = 'success'
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    to_char(local_time, '%a %H:%M') AS local_time,
    user_identity_type,
    mfa_used,
    user_agent,
    event_id
FROM logons
WHERE NOT array_has($days, to_char(local_time, '%a'))
   OR array_has($holidays, to_char(local_time, '%Y-%m-%d'))
   OR CAST(local_time AS TIME) < $begin
   OR CAST(local_time AS TIME) >= $end
ORDER BY event_time, event_id
