//! The verdict and the findings, in English.

use super::super::super::finding::{Fact, SilentAccount};
use super::super::super::model::{
    Action, Address, KeyFigures, KeyKind, KeyState, Logon, Notable, NotableKind, RootUsage, Severity, Subject,
    TrailEffect, Use, Verdict,
};
use super::super::super::text::{Text, value, words};
use super::super::super::wording::{counted, grouped};
use super::super::{CoverageSentences, FindingSentences, Forms, Labels};
use super::{English, capital};

impl FindingSentences for English {
    fn title(&self, subject: &Subject) -> Text {
        Text::from(match &subject.week {
            Some(week) => format!("Root account usage, {week}"),
            None => format!("Root account usage, {} to {}", self.time(subject.since), self.time(subject.until)),
        })
    }

    fn verdict(&self, report: &RootUsage) -> Text {
        let (verdict, range) = (&report.verdict, range(&report.subject));
        let narrowing = self.narrowing(&report.subject);
        Text::from(match &verdict.root {
            Use::NoData => {
                format!("The data hold no event{narrowing} of {range}, so nothing can be said about the root account.")
            }
            Use::NotUsed => format!(
                "The root account{narrowing} was not used in {range}, as far as the data tell.{}",
                but_for_gaps(verdict)
            ),
            Use::OnlyFailedLogons { logons } => format!(
                "Nobody got in: {} failed, and the root account{narrowing} was not used otherwise in {range}, as far \
                 as the data tell.{}",
                counted(*logons, "console logon", "console logons"),
                but_for_gaps(verdict)
            ),
            Use::Used { logons, access_key_calls, changes, events, addresses, outside } => {
                let mut ways = Vec::new();
                if *logons > 0 {
                    ways.push(counted(*logons, "console logon", "console logons"));
                }
                if *access_key_calls > 0 {
                    ways.push(counted(*access_key_calls, "call with AccessKeys", "calls with AccessKeys"));
                }
                if ways.is_empty() {
                    ways.push(counted(*events, "event", "events"));
                }
                let made = match changes {
                    0 => "; it changed nothing".to_owned(),
                    n => format!("; it made {}", counted(*n, "change", "changes")),
                };
                let accounts = if verdict.accounts > 1 {
                    format!(" in {} of {} accounts", grouped(verdict.accounts_used), grouped(verdict.accounts))
                } else {
                    String::new()
                };
                let used = self.list(&ways, ways.len() as u64);
                let whom = self.by_whom(addresses.items.as_slice(), addresses.total, *outside);
                format!(
                    "The root account{narrowing} was used in {range}{accounts}, by {used}{made}. {whom}{}",
                    act(verdict)
                )
            }
        })
    }

    fn data(&self, report: &RootUsage) -> Text {
        let coverage = &report.coverage;
        if coverage.events == 0 {
            return Text::from("There are no data of the range.");
        }
        let with_events = coverage.days.saturating_sub(coverage.days_without_events.len() as u64);
        let mut parts = vec![format!(
            "{} on {} of {}",
            counted(coverage.events, "event", "events"),
            grouped(with_events),
            counted(coverage.days, "day", "days")
        )];
        if coverage.accounts_silent + coverage.accounts_with_gaps > 0 {
            parts.push(format!(
                "{} of {} had gaps",
                grouped(coverage.accounts_silent + coverage.accounts_with_gaps),
                counted(coverage.delivery.total, "account", "accounts")
            ));
        }
        let trails = report.trails.items.iter().filter(|change| change.loses_events()).count() as u64;
        if trails > 0 {
            parts.push(counted(trails, "change of a trail lost events", "changes of trails lost events"));
        }
        let rejected = coverage.remarks.rejects_around.records + coverage.remarks.rejects_unknown.records;
        if rejected > 0 {
            parts.push(counted(rejected, "record could not be read", "records could not be read"));
        }
        Text::from(format!("Based on {}.", parts.join("; ")))
    }

