//! Draws the findings from what the report holds, gravest first.
//!
//! One function a fact, in the order in which an administrator must answer for them. None is dropped: what there may be
//! many of is one finding with a count.

use std::cmp::Reverse;

use super::evidence::EvidenceId;
use super::finding::{Fact, Finding, KeyEnd, SilentAccount};
use super::model::{
    AccessKeyUse, AccountDelivery, AccountUse, Activity, CallGroup, Counted, Coverage, InitialUser, KeyKind, Listed,
    Notable, NotableKind, Severity, TrailChange, TrailEffect, Usage,
};
use crate::event::ids::ROOT;

/// From how many failed logons within an hour a successful one after them is a finding.
pub const FAILURES_BEFORE_LOGON: u64 = 3;
/// The logons after failures, and the long-term AccessKeys, of an account that have findings of their own.
const OWN_FINDINGS: usize = 5;
/// The most accounts that a finding names.
const NAMED_ACCOUNTS: usize = 5;
/// The most callers or calls that a finding names.
const NAMED: usize = 3;

/// Draws the findings of a report whose busy days have at least `threshold` root operations.
pub fn findings(
    total: &Usage,
    accounts: &[AccountUse],
    trails: &[TrailChange],
    coverage: &Coverage,
    threshold: u64,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for account in accounts {
        let mut add = |severity, fact, evidence| {
            found.push(Finding { severity, account_id: account.account_id.clone(), fact, evidence });
        };
        if let Some(activity) = &account.activity {
            of_account(&account.usage, activity, threshold, &mut add);
        }
    }
    trail_findings(trails, &mut found);
    coverage_findings(total, coverage, &mut |severity, fact| {
        found.push(Finding { severity, account_id: None, fact, evidence: None });
    });
    // The sort is stable: facts stay in the order in which they must be answered for.
    found.sort_by_key(|finding| Reverse(finding.severity));
    found
}

type Add<'a> = &'a mut dyn FnMut(Severity, Fact, Option<EvidenceId>);

fn of_account(usage: &Usage, activity: &Activity, threshold: u64, add: Add<'_>) {
    let explained = logons_after_failures(activity, add);
    keys(activity, add);
    notable(activity, add);
    logons(usage, activity, &explained, add);
    administrators(activity, add);
    changes(usage, activity, add);
    initial_user(activity, add);
    let figures = &usage.figures;
    if figures.access_not_known > 0 {
        let fact = Fact::AccessNotKnown { count: figures.access_not_known };
        add(Severity::Medium, fact, usage.evidence.access_not_known);
    }
    if let Some(busiest) = activity.busy_days.items.iter().max_by_key(|day| (day.root_events, Reverse(day.day))) {
        let (days, root_events) = (activity.busy_days.total, busiest.root_events);
        let fact = Fact::HighFrequency { days, threshold, busiest: busiest.day, root_events };
        add(Severity::Medium, fact, busiest.evidence);
    }
    if figures.denied > 0 {
        add(Severity::Low, Fact::Denied { count: figures.denied }, usage.evidence.denied);
    }
    let told = figures.logons_succeeded + figures.access_key_calls + figures.changes + figures.denied;
    let reads = figures.root_events.saturating_sub(figures.logons_failed);
    // Events of which nobody knows whether they changed something have a finding of their own.
    if told == 0 && reads > 0 && figures.access_not_known == 0 {
        add(Severity::Low, Fact::OnlyReads { count: reads }, usage.evidence.root_events);
    }
}

/// The successful logons that a graver finding tells of.
#[derive(Default)]
struct Explained {
    without_mfa: u64,
    others: u64,
}

fn logons_after_failures(activity: &Activity, add: Add<'_>) -> Explained {
    let mut after: Vec<_> = activity
        .logons
        .single
        .items
        .iter()
        .filter(|logon| logon.succeeded && logon.failures() >= FAILURES_BEFORE_LOGON)
        .collect();
    after.sort_by_key(|logon| (Reverse(logon.failures()), logon.time));
    let mut explained = Explained::default();
    for (at, logon) in after.iter().take(OWN_FINDINGS).enumerate() {
        let others = if at == 0 { after.len().saturating_sub(OWN_FINDINGS) as u64 } else { 0 };
        if logon.mfa == Some(false) {
            explained.without_mfa += 1;
        } else {
            explained.others += 1;
        }
        let fact = Fact::LogonAfterFailures { logon: Box::new((*logon).clone()), others };
        add(Severity::Critical, fact, logon.evidence);
    }
    explained
}

