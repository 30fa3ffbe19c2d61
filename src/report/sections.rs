//! The tables of the report as plain cells, shared by the formats that print tables.
//!
//! A cell here is already fit to be seen (see [`super::text`]); each format adds the escaping of its own syntax.

use super::model::{ChangeGroup, Counted, DayState, Listed, Period, RootUsage};
use super::table::Align::{self, Left, Right};
use super::text::{printed, printed_or};
use super::wording::{self, CLASSES, COMPARED, grouped};

/// The most days that a cell names.
const NAMED_DAYS: usize = 7;

/// A table with its heading, the sentence above it and the one said when it is empty.
#[derive(Debug)]
pub struct Section {
    /// Heading.
    pub title: &'static str,
    /// Sentences above the table.
    pub intro: Vec<String>,
    /// Column names.
    pub headers: Vec<(String, Align)>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
    /// Said below.
    pub after: Vec<String>,
}

fn section(title: &'static str, headers: &[(&str, Align)], rows: Vec<Vec<String>>) -> Section {
    let headers = headers.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect();
    Section { title, intro: Vec::new(), headers, rows, after: Vec::new() }
}

impl Section {
    fn intro(mut self, text: impl Into<String>) -> Self {
        self.intro.push(text.into());
        self
    }

    fn when_empty(mut self, text: &str) -> Self {
        if self.rows.is_empty() {
            self.intro.push(text.to_owned());
        }
        self
    }

    fn more(mut self, n: u64) -> Self {
        self.after.extend(wording::more(n));
        self
    }
}

/// Every table of the report but the histogram, in order.
pub fn sections(report: &RootUsage) -> Vec<Section> {
    let mut sections = vec![comparison(report)];
    sections.extend(activity(report));
    sections
}

/// The tables on what was done, and by whom it could have been.
pub fn activity(report: &RootUsage) -> Vec<Section> {
    vec![
        logons(report),
        access_keys(report),
        changes(report),
        changes_not_done(report),
        high_frequency(report),
        denied(report),
        same_address(report),
        administrators(report),
        delivery(report),
    ]
}

fn or_dash(text: Option<&str>) -> String {
    printed_or(text, "–")
}

/// The histogram as a table.
pub fn days(report: &RootUsage) -> Section {
    let mut headers = vec![("Day".to_owned(), Left)];
    headers.extend(CLASSES.iter().map(|(name, _)| ((*name).to_owned(), Right)));
    headers.extend([("Root events".to_owned(), Right), ("State".to_owned(), Left)]);
    let rows = report.days.iter().map(|day| {
        let known = |n: u64| if day.state == DayState::NoEventsDelivered { "–".to_owned() } else { grouped(n) };
        let mut row = vec![day.day.with_weekday()];
        row.extend(CLASSES.iter().map(|(_, count)| known(count(day))));
        row.extend([known(day.root_events()), wording::day_state(day)]);
        row
    });
    Section { title: "Root events by day", intro: Vec::new(), headers, rows: rows.collect(), after: Vec::new() }
}

/// The logons.
pub fn logons(report: &RootUsage) -> Section {
    let list = &report.logons.list;
    let rows = list.items.iter().map(|logon| {
        let error = [logon.error_code.as_deref(), logon.error_message.as_deref()];
        let error: Vec<String> = error.into_iter().flatten().map(printed).collect();
        vec![
            logon.time.to_string(),
            wording::outcome(logon.succeeded).to_owned(),
            wording::mfa(logon.mfa).to_owned(),
            or_dash(logon.address.as_deref()),
            or_dash(logon.login_account.as_deref()),
            if error.is_empty() { "–".to_owned() } else { error.join(": ") },
            or_dash(logon.user_agent.as_deref()),
            or_dash(logon.event_id.as_deref()),
        ]
    });
    let headers = [
        ("Time", Left),
        ("Outcome", Left),
        ("MFA", Left),
        ("Address", Left),
        ("Login account", Left),
        ("Error", Left),
        ("User agent", Left),
        ("Event id", Left),
    ];
    section("Console logons", &headers, rows.collect()).intro(wording::logons_summary(report)).more(list.more())
}

/// The AccessKeys.
pub fn access_keys(report: &RootUsage) -> Section {
    let rows = report.access_keys.iter().map(|key| {
        vec![
            printed(&key.access_key_id),
            key.kind.text().to_owned(),
            grouped(key.calls),
            grouped(key.failed),
            key.first.to_string(),
            key.last.to_string(),
            counted(&key.addresses),
            counted(&key.services),
        ]
    });
    let headers = [
        ("AccessKey", Left),
        ("Kind", Left),
        ("Calls", Right),
        ("Failed", Right),
        ("First", Left),
        ("Last", Left),
        ("Addresses", Left),
        ("Services", Left),
    ];
    section("AccessKey calls", &headers, rows.collect())
        .when_empty("No call signed with an AccessKey of the root account is in the data.")
}

