//! API calls: a table of ordinary operations and the transport fields that every call carries.

use chrono::{DateTime, Utc};

use super::event::Draft;
use super::identity::{Caller, Kind};
use super::json::{Json, members, object};
use super::random::Random;

/// One operation of one service.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    pub service: &'static str,
    /// First label of the service's host name.
    pub host: &'static str,
    pub version: &'static str,
    pub name: &'static str,
    pub write: bool,
    /// Type of the resource, the request parameter that names it, and the prefix of its id.
    pub resource: Option<(&'static str, &'static str, &'static str)>,
}

/// Writes one row of a table of operations.
pub const fn api(
    service: &'static str,
    host: &'static str,
    version: &'static str,
    name: &'static str,
    write: bool,
    resource: Option<(&'static str, &'static str, &'static str)>,
) -> Api {
    Api { service, host, version, name, write, resource }
}

const INSTANCE: Option<(&str, &str, &str)> = Some(("ACS::ECS::Instance", "InstanceId", "i-"));
const DISK: Option<(&str, &str, &str)> = Some(("ACS::ECS::Disk", "DiskId", "d-"));
const GROUP: Option<(&str, &str, &str)> = Some(("ACS::ECS::SecurityGroup", "SecurityGroupId", "sg-"));
const DATABASE: Option<(&str, &str, &str)> = Some(("ACS::RDS::DBInstance", "DBInstanceId", "rm-"));
const BALANCER: Option<(&str, &str, &str)> = Some(("ACS::SLB::LoadBalancer", "LoadBalancerId", "lb-"));
const BUCKET: Option<(&str, &str, &str)> = Some(("ACS::OSS::Bucket", "bucketName", "example-"));
const KEY: Option<(&str, &str, &str)> = Some(("ACS::KMS::Key", "KeyId", "key-"));

/// Calls that only look.
pub const READS: &[Api] = &[
    api("Ecs", "ecs", "2014-05-26", "DescribeInstances", false, None),
    api("Ecs", "ecs", "2014-05-26", "DescribeInstanceStatus", false, INSTANCE),
    api("Ecs", "ecs", "2014-05-26", "DescribeDisks", false, None),
    api("Ecs", "ecs", "2014-05-26", "DescribeSecurityGroupAttribute", false, GROUP),
    api("Rds", "rds", "2014-08-15", "DescribeDBInstances", false, None),
    api("Rds", "rds", "2014-08-15", "DescribeDBInstanceAttribute", false, DATABASE),
    api("Slb", "slb", "2014-05-15", "DescribeLoadBalancerAttribute", false, BALANCER),
    api("Vpc", "vpc", "2016-04-28", "DescribeVpcs", false, None),
    api("Vpc", "vpc", "2016-04-28", "DescribeVSwitches", false, None),
    api("Ram", "ram", "2015-05-01", "ListUsers", false, None),
    api("Ims", "ims", "2019-08-15", "GetUser", false, None),
    api("Kms", "kms", "2016-01-20", "DescribeKey", false, KEY),
    api("Oss", "oss", "2019-05-17", "GetBucketInfo", false, BUCKET),
    api("Actiontrail", "actiontrail", "2020-07-06", "LookupEvents", false, None),
    api("Cms", "cms", "2019-01-01", "DescribeMetricList", false, None),
    api("Cs", "cs", "2015-12-15", "DescribeClustersV1", false, None),
    api("ResourceManager", "resourcemanager", "2020-03-31", "ListResourceGroups", false, None),
];

/// Calls that change something, as ordinary work does.
pub const WRITES: &[Api] = &[
    api("Ecs", "ecs", "2014-05-26", "StartInstance", true, INSTANCE),
    api("Ecs", "ecs", "2014-05-26", "StopInstance", true, INSTANCE),
    api("Ecs", "ecs", "2014-05-26", "RebootInstance", true, INSTANCE),
    api("Ecs", "ecs", "2014-05-26", "ModifyInstanceAttribute", true, INSTANCE),
    api("Ecs", "ecs", "2014-05-26", "CreateSnapshot", true, DISK),
    api("Ecs", "ecs", "2014-05-26", "TagResources", true, INSTANCE),
    api("Ecs", "ecs", "2014-05-26", "JoinSecurityGroup", true, GROUP),
    api("Rds", "rds", "2014-08-15", "CreateBackup", true, DATABASE),
    api("Rds", "rds", "2014-08-15", "RestartDBInstance", true, DATABASE),
    api("Slb", "slb", "2014-05-15", "AddBackendServers", true, BALANCER),
    api("Oss", "oss", "2019-05-17", "PutBucketLifecycle", true, BUCKET),
    api("Kms", "kms", "2016-01-20", "TagResource", true, KEY),
];

/// Names as people give them to things, some of them not ASCII.
pub const DISPLAY_NAMES: &[&str] =
    &["web-front", "批处理节点", "夜間バッチ", "开发测试环境", "billing-report", "検証用サーバー", "数据同步任务"];

/// Services whose events are recorded as global ones in a single region.
pub fn is_global(service: &str) -> bool {
    matches!(service, "Ram" | "Ims" | "ResourceManager" | "Sts" | "BssOpenApi")
}

/// A call of `operation` by `caller`, with the transport fields, without parameters of its own.
pub fn call(random: &mut Random, time: DateTime<Utc>, caller: &Caller, operation: &Api, region: &str) -> Draft {
    let mut draft = Draft::new(random, time, caller, operation.name);
    let global = is_global(operation.service);
    let host = match operation.service {
        "Ram" | "Ims" | "Sts" | "ResourceManager" | "BssOpenApi" => format!("{}.aliyuncs.com", operation.host),
        "Rds" | "Slb" if caller.uses_console() => format!("{}-inc-share.aliyuncs.com", operation.host),
        _ if caller.uses_console() => format!("{}-{region}-share.aliyuncs.com", operation.host),
        _ => format!("{}.{region}.aliyuncs.com", operation.host),
    };
    draft.service = operation.service.to_owned();
    draft.api_version = Some(operation.version.to_owned());
    draft.rw = Some(if operation.write { "Write" } else { "Read" });
    draft.region = if global { "cn-hangzhou".to_owned() } else { region.to_owned() };
    draft.is_global = Some(global);
    draft.parameters = Some(Json::Object(members! {
        "AcsHost": &host,
        "AcsProduct": operation.service,
        "RequestId": &draft.request_id,
        "RegionId": region,
        "AcceptLanguage": if caller.uses_console() { "ja-JP" } else { "en-US" },
    }));
    draft.source = host;
    if caller.uses_console() {
        draft.additional = members! { "Scheme": "https", "CallerBid": "26842" };
    } else if caller.kind != Kind::System {
        draft.additional = members! { "Scheme": "https" };
    }
    draft
}

/// An ordinary call of the table, with a resource named where the operation has one.
pub fn ordinary(random: &mut Random, time: DateTime<Utc>, caller: &Caller, region: &str, write_permille: u64) -> Draft {
    let table = if random.chance(write_permille) { WRITES } else { READS };
    let operation = random.pick(table);
    let mut draft = call(random, time, caller, operation, region);
    if let Some((kind, parameter, prefix)) = operation.resource {
        let id = resource_id(random, prefix);
        draft = draft.parameter(parameter, &id).resource(kind, id);
    } else {
        draft = draft.parameter("PageSize", 10 * (1 + random.below(5) as i64)).parameter("PageNumber", 1);
    }
    if operation.write {
        draft.response = Some(object! { "RequestId": &draft.request_id });
        if random.chance(250) {
            let name = *random.pick(DISPLAY_NAMES);
            draft = draft.parameter("Tag.1.Key", "purpose").parameter("Tag.1.Value", name);
        }
    }
    draft
}

/// The id of a resource, out of a small pool, so that the same resources come back.
pub fn resource_id(random: &mut Random, prefix: &str) -> String {
    format!("{prefix}EXAMPLE{:012}", 1 + random.below(40))
}

/// A role session is opened: the answer carries a temporary key and its (invented) secret.
pub fn assume_role(random: &mut Random, time: DateTime<Utc>, caller: &Caller, role: &str, issued: &str) -> Draft {
    const ASSUME_ROLE: Api = api("Sts", "sts", "2015-04-01", "AssumeRole", true, None);
    let arn = format!("acs:ram::{}:role/{role}", caller.account);
    let mut draft = call(random, time, caller, &ASSUME_ROLE, "cn-hangzhou");
    draft = draft.parameter("RoleArn", &arn).parameter("RoleSessionName", "session").parameter("DurationSeconds", 3600);
    draft.response = Some(object! {
        "requestId": &draft.request_id,
        "assumedRoleUser": object! { "arn": format!("{arn}/session"), "assumedRoleId": "300000000000000001:session" },
        "credentials": object! {
            "accessKeyId": issued,
            "accessKeySecret": format!("EXAMPLE-not-a-secret-{}", random.alphanumeric(12)),
            "expiration": super::event::utc(time + chrono::TimeDelta::hours(1)),
        },
    });
    draft.resource("ACS::RAM::AccessKey", issued).resource("ACS::RAM::Role", role)
}
