//! The renderers over models made by hand: what is hostile is escaped, and what is not known is said.

use chrono::{DateTime, NaiveDate, Utc};
use unicode_width::UnicodeWidthStr;

use super::calendar::{Day, LocalTime, Span, periods};
use super::model::*;
use super::{ReportFormat, coverage, findings, render, text, wording};
use crate::event::time::{IsoWeek, Zone};

const TZ: Zone = Zone::Named(chrono_tz::Asia::Tokyo);
const HTML: ReportFormat = ReportFormat::Html;
const MARKDOWN: ReportFormat = ReportFormat::Markdown;
const JSON: ReportFormat = ReportFormat::Json;

fn terminal(width: usize) -> ReportFormat {
    ReportFormat::Terminal { width, color: false }
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn at(text: &str) -> LocalTime {
    LocalTime::new(utc(text), TZ)
}

fn day(text: &str) -> Day {
    Day(text.parse::<NaiveDate>().unwrap())
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A week without anything. `finish` puts it into sentences.
fn empty_week() -> RootUsage {
    let week = IsoWeek::parse("2026-W45").unwrap();
    let (since, until) = week.range(TZ);
    let spans = periods(Span { since, until }, Some(week), TZ);
    let days: Vec<DayUse> = spans[0].span.days(TZ).into_iter().map(day_without_events).collect();
    RootUsage {
        schema_version: SCHEMA_VERSION,
        subject: Subject {
            week: some("2026-W45"),
            since: LocalTime::new(since, TZ),
            until: LocalTime::new(until, TZ),
            time_zone: TZ.to_string(),
            only_accounts: Vec::new(),
            only_regions: Vec::new(),
            accounts: Vec::new(),
            generated_at: at("2026-11-09T00:00:00Z"),
            trailql_version: "0.1.0".to_owned(),
        },
        findings: Vec::new(),
        figures: KeyFigures::default(),
        logons: Logons::default(),
        access_keys: Vec::new(),
        changes: Changes::default(),
        high_frequency: HighFrequency { threshold: 100, days: Vec::new() },
        denied: Listed::default(),
        others: Others {
            chosen_by: wording::OTHERS_CHOSEN_BY.to_owned(),
            cannot_tell: wording::CANNOT_TELL.to_owned(),
            ..Others::default()
        },
        comparison: spans
            .iter()
            .map(|period| Period {
                week: period.week.map(|week| week.to_string()),
                since: LocalTime::new(period.span.since, TZ),
                until: LocalTime::new(period.span.until, TZ),
                state: PeriodState::NoData,
                days: 7,
                days_with_events: 0,
                accounts: 1,
                accounts_silent: 1,
                figures: None,
            })
            .collect(),
        coverage: Coverage {
            days_without_events: days.iter().map(|day| day.day).collect(),
            days: days.len() as u64,
            ..Coverage::default()
        },
        days,
    }
}

fn day_without_events(day: Day) -> DayUse {
    let state = DayState::NoEventsDelivered;
    DayUse {
        day,
        state,
        logons: 0,
        access_key_calls: 0,
        console_writes: 0,
        other: 0,
        all_events: 0,
        accounts: 1,
        accounts_without_events: 1,
    }
}

fn finish(mut report: RootUsage) -> RootUsage {
    report.coverage.notes = coverage::notes(&report);
    report.findings = findings::findings(&report);
    report
}

/// A week in which others worked on every day, and root did not.
fn quiet_week() -> RootUsage {
    let mut report = empty_week();
    report.subject.accounts = vec!["1000000000000001".to_owned()];
    report.figures.events = 70;
    for day in &mut report.days {
        (day.state, day.all_events, day.accounts_without_events) = (DayState::NoRootEvents, 10, 0);
    }
    let figures = report.figures;
    for period in &mut report.comparison {
        (period.state, period.days_with_events, period.figures) = (PeriodState::EveryDay, 7, Some(figures));
        period.accounts_silent = 0;
    }
    report.coverage = Coverage {
        oldest_event: Some(at("2026-10-04T15:00:00Z")),
        newest_event: Some(at("2026-11-08T15:00:00Z")),
        first_in_range: Some(at("2026-11-01T15:00:01Z")),
        last_in_range: Some(at("2026-11-08T14:59:59Z")),
        events: 70,
        writes: 30,
        reads: 40,
        days: 7,
        sources: 4,
        delivery: Listed { items: vec![delivered("1000000000000001", &report.days, 10)], total: 1 },
        ..Coverage::default()
    };
    report
}

/// An account with so many events on each of some days.
fn delivered(account: &str, days: &[DayUse], events: u64) -> AccountDelivery {
    let state = if events > 0 { DayState::NoRootEvents } else { DayState::NoEventsDelivered };
    let days: Vec<_> = days.iter().map(|day| AccountDay { day: day.day, state, events, root_events: 0 }).collect();
    AccountDelivery {
        account_id: some(account),
        events: events * days.len() as u64,
        last_event: Some(at("2026-10-30T00:00:00Z")),
        days_without_events: if events > 0 { 0 } else { days.len() as u64 },
        days,
    }
}

/// The quiet week with a second account that fell silent before it.
fn week_with_a_silent_account(account: &str) -> RootUsage {
    let mut report = quiet_week();
    let silent = delivered(account, &report.days, 0);
    report.coverage.delivery.items.insert(0, silent);
    (report.coverage.delivery.total, report.coverage.accounts_silent) = (2, 1);
    for day in &mut report.days {
        (day.accounts, day.accounts_without_events) = (2, 1);
    }
    for period in &mut report.comparison[..2] {
        (period.accounts, period.accounts_silent) = (2, 1);
    }
    report
}

fn rejects(records: u64, first: &str) -> crate::report::remarks::Rejects {
    let source = crate::report::remarks::RejectedSource {
        path: "a.json".to_owned(),
        records,
        first: Some(at(first)),
        last: Some(at(first)),
    };
    crate::report::remarks::Rejects {
        records,
        first: Some(at(first)),
        last: Some(at(first)),
        sources: Listed { items: vec![source], total: 1 },
    }
}

/// A week with something in every section; every text of it is `value`.
fn busy_week(value: &str) -> RootUsage {
    let mut report = quiet_week();
    let (first, last) = (at("2026-11-03T00:14:05Z"), at("2026-11-03T03:00:00Z"));
    let text = || some(value);
    report.figures = KeyFigures {
        events: 1200,
        root_events: 1139,
        logons_succeeded: 1,
        logons_failed: 4,
        logons_without_mfa: 1,
        access_key_calls: 1130,
        long_term_key_calls: 1130,
        changes: 3,
        changes_failed: 1,
        denied: 1,
        high_frequency_days: 1,
        ..KeyFigures::default()
    };
    let figures = report.figures;
    report.comparison[0].figures = Some(figures);
    report.days[1] = DayUse {
        state: DayState::Events,
        logons: 5,
        access_key_calls: 1130,
        console_writes: 3,
        other: 1,
        all_events: 1140,
        ..report.days[1].clone()
    };
    let logon = |succeeded: bool| Logon {
        time: first,
        succeeded,
        error_code: text().filter(|_| !succeeded),
        error_message: text().filter(|_| !succeeded),
        mfa: succeeded.then_some(false),
        address: text(),
        user_agent: text(),
        login_account: text(),
        account_id: text(),
        event_id: text(),
        failed_in_hour_before: 4,
        failed_in_same_second: 0,
        failed_without_account: 0,
    };
    report.logons =
        Logons { list: Listed { items: vec![logon(false), logon(true)], total: 5 }, failed_addresses: Some(1) };
    let counted = || Listed { items: vec![Counted { value: text(), count: 3 }], total: 2 };
    report.access_keys = vec![AccessKeyUse {
        access_key_id: format!("LTAI{value}"),
        kind: KeyKind::LongTerm,
        account_id: text(),
        calls: 1130,
        failed: 1,
        first,
        last,
        addresses: counted(),
        services: counted(),
    }];
    let group = || ChangeGroup {
        service: text(),
        event_name: text(),
        count: 3,
        first,
        last,
        resources: Listed { items: vec![value.to_owned()], total: 3 },
        denied: 1,
    };
    report.changes = Changes {
        done: Listed { items: vec![group()], total: 1 },
        not_done: Listed { items: vec![group()], total: 1 },
    };
    report.high_frequency.days = vec![BusyDay { day: day("2026-11-03"), account_id: text(), root_events: 1139 }];
    let denied = DeniedCalls { service: text(), event_name: text(), error_code: text(), count: 1, first, last };
    report.denied = Listed { items: vec![denied], total: 1 };
    report.others.same_address = Listed {
        items: vec![SharedAddress {
            address: value.to_owned(),
            identity_type: text(),
            user_name: text(),
            principal_id: text(),
            account_id: text(),
            calls: 2,
            first,
            last,
            root_events: 9,
        }],
        total: 1,
    };
    report.others.administrators = Listed {
        items: vec![AdministratorGrant {
            time: last,
            event_name: text(),
            policy_name: text(),
            receiver_kind: text(),
            receiver: text(),
            giver_type: text(),
            giver_name: text(),
            account_id: text(),
            address: text(),
            event_id: text(),
        }],
        total: 1,
    };
    report.subject.accounts = vec![value.to_owned()];
    report.coverage.accounts = vec![Counted { value: text(), count: 1200 }];
    report.coverage.regions = vec![Counted { value: text(), count: 1200 }];
    finish(report)
}

fn written(report: &RootUsage, format: ReportFormat) -> String {
    render(report, format).unwrap()
}

const FORMATS: [ReportFormat; 4] = [ReportFormat::Terminal { width: 100, color: false }, MARKDOWN, JSON, HTML];

#[test]
fn hostile_values_are_escaped() {
    // The value, the format, what must be seen, what must not be there.
    for (value, format, seen, never) in [
        ("<script>alert(1)</script>", HTML, "&#60;script&#62;alert(1)", "<script"),
        ("<script>alert(1)</script>", MARKDOWN, "&lt;script&gt;", "<script"),
        ("\" onload=\"x", HTML, "&#34; onload=&#34;x", "\" onload"),
        ("a|b", MARKDOWN, "a\\|b", "a|b"),
        ("`a` *b* [c](d)", MARKDOWN, "\\`a\\` \\*b\\* \\[c\\](d)", "`a` *b*"),
        ("a\nb", MARKDOWN, "a\\\\u{a}b", "a\nb"),
        ("a\nb", terminal(100), "a\\u{a}b", "a\nb"),
        ("https://www.example.com", MARKDOWN, "https&#58;//www&#46;example.com", "://"),
        ("\u{1b}[2J", terminal(100), "\\u{1b}[2J", "\u{1b}"),
        ("\u{1b}[2J", MARKDOWN, "\\\\u{1b}\\[2J", "\u{1b}"),
        ("\u{1b}[2J", HTML, "\\u{1b}[2J", "\u{1b}"),
        ("\u{1b}[2J", JSON, "\\u001b[2J", "\u{1b}"),
        ("\u{9b}2J", JSON, "\\u009b2J", "\u{9b}"),
        ("\u{202e}exe", terminal(100), "\\u{202e}exe", "\u{202e}"),
        ("\u{202e}exe", MARKDOWN, "\\\\u{202e}exe", "\u{202e}"),
        ("\u{202e}exe", HTML, "\\u{202e}exe", "\u{202e}"),
        ("\u{202e}exe", JSON, "\\u202eexe", "\u{202e}"),
        ("=cmd|x", MARKDOWN, "\\=cmd\\|x", "| =cmd"),
    ] {
        let report = busy_week(value);
        let written = written(&report, format);
        assert!(written.contains(seen), "{value:?} as {format:?}: {seen} is missing in\n{written}");
        assert!(!written.contains(never), "{value:?} as {format:?}: {never:?} is in\n{written}");
    }
}

#[test]
fn json_gives_every_value_back() {
    for value in ["<b>|`\"\\", "\u{1b}[2J\n\u{9b}", "\u{202e}\u{e0041}\u{feff}", "日本語"] {
        let json: serde_json::Value = serde_json::from_str(&written(&busy_week(value), JSON)).unwrap();
        assert_eq!(json["schema_version"], 2);
        assert_eq!(json["logons"]["list"]["items"][0]["user_agent"], value);
        assert_eq!(json["subject"]["since"], "2026-11-02T00:00:00+09:00");
    }
}

#[test]
fn a_day_without_events_is_not_a_day_without_root_events() {
    let mut report = quiet_week();
    report.days[2] = day_without_events(day("2026-11-04"));
    report.coverage.days_without_events = vec![day("2026-11-04")];
    let report = finish(report);
    for (format, expected) in [
        (terminal(80), "Wed 2026-11-04  ?  no events delivered"),
        (terminal(80), "Thu 2026-11-05  0  no root events"),
        (MARKDOWN, "| Wed 2026-11-04 | – | – | – | – | – | no events delivered |"),
        (MARKDOWN, "| Thu 2026-11-05 | 0 | 0 | 0 | 0 | 0 | no root events |"),
        (JSON, "\"state\": \"no_events_delivered\""),
        (HTML, "<title>2026-11-04: no events delivered</title>"),
        (HTML, "class=\"hatch\""),
    ] {
        let written = written(&report, format);
        assert!(written.contains(expected), "{format:?}: {expected}\n{written}");
    }
    for format in [terminal(200), MARKDOWN, HTML] {
        assert!(written(&report, format).contains("delivered for 1 of the 7 days"), "{format:?}");
    }
}

#[test]
fn a_week_without_data_is_said_in_every_format() {
    let mut report = quiet_week();
    let missing = report.comparison.last_mut().unwrap();
    (missing.state, missing.days_with_events, missing.figures) = (PeriodState::NoData, 0, None);
    let partial = &mut report.comparison[2];
    (partial.state, partial.days_with_events) = (PeriodState::SomeDays, 3);
    let report = finish(report);
    for (format, expected) in [
        (terminal(200), "No data at all: 2026-W41;"),
        (terminal(200), "Events on only some of the days: 2026-W43;"),
        (terminal(100), "Failed logons                     0         0         0         0   no data"),
        (MARKDOWN, "| Failed logons | 0 | 0 | 0 | 0 | no data |"),
        (MARKDOWN, "| Days with events | 7 of 7 | 7 of 7 | 3 of 7 | 7 of 7 | 0 of 7 |"),
        (HTML, "<title>W41: no data</title>"),
        (JSON, "\"figures\": null"),
    ] {
        let written = written(&report, format);
        assert!(written.contains(expected), "{format:?}: {expected}\n{written}");
    }
}

/// The busy week with a logon after failures, in the same second, and without an account.
fn logon_with(before: u64, same: u64, without_account: u64) -> RootUsage {
    let mut report = busy_week("x");
    for logon in &mut report.logons.list.items {
        (logon.failed_in_hour_before, logon.failed_in_same_second) = (before, same);
        logon.failed_without_account = without_account;
    }
    finish(report)
}

#[test]
fn findings_say_what_the_data_tell() {
    let with = |change: fn(&mut RootUsage)| {
        let mut report = quiet_week();
        change(&mut report);
        finish(report)
    };
    for (report, severity, expected) in [
        (
            finish(empty_week()),
            Severity::Medium,
            "The data hold no event of this week: nothing can be said about the root account.",
        ),
        (with(|_| ()), Severity::Info, "The root account was not used in this week, as far as the data tell."),
        (
            with(|r| (r.figures.root_events, r.figures.logons_failed) = (1, 1)),
            Severity::Info,
            "Nobody got in: but for failed logons the root account was not used in this week, as far as the data tell.",
        ),
        (
            with(|r| (r.figures.root_events, r.figures.logons_failed) = (3, 3)),
            Severity::Medium,
            "3 console logons of root failed.",
        ),
        (
            with(|r| (r.figures.root_events, r.figures.logons_succeeded, r.figures.logons_with_mfa) = (1, 1, 1)),
            Severity::Low,
            "Root logged on to the console 1 time, with MFA.",
        ),
        (
            with(|r| (r.figures.root_events, r.figures.logons_succeeded, r.figures.logons_mfa_not_said) = (2, 2, 1)),
            Severity::Medium,
            "Root logged on to the console 2 times; 1 event does not say whether MFA was used.",
        ),
        (with(|r| r.figures.root_events = 2), Severity::Low, "Root was used, for 2 events that changed nothing."),
        (
            busy_week("x"),
            Severity::Critical,
            "The root logon at 2026-11-03 09:14:05 +09:00 succeeded after 4 failed ones within the hour before; it came from x.",
        ),
        (busy_week("x"), Severity::High, "1 console logon of root was made without MFA."),
        (busy_week("x"), Severity::High, "Root made 3 changes, most often x of x (3)."),
        (
            busy_week("x"),
            Severity::Medium,
            "On 1 day root made 100 or more operations; the busiest was 2026-11-03 with 1,139.",
        ),
        (
            with(|r| r.coverage.remarks.rejects_around = rejects(2, "2026-11-03T00:00:00Z")),
            Severity::Low,
            "2 records could not be read, in 1 source. When that was is not known; the other events of its source are \
             of 2026-11-03 09:00:00 +09:00 to 2026-11-03 09:00:00 +09:00: a.json (2).",
        ),
        (
            finish(week_with_a_silent_account("\u{1b}1111")),
            Severity::Medium,
            "The account \\u{1b}1111 delivered nothing in this week; its last event is of 2026-10-30 09:00:00 +09:00: \
             nothing can be said of its root account.",
        ),
        (
            finish(week_with_a_silent_account("1111")),
            Severity::Info,
            "The root account was not used in this week, as far as the data tell. Nothing was delivered of 1 of 2 \
             accounts.",
        ),
        (
            with(|r| r.subject.only_accounts = vec!["1111".to_owned()]),
            Severity::Info,
            "The root account of the account 1111 was not used in this week, as far as the data tell.",
        ),
        (
            with(|r| {
                r.subject.only_regions = vec!["eu-central-1".to_owned()];
                r.figures.events = 0;
                r.coverage.days_of_other_regions = r.days.iter().map(|day| day.day).collect();
            }),
            Severity::Low,
            "The data hold no event in the region eu-central-1 of this week; events of other regions were delivered.",
        ),
        (
            with(|r| (r.figures.root_events, r.figures.access_not_known) = (2, 1)),
            Severity::Medium,
            "1 event of root does not say whether it changed something, and neither does its API.",
        ),
        (
            logon_with(2, 2, 3),
            Severity::Critical,
            "The root logon at 2026-11-03 09:14:05 +09:00 succeeded after 2 failed ones within the hour before and in \
             the same second as 2, of which the order is not known (3 name no account); it came from x.",
        ),
        (
            logon_with(0, 3, 0),
            Severity::Critical,
            "The root logon at 2026-11-03 09:14:05 +09:00 succeeded in the same second as 3 failed ones, and in which \
             order is not known; it came from x.",
        ),
    ] {
        let found: Vec<_> = report.findings.iter().map(|f| (f.severity, f.text.as_str())).collect();
        assert!(found.contains(&(severity, expected)), "{expected}\n{found:#?}");
        assert!(found.is_sorted_by(|a, b| a.0 >= b.0), "gravest first: {found:#?}");
        assert!((1..=12).contains(&found.len()));
    }
}

#[test]
fn notes_warn_of_what_is_missing() {
    let with = |change: fn(&mut Coverage)| {
        let mut report = quiet_week();
        change(&mut report.coverage);
        finish(report)
    };
    for (report, warning, expected) in [
        (finish(empty_week()), true, "There is no event at all in the data read."),
        (with(|_| ()), false, "Every day of the range has events."),
        (with(|c| (c.reads, c.writes) = (0, 70)), true, "The data hold no read events"),
        (
            with(|c| c.remarks.rejects_around = rejects(1, "2026-11-03T00:00:00Z")),
            true,
            "1 record could not be read, in 1 source. When that was is not known",
        ),
        (
            with(|c| c.remarks.rejects_elsewhere = rejects(1, "2019-11-03T00:00:00Z")),
            false,
            "1 record could not be read, in 1 source. When that was is not known",
        ),
        (
            finish(week_with_a_silent_account("1111")),
            true,
            "Nothing was delivered in the range of 1 account: 1111 (its",
        ),
        (with(|c| (c.writes, c.reads) = (0, 70)), true, "The data hold no write events"),
        (
            with(|c| (c.ends_after_newest, c.newest_event) = (true, Some(at("2026-11-06T00:00:00Z")))),
            true,
            "The range ends at 2026-11-09 00:00:00 +09:00, after the newest event in the data (2026-11-06 09:00:00 +09:00)",
        ),
        (with(|c| (c.not_said, c.access_not_known) = (30, 1)), true, "30 events are without eventRW: "),
        (with(|c| (c.not_said, c.access_not_known) = (30, 0)), false, "30 events are without eventRW: "),
    ] {
        let notes = &report.coverage.notes;
        assert!(notes.iter().any(|n| n.warning == warning && n.text.starts_with(expected)), "{expected}\n{notes:#?}");
        assert!(notes.is_sorted_by_key(|note| !note.warning));
    }
}

#[test]
fn a_silent_account_is_seen_in_every_format() {
    let report = finish(week_with_a_silent_account("1111"));
    for (format, expected) in [
        (terminal(200), "Thu 2026-11-05  0  no root events; nothing of 1 of 2 accounts"),
        (terminal(200), "Accounts of which nothing was delivered: 2026-W44 (1)."),
        (MARKDOWN, "| 1111 | 0 | – | 0 of 7 |"),
        (MARKDOWN, "| Accounts without events | 1 of 2 | 1 of 2 | 0 of 1 | 0 of 1 | 0 of 1 |"),
        (HTML, "no root events; nothing of 1 of 2 accounts"),
        (JSON, "\"accounts_without_events\": 1"),
    ] {
        let written = written(&report, format);
        assert!(written.contains(expected), "{format:?}: {expected}\n{written}");
    }
    for format in FORMATS {
        assert!(!written(&report, format).contains("Every day of the range has events"));
    }
}

#[test]
fn the_end_of_the_range_is_what_it_says() {
    for (until, expected) in [
        ("2026-11-08T15:00:00Z", "2026-11-09 00:00:00 +09:00 (end not included)"),
        ("2026-11-08T15:00:00.000001Z", "2026-11-09 00:00:00 +09:00 (end included)"),
        ("2026-11-08T15:00:00.500001Z", "2026-11-09 00:00:00.500 +09:00 (end included)"),
    ] {
        let mut report = quiet_week();
        report.subject.until = at(until);
        let range = wording::facts(&report).into_iter().find(|(name, _)| *name == "Range").unwrap().1;
        assert_eq!(range, format!("2026-11-02 00:00:00 +09:00 to {expected}"));
    }
}

#[test]
fn what_is_harmless_hides_no_change_of_a_trail() {
    let change = |effect, day: &str| TrailChange {
        time: at(&format!("2026-11-{day}T00:00:00Z")),
        last: at(&format!("2026-11-{day}T00:00:00Z")),
        calls: 1,
        event_name: None,
        outcome: None,
        effect,
        until: None,
        trail: None,
        account_id: None,
        who_type: None,
        who_name: None,
        address: None,
        event_id: None,
        consequence: format!("{effect:?} on {day}."),
    };
    let mut report = quiet_week();
    report.coverage.trail_changes = vec![change(TrailEffect::None, "03"); 40];
    report.coverage.trail_changes.push(change(TrailEffect::Stopped, "02"));
    report.coverage.more_trail_changes = 2;
    let report = finish(report);
    let notes: Vec<_> = report.coverage.notes.iter().map(|note| (note.warning, note.text.as_str())).collect();
    assert!(notes.contains(&(true, "Stopped on 02.")), "{notes:?}");
    assert!(notes.contains(&(true, "There are 31 more changes of trails.")), "{notes:?}");
    assert!(report.findings.iter().any(|finding| finding.text == "Stopped on 02."), "{:?}", report.findings);
}

#[test]
fn the_terminal_form_fits_its_width() {
    let long = "a-very-long-word-".repeat(12);
    for value in ["x", "203.0.113.77", "日本語の長い名前 を持つ利用者", long.as_str()] {
        for report in [busy_week(value), finish(quiet_week()), finish(empty_week())] {
            for width in [50, 80, 120] {
                let written = written(&report, terminal(width));
                let wide = written.lines().find(|line| line.width() > width);
                assert_eq!(wide, None, "{width} columns, {value}\n{written}");
            }
        }
    }
}

#[test]
fn colours_only_when_wanted() {
    let report = busy_week("x");
    assert!(!written(&report, terminal(80)).contains('\u{1b}'));
    let colored = written(&report, ReportFormat::Terminal { width: 80, color: true });
    assert!(colored.contains("\u{1b}[31mcritical"));
    let parts = colored.split('\u{1b}').skip(1);
    let plain: String = colored.split('\u{1b}').take(1).chain(parts.map(|p| p.split_once('m').unwrap().1)).collect();
    assert_eq!(plain, written(&report, terminal(80)));
}

#[test]
fn html_stands_alone() {
    for report in [busy_week("x"), finish(quiet_week()), finish(empty_week())] {
        let html = written(&report, HTML);
        let policy =
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">";
        for expected in ["<html lang=\"en\">", policy, "<title id=\"t0\">", "<desc id=\"d0\">", "scope=\"col\""] {
            assert!(html.contains(expected), "{expected}");
        }
        for never in ["<script", "http:", "https:", "src=", "href=", "@import"] {
            assert!(!html.contains(never), "{never}");
        }
    }
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    for format in FORMATS {
        assert_eq!(written(&busy_week("x"), format), written(&busy_week("x"), format));
    }
}

#[test]
fn every_time_carries_its_offset() {
    let report = busy_week("x");
    for format in [terminal(120), MARKDOWN, HTML] {
        let written = written(&report, format);
        for (at, _) in written.match_indices("2026-11-0") {
            let rest = &written[at..];
            let time = rest.get(10..19).filter(|time| time.starts_with(' ') && time.matches(':').count() == 2);
            assert!(time.is_none() || rest[19..].starts_with(" +09:00"), "{}", &rest[..30]);
        }
    }
}

#[test]
fn what_is_cut_is_said() {
    let mut report = busy_week("x");
    report.others.same_address.total = 1001;
    for format in [terminal(80), MARKDOWN, HTML] {
        let written = written(&report, format);
        assert!(written.contains("1,000 more not shown"), "{format:?}");
        assert!(written.contains("and 1 more"), "{format:?}");
    }
    let html = written(&busy_week(&"y".repeat(500)), HTML);
    assert!(html.contains(&format!("{}…", "y".repeat(160))));
}

#[test]
fn hidden_characters_become_visible() {
    for (value, expected) in [
        ("plain", "plain"),
        ("a\tb\r\n", "a\\u{9}b\\u{d}\\u{a}"),
        ("\u{0}\u{7f}\u{85}", "\\u{0}\\u{7f}\\u{85}"),
        ("\u{200b}\u{2066}\u{feff}\u{e0041}", "\\u{200b}\\u{2066}\\u{feff}\\u{e0041}"),
        ("日本 é", "日本 é"),
    ] {
        assert_eq!(text::visible(value), expected);
    }
}