    fn summary(&self, report: &RootUsage) -> String {
        let figures = &report.total.figures;
        let grave = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count() as u64;
        let findings =
            format!("{} critical, {} high", grouped(grave(Severity::Critical)), grouped(grave(Severity::High)));
        let used = match &report.verdict.root {
            Use::NoData => "no data".to_owned(),
            Use::NotUsed => "not used".to_owned(),
            Use::OnlyFailedLogons { logons } => counted(*logons, "failed logon", "failed logons"),
            Use::Used { .. } => used_in_short(figures),
        };
        format!("[{}] {}: {used} ({findings})", self.action(report.verdict.action), self.title(&report.subject).plain())
    }

    fn findings(&self, verdict: &Verdict, count: u64) -> Text {
        Text::from(match (count, verdict.grave) {
            (0, _) => "There is nothing to act on or to explain, as far as the data tell.".to_owned(),
            (count, 0) => format!("{}, none of high severity.", counted(count, "finding", "findings")),
            (count, grave) => format!(
                "{}, {} of high or critical severity. The gravest come first.",
                counted(count, "finding", "findings"),
                grouped(grave)
            ),
        })
    }

    fn more_findings(&self, by_severity: &[(Severity, u64)]) -> Text {
        let parts: Vec<String> = by_severity
            .iter()
            .map(|(severity, count)| format!("{} {}", grouped(*count), self.severity(*severity)))
            .collect();
        let listed = self.list(&parts, parts.len() as u64);
        Text::from(format!("More findings are in the sections of the accounts and in the JSON form: {listed}."))
    }