fn keys(activity: &Activity, add: Add<'_>) {
    let keys = &activity.access_keys;
    for key in &keys.items {
        let Some(used) = key.used_after_end.clone() else { continue };
        // A call that is refused shows that the key is gone, and that somebody still has it.
        let severity = if used.succeeded > 0 { Severity::Critical } else { Severity::High };
        let evidence = used.evidence;
        add(severity, Fact::KeyUsedAfterEnd { access_key_id: key.access_key_id.clone(), used }, evidence);
    }
    let of = |kind: KeyKind| keys.items.iter().filter(move |key| key.kind == kind);
    for key in of(KeyKind::LongTerm).take(OWN_FINDINGS) {
        add(Severity::High, key_used(key), key.evidence);
    }
    let mut together = |kind: KeyKind, severity: Severity, keys: Vec<&AccessKeyUse>, unlisted: u64| match &*keys {
        [] => {}
        [key] if unlisted == 0 => add(severity, key_used(key), key.evidence),
        keys_of_kind => {
            let calls = keys_of_kind.iter().map(|key| key.calls).sum();
            add(severity, Fact::KeysUsed { key_kind: kind, keys: keys_of_kind.len() as u64 + unlisted, calls }, None);
        }
    };
    together(KeyKind::LongTerm, Severity::High, of(KeyKind::LongTerm).skip(OWN_FINDINGS).collect(), 0);
    together(KeyKind::Unknown, Severity::Medium, of(KeyKind::Unknown).collect(), 0);
    together(KeyKind::Temporary, Severity::Medium, of(KeyKind::Temporary).collect(), keys.more());
}

fn key_used(key: &AccessKeyUse) -> Fact {
    Fact::KeyUsed {
        access_key_id: key.access_key_id.clone(),
        name: key.name.clone(),
        key_kind: key.kind,
        calls: key.calls,
        addresses: key.addresses.total,
        new: key.new,
        created: key.created(),
        ended: key
            .state()
            .filter(|change| change.state.is_end())
            .map(|change| KeyEnd { state: change.state, time: change.time }),
    }
}

fn notable(activity: &Activity, add: Add<'_>) {
    let all = || activity.account_changes.items.iter().chain(&activity.notable.items);
    let mut kinds: Vec<NotableKind> = all().map(|call| call.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let of_kind = || all().filter(|call| call.kind == kind);
        let Some(first) = of_kind().find(|call| call.succeeded > 0).or_else(|| of_kind().next()) else { continue };
        let severity = if first.succeeded > 0 { gravity(first) } else { Severity::Low };
        let others = of_kind().count() as u64 - 1;
        add(severity, Fact::Notable { call: Box::new(first.clone()), others }, first.evidence);
    }
}

/// Returns the severity of a call that succeeded, as the views of the same condition have it.
fn gravity(call: &Notable) -> Severity {
    match call.kind {
        NotableKind::MailChanged | NotableKind::PhoneChanged | NotableKind::MfaUnbound | NotableKind::MadePublic => {
            Severity::Critical
        }
        NotableKind::PasswordChanged
        | NotableKind::RootKeyCreated
        | NotableKind::RootKeyEnabled
        | NotableKind::OpenedToWorld => Severity::High,
        NotableKind::ProtectionChanged
        | NotableKind::UserCreated
        | NotableKind::LoginProfileSet
        | NotableKind::UserKeyCreated
        | NotableKind::CommandRun => Severity::Medium,
        NotableKind::MfaBound | NotableKind::RootKeyDisabled | NotableKind::RootKeyDeleted => Severity::Info,
    }
}

