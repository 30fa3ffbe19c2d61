-- /// view
-- name = "ecs_remote_execution"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1651"]
-- source = "peer"
-- title.en = "Commands, files or terminal sessions sent to instances"
-- title.ja = "インスタンスへのコマンド実行、ファイル送信、ターミナルセッションの開始"
-- title.zh = "向实例下发命令、发送文件或开启终端会话"
-- why = """
-- Who may call these operations runs programs on an instance without its password. Ask the principal for the task
-- behind the call, and read the command in Cloud Assistant. The view ecs_command_as_root shows the calls that ran as
-- root or System."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(instance_ids, ',') AS instances,
    coalesce(json_param(request_parameters, 'CommandId'), json_param(request_parameters, 'Name')) AS command_or_file,
    json_param(request_parameters, 'Username') AS run_as,
    error_code,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN ('RunCommand', 'InvokeCommand', 'CreateCommand', 'SendFile', 'StartTerminalSession')
ORDER BY event_time, event_id
