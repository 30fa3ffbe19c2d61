//! The main points of a report, derived from its figures alone.
//!
//! One function a point, in the order of what an administrator must answer for first. The sentences say what the data
//! tell and no more; why a thing is done is for people to find out.

use serde::Serialize;

use super::model::{AccessKeyUse, KeyKind, Listed, RootUsage};
use super::text::visible;
use super::wording::{count, number};
pub use crate::event::severity::Severity;

/// The most points a report opens with.
const MOST: usize = 8;
/// From how many failed logons within an hour a successful one after them is a point of its own.
const FAILURES_BEFORE_LOGON: u64 = 3;

/// What a finding is about.
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
    /// Another AccessKey of root was used.
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
    /// Days without any event.
    DaysWithoutEvents,
    /// Records that could not be read.
    Rejected,
}

/// One main point.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// How grave.
    pub severity: Severity,
    /// What it is about.
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
        other_keys,
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

fn no_data(report: &RootUsage) -> Option<Finding> {
    if report.figures.events > 0 {
        return None;
    }
    let text = format!("The data hold no event of {}: nothing can be said about the root account.", range(report));
    point(Severity::Medium, FindingKind::NoData, text)
}

fn not_used(report: &RootUsage) -> Option<Finding> {
    if report.figures.events == 0 || report.figures.root_events > report.figures.logons_failed {
        return None;
    }
    let text = if report.figures.logons_failed == 0 {
        format!("The root account was not used in {}, as far as the data tell.", range(report))
    } else {
        format!(
            "Nobody got in: but for failed logons the root account was not used in {}, as far as the data tell.",
            range(report)
        )
    };
    point(Severity::Info, FindingKind::NotUsed, text)
}

fn logon_after_failures(report: &RootUsage) -> Option<Finding> {
    let logon = report
        .logons
        .list
        .items
        .iter()
        .filter(|logon| logon.succeeded && logon.failed_in_hour_before >= FAILURES_BEFORE_LOGON)
        .max_by_key(|logon| (logon.failed_in_hour_before, std::cmp::Reverse(logon.time)))?;
    let text = format!(
        "The root logon at {} succeeded after {} within the hour before{}.",
        logon.time,
        count(logon.failed_in_hour_before, "failed one", "failed ones"),
        logon.address.as_deref().map(|address| format!("; it came from {}", visible(address))).unwrap_or_default()
    );
    point(Severity::Critical, FindingKind::LogonAfterFailures, text)
}

fn logon_without_mfa(report: &RootUsage) -> Option<Finding> {
    let n = report.figures.logons_without_mfa;
    if n == 0 {
        return None;
    }
    let text = format!("{} made without MFA.", count(n, "console logon of root was", "console logons of root were"));
    point(Severity::High, FindingKind::LogonWithoutMfa, text)
}

fn logons(report: &RootUsage) -> Option<Finding> {
    let figures = &report.figures;
    if figures.logons_succeeded == 0 {
        return None;
    }
    let mut text = format!("Root logged on to the console {}", count(figures.logons_succeeded, "time", "times"));
    if figures.logons_mfa_not_said > 0 {
        let unsaid = count(figures.logons_mfa_not_said, "event does", "events do");
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
        count(n, "console logon", "console logons"),
        from.map(|n| format!(", from {}", count(n, "address", "addresses"))).unwrap_or_default()
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
    let text = keys(
        report,
        |kind| kind != KeyKind::LongTerm,
        ["temporary or unknown AccessKey", "temporary or unknown AccessKeys"],
    )?;
    point(Severity::Medium, FindingKind::OtherKeyUsed, text)
}

fn keys(report: &RootUsage, wanted: fn(KeyKind) -> bool, [one, many]: [&str; 2]) -> Option<String> {
    let keys: Vec<&AccessKeyUse> = report.access_keys.iter().filter(|key| wanted(key.kind)).collect();
    let first = keys.first()?;
    let calls = keys.iter().map(|key| key.calls).sum();
    let calls = count(calls, "call was", "calls were");
    Some(match keys.as_slice() {
        [key] => format!(
            "{calls} signed with the {one} {} of root, from {}.",
            visible(&key.access_key_id),
            count(key.addresses.total, "address", "addresses")
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
        count(n, "change", "changes"),
        most.map(|(event, service, n)| format!(
            ", most often {} of {} ({})",
            visible(event),
            visible(service),
            number(n)
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
        count(grants.total, "policy of administrator grade was", "policies of administrator grade were"),
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
        count(report.figures.high_frequency_days, "day", "days"),
        number(report.high_frequency.threshold),
        busiest.day,
        number(busiest.root_events)
    );
    point(Severity::Medium, FindingKind::HighFrequency, text)
}

fn denied(report: &RootUsage) -> Option<Finding> {
    let n = report.figures.denied;
    if n == 0 {
        return None;
    }
    let text = format!("{} refused for lack of permission.", count(n, "call of root was", "calls of root were"));
    point(Severity::Low, FindingKind::Denied, text)
}

fn only_reads(report: &RootUsage) -> Option<Finding> {
    let figures = &report.figures;
    let told = figures.logons_succeeded + figures.access_key_calls + figures.changes + figures.denied;
    let events = figures.root_events.saturating_sub(figures.logons_failed);
    if told > 0 || events == 0 {
        return None;
    }
    let text = format!("Root was used, for {} that changed nothing.", count(events, "event", "events"));
    point(Severity::Low, FindingKind::OnlyReads, text)
}

fn days_without_events(report: &RootUsage) -> Option<Finding> {
    let n = report.coverage.days_without_events.len() as u64;
    if n == 0 || report.figures.events == 0 {
        return None;
    }
    let text = format!(
        "No event at all was delivered for {} of the {}: nothing can be said about root on {}.",
        number(n),
        count(report.coverage.days, "day", "days"),
        if n == 1 { "that day" } else { "those days" }
    );
    point(Severity::Medium, FindingKind::DaysWithoutEvents, text)
}

fn rejected(report: &RootUsage) -> Option<Finding> {
    let n = report.coverage.rejected;
    if n == 0 {
        return None;
    }
    let text = format!(
        "{} missing from the figures.",
        count(n, "record could not be read and is", "records could not be read and are")
    );
    point(Severity::Low, FindingKind::Rejected, text)
}
