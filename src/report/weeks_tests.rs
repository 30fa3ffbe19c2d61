//! Weeks made by hand, for tests of what is written about them.

use chrono::{DateTime, NaiveDate, Utc};

use super::calendar::{Day, LocalTime, NamedSpan, Span, periods};
use super::evidence::{EventRef, Evidence, EvidenceId, EvidenceSource, Subject as Figure};
use super::findings::findings;
use super::model::*;
use super::text;
use crate::event::time::{IsoWeek, Zone};

const TZ: Zone = Zone::Named(chrono_tz::Asia::Tokyo);
const ACCOUNT: &str = "1000000000000001";

pub(super) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn at(text: &str) -> LocalTime {
    LocalTime::new(utc(text), TZ)
}

pub(super) fn day(text: &str) -> Day {
    Day(text.parse::<NaiveDate>().unwrap())
}

pub(super) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(super) fn one<T>(item: T, total: u64) -> Listed<T> {
    Listed { items: vec![item], total }
}

/// A week without anything. `finish` draws findings and verdict.
pub(super) fn empty_week() -> RootUsage {
    let week = IsoWeek::parse("2026-W45").unwrap();
    let (since, until) = week.range(TZ);
    let spans = periods(Span { since, until }, Some(week), TZ);
    let days: Vec<DayUse> = spans[0].span.days(TZ).into_iter().map(day_without_events).collect();
    let period = |period: &NamedSpan| Period {
        week: period.week.map(|week| week.to_string()),
        since: LocalTime::new(period.span.since, TZ),
        until: LocalTime::new(period.span.until, TZ),
        state: PeriodState::NoData,
        days: 7,
        days_with_events: 0,
        accounts: 1,
        accounts_silent: 1,
        figures: None,
    };
    let coverage = Coverage {
        days_without_events: days.iter().map(|day| day.day).collect(),
        days: days.len() as u64,
        ..Coverage::default()
    };
    let total = Usage { comparison: spans.iter().map(period).collect(), days, ..Usage::default() };
    let account = AccountUse {
        account_id: some(ACCOUNT),
        name: None,
        gravest: None,
        findings: 0,
        usage: total.clone(),
        activity: None,
    };
    let accounts = Listed::of(vec![account]);
    RootUsage {
        schema_version: SCHEMA_VERSION,
        subject: Subject {
            week: some("2026-W45"),
            since: LocalTime::new(since, TZ),
            until: LocalTime::new(until, TZ),
            time_zone: TZ.to_string(),
            only_accounts: Vec::new(),
            only_regions: Vec::new(),
            high_frequency: 100,
        },
        verdict: Verdict::of(&total, &accounts, &[], &coverage),
        findings: Vec::new(),
        total,
        accounts,
        trails: Listed::default(),
        coverage,
        evidence: Vec::new(),
        sources: Vec::new(),
        method: Method {
            generated_at: at("2026-11-09T00:00:00Z"),
            trailql_version: "0.1.0".to_owned(),
            command: "trailql report root-usage".to_owned(),
            lake: Some(LakeVersion { version: 3, sha256: some(&"0a".repeat(32)) }),
            sources: 1,
        },
    }
}

pub(super) fn day_without_events(day: Day) -> DayUse {
    DayUse {
        day,
        state: DayState::NoEventsDelivered,
        logons: 0,
        access_key_calls: 0,
        console_writes: 0,
        other: 0,
        all_events: 0,
        accounts: 1,
        accounts_without_events: 1,
    }
}

pub(super) fn finish(mut report: RootUsage) -> RootUsage {
    let threshold = report.subject.high_frequency;
    report.findings =
        findings(&report.total, &report.accounts.items, &report.trails.items, &report.coverage, threshold);
    report.verdict = Verdict::of(&report.total, &report.accounts, &report.findings, &report.coverage);
    report
}