    fn happened(&self, fact: &Fact, subject: &Subject) -> Text {
        let range = range(subject);
        let between = |first, last| match first == last {
            true => format!("at {}", self.time(first)),
            false => format!("between {} and {}", self.time(first), self.time(last)),
        };
        Text::from(match fact {
            Fact::NoData { other_regions: true } => format!(
                "The data hold no event{} of {range}; events of other regions were delivered.",
                self.narrowing(subject)
            ),
            Fact::NoData { other_regions: false } => {
                format!("The data hold no event{} of {range}.", self.narrowing(subject))
            }
            Fact::LogonAfterFailures { logon, others } => self.logon_after_failures(logon, *others),
            Fact::LogonsWithoutMfa { count, further, first, last, address } => {
                let logons = match further {
                    true => counted(*count, "further console logon", "further console logons"),
                    false => counted(*count, "console logon", "console logons"),
                };
                let from = address.as_ref().map(|address| format!(", from {}", self.place(address)));
                format!(
                    "{logons} of root succeeded without MFA, {}{}.",
                    between(*first, *last),
                    from.filter(|_| *count == 1).unwrap_or_default()
                )
            }
            Fact::Logons { count, mfa_not_said, first, last } => {
                let mfa = match mfa_not_said {
                    0 => " with MFA".to_owned(),
                    n if n == count => ", and the events do not say whether MFA was used".to_owned(),
                    n => format!(", and {} not say whether MFA was used", counted(*n, "event does", "events do")),
                };
                format!(
                    "Root logged on to the console {}{mfa}, {}.",
                    counted(*count, "time", "times"),
                    between(*first, *last)
                )
            }
            Fact::FailedLogons { count, addresses, first, last } => format!(
                "{} of root failed, from {}, {}.",
                counted(*count, "console logon", "console logons"),
                counted(*addresses, "address", "addresses"),
                between(*first, *last)
            ),
            Fact::KeyUsed { access_key_id, name, key_kind, calls, addresses, new, created, ended } => {
                let key = super::super::named(name.as_deref(), access_key_id);
                let mut text = format!(
                    "{} signed with the {} AccessKey {key} of root, from {}.",
                    counted(*calls, "call was", "calls were"),
                    self.key_kind(*key_kind),
                    counted(*addresses, "address", "addresses")
                );
                if let Some(created) = created {
                    text.push_str(&format!(" It was created at {}.", self.time(*created)));
                } else if *new {
                    text.push_str(" The data know no earlier use of it.");
                }
                if let Some(end) = ended {
                    let how = if end.state == KeyState::Deleted { "deleted" } else { "disabled" };
                    text.push_str(&format!(" It was {how} at {}.", self.time(end.time)));
                }
                text
            }
            Fact::KeysUsed { key_kind, keys, calls } => format!(
                "{} signed with {} {} of root.",
                counted(*calls, "call was", "calls were"),
                grouped(*keys),
                match key_kind {
                    KeyKind::LongTerm => "more long-term AccessKeys",
                    KeyKind::Temporary => "temporary AccessKeys",
                    KeyKind::Unknown => "AccessKeys of unknown kind",
                }
            ),
            Fact::KeyUsedAfterEnd { access_key_id, used } => {
                let how = if used.state == KeyState::Deleted { "deleted" } else { "disabled" };
                let outcome = match (used.succeeded, used.failed) {
                    (0, failed) => format!("{}, all refused or failed", counted(failed, "call", "calls")),
                    (succeeded, 0) => format!("{}, which succeeded", counted(succeeded, "call", "calls")),
                    (succeeded, failed) => format!(
                        "{} that succeeded and {} that did not",
                        counted(succeeded, "call", "calls"),
                        grouped(failed)
                    ),
                };
                format!(
                    "The AccessKey {} of root was {how} at {} and used afterwards: {outcome}, {}.",
                    value(access_key_id),
                    self.time(used.ended),
                    between(used.first, used.last)
                )
            }
            Fact::TrailLimited { change, others } => {
                let by_root = if change.is_by_root() { " Root did it." } else { "" };
                let more = match others {
                    0 => String::new(),
                    n => format!(" {} of trails lost events too.", counted(*n, "other change", "other changes")),
                };
                format!("{}{by_root}{more}", self.trail(change).into_marked())
            }
            Fact::Notable { call, others } => self.notable_call(call, *others),
            Fact::AdministratorGranted { grant, others } => {
                let policy = grant.policy_name.as_deref().map_or_else(|| "a policy".to_owned(), value);
                let receiver = match (&grant.receiver, grant.receiver_kind.as_deref()) {
                    (Some(receiver), Some(kind)) => format!("the {} {}", self.receiver_kind(kind), value(receiver)),
                    (Some(receiver), None) => value(receiver),
                    (None, _) => "an identity that is not named".to_owned(),
                };
                let giver = match (grant.giver.user_name.as_deref(), grant.giver.kind.as_deref()) {
                    (_, Some("root-account")) => "Root".to_owned(),
                    (Some(name), _) => value(name),
                    (None, Some(kind)) => value(kind),
                    (None, None) => "Somebody".to_owned(),
                };
                let more = match others {
                    0 => String::new(),
                    n => format!(" {} of administrator grade followed.", counted(*n, "more policy", "more policies")),
                };
                format!("{giver} gave {policy} to {receiver} at {}.{more}", self.time(grant.time))
            }
            Fact::InitialUser { created, by_root, callers, refused, .. } => {
                let mut by = Vec::new();
                if *by_root > 0 {
                    by.push(format!("root ({})", grouped(*by_root)));
                }
                let name = |name: &Option<String>| name.as_deref().map_or_else(|| "an unnamed identity".into(), value);
                by.extend(
                    callers.items.iter().map(|caller| format!("{} ({})", name(&caller.value), grouped(caller.count))),
                );
                let by = self.list(&by, by.len() as u64 + callers.more());
                let refused = match refused {
                    0 => " No attempt was refused.".to_owned(),
                    n => format!(" {} refused.", counted(*n, "attempt was", "attempts were")),
                };
                format!(
                    "{} Linux instances or system disks with root as initial login user, by {by}.{refused}",
                    counted(*created, "call created", "calls created")
                )
            }
            Fact::Changes { count, most } => {
                let name = |name: &Option<String>| name.as_deref().map_or_else(|| "not said".into(), value);
                let names: Vec<String> =
                    most.items.iter().map(|one| format!("{} ({})", name(&one.value), grouped(one.count))).collect();
                format!(
                    "Root made {}, most often {}.",
                    counted(*count, "change", "changes"),
                    self.list(&names, names.len() as u64)
                )
            }
            Fact::AccessNotKnown { count } => format!(
                "{} not say whether {} changed something, and neither {}.",
                counted(*count, "event of root does", "events of root do"),
                if *count == 1 { "it" } else { "they" },
                if *count == 1 { "does its API" } else { "do their APIs" }
            ),
            Fact::HighFrequency { days, threshold, busiest, root_events } => format!(
                "On {} root made {} or more operations; the busiest was {} with {}.",
                counted(*days, "day", "days"),
                grouped(*threshold),
                self.day(*busiest),
                grouped(*root_events)
            ),
            Fact::Denied { count } => {
                format!("{} refused for lack of permission.", counted(*count, "call of root was", "calls of root were"))
            }
            Fact::OnlyReads { count } => {
                format!("Root was used, for {} that changed nothing.", counted(*count, "event", "events"))
            }
            Fact::AccountsSilent { accounts, of } => {
                let names: Vec<String> = accounts.items.iter().map(|account| self.silent(account, None)).collect();
                format!(
                    "{} of {} delivered nothing in {range}: {}.",
                    grouped(accounts.total),
                    counted(*of, "account", "accounts"),
                    self.list(&names, accounts.total)
                )
            }
            Fact::AccountsWithGaps { accounts, of, days } => {
                let names: Vec<String> =
                    accounts.items.iter().map(|account| self.silent(account, Some(*days))).collect();
                format!(
                    "{} of {} delivered nothing on some days: {}.",
                    grouped(accounts.total),
                    counted(*of, "account", "accounts"),
                    self.list(&names, accounts.total)
                )
            }
            Fact::DaysWithoutEvents { days, of } => {
                let names: Vec<String> = days.iter().take(7).map(|day| self.day(*day)).collect();
                format!(
                    "No event at all{} was delivered for {} of {}: {}.",
                    self.narrowing_to_accounts(subject),
                    grouped(days.len() as u64),
                    counted(*of, "day", "days"),
                    self.list(&names, days.len() as u64)
                )
            }
            Fact::WithoutTime { count } => format!(
                "{} no time that could be read, so no figure has {}.",
                counted(*count, "event has", "events have"),
                if *count == 1 { "it" } else { "them" }
            ),
            Fact::FutureDated { events } => format!(
                "{} dated after this report, the newest {}.",
                counted(events.count, "event is", "events are"),
                self.time(events.newest)
            ),
            Fact::Incomplete { exports, suspicious } => {
                let mut parts = Vec::new();
                if *exports > 0 {
                    parts.push(format!(
                        "{} events that should be there",
                        counted(*exports, "export lacks", "exports lack")
                    ));
                }
                if *suspicious > 0 {
                    parts.push(format!("{} gave no event and may hold some", counted(*suspicious, "file", "files")));
                }
                capital(format!("{}.", self.list(&parts, parts.len() as u64)))
            }
            Fact::Rejected { around, unknown } => {
                let undated = match unknown {
                    0 => String::new(),
                    n if n == &(around + unknown) => ", of a time that is not known".to_owned(),
                    n => format!(", {} of them of a time that is not known", grouped(*n)),
                };
                format!("{} could not be read{undated}.", counted(around + unknown, "record", "records"))
            }
        })
    }

