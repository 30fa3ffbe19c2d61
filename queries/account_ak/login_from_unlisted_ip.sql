-- /// view
-- name = "login_from_unlisted_ip"
-- severity = "high"
-- kind = "match"
-- attack = ["T1078.004"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.unauth_login"]
-- title.en = "Console logons from an address outside the allowed networks"
-- title.ja = "許可されたネットワーク外からのコンソールログオン"
-- title.zh = "从未授权的 IP 地址登录控制台"
-- why = """
-- People should log on from the networks of their company. Name these with allow; without it every address is
-- allowed and nothing is found. Ask the person about each logon, and restrict logons to these networks in the RAM
-- security preferences. An address that cannot be read is listed too."""
-- param.allow = { type = "cidr_list", default = ["0.0.0.0/0", "::/0"], help = "Networks that logons may come from" }
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    user_identity_type,
    mfa_used,
    user_agent,
    event_id
FROM console_logons
WHERE outcome = 'success'
  AND in_cidr(source_ip_address, $allow) IS NOT TRUE
ORDER BY event_time, event_id
