//! The main points of a report, derived from its figures alone.
//!
//! One function a point, in the order of what an administrator must answer for first. The sentences say what the data
//! tell and no more; why a thing is done is for people to find out.

use serde::Serialize;

use super::model::{AccessKeyUse, AccountDelivery, KeyKind, Listed, Logon, RootUsage, TrailEffect};
use super::text::visible;
use super::wording::{self, counted, grouped};
pub use crate::event::severity::Severity;

/// The most points a report opens with.
const MOST: usize = 12;
/// The most accounts that a point names.
const NAMED_ACCOUNTS: usize = 5;
/// From how many failed logons within an hour a successful one after them is a point of its own.
const FAILURES_BEFORE_LOGON: u64 = 3;

/// The subject of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The range has no event at all.
    NoData,
    /// A successful logon came soon after failed ones.
    LogonAfterFailures,
    /// A successful logon without MFA.
    LogonWithoutMfa,
    /// Successful logons, all with MFA or not saying.
    Logon,
    /// Failed logons.
    FailedLogons,
    /// A long-term AccessKey of root was used.
    LongTermKeyUsed,
    /// An AccessKey of root of another or of unknown kind was used.
    OtherKeyUsed,
    /// Resources were changed with root.
    Changes,
    /// Days with very many root operations.
    HighFrequency,
    /// Root calls were refused.
    Denied,
    /// A policy of administrator grade was given.
    AdministratorGranted,
    /// Root was not used.
    NotUsed,
    /// Root was used, for nothing that has a finding of its own.
    OnlyReads,
    /// Root events of which it is not known whether they changed something.
    AccessNotKnown,
    /// A trail was stopped, deleted or limited.
    TrailLimited,
    /// Accounts of which nothing was delivered, in the whole range or on some days.
    AccountsSilent,
    /// Days without any event.
    DaysWithoutEvents,
    /// Events that no figure has, since their time could not be read.
    WithoutTime,
    /// Exports that lack events, or may hold some that were not found.
    Incomplete,
    /// Records that could not be read.
    Rejected,
}

/// One main point.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Its severity.
    pub severity: Severity,
    /// Its subject.
    pub kind: FindingKind,
    /// The point, in one or two sentences.
    pub text: String,
}

/// The findings, gravest first. There is always at least one.
pub fn findings(report: &RootUsage) -> Vec<Finding> {
    let mut found: Vec<Finding> = [
        no_data,
        logon_after_failures,
        logon_without_mfa,
        long_term_keys,
        changes,
        administrators,
        trails,
        accounts_silent,
        accounts_with_gaps,
        other_keys,
        unknown_keys,
        access_not_known,
        without_time,
        incomplete,
        high_frequency,
        logons,
        failed_logons,
        denied,
        only_reads,
        days_without_events,
        rejected,
        not_used,
    ]
    .iter()
    .filter_map(|point| point(report))
    .collect();
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    found.truncate(MOST);
    found
}

fn point(severity: Severity, kind: FindingKind, text: String) -> Option<Finding> {
    Some(Finding { severity, kind, text })
}

/// The range in words.
fn range(report: &RootUsage) -> &'static str {
    if report.subject.week.is_some() { "this week" } else { "this range" }
}

/// Writes how many of the known accounts delivered nothing, to stand behind a sentence on all of them.
fn but_for_silent(report: &RootUsage) -> String {
    let coverage = &report.coverage;
    let of_all = counted(coverage.delivery.total, "account", "accounts");
    match (coverage.accounts_silent, coverage.accounts_with_gaps) {
        (0, 0) => String::new(),
        (0, n) => format!(" On some days nothing was delivered of {} of {of_all}.", grouped(n)),
        (n, 0) => format!(" Nothing was delivered of {} of {of_all}.", grouped(n)),
        (n, some) => {
            format!(" Nothing was delivered of {} of {of_all}, and on some days of {} more.", grouped(n), grouped(some))
        }
    }
}

fn no_data(report: &RootUsage) -> Option<Finding> {
    if report.figures.events > 0 {
        return None;
    }
    let (range, narrowing) = (range(report), wording::narrowing(report));
    if !report.coverage.days_of_other_regions.is_empty() {
        let text = format!("The data hold no event{narrowing} of {range}; events of other regions were delivered.");
        return point(Severity::Low, FindingKind::NoData, text);
    }
    let of_account = wording::narrowing_to_accounts(report);
    let root = if of_account.is_empty() { "the root account".to_owned() } else { format!("root{of_account}") };
    let text = format!("The data hold no event{narrowing} of {range}: nothing can be said about {root}.");
    point(Severity::Medium, FindingKind::NoData, text)
}

