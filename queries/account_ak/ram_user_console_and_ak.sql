-- /// view
-- name = "ram_user_console_and_ak"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1078.004"]
-- cis = ["1.4"]
-- source = "source-documents"
-- title.en = "RAM users that log on to the console, and whose AccessKeys programs use"
-- title.ja = "コンソールにログオンし、AccessKey がプログラムで使用されている RAM ユーザー"
-- title.zh = "既登录控制台、其 AccessKey 又被程序使用的 RAM 用户"
-- why = """
-- A user of an application should not log on to the console, and the user of a person should not be an application:
-- whoever takes one of the two gets the rights of both. Split it into two users, and switch console logon off for that
-- of the application. Tools that people type commands into do not count as programs."""
-- param.n = { type = "count", default = 10, help = "Minimum number of calls by programs" }
-- param.tools = { type = "list", default = ["aliyuncli", "aliyun-cli", "ossutil", "ossbrowser", "mozilla/"],
-- help = "Parts of user agents of tools that people use, in small letters" }
-- ///
WITH logons AS (
    SELECT
        account_id,
        principal_key,
        count(*) AS logons,
        min(event_time) AS first_event,
        max(event_time) AS last_event,
        min(principal) AS principal,
        min(source_ip_address) AS source_ip_address,
        first_value(event_id ORDER BY event_time, event_id) AS event_id
    FROM console_logons
    WHERE user_identity_type = 'ram-user'
      AND outcome = 'success'
    GROUP BY account_id, principal_key
),
programs AS (
    SELECT
        account_id,
        principal_key,
        count(*) AS program_calls,
        min(event_time) AS first_event,
        max(event_time) AS last_event,
        count(DISTINCT access_key_id) AS access_keys,
        min(access_key_id) AS access_key_id,
        min(user_agent) AS user_agent
    FROM audit_events
    WHERE user_identity_type = 'ram-user'
      AND outcome = 'success'
      AND access_key_kind(access_key_id) = 'long-term'
      AND NOT coalesce(lower(user_agent) ~ array_to_string($tools, '|'), false)
    GROUP BY account_id, principal_key
    HAVING count(*) >= $n
)
SELECT
    least(logons.first_event, programs.first_event) AS first_event,
    greatest(logons.last_event, programs.last_event) AS last_event,
    logons.account_id AS account_id,
    logons.logons + programs.program_calls AS events,
    logons.principal AS principal,
    logons.source_ip_address AS source_ip_address,
    logons.logons AS logons,
    programs.program_calls AS program_calls,
    programs.access_keys AS access_keys,
    programs.access_key_id AS access_key_id,
    programs.user_agent AS user_agent,
    logons.event_id AS event_id
FROM logons
JOIN programs
  ON (logons.account_id IS NOT DISTINCT FROM programs.account_id)
 AND logons.principal_key = programs.principal_key
ORDER BY first_event, account_id, principal
