//! The week 2026-W45 (2 to 8 November): a root AccessKey is made by a stranger, used, and taken back.
//!
//! Every step is something a view or the report has to show. Refusals by the Deny policy meet a RAM user only: no RAM
//! policy binds the account itself.

use chrono::{DateTime, TimeDelta, Utc};

use super::api::{Api, READS, api, call, resource_id};
use super::ecs::{self, Image, Login};
use super::event::{Draft, Event};
use super::identity::{BROWSER, CLI, Caller, PYTHON_SDK};
use super::json::{Json, object};
use super::random::Random;
use super::signin::{self, MfaKey, Signin};
use super::story::{ACCOUNT, HOME, OFFICE, OWNER_LOGIN, at, person, seconds};

/// The AccessKey that is made for root, and the one of the RAM user that the intruder makes.
pub const ROOT_KEY: &str = "LTAI5tEXAMPLEROOTKEY0001";
pub const SUPPORT_KEY: &str = "LTAI5tEXAMPLESUPPORT0001";
/// The two addresses of the intruder.
pub const FIRST_ADDRESS: &str = "203.0.113.77";
pub const SECOND_ADDRESS: &str = "198.51.100.23";
/// What a refusal by the Deny policy says.
pub const DENIED_BY_POLICY: &str =
    "User not authorized to operate on the specified resource, or this API doesn't support RAM.";

const SEED: u64 = 20_261_103;
const SUPPORT_USER: &str = "support-backup";
const REGIONS: &[&str] = &[HOME, "ap-southeast-1", "eu-central-1", "us-west-1"];

const CREATE_USER: Api = api("Ram", "ram", "2015-05-01", "CreateUser", true, None);
const DELETE_USER: Api = api("Ram", "ram", "2015-05-01", "DeleteUser", true, None);
const CREATE_PROFILE: Api = api("Ram", "ram", "2015-05-01", "CreateLoginProfile", true, None);
const CREATE_KEY: Api = api("Ims", "ims", "2019-08-15", "CreateAccessKey", true, None);
const DELETE_KEY: Api = api("Ims", "ims", "2019-08-15", "DeleteAccessKey", true, None);
const ATTACH_POLICY: Api = api("Ram", "ram", "2015-05-01", "AttachPolicyToUser", true, None);
const DETACH_POLICY: Api = api("Ram", "ram", "2015-05-01", "DetachPolicyFromUser", true, None);
const OPEN_GROUP: Api = ecs::ecs("AuthorizeSecurityGroup");
const CLOSE_GROUP: Api = ecs::ecs("RevokeSecurityGroup");
const DELETE_INSTANCES: Api = ecs::ecs("DeleteInstances");
const PUT_BUCKET_ACL: Api = api("Oss", "oss", "2019-05-17", "PutBucketAcl", true, None);
const STOP_LOGGING: Api = api("Actiontrail", "actiontrail", "2020-07-06", "StopLogging", true, None);
const START_LOGGING: Api = api("Actiontrail", "actiontrail", "2020-07-06", "StartLogging", true, None);
const DELETE_TRAIL: Api = api("Actiontrail", "actiontrail", "2020-07-06", "DeleteTrail", true, None);
const GET_CALLER: Api = api("Sts", "sts", "2015-04-01", "GetCallerIdentity", false, None);

/// When the trail is stopped; the event that says so is the last one delivered.
pub fn trail_stopped() -> DateTime<Utc> {
    at(11, 7, 16, 36, 44)
}

/// When the trail delivers again; what happened before on that day is known from LookupEvents only.
pub fn trail_restarted() -> DateTime<Utc> {
    at(11, 8, 2, 40, 0)
}

/// Adds the events of the incident.
pub fn events(events: &mut Vec<Event>) {
    logons(events, &mut Random::of(SEED, 3));
    reconnaissance(events, &mut Random::of(SEED, 4));
    machines(events, &mut Random::of(SEED, 5));
    bucket(events, &mut Random::of(SEED, 6));
    cover_up(events, &mut Random::of(SEED, 7));
    response(events, &mut Random::of(SEED, 8));
}

