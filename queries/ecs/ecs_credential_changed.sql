-- /// view
-- name = "ecs_credential_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098.004"]
-- source = "peer"
-- title.en = "Instance passwords, key pairs or VNC passwords changed"
-- title.ja = "インスタンスのパスワード、キーペア、VNC パスワードの変更"
-- title.zh = "实例密码、密钥对或 VNC 密码变更"
-- why = """
-- Who knows the new password, or holds the key, can log on to the instance and stay there. Ask the owner of the
-- instance for the reason, and set the credential again if nobody knows it. changed says which kind it was, and
-- ecs_remote_execution shows commands sent to the instance."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    CASE
        WHEN event_name = 'ModifyInstanceAttribute' THEN 'password'
        WHEN event_name = 'ModifyInstanceVncPasswd' THEN 'vnc_password'
        ELSE 'key_pair'
    END AS changed,
    array_to_string(instance_ids, ',') AS instances,
    json_param(request_parameters, 'KeyPairName') AS key_pair,
    error_code,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN (
        'AttachKeyPair', 'ImportKeyPair', 'CreateKeyPair', 'ModifyInstanceVncPasswd', 'ModifyInstanceAttribute'
    )
  AND (event_name <> 'ModifyInstanceAttribute' OR json_param(request_parameters, 'Password') <> '')
ORDER BY event_time, event_id
