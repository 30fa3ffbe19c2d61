//! The answer of the report in one sentence: whether root was used, how, and whether somebody must act.

use schemars::JsonSchema;
use serde::Serialize;

use super::model::{AccountUse, Address, Coverage, Finding, KeyFigures, Listed, Severity, Usage};

/// The most addresses that the verdict names.
const NAMED_ADDRESSES: usize = 3;

/// The answer of the report.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Verdict {
    /// The use of root.
    #[serde(rename = "use")]
    pub root: Use,
    /// The urgency.
    pub action: Action,
    /// Number of findings of high and critical severity.
    pub grave: u64,
    /// Number of accounts in which root was used.
    pub accounts_used: u64,
    /// Number of accounts that the data know.
    pub accounts: u64,
    /// The data lack something: days, accounts, records or events of a stopped trail.
    pub incomplete: bool,
}

/// The use of root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Use {
    /// There is no event: nothing can be said.
    NoData,
    /// Root was not used, as far as the data tell.
    NotUsed,
    /// Somebody tried to log on and failed; root was not used otherwise.
    OnlyFailedLogons {
        /// Failed logons.
        logons: u64,
    },
    /// Root was used.
    Used {
        /// Logons that succeeded.
        logons: u64,
        /// AccessKey calls.
        access_key_calls: u64,
        /// Changes made.
        changes: u64,
        /// Root events.
        events: u64,
        /// The addresses of root, most events first. Events name no person, so these are what is known of who it was.
        addresses: Listed<Address>,
        /// Of the addresses, how many lie outside of every known network; `None` where no network is known.
        outside: Option<u64>,
    },
}

/// The urgency: whether somebody must act, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing is to be done.
    Nothing,
    /// Something is to be explained, in the course of the week.
    Review,
    /// The data do not tell enough: what is missing is to be delivered.
    Deliver,
    /// Somebody must act today.
    Today,
}

impl Verdict {
    /// Draws the verdict from what the report holds.
    pub fn of(total: &Usage, accounts: &Listed<AccountUse>, findings: &[Finding], coverage: &Coverage) -> Self {
        let grave = findings.iter().filter(|finding| finding.severity >= Severity::High).count() as u64;
        let incomplete = !coverage.is_complete()
            || findings.iter().any(|finding| finding.fact.is_of_coverage() && finding.severity >= Severity::Medium);
        let gravest = findings.iter().map(|finding| finding.severity).max();
        let root = root_use(&total.figures, total);
        let action = match gravest {
            Some(Severity::Critical | Severity::High) => Action::Today,
            _ if root == Use::NoData => Action::Deliver,
            _ if incomplete && matches!(root, Use::NotUsed | Use::OnlyFailedLogons { .. }) => Action::Deliver,
            Some(Severity::Medium) => Action::Review,
            _ => Action::Nothing,
        };
        Self {
            root,
            action,
            grave,
            accounts_used: accounts.items.iter().filter(|one| one.usage.figures.root_events > 0).count() as u64,
            accounts: accounts.total,
            incomplete,
        }
    }
}

fn root_use(figures: &KeyFigures, total: &Usage) -> Use {
    if figures.events == 0 {
        return Use::NoData;
    }
    if figures.root_events == 0 {
        return Use::NotUsed;
    }
    if figures.root_events == figures.logons_failed {
        return Use::OnlyFailedLogons { logons: figures.logons_failed };
    }
    let addresses = &total.addresses;
    let named = addresses.items.iter().filter_map(|counted| counted.address.clone());
    let known = named.clone().any(|address| address.network.is_some() || address.outside);
    Use::Used {
        logons: figures.logons_succeeded,
        access_key_calls: figures.access_key_calls,
        changes: figures.changes,
        events: figures.root_events,
        outside: known.then(|| named.clone().filter(|address| address.outside).count() as u64),
        addresses: Listed { total: addresses.total, items: named.take(NAMED_ADDRESSES).collect() },
    }
}
