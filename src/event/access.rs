//! Tells whether a call read or changed something where its event does not say so.
//!
//! `eventRW` is missing from every event before 2020-12-16, and from many later ones. Not said is not read: a report
//! that takes such a `DeleteInstance` for a read hides a change. What is known of the API stands in its place.
//!
//! The verb of a name tells for most APIs. Those whose verb misleads or says nothing are listed in `access.tsv`, which
//! is reduced from the access levels that the OpenAPI metadata give. Where the metadata call a read what plainly
//! changes something (`DeleteDataSource`), the verb counts. Where neither says, nobody knows, and the answer is
//! `None`.

use super::ids::is_absent_word;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The access of a call: it reads, or it changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// It reads.
    Read,
    /// It changes something.
    Write,
}

impl Access {
    /// Returns the access in the word that `eventRW` has for it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Write => "Write",
        }
    }

    /// Reads the value of `eventRW`, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        [Self::Read, Self::Write].into_iter().find(|access| text.eq_ignore_ascii_case(access.text()))
    }
}

/// Returns the access of an event: what it says itself, else that of its API.
pub fn of_event(event_rw: Option<&str>, service: Option<&str>, event_name: Option<&str>) -> Option<Access> {
    let said = event_rw.filter(|text| !is_absent_word(text)).and_then(Access::parse);
    said.or_else(|| access(service.unwrap_or_default(), event_name?))
}

/// Returns the access of an API of a service, in whatever case they are written; `None` where it is not known.
pub fn access(service: &str, api: &str) -> Option<Access> {
    let (service, api) = (service.trim().to_ascii_lowercase(), api.trim());
    let product = ALIASES.iter().find(|(alias, _)| *alias == service).map_or(service.as_str(), |(_, product)| product);
    let listed = LISTED.get(product).and_then(|apis| apis.get(api.to_ascii_lowercase().as_str()));
    listed.copied().or_else(|| of_verb(api))
}

/// Names of services in events, beside the product codes of the metadata.
const ALIASES: [(&str, &str); 9] = [
    ("aas", "aascustomer"),
    ("aassub", "aascustomer"),
    ("customer", "aascustomer"),
    ("apigateway", "cloudapi"),
    ("cen", "cbn"),
    ("hdm", "das"),
    ("log", "sls"),
    ("redis", "r-kvstore"),
    ("waf", "waf-openapi"),
];

const TABLE: &str = include_str!("access.tsv");

/// The rows of the table: product, access and names.
fn rows() -> impl Iterator<Item = (&'static str, Access, &'static str)> {
    let row = |line: &'static str| {
        let mut parts = line.split('\t');
        Some((parts.next()?, Access::parse(parts.next()?)?, parts.next()?))
    };
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(row)
}

static LISTED: LazyLock<HashMap<&'static str, HashMap<&'static str, Access>>> = LazyLock::new(|| {
    let mut listed: HashMap<_, HashMap<_, _>> = HashMap::new();
    for (product, access, names) in rows() {
        listed.entry(product).or_default().extend(names.split(' ').map(|name| (name, access)));
    }
    listed
});

/// Returns the access that the verb of a name tells. `BatchDelete…` has the verb `Delete`.
fn of_verb(api: &str) -> Option<Access> {
    let (mut verb, rest) = first_word(api);
    if verb.eq_ignore_ascii_case("batch") && !rest.is_empty() {
        verb = first_word(rest).0;
    }
    let verb = verb.to_ascii_lowercase();
    if READING.contains(&verb.as_str()) {
        Some(Access::Read)
    } else if CHANGING.contains(&verb.as_str()) {
        Some(Access::Write)
    } else {
        None
    }
}

/// Splits the first word off a name: a letter, and the small letters and digits behind it.
fn first_word(name: &str) -> (&str, &str) {
    let mut chars = name.char_indices();
    let first = chars.next().map_or(0, |(_, c)| if c.is_ascii_alphabetic() { c.len_utf8() } else { 0 });
    let rest = name[first..].find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
    name.split_at(rest.map_or(name.len(), |at| first + at))
}

const READING: [&str; 26] = [
    "check", "compare", "count", "describe", "diagnose", "download", "estimate", "exists", "fetch", "find", "get",
    "has", "head", "inquiry", "is", "list", "look", "lookup", "preview", "query", "read", "scroll", "search", "select",
    "show", "view",
];

