//! The file that says which findings are known and need no attention.
//!
//! ```toml
//! [[suppress]]
//! view = "root_console_login"            # a view, or a list of them
//! principal = ["alice", "bob"]           # by exact value
//! account = "1000000000000001"
//! address = ["203.0.113.0/24"]           # addresses or networks
//! resource = "i-bp1example"              # one of the resources of the finding
//! until = 2026-12-31                     # the last day on which it holds, or an instant
//! reason = "Emergency drill, ticket 4711"
//! ```
//!
//! All members that are there must match. A finding is known by the first entry that matches it. `reason` and one
//! other member are required. An unknown member is an error, since without it an entry would hide too much.

use super::finding::Finding;
use crate::event::time::{Edge, TimeBound, Zone, parse_time_bound};
use chrono::{DateTime, Utc};
use ipnet::IpNet;
use serde::Deserialize;
use std::net::IpAddr;

/// The most entries of a file.
const MAX_ENTRIES: usize = 10_000;

/// A file of suppressions that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the suppressions `{file}`{}: {reason}", place(*line))]
pub struct SuppressError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: Option<usize>,
    /// The cause.
    pub reason: String,
}

fn place(line: Option<usize>) -> String {
    line.map(|line| format!(", line {line}")).unwrap_or_default()
}

/// One value, or a list of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
}

impl Values {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(value) => vec![value],
            Self::Many(values) => values,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    suppress: Vec<toml::Spanned<Item>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    view: Option<Values>,
    principal: Option<Values>,
    account: Option<Values>,
    address: Option<Values>,
    resource: Option<Values>,
    until: Option<toml::Value>,
    reason: String,
}

/// A suppression.
#[derive(Debug, Clone, PartialEq)]
pub struct Suppression {
    /// Line of the file that it begins in.
    pub line: usize,
    /// Reason.
    pub reason: String,
    /// End, left out; `None` for one that holds for good.
    pub until: Option<DateTime<Utc>>,
    views: Vec<String>,
    principals: Vec<String>,
    accounts: Vec<String>,
    networks: Vec<IpNet>,
    resources: Vec<String>,
    matched: u64,
}

/// The suppressions of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Suppressions {
    entries: Vec<Suppression>,
    now: DateTime<Utc>,
}

impl Suppressions {
    /// Returns `true` if nothing is suppressed.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Reads the text of a file. Dates are days of the zone, and what ended before `now` holds no longer.
    pub fn parse(file: &str, text: &str, tz: Zone, now: DateTime<Utc>) -> Result<Self, SuppressError> {
        let line_of = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let fault = |line, reason: String| SuppressError { file: file.to_owned(), line, reason };
        let parsed: File = toml::from_str(text).map_err(|error| {
            let reason = error.message().lines().next().unwrap_or_default().to_owned();
            fault(error.span().map(|span| line_of(span.start)), reason)
        })?;
        if parsed.suppress.len() > MAX_ENTRIES {
            return Err(fault(None, format!("it has more than {MAX_ENTRIES} entries")));
        }
        let entries = parsed.suppress.into_iter().map(|item| {
            let line = line_of(item.span().start);
            entry(item.into_inner(), line, tz).map_err(|reason| fault(Some(line), reason))
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()?, now })
    }

    /// Returns the reason why a finding is known, and notes which entry said so.
    pub fn reason(&mut self, finding: &Finding) -> Option<String> {
        let now = self.now;
        let entry = self.entries.iter_mut().find(|entry| !entry.is_over(now) && entry.matches(finding))?;
        entry.matched += 1;
        Some(entry.reason.clone())
    }

    /// Returns the entries that hold no longer.
    pub fn expired(&self) -> impl Iterator<Item = &Suppression> {
        self.entries.iter().filter(|entry| entry.is_over(self.now))
    }

    /// Returns the entries that hold and that no finding matched.
    pub fn unused(&self) -> impl Iterator<Item = &Suppression> {
        self.entries.iter().filter(|entry| entry.matched == 0 && !entry.is_over(self.now))
    }

    /// Returns the views that the entries name.
    pub fn views(&self) -> impl Iterator<Item = (usize, &str)> {
        self.entries.iter().flat_map(|entry| entry.views.iter().map(|view| (entry.line, view.as_str())))
    }
}

impl Suppression {
    fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    fn matches(&self, finding: &Finding) -> bool {
        let is_one_of = |values: &[String], found: Option<&String>| {
            values.is_empty() || found.is_some_and(|found| values.contains(found))
        };
        is_one_of(&self.views, Some(&finding.rule.view))
            && is_one_of(&self.principals, finding.principal.as_ref())
            && is_one_of(&self.accounts, finding.account_id.as_ref())
            && (self.networks.is_empty() || self.has_address(finding))
            && (self.resources.is_empty() || self.has_resource(finding))
    }

    fn has_address(&self, finding: &Finding) -> bool {
        let address = finding.source_ip_address.as_ref().and_then(|text| text.trim().parse::<IpAddr>().ok());
        address.is_some_and(|address| self.networks.iter().any(|network| network.contains(&address.to_canonical())))
    }

    fn has_resource(&self, finding: &Finding) -> bool {
        let Some(names) = &finding.resource_name else { return false };
        self.resources.contains(names)
            || names.split([';', ',']).any(|name| self.resources.iter().any(|r| r == name.trim()))
    }
}

