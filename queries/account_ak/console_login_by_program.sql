-- /// view
-- name = "console_login_by_program"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1078.004"]
-- source = "source-documents"
-- title.en = "Console logons by programs"
-- title.ja = "プログラムによるコンソールログオン"
-- title.zh = "由程序发起的控制台登录"
-- why = """
-- The console is for people. A program that logs on keeps a password somewhere, or somebody tries passwords with a
-- script. Give the application a RAM role, or a RAM user without console logon, and replace the password."""
-- param.programs = { type = "list", default = ["python", "java/", "okhttp", "httpclient", "go-http-client", "curl/", "wget/",
-- "axios", "node-fetch", "node.js", "headless", "phantomjs", "selenium", "puppeteer", "playwright", "alibabacloud",
-- "aliyuncli", "aliyun-cli", "powershell", "libwww", "postman"], help = "Parts of user agents, in small letters" }
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    user_identity_type,
    mfa_used,
    user_agent,
    error_code,
    event_id
FROM console_logons
WHERE lower(user_agent) ~ array_to_string($programs, '|')
ORDER BY event_time, event_id