fn not_used(report: &RootUsage) -> Option<Finding> {
    if report.figures.events == 0 || report.figures.root_events > report.figures.logons_failed {
        return None;
    }
    let (narrowing, silent) = (wording::narrowing(report), but_for_silent(report));
    let used = format!("root account{narrowing} was not used in {}, as far as the data tell.{silent}", range(report));
    let text = if report.figures.logons_failed == 0 {
        format!("The {used}")
    } else {
        format!("Nobody got in: but for failed logons the {used}")
    };
    point(Severity::Info, FindingKind::NotUsed, text)
}

fn accounts_silent(report: &RootUsage) -> Option<Finding> {
    let coverage = &report.coverage;
    // Where nothing of any account was delivered, that is said of all.
    if coverage.accounts_silent == 0 || coverage.accounts_silent == coverage.delivery.total {
        return None;
    }
    let silent: Vec<_> = coverage.delivery.items.iter().filter(|account| account.is_silent()).collect();
    let text = match silent.as_slice() {
        [account] if coverage.accounts_silent == 1 => format!(
            "The account {} delivered nothing in {}{}: nothing can be said of its root account.",
            wording::account(account.account_id.as_deref()),
            range(report),
            account.last_event.map(|last| format!("; its last event is of {last}")).unwrap_or_default()
        ),
        _ => {
            let names: Vec<_> = silent.iter().map(|one| wording::account(one.account_id.as_deref())).collect();
            let named = names.len().min(NAMED_ACCOUNTS);
            let more = match coverage.accounts_silent - named as u64 {
                0 => String::new(),
                more => format!(" and {} more", grouped(more)),
            };
            format!(
                "{} of {} accounts delivered nothing in {}: {}{more}. Nothing can be said of their root accounts.",
                grouped(coverage.accounts_silent),
                grouped(coverage.delivery.total),
                range(report),
                names[..named].join(", ")
            )
        }
    };
    point(Severity::Medium, FindingKind::AccountsSilent, text)
}

/// Accounts of which nothing was delivered on days on which others delivered. It weighs more where one has not come
/// back.
fn accounts_with_gaps(report: &RootUsage) -> Option<Finding> {
    let coverage = &report.coverage;
    let accounts: Vec<_> = coverage.with_gaps().collect();
    if accounts.is_empty() {
        return None;
    }
    let is_gone = |account: &&&AccountDelivery| account.days.last().is_some_and(|day| day.events == 0);
    let severity = if accounts.iter().any(|account| is_gone(&account)) { Severity::Medium } else { Severity::Low };
    let days = |account: &AccountDelivery| {
        format!("{} of {}", grouped(account.days_without_events), counted(coverage.days, "day", "days"))
    };
    let text = match accounts.as_slice() {
        [account] if coverage.accounts_with_gaps == 1 => format!(
            "The account {} delivered nothing on {}{}: nothing can be said of its root account then.",
            wording::account(account.account_id.as_deref()),
            days(account),
            account.last_event.map(|last| format!("; its last event is of {last}")).unwrap_or_default()
        ),
        _ => {
            let name = |account: &&AccountDelivery| {
                format!("{} ({})", wording::account(account.account_id.as_deref()), days(account))
            };
            let names: Vec<_> = accounts.iter().take(NAMED_ACCOUNTS).map(name).collect();
            let more = match coverage.accounts_with_gaps.saturating_sub(names.len() as u64) {
                0 => String::new(),
                more => format!(" and {} more", grouped(more)),
            };
            format!(
                "{} of {} accounts delivered nothing on some days: {}{more}. Nothing can be said of their root accounts \
                 then.",
                grouped(coverage.accounts_with_gaps),
                grouped(coverage.delivery.total),
                names.join(", ")
            )
        }
    };
    point(severity, FindingKind::AccountsSilent, text)
}

fn trails(report: &RootUsage) -> Option<Finding> {
    let gravity = |effect| match effect {
        TrailEffect::Deleted | TrailEffect::Stopped => 2,
        _ => 1,
    };
    let lost: Vec<_> = report.coverage.trail_changes.iter().filter(|change| change.loses_events()).collect();
    let gravest = lost.iter().max_by_key(|change| (gravity(change.effect), change.until.is_none(), change.time))?;
    let more = match lost.len() {
        1 => String::new(),
        n => format!(" {} of trails lost events too.", counted(n as u64 - 1, "other change", "other changes")),
    };
    point(Severity::High, FindingKind::TrailLimited, format!("{}{more}", gravest.consequence))
}