/// The account itself with the AccessKey that was made for it.
fn with_root_key(address: &str) -> Caller {
    let agent = if address == FIRST_ADDRESS { PYTHON_SDK } else { CLI };
    Caller::root(ACCOUNT).with_key(ROOT_KEY).at(address, agent)
}

fn with_support_key() -> Caller {
    Caller::ram_user(ACCOUNT, "200000000000000999", SUPPORT_USER).with_key(SUPPORT_KEY).at(SECOND_ADDRESS, CLI)
}

fn answered(mut draft: Draft) -> Event {
    draft.response = Some(object! { "RequestId": &draft.request_id });
    draft.finish()
}

/// Tuesday night: seven failed root logons, one that succeeds without MFA, and an AccessKey for root.
fn logons(events: &mut Vec<Event>, random: &mut Random) {
    let stranger = Caller::root(ACCOUNT).at(FIRST_ADDRESS, BROWSER);
    let no_mfa = Some((MfaKey::IsMfaChecked, false));
    for n in 0..7 {
        let time = at(11, 3, 16, 2, 11) + TimeDelta::seconds(251 * n) + seconds(random, 90);
        let outcome = if n % 4 == 3 { Signin::FailedByMessage } else { Signin::Failed };
        events.push(signin::root(random, time, &stranger, OWNER_LOGIN, no_mfa, outcome).finish());
    }
    let start = at(11, 3, 16, 34, 40);
    events.push(signin::root(random, start, &stranger, OWNER_LOGIN, no_mfa, Signin::Success).finish());

    let mut session = stranger.in_console(start, false);
    session.agent = Some("ram.console.aliyun.com".to_owned());
    for n in 0..6 {
        let time = start + TimeDelta::seconds(35 + 52 * n);
        events.push(super::api::ordinary(random, time, &session, HOME, 0).finish());
    }
    let mut draft = call(random, at(11, 3, 16, 44, 2), &session, &CREATE_KEY, "cn-hangzhou");
    draft.response = Some(object! {
        "RequestId": &draft.request_id,
        "AccessKey": object! { "AccessKeyId": ROOT_KEY, "Status": "Active", "CreateDate": "2026-11-03T16:44:02Z" },
    });
    events.push(draft.resource("ACS::RAM::AccessKey", ROOT_KEY).finish());
}

/// Wednesday: the key is used from two addresses, 180 calls and more; a RAM user becomes administrator.
fn reconnaissance(events: &mut Vec<Event>, random: &mut Random) {
    let first = with_root_key(FIRST_ADDRESS);
    let second = with_root_key(SECOND_ADDRESS);
    let runs = [(at(11, 4, 2, 10, 5), &first, 118), (at(11, 4, 13, 5, 30), &second, 64)];
    for (start, caller, calls) in runs {
        let mut time = start;
        events.push(call(random, time, caller, &GET_CALLER, "cn-hangzhou").finish());
        for n in 1..calls {
            time += TimeDelta::seconds(20) + seconds(random, 80);
            let operation = &READS[random.below(READS.len() as u64) as usize];
            let mut draft = call(random, time, caller, operation, REGIONS[n % REGIONS.len()]);
            if let Some((kind, parameter, prefix)) = operation.resource {
                let id = resource_id(random, prefix);
                draft = draft.parameter(parameter, &id).resource(kind, id);
            }
            if random.chance(40) {
                draft = draft.refused("Throttling.User", "Request was denied due to user flow control.");
            }
            events.push(draft.finish());
        }
    }
    let by_root = |random: &mut Random, minute: u32, operation: &Api| {
        call(random, at(11, 4, 14, minute, 17), &second, operation, "cn-hangzhou").parameter("UserName", SUPPORT_USER)
    };
    let draft = by_root(random, 20, &CREATE_USER).parameter("DisplayName", "サポート用バックアップ");
    events.push(answered(draft.resource("ACS::RAM::User", SUPPORT_USER)));
    let draft = by_root(random, 22, &CREATE_PROFILE).parameter("Password", "***").parameter("MFABindRequired", false);
    events.push(answered(draft.resource("ACS::RAM::User", SUPPORT_USER)));
    let draft = by_root(random, 24, &ATTACH_POLICY);
    let draft = draft.parameter("PolicyName", "AdministratorAccess").parameter("PolicyType", "System");
    events.push(answered(
        draft.resource("ACS::RAM::User", SUPPORT_USER).resource("ACS::RAM::Policy", "AdministratorAccess"),
    ));
    let mut draft = by_root(random, 26, &CREATE_KEY);
    draft.response = Some(object! {
        "RequestId": &draft.request_id,
        "AccessKey": object! { "AccessKeyId": SUPPORT_KEY, "Status": "Active", "CreateDate": "2026-11-04T14:26:17Z" },
    });
    events.push(draft.resource("ACS::RAM::AccessKey", SUPPORT_KEY).finish());
}

