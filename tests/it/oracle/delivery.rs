//! The slow, obvious evaluation of the report's figures and of coverage, over raw JSON events.
//!
//! Each rule is written down as it is stated, one look at all events for each figure. No code of the library is used,
//! and nothing is shared with its SQL. What comes out has the names that the report's JSON and the table of days have.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// An event with what the rules look at.
pub struct Seen<'e> {
    event: &'e Value,
    time: DateTime<Utc>,
    /// Local day and hour.
    day: NaiveDate,
    hour: u32,
    pub account: Option<String>,
    pub region: Option<String>,
}

/// The events that have a time.
pub fn seen(events: &[Value], tz: Tz) -> Vec<Seen<'_>> {
    let one = |event: &'_ Value| {
        let time = DateTime::parse_from_rfc3339(event["eventTime"].as_str()?).ok()?.with_timezone(&Utc);
        let local = time.with_timezone(&tz);
        Some((time, local.date_naive(), local.hour()))
    };
    let seen = events.iter().filter_map(|event| one(event).map(|at| (event, at)));
    let seen = seen.map(|(event, (time, day, hour))| Seen {
        event,
        time,
        day,
        hour,
        account: word(&event["userIdentity"]["accountId"]).or_else(|| word(&event["recipientAccountId"])),
        region: word(&event["acsRegion"]),
    });
    seen.collect()
}

/// A text that says something.
fn word(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (!["", "null"].contains(&text.trim().to_lowercase().as_str())).then(|| text.to_owned())
}

impl Seen<'_> {
    fn name(&self) -> &str {
        self.event["eventName"].as_str().unwrap_or_default()
    }

    fn is_root(&self) -> bool {
        self.event["userIdentity"]["type"] == "root-account"
    }

    fn is_logon(&self) -> bool {
        self.name() == "ConsoleSignin"
    }

    fn failed(&self) -> bool {
        word(&self.event["errorCode"]).is_some() || (self.is_logon() && word(&self.event["errorMessage"]).is_some())
    }

    fn denied(&self) -> bool {
        self.event["errorCode"] == "NoPermission"
    }

    fn id(&self) -> String {
        self.event["eventId"].as_str().unwrap_or_default().to_owned()
    }

    /// R, W, or nothing where nobody knows.
    fn access(&self) -> Option<char> {
        match word(&self.event["eventRW"]).map(|rw| rw.to_lowercase()).as_deref() {
            Some("read") => return Some('R'),
            Some("write") => return Some('W'),
            _ => {}
        }
        let name = self.name();
        if name == "OnsConsumerAccumulate" || name.starts_with("Describe") {
            Some('R')
        } else if name == "QueryContent" || ["Delete", "Run", "Put"].iter().any(|verb| name.starts_with(verb)) {
            Some('W')
        } else {
            None
        }
    }

    fn key(&self) -> Option<String> {
        word(&self.event["userIdentity"]["accessKeyId"])
    }

    fn mfa(&self) -> Option<bool> {
        match self.event["additionalEventData"]["isMFAChecked"].as_str() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        }
    }
}

/// The kind of a key, as the JSON of the report says it.
pub fn key_kind(key: &str) -> &'static str {
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric());
    match key {
        _ if key.starts_with("LTAI") => "long_term",
        _ if key.starts_with("STS.") || key.starts_with("TMP.") => "temporary",
        _ if plain && key.len() == 16 => "long_term",
        _ => "unknown",
    }
}

/// What is looked at.
#[derive(Clone, Default)]
pub struct Scope {
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
}

impl Scope {
    fn has_account(&self, seen: &Seen<'_>) -> bool {
        self.accounts.is_empty() || seen.account.as_ref().is_some_and(|account| self.accounts.contains(account))
    }

    fn has(&self, seen: &Seen<'_>) -> bool {
        let region =
            self.regions.is_empty() || seen.region.as_ref().is_some_and(|region| self.regions.contains(region));
        self.has_account(seen) && region
    }
}