/// A week in which root was not used.
pub(super) fn quiet_week() -> RootUsage {
    let mut report = empty_week();
    let quiet = KeyFigures { events: 70, ..KeyFigures::default() };
    report.total.figures = quiet;
    for day in &mut report.total.days {
        (day.state, day.all_events, day.accounts_without_events) = (DayState::NoRootEvents, 10, 0);
    }
    for period in &mut report.total.comparison {
        (period.state, period.days_with_events, period.accounts_silent) = (PeriodState::EveryDay, 7, 0);
        period.figures = Some(quiet);
    }
    report.accounts.items[0].usage = report.total.clone();
    let days = report.total.days.iter();
    let days = days.map(|day| AccountDay { day: day.day, state: day.state, events: 10, root_events: 0 });
    report.coverage = Coverage {
        oldest_event: Some(at("2026-10-01T00:00:00Z")),
        newest_event: Some(at("2026-11-09T00:00:00Z")),
        first_in_range: Some(at("2026-11-02T00:00:00Z")),
        last_in_range: Some(at("2026-11-08T00:00:00Z")),
        events: 70,
        writes: 20,
        reads: 50,
        days: 7,
        delivery: Listed::of(vec![AccountDelivery {
            account_id: some(ACCOUNT),
            name: None,
            events: 70,
            last_event: Some(at("2026-11-09T00:00:00Z")),
            days_without_events: 0,
            days: days.collect(),
        }]),
        ..Coverage::default()
    };
    report
}

pub(super) fn address(text: &str) -> Address {
    let name = || PlaceName { en: some(text), ..PlaceName::default() };
    let place = AddressPlace { country: name(), city: name(), new_country: true, ..AddressPlace::default() };
    Address { text: text.to_owned(), network: some(text), outside: false, place: Some(place), new: true }
}

pub(super) fn identity(text: &str) -> Identity {
    Identity { kind: some(text), user_name: some(text), principal_id: some(text), name: some(text) }
}

