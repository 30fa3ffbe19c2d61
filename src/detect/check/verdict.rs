//! The verdict on a check: passed, failed or unknown, and why.
//!
//! - A row of a failure fails the check, whatever was not delivered.
//! - It is unknown if events that it needs were not delivered, if a row is a doubt, or if a view was not answered.
//! - It is unknown if it needs a witness and there is none.
//! - Else it passes.

use super::checklist::{Check, Needs, Proof, Role, Text};
use crate::detect::finding::Finding;
use crate::detect::summary::Distinct;
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Serialize, Serializer};

/// The most examples of a check.
const EXAMPLES: usize = 3;

/// The verdict on a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It holds, as far as the events tell, which were all delivered.
    Passed,
    /// Events show that it does not hold.
    Failed,
    /// Events do not tell.
    Unknown,
}

impl Status {
    /// Returns the status in one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// Days of accounts, of which the first are named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Days {
    /// Their number.
    pub total: u64,
    /// The first of them.
    #[serde(serialize_with = "dates")]
    pub first: Vec<NaiveDate>,
}

fn dates<S: Serializer>(days: &[NaiveDate], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(days.iter().map(NaiveDate::to_string))
}

impl Days {
    /// The most days that are named.
    const NAMED: usize = 3;

    /// Adds a day; days come in their order.
    pub fn add(&mut self, day: NaiveDate) {
        self.total += 1;
        if self.first.len() < Self::NAMED && self.first.last() != Some(&day) {
            self.first.push(day);
        }
    }
}

/// A reason why events may lack although each day has some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// A trail was stopped or deleted.
    TrailStopped,
    /// A trail was limited to reads, or to writes.
    TrailNarrowed,
    /// A trail delivers to another place.
    TrailRedirected,
    /// A trail delivers one region only.
    TrailOneRegion,
    /// Records could not be read.
    Rejected,
    /// Exports lack events, or files may hold some and gave none.
    Incomplete,
    /// Events have no time, no identity or no account that could be read.
    Unread,
    /// There are more days, or more changes of trails, than are looked at.
    TooMany,
}

/// A gap, and when it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Its kind.
    pub kind: GapKind,
    /// First day, where it has one.
    #[serde(serialize_with = "date")]
    pub since: Option<NaiveDate>,
}

fn date<S: Serializer>(day: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    day.map(|day| day.to_string()).serialize(serializer)
}

/// The delivery of the events in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Events.
    pub events: u64,
    /// Accounts that should have delivered.
    pub accounts: u64,
    /// Their days: two accounts have two on each day.
    pub days: u64,
    /// Days on which nothing was delivered.
    pub missing: Days,
    /// Days on which reads were not delivered.
    pub without_reads: Days,
    /// Days on which writes were not delivered.
    pub without_writes: Days,
    /// Other reasons why events may lack.
    pub gaps: Vec<Gap>,
    /// Accounts without any logon, although there are reasons to doubt that logons were delivered.
    pub without_logons: u64,
    /// The scope is limited to regions, and logons are recorded in one of them.
    pub limited_to_regions: bool,
}

