-- /// view
-- name = "summary_principal"
-- severity = "info"
-- kind = "summary"
-- source = "ours"
-- title.en = "Who did how much, from where and with what"
-- title.ja = "プリンシパル別の操作の概要（件数、リージョン、IP アドレス、AccessKey）"
-- title.zh = "按主体的操作概览（次数、地域、IP 地址、AccessKey）"
-- why = """
-- One line for each principal, to see who is active and who should not be. Many addresses, keys or user agents for
-- one principal, or a principal that nobody knows, are where to look next. access_keys counts lasting keys, since
-- every session has a temporary one (STS) of its own; sensitive counts what ActionTrail itself marks as a
-- sensitive action."""
-- ///
SELECT
    account_id,
    user_identity_type AS identity_type,
    user_identity_principal_id AS principal_id,
    user_identity_user_name AS user_name,
    count(*) AS events,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    count(*) FILTER (WHERE outcome = 'success' AND json_param(event_attributes, 'SensitiveAction') = 'true') AS sensitive,
    count(*) FILTER (WHERE outcome <> 'success' AND json_param(event_attributes, 'SensitiveAction') = 'true') AS sensitive_failed,
    count(DISTINCT acs_region) AS regions,
    count(DISTINCT source_ip_address) AS addresses,
    count(DISTINCT user_identity_access_key_id) FILTER (
        WHERE access_key_kind(user_identity_access_key_id) <> 'temporary'
    ) AS access_keys,
    count(DISTINCT user_agent) AS user_agents,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM events
GROUP BY account_id, user_identity_type, user_identity_principal_id, user_identity_user_name
ORDER BY events DESC, account_id, identity_type, principal_id, user_name