/// A week in which root did everything, with one value wherever events or settings give one.
pub(super) fn busy_week(value: &str) -> RootUsage {
    let mut report = quiet_week();
    let (first, last) = (at("2026-11-03T00:14:05Z"), at("2026-11-03T03:00:00Z"));
    let text = || some(value);
    let evidence = Some(EvidenceId(1));
    report.evidence = vec![Evidence {
        id: EvidenceId(1),
        subject: Figure::RootEvents,
        detail: text(),
        account_id: text(),
        total: 30,
        events: vec![EventRef { time: Some(first), id: text(), source: Some(1) }],
        sql: format!("SELECT {}", value.replace(text::is_hidden, "")),
    }];
    report.sources = vec![EvidenceSource { number: 1, path: value.to_owned(), sha256: "ab".repeat(32) }];
    let agent = crate::event::user_agent::summary(value);
    let figures = KeyFigures {
        events: 1200,
        root_events: 1139,
        logons_succeeded: 2,
        logons_failed: 4,
        logons_without_mfa: 2,
        access_key_calls: 1130,
        long_term_key_calls: 1130,
        changes: 3,
        changes_failed: 1,
        denied: 1,
        high_frequency_days: 1,
        ..KeyFigures::default()
    };
    let account = &mut report.accounts.items[0];
    (account.account_id, account.name) = (text(), text());
    report.coverage.delivery.items[0].account_id = text();
    let usage = &mut account.usage;
    usage.figures = figures;
    usage.evidence.root_events = evidence;
    usage.comparison[0].figures = Some(figures);
    usage.hours.0[1][9] = 1139;
    usage.addresses = one(CountedAddress { address: Some(address(value)), count: 1139 }, 2);
    usage.days[1] = DayUse {
        state: DayState::Events,
        logons: 6,
        access_key_calls: 1130,
        console_writes: 3,
        other: 0,
        all_events: 1140,
        ..usage.days[1].clone()
    };
    report.total = usage.clone();
    let logon = |succeeded: bool, failed_in_hour_before| Logon {
        time: first,
        succeeded,
        error_code: text().filter(|_| !succeeded),
        error_message: text().filter(|_| !succeeded),
        mfa: succeeded.then_some(false),
        address: Some(address(value)),
        user_agent: agent.clone(),
        login_account: text(),
        account_id: text(),
        event_id: text(),
        failed_in_hour_before,
        failed_in_same_second: 0,
        failed_without_account: 0,
        evidence,
    };
    let group = |succeeded: bool, count| LogonGroup {
        succeeded,
        mfa: succeeded.then_some(false),
        error_code: text().filter(|_| !succeeded),
        error_message: text().filter(|_| !succeeded),
        address: Some(address(value)),
        user_agent: agent.clone(),
        user_agent_text: text(),
        count,
        first,
        last,
        evidence,
    };
    let counted = || one(Counted { value: text(), count: 3 }, 2);
    let addresses = || one(CountedAddress { address: Some(address(value)), count: 3 }, 2);
    let key = AccessKeyUse {
        access_key_id: format!("LTAI{value}"),
        name: text(),
        kind: KeyKind::LongTerm,
        calls: 1130,
        denied: 1,
        failed: 1,
        first,
        last,
        new: true,
        addresses: addresses(),
        services: counted(),
        life: vec![KeyChange { state: KeyState::Deleted, time: first, event_id: text() }],
        used_after_end: Some(UsedAfterEnd {
            state: KeyState::Deleted,
            ended: first,
            succeeded: 1,
            failed: 1,
            first,
            last,
            evidence,
        }),
        evidence,
    };
    let calls = || CallGroup {
        service: text(),
        event_name: text(),
        error_code: text(),
        count: 3,
        denied: 1,
        first,
        last,
        resources: one(value.to_owned(), 3),
        evidence,
    };
    let notable = |kind| Notable {
        kind,
        event_name: text(),
        target: text(),
        detail: text(),
        succeeded: 1,
        failed: 0,
        first,
        last,
        address: Some(address(value)),
        undone: None,
        evidence,
    };
    let initial_user = |error_code| InitialUser {
        caller: identity(value),
        event_name: text(),
        error_code,
        count: 2,
        first,
        last,
        evidence,
    };
    account.activity = Some(Activity {
        logons: Logons {
            groups: Listed::of(vec![group(true, 2), group(false, 4)]),
            single: Listed::of(vec![logon(false, 0), logon(true, 4), logon(true, 0)]),
            failed_addresses: 1,
        },
        access_keys: one(key, 1),
        changes: one(calls(), 1),
        changes_failed: one(calls(), 1),
        denied: one(calls(), 1),
        account_changes: one(notable(NotableKind::MfaUnbound), 1),
        notable: Listed::of(vec![notable(NotableKind::OpenedToWorld), notable(NotableKind::UserCreated)]),
        busy_days: one(
            BusyDay { day: day("2026-11-03"), root_events: 1139, busiest_hour: 9, in_busiest_hour: 1139, evidence },
            1,
        ),
        initial_user: one(initial_user(None), 1),
        initial_user_evidence: evidence,
        initial_user_refused: one(initial_user(text()), 1),
        same_address: one(
            SharedAddress {
                address: address(value),
                identity: identity(value),
                other_account: text(),
                calls: 2,
                first,
                last,
                root_events: 9,
                evidence,
            },
            1,
        ),
        administrators: one(
            AdministratorGrant {
                time: last,
                event_name: text(),
                policy_name: text(),
                receiver_kind: text(),
                receiver: text(),
                giver: identity(value),
                address: Some(address(value)),
                event_id: text(),
                evidence,
            },
            1,
        ),
        created: one(
            CreatedIdentity {
                kind: CreatedKind::AccessKey,
                id: value.to_owned(),
                owner: text(),
                created: first,
                calls: 3,
                changes: 1,
                denied: 1,
                first: Some(first),
                last: Some(last),
                addresses: addresses(),
                called: counted(),
                evidence,
            },
            1,
        ),
    });
    report.coverage.accounts = vec![Counted { value: text(), count: 1200 }];
    report.coverage.regions = vec![Counted { value: text(), count: 1200 }, Counted { value: None, count: 1 }];
    report.trails = one(
        TrailChange {
            time: first,
            last: first,
            calls: 1,
            event_name: text(),
            outcome: some("success"),
            effect: TrailEffect::Stopped,
            until: None,
            perhaps_until: None,
            events_until: Some(last),
            moves: Vec::new(),
            event_rw: None,
            region: None,
            trail: text(),
            account_id: text(),
            who_type: some("root-account"),
            who_name: text(),
            address: text(),
            event_id: text(),
            evidence,
        },
        1,
    );
    finish(report)
}

/// A report on two accounts, the second of which delivered nothing.
pub(super) fn week_with_a_silent_account(account: &str) -> RootUsage {
    let mut report = quiet_week();
    let silent = AccountUse { account_id: some(account), ..report.accounts.items[0].clone() };
    let nothing = Usage { figures: KeyFigures::default(), ..silent.usage };
    report.accounts = Listed::of(vec![report.accounts.items[0].clone(), AccountUse { usage: nothing, ..silent }]);
    let days = report.total.days.iter();
    let days =
        days.map(|day| AccountDay { day: day.day, state: DayState::NoEventsDelivered, events: 0, root_events: 0 });
    let delivery = AccountDelivery {
        account_id: some(account),
        name: None,
        events: 0,
        last_event: Some(at("2026-10-30T00:00:00Z")),
        days_without_events: 7,
        days: days.collect(),
    };
    report.coverage.delivery.items.insert(0, delivery);
    (report.coverage.delivery.total, report.coverage.accounts_silent) = (2, 1);
    finish(report)
}