    fn why(&self, fact: &Fact) -> Text {
        Text::from(match fact {
            Fact::NoData { .. } | Fact::DaysWithoutEvents { .. } => {
                "Days without events say nothing of root: it may have been used and nobody would see it."
            }
            Fact::LogonAfterFailures { .. } => {
                "Failures followed by a success look like a password that was guessed. Whoever logs on as root can do \
                 everything in the account, and no policy limits it."
            }
            Fact::LogonsWithoutMfa { .. } => "The password alone was enough. Whoever learns it owns the account.",
            Fact::Logons { .. } => {
                "Root is for billing and emergencies. An event names the account, not the person who logged on."
            }
            Fact::FailedLogons { .. } => {
                "Somebody knows or guesses the login account. A typing error looks the same as an attack."
            }
            Fact::KeyUsed { ended: Some(_), .. } => {
                "The key gave full power over the account while it was valid, and what was done with it remains."
            }
            Fact::KeyUsed { key_kind: KeyKind::LongTerm, .. } | Fact::KeysUsed { key_kind: KeyKind::LongTerm, .. } => {
                "Such a key gives full power over the account until somebody deletes it. No policy limits it, and MFA \
                 does not protect it."
            }
            Fact::KeyUsed { .. } | Fact::KeysUsed { .. } => {
                "Calls with such a key have the full power of root while it is valid."
            }
            Fact::KeyUsedAfterEnd { .. } => {
                "A key that is gone should not be used. Somebody still holds it, or the account let it through."
            }
            Fact::TrailLimited { change, .. } => match change.effect {
                TrailEffect::Stopped | TrailEffect::Deleted => {
                    "Without a trail nobody sees what is done. Intruders stop it first; the report cannot tell what is \
                     missing."
                }
                _ => "Events that are not delivered cannot be counted here, so figures may be too low.",
            },
            Fact::Notable { call, .. } => match call.kind {
                NotableKind::MailChanged | NotableKind::PhoneChanged => {
                    "Mail and telephone reset the password. Whoever changes them can take the account over."
                }
                NotableKind::PasswordChanged => "Whoever set the password can log on, and others no longer can.",
                NotableKind::MfaUnbound => "Without MFA the password alone opens the account.",
                NotableKind::MfaBound => "MFA protects the account; it should be a device of the right person.",
                NotableKind::ProtectionChanged => "A protection that is lowered makes the next step easier.",
                NotableKind::RootKeyCreated | NotableKind::RootKeyEnabled => {
                    "A key of root has full power, no policy limits it, and MFA does not protect it."
                }
                NotableKind::RootKeyDisabled | NotableKind::RootKeyDeleted => {
                    "Root should have no AccessKey, so this is as it should be; applications that used it stop."
                }
                NotableKind::OpenedToWorld => "Everybody on the internet reaches the opened ports of its instances.",
                NotableKind::MadePublic => "Everybody on the internet can read what the bucket holds, or write to it.",
                NotableKind::UserCreated | NotableKind::LoginProfileSet | NotableKind::UserKeyCreated => {
                    "A new identity keeps access when the password of root is changed."
                }
                NotableKind::CommandRun => "A command on an instance can do whatever its system user may.",
            },
            Fact::AdministratorGranted { .. } => {
                "The receiver can do nearly everything, and keeps access when the password of root is changed."
            }
            Fact::InitialUser { .. } => {
                "An instance that is entered as root gives all rights on it to whoever learns one password."
            }
            Fact::Changes { .. } => {
                "No policy limits what root changes, and the events do not tell which person did it."
            }
            Fact::AccessNotKnown { .. } => "They are not counted as changes, and some may be.",
            Fact::HighFrequency { .. } => {
                "So many operations are daily use, or an application that runs with the power of root."
            }
            Fact::Denied { .. } => {
                "Root is refused only where a control policy or a service forbids it: somebody tried where the limit is."
            }
            Fact::OnlyReads { .. } => "Reading with root is use of root all the same.",
            Fact::AccountsSilent { .. } | Fact::AccountsWithGaps { .. } => {
                "Nothing can be said of their root accounts in that time."
            }
            Fact::WithoutTime { .. } => "They may be events of root in the range.",
            Fact::FutureDated { .. } => "A wrong clock or a forged event; lengths of time do not count back from them.",
            Fact::Incomplete { .. } | Fact::Rejected { .. } => "Figures of the report may be too low.",
        })
    }

