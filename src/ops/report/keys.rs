//! AccessKeys of root: their calls, and what became of them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Asked;
use super::evidence::{Condition, EvidenceBook, FirstEvent, instant};
use super::names::Known;
use crate::engine::{EngineError, Param};
use crate::event::ids::access_key_kind;
use crate::report::calendar::LocalTime;
use crate::report::evidence::Subject;
use crate::report::model::{AccessKeyUse, Counted, CountedAddress, KeyChange, KeyState, Listed, UsedAfterEnd};

/// The most addresses, and services, that an AccessKey is shown with.
const LISTED_PER_KEY: i64 = 12;
/// The most changes of keys that are read, the newest first.
const MOST_CHANGES: i64 = 10_000;
/// The keys whose calls after their end are counted.
const MOST_ENDS: usize = 20;

#[derive(Debug, Deserialize)]
struct KeyRow {
    account_id: Option<String>,
    access_key_id: String,
    part: KeyPart,
    value: Option<String>,
    calls: u64,
    denied: u64,
    failed: u64,
    first: LocalTime,
    last: LocalTime,
    first_events: Option<Vec<FirstEvent>>,
    total: u64,
    place: u64,
}

/// The part of a key's calls that a row counts: all of them, or those from one address or of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KeyPart {
    Key,
    Address,
    Service,
}