/// Values with their counts in one cell.
pub fn counted(list: &Listed<Counted>) -> String {
    let mut parts: Vec<String> = list
        .items
        .iter()
        .map(|one| format!("{} ({})", printed_or(one.value.as_deref(), "not said"), grouped(one.count)))
        .collect();
    if list.more() > 0 {
        parts.push(format!("and {} more", grouped(list.more())));
    }
    parts.join(", ")
}

/// Values with their counts, the first of them.
pub fn counted_all(items: &[Counted]) -> String {
    counted(&Listed { items: items.iter().take(24).cloned().collect(), total: items.len() as u64 })
}

/// Names of resources in one cell.
pub fn resources(group: &ChangeGroup) -> String {
    let list = &group.resources;
    if list.items.is_empty() {
        return "–".to_owned();
    }
    let mut text = list.items.iter().map(|name| printed(name)).collect::<Vec<_>>().join(", ");
    if list.more() > 0 {
        text.push_str(&format!(" and {} more", grouped(list.more())));
    }
    text
}

/// The changes made.
pub fn changes(report: &RootUsage) -> Section {
    let done = &report.changes.done;
    let rows = done.items.iter().map(|group| {
        vec![
            or_dash(group.service.as_deref()),
            or_dash(group.event_name.as_deref()),
            grouped(group.count),
            group.first.to_string(),
            group.last.to_string(),
            resources(group),
        ]
    });
    let headers =
        [("Service", Left), ("Event", Left), ("Count", Right), ("First", Left), ("Last", Left), ("Resources", Left)];
    section("Resource management", &headers, rows.collect())
        .intro("Write calls of root that succeeded, logon and logoff left out.")
        .when_empty("There is none in the data.")
        .more(done.more())
}

/// The changes that failed.
pub fn changes_not_done(report: &RootUsage) -> Section {
    let list = &report.changes.not_done;
    let rows = list.items.iter().map(|group| {
        vec![
            or_dash(group.service.as_deref()),
            or_dash(group.event_name.as_deref()),
            grouped(group.denied),
            grouped(group.count.saturating_sub(group.denied)),
            group.first.to_string(),
            group.last.to_string(),
            resources(group),
        ]
    });
    let headers = [
        ("Service", Left),
        ("Event", Left),
        ("Denied", Right),
        ("Failed", Right),
        ("First", Left),
        ("Last", Left),
        ("Resources", Left),
    ];
    section("Resource management that did not succeed", &headers, rows.collect())
        .intro("Write calls of root that were refused for lack of permission or failed otherwise; not counted above.")
        .when_empty("There is none in the data.")
        .more(list.more())
}

/// The days with very many operations.
pub fn high_frequency(report: &RootUsage) -> Section {
    let rows = report
        .high_frequency
        .days
        .iter()
        .map(|day| vec![day.day.with_weekday(), or_dash(day.account_id.as_deref()), grouped(day.root_events)]);
    let intro =
        format!("Days with {} or more root operations in one account.", grouped(report.high_frequency.threshold));
    section("High-frequency days", &[("Day", Left), ("Account", Left), ("Root operations", Right)], rows.collect())
        .intro(intro)
        .when_empty("There is none in the data.")
}

/// The denied calls.
pub fn denied(report: &RootUsage) -> Section {
    let rows = report.denied.items.iter().map(|group| {
        vec![
            or_dash(group.service.as_deref()),
            or_dash(group.event_name.as_deref()),
            or_dash(group.error_code.as_deref()),
            grouped(group.count),
            group.first.to_string(),
            group.last.to_string(),
        ]
    });
    let headers =
        [("Service", Left), ("Event", Left), ("Error code", Left), ("Count", Right), ("First", Left), ("Last", Left)];
    section("Denied calls", &headers, rows.collect())
        .intro("Calls of root refused for lack of permission, reads and writes.")
        .when_empty("There is none in the data.")
        .more(report.denied.more())
}

/// Others on the addresses of root.
pub fn same_address(report: &RootUsage) -> Section {
    let list = &report.others.same_address;
    let rows = list.items.iter().map(|other| {
        vec![
            printed(&other.address),
            or_dash(other.user_name.as_deref().or(other.principal_id.as_deref())),
            or_dash(other.identity_type.as_deref()),
            grouped(other.calls),
            grouped(other.root_events),
            other.first.to_string(),
            other.last.to_string(),
        ]
    });
    let headers = [
        ("Address", Left),
        ("Identity", Left),
        ("Type", Left),
        ("Its events", Right),
        ("Root events", Right),
        ("First", Left),
        ("Last", Left),
    ];
    section("Who else could have done it", &headers, rows.collect())
        .intro(report.others.cannot_tell.clone())
        .intro(report.others.chosen_by.clone())
        .when_empty("No other identity is seen on an address of root.")
        .more(list.more())
}

