-- /// view
-- name = "attack_tool_user_agent"
-- severity = "high"
-- kind = "match"
-- attack = ["T1078.004"]
-- source = "peer"
-- title.en = "Calls of attack distributions, secret scanners and cloud auditing tools"
-- title.ja = "攻撃ツールや秘密情報スキャナーのユーザーエージェントによる呼び出し"
-- title.zh = "使用攻击工具或密钥扫描工具 User-Agent 的调用"
-- why = """
-- The program names itself as a tool for attacks, for found keys or for audits. Ask whether a test was ordered. If not,
-- disable the key, and look at all it did with summary_access_key."""
-- param.tools = { type = "list", default = ["kali", "parrot", "pentoo", "trufflehog", "pacu", "cloudfox", "scoutsuite",
-- "prowler", "gitleaks"], help = "Parts of user agents, in small letters" }
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    user_agent,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE lower(user_agent) ~ array_to_string($tools, '|')
ORDER BY event_time, event_id
