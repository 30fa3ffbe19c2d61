//! Sentences in sections and cells, in English.

use super::super::super::evidence::SUMMARY_EVENTS;
use super::super::super::model::{
    Ban, BanEffect, CreatedIdentity, CreatedKind, HeatMap, KeyChange, KeyFigures, KeyState, Logon, Method, Period,
    PeriodState, RootUsage, Subject, UsedAfterEnd,
};
use super::super::super::text::{Text, value};
use super::super::super::wording::{counted, grouped};
use super::super::{Change, Forms, SectionSentences};
use super::English;

impl SectionSentences for English {
    fn range(&self, subject: &Subject) -> Text {
        // An end between two seconds would read as if the second were left out.
        Text::from(if subject.until.utc().timestamp_subsec_nanos() == 0 {
            format!("{} to {} (end not included)", self.time(subject.since), self.time(subject.until))
        } else {
            let last = subject.until.just_before();
            format!("{} to {} (end included)", self.time(subject.since), last.format("%-d %b %Y %H:%M:%S%.f %:z"))
        })
    }

    fn made(&self, method: &Method) -> Text {
        Text::from(format!("{} by trailql {}", self.time(method.generated_at), method.trailql_version))
    }

    fn change(&self, change: &Change) -> Text {
        let Some(mean) = change.mean() else { return Text::from("no earlier data to compare with") };
        let periods = match (change.weeks, change.with_data == change.periods) {
            (true, true) => format!("the {} weeks before", change.periods),
            (true, false) => format!("{} of the {} weeks before", change.with_data, change.periods),
            (false, true) => format!("the {} periods before", change.periods),
            (false, false) => format!("{} of the {} periods before", change.with_data, change.periods),
        };
        Text::from(match change.difference() {
            Some(difference) => format!("{difference} against the mean of {periods} ({mean})"),
            None => format!("as in the mean of {periods}"),
        })
    }

    fn comparison(&self, periods: &[Period]) -> Text {
        let before = periods.get(1..).unwrap_or_default();
        let named = |state| {
            let names: Vec<String> =
                before.iter().filter(|period| period.state == state).map(|period| self.period(period)).collect();
            self.list(&names, names.len() as u64)
        };
        let count = |state| before.iter().filter(|period| period.state == state).count();
        let mut text = match (count(PeriodState::NoData), count(PeriodState::SomeDays)) {
            (0, 0) => "All of the four periods before have events on every day.".to_owned(),
            (none, 0) if none == before.len() => "There are no data of the four periods before.".to_owned(),
            (_, 0) => format!("There are no data of {}.", named(PeriodState::NoData)),
            (0, _) => format!("Only some days of {} have events.", named(PeriodState::SomeDays)),
            (_, _) => format!(
                "There are no data of {}, and only some days of {} have events.",
                named(PeriodState::NoData),
                named(PeriodState::SomeDays)
            ),
        };
        // Without any data, every account is silent, which goes without saying.
        let silent = before.iter().filter(|period| period.state != PeriodState::NoData && period.accounts_silent > 0);
        let silent: Vec<String> =
            silent.map(|period| format!("{} ({})", self.period(period), grouped(period.accounts_silent))).collect();
        if !silent.is_empty() {
            text.push_str(&format!(
                " Nothing was delivered of some accounts in {}.",
                self.list(&silent, silent.len() as u64)
            ));
        }
        Text::from(text)
    }

    fn logons_by_mfa(&self, figures: &KeyFigures) -> Text {
        let mut parts = Vec::new();
        if figures.logons_without_mfa > 0 {
            parts.push(format!("{} without MFA", grouped(figures.logons_without_mfa)));
        }
        if figures.logons_mfa_not_said > 0 {
            parts.push(format!("{} do not say if with MFA", grouped(figures.logons_mfa_not_said)));
        }
        Text::from(if parts.is_empty() { "all with MFA".to_owned() } else { parts.join(", ") })
    }

    fn long_term_calls(&self, calls: u64) -> Text {
        Text::from(format!("{} with long-term keys", grouped(calls)))
    }

    fn changes_failed(&self, calls: u64) -> Text {
        Text::from(format!("{} more refused or failed", grouped(calls)))
    }

    fn more(&self, n: u64) -> Text {
        Text::from(format!("and {} more", grouped(n)))
    }

    fn accounts_without_sections(&self, n: u64) -> Text {
        Text::from(format!(
            "{} no section here: a report with --account shows one.",
            counted(n, "more account in which root was used has", "more accounts in which root was used have")
        ))
    }