#[derive(Debug, Deserialize)]
struct LifeRow {
    account_id: Option<String>,
    access_key_id: Option<String>,
    state: Option<KeyState>,
    time: LocalTime,
    event_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Seen {
    access_key_id: String,
}

#[derive(Debug, Deserialize)]
struct AfterRow {
    succeeded: u64,
    failed: u64,
    first: Option<LocalTime>,
    last: Option<LocalTime>,
    first_events: Vec<FirstEvent>,
}

type Life = BTreeMap<(Option<String>, String), Vec<KeyChange>>;

/// The parameters of the statement about keys.
pub(super) fn params(book: &EvidenceBook) -> Vec<(&'static str, Param)> {
    vec![book.ids(), ("listed_per_key", Param::Int(LISTED_PER_KEY))]
}

/// Asks for the keys by account.
pub(super) fn access_keys(
    asked: &Asked<'_>,
    known: &Known,
    book: &mut EvidenceBook,
) -> Result<BTreeMap<Option<String>, Listed<AccessKeyUse>>, EngineError> {
    let rows: Vec<KeyRow> = asked.rows_with(include_str!("sql/access_keys.sql"), &params(book))?;
    if rows.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut keys: BTreeMap<(Option<String>, String), Vec<KeyRow>> = BTreeMap::new();
    for row in rows {
        keys.entry((row.account_id.clone(), row.access_key_id.clone())).or_default().push(row);
    }
    let life = life(asked)?;
    let wanted: Vec<String> = keys.keys().map(|(_, key)| super::evidence::literal(key)).collect();
    let sql = format!(
        "SELECT user_identity_access_key_id AS access_key_id FROM events WHERE user_identity_type = 'root-account' AND \
         user_identity_access_key_id IN ({}) AND event_time < $since GROUP BY 1",
        wanted.join(", ")
    );
    let seen: Vec<Seen> = asked.rows_with(&sql, &[])?;
    let mut found: BTreeMap<Option<String>, Vec<(u64, u64, AccessKeyUse)>> = BTreeMap::new();
    let mut ends = 0;
    for ((account, key), rows) in keys {
        let Some(all) = rows.iter().find(|row| row.part == KeyPart::Key) else { continue };
        let condition = Condition::root()
            .of_account(account.as_deref())
            .is("user_identity_access_key_id", Some(&key))
            .and("coalesce(event_name, '') <> 'ConsoleSignin'");
        let first = all.first_events.as_deref().unwrap_or_default();
        let evidence = book.add(Subject::AccessKey, account.as_deref(), all.calls, first, condition);
        book.detail(evidence, Some(&key));
        let mut one = AccessKeyUse {
            kind: access_key_kind(&key),
            name: known.names().access_key(&key).map(str::to_owned),
            calls: all.calls,
            denied: all.denied,
            failed: all.failed,
            first: all.first,
            last: all.last,
            new: !seen.iter().any(|seen| seen.access_key_id == key),
            addresses: Listed {
                items: of_part(&rows, KeyPart::Address)
                    .map(|row| CountedAddress { address: known.address(row.value.clone()), count: row.calls })
                    .collect(),
                total: total(&rows, KeyPart::Address),
            },
            services: Listed {
                items: of_part(&rows, KeyPart::Service)
                    .map(|row| Counted { value: row.value.clone(), count: row.calls })
                    .collect(),
                total: total(&rows, KeyPart::Service),
            },
            life: life.get(&(account.clone(), key.clone())).cloned().unwrap_or_default(),
            used_after_end: None,
            evidence,
            access_key_id: key,
        };
        if ends < MOST_ENDS && one.state().is_some_and(|end| end.state.is_end() && one.last > end.time) {
            ends += 1;
            one.used_after_end = used_after_end(asked, account.as_deref(), &one, book)?;
        }
        found.entry(account).or_default().push((all.place, all.total, one));
    }
    let listed = |mut keys: Vec<(u64, u64, AccessKeyUse)>| {
        keys.sort_by_key(|(place, _, _)| *place);
        let total = keys.first().map_or(0, |(_, total, _)| *total);
        Listed { items: keys.into_iter().map(|(_, _, key)| key).collect(), total }
    };
    Ok(found.into_iter().map(|(account, keys)| (account, listed(keys))).collect())
}

fn of_part(rows: &[KeyRow], part: KeyPart) -> impl Iterator<Item = &KeyRow> {
    rows.iter().filter(move |row| row.part == part)
}

fn total(rows: &[KeyRow], part: KeyPart) -> u64 {
    of_part(rows, part).next().map_or(0, |row| row.total)
}

/// Asks for the changes of keys by the end of the range, in the order of their time.
fn life(asked: &Asked<'_>) -> Result<Life, EngineError> {
    let rows: Vec<LifeRow> =
        asked.rows_with(include_str!("sql/key_life.sql"), &[("listed", Param::Int(MOST_CHANGES))])?;
    let mut life = Life::new();
    for row in rows.into_iter().rev() {
        if let (Some(key), Some(state)) = (row.access_key_id, row.state) {
            let change = KeyChange { state, time: row.time, event_id: row.event_id };
            life.entry((row.account_id, key)).or_default().push(change);
        }
    }
    Ok(life)
}

/// Counts the calls with a key after its end.
fn used_after_end(
    asked: &Asked<'_>,
    account: Option<&str>,
    key: &AccessKeyUse,
    book: &mut EvidenceBook,
) -> Result<Option<UsedAfterEnd>, EngineError> {
    let Some(end) = key.state().cloned() else { return Ok(None) };
    let condition = Condition::root()
        .of_account(account)
        .is("user_identity_access_key_id", Some(&key.access_key_id))
        .and(format!("event_time > {}", instant(end.time.utc())));
    let sql = format!(
        "SELECT count(*) FILTER (WHERE outcome = 'success') AS succeeded, \
         count(*) FILTER (WHERE outcome <> 'success') AS failed, min(event_time) AS first, max(event_time) AS last, \
         first_events(event_time, event_id, source_id, $ids) AS first_events FROM events WHERE {}",
        asked.within(&condition)
    );
    let Some(row) = asked.rows_with::<AfterRow>(&sql, &[book.ids()])?.into_iter().next() else { return Ok(None) };
    let (Some(first), Some(last)) = (row.first, row.last) else { return Ok(None) };
    let (succeeded, failed) = (row.succeeded, row.failed);
    let evidence = book.add(Subject::UsedAfterEnd, account, succeeded + failed, &row.first_events, condition);
    book.detail(evidence, Some(&key.access_key_id));
    Ok(Some(UsedAfterEnd { state: end.state, ended: end.time, succeeded, failed, first, last, evidence }))
}