fn logon_after_failures(report: &RootUsage) -> Option<Finding> {
    let failures = |logon: &Logon| logon.failed_in_hour_before + logon.failed_in_same_second;
    let logon = report
        .logons
        .list
        .items
        .iter()
        .filter(|logon| logon.succeeded && failures(logon) >= FAILURES_BEFORE_LOGON)
        .max_by_key(|logon| (failures(logon), std::cmp::Reverse(logon.time)))?;
    let failed = |n: u64| counted(n, "failed one", "failed ones");
    let how = match (logon.failed_in_hour_before, logon.failed_in_same_second) {
        (before, 0) => format!("after {} within the hour before", failed(before)),
        (0, same) => format!("in the same second as {}, and in which order is not known", failed(same)),
        (before, same) => format!(
            "after {} within the hour before and in the same second as {}, of which the order is not known",
            failed(before),
            grouped(same)
        ),
    };
    let nameless = match logon.failed_without_account {
        0 => String::new(),
        n => format!(" ({} no account)", counted(n, "names", "name")),
    };
    let text = format!(
        "The root logon at {} succeeded {how}{nameless}{}.",
        logon.time,
        logon.address.as_deref().map(|address| format!("; it came from {}", visible(address))).unwrap_or_default()
    );
    point(Severity::Critical, FindingKind::LogonAfterFailures, text)
}

fn logon_without_mfa(report: &RootUsage) -> Option<Finding> {
    let n = report.figures.logons_without_mfa;
    if n == 0 {
        return None;
    }
    let text = format!("{} made without MFA.", counted(n, "console logon of root was", "console logons of root were"));
    point(Severity::High, FindingKind::LogonWithoutMfa, text)
}

fn logons(report: &RootUsage) -> Option<Finding> {
    let figures = &report.figures;
    if figures.logons_succeeded == 0 {
        return None;
    }
    let mut text = format!("Root logged on to the console {}", counted(figures.logons_succeeded, "time", "times"));
    if figures.logons_mfa_not_said > 0 {
        let unsaid = counted(figures.logons_mfa_not_said, "event does", "events do");
        text.push_str(&format!("; {unsaid} not say whether MFA was used"));
    } else if figures.logons_with_mfa == figures.logons_succeeded {
        text.push_str(if figures.logons_succeeded == 1 { ", with MFA" } else { ", always with MFA" });
    }
    text.push('.');
    let severity = if figures.logons_mfa_not_said > 0 { Severity::Medium } else { Severity::Low };
    point(severity, FindingKind::Logon, text)
}

fn failed_logons(report: &RootUsage) -> Option<Finding> {
    let n = report.figures.logons_failed;
    if n == 0 {
        return None;
    }
    let from = report.logons.failed_addresses.filter(|n| *n > 0);
    let text = format!(
        "{} of root failed{}.",
        counted(n, "console logon", "console logons"),
        from.map(|n| format!(", from {}", counted(n, "address", "addresses"))).unwrap_or_default()
    );
    let severity = if n >= FAILURES_BEFORE_LOGON { Severity::Medium } else { Severity::Low };
    point(severity, FindingKind::FailedLogons, text)
}

fn long_term_keys(report: &RootUsage) -> Option<Finding> {
    let text = keys(report, |kind| kind == KeyKind::LongTerm, ["long-term AccessKey", "long-term AccessKeys"])?;
    let text = format!("{text} Such a key gives full power over the account until it is deleted.");
    point(Severity::High, FindingKind::LongTermKeyUsed, text)
}

fn other_keys(report: &RootUsage) -> Option<Finding> {
    let text = keys(report, |kind| kind == KeyKind::Temporary, ["temporary AccessKey", "temporary AccessKeys"])?;
    point(Severity::Medium, FindingKind::OtherKeyUsed, text)
}

fn unknown_keys(report: &RootUsage) -> Option<Finding> {
    let names = ["AccessKey of unknown kind", "AccessKeys of unknown kind"];
    let text = keys(report, |kind| kind == KeyKind::Unknown, names)?;
    point(Severity::Medium, FindingKind::OtherKeyUsed, text)
}

fn access_not_known(report: &RootUsage) -> Option<Finding> {
    let n = report.figures.access_not_known;
    if n == 0 {
        return None;
    }
    let text = format!(
        "{} not say whether {} changed something, and neither {}.",
        counted(n, "event of root does", "events of root do"),
        if n == 1 { "it" } else { "they" },
        if n == 1 { "does its API" } else { "do their APIs" }
    );
    point(Severity::Medium, FindingKind::AccessNotKnown, text)
}

fn without_time(report: &RootUsage) -> Option<Finding> {
    let remarks = report.coverage.remarks.sentences();
    let remark = remarks.into_iter().find(|remark| remark.kind == "without_time")?;
    point(Severity::Medium, FindingKind::WithoutTime, remark.text)
}