/// A reason for a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason<'d> {
    /// Rows of a proof.
    Found(Text, u64),
    /// Nothing was found.
    Clean(&'d Delivery),
    /// There is no event.
    NoEvents,
    /// Nothing was delivered on some days.
    Missing(&'d Delivery),
    /// No read was delivered on some days.
    NoReads(&'d Delivery),
    /// No write was delivered on some days.
    NoWrites(&'d Delivery),
    /// It cannot be told whether logons are delivered.
    LogonsNotSeen(&'d Delivery),
    /// Events may lack.
    Gap(Gap),
    /// There is no witness.
    NoWitness(Text),
    /// Findings that are known were left out.
    Suppressed(u64),
    /// A view could not be answered.
    NotAnswered(String),
}

impl Delivery {
    /// Returns the reasons why a check with these needs cannot pass.
    fn lacks(&self, needs: Needs) -> Vec<Reason<'_>> {
        if self.events == 0 {
            return vec![Reason::NoEvents];
        }
        let mut lacks = Vec::new();
        let mut add = |is_so: bool, reason| lacks.extend(is_so.then_some(reason));
        add(self.missing.total > 0, Reason::Missing(self));
        add(self.without_reads.total > 0 && needs == Needs::Everything, Reason::NoReads(self));
        add(self.without_writes.total > 0, Reason::NoWrites(self));
        add(self.without_logons > 0 && needs != Needs::Writes, Reason::LogonsNotSeen(self));
        lacks.extend(self.gaps.iter().map(|gap| Reason::Gap(*gap)));
        lacks
    }
}

/// The rows of a proof that count.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Their number, without those that are suppressed.
    pub findings: u64,
    /// Findings that are suppressed.
    pub suppressed: u64,
    /// Time of the first event.
    pub first_event: Option<DateTime<FixedOffset>>,
    /// Time of the last event.
    pub last_event: Option<DateTime<FixedOffset>>,
    /// Accounts.
    pub accounts: Distinct,
    /// Those who acted.
    pub principals: Distinct,
    /// Addresses that they acted from.
    pub addresses: Distinct,
    /// Ids of the first events.
    pub examples: Vec<String>,
}

impl Tally {
    /// Counts a finding.
    pub fn add(&mut self, finding: &Finding) {
        if finding.suppressed.is_some() {
            self.suppressed += 1;
            return;
        }
        self.findings += 1;
        self.first_event = [self.first_event, finding.first_event].into_iter().flatten().min();
        self.last_event = [self.last_event, finding.last_event].into_iter().flatten().max();
        self.accounts.add(&finding.account_id);
        self.principals.add(&finding.principal);
        self.addresses.add(&finding.source_ip_address);
        if self.examples.len() < EXAMPLES {
            self.examples.extend(finding.event_id.clone());
        }
    }

    fn merge(&mut self, other: &Self) {
        self.findings += other.findings;
        self.suppressed += other.suppressed;
        self.first_event = [self.first_event, other.first_event].into_iter().flatten().min();
        self.last_event = [self.last_event, other.last_event].into_iter().flatten().max();
        self.accounts.merge(&other.accounts);
        self.principals.merge(&other.principals);
        self.addresses.merge(&other.addresses);
        let room = EXAMPLES.saturating_sub(self.examples.len());
        let new = other.examples.iter().filter(|id| !self.examples.contains(id)).take(room).cloned();
        let new: Vec<String> = new.collect();
        self.examples.extend(new);
    }
}

/// A proof with its rows.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The proof.
    pub proof: &'static Proof,
    /// Its rows.
    pub tally: Tally,
    /// The reason why the view could not be answered.
    pub error: Option<String>,
}

/// A check with its verdict.
#[derive(Debug, Clone)]
pub struct Verdict<'d> {
    /// The check.
    pub check: &'static Check,
    /// The status.
    pub status: Status,
    /// The reasons for it.
    pub reasons: Vec<Reason<'d>>,
    /// The rows that decide, of all proofs together.
    pub tally: Tally,
    /// The proofs with their rows.
    pub answers: &'d [Answer],
}

impl Verdict<'_> {
    /// Returns the proof to look at: the first that has rows which decide, else the first of all.
    pub fn decisive(&self) -> Option<&Answer> {
        let role = decisive_role(self.answers);
        let of = |role| self.answers.iter().find(move |answer| answer.proof.role == role && answer.tally.findings > 0);
        role.and_then(of).or(self.answers.first())
    }
}

/// Returns the role whose rows decide.
fn decisive_role(answers: &[Answer]) -> Option<Role> {
    let has_rows = |role: &Role| answers.iter().any(|answer| answer.proof.role == *role && answer.tally.findings > 0);
    [Role::Failure, Role::Doubt, Role::Witness].into_iter().find(has_rows)
}

/// Gives the verdict on a check.
pub fn judge<'d>(check: &'static Check, answers: &'d [Answer], delivery: &'d Delivery) -> Verdict<'d> {
    let rows = |role| -> u64 {
        let of_role = answers.iter().filter(|answer| answer.proof.role == role);
        of_role.map(|answer| answer.tally.findings).sum()
    };
    let mut tally = Tally::default();
    if let Some(role) = decisive_role(answers) {
        answers.iter().filter(|answer| answer.proof.role == role).for_each(|answer| tally.merge(&answer.tally));
    }
    let found = answers.iter().filter(|answer| answer.tally.findings > 0);
    let mut reasons: Vec<Reason<'_>> =
        found.map(|answer| Reason::Found(answer.proof.label, answer.tally.findings)).collect();
    let failed: Vec<_> = answers.iter().filter_map(|answer| answer.error.clone()).map(Reason::NotAnswered).collect();
    let status = if rows(Role::Failure) > 0 {
        reasons.extend(failed);
        Status::Failed
    } else {
        let mut lacks = failed;
        lacks.extend(delivery.lacks(check.needs));
        let witness = check.without_witness.filter(|_| rows(Role::Witness) == 0 && delivery.events > 0);
        lacks.extend(witness.map(Reason::NoWitness));
        let is_unknown = !lacks.is_empty() || rows(Role::Doubt) > 0;
        reasons.extend(lacks);
        if !is_unknown {
            reasons.push(Reason::Clean(delivery));
        }
        if is_unknown { Status::Unknown } else { Status::Passed }
    };
    let suppressed = answers.iter().map(|answer| answer.tally.suppressed).sum();
    if suppressed > 0 {
        reasons.push(Reason::Suppressed(suppressed));
    }
    Verdict { check, status, reasons, tally, answers }
}

