//! The slow, obvious evaluation of the nine first views, to check the fast one against.
//!
//! It looks at raw JSON events one by one and writes each condition of the catalogue down as it stands there. It uses no
//! code of the trailql library, not even to read the files ([`read`]): what is compared must not have a common mistake.

#[cfg(test)]
mod comparison;
#[cfg(test)]
pub mod delivery;
pub mod read;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Root events in one UTC day from which `root_high_frequency` names the day.
pub const HIGH_FREQUENCY: u64 = 100;

/// What should come out.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Records read, stored after de-duplication, and left out as duplicates.
    pub read: u64,
    pub stored: u64,
    pub duplicate: u64,
    /// The event ids that each event-level view returns.
    pub root_console_login: BTreeSet<String>,
    pub root_ak_access: BTreeSet<String>,
    pub root_resource_write: BTreeSet<String>,
    pub root_ecs_write: BTreeSet<String>,
    pub ecs_root_initial_user: BTreeSet<String>,
    pub ecs_root_initial_user_denied: BTreeSet<String>,
    pub ecs_command_as_root: BTreeSet<String>,
    /// Days with many root events.
    pub root_high_frequency: BTreeSet<RootDay>,
    pub summary_root: SummaryRoot,
}

/// One account's root events on one UTC day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RootDay {
    pub account_id: String,
    /// `YYYY-MM-DD`, UTC.
    pub date: String,
    pub events: u64,
}

/// Root events by category, over everything.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SummaryRoot {
    pub events: u64,
    pub logons_success: u64,
    pub logons_failure: u64,
    pub access_key_calls: u64,
    pub resource_writes: u64,
}

