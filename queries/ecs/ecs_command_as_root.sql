-- /// view
-- name = "ecs_command_as_root"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1651"]
-- source = "source-documents"
-- title.en = "Cloud Assistant commands run as root or System"
-- title.ja = "root または System として実行されたクラウドアシスタントコマンド"
-- title.zh = "以 root 或 System 身份运行的云助手命令"
-- why = """
-- Cloud Assistant runs commands as root (System on Windows) unless told otherwise, which gives whoever may call it
-- the whole instance. Name a lesser user with Username, and allow root with a RAM condition on ecs:CommandRunAs
-- only where it must be."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(json_param(request_parameters, 'Username'), 'root') AS run_as,
    json_param(request_parameters, 'CommandId') AS command_id,
    json_param(request_parameters, 'Type') AS command_type,
    user_identity_type,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('RunCommand', 'InvokeCommand')
  AND outcome = 'success'
  AND coalesce(json_param(request_parameters, 'Username'), 'root') IN ('root', 'System', '')
ORDER BY event_time, event_id
