//! The sections on what was done with root in an account, and by whom it could have been.

use super::accounts::Place;
use super::{Block, Cell, Column, ColumnKind, Maker, Mark, Row, Section, Table};
use crate::report::calendar::LocalTime;
use crate::report::language::Term;
use crate::report::model::{
    AccessKeyUse, Activity, Address, AdministratorGrant, Ban, CallGroup, Counted, CountedAddress, CreatedIdentity,
    Identity, InitialUser, KeyKind, Listed, Logon, LogonGroup, Notable, SharedAddress, Usage,
};
use crate::report::text::{Text, value, value_text, words};
use crate::report::wording::grouped;
use ColumnKind::{Id, Number, Text as Words, Time};

/// Addresses and services in a cell of an AccessKey.
const IN_A_CELL: usize = 6;

impl Maker<'_> {
    fn table<T>(
        &self,
        caption: Term,
        columns: &[(Term, ColumnKind)],
        list: &Listed<T>,
        row: impl Fn(&T) -> Row,
    ) -> Option<Block> {
        let columns = columns.iter().map(|(term, kind)| Column { title: self.term(*term), kind: *kind }).collect();
        let table = Table {
            caption: Text::from(self.term(caption)),
            columns,
            rows: list.items.iter().map(row).collect(),
            total: None,
            more: self.more(list.more()),
        };
        (!table.rows.is_empty()).then_some(Block::Table(table))
    }

    /// First and last time, on a line each; one line where they are the same.
    fn span(&self, first: LocalTime, last: LocalTime) -> Cell {
        let line = |time: LocalTime| Text::from(time.to_string());
        Cell::lines(if first == last { vec![line(first)] } else { vec![line(first), line(last)] })
    }

    /// An address with the name of its network, its place, and whether it is new.
    fn address(&self, address: Option<&Address>) -> Cell {
        let Some(address) = address else { return Cell::text("–") };
        let note = self.words.address_note(address);
        Cell::text(value_text(&address.text)).note((!note.is_empty()).then(|| Text::from(note)))
    }

    /// Addresses with their counts, a line each.
    fn addresses(&self, list: &Listed<CountedAddress>) -> Cell {
        let line = |counted: &CountedAddress| match &counted.address {
            Some(address) => {
                let note = self.words.address_note(address);
                self.words.counted_value(&value(&address.text), Some(note.as_str()), counted.count)
            }
            None => self.words.counted_value(self.words.term(Term::NotSaid), None, counted.count),
        };
        let mut lines: Vec<Text> = list.items.iter().take(IN_A_CELL).map(line).collect();
        lines.extend(self.more(list.total - lines.len() as u64));
        Cell::lines(lines)
    }

    /// Values with their counts in a sentence.
    fn counted(&self, list: &Listed<Counted>) -> Cell {
        let one = |counted: &Counted| {
            let name = counted.value.as_deref().map_or_else(|| self.term(Term::NotSaid), words);
            self.words.counted_value(&name, None, counted.count).plain()
        };
        let names: Vec<String> = list.items.iter().take(IN_A_CELL).map(one).collect();
        Cell::text(self.words.list(&names, list.total))
    }

    fn outcome(&self, succeeded: bool, mfa: Option<bool>, error: [Option<&str>; 2]) -> Cell {
        if succeeded {
            let mark = match mfa {
                Some(true) => Mark::Good,
                Some(false) => Mark::Grave,
                None => Mark::Unknown,
            };
            let note = Text::from(self.words.mfa(mfa));
            return Cell::text(self.term(Term::Succeeded)).note(Some(note)).mark(Some(mark));
        }
        let error: Vec<String> = error.into_iter().flatten().map(words).collect();
        let note = (!error.is_empty()).then(|| Text::from(error.join(": ")));
        Cell::text(self.term(Term::Failed)).note(note)
    }

    /// The logons.
    pub(super) fn logons(&self, usage: &Usage, activity: &Activity, place: &Place) -> Option<Section> {
        let logons = &activity.logons;
        let title = Text::from(self.term(Term::ConsoleLogons));
        let mut blocks = vec![Block::Text(self.words.logons(&usage.figures))];
        let group = |group: &LogonGroup| {
            let error = [group.error_code.as_deref(), group.error_message.as_deref()];
            let cells = vec![
                self.outcome(group.succeeded, group.mfa, error),
                self.address(group.address.as_ref()),
                Cell::text(self.words.user_agent(group.user_agent.as_ref())),
                Cell::text(grouped(group.count)),
                self.span(group.first, group.last),
            ];
            Row::with(cells, group.evidence)
        };
        let columns = [
            (Term::Outcome, Words),
            (Term::Address, Id),
            (Term::Client, Words),
            (Term::Count, Number),
            (Term::FirstAndLast, Time),
        ];
        blocks.extend(self.table(Term::ConsoleLogons, &columns, &logons.groups, group));
        let single = |logon: &Logon| {
            let error = [logon.error_code.as_deref(), logon.error_message.as_deref()];
            let mut outcome = self.outcome(logon.succeeded, logon.mfa, error);
            if logon.succeeded && logon.failures() > 0 {
                let after = self.words.after_failures(logon).plain();
                let note = outcome.note.take().map(|note| format!("{}; {after}", note.plain())).unwrap_or(after);
                outcome = outcome.note(Some(Text::from(note))).mark(Some(Mark::Grave));
            }
            Row::new(vec![
                Cell::text(logon.time.to_string()),
                outcome,
                self.address(logon.address.as_ref()),
                logon.login_account.as_deref().map_or_else(|| Cell::text("–"), |name| Cell::text(value_text(name))),
                logon.event_id.as_deref().map_or_else(|| Cell::text("–"), |id| Cell::text(value_text(id))),
            ])
        };
        let columns = [
            (Term::Time, Time),
            (Term::Outcome, Words),
            (Term::Address, Id),
            (Term::LoginAccount, Id),
            (Term::EventId, Id),
        ];
        if let Some(table) = self.table(Term::SingleLogons, &columns, &logons.single, single) {
            blocks.extend([Block::Heading(Text::from(self.term(Term::SingleLogons))), table]);
        }
        Some(place.section("logons", title, blocks))
    }

    /// The AccessKeys.
    pub(super) fn access_keys(&self, activity: &Activity, place: &Place) -> Option<Section> {
        let key = |key: &AccessKeyUse| {
            let mut note = vec![self.words.key_kind(key.kind).to_owned()];
            note.extend(key.name.as_deref().map(words));
            note.extend(key.new.then(|| self.term(Term::New)));
            let failed = self.words.key_failures(key.denied, key.failed);
            let mut life: Vec<(LocalTime, Text)> =
                key.life.iter().map(|change| (change.time, self.words.key_change(change))).collect();
            life.push((key.first, Text::from(format!("{} {}", self.term(Term::FirstCall), key.first))));
            if key.last != key.first {
                life.push((key.last, Text::from(format!("{} {}", self.term(Term::LastCall), key.last))));
            }
            life.sort_by_key(|(time, _)| *time);
            let used = key.used_after_end.as_ref();
            let after = used.map(|used| self.words.used_after_end(used));
            let grave = key.kind == KeyKind::LongTerm;
            let cells = vec![
                Cell::text(value_text(&key.access_key_id))
                    .note(Some(Text::from(note.join(self.words.comma()))))
                    .mark(grave.then_some(Mark::Grave)),
                Cell::text(grouped(key.calls)).note(failed),
                self.addresses(&key.addresses),
                self.counted(&key.services),
                Cell::lines(life.into_iter().map(|(_, text)| text).collect())
                    .note(after)
                    .mark(used.map(|_| Mark::Grave)),
            ];
            Row::with(cells, key.evidence)
        };
        let columns = [
            (Term::AccessKey, Id),
            (Term::Calls, Number),
            (Term::Addresses, Id),
            (Term::Services, Words),
            (Term::LifeOfKey, Time),
        ];
        let title = Text::from(self.term(Term::AccessKeys));
        let table = self.table(Term::AccessKeys, &columns, &activity.access_keys, key);
        let empty = Block::Text(self.words.no_access_key_calls());
        Some(place.section("access-keys", title, vec![table.unwrap_or(empty)]))
    }

    /// Resource management, operations on instances, and changes of the account itself.
    pub(super) fn management(&self, activity: &Activity, place: &Place) -> Option<Section> {
        let mut blocks = vec![Block::Text(self.words.management())];
        let mut add = |heading: Term, table: Option<Block>| {
            if let Some(table) = table {
                blocks.extend([Block::Heading(Text::from(self.term(heading))), table]);
            }
        };
        for (heading, list) in
            [(Term::AccountChanges, &activity.account_changes), (Term::NotableCalls, &activity.notable)]
        {
            add(heading, self.table(heading, &NOTABLE, list, |call| self.notable(call)));
        }
        let (ecs, other): (Vec<_>, Vec<_>) = activity.changes.items.iter().cloned().partition(CallGroup::is_ecs);
        let other = Listed { total: other.len() as u64 + activity.changes.more(), items: other };
        add(Term::ResourceManagement, self.calls(Term::ResourceManagement, &other));
        add(Term::EcsOperations, self.calls(Term::EcsOperations, &Listed::of(ecs)));
        add(Term::ChangesFailed, self.calls(Term::ChangesFailed, &activity.changes_failed));
        add(Term::DeniedCalls, self.calls(Term::DeniedCalls, &activity.denied));
        if blocks.len() == 1 {
            blocks.push(Block::Text(self.words.no_management()));
        }
        Some(place.section("management", Text::from(self.term(Term::Management)), blocks))
    }

    fn notable(&self, call: &Notable) -> Row {
        let outcome = self.words.outcomes(call.succeeded, call.failed);
        let cells = vec![
            Cell::text(self.words.notable(call.kind)).note(call.detail.as_deref().map(|text| Text::from(words(text)))),
            call.target.as_deref().map_or_else(|| Cell::text("–"), |target| Cell::text(value_text(target))),
            Cell::text(outcome),
            self.address(call.address.as_ref()),
            self.span(call.first, call.last),
        ];
        Row::with(cells, call.evidence)
    }

    fn calls(&self, caption: Term, list: &Listed<CallGroup>) -> Option<Block> {
        let has_errors = list.items.iter().any(|group| group.error_code.is_some());
        let row = |group: &CallGroup| {
            let resources: Vec<String> = group.resources.items.iter().map(|name| value(name)).collect();
            let resources = if resources.is_empty() {
                Text::from("–")
            } else {
                Text::from(self.words.list(&resources, group.resources.total))
            };
            let error = has_errors.then(|| Text::from(group.error_code.as_deref().map_or_else(|| "–".into(), words)));
            let mut cells = vec![
                Cell::text(group.event_name.as_deref().map_or_else(|| Text::from("–"), value_text))
                    .note(group.service.as_deref().map(|service| Text::from(words(service)))),
                Cell::text(grouped(group.count)),
            ];
            cells.extend(error.map(Cell::text));
            cells.extend([Cell::text(resources), self.span(group.first, group.last)]);
            Row::with(cells, group.evidence)
        };
        let mut columns = vec![(Term::Operation, Id), (Term::Count, Number)];
        columns.extend(has_errors.then_some((Term::ErrorCode, Words)));
        columns.extend([(Term::Resources, Id), (Term::FirstAndLast, Time)]);
        self.table(caption, &columns, list, row)
    }

    /// Instances with root as initial login user, and whether the ban works.
    pub(super) fn initial_user(&self, activity: &Activity, place: &Place) -> Section {
        let (created, refused) = (&activity.initial_user, &activity.initial_user_refused);
        let mut blocks = vec![Block::Text(self.words.initial_user(Ban::of(&created.items, &refused.items)))];
        let row = |call: &InitialUser| {
            let error = call.error_code.as_deref().map(|code| Text::from(words(code)));
            let outcome = if error.is_some() { Term::Refused } else { Term::InstanceCreated };
            let cells = vec![
                self.identity(&call.caller),
                call.event_name.as_deref().map_or_else(|| Cell::text("–"), |name| Cell::text(value_text(name))),
                Cell::text(self.term(outcome)).note(error),
                Cell::text(grouped(call.count)),
                self.span(call.first, call.last),
            ];
            Row::with(cells, call.evidence)
        };
        let columns = [
            (Term::Caller, Id),
            (Term::Operation, Id),
            (Term::Outcome, Words),
            (Term::Count, Number),
            (Term::FirstAndLast, Time),
        ];
        for list in [created, refused] {
            blocks.extend(self.table(Term::InitialUser, &columns, list, row));
        }
        place.section("initial-user", Text::from(self.term(Term::InitialUser)), blocks)
    }

    fn identity(&self, identity: &Identity) -> Cell {
        let id = identity.user_name.as_deref().or(identity.principal_id.as_deref());
        let kind = identity.kind.as_deref().map(|kind| self.words.identity_kind(kind));
        let note: Vec<String> = kind.into_iter().chain(identity.name.as_deref().map(words)).collect();
        let cell = match id {
            Some(id) => Cell::text(value_text(id)),
            None => Cell::text("–"),
        };
        cell.note((!note.is_empty()).then(|| Text::from(note.join(self.words.comma()))))
    }

    /// Others who could have done it, and what was done with what root made.
    pub(super) fn others(&self, activity: &Activity, place: &Place) -> Section {
        let mut blocks = vec![Block::Text(self.words.cannot_tell())];
        let mut add = |heading: Term, empty: Text, table: Option<Block>| {
            blocks.push(Block::Heading(Text::from(self.term(heading))));
            blocks.push(table.unwrap_or(Block::Text(empty)));
        };
        let shared = |other: &SharedAddress| {
            let mut identity = self.identity(&other.identity);
            if let Some(account) = &other.other_account {
                let note = identity.note.take().map(|note| note.plain()).unwrap_or_default();
                let account = self.words.account(Some(account), None);
                identity.note = Some(Text::from(format!("{note}{}{account}", self.words.comma())));
            }
            let cells = vec![
                self.address(Some(&other.address)),
                identity,
                Cell::text(grouped(other.calls)),
                Cell::text(grouped(other.root_events)),
                self.span(other.first, other.last),
            ];
            Row::with(cells, other.evidence)
        };
        let columns = [
            (Term::Address, Id),
            (Term::Identity, Id),
            (Term::ItsCalls, Number),
            (Term::RootEvents, Number),
            (Term::FirstAndLast, Time),
        ];
        let table = self.table(Term::SameAddress, &columns, &activity.same_address, shared);
        add(Term::SameAddress, self.words.no_same_address(), table);
        let created = |made: &CreatedIdentity| {
            let owner = made.owner.as_deref().map(|owner| self.words.key_of_user(owner));
            let cells = vec![
                Cell::text(value_text(&made.id)).note(Some(owner.unwrap_or_else(|| self.words.created_kind(made)))),
                Cell::text(made.created.to_string()),
                Cell::text(grouped(made.calls)).note(self.words.calls_by_outcome(made.changes, made.denied)),
                self.addresses(&made.addresses),
                self.counted(&made.called),
            ];
            Row::with(cells, made.evidence)
        };
        let columns = [
            (Term::MadeByRoot, Id),
            (Term::Time, Time),
            (Term::CallsSince, Number),
            (Term::Addresses, Id),
            (Term::MostCalled, Words),
        ];
        let table = self.table(Term::Created, &columns, &activity.created, created);
        add(Term::Created, self.words.nothing_created(), table);
        let grant = |grant: &AdministratorGrant| {
            let receiver = match &grant.receiver {
                Some(receiver) => value_text(receiver),
                None => Text::from("–"),
            };
            let cells = vec![
                Cell::text(grant.time.to_string()),
                Cell::text(grant.policy_name.as_deref().map_or_else(|| Text::from("–"), value_text)),
                Cell::text(receiver)
                    .note(grant.receiver_kind.as_deref().map(|kind| Text::from(self.words.receiver_kind(kind)))),
                self.identity(&grant.giver),
                self.address(grant.address.as_ref()),
            ];
            Row::with(cells, grant.evidence)
        };
        let columns =
            [(Term::Time, Time), (Term::Policy, Id), (Term::GivenTo, Id), (Term::GivenBy, Id), (Term::Address, Id)];
        let table = self.table(Term::Administrators, &columns, &activity.administrators, grant);
        add(Term::Administrators, self.words.no_administrators(), table);
        place.section("others", Text::from(self.term(Term::WhoElse)), blocks)
    }
}

/// The columns of calls that stand out.
const NOTABLE: [(Term, ColumnKind); 5] =
    [(Term::Event, Words), (Term::Target, Id), (Term::Outcome, Words), (Term::Address, Id), (Term::FirstAndLast, Time)];