const CHANGING: [&str; 178] = [
    "abandon",
    "abort",
    "accept",
    "activate",
    "active",
    "add",
    "allocate",
    "allot",
    "alter",
    "append",
    "apply",
    "approve",
    "assign",
    "associate",
    "assume",
    "attach",
    "authorize",
    "backup",
    "bind",
    "block",
    "buy",
    "cancel",
    "change",
    "claim",
    "clear",
    "clone",
    "close",
    "commit",
    "complete",
    "config",
    "configure",
    "confirm",
    "connect",
    "convert",
    "copy",
    "create",
    "cut",
    "deactivate",
    "decrease",
    "delete",
    "deploy",
    "deregister",
    "destroy",
    "detach",
    "disable",
    "disassociate",
    "disconnect",
    "dissociate",
    "downgrade",
    "drop",
    "edit",
    "enable",
    "erase",
    "execute",
    "expand",
    "extend",
    "fail",
    "failover",
    "finish",
    "flush",
    "forbid",
    "force",
    "freeze",
    "grant",
    "handle",
    "hibernate",
    "ignore",
    "import",
    "increase",
    "init",
    "initialize",
    "insert",
    "install",
    "invoke",
    "isolate",
    "join",
    "kill",
    "leave",
    "link",
    "lock",
    "manage",
    "mark",
    "merge",
    "migrate",
    "modify",
    "mount",
    "move",
    "offline",
    "online",
    "open",
    "operate",
    "pause",
    "post",
    "promote",
    "publish",
    "purchase",
    "purge",
    "push",
    "put",
    "quit",
    "reactivate",
    "reboot",
    "rebuild",
    "recharge",
    "recover",
    "redeploy",
    "redo",
    "refresh",
    "refund",
    "register",
    "reimage",
    "reject",
    "release",
    "remove",
    "rename",
    "renew",
    "repair",
    "replace",
    "replicate",
    "rerun",
    "reset",
    "resize",
    "restart",
    "restore",
    "resume",
    "retry",
    "return",
    "revoke",
    "rollback",
    "rotate",
    "run",
    "save",
    "scale",
    "send",
    "set",
    "setup",
    "share",
    "shrink",
    "skip",
    "split",
    "start",
    "stop",
    "submit",
    "subscribe",
    "suspend",
    "swap",
    "switch",
    "sync",
    "tag",
    "terminate",
    "transfer",
    "transform",
    "trigger",
    "truncate",
    "unassign",
    "unassociate",
    "unbind",
    "unblock",
    "undeploy",
    "unfreeze",
    "uninstall",
    "unlink",
    "unlock",
    "unmark",
    "unmount",
    "unpublish",
    "unregister",
    "unset",
    "unshare",
    "unsubscribe",
    "untag",
    "update",
    "upgrade",
    "upload",
    "upsert",
    "wakeup",
    "withdraw",
    "write",
];

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn access_of_apis() {
        use Access::{Read, Write};
        for (service, api, expected) in [
            ("Ecs", "DeleteInstance", Some(Write)),
            ("ECS", "deleteinstance", None),
            ("", "DeleteInstance", Some(Write)),
            ("Ecs", "DescribeInstances", Some(Read)),
            ("Actiontrail", "LookUpEvents", Some(Read)),
            ("Actiontrail", "LookupEvents", Some(Read)),
            ("Oss", "HeadObject", Some(Read)),
            ("Oss", "PutBucketAcl", Some(Write)),
            ("Iot", "BatchAddThingTopo", Some(Write)),
            ("Iot", "BatchGetEdgeDriver", Some(Read)),
            // The verb misleads.
            ("gpdb", "QueryContent", Some(Write)),
            ("Ons", "OnsConsumerAccumulate", Some(Read)),
            // The metadata mislead: get.
            ("cdn", "DeleteRealTimeLogLogstore", Some(Write)),
            ("AasSub", "MFAUnbind", Some(Write)),
            ("Customer", "PasswordReset", Some(Write)),
            // Phrases of purchases.
            ("Ecs", "Create", Some(Write)),
            ("Ecs", "Renew", Some(Write)),
            ("AasCustomer", "ConsoleSignin", None),
            ("Ecs", "Frobnicate", None),
            ("Ecs", "", None),
            ("Ecs", "删除", None),
            ("Ecs", "Ü", None),
        ] {
            // Without capitals a name has one word only.
            assert_eq!(access(service, api), expected, "{service} {api}");
        }
    }

    #[test]
    fn what_the_event_says_comes_first() {
        use Access::{Read, Write};
        for (rw, name, expected) in [
            (Some("Read"), Some("DeleteInstance"), Some(Read)),
            (Some("write"), Some("DescribeInstances"), Some(Write)),
            (Some("NULL"), Some("DeleteInstance"), Some(Write)),
            (Some("both"), Some("DeleteInstance"), Some(Write)),
            (None, Some("DescribeInstances"), Some(Read)),
            (None, Some("Frobnicate"), None),
            (None, None, None),
        ] {
            assert_eq!(of_event(rw, Some("Ecs"), name), expected, "{rw:?} {name:?}");
        }
    }

    #[test]
    fn the_table_lists_what_verbs_do_not_tell() {
        let digest: String = Sha256::digest(TABLE).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            digest, "113aef4b794b1af986443d40f6129c74419d76b5a276235a2c88e24da5df5c7d",
            "give the table that was made"
        );
        let mut names = 0;
        for (line, (product, access, listed)) in rows().enumerate() {
            assert_eq!(product, product.to_ascii_lowercase(), "row {line}");
            for name in listed.split(' ') {
                names += 1;
                assert_eq!(LISTED[product][name], access, "{product} {name} is listed twice");
                assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{name}");
            }
        }
        assert_eq!((names, LISTED.values().map(HashMap::len).sum::<usize>()), (838, 838));
        assert!(READING.is_sorted() && CHANGING.is_sorted());
        assert!(READING.iter().all(|verb| !CHANGING.contains(verb)));
        let known = |product: &str| LISTED.contains_key(product);
        assert!(ALIASES.iter().all(|(_, product)| known(product)), "an alias of nothing");
    }
}
