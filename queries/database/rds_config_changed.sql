-- /// view
-- name = "rds_config_changed"
-- severity = "low"
-- kind = "match"
-- attack = ["T1578.005"]
-- cis = ["2.15"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.rds_conf_change", "sls:rds_conf_change"]
-- title.en = "Configuration of RDS instances changed"
-- title.ja = "RDS インスタンスの設定変更"
-- title.zh = "RDS 实例配置变更"
-- why = """
-- Most changes of specifications, network, backups or encryption are maintenance, so look for an unusual
-- principal or hour. in_cis is false for the two calls that only the published alert names. Look at
-- db_whitelist_open, rds_ssl_off and rds_backup_weakened next."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'DBInstanceId') AS db_instance_id,
    event_name NOT IN ('ModifySQLCollectorPolicy', 'ModifyDBInstanceTDE') AS in_cis,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name IN (
        'ModifyHASwitchConfig', 'ModifyDBInstanceHAConfig', 'SwitchDBInstanceHA', 'ModifyDBInstanceSpec',
        'MigrateSecurityIPMode', 'ModifySecurityIps', 'ModifyDBInstanceSSL', 'MigrateToOtherZone',
        'UpgradeDBInstanceKernelVersion', 'UpgradeDBInstanceEngineVersion', 'ModifyDBInstanceMaintainTime',
        'ModifyDBInstanceAutoUpgradeMinorVersion', 'AllocateInstancePublicConnection',
        'ModifyDBInstanceConnectionString', 'ModifyDBInstanceNetworkExpireTime',
        'ReleaseInstancePublicConnection', 'SwitchDBInstanceNetType', 'ModifyDBInstanceNetworkType',
        'ModifyDTCSecurityIpHostsForSQLServer', 'ModifySecurityGroupConfiguration', 'CreateBackup',
        'ModifyBackupPolicy', 'DeleteBackup', 'CreateDdrInstance', 'ModifyInstanceCrossBackupPolicy',
        'ModifySQLCollectorPolicy', 'ModifyDBInstanceTDE'
    )
  AND service = 'rds'
ORDER BY event_time, event_id