    fn next(&self, fact: &Fact) -> Text {
        Text::from(match fact {
            Fact::NoData { .. }
            | Fact::DaysWithoutEvents { .. }
            | Fact::AccountsSilent { .. }
            | Fact::AccountsWithGaps { .. } => {
                "Find out whether the trail delivered, ingest what is missing, and make the report again."
            }
            Fact::LogonAfterFailures { .. } => {
                "Ask the owner of the account at once. If it was nobody you know, change the password, bind MFA, delete \
                 the AccessKeys of root, and look at everything done since that logon."
            }
            Fact::LogonsWithoutMfa { .. } => {
                "Bind an MFA device to the root account, and ask its owner about each of these logons."
            }
            Fact::Logons { .. } => {
                "Ask the owner of the account what each logon was for. For daily work make a RAM user for each role, \
                 and use CloudSSO where several people share an identity."
            }
            Fact::FailedLogons { .. } => {
                "Ask the owner whether it was a typing error. If not, check the password and MFA of the root account."
            }
            Fact::KeyUsed { ended: Some(end), .. } if end.state == KeyState::Deleted => {
                "Go through its calls below, and undo what it changed."
            }
            Fact::KeyUsed { .. } | Fact::KeysUsed { .. } => {
                "Give the application a RAM user or a RAM role with the rights it needs, then disable and delete the \
                 AccessKey of root."
            }
            Fact::KeyUsedAfterEnd { .. } => {
                "Find who holds the key by the addresses and clients of these calls, and replace it there."
            }
            Fact::TrailLimited { change, .. } if change.until.is_some() => {
                "Find out who changed the trail and why, and what other sources know of the time without it."
            }
            Fact::TrailLimited { .. } => {
                "Start the trail again with all events of all regions, and find out who changed it and why."
            }
            Fact::Notable { call, .. } if call.undone.is_some() => {
                "Go through what was done with it, and give the application a RAM user or a RAM role with the rights it \
                 needs."
            }
            Fact::Notable { call, .. } => match call.kind {
                NotableKind::MailChanged | NotableKind::PhoneChanged | NotableKind::PasswordChanged => {
                    "Ask the owner of the account. If it was somebody else, open a ticket with Alibaba Cloud at once."
                }
                NotableKind::MfaUnbound => "Bind MFA again at once, and ask the owner who unbound it.",
                NotableKind::MfaBound => "Make sure that the device is in the hands of the owner.",
                NotableKind::ProtectionChanged => "Ask the owner of the account, and set the protection again.",
                NotableKind::RootKeyCreated | NotableKind::RootKeyEnabled => {
                    "Delete the key. Give the application a RAM user or a RAM role with the rights it needs."
                }
                NotableKind::RootKeyDisabled | NotableKind::RootKeyDeleted => {
                    "Check that no application depends on it, and make no other one."
                }
                NotableKind::OpenedToWorld => "Limit the rule to the addresses and ports that are needed.",
                NotableKind::MadePublic => "Make the bucket private, and look at its access log for what was taken.",
                NotableKind::UserCreated | NotableKind::LoginProfileSet | NotableKind::UserKeyCreated => {
                    "Ask who needs the identity. If nobody does, disable it and look at what was done with it."
                }
                NotableKind::CommandRun => "Look at the command and its output, and at the instances it ran on.",
            },
            Fact::AdministratorGranted { .. } => {
                "Ask who needs these rights. Take them away, or give narrower ones for each role."
            }
            Fact::InitialUser { refused: 0, .. } => {
                "Attach the policy that denies ecs:LoginAsNonRoot = false to RAM users and roles, and create instances \
                 with ecs-user as initial login user. No RAM policy limits root itself."
            }
            Fact::InitialUser { .. } => {
                "Attach the Deny policy on ecs:LoginAsNonRoot to those who are not refused yet. No RAM policy limits \
                 root itself, so stop using it."
            }
            Fact::Changes { .. } => {
                "Check the changes below with those who may have made them, and do such work with a RAM user for each \
                 role."
            }
            Fact::AccessNotKnown { .. } => "Look at the events themselves.",
            Fact::HighFrequency { .. } => {
                "Find the person or application behind it, and move the work to a RAM user or a RAM role."
            }
            Fact::Denied { .. } => "Look at what was tried, and ask the owner of the account.",
            Fact::OnlyReads { .. } => "Use a RAM user with read access in its place.",
            Fact::WithoutTime { .. } => "Look at them: they are in the table undated_events.",
            Fact::FutureDated { .. } => "Check the clocks and the files that they came from.",
            Fact::Incomplete { .. } => "Export again what is missing, ingest it, and make the report again.",
            Fact::Rejected { .. } => "Look at them with trailql lake rejects, and export them again where you can.",
        })
    }
}