fn logons(usage: &Usage, activity: &Activity, explained: &Explained, add: Add<'_>) {
    let (figures, evidence) = (&usage.figures, &usage.evidence);
    let single = || activity.logons.single.items.iter().filter(|logon| logon.succeeded);
    let groups =
        |succeeded: bool| activity.logons.groups.items.iter().filter(move |group| group.succeeded == succeeded);
    let without = figures.logons_without_mfa.saturating_sub(explained.without_mfa);
    if without > 0 {
        let rest = || {
            single()
                .filter(|logon| logon.mfa == Some(false))
                .filter(|logon| explained.without_mfa == 0 || logon.failures() < FAILURES_BEFORE_LOGON)
        };
        let of_groups = || groups(true).filter(|group| group.mfa == Some(false));
        let first = rest().map(|logon| logon.time).min().or_else(|| of_groups().map(|group| group.first).min());
        let last = rest().map(|logon| logon.time).max().or_else(|| of_groups().map(|group| group.last).max());
        if let (Some(first), Some(last)) = (first, last) {
            let address = rest().next().and_then(|logon| logon.address.clone()).map(Box::new);
            let further = explained.without_mfa > 0;
            let fact = Fact::LogonsWithoutMfa { count: without, further, first, last, address };
            add(Severity::High, fact, evidence.logons_without_mfa);
        }
    }
    let others = (figures.logons_with_mfa + figures.logons_mfa_not_said).saturating_sub(explained.others);
    let of_groups = || groups(true).filter(|group| group.mfa != Some(false));
    let span = of_groups().map(|group| group.first).min().zip(of_groups().map(|group| group.last).max());
    if let (1.., Some((first, last))) = (others, span) {
        let mfa_not_said = figures.logons_mfa_not_said.min(others);
        let severity = if mfa_not_said > 0 { Severity::Medium } else { Severity::Low };
        let fact = Fact::Logons { count: others, mfa_not_said, first, last };
        add(severity, fact, evidence.logons_succeeded);
    }
    let span = groups(false).map(|group| group.first).min().zip(groups(false).map(|group| group.last).max());
    if let (1.., Some((first, last))) = (figures.logons_failed, span) {
        let severity = if figures.logons_failed >= FAILURES_BEFORE_LOGON { Severity::Medium } else { Severity::Low };
        let fact = Fact::FailedLogons {
            count: figures.logons_failed,
            addresses: activity.logons.failed_addresses,
            first,
            last,
        };
        add(severity, fact, evidence.logons_failed);
    }
}

fn administrators(activity: &Activity, add: Add<'_>) {
    let grants = &activity.administrators;
    if let Some(first) = grants.items.first() {
        let fact = Fact::AdministratorGranted { grant: Box::new(first.clone()), others: grants.total - 1 };
        add(Severity::High, fact, first.evidence);
    }
}

fn changes(usage: &Usage, activity: &Activity, add: Add<'_>) {
    let count = usage.figures.changes;
    if count == 0 {
        return;
    }
    let name = |group: &CallGroup| Counted { value: called(group), count: group.count };
    let items = activity.changes.items.iter().take(NAMED).map(name).collect();
    let most = Listed { items, total: activity.changes.total };
    add(Severity::High, Fact::Changes { count, most }, usage.evidence.changes);
}

/// Names calls as `Ecs:RunInstances`.
fn called(group: &CallGroup) -> Option<String> {
    match (&group.service, &group.event_name) {
        (Some(service), Some(event)) => Some(format!("{service}:{event}")),
        (service, event) => event.clone().or_else(|| service.clone()),
    }
}

fn initial_user(activity: &Activity, add: Add<'_>) {
    let created = &activity.initial_user.items;
    let Some(first) = created.first() else { return };
    let sum = |calls: &mut dyn Iterator<Item = &InitialUser>| calls.map(|call| call.count).sum::<u64>();
    let is_root = |call: &&InitialUser| call.caller.kind.as_deref() == Some(ROOT);
    let mut callers: Vec<Counted> = Vec::new();
    for call in created.iter().filter(|call| !is_root(call)) {
        let value = call.caller.name.clone().or_else(|| call.caller.user_name.clone());
        match callers.iter_mut().find(|known| known.value == value) {
            Some(known) => known.count += call.count,
            None => callers.push(Counted { value, count: call.count }),
        }
    }
    callers.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    let fact = Fact::InitialUser {
        created: sum(&mut created.iter()),
        by_root: sum(&mut created.iter().filter(is_root)),
        callers: Listed::cut(callers, NAMED),
        refused: sum(&mut activity.initial_user_refused.items.iter()),
        last_created: created.iter().map(|call| call.last).max().unwrap_or(first.last),
    };
    add(Severity::Medium, fact, activity.initial_user_evidence);
}

