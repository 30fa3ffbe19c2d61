//! Others who could have acted, and what was done with what root made.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Asked;
use super::evidence::{Condition, EvidenceBook, FirstEvent, instant, literal};
use super::names::Known;
use crate::engine::EngineError;
use crate::report::calendar::LocalTime;
use crate::report::evidence::Subject;
use crate::report::model::{
    Activity, AdministratorGrant, Counted, CountedAddress, CreatedIdentity, CreatedKind, InitialUser, Listed,
    NotableKind, SharedAddress,
};

/// The users and keys made by root that are followed, of all accounts.
const MOST_CREATED: usize = 50;

#[derive(Debug, Deserialize)]
struct InitialUserRow {
    refused: bool,
    account_id: Option<String>,
    event_name: Option<String>,
    kind: Option<String>,
    user_name: Option<String>,
    error_code: Option<String>,
    count: u64,
    first: LocalTime,
    last: LocalTime,
    first_events: Vec<FirstEvent>,
    total: u64,
}

/// Fills in the instances with root as initial login user.
pub(super) fn initial_user(
    asked: &Asked<'_>,
    known: &Known,
    book: &mut EvidenceBook,
    activities: &mut BTreeMap<Option<String>, Activity>,
) -> Result<(), EngineError> {
    let mut together: BTreeMap<Option<String>, (u64, Vec<FirstEvent>)> = BTreeMap::new();
    for row in asked.rows::<InitialUserRow>(include_str!("sql/initial_user.sql"), book)? {
        let activity = activities.entry(row.account_id.clone()).or_default();
        let view = if row.refused { "ecs_root_initial_user_denied" } else { "ecs_root_initial_user" };
        let mut condition = Condition::all()
            .of_account(row.account_id.as_deref())
            .is("event_name", row.event_name.as_deref())
            .is("user_identity_type", row.kind.as_deref())
            .is("principal", row.user_name.as_deref());
        if row.refused {
            condition = condition
                .is("error_code", row.error_code.as_deref())
                .and("(login_as_non_root IS DISTINCT FROM 'true')");
        } else {
            let (count, events) = together.entry(row.account_id.clone()).or_default();
            *count += row.count;
            events.extend(row.first_events.iter().cloned());
        }
        let subject = if row.refused { Subject::InitialUserRefused } else { Subject::InitialUser };
        let sql = asked.of_view(view, condition, book);
        let evidence = book.add_sql(subject, row.account_id.as_deref(), row.count, &row.first_events, sql);
        book.detail(evidence, row.user_name.as_deref());
        let call = InitialUser {
            caller: known.identity(row.kind, row.user_name, None),
            event_name: row.event_name,
            error_code: row.error_code,
            count: row.count,
            first: row.first,
            last: row.last,
            evidence,
        };
        let list = if row.refused { &mut activity.initial_user_refused } else { &mut activity.initial_user };
        list.total = row.total;
        list.items.push(call);
    }
    for (account, (count, mut events)) in together {
        events.sort();
        let condition = Condition::all().of_account(account.as_deref());
        let sql = asked.of_view("ecs_root_initial_user", condition, book);
        if let Some(activity) = activities.get_mut(&account) {
            activity.initial_user_evidence =
                book.add_sql(Subject::InitialUser, account.as_deref(), count, &events, sql);
        }
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct SharedRow {
    account_id: Option<String>,
    address: String,
    kind: Option<String>,
    user_name: Option<String>,
    principal_id: Option<String>,
    identity_account_id: Option<String>,
    calls: u64,
    first: LocalTime,
    last: LocalTime,
    root_events: u64,
    first_events: Vec<FirstEvent>,
    total: u64,
}

/// Fills in the other identities on addresses of root.
pub(super) fn same_address(
    asked: &Asked<'_>,
    known: &Known,
    book: &mut EvidenceBook,
    activities: &mut BTreeMap<Option<String>, Activity>,
) -> Result<(), EngineError> {
    for row in asked.rows::<SharedRow>(include_str!("sql/same_address.sql"), book)? {
        let Some(activity) = activities.get_mut(&row.account_id) else { continue };
        let condition = Condition::all()
            .is("source_ip_address", Some(&row.address))
            .is("nullif(user_identity_type, '')", row.kind.as_deref())
            .is("nullif(user_identity_user_name, '')", row.user_name.as_deref())
            .is("nullif(user_identity_principal_id, '')", row.principal_id.as_deref())
            .is("nullif(user_identity_account_id, '')", row.identity_account_id.as_deref());
        let evidence =
            book.add(Subject::SameAddress, row.account_id.as_deref(), row.calls, &row.first_events, condition);
        book.detail(evidence, Some(&row.address));
        let Some(address) = known.address(Some(row.address)) else { continue };
        activity.same_address.total = row.total;
        activity.same_address.items.push(SharedAddress {
            address,
            identity: known.identity(row.kind, row.user_name, row.principal_id),
            other_account: row.identity_account_id.filter(|id| row.account_id.as_ref() != Some(id)),
            calls: row.calls,
            first: row.first,
            last: row.last,
            root_events: row.root_events,
            evidence,
        });
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct GrantRow {
    time: LocalTime,
    event_name: Option<String>,
    policy_name: Option<String>,
    receiver_kind: Option<String>,
    receiver: Option<String>,
    kind: Option<String>,
    user_name: Option<String>,
    principal_id: Option<String>,
    account_id: Option<String>,
    address: Option<String>,
    event_id: Option<String>,
    source_id: Option<String>,
    total: u64,
}

/// Fills in the policies of administrator grade that were given.
pub(super) fn administrators(
    asked: &Asked<'_>,
    known: &Known,
    book: &mut EvidenceBook,
    activities: &mut BTreeMap<Option<String>, Activity>,
) -> Result<(), EngineError> {
    for row in asked.rows_with::<GrantRow>(include_str!("sql/administrators.sql"), &[])? {
        let activity = activities.entry(row.account_id.clone()).or_default();
        let first = FirstEvent { time: Some(row.time), id: row.event_id.clone(), source: row.source_id };
        let condition = match &row.event_id {
            Some(id) => Condition::all().is("event_id", Some(id)),
            None => Condition::all()
                .is("event_name", row.event_name.as_deref())
                .and(format!("event_time = {}", instant(row.time.utc()))),
        };
        let evidence = book.add(Subject::Administrator, row.account_id.as_deref(), 1, &[first], condition);
        book.detail(evidence, row.policy_name.as_deref());
        activity.administrators.total = row.total;
        activity.administrators.items.push(AdministratorGrant {
            time: row.time,
            event_name: row.event_name,
            policy_name: row.policy_name,
            receiver_kind: row.receiver_kind,
            receiver: row.receiver,
            giver: known.identity(row.kind, row.user_name, row.principal_id),
            address: known.address(row.address),
            event_id: row.event_id,
            evidence,
        });
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct CreatedRow {
    n: u64,
    part: CreatedPart,
    value: Option<String>,
    calls: u64,
    changes: u64,
    denied: u64,
    first: LocalTime,
    last: LocalTime,
    first_events: Option<Vec<FirstEvent>>,
    total: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CreatedPart {
    All,
    Address,
    Operation,
}

/// Fills in the users and keys that root made, with their use afterwards.
pub(super) fn created(
    asked: &Asked<'_>,
    known: &Known,
    book: &mut EvidenceBook,
    activities: &mut BTreeMap<Option<String>, Activity>,
) -> Result<(), EngineError> {
    let mut made: Vec<(Option<String>, CreatedIdentity)> = Vec::new();
    for (account, activity) in &*activities {
        let calls = activity.account_changes.items.iter().chain(&activity.notable.items);
        for call in calls.filter(|call| call.succeeded > 0) {
            let (kind, id, owner) = match call.kind {
                NotableKind::RootKeyCreated => (CreatedKind::AccessKey, &call.target, None),
                NotableKind::UserKeyCreated => (CreatedKind::AccessKey, &call.detail, call.target.clone()),
                NotableKind::UserCreated => (CreatedKind::User, &call.target, None),
                _ => continue,
            };
            if let Some(id) = id {
                made.push((account.clone(), nothing_done(kind, id, owner, call.first)));
            }
        }
    }
    made.sort_by(|a, b| (a.1.created, &a.1.id).cmp(&(b.1.created, &b.1.id)));
    let all = made.len();
    made.truncate(MOST_CREATED);
    if made.is_empty() {
        return Ok(());
    }
    let row = |(n, (account, one)): (usize, &(Option<String>, CreatedIdentity))| {
        let account = account.as_deref().map_or_else(|| "CAST(NULL AS VARCHAR)".to_owned(), literal);
        let (is_key, id) = (u8::from(one.kind == CreatedKind::AccessKey), literal(&one.id));
        let created = instant(one.created.utc());
        format!("({n}, {is_key}, {id}, {account}, CAST({created} AS TIMESTAMP WITH TIME ZONE))")
    };
    let values: Vec<String> = made.iter().enumerate().map(row).collect();
    let sql = include_str!("sql/created.sql").replace("{made}", &values.join(", "));
    for row in asked.rows::<CreatedRow>(&sql, book)? {
        let Some((account, one)) = usize::try_from(row.n).ok().and_then(|n| made.get_mut(n)) else { continue };
        match row.part {
            CreatedPart::All => {
                let condition = match one.kind {
                    CreatedKind::AccessKey => Condition::all().is("user_identity_access_key_id", Some(&one.id)),
                    CreatedKind::User => Condition::all()
                        .is("user_identity_type", Some("ram-user"))
                        .is("user_identity_user_name", Some(&one.id))
                        .of_account(account.as_deref()),
                };
                let condition = condition.and(format!("event_time >= {}", instant(one.created.utc())));
                let first = row.first_events.as_deref().unwrap_or_default();
                one.evidence = book.add(Subject::Created, account.as_deref(), row.calls, first, condition);
                book.detail(one.evidence, Some(&one.id));
                (one.calls, one.changes, one.denied) = (row.calls, row.changes, row.denied);
                (one.first, one.last) = (Some(row.first), Some(row.last));
            }
            CreatedPart::Address => {
                one.addresses.total = row.total;
                one.addresses.items.push(CountedAddress { address: known.address(row.value), count: row.calls });
            }
            CreatedPart::Operation => {
                one.called.total = row.total;
                one.called.items.push(Counted { value: row.value, count: row.calls });
            }
        }
    }
    let more = (all - made.len()) as u64;
    for (account, one) in made {
        if let Some(activity) = activities.get_mut(&account) {
            activity.created.items.push(one);
            activity.created.total += 1;
        }
    }
    // The cut is by time, so what it left out belongs to the last.
    if let Some(activity) = activities.values_mut().rev().find(|activity| activity.created.total > 0) {
        activity.created.total += more;
    }
    Ok(())
}

fn nothing_done(kind: CreatedKind, id: &str, owner: Option<String>, created: LocalTime) -> CreatedIdentity {
    CreatedIdentity {
        kind,
        id: id.to_owned(),
        owner,
        created,
        calls: 0,
        changes: 0,
        denied: 0,
        first: None,
        last: None,
        addresses: Listed::default(),
        called: Listed::default(),
        evidence: None,
    }
}