/// The range in words.
fn range(subject: &Subject) -> &'static str {
    if subject.week.is_some() { "this week" } else { "this range" }
}

fn but_for_gaps(verdict: &Verdict) -> &'static str {
    if verdict.incomplete { " Some data are missing, so this is not proven." } else { "" }
}

fn act(verdict: &Verdict) -> String {
    match (verdict.action, verdict.grave) {
        (Action::Today, 1) => " One finding needs somebody today.".to_owned(),
        (Action::Today, grave) => format!(" {} findings need somebody today.", grouped(grave)),
        (Action::Review, _) => " Nothing needs somebody today, but it should be explained.".to_owned(),
        (Action::Deliver, _) => " Some data are missing.".to_owned(),
        (Action::Nothing, _) => " Nothing needs somebody today.".to_owned(),
    }
}

fn used_in_short(figures: &KeyFigures) -> String {
    let mut parts = Vec::new();
    if figures.logons_succeeded > 0 {
        let mfa = match figures.logons_without_mfa {
            0 => String::new(),
            n => format!(" ({} without MFA)", grouped(n)),
        };
        parts.push(format!("{}{mfa}", counted(figures.logons_succeeded, "logon", "logons")));
    }
    if figures.access_key_calls > 0 {
        parts.push(counted(figures.access_key_calls, "AccessKey call", "AccessKey calls"));
    }
    if figures.changes > 0 {
        parts.push(counted(figures.changes, "change", "changes"));
    }
    if parts.is_empty() {
        parts.push(counted(figures.root_events, "event", "events"));
    }
    parts.join(", ")
}