#[cfg(test)]
mod tests {
    use super::super::checklist::ROOT;
    use super::*;

    fn check(id: &str) -> &'static Check {
        ROOT.iter().find(|check| check.id == id).unwrap()
    }

    /// Answers of a check with so many rows for each proof.
    fn answers(check: &'static Check, rows: &[u64]) -> Vec<Answer> {
        let of = |(proof, findings): (&'static Proof, &u64)| Answer {
            proof,
            tally: Tally { findings: *findings, ..Tally::default() },
            error: None,
        };
        assert_eq!(check.proofs.len(), rows.len());
        check.proofs.iter().zip(rows).map(of).collect()
    }

    fn whole() -> Delivery {
        Delivery { events: 10, accounts: 1, days: 7, ..Delivery::default() }
    }

    fn status(id: &str, rows: &[u64], delivery: &Delivery) -> Status {
        judge(check(id), &answers(check(id), rows), delivery).status
    }

    #[test]
    fn rows_decide_where_everything_was_delivered() {
        use Status::{Failed, Passed, Unknown};
        for (id, rows, expected) in [
            ("root_logons", &[1, 0][..], Failed),
            ("root_logons", &[0, 7], Passed),
            ("root_resource_management", &[0, 0, 0], Passed),
            ("root_resource_management", &[0, 1, 1], Failed),
            ("root_resource_management", &[0, 0, 1], Unknown),
            ("root_mfa", &[0, 0, 0, 0], Unknown),
            ("root_mfa", &[0, 0, 0, 2], Passed),
            ("root_mfa", &[0, 0, 1, 2], Unknown),
            ("root_mfa", &[0, 1, 0, 2], Failed),
            ("deny_policy", &[0, 0], Unknown),
            ("deny_policy", &[0, 3], Passed),
            ("deny_policy", &[1, 3], Failed),
        ] {
            assert_eq!(status(id, rows, &whole()), expected, "{id} {rows:?}");
        }
    }

    #[test]
    fn nothing_passes_that_was_not_delivered() {
        let days = || {
            let mut days = Days::default();
            days.add(NaiveDate::from_ymd_opt(2026, 11, 3).unwrap());
            days
        };
        let gap = Gap { kind: GapKind::Rejected, since: None };
        // Logons, writes and everything.
        let ids = [("root_logons", &[0, 0][..]), ("root_initial_user", &[0, 0]), ("keys_on_ecs", &[0])];
        for (delivery, unknown) in [
            (whole(), [false, false, false]),
            (Delivery::default(), [true, true, true]),
            (Delivery { missing: days(), ..whole() }, [true, true, true]),
            (Delivery { without_reads: days(), ..whole() }, [false, false, true]),
            (Delivery { without_writes: days(), ..whole() }, [true, true, true]),
            (Delivery { without_logons: 1, ..whole() }, [true, false, true]),
            (Delivery { gaps: vec![gap], ..whole() }, [true, true, true]),
        ] {
            let is_unknown = ids.map(|(id, rows)| status(id, rows, &delivery) == Status::Unknown);
            assert_eq!(is_unknown, unknown, "{delivery:?}");
            for (id, rows) in ids {
                let mut failing = rows.to_vec();
                failing[0] = 1;
                assert_eq!(status(id, &failing, &delivery), Status::Failed, "{id} {delivery:?}");
            }
        }
        let mut failed = answers(check("keys_on_ecs"), &[0]);
        failed[0].error = Some("out of memory".to_owned());
        assert_eq!(judge(check("keys_on_ecs"), &failed, &whole()).status, Status::Unknown);
    }

    #[test]
    fn days_of_two_accounts_are_named_once() {
        let mut days = Days::default();
        for day in [1, 1, 2, 3, 4] {
            days.add(NaiveDate::from_ymd_opt(2026, 11, day).unwrap());
        }
        assert_eq!((days.total, days.first.len()), (5, 3));
    }
}