/// Accounts that count for silence: those with an id, or all where none has one.
fn accounts(all: &[Seen<'_>], scope: &Scope) -> BTreeSet<Option<String>> {
    let found: BTreeSet<_> =
        all.iter().filter(|seen| scope.has_account(seen)).map(|seen| seen.account.clone()).collect();
    if found.len() == 1 { found } else { found.into_iter().filter(Option::is_some).collect() }
}

// ---- the report ----

/// The figures of a range.
fn figures(events: &[&Seen<'_>], threshold: usize) -> Value {
    let count = |holds: &dyn Fn(&Seen<'_>) -> bool| events.iter().filter(|seen| holds(seen)).count();
    let is_call = |seen: &Seen<'_>| seen.is_root() && !["ConsoleSignin", "ConsoleSignout"].contains(&seen.name());
    let logon = |seen: &Seen<'_>| seen.is_root() && seen.is_logon();
    let ok_logon = |seen: &Seen<'_>| logon(seen) && !seen.failed();
    let mut by_day: BTreeMap<(NaiveDate, &Option<String>), usize> = BTreeMap::new();
    for seen in events.iter().filter(|seen| seen.is_root()) {
        *by_day.entry((seen.day, &seen.account)).or_default() += 1;
    }
    let busy: BTreeSet<_> = by_day.iter().filter(|(_, n)| **n >= threshold).map(|((day, _), _)| day).collect();
    json!({
        "events": events.len(),
        "root_events": count(&|seen| seen.is_root()),
        "logons_succeeded": count(&ok_logon),
        "logons_failed": count(&|seen| logon(seen) && seen.failed()),
        "logons_with_mfa": count(&|seen| ok_logon(seen) && seen.mfa() == Some(true)),
        "logons_without_mfa": count(&|seen| ok_logon(seen) && seen.mfa() == Some(false)),
        "logons_mfa_not_said": count(&|seen| ok_logon(seen) && seen.mfa().is_none()),
        "access_key_calls": count(&|seen| seen.is_root() && !seen.is_logon() && seen.key().is_some()),
        "long_term_key_calls": count(&|seen| {
            seen.is_root() && !seen.is_logon() && seen.key().is_some_and(|key| key_kind(&key) == "long_term")
        }),
        "changes": count(&|seen| is_call(seen) && seen.access() == Some('W') && !seen.failed()),
        "changes_failed": count(&|seen| is_call(seen) && seen.access() == Some('W') && seen.failed()),
        "access_not_known": count(&|seen| is_call(seen) && seen.access().is_none()),
        "denied": count(&|seen| seen.is_root() && !seen.is_logon() && seen.denied()),
        "high_frequency_days": busy.len(),
    })
}

/// A range: from its first instant up to its end.
pub type Range = (DateTime<Utc>, DateTime<Utc>);

fn inside((since, until): Range, time: DateTime<Utc>) -> bool {
    since <= time && time < until
}

fn days((since, until): Range, tz: Tz) -> Vec<NaiveDate> {
    let day = |time: DateTime<Utc>| time.with_timezone(&tz).date_naive();
    day(since).iter_days().take_while(|known| *known <= day(until - TimeDelta::seconds(1))).collect()
}

/// What the report says of its range and the ranges before it, newest first.
pub fn report(all: &[Seen<'_>], scope: &Scope, ranges: &[Range], tz: Tz, threshold: usize) -> Value {
    let of_accounts = |range: Range| all.iter().filter(move |seen| scope.has_account(seen) && inside(range, seen.time));
    let of = |range: Range| of_accounts(range).filter(|seen| scope.has(seen)).collect::<Vec<_>>();
    let known = |range: Range| -> Vec<Option<String>> {
        let before = |account: &Option<String>| all.iter().any(|seen| seen.account == *account && seen.time < range.1);
        accounts(all, scope).into_iter().filter(before).collect()
    };
    let comparison: Vec<Value> = ranges
        .iter()
        .map(|range| {
            let with_events: BTreeSet<_> = of_accounts(*range).map(|seen| seen.day).collect();
            let known = known(*range);
            let silent = known.iter().filter(|account| !of_accounts(*range).any(|seen| seen.account == **account));
            json!({
                "days_with_events": with_events.len(),
                "accounts": known.len(),
                "accounts_silent": silent.count(),
                "figures": if with_events.is_empty() { Value::Null } else { figures(&of(*range), threshold) },
            })
        })
        .collect();
    let range = ranges[0];
    let state = |root: usize, here: usize, delivered: usize| match (root, here, delivered) {
        (1.., _, _) => "events",
        (0, 1.., _) => "no_root_events",
        (0, 0, 1..) => "other_regions_only",
        _ => "no_events_delivered",
    };
    let count = |seen: &[&Seen<'_>], holds: &dyn Fn(&Seen<'_>) -> bool| seen.iter().filter(|seen| holds(seen)).count();
    let mut day_uses = Vec::new();
    for day in days(range, tz) {
        let here: Vec<_> = of(range).into_iter().filter(|seen| seen.day == day).collect();
        let delivered: Vec<_> = of_accounts(range).filter(|seen| seen.day == day).collect();
        let known = known(range);
        let silent = known.iter().filter(|account| !delivered.iter().any(|seen| seen.account == **account)).count();
        let root = count(&here, &|seen| seen.is_root());
        let logons = count(&here, &|seen| seen.is_root() && seen.is_logon());
        let keys = count(&here, &|seen| seen.is_root() && !seen.is_logon() && seen.key().is_some());
        let writes = count(&here, &|seen| {
            seen.is_root() && !seen.is_logon() && seen.key().is_none() && seen.access() == Some('W')
        });
        day_uses.push(json!({
            "day": day.to_string(),
            "state": state(root, here.len(), delivered.len()),
            "logons": logons,
            "access_key_calls": keys,
            "console_writes": writes,
            "other": root - logons - keys - writes,
            "all_events": here.len(),
            "accounts": known.len(),
            "accounts_without_events": silent,
        }));
    }
    let mut delivery: BTreeMap<String, Value> = BTreeMap::new();
    for account in known(range) {
        let mut of_days = Vec::new();
        for day in days(range, tz) {
            let delivered = of_accounts(range).filter(|seen| seen.day == day && seen.account == account).count();
            let here = of(range).into_iter().filter(|seen| seen.day == day && seen.account == account);
            let here: Vec<_> = here.collect();
            let root = count(&here, &|seen| seen.is_root());
            of_days.push(json!({"day": day.to_string(), "state": state(root, here.len(), delivered),
                "events": delivered, "root_events": root}));
        }
        delivery.insert(account.unwrap_or_default(), json!(of_days));
    }
    let root = of(range).into_iter().filter(|seen| seen.is_root());
    let mut logons: BTreeMap<String, Value> = BTreeMap::new();
    let mut keys: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut changes: BTreeMap<String, u64> = BTreeMap::new();
    for seen in root {
        if seen.is_logon() {
            let failed = |other: &&Seen<'_>| {
                let may_be_same = seen.account.is_none() || other.account.is_none() || other.account == seen.account;
                other.is_root()
                    && other.is_logon()
                    && other.failed()
                    && scope.has(other)
                    && may_be_same
                    && other.id() != seen.id()
            };
            let hour_before =
                |other: &&Seen<'_>| other.time < seen.time && seen.time - other.time <= TimeDelta::hours(1);
            let before = all.iter().filter(failed).filter(hour_before).count();
            let same = all.iter().filter(failed).filter(|other| other.time == seen.time).count();
            logons.insert(
                seen.id(),
                json!({"succeeded": !seen.failed(), "failed_in_hour_before": before,
                "failed_in_same_second": same}),
            );
            continue;
        }
        if let Some(key) = seen.key() {
            let owner = seen.account.clone().unwrap_or_default();
            let counts = keys.entry(format!("{key} {} {owner}", key_kind(&key))).or_default();
            counts.0 += 1;
            counts.1 += u64::from(seen.failed());
        }
        if seen.access() == Some('W') && !seen.failed() {
            let service = seen.event["serviceName"].as_str().unwrap_or_default().to_lowercase();
            *changes.entry(format!("{service} {}", seen.name())).or_default() += 1;
        }
    }
    let is_grant = |seen: &&&Seen<'_>| {
        let parameters = &seen.event["requestParameters"];
        seen.name() == "AttachPolicyToUser"
            && parameters["PolicyName"] == "AdministratorAccess"
            && parameters["PolicyType"] != "Custom"
            && !seen.failed()
    };
    let in_range = of(range);
    let grants: BTreeSet<String> = in_range.iter().filter(is_grant).map(|seen| seen.id()).collect();
    json!({
        "comparison": comparison, "days": day_uses, "delivery": delivery, "logons": logons, "keys": keys,
        "changes": changes, "grants": grants,
    })
}

// ---- coverage ----

/// A row of the table of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub state: &'static str,
    pub events: u64,
    pub reads: u64,
    pub writes: u64,
    pub silent_hours: u64,
}

/// Rows by account, region and day.
pub type Rows = BTreeMap<(Option<String>, Option<String>, NaiveDate), Row>;

/// Two weeks before must have had events in an hour for it to be missed.
const WEEKS: u64 = 2;
/// From so many writes on, a day without reads is write-only.
const MANY_WRITES: u64 = 10;

/// The table of days, and the runs of days of an account without anything.
pub fn coverage(
    all: &[Seen<'_>],
    scope: &Scope,
    (since, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    tz: Tz,
) -> (Rows, BTreeSet<(String, NaiveDate)>) {
    let day = |time: DateTime<Utc>| time.with_timezone(&tz).date_naive();
    let newest = all.iter().map(|seen| seen.time).max().unwrap();
    let last = until.map_or(day(newest), |until| day(until - TimeDelta::microseconds(1)));
    let in_range =
        |seen: &Seen<'_>| since.is_none_or(|since| since <= seen.time) && until.is_none_or(|until| seen.time < until);
    let known = accounts(all, scope);
    let (mut rows, mut silent_days) = (Rows::new(), BTreeSet::new());
    let places: BTreeSet<_> =
        all.iter().filter(|seen| scope.has(seen)).map(|seen| (seen.account.clone(), seen.region.clone())).collect();
    for (account, region) in places {
        let of_place: Vec<_> = all.iter().filter(|seen| seen.account == account && seen.region == region).collect();
        let first = since.map_or_else(|| of_place.iter().map(|seen| seen.day).min().unwrap(), day);
        let last =
            if known.contains(&account) { last } else { of_place.iter().map(|seen| seen.day).max().unwrap().min(last) };
        for date in first.iter_days().take_while(|date| *date <= last) {
            let here: Vec<_> = of_place.iter().filter(|seen| seen.day == date && in_range(seen)).collect();
            let of_account: Vec<_> =
                all.iter().filter(|seen| seen.account == account && seen.day == date && in_range(seen)).collect();
            let count = |events: &[&Seen<'_>], access| {
                events.iter().filter(|seen| seen.access() == Some(access)).count() as u64
            };
            let (reads, writes) = (count(&of_account, 'R'), count(&of_account, 'W'));
            let set = |names: &[&str], rw: &[&str], ends: &dyn Fn(&Seen<'_>) -> bool| {
                trail_held(
                    all,
                    &account,
                    date,
                    &|seen| {
                        let said = seen.event["requestParameters"]["EventRW"].as_str().unwrap_or_default();
                        names.contains(&seen.name()) && (rw.is_empty() || rw.contains(&said))
                    },
                    ends,
                )
            };
            let says = |seen: &Seen<'_>, wanted: &str| seen.event["requestParameters"]["EventRW"] == wanted;
            let write_only =
                set(&["UpdateTrail", "CreateTrail"], &["Write"], &|seen| says(seen, "All") || says(seen, "Read"));
            let read_only =
                set(&["UpdateTrail", "CreateTrail"], &["Read"], &|seen| says(seen, "All") || says(seen, "Write"));
            let stopped = set(&["StopLogging", "DeleteTrail"], &[], &|seen| {
                ["StartLogging", "CreateTrail"].contains(&seen.name())
            });
            let state = match (here.is_empty(), of_account.is_empty()) {
                (false, _) if reads == 0 && writes > 0 && (writes >= MANY_WRITES || write_only) => "write_only",
                (false, _) if writes == 0 && reads > 0 && read_only => "read_only",
                (false, _) => "events",
                (true, _) if stopped => "trail_stopped",
                (true, false) => "no_events",
                (true, true) => "nothing_delivered",
            };
            if state == "nothing_delivered" && known.contains(&account) {
                silent_days.insert((account.clone().unwrap_or_default(), date));
            }
            let here: Vec<&Seen<'_>> = here.into_iter().copied().collect();
            let row = Row {
                state,
                events: here.len() as u64,
                reads: count(&here, 'R'),
                writes: count(&here, 'W'),
                silent_hours: (0..24)
                    .filter(|hour| is_silent(&of_place, date, *hour, (since, until), newest, tz))
                    .count() as u64,
            };
            rows.insert((account.clone(), region.clone(), date), row);
        }
    }
    (rows, silent_days)
}

/// Some call began something on the day or before, and none that came later ended it before the day.
fn trail_held(
    all: &[Seen<'_>],
    account: &Option<String>,
    date: NaiveDate,
    begins: &dyn Fn(&Seen<'_>) -> bool,
    ends: &dyn Fn(&Seen<'_>) -> bool,
) -> bool {
    let of_trail =
        |seen: &&Seen<'_>| seen.account == *account && seen.event["serviceName"] == "Actiontrail" && !seen.failed();
    all.iter().filter(of_trail).filter(|seen| begins(seen) && seen.day <= date).any(|begin| {
        let end = all.iter().filter(of_trail).filter(|seen| ends(seen) && seen.time > begin.time);
        end.map(|seen| seen.day).min().is_none_or(|end| end >= date)
    })
}

fn is_silent(
    of_place: &[&Seen<'_>],
    date: NaiveDate,
    hour: u32,
    (since, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    newest: DateTime<Utc>,
    tz: Tz,
) -> bool {
    let has = |date: NaiveDate| of_place.iter().any(|seen| seen.day == date && seen.hour == hour);
    // The hour must exist whole, in the range, and not after the newest event.
    let quarter = |n: u32| {
        tz.with_ymd_and_hms(date.year(), date.month(), date.day(), hour, 15 * n, 0)
            .earliest()
            .map(|t| t.with_timezone(&Utc))
    };
    let Some(start) = quarter(0) else { return false };
    let exists = (0..4).all(|n| quarter(n).is_some());
    let ended = until.map_or(start <= newest, |until| start + TimeDelta::hours(1) <= until);
    let begun = since.is_none_or(|since| since <= start);
    exists && ended && begun && !has(date) && (1..=WEEKS).all(|week| has(date - Days::new(7 * week)))
}