impl English {
    /// An address with its note, for a sentence.
    fn place(&self, address: &Address) -> String {
        let note = self.address_note(address);
        let address = value(&address.text);
        if note.is_empty() { address } else { format!("{address} ({note})") }
    }

    fn by_whom(&self, addresses: &[Address], total: u64, outside: Option<u64>) -> String {
        if addresses.is_empty() {
            return "The events name neither a person nor an address.".to_owned();
        }
        let names: Vec<String> = addresses.iter().map(|address| self.place(address)).collect();
        let outside = match outside {
            Some(0) => "; all lie in known networks",
            Some(_) => "; not all lie in known networks",
            None => "",
        };
        format!("The events name no person; it came from {}{outside}.", self.list(&names, total))
    }

    fn logon_after_failures(&self, logon: &Logon, others: u64) -> String {
        let failed = |n: u64| counted(n, "failed one", "failed ones");
        let how = match (logon.failed_in_hour_before, logon.failed_in_same_second) {
            (before, 0) => format!("after {} within the hour before", failed(before)),
            (0, same) => format!("in the same second as {}, and in which order is not known", failed(same)),
            (before, same) => format!(
                "after {} within the hour before and in the same second as {}, of which the order is not known",
                failed(before),
                grouped(same)
            ),
        };
        let nameless = match logon.failed_without_account {
            0 => String::new(),
            n => format!(" ({} no account)", counted(n, "names", "name")),
        };
        let mfa = match logon.mfa {
            Some(true) => " with MFA",
            Some(false) => " without MFA",
            None => "",
        };
        let from = logon.address.as_ref().map(|address| format!("; it came from {}", self.place(address)));
        let more = match others {
            0 => String::new(),
            n => format!(" The same is true of {}.", counted(n, "other logon", "other logons")),
        };
        format!(
            "The root logon at {} succeeded{mfa} {how}{nameless}{}.{more}",
            self.time(logon.time),
            from.unwrap_or_default()
        )
    }

