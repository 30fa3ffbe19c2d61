//! The week 2026-W44 (26 to 30 October): planned work on keys, a database, a firewall and a cluster.
//!
//! Nobody does harm here, and views of these services have something to show: a key that was scheduled for deletion and
//! kept, a whitelist that stood open for forty minutes, a firewall that was off for half an hour.

use super::api::{Api, api, call};
use super::event::{Draft, Event};
use super::identity::Caller;
use super::json::object;
use super::random::Random;
use super::story::{HOME, at, person};

const SEED: u64 = 20_261_026;

const CREATE_KEY: Api = api("Kms", "kms", "2016-01-20", "CreateKey", true, None);
const SCHEDULE_DELETION: Api = api("Kms", "kms", "2016-01-20", "ScheduleKeyDeletion", true, None);
const CANCEL_DELETION: Api = api("Kms", "kms", "2016-01-20", "CancelKeyDeletion", true, None);
const SET_WHITELIST: Api = api("Rds", "rds", "2014-08-15", "ModifySecurityIps", true, None);
const FIREWALL_OFF: Api = api("Cloudfw", "cloudfw", "2017-12-07", "PutDisableFwSwitch", true, None);
const FIREWALL_ON: Api = api("Cloudfw", "cloudfw", "2017-12-07", "PutEnableFwSwitch", true, None);
const KUBECONFIG: Api = api("Cs", "cs", "2015-12-15", "DescribeClusterUserKubeconfig", false, None);
const RULES_OFF: Api = api("Cms", "cms", "2019-01-01", "DisableMetricRules", true, None);
const RULES_ON: Api = api("Cms", "cms", "2019-01-01", "EnableMetricRules", true, None);

/// The key that is replaced, and the one that replaces it.
const OLD_KEY: &str = "key-EXAMPLE000000000041";
const NEW_KEY: &str = "key-EXAMPLE000000000042";
const DATABASE: &str = "rm-EXAMPLE000000000007";
const FIREWALLED: &str = "198.51.100.80";
const CLUSTER: &str = "cEXAMPLE00000000000000000000000001";

/// Adds the events of the week.
pub fn events(events: &mut Vec<Event>) {
    let random = &mut Random::of(SEED, 1);
    let [aoki, sato, chen, tanaka] = [
        in_console(0, at(10, 27, 1, 40, 0), "kms.console.aliyun.com"),
        in_console(1, at(10, 28, 2, 0, 0), "rdsnext.console.aliyun.com"),
        in_console(2, at(10, 29, 5, 10, 0), "yundun.console.aliyun.com"),
        in_console(3, at(10, 30, 6, 0, 0), "cloudmonitor.console.aliyun.com"),
    ];

    let mut draft = call(random, at(10, 27, 1, 52, 8), &aoki, &CREATE_KEY, HOME).parameter("Origin", "Aliyun_KMS");
    draft.response = Some(object! {
        "RequestId": &draft.request_id,
        "KeyMetadata": object! { "KeyId": NEW_KEY, "KeyState": "Enabled" },
    });
    events.push(draft.resource("ACS::KMS::Key", NEW_KEY).finish());
    let draft =
        call(random, at(10, 27, 2, 4, 31), &aoki, &SCHEDULE_DELETION, HOME).parameter("PendingWindowInDays", 30);
    events.push(answered(draft.parameter("KeyId", OLD_KEY).resource("ACS::KMS::Key", OLD_KEY)));
    // A snapshot was still encrypted with it.
    let draft = call(random, at(10, 28, 0, 37, 50), &aoki, &CANCEL_DELETION, HOME).parameter("KeyId", OLD_KEY);
    events.push(answered(draft.resource("ACS::KMS::Key", OLD_KEY)));

    for (time, addresses) in [(at(10, 28, 2, 11, 5), "0.0.0.0/0"), (at(10, 28, 2, 51, 40), "10.0.0.0/8,192.0.2.0/24")] {
        let draft = call(random, time, &sato, &SET_WHITELIST, HOME).parameter("DBInstanceId", DATABASE);
        let draft = draft.parameter("SecurityIps", addresses).parameter("ModifyMode", "Cover");
        events.push(answered(draft.resource("ACS::RDS::DBInstance", DATABASE)));
    }

    for (time, operation) in [(at(10, 29, 5, 20, 12), &FIREWALL_OFF), (at(10, 29, 5, 51, 33), &FIREWALL_ON)] {
        let draft = call(random, time, &chen, operation, HOME).parameter("IpaddrList.1", FIREWALLED);
        events.push(answered(draft));
    }
    let draft = call(random, at(10, 29, 6, 2, 45), &chen, &KUBECONFIG, HOME).parameter("ClusterId", CLUSTER);
    events.push(draft.resource("ACS::CS::Cluster", CLUSTER).finish());

    for (time, operation) in [(at(10, 30, 6, 8, 19), &RULES_OFF), (at(10, 30, 8, 15, 2), &RULES_ON)] {
        let draft = call(random, time, &tanaka, operation, HOME).parameter("RuleId.1", "cpu-web-front");
        events.push(answered(draft));
    }
}

/// A person in the console of a service.
fn in_console(n: usize, since: chrono::DateTime<chrono::Utc>, console: &str) -> Caller {
    let mut caller = person(n, since);
    caller.agent = Some(console.to_owned());
    caller
}

fn answered(mut draft: Draft) -> Event {
    draft.response = Some(object! { "RequestId": &draft.request_id });
    draft.finish()
}