    fn account_heading(&self, name: &str) -> Text {
        Text::from(format!("Account {name}"))
    }

    fn account_summary(&self, figures: &KeyFigures, findings: u64) -> Text {
        Text::from(format!(
            "{}, {}, {}, {} and {}.",
            counted(figures.logons_succeeded, "successful logon", "successful logons"),
            counted(figures.logons_failed, "failed logon", "failed logons"),
            counted(figures.access_key_calls, "AccessKey call", "AccessKey calls"),
            counted(figures.changes, "change", "changes"),
            counted(findings, "finding", "findings")
        ))
    }

    fn logons(&self, figures: &KeyFigures) -> Text {
        Text::from(if figures.logons_succeeded + figures.logons_failed == 0 {
            "No console logon of the root account is in the data.".to_owned()
        } else {
            format!(
                "{} succeeded ({} with MFA, {} without, {} not said), {} failed.",
                grouped(figures.logons_succeeded),
                grouped(figures.logons_with_mfa),
                grouped(figures.logons_without_mfa),
                grouped(figures.logons_mfa_not_said),
                grouped(figures.logons_failed)
            )
        })
    }

    fn after_failures(&self, logon: &Logon) -> Text {
        Text::from(format!("after {}", counted(logon.failures(), "failure", "failures")))
    }

    fn no_access_key_calls(&self) -> Text {
        Text::from("No call signed with an AccessKey of the root account is in the data.")
    }

    fn key_failures(&self, denied: u64, failed: u64) -> Option<Text> {
        let mut parts = Vec::new();
        if denied > 0 {
            parts.push(format!("{} denied", grouped(denied)));
        }
        if failed > 0 {
            parts.push(format!("{} failed", grouped(failed)));
        }
        (!parts.is_empty()).then(|| Text::from(parts.join(", ")))
    }

    fn key_change(&self, change: &KeyChange) -> Text {
        let state = match change.state {
            KeyState::Created => "created",
            KeyState::Enabled => "enabled",
            KeyState::Disabled => "disabled",
            KeyState::Deleted => "deleted",
        };
        Text::from(format!("{state} {}", change.time))
    }

    fn used_after_end(&self, used: &UsedAfterEnd) -> Text {
        let calls = counted(used.succeeded + used.failed, "call", "calls");
        Text::from(format!("{calls} afterwards, {} of them successful", grouped(used.succeeded)))
    }

    fn management(&self) -> Text {
        Text::from(
            "Write calls of root, logon and logoff left out. Calls that were refused or failed are counted apart, and \
             denied calls include reads.",
        )
    }

    fn no_management(&self) -> Text {
        Text::from("Root changed nothing, and nothing was refused, as far as the data tell.")
    }

    fn outcomes(&self, succeeded: u64, failed: u64) -> Text {
        Text::from(match (succeeded, failed) {
            (1, 0) => "succeeded".to_owned(),
            (0, 1) => "failed".to_owned(),
            (n, 0) => format!("{} succeeded", grouped(n)),
            (0, n) => format!("{} failed", grouped(n)),
            (done, failed) => format!("{} succeeded, {} failed", grouped(done), grouped(failed)),
        })
    }

    fn hours(&self, subject: &Subject) -> Text {
        Text::from(format!("Root events by weekday and hour, in the time zone {}.", subject.time_zone))
    }

    fn busiest_hours(&self, hours: &HeatMap) -> String {
        let name =
            |(day, hour, count): (usize, usize, u64)| format!("{} {hour:02}:00: {}", self.weekday(day), grouped(count));
        let busiest: Vec<String> = hours.busiest(12).into_iter().map(name).collect();
        format!("The busiest hours: {}.", busiest.join("; "))
    }

    fn initial_user(&self, ban: Ban) -> Text {
        let attempts = counted(ban.refused, "attempt was", "attempts were");
        let calls = counted(ban.created, "call", "calls");
        let text = match ban.effect {
            BanEffect::NotTried => {
                "Whether the ban works is not known: nobody whom a RAM policy limits tried to create a \
                                    Linux instance with root as initial login user."
                    .to_owned()
            }
            BanEffect::Works => {
                format!("The ban works, as far as the events tell: {attempts} refused, and none succeeded.")
            }
            BanEffect::WorksSince(time) => format!(
                "The ban works since {}: {calls} succeeded before, and {attempts} refused from then on.",
                self.time(time)
            ),
            BanEffect::WorksForSome => {
                format!("The ban works for some callers only: {calls} succeeded, and {attempts} refused.")
            }
            BanEffect::Fails => format!("The ban does not work: {calls} succeeded, and none was refused."),
        };
        let by_root = match ban.by_root {
            0 => String::new(),
            n => format!(" Root, which no RAM policy limits, made {} of the kind.", counted(n, "call", "calls")),
        };
        Text::from(text + &by_root)
    }