    fn notable_call(&self, call: &Notable, others: u64) -> String {
        let target = |unknown: &str| call.target.as_deref().map_or_else(|| unknown.to_owned(), value);
        let detail = call.detail.as_deref().map(|detail| format!(" ({})", words(detail))).unwrap_or_default();
        let at = self.time(call.first);
        let did = match call.kind {
            NotableKind::MailChanged => "changed the mail address of the account".to_owned(),
            NotableKind::PhoneChanged => "changed the telephone number of the account".to_owned(),
            NotableKind::PasswordChanged => "changed the password of the account".to_owned(),
            NotableKind::MfaBound => "bound an MFA device to the account".to_owned(),
            NotableKind::MfaUnbound => "unbound the MFA device of the account".to_owned(),
            NotableKind::ProtectionChanged => "changed a protection of the account".to_owned(),
            NotableKind::RootKeyCreated => format!("made itself the AccessKey {}", target("(not named)")),
            NotableKind::RootKeyEnabled => format!("enabled its AccessKey {}", target("(not named)")),
            NotableKind::RootKeyDisabled => format!("disabled its AccessKey {}", target("(not named)")),
            NotableKind::RootKeyDeleted => format!("deleted its AccessKey {}", target("(not named)")),
            NotableKind::OpenedToWorld => {
                format!("opened the security group {} to every address{detail}", target("(not named)"))
            }
            NotableKind::MadePublic => format!("opened the bucket {} to everybody{detail}", target("(not named)")),
            NotableKind::UserCreated => format!("created the RAM user {}", target("(not named)")),
            NotableKind::LoginProfileSet => {
                format!("set the console logon of the RAM user {}", target("(not named)"))
            }
            NotableKind::UserKeyCreated => {
                format!("created an AccessKey for the RAM user {}", target("(not named)"))
            }
            NotableKind::CommandRun => {
                format!("ran {} on instances", counted(call.succeeded + call.failed, "command", "commands"))
            }
        };
        let tried = if call.succeeded == 0 { "tried and failed: it would have " } else { "" };
        let more = if others > 0 { format!(" {} more of the kind.", grouped(others)) } else { String::new() };
        let undone = match call.undone {
            Some(time) => format!(" It was deleted at {}.", self.time(time)),
            None => String::new(),
        };
        format!("Root {tried}{did} at {at}.{undone}{more}")
    }

    fn silent(&self, account: &SilentAccount, days: Option<u64>) -> String {
        let name = self.account(account.account_id.as_deref(), account.name.as_deref());
        let about = match (days, account.last_event) {
            (Some(days), _) => {
                format!("{} of {}", grouped(account.days_without_events), counted(days, "day", "days"))
            }
            (None, Some(last)) => format!("newest event {}", self.time(last)),
            (None, None) => return name,
        };
        format!("{name} ({about})")
    }
}