fn incomplete(report: &RootUsage) -> Option<Finding> {
    let remarks = report.coverage.remarks.sentences();
    let said: Vec<_> = remarks
        .into_iter()
        .filter(|remark| matches!(remark.kind, "incomplete" | "suspicious_source"))
        .map(|remark| remark.text)
        .collect();
    if said.is_empty() { None } else { point(Severity::Medium, FindingKind::Incomplete, said.join(" ")) }
}

fn keys(report: &RootUsage, wanted: fn(KeyKind) -> bool, [one, many]: [&str; 2]) -> Option<String> {
    let keys: Vec<&AccessKeyUse> = report.access_keys.iter().filter(|key| wanted(key.kind)).collect();
    let first = keys.first()?;
    let calls = keys.iter().map(|key| key.calls).sum();
    let calls = counted(calls, "call was", "calls were");
    Some(match keys.as_slice() {
        [key] => format!(
            "{calls} signed with the {one} {} of root, from {}.",
            visible(&key.access_key_id),
            counted(key.addresses.total, "address", "addresses")
        ),
        _ => format!("{calls} signed with {} {many} of root, most with {}.", keys.len(), visible(&first.access_key_id)),
    })
}

fn changes(report: &RootUsage) -> Option<Finding> {
    let n = report.figures.changes;
    if n == 0 {
        return None;
    }
    let Listed { items, .. } = &report.changes.done;
    let most =
        items.first().and_then(|group| Some((group.event_name.as_deref()?, group.service.as_deref()?, group.count)));
    let text = format!(
        "Root made {}{}.",
        counted(n, "change", "changes"),
        most.map(|(event, service, n)| format!(
            ", most often {} of {} ({})",
            visible(event),
            visible(service),
            grouped(n)
        ))
        .unwrap_or_default()
    );
    point(Severity::High, FindingKind::Changes, text)
}

fn administrators(report: &RootUsage) -> Option<Finding> {
    let grants = &report.others.administrators;
    let first = grants.items.first()?;
    let text = format!(
        "{} given: {} went to {}{}.",
        counted(grants.total, "policy of administrator grade was", "policies of administrator grade were"),
        visible(first.policy_name.as_deref().unwrap_or("a policy")),
        visible(first.receiver.as_deref().unwrap_or("an identity that is not named")),
        if grants.total > 1 { " first" } else { "" }
    );
    point(Severity::High, FindingKind::AdministratorGranted, text)
}

fn high_frequency(report: &RootUsage) -> Option<Finding> {
    let busiest = report.high_frequency.days.iter().max_by_key(|day| (day.root_events, std::cmp::Reverse(day.day)))?;
    let text = format!(
        "On {} root made {} or more operations; the busiest was {} with {}.",
        counted(report.figures.high_frequency_days, "day", "days"),
        grouped(report.high_frequency.threshold),
        busiest.day,
        grouped(busiest.root_events)
    );
    point(Severity::Medium, FindingKind::HighFrequency, text)
}

fn denied(report: &RootUsage) -> Option<Finding> {
    let n = report.figures.denied;
    if n == 0 {
        return None;
    }
    let text = format!("{} refused for lack of permission.", counted(n, "call of root was", "calls of root were"));
    point(Severity::Low, FindingKind::Denied, text)
}

fn only_reads(report: &RootUsage) -> Option<Finding> {
    let figures = &report.figures;
    let told = figures.logons_succeeded + figures.access_key_calls + figures.changes + figures.denied;
    let events = figures.root_events.saturating_sub(figures.logons_failed);
    // What nobody knows of has a point of its own.
    if told > 0 || events == 0 || figures.access_not_known > 0 {
        return None;
    }
    let text = format!("Root was used, for {} that changed nothing.", counted(events, "event", "events"));
    point(Severity::Low, FindingKind::OnlyReads, text)
}

fn days_without_events(report: &RootUsage) -> Option<Finding> {
    let coverage = &report.coverage;
    let n = coverage.days_without_events.len() as u64;
    if n == 0 || report.figures.events == 0 {
        return None;
    }
    let text = format!(
        "No event at all{} was delivered for {} of the {}: nothing can be said about root on {}.",
        wording::narrowing_to_accounts(report),
        grouped(n),
        counted(coverage.days, "day", "days"),
        if n == 1 { "that day" } else { "those days" }
    );
    point(Severity::Medium, FindingKind::DaysWithoutEvents, text)
}

/// Records that could not be read, but for those whose sources have nothing in the range.
fn rejected(report: &RootUsage) -> Option<Finding> {
    let remarks = &report.coverage.remarks;
    let said = [remarks.rejects_around.sentence("rejected"), remarks.rejects_unknown.sentence("rejected_undated")];
    let said: Vec<_> = said.into_iter().flatten().map(|remark| remark.text).collect();
    if said.is_empty() { None } else { point(Severity::Low, FindingKind::Rejected, said.join(" ")) }
}
