-- /// view
-- name = "ecs_root_initial_user_denied"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1078.003"]
-- cis = ["2.16"]
-- source = "source-documents"
-- title.en = "Instance operations with an initial login user or a command, refused by RAM"
-- title.ja = "RAM により拒否された、初期ログインユーザーまたはコマンドを伴うインスタンス操作"
-- title.zh = "被 RAM 拒绝的、涉及初始登录用户或命令的实例操作"
-- why = """
-- Shows that the policy against root as initial login user works, and whom it stopped. When it stays empty while
-- ecs_root_initial_user has rows, the policy is not attached where it should be. login_as_non_root tells what was
-- asked for."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        lower(json_param(request_parameters, 'ImageOptions.LoginAsNonRoot')),
        lower(json_param(request_parameters, 'LoginAsNonRoot'))
    ) AS login_as_non_root,
    error_code,
    error_message,
    user_identity_type,
    access_key_id,
    event_id
FROM audit_events
WHERE service = 'ecs'
  AND outcome = 'denied'
  AND event_name IN (
      'RunInstances', 'CreateInstance', 'CreateInstances', 'CreateOrder',
      'ReplaceSystemDisk', 'AttachDisk', 'ReInitDisk', 'InvokeCommand'
  )
ORDER BY event_time, event_id