    fn cannot_tell(&self) -> Text {
        Text::from(
            "An event names the account, not a person: everyone who knows the password, holds a root AccessKey or sits \
             at an open session looks the same. An address shared with root is a lead, not a proof, since offices, \
             VPNs and proxies share addresses.",
        )
    }

    fn no_same_address(&self) -> Text {
        Text::from("No other identity is seen on an IP address of root, services that call on their own left out.")
    }

    fn nothing_created(&self) -> Text {
        Text::from("Root made no RAM user and no AccessKey, as far as the data tell.")
    }

    fn created_kind(&self, made: &CreatedIdentity) -> Text {
        Text::from(match made.kind {
            CreatedKind::User => "RAM user",
            CreatedKind::AccessKey => "AccessKey of root itself",
        })
    }

    fn key_of_user(&self, user: &str) -> Text {
        Text::from(format!("AccessKey of the RAM user {}", value(user)))
    }

    fn calls_by_outcome(&self, changes: u64, denied: u64) -> Option<Text> {
        let mut parts = Vec::new();
        if changes > 0 {
            parts.push(counted(changes, "change", "changes"));
        }
        if denied > 0 {
            parts.push(format!("{} denied", grouped(denied)));
        }
        (!parts.is_empty()).then(|| Text::from(parts.join(", ")))
    }

    fn no_administrators(&self) -> Text {
        Text::from("No administrator-grade policy was given in the range, as far as the data tell.")
    }

    fn method(&self, report: &RootUsage) -> Vec<Text> {
        let method = &report.method;
        let mut lines = vec![
            "Counts are of distinct events: an event that was delivered several times is counted once.".to_owned(),
            "Root events are those whose userIdentity.type is root-account.".to_owned(),
            "A logon is an event ConsoleSignin. It failed where it has an error code, or a message other than success."
                .to_owned(),
            "A change is a call that writes, by its eventRW or else by its API, and that succeeded. Logon and logoff \
             are left out."
                .to_owned(),
            format!(
                "A logon after failures follows at least {} failed ones of the account, or of none that is named, \
                 within an hour.",
                crate::report::findings::FAILURES_BEFORE_LOGON
            ),
            format!(
                "A day counts as one of high frequency from {} in one account on.",
                counted(report.subject.high_frequency, "root event", "root events")
            ),
            "Policies of administrator grade are AdministratorAccess, AliyunRAMFullAccess, AliyunSTSAssumeRoleAccess \
             and AliyunResourceDirectoryFullAccess of the system."
                .to_owned(),
            "New means that no event of root from before the range has the address, key or country.".to_owned(),
        ];
        lines.push(match &method.lake {
            Some(lake) => match &lake.sha256 {
                Some(sha256) => format!(
                    "The lake is at entry {} of its manifest, the newest that brought events, with SHA-256 {}.",
                    grouped(lake.version),
                    value(sha256)
                ),
                None => format!(
                    "The lake is at entry {} of its manifest, the newest that brought events.",
                    grouped(lake.version)
                ),
            },
            None => "The exports were read straight away, without a lake.".to_owned(),
        });
        lines.into_iter().map(Text::from).collect()
    }

    fn command(&self) -> Text {
        Text::from("This command makes the report again:")
    }

    fn evidence(&self) -> Text {
        Text::from(format!(
            "Each entry is the evidence of one figure: the exact number of events, the IDs of the first of them (a \
             summary names {SUMMARY_EVENTS}), and the statement that answers with all of them in {}. S1, S2 … are the \
             files below; {} shows one event.",
            value("trailql sql"),
            value("trailql event ID")
        ))
    }

    fn evidence_count(&self, total: u64, named: u64) -> Text {
        Text::from(match total > named {
            true => format!("{}, the first {} named", counted(total, "event", "events"), grouped(named)),
            false => counted(total, "event", "events"),
        })
    }

    fn sources(&self) -> Text {
        Text::from("The files that the named events were read from, with the SHA-256 of their bytes.")
    }
}
