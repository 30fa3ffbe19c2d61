-- /// view
-- name = "rds_account_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098"]
-- source = "peer"
-- title.en = "RDS database accounts created, granted rights or given a new password"
-- title.ja = "RDS データベースアカウントの作成、権限付与、パスワードリセット"
-- title.zh = "RDS 数据库账号的创建、授权和密码重置"
-- why = """
-- A new account or password is a way into the database that outlasts the session. Ask whether the owner of the
-- database knows of it, and delete or reset what nobody knows. account_type Super or Sysadmin, and ResetAccount,
-- are about all data."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'DBInstanceId') AS db_instance_id,
    json_param(request_parameters, 'AccountName') AS db_account,
    json_param(request_parameters, 'AccountType') AS account_type,
    json_param(request_parameters, 'DBName') AS databases,
    json_param(request_parameters, 'AccountPrivilege') AS db_privilege,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('CreateAccount', 'ResetAccountPassword', 'GrantAccountPrivilege', 'ResetAccount')
  AND service = 'rds'
ORDER BY event_time, event_id