fn entry(item: Item, line: usize, tz: Zone) -> Result<Suppression, String> {
    let values = |values: Option<Values>| values.map(Values::into_vec).unwrap_or_default();
    let networks: Vec<String> = values(item.address);
    let network = |text: &String| {
        let address = || text.trim().parse::<IpAddr>().ok().map(IpNet::from);
        text.trim()
            .parse::<IpNet>()
            .ok()
            .or_else(address)
            .ok_or_else(|| format!("not an address or a network: `{text}`"))
    };
    let entry = Suppression {
        line,
        reason: item.reason,
        until: item.until.map(|until| end(&until, tz)).transpose()?,
        views: values(item.view),
        principals: values(item.principal),
        accounts: values(item.account),
        networks: networks.iter().map(network).collect::<Result<_, _>>()?,
        resources: values(item.resource),
        matched: 0,
    };
    if entry.reason.trim().is_empty() {
        return Err("the reason is empty".to_owned());
    }
    let lists = [&entry.views, &entry.principals, &entry.accounts, &entry.resources];
    if lists.iter().all(|list| list.is_empty()) && entry.networks.is_empty() {
        return Err("it would suppress every finding: name a view, principal, account, address or resource".to_owned());
    }
    Ok(entry)
}

/// Reads the end of a suppression; a date means the whole day.
fn end(value: &toml::Value, tz: Zone) -> Result<DateTime<Utc>, String> {
    let text = match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Datetime(time) => time.to_string(),
        other => return Err(format!("`until` is a date or a time, not: {}", other.type_str())),
    };
    match parse_time_bound(&text, tz, Edge::Until) {
        Ok(TimeBound::At(time)) => Ok(time),
        _ => Err(format!("`until` is a date or a time, such as 2026-12-31: `{text}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::tests::{finding, rule};
    use super::*;
    use crate::event::severity::Severity;
    use serde_json::json;

    fn parse(text: &str) -> Result<Suppressions, SuppressError> {
        Suppressions::parse("known.toml", text, Zone::UTC, "2026-11-09T08:00:00Z".parse().unwrap())
    }

    #[test]
    fn findings_are_known_by_all_members_of_an_entry() {
        let rule = rule("v", Severity::High);
        let row = json!({"principal": "alice", "account_id": "1", "source_ip_address": "203.0.113.77",
            "resource_name": "i-1,i-2;d-1", "event_id": "e"});
        let alice = finding(&rule, row);
        for (entry, is_known) in [
            ("view = \"v\"", true),
            ("view = [\"w\", \"v\"]", true),
            ("view = \"w\"", false),
            ("principal = \"alice\"", true),
            ("principal = \"Alice\"", false),
            ("principal = \"ali\"", false),
            ("account = [\"1\"]", true),
            ("account = \"2\"", false),
            ("address = \"203.0.113.77\"", true),
            ("address = [\"10.0.0.0/8\", \"203.0.113.0/24\"]", true),
            ("address = \"203.0.114.0/24\"", false),
            ("resource = \"i-2\"", true),
            ("resource = \"d-1\"", true),
            ("resource = \"i-1,i-2;d-1\"", true),
            ("resource = \"i-\"", false),
            ("view = \"v\"\nprincipal = \"bob\"", false),
            ("view = \"v\"\nprincipal = \"alice\"\naddress = \"203.0.113.0/24\"", true),
            ("view = \"v\"\nuntil = 2026-11-09", true),
            ("view = \"v\"\nuntil = 2026-11-08", false),
            ("view = \"v\"\nuntil = \"2026-11-09\"", true),
            ("view = \"v\"\nuntil = 2026-11-09T08:00:00Z", false),
            ("view = \"v\"\nuntil = 2026-11-09T08:00:01Z", true),
        ] {
            let mut known = parse(&format!("[[suppress]]\n{entry}\nreason = \"r\"")).unwrap();
            assert_eq!(known.reason(&alice).is_some(), is_known, "{entry}");
            let over = entry.contains("2026-11-08") || entry.contains("08:00:00Z");
            assert_eq!(
                (known.unused().count(), known.expired().count()),
                (usize::from(!is_known && !over), usize::from(over))
            );
        }
        let mut nowhere = parse("[[suppress]]\naddress = \"0.0.0.0/0\"\nresource = \"r\"\nreason = \"r\"").unwrap();
        assert_eq!(nowhere.reason(&finding(&rule, json!({"source_ip_address": "Internal"}))), None);
    }

    #[test]
    fn wrong_files_are_errors_with_their_line() {
        for (text, line, reason) in [
            ("[[suppress]]\nview = \"v\"", Some(1), "missing field `reason`"),
            ("[[suppress]]\nview = \"v\"\nreason = \" \"", Some(1), "the reason is empty"),
            (
                "\n[[suppress]]\nreason = \"r\"",
                Some(2),
                "it would suppress every finding: name a view, principal, account, address or resource",
            ),
            ("[[suppress]]\nveiw = \"v\"\nreason = \"r\"", Some(2), "unknown field `veiw`"),
            ("[[supress]]\nreason = \"r\"", Some(1), "unknown field `supress`"),
            ("[[suppress]]\naddress = \"home\"\nreason = \"r\"", Some(1), "not an address or a network: `home`"),
            (
                "[[suppress]]\nview = \"v\"\nuntil = \"soon\"\nreason = \"r\"",
                Some(1),
                "`until` is a date or a time, such as 2026-12-31: `soon`",
            ),
            (
                "[[suppress]]\nview = \"v\"\nuntil = 7\nreason = \"r\"",
                Some(1),
                "`until` is a date or a time, not: integer",
            ),
            ("[[suppress", Some(1), "unclosed array table"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.reason.starts_with(reason), "{text}: {error}");
        }
        assert_eq!(
            parse("").unwrap(),
            Suppressions { now: "2026-11-09T08:00:00Z".parse().unwrap(), ..Suppressions::default() }
        );
    }
}