/// Thursday: a security group open to the world, instances with root as first login user, commands as root.
fn machines(events: &mut Vec<Event>, random: &mut Random) {
    let root = with_root_key(SECOND_ADDRESS);
    let support = with_support_key();
    let group = "sg-EXAMPLE000000000001";
    let draft = call(random, at(11, 5, 3, 1, 8), &root, &OPEN_GROUP, HOME)
        .parameter("SecurityGroupId", group)
        .parameter("Permissions.1.IpProtocol", "TCP")
        .parameter("Permissions.1.PortRange", "1/65535")
        .parameter("Permissions.1.SourceCidrIp", "0.0.0.0/0")
        .parameter("Permissions.1.Policy", "accept");
    events.push(answered(draft.resource("ACS::ECS::SecurityGroup", group)));

    let logins = [Login::Flat(false), Login::Absent, Login::Nested(false), Login::FlatText("false")];
    for n in 0..14 {
        let time = at(11, 5, 3, 5, 0) + TimeDelta::seconds(23 * n) + seconds(random, 15);
        let region = REGIONS[n as usize % REGIONS.len()];
        let login = logins[n as usize % logins.len()];
        events.push(ecs::provision(random, time, &root, &ecs::RUN_INSTANCES, region, Image::Linux, login).finish());
    }
    // The Deny policy refuses the RAM user, administrator or not, until it asks for another login user.
    for n in 0..12 {
        let time = at(11, 5, 3, 20, 0) + TimeDelta::seconds(31 * n) + seconds(random, 15);
        let region = REGIONS[n as usize % REGIONS.len()];
        let login = if n < 9 { logins[n as usize % logins.len()] } else { Login::NestedText(true) };
        let draft = ecs::provision(random, time, &support, &ecs::RUN_INSTANCES, region, Image::Linux, login);
        let draft = match n {
            0..=5 => draft.refused("Forbidden.RAM", DENIED_BY_POLICY),
            6..=8 => draft.refused("NoPermission", "You are not authorized to perform this operation: explicit deny."),
            _ => draft,
        };
        events.push(draft.finish());
    }
    let users = [Some("root"), None, Some("System"), Some("root"), Some("ecs-user")];
    for (n, user) in users.into_iter().enumerate() {
        let time = at(11, 5, 3, 40, 0) + TimeDelta::seconds(44 * n as i64);
        events.push(ecs::command(random, time, &root, &ecs::RUN_COMMAND, HOME, user).finish());
    }
    for n in 0..2 {
        let time = at(11, 5, 3, 48, 0) + TimeDelta::seconds(40 * n);
        let draft = ecs::command(random, time, &support, &ecs::INVOKE_COMMAND, HOME, Some("root"));
        events.push(draft.refused("NoPermission", "You are not authorized to perform this operation.").finish());
    }
}

