//! Names of the items that a list of a page does not show.

use trailql::ops::about::model::{About, List, Operation};

/// The most items that are named of a list beside those that are shown.
pub(super) const NAMED: u64 = 40;

/// The names, list by list.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub(super) findings: Vec<String>,
    pub(super) writes: Vec<String>,
    pub(super) unknown_access: Vec<String>,
    pub(super) reads: Vec<String>,
    pub(super) named_by: Vec<String>,
    pub(super) principals: Vec<String>,
    pub(super) access_keys: Vec<String>,
    pub(super) addresses: Vec<String>,
    pub(super) errors: Vec<String>,
    pub(super) resources: Vec<String>,
}

/// Cuts the lists of a page to a length, and returns the names of what goes.
pub(super) fn take(about: &mut About, shown: u64) -> Rest {
    let operation = |operation: Operation| operation.event_name;
    let mut rest = Rest {
        findings: Vec::new(),
        writes: names(&mut about.writes, shown, operation),
        unknown_access: names(&mut about.unknown_access, shown, operation),
        reads: names(&mut about.reads, shown, operation),
        named_by: names(&mut about.named_by, shown, |call| call.event_name),
        principals: names(&mut about.principals, shown, |principal| principal.name.or(principal.principal_id)),
        access_keys: names(&mut about.access_keys, shown, |key| Some(key.access_key_id)),
        addresses: names(&mut about.addresses, shown, |address| Some(address.address)),
        errors: names(&mut about.errors, shown, |error| Some(error.value)),
        resources: names(&mut about.resources, shown, |resource| Some(resource.resource_name)),
    };
    names(&mut about.user_agents, shown, |agent| Some(agent.value));
    names(&mut about.accounts, shown, |account| Some(account.value));
    names(&mut about.regions, shown, |region| Some(region.value));
    if let Some(findings) = &mut about.findings {
        rest.findings = names(&mut findings.views, shown, |view| Some(view.view));
    }
    rest
}

/// Cuts a list. The total of it stays.
fn names<T>(list: &mut List<T>, shown: u64, name: impl Fn(T) -> Option<String>) -> Vec<String> {
    let shown = usize::try_from(shown).unwrap_or(usize::MAX).min(list.items.len());
    list.items.split_off(shown).into_iter().map(|item| name(item).unwrap_or_default()).collect()
}
