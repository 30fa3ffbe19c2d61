-- /// view
-- name = "launch_template_root_user"
-- severity = "low"
-- kind = "match"
-- attack = ["T1078.003"]
-- source = "ours"
-- title.en = "Launch templates, scaling configurations and provisioning groups that log on as root"
-- title.ja = "root でログオンする起動テンプレート、スケーリング設定、自動プロビジョニンググループ"
-- title.zh = "以 root 登录的启动模板、伸缩配置和弹性供应组"
-- why = """
-- Each instance that is made from it lets root log on, with a password or a key. Set ImageOptions.LoginAsNonRoot to
-- true in a new version. Not said is root, save where a scaling configuration is modified, which keeps what it had.
-- Images whose id says Windows are left out."""
-- ///
WITH templates AS (
    SELECT
        *,
        lower(coalesce(
            json_param(request_parameters, 'ImageId'),
            json_param(request_parameters, 'LaunchConfiguration.ImageId'),
            json_param(request_parameters, 'ImageFamily'),
            json_param(request_parameters, 'LaunchConfiguration.ImageFamily'),
            ''
        )) AS image,
        coalesce(
            nullif(lower(json_param(request_parameters, 'ImageOptions.LoginAsNonRoot')), ''),
            nullif(lower(json_param(request_parameters, 'LaunchConfiguration.ImageOptions.LoginAsNonRoot')), ''),
            nullif(lower(json_param(request_parameters, 'LoginAsNonRoot')), ''),
            CASE WHEN event_name <> 'ModifyScalingConfiguration' THEN 'false' END
        ) AS login_as_non_root
    FROM audit_events
    WHERE event_name IN (
            'CreateLaunchTemplate', 'CreateLaunchTemplateVersion', 'CreateAutoProvisioningGroup',
            'CreateScalingConfiguration', 'ModifyScalingConfiguration'
        )
      AND service IN ('ecs', 'ess')
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'LaunchTemplateId'),
        json_param(request_parameters, 'LaunchTemplateName'),
        json_param(request_parameters, 'ScalingConfigurationId'),
        json_param(request_parameters, 'ScalingConfigurationName'),
        json_param(request_parameters, 'AutoProvisioningGroupName')
    ) AS template,
    nullif(image, '') AS image,
    error_code,
    access_key_id,
    event_id
FROM templates
WHERE login_as_non_root <> 'true'
  AND image NOT LIKE 'win%'
  AND image NOT LIKE '%windows%'
ORDER BY event_time, event_id