/// Administrator-grade policies given.
pub fn administrators(report: &RootUsage) -> Section {
    let list = &report.others.administrators;
    let rows = list.items.iter().map(|grant| {
        let receiver = [grant.receiver_kind.as_deref(), grant.receiver.as_deref()];
        let receiver: Vec<String> = receiver.into_iter().flatten().map(printed).collect();
        vec![
            grant.time.to_string(),
            or_dash(grant.policy_name.as_deref()),
            if receiver.is_empty() { "–".to_owned() } else { receiver.join(" ") },
            or_dash(grant.giver_name.as_deref().or(grant.giver_type.as_deref())),
            or_dash(grant.address.as_deref()),
            or_dash(grant.event_id.as_deref()),
        ]
    });
    let headers =
        [("Time", Left), ("Policy", Left), ("Given to", Left), ("By", Left), ("Address", Left), ("Event id", Left)];
    section("Administrator rights given", &headers, rows.collect())
        .when_empty("No administrator-grade policy was given in the range, as far as the data tell.")
        .more(list.more())
}

/// Builds the section on the delivery of each account.
pub fn delivery(report: &RootUsage) -> Section {
    let list = &report.coverage.delivery;
    let rows = list.items.iter().map(|account| {
        let silent: Vec<String> =
            account.days.iter().filter(|day| day.events == 0).map(|day| day.day.to_string()).collect();
        let root: u64 = account.days.iter().map(|day| day.root_events).sum();
        let days = account.days.len() as u64;
        vec![
            wording::account(account.account_id.as_deref()),
            grouped(account.events),
            if account.is_silent() { "–".to_owned() } else { grouped(root) },
            format!("{} of {}", grouped(days.saturating_sub(account.days_without_events)), grouped(days)),
            if silent.is_empty() { "–".to_owned() } else { wording::abridged(&silent, NAMED_DAYS) },
            account.last_event.map_or_else(|| "–".to_owned(), |last| last.to_string()),
        ]
    });
    let headers = [
        ("Account", Left),
        ("Events", Right),
        ("Root events", Right),
        ("Days with events", Right),
        ("Days without events", Left),
        ("Last", Left),
    ];
    let mut section = section("What was delivered of each account", &headers, rows.collect())
        .intro("A day without events says nothing of root: nothing of the account was delivered.");
    if !report.subject.only_regions.is_empty() {
        section = section.intro("Events are those of all regions, root events those of the regions of the report.");
    }
    section.when_empty("The data know no account before the end of the range.").more(list.more())
}

/// The comparison: a row a figure, a column a period.
pub fn comparison(report: &RootUsage) -> Section {
    let mut headers = vec![("Figure".to_owned(), Left)];
    headers.extend(report.comparison.iter().map(|period| (period.label(), Right)));
    let mut rows: Vec<Vec<String>> = COMPARED
        .iter()
        .map(|(name, figure)| {
            let mut row = vec![(*name).to_owned()];
            row.extend(report.comparison.iter().map(|period| {
                period.figures.as_ref().map_or_else(|| wording::NO_DATA.to_owned(), |figures| grouped(figure(figures)))
            }));
            row
        })
        .collect();
    let mut covered = vec!["Days with events".to_owned()];
    covered.extend(report.comparison.iter().map(|period| format!("{} of {}", period.days_with_events, period.days)));
    rows.push(covered);
    if report.comparison.iter().any(|period| period.accounts > 1) {
        let mut silent = vec!["Accounts without events".to_owned()];
        let of = |period: &Period| format!("{} of {}", grouped(period.accounts_silent), grouped(period.accounts));
        silent.extend(report.comparison.iter().map(of));
        rows.push(silent);
    }
    let title = "Comparison with the four periods before";
    let mut section = Section { title, intro: Vec::new(), headers, rows, after: Vec::new() };
    section.intro.push(comparison_intro(report));
    section
}

/// Builds the remarks on the periods before.
pub fn comparison_intro(report: &RootUsage) -> String {
    use super::model::PeriodState::{EveryDay, NoData, SomeDays};
    let before = || report.comparison.iter().skip(1);
    let labels = |state| before().filter(|p| p.state == state).map(|p| p.label()).collect::<Vec<_>>().join(", ");
    let (none, some) = (labels(NoData), labels(SomeDays));
    // Without any data, every account is silent, which goes without saying.
    let silent = before().filter(|period| period.state != NoData && period.accounts_silent > 0);
    let silent: Vec<String> = silent.map(|period| format!("{} ({})", period.label(), period.accounts_silent)).collect();
    if before().all(|period| period.state == EveryDay) && silent.is_empty() {
        return "All of them have events on every day.".to_owned();
    }
    let mut text = Vec::new();
    if !silent.is_empty() {
        text.push(format!("Accounts of which nothing was delivered: {}.", silent.join(", ")));
    }
    if !none.is_empty() {
        text.push(format!("No data at all: {none}; this does not mean that nothing happened then."));
    }
    if !some.is_empty() {
        text.push(format!("Events on only some of the days: {some}; their figures may be too low."));
    }
    text.join(" ")
}
