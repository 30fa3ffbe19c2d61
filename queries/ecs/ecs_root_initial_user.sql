-- /// view
-- name = "ecs_root_initial_user"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1078.003"]
-- source = "source-documents"
-- title.en = "Linux instances created, or system disks replaced, with root as the initial login user"
-- title.ja = "root を初期ログインユーザーとする Linux インスタンスの作成またはシステムディスクの交換"
-- title.zh = "以 root 作为初始登录用户创建 Linux 实例或更换系统盘"
-- why = """
-- An instance whose first login user is root gives full rights over ssh to whoever learns one password. Require
-- ImageOptions.LoginAsNonRoot by a RAM policy that denies ecs:LoginAsNonRoot = false. Images whose id or family
-- says Windows are left out; a custom image of Windows cannot be told."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'ImageId') AS image_id,
    json_param(request_parameters, 'InstanceType') AS instance_type,
    json_param(request_parameters, 'Amount') AS amount,
    user_identity_type,
    access_key_id,
    event_id
FROM audit_events
WHERE service = 'ecs'
  AND outcome = 'success'
  AND event_name IN (
      'RunInstances', 'CreateInstance', 'CreateInstances', 'CreateOrder',
      'ReplaceSystemDisk', 'AttachDisk', 'ReInitDisk'
  )
  AND (event_name <> 'AttachDisk' OR lower(json_param(request_parameters, 'Bootable')) = 'true')
  AND coalesce(
      lower(json_param(request_parameters, 'ImageOptions.LoginAsNonRoot')),
      lower(json_param(request_parameters, 'LoginAsNonRoot')),
      'false'
  ) <> 'true'
  AND coalesce(lower(json_param(request_parameters, 'ImageId')), '') NOT LIKE 'win%'
  AND coalesce(lower(json_param(request_parameters, 'ImageId')), '') NOT LIKE '%windows%'
  AND coalesce(lower(json_param(request_parameters, 'ImageFamily')), '') NOT LIKE '%windows%'
  AND coalesce(lower(json_param(request_parameters, 'OSType')), '') <> 'windows'
ORDER BY event_time, event_id