impl Expected {
    /// The event-level views by name.
    pub fn event_views(&self) -> [(&'static str, &BTreeSet<String>); 7] {
        [
            ("root_console_login", &self.root_console_login),
            ("root_ak_access", &self.root_ak_access),
            ("root_resource_write", &self.root_resource_write),
            ("root_ecs_write", &self.root_ecs_write),
            ("ecs_root_initial_user", &self.ecs_root_initial_user),
            ("ecs_root_initial_user_denied", &self.ecs_root_initial_user_denied),
            ("ecs_command_as_root", &self.ecs_command_as_root),
        ]
    }
}

/// What the views should say about these records, in whatever order they come and however often.
pub fn evaluate(events: impl Iterator<Item = Value>) -> Expected {
    evaluate_with(events, HIGH_FREQUENCY)
}

/// The same with another threshold for `root_high_frequency`.
pub fn evaluate_with(events: impl Iterator<Item = Value>, high_frequency: u64) -> Expected {
    let mut out = Expected::default();
    let mut seen = BTreeSet::new();
    let mut root_days: BTreeMap<(String, String), u64> = BTreeMap::new();
    for event in events {
        out.read += 1;
        if !seen.insert(identity(&event)) {
            out.duplicate += 1;
            continue;
        }
        out.stored += 1;
        let id = text(&event["eventId"]);
        for (holds, view) in [
            (root_console_login(&event), &mut out.root_console_login),
            (root_ak_access(&event), &mut out.root_ak_access),
            (root_resource_write(&event), &mut out.root_resource_write),
            (root_ecs_write(&event), &mut out.root_ecs_write),
            (ecs_root_initial_user(&event), &mut out.ecs_root_initial_user),
            (ecs_root_initial_user_denied(&event), &mut out.ecs_root_initial_user_denied),
            (ecs_command_as_root(&event), &mut out.ecs_command_as_root),
        ] {
            if holds {
                view.insert(id.clone());
            }
        }
        if is_root(&event) {
            let date = text(&event["eventTime"]).chars().take(10).collect();
            *root_days.entry((account(&event), date)).or_default() += 1;
            let summary = &mut out.summary_root;
            summary.events += 1;
            summary.logons_success += u64::from(root_console_login(&event) && !login_fail(&event));
            summary.logons_failure += u64::from(root_console_login(&event) && login_fail(&event));
            summary.access_key_calls += u64::from(root_ak_access(&event));
            summary.resource_writes += u64::from(root_resource_write(&event));
        }
    }
    let frequent = root_days.into_iter().filter(|(_, events)| *events >= high_frequency);
    out.root_high_frequency =
        frequent.map(|((account_id, date), events)| RootDay { account_id, date, events }).collect();
    out
}

/// What makes two records the same event: the event id, and with it what tells masked ids apart.
fn identity(event: &Value) -> [String; 5] {
    [
        text(&event["eventId"]),
        text(&event["requestId"]),
        text(&event["eventName"]),
        text(&event["eventTime"]),
        account(event),
    ]
}

// ---- the views ----

/// event='ConsoleSignin' AND idtype='root-account'
pub fn root_console_login(event: &Value) -> bool {
    name(event) == "ConsoleSignin" && is_root(event)
}

/// idtype='root-account' AND ak IS NOT NULL AND ak NOT IN ('','NULL')
pub fn root_ak_access(event: &Value) -> bool {
    let ak = &event["userIdentity"]["accessKeyId"];
    is_root(event) && !ak.is_null() && !["", "NULL"].contains(&text(ak).as_str())
}

/// idtype='root-account' AND eventRW='Write' AND event NOT IN ('ConsoleSignin','ConsoleSignout') AND ok
pub fn root_resource_write(event: &Value) -> bool {
    is_root(event)
        && event["eventRW"] == "Write"
        && !["ConsoleSignin", "ConsoleSignout"].contains(&name(event).as_str())
        && ok(event)
}

/// root_resource_write AND svc='ecs'
pub fn root_ecs_write(event: &Value) -> bool {
    root_resource_write(event) && service(event) == "ecs"
}

/// The operations that decide who the first login user is.
const INITIAL_USER_EVENTS: &[&str] = &[
    "RunInstances",
    "CreateInstance",
    "CreateInstances",
    "CreateOrder",
    "ReplaceSystemDisk",
    "AttachDisk",
    "ReInitDisk",
];

/// svc='ecs' AND ok AND event IN (...) AND coalesce(rp('ImageOptions.LoginAsNonRoot'), rp('LoginAsNonRoot'), 'false')
/// <> 'true' AND NOT windows_hint; AttachDisk only when rp(Bootable)='true'
pub fn ecs_root_initial_user(event: &Value) -> bool {
    let rp = &event["requestParameters"];
    let login_as_non_root = param(rp, "ImageOptions.LoginAsNonRoot").or_else(|| param(rp, "LoginAsNonRoot"));
    let login_as_non_root = login_as_non_root.unwrap_or_else(|| "false".to_owned()).to_lowercase();
    let boots = param(rp, "Bootable").is_some_and(|value| value.to_lowercase() == "true");
    service(event) == "ecs"
        && ok(event)
        && INITIAL_USER_EVENTS.contains(&name(event).as_str())
        && login_as_non_root != "true"
        && !windows_hint(rp)
        && (name(event) != "AttachDisk" || boots)
}

/// ecs_root_initial_user event set plus 'InvokeCommand' AND denied: the operations only, not what they asked for.
pub fn ecs_root_initial_user_denied(event: &Value) -> bool {
    let in_set = INITIAL_USER_EVENTS.contains(&name(event).as_str()) || name(event) == "InvokeCommand";
    service(event) == "ecs" && in_set && denied(event)
}

/// event IN ('RunCommand','InvokeCommand') AND coalesce(rp(Username),'root') IN ('root','System','') AND ok
pub fn ecs_command_as_root(event: &Value) -> bool {
    let user = param(&event["requestParameters"], "Username").unwrap_or_else(|| "root".to_owned());
    ["RunCommand", "InvokeCommand"].contains(&name(event).as_str())
        && ["root", "System", ""].contains(&user.as_str())
        && ok(event)
}

// ---- the terms ----

fn is_root(event: &Value) -> bool {
    event["userIdentity"]["type"] == "root-account"
}

fn name(event: &Value) -> String {
    text(&event["eventName"])
}

/// lower(serviceName)
fn service(event: &Value) -> String {
    text(&event["serviceName"]).to_lowercase()
}

/// The account: of the identity, else the one that received the event.
fn account(event: &Value) -> String {
    let own = text(&event["userIdentity"]["accountId"]);
    if own.is_empty() { text(&event["recipientAccountId"]) } else { own }
}

/// errorCode missing, null, "" or the word NULL
fn ok(event: &Value) -> bool {
    is_empty(&event["errorCode"])
}

/// ConsoleSignin and (errorCode not empty or (errorMessage not empty and errorMessage <> 'success'))
fn login_fail(event: &Value) -> bool {
    let says_failure = !is_empty(&event["errorMessage"]) && event["errorMessage"] != "success";
    name(event) == "ConsoleSignin" && (!is_empty(&event["errorCode"]) || says_failure)
}

/// errorCode matches ^(NoPermission|Forbidden|...)(\..*)?$
fn denied(event: &Value) -> bool {
    let code = text(&event["errorCode"]);
    let first = code.split('.').next().unwrap_or_default();
    ["NoPermission", "Forbidden", "Forbbiden", "AccessDenied", "AccessForbidden", "NotAuthorized", "Unauthorized"]
        .contains(&first)
}

/// The image is one of Windows, which has no root.
fn windows_hint(rp: &Value) -> bool {
    let lower = |key: &str| param(rp, key).unwrap_or_default().to_lowercase();
    lower("ImageId").starts_with("win")
        || lower("ImageId").contains("windows")
        || lower("ImageFamily").contains("windows")
        || lower("OSType") == "windows"
        || lower("OsType") == "windows"
}

/// Null, missing, "" and the word NULL all mean that nothing is said.
fn is_empty(value: &Value) -> bool {
    let text = text(value);
    text.is_empty() || text.eq_ignore_ascii_case("null")
}

/// A value as text: a string as it is, null and missing as "", everything else as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A request parameter as text: the flat key `A.B`, else `A` and in it `B`; first as written, then without case.
/// Objects may be JSON in a string. `None` when there is no such parameter or it is null.
pub fn param(rp: &Value, key: &str) -> Option<String> {
    let exact = |key: &str, wanted: &str| key == wanted;
    let without_case = |key: &str, wanted: &str| key.to_lowercase() == wanted.to_lowercase();
    let found = find(rp, key, &exact).or_else(|| find(rp, key, &without_case))?;
    (!found.is_null()).then(|| text(&found))
}

fn find(value: &Value, key: &str, same: &dyn Fn(&str, &str) -> bool) -> Option<Value> {
    let object = match value {
        Value::Object(members) => members.clone(),
        Value::String(text) => serde_json::from_str(text).ok()?,
        _ => return None,
    };
    if let Some((_, found)) = object.iter().find(|(known, _)| same(known, key)) {
        return Some(found.clone());
    }
    let (outer, inner) = key.split_once('.')?;
    let (_, nested) = object.iter().find(|(known, _)| same(known, outer))?;
    find(nested, inner, same)
}

/// Checks the answers of something faster against this evaluation.
///
/// `answer` gives the event ids that a view returns; the caller makes it, so this module stays free of the library.
pub fn compare(expected: &Expected, answer: &mut dyn FnMut(&str) -> BTreeSet<String>) {
    for (view, ids) in expected.event_views() {
        let got = answer(view);
        let missing: Vec<_> = ids.difference(&got).take(5).collect();
        let extra: Vec<_> = got.difference(ids).take(5).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "view `{view}`: {} expected, {} returned; missing {missing:?}, not expected {extra:?}",
            ids.len(),
            got.len(),
        );
    }
}