/// One finding an account whose trails lost events.
fn trail_findings(trails: &[TrailChange], found: &mut Vec<Finding>) {
    let gravity = |effect| match effect {
        TrailEffect::Deleted | TrailEffect::Stopped => Severity::Critical,
        _ => Severity::High,
    };
    let lost: Vec<_> = trails.iter().filter(|change| change.loses_events()).collect();
    let mut accounts: Vec<_> = lost.iter().map(|change| &change.account_id).collect();
    accounts.sort_unstable();
    accounts.dedup();
    for account in accounts {
        let of_account: Vec<_> = lost.iter().filter(|change| change.account_id == *account).collect();
        let gravest =
            of_account.iter().max_by_key(|change| (gravity(change.effect), change.until.is_none(), change.time));
        let Some(gravest) = gravest else { continue };
        let others = of_account.len() as u64 - 1;
        let fact = Fact::TrailLimited { change: Box::new((**gravest).clone()), others };
        let severity = gravity(gravest.effect);
        found.push(Finding { severity, account_id: account.clone(), fact, evidence: gravest.evidence });
    }
}

fn coverage_findings(total: &Usage, coverage: &Coverage, add: &mut dyn FnMut(Severity, Fact)) {
    if total.figures.events == 0 {
        let other_regions = !coverage.days_of_other_regions.is_empty();
        let severity = if other_regions { Severity::Low } else { Severity::Medium };
        add(severity, Fact::NoData { other_regions });
    }
    let silent = |account: &AccountDelivery| SilentAccount {
        account_id: account.account_id.clone(),
        name: account.name.clone(),
        last_event: account.last_event,
        days_without_events: account.days_without_events,
    };
    let of = coverage.delivery.total;
    // Where nothing of any account was delivered, that is said of all.
    if coverage.accounts_silent > 0 && coverage.accounts_silent < of {
        let items = coverage.silent().take(NAMED_ACCOUNTS).map(silent).collect();
        let accounts = Listed { items, total: coverage.accounts_silent };
        add(Severity::Medium, Fact::AccountsSilent { accounts, of });
    }
    if coverage.accounts_with_gaps > 0 {
        // It weighs more where an account has not come back.
        let is_gone = coverage.with_gaps().any(AccountDelivery::is_gone);
        let items = coverage.with_gaps().take(NAMED_ACCOUNTS).map(silent).collect();
        let accounts = Listed { items, total: coverage.accounts_with_gaps };
        let severity = if is_gone { Severity::Medium } else { Severity::Low };
        add(severity, Fact::AccountsWithGaps { accounts, of, days: coverage.days });
    }
    if !coverage.days_without_events.is_empty() && total.figures.events > 0 {
        let days = coverage.days_without_events.clone();
        add(Severity::Medium, Fact::DaysWithoutEvents { days, of: coverage.days });
    }
    let remarks = &coverage.remarks;
    if remarks.without_time.total > 0 {
        add(Severity::Medium, Fact::WithoutTime { count: remarks.without_time.total });
    }
    let (exports, suspicious) = (remarks.incomplete.total, remarks.suspicious.total);
    if exports + suspicious > 0 {
        add(Severity::Medium, Fact::Incomplete { exports, suspicious });
    }
    // Records of sources whose events all lie elsewhere are told of in the coverage alone.
    let (around, unknown) = (remarks.rejects_around.records, remarks.rejects_unknown.records);
    if around + unknown > 0 {
        add(Severity::Low, Fact::Rejected { around, unknown });
    }
    if let Some(events) = coverage.future {
        add(Severity::Low, Fact::FutureDated { events });
    }
}
