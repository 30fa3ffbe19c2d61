-- /// view
-- name = "resource_lifecycle"
-- severity = "info"
-- kind = "match"
-- source = "actiontrail-template"
-- parity = ["template:Resource Lifecycle-related Events"]
-- title.en = "Resources created and deleted, by service and type"
-- title.ja = "リソースの作成と削除（サービス別、タイプ別）"
-- title.zh = "资源的创建和删除（按服务和类型）"
-- why = """
-- An inventory of what came and went, and who did it. Filter by lifecycle_type or change, and follow one
-- resource with resource_history. The list of services and events is ours, in the form of
-- DescribeResourceLifeCycleEvents; other services are not in it."""
-- ///
-- Service, resource type, event, and what it does.
WITH lifecycle (of_service, lifecycle_type, of_event, change) AS (
    VALUES
        ('ecs', 'ACS::ECS::Instance', 'Create', 'create'),
        ('ecs', 'ACS::ECS::Instance', 'CreateInstance', 'create'),
        ('ecs', 'ACS::ECS::Instance', 'RunInstances', 'create'),
        ('ecs', 'ACS::ECS::Instance', 'DeleteInstance', 'delete'),
        ('ecs', 'ACS::ECS::Instance', 'DeleteInstances', 'delete'),
        ('ecs', 'ACS::ECS::Instance', 'Release', 'delete'),
        ('ecs', 'ACS::ECS::Disk', 'CreateDisk', 'create'),
        ('ecs', 'ACS::ECS::Disk', 'DeleteDisk', 'delete'),
        ('ecs', 'ACS::ECS::Image', 'CreateImage', 'create'),
        ('ecs', 'ACS::ECS::Image', 'CopyImage', 'create'),
        ('ecs', 'ACS::ECS::Image', 'ImportImage', 'create'),
        ('ecs', 'ACS::ECS::Image', 'DeleteImage', 'delete'),
        ('ecs', 'ACS::ECS::Snapshot', 'CreateSnapshot', 'create'),
        ('ecs', 'ACS::ECS::Snapshot', 'CopySnapshot', 'create'),
        ('ecs', 'ACS::ECS::Snapshot', 'DeleteSnapshot', 'delete'),
        ('ecs', 'ACS::ECS::SecurityGroup', 'CreateSecurityGroup', 'create'),
        ('ecs', 'ACS::ECS::SecurityGroup', 'DeleteSecurityGroup', 'delete'),
        ('ecs', 'ACS::ECS::KeyPair', 'CreateKeyPair', 'create'),
        ('ecs', 'ACS::ECS::KeyPair', 'ImportKeyPair', 'create'),
        ('ecs', 'ACS::ECS::KeyPair', 'DeleteKeyPairs', 'delete'),
        ('vpc', 'ACS::VPC::VPC', 'CreateVpc', 'create'),
        ('vpc', 'ACS::VPC::VPC', 'CreateDefaultVpc', 'create'),
        ('vpc', 'ACS::VPC::VPC', 'DeleteVpc', 'delete'),
        ('vpc', 'ACS::VPC::VSwitch', 'CreateVSwitch', 'create'),
        ('vpc', 'ACS::VPC::VSwitch', 'CreateDefaultVSwitch', 'create'),
        ('vpc', 'ACS::VPC::VSwitch', 'DeleteVSwitch', 'delete'),
        ('vpc', 'ACS::EIP::EipAddress', 'AllocateEipAddress', 'create'),
        ('vpc', 'ACS::EIP::EipAddress', 'AllocateEipAddressPro', 'create'),
        ('vpc', 'ACS::EIP::EipAddress', 'ReleaseEipAddress', 'delete'),
        ('vpc', 'ACS::NAT::NatGateway', 'CreateNatGateway', 'create'),
        ('vpc', 'ACS::NAT::NatGateway', 'DeleteNatGateway', 'delete'),
        ('slb', 'ACS::SLB::LoadBalancer', 'Create', 'create'),
        ('slb', 'ACS::SLB::LoadBalancer', 'CreateLoadBalancer', 'create'),
        ('slb', 'ACS::SLB::LoadBalancer', 'DeleteLoadBalancer', 'delete'),
        ('slb', 'ACS::SLB::LoadBalancer', 'Release', 'delete'),
        ('alb', 'ACS::ALB::LoadBalancer', 'CreateLoadBalancer', 'create'),
        ('alb', 'ACS::ALB::LoadBalancer', 'DeleteLoadBalancer', 'delete'),
        ('rds', 'ACS::RDS::DBInstance', 'Create', 'create'),
        ('rds', 'ACS::RDS::DBInstance', 'CreateDBInstance', 'create'),
        ('rds', 'ACS::RDS::DBInstance', 'DeleteDBInstance', 'delete'),
        ('rds', 'ACS::RDS::DBInstance', 'DestroyDBInstance', 'delete'),
        ('rds', 'ACS::RDS::DBInstance', 'Release', 'delete'),
        ('r-kvstore', 'ACS::Redis::DBInstance', 'CreateInstance', 'create'),
        ('r-kvstore', 'ACS::Redis::DBInstance', 'CreateTairInstance', 'create'),
        ('r-kvstore', 'ACS::Redis::DBInstance', 'DeleteInstance', 'delete'),
        ('dds', 'ACS::MongoDB::DBInstance', 'CreateDBInstance', 'create'),
        ('dds', 'ACS::MongoDB::DBInstance', 'CreateShardingDBInstance', 'create'),
        ('dds', 'ACS::MongoDB::DBInstance', 'DeleteDBInstance', 'delete'),
        ('polardb', 'ACS::PolarDB::DBCluster', 'CreateDBCluster', 'create'),
        ('polardb', 'ACS::PolarDB::DBCluster', 'DeleteDBCluster', 'delete'),
        ('oss', 'ACS::OSS::Bucket', 'PutBucket', 'create'),
        ('oss', 'ACS::OSS::Bucket', 'DeleteBucket', 'delete'),
        ('kms', 'ACS::KMS::Key', 'CreateKey', 'create'),
        ('kms', 'ACS::KMS::Key', 'ScheduleKeyDeletion', 'delete'),
        ('kms', 'ACS::KMS::Secret', 'CreateSecret', 'create'),
        ('kms', 'ACS::KMS::Secret', 'DeleteSecret', 'delete'),
        ('kms', 'ACS::KMS::Certificate', 'UploadCertificate', 'create'),
        ('kms', 'ACS::KMS::Certificate', 'DeleteCertificate', 'delete'),
        ('cas', 'ACS::SSLCertificatesService::Certificate', 'UploadUserCertificate', 'create'),
        ('cas', 'ACS::SSLCertificatesService::Certificate', 'DeleteUserCertificate', 'delete'),
        ('ram', 'ACS::RAM::User', 'CreateUser', 'create'),
        ('ram', 'ACS::RAM::User', 'DeleteUser', 'delete'),
        ('ims', 'ACS::RAM::User', 'CreateUser', 'create'),
        ('ims', 'ACS::RAM::User', 'DeleteUser', 'delete'),
        ('ram', 'ACS::RAM::Role', 'CreateRole', 'create'),
        ('ram', 'ACS::RAM::Role', 'DeleteRole', 'delete'),
        ('resourcemanager', 'ACS::RAM::Role', 'CreateRole', 'create'),
        ('resourcemanager', 'ACS::RAM::Role', 'DeleteRole', 'delete'),
        ('ram', 'ACS::RAM::Policy', 'CreatePolicy', 'create'),
        ('ram', 'ACS::RAM::Policy', 'DeletePolicy', 'delete'),
        ('resourcemanager', 'ACS::RAM::Policy', 'CreatePolicy', 'create'),
        ('resourcemanager', 'ACS::RAM::Policy', 'DeletePolicy', 'delete'),
        ('waf', 'ACS::WAF::Domain', 'CreateDomain', 'create'),
        ('waf', 'ACS::WAF::Domain', 'DeleteDomain', 'delete'),
        ('waf-openapi', 'ACS::WAF::Domain', 'CreateDomain', 'create'),
        ('waf-openapi', 'ACS::WAF::Domain', 'DeleteDomain', 'delete'),
        ('cs', 'ACS::ACK::Cluster', 'CreateCluster', 'create'),
        ('cs', 'ACS::ACK::Cluster', 'DeleteCluster', 'delete'),
        ('sls', 'ACS::SLS::Project', 'CreateProject', 'create'),
        ('sls', 'ACS::SLS::Project', 'DeleteProject', 'delete'),
        ('log', 'ACS::SLS::Project', 'CreateProject', 'create'),
        ('log', 'ACS::SLS::Project', 'DeleteProject', 'delete')
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    change,
    lifecycle_type,
    error_code,
    access_key_id,
    event_id
FROM audit_events
JOIN lifecycle ON service = of_service AND event_name = of_event
WHERE event_name IN (
        'Create', 'CreateInstance', 'RunInstances', 'DeleteInstance', 'DeleteInstances', 'Release',
        'CreateDisk', 'DeleteDisk', 'CreateImage', 'CopyImage', 'ImportImage', 'DeleteImage',
        'CreateSnapshot', 'CopySnapshot', 'DeleteSnapshot', 'CreateSecurityGroup', 'DeleteSecurityGroup',
        'CreateKeyPair', 'ImportKeyPair', 'DeleteKeyPairs', 'CreateVpc', 'CreateDefaultVpc', 'DeleteVpc',
        'CreateVSwitch', 'CreateDefaultVSwitch', 'DeleteVSwitch', 'AllocateEipAddress',
        'AllocateEipAddressPro', 'ReleaseEipAddress', 'CreateNatGateway', 'DeleteNatGateway',
        'CreateLoadBalancer', 'DeleteLoadBalancer', 'CreateDBInstance', 'DeleteDBInstance',
        'DestroyDBInstance', 'CreateTairInstance', 'CreateShardingDBInstance', 'CreateDBCluster',
        'DeleteDBCluster', 'PutBucket', 'DeleteBucket', 'CreateKey', 'ScheduleKeyDeletion', 'CreateSecret',
        'DeleteSecret', 'UploadCertificate', 'DeleteCertificate', 'UploadUserCertificate',
        'DeleteUserCertificate', 'CreateUser', 'DeleteUser', 'CreateRole', 'DeleteRole', 'CreatePolicy',
        'DeletePolicy', 'CreateDomain', 'DeleteDomain', 'CreateCluster', 'DeleteCluster', 'CreateProject',
        'DeleteProject'
    )
  -- Purchases and expiries have the same names for every resource of a service.
  AND (
    event_name NOT IN ('Create', 'Release')
    OR resource_ids(resource_type, resource_name, lifecycle_type) IS NOT NULL
  )
ORDER BY event_time, event_id
