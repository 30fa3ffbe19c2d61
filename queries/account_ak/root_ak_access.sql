-- name: root_ak_access
-- title.en: Calls signed with an AccessKey of the Alibaba Cloud account (root)
-- title.ja: Alibaba Cloud アカウント (root) の AccessKey によるアクセス
-- title.zh: 阿里云账号（主账号）使用 AccessKey 访问事件
-- category: account_ak
-- severity: high
-- attack: T1078.004
-- cis: 1.2
-- source: actiontrail-template
-- why: A root AccessKey gives whoever holds it the whole account. Find out where the key is kept, move its users to RAM roles and delete it. is_long_term tells a key that was made for root (LTAI) from the temporary key of a session.
SELECT
    event_time,
    outcome,
    account_id,
    user_identity_access_key_id AS access_key_id,
    user_identity_access_key_id LIKE 'LTAI%' AS is_long_term,
    service_name,
    event_name,
    event_rw,
    acs_region,
    source_ip_address,
    user_agent,
    resource_type,
    resource_name,
    error_code,
    event_id
FROM events
WHERE user_identity_type = 'root-account'
  AND user_identity_access_key_id IS NOT NULL
  AND user_identity_access_key_id NOT IN ('', 'NULL', 'null')
ORDER BY event_time, event_id
