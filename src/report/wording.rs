//! Words that every renderer shares, so that the same thing has one name in all formats.

use super::model::{DayState, DayUse, KeyFigures, Period, PeriodState, RootUsage, Subject};
use super::text::printed;

/// The rule by which the section on others is chosen.
pub const OTHERS_CHOSEN_BY: &str = "Shown are the other identities with events in the range from an IPv4 or IPv6 \
    address that root events (failed logons too) came from in the range, services calling on their own left out; and \
    the successful calls in the range that gave an administrator-grade policy of the system (AdministratorAccess, \
    AliyunRAMFullAccess, AliyunSTSAssumeRoleAccess, AliyunResourceDirectoryFullAccess) to a user, group or role.";

/// Facts that no event can tell.
pub const CANNOT_TELL: &str = "An event names the account, not a person: everyone who knows the password, holds a \
    root AccessKey or sits at an open session looks the same. An address shared with root is a lead, not a proof, \
    since offices, VPNs and proxies share addresses.";

/// The remark on a day without any event.
pub const NO_DATA: &str = "no data";

/// The most accounts or regions that are named under the title.
const NAMED_ACCOUNTS: usize = 8;

/// Writes a count in groups of three digits: `12,345`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a count with its noun: `1 call`, `12 calls`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// An MFA state in words.
pub fn mfa(mfa: Option<bool>) -> &'static str {
    match mfa {
        Some(true) => "MFA",
        Some(false) => "no MFA",
        None => "MFA not said",
    }
}

/// A logon's outcome in words.
pub fn outcome(succeeded: bool) -> &'static str {
    if succeeded { "success" } else { "failure" }
}

/// A day's state in words; nothing when it has root events and every account delivered.
pub fn day_state(day: &DayUse) -> String {
    let state = match day.state {
        DayState::Events => "",
        DayState::NoRootEvents => "no root events",
        DayState::OtherRegionsOnly => "no events of these regions",
        DayState::NoEventsDelivered => return "no events delivered".to_owned(),
    };
    match day.accounts_without_events {
        0 => state.to_owned(),
        n => {
            let silent = format!("nothing of {} of {}", grouped(n), counted(day.accounts, "account", "accounts"));
            if state.is_empty() { silent } else { format!("{state}; {silent}") }
        }
    }
}

/// Writes the limits of the report, to stand behind a noun: ` of the account 1 in the region cn-hangzhou`. Empty where
/// it is not limited.
pub fn narrowing(report: &RootUsage) -> String {
    let regions = match report.subject.only_regions.as_slice() {
        [] => String::new(),
        [region] => format!(" in the region {}", printed(region)),
        regions => format!(" in the regions {}", abridged(regions, NAMED_ACCOUNTS)),
    };
    narrowing_to_accounts(report) + &regions
}

/// The same without regions, for what was delivered of whatever region.
pub fn narrowing_to_accounts(report: &RootUsage) -> String {
    match report.subject.only_accounts.as_slice() {
        [] => String::new(),
        [account] => format!(" of the account {}", printed(account)),
        accounts => format!(" of the accounts {}", abridged(accounts, NAMED_ACCOUNTS)),
    }
}

/// Names the first of many.
pub fn abridged<T: AsRef<str>>(items: &[T], named: usize) -> String {
    let names: Vec<_> = items.iter().take(named).map(|item| printed(item.as_ref())).collect();
    match items.len().saturating_sub(named) {
        0 => names.join(", "),
        more => format!("{} and {} more", names.join(", "), grouped(more as u64)),
    }
}

/// An account by its id, visible.
pub fn account(id: Option<&str>) -> String {
    id.map_or_else(|| "without id".to_owned(), printed)
}

/// Writes the part of a period that the data cover.
pub fn period_state(period: &Period) -> String {
    match period.state {
        PeriodState::EveryDay => "events on every day".to_owned(),
        PeriodState::SomeDays => format!("events on {} of {} days", period.days_with_events, period.days),
        PeriodState::NoData => NO_DATA.to_owned(),
    }
}

/// The title.
pub fn title(report: &RootUsage) -> String {
    match &report.subject.week {
        Some(week) => format!("Root account usage, {week}"),
        None => format!("Root account usage, {} to {}", report.subject.since, report.subject.until),
    }
}

/// The facts under the title, name and value.
pub fn facts(report: &RootUsage) -> Vec<(&'static str, String)> {
    let subject = &report.subject;
    let list = |items: &[String]| match items.len().checked_sub(NAMED_ACCOUNTS) {
        Some(more) if more > 0 => format!("{} and {more} more", items[..NAMED_ACCOUNTS].join(", ")),
        _ => items.join(", "),
    };
    let mut facts = vec![
        (
            if subject.accounts.len() > 1 { "Accounts" } else { "Account" },
            if subject.accounts.is_empty() {
                "none with events in the range".to_owned()
            } else {
                list(&subject.accounts)
            },
        ),
        ("Range", range(subject)),
        ("Time zone", subject.time_zone.clone()),
        ("Made", format!("{} by trailql {}", subject.generated_at, subject.trailql_version)),
    ];
    if !subject.only_accounts.is_empty() {
        facts.push(("Limited to accounts", list(&subject.only_accounts)));
    }
    if !subject.only_regions.is_empty() {
        facts.push(("Limited to regions", list(&subject.only_regions)));
    }
    facts
}

/// The range with what is true of its end. An end between two seconds would read as if the second were left out.
fn range(subject: &Subject) -> String {
    let end = subject.until.utc();
    if end.timestamp_subsec_nanos() == 0 {
        return format!("{} to {} (end not included)", subject.since, subject.until);
    }
    format!("{} to {} (end included)", subject.since, subject.until.just_before().with_fraction())
}

/// Reads one count out of a `T`.
pub type CountIn<T> = fn(&T) -> u64;

/// The figures that are compared: name, and the value of a period.
pub const COMPARED: &[(&str, CountIn<KeyFigures>)] = &[
    ("Successful logons", |f| f.logons_succeeded),
    ("Logons without MFA", |f| f.logons_without_mfa),
    ("Failed logons", |f| f.logons_failed),
    ("AccessKey calls", |f| f.access_key_calls),
    ("Changes made", |f| f.changes),
    ("Changes refused or failed", |f| f.changes_failed),
    ("Denied calls", |f| f.denied),
    ("High-frequency days", |f| f.high_frequency_days),
    ("Root events", |f| f.root_events),
    ("All events", |f| f.events),
];

/// The number of [`COMPARED`] that are drawn as small charts.
pub const DRAWN: usize = 6;

/// The classes of the histogram: name, and its count on a day.
pub const CLASSES: [(&str, CountIn<DayUse>); 4] = [
    ("Logons", |d| d.logons),
    ("AccessKey calls", |d| d.access_key_calls),
    ("Console writes", |d| d.console_writes),
    ("Other", |d| d.other),
];

/// A sentence on the logons.
pub fn logons_summary(report: &RootUsage) -> String {
    let figures = &report.figures;
    if figures.logons_succeeded + figures.logons_failed == 0 {
        return "No console logon of the root account is in the data.".to_owned();
    }
    format!(
        "{} succeeded ({} with MFA, {} without, {} not said), {} failed.",
        grouped(figures.logons_succeeded),
        grouped(figures.logons_with_mfa),
        grouped(figures.logons_without_mfa),
        grouped(figures.logons_mfa_not_said),
        grouped(figures.logons_failed)
    )
}

/// The sentence under a list that was cut; `None` when it is whole.
pub fn more(n: u64) -> Option<String> {
    (n > 0).then(|| format!("{} more not shown", grouped(n)))
}