/// Friday: a bucket made public.
fn bucket(events: &mut Vec<Event>, random: &mut Random) {
    let root = with_root_key(SECOND_ADDRESS);
    let bucket = "example-customer-backup";
    for n in 0..9 {
        let time = at(11, 6, 15, 2, 0) + TimeDelta::seconds(61 * n);
        events.push(super::api::ordinary(random, time, &root, HOME, 0).finish());
    }
    let mut draft = call(random, at(11, 6, 15, 20, 33), &root, &PUT_BUCKET_ACL, HOME);
    // OSS writes 24 hexadecimal digits, not a GUID.
    draft.id = random.hex(24).to_ascii_uppercase();
    draft.request_id.clone_from(&draft.id);
    draft.parameters = Some(object! { "bucketName": bucket, "acl": "public-read" });
    draft.source = format!("{bucket}.oss-{HOME}.aliyuncs.com");
    events.push(draft.resource("ACS::OSS::Bucket", bucket).finish());
}

/// Saturday: the trail cannot be deleted by the RAM user, but stopped with the root key.
fn cover_up(events: &mut Vec<Event>, random: &mut Random) {
    let root = with_root_key(SECOND_ADDRESS);
    let draft = call(random, at(11, 7, 16, 31, 2), &with_support_key(), &DELETE_TRAIL, HOME).parameter("Name", "audit");
    events.push(draft.refused("NoPermission", "You are not authorized to perform this operation.").finish());
    let describe = api("Actiontrail", "actiontrail", "2020-07-06", "DescribeTrails", false, None);
    for n in 0..3 {
        let time = at(11, 7, 16, 33, 0) + TimeDelta::seconds(20 * n);
        events.push(call(random, time, &root, &describe, HOME).finish());
    }
    let draft = call(random, trail_stopped(), &root, &STOP_LOGGING, HOME).parameter("Name", "audit");
    events.push(answered(draft.resource("ACS::ActionTrail::Trail", "audit")));
}

/// Sunday: the owner signs in with MFA, takes the key back, and a colleague undoes the rest.
fn response(events: &mut Vec<Event>, random: &mut Random) {
    let owner = Caller::root(ACCOUNT).at(OFFICE, BROWSER);
    let start = at(11, 8, 2, 20, 9);
    let mfa = Some((MfaKey::IsMfaChecked, true));
    events.push(signin::root(random, start, &owner, OWNER_LOGIN, mfa, Signin::Success).finish());
    let session = owner.clone().in_console(start, true);
    let draft = call(random, at(11, 8, 2, 24, 30), &session, &DELETE_KEY, "cn-hangzhou");
    let draft = draft.parameter("UserAccessKeyId", ROOT_KEY);
    events.push(answered(draft.resource("ACS::RAM::AccessKey", ROOT_KEY)));
    // The key is tried once more after that.
    let draft = call(random, at(11, 8, 2, 31, 5), &with_root_key(SECOND_ADDRESS), &GET_CALLER, "cn-hangzhou");
    events.push(draft.refused("InvalidAccessKeyId.NotFound", "Specified access key is not found.").finish());
    events.push(signin::root_signout(random, at(11, 8, 2, 33, 0), &owner).finish());

    let start = at(11, 8, 2, 35, 0);
    let colleague = person(0, start);
    events.push(signin::ram_user(random, start, &colleague, true, Signin::Success).finish());
    let steps: &[(&Api, &str, Json)] = &[
        (&START_LOGGING, "Name", Json::from("audit")),
        (&DETACH_POLICY, "UserName", Json::from(SUPPORT_USER)),
        (&DELETE_USER, "UserName", Json::from(SUPPORT_USER)),
        (&CLOSE_GROUP, "SecurityGroupId", Json::from("sg-EXAMPLE000000000001")),
        (&PUT_BUCKET_ACL, "acl", Json::from("private")),
        (&DELETE_INSTANCES, "Force", Json::from(true)),
    ];
    for (n, (operation, key, value)) in steps.iter().enumerate() {
        let time = trail_restarted() + TimeDelta::minutes(4 * n as i64);
        events.push(answered(call(random, time, &colleague, operation, HOME).parameter(key, value.clone())));
    }
}
