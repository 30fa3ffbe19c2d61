//! Sentences on the data, in English.

use super::super::super::calendar::Day;
use super::super::super::coverage::NoteFact;
use super::super::super::model::{AccountDelivery, Subject, TrailChange, TrailEffect};
use super::super::super::remarks::{RejectedSource, Rejects, Remark, SourceRemark, UnreadEvent};
use super::super::super::text::{Text, value, words};
use super::super::super::trail::{TrailAction, TrailMove, TrailPlace};
use super::super::super::wording::{counted, grouped};
use super::super::{CoverageSentences, Forms, Labels};
use super::{English, capital};

/// The most days that a sentence names.
const NAMED_DAYS: usize = 14;
/// The most sources or events that a sentence names.
const NAMED_SOURCES: usize = 5;

impl CoverageSentences for English {
    fn note(&self, note: &NoteFact<'_>, subject: &Subject) -> Text {
        let narrowing = self.narrowing(subject);
        let of_days = |days: &[Day], of: u64| {
            let names: Vec<String> = days.iter().take(NAMED_DAYS).map(|day| self.day(*day)).collect();
            let named = self.list(&names, days.len() as u64);
            format!("{} of {}: {named}", grouped(days.len() as u64), counted(of, "day", "days"))
        };
        Text::from(match note {
            NoteFact::Limited => {
                format!("The report is limited to what there is{narrowing}: nothing is said of anything else.")
            }
            NoteFact::NoEvents => format!("There is no event at all{narrowing} in the data read."),
            NoteFact::Reach(oldest, newest) => {
                format!("The events read{narrowing} reach from {} to {}.", self.time(*oldest), self.time(*newest))
            }
            NoteFact::InRange(events, first, last) => format!(
                "The range has {}, from {} to {}.",
                counted(*events, "event", "events"),
                self.time(*first),
                self.time(*last)
            ),
            NoteFact::DaysWithoutEvents(days, of) => format!(
                "No event at all{} was delivered for {}. Nothing can be said of what root did then.",
                self.narrowing_to_accounts(subject),
                of_days(days, *of)
            ),
            NoteFact::DaysOfOtherRegions(days, of) => format!(
                "No event{narrowing} was delivered for {}. Events of other regions were delivered on these days.",
                of_days(days, *of)
            ),
            NoteFact::EveryDay(accounts) if *accounts > 1 => {
                format!("Every day of the range has events of each of the {} accounts.", grouped(*accounts))
            }
            NoteFact::EveryDay(_) => {
                format!("Every day of the range has events{}.", self.narrowing_to_accounts(subject))
            }
            NoteFact::DaysToCome(days) => format!(
                "{} not begun when the report was made.",
                counted(*days, "day of the range had", "days of the range had")
            ),
            NoteFact::AccountsSilent(accounts, total) => format!(
                "Nothing was delivered in the range of {}. Nothing can be said of their root accounts.",
                self.many_accounts(accounts, *total, |account| match account.last_event {
                    Some(last) => format!("its newest event is of {}", self.time(last)),
                    None => "no event".to_owned(),
                })
            ),
            NoteFact::AccountsWithGaps(accounts, total, days) => format!(
                "On some days nothing was delivered of {}.",
                self.many_accounts(accounts, *total, |account| {
                    format!("{} of {}", grouped(account.days_without_events), counted(*days, "day", "days"))
                })
            ),
            NoteFact::BeginsBefore(oldest) => format!(
                "The range begins at {}, before the oldest event{narrowing} in the data ({}).",
                self.time(subject.since),
                self.time(*oldest)
            ),
            NoteFact::EndsAfter(newest) => format!(
                "The range ends at {}, after the newest event{narrowing} in the data ({}): later ones are not in it.",
                self.time(subject.until),
                self.time(*newest)
            ),
            NoteFact::NoReads => "The data hold no read events, so reads made with root cannot show; the trail may \
                                  deliver write events only."
                .to_owned(),
            NoteFact::NoWrites => "The data hold no write events, so changes made with root cannot show; the trail \
                                   may deliver read events only."
                .to_owned(),
            NoteFact::Access(writes, reads, unknown) => format!(
                "{}, {}, and of {} it is not known.",
                counted(*writes, "write event", "write events"),
                counted(*reads, "read event", "read events"),
                grouped(*unknown)
            ),
            NoteFact::AccessNotSaid(events, unknown) => format!(
                "{} without eventRW: their API tells whether they read or changed something; of {} it is not known, \
                 and they are not counted as changes.",
                counted(*events, "event is", "events are"),
                grouped(*unknown)
            ),
            NoteFact::Trail(change) => return self.trail_by(change),
            NoteFact::MoreTrails(more) => {
                format!("There are {}.", counted(*more, "more change of a trail", "more changes of trails"))
            }
            NoteFact::Remark(remark) => self.remark(remark),
            NoteFact::Future(future) => format!(
                "{} dated after this report, the newest {}.",
                counted(future.count, "event is", "events are"),
                self.time(future.newest)
            ),
            NoteFact::Sources(sources) => format!("Read from {}.", counted(*sources, "file", "files")),
            NoteFact::LimitedToRegions => "The report is limited to some regions. Root logons are recorded in one \
                                           region (on the China site cn-hangzhou) and are missing where it is not \
                                           among them."
                .to_owned(),
        })
    }

    fn trail(&self, change: &TrailChange) -> Text {
        let trail =
            change.trail.as_deref().map_or_else(|| "a trail".to_owned(), |name| format!("the trail {}", value(name)));
        let from = self.time(change.time);
        let asked = change.event_name.as_deref().map_or_else(|| "A call".to_owned(), value);
        Text::from(match change.effect {
            TrailEffect::None if change.calls > 1 => format!(
                "{asked} was refused or failed {} between {from} and {}, so {trail} stayed as it was.",
                counted(change.calls, "time", "times"),
                self.time(change.last)
            ),
            TrailEffect::None => format!("{asked} at {from} was refused or failed, so {trail} stayed as it was."),
            TrailEffect::Stopped => capital(format!(
                "{trail} was stopped at {from} and delivered nothing{}.",
                self.end_of_change(change, true)
            )),
            TrailEffect::Deleted => capital(format!(
                "{trail} was deleted at {from} and delivered nothing{}.",
                self.end_of_change(change, true)
            )),
            TrailEffect::WriteOnly => capital(format!(
                "{trail} was set at {from} to deliver write events only{}: reads are missing.",
                self.end_of_change(change, false)
            )),
            TrailEffect::ReadOnly => capital(format!(
                "{trail} was set at {from} to deliver read events only{}: changes are missing.",
                self.end_of_change(change, false)
            )),
            TrailEffect::OneRegion => capital(format!(
                "{trail} was set at {from} to deliver the events of the region {} only{}: those of others are missing.",
                value(change.region.as_deref().unwrap_or_default()),
                self.end_of_change(change, false)
            )),
            TrailEffect::Redirected => {
                let moves: Vec<String> = change.moves.iter().map(moved).collect();
                capital(format!(
                    "{trail} was set at {from} to deliver to {}: later events went there.",
                    moves.join(" and ")
                ))
            }
            TrailEffect::Delivers if change.delivers_all() => {
                let done = if change.action() == TrailAction::Create { "made" } else { "set" };
                capital(format!("{trail} was {done} at {from} to deliver read and write events."))
            }
            TrailEffect::Delivers if change.action() == TrailAction::Start => {
                capital(format!("{trail} was started at {from}."))
            }
            TrailEffect::Delivers => capital(format!(
                "{trail} was made at {from}; the call does not say which events it delivers, and without that some \
                 trails deliver write events only."
            )),
            TrailEffect::Changed => match (change.action(), change.event_rw.as_deref()) {
                (TrailAction::MoveGlobalEvents, _) => format!(
                    "The region that keeps the events of global services, root logons among them, was changed at {from}."
                ),
                (TrailAction::SelectDataEvents, _) => {
                    format!("The choice of data events was changed at {from}, which may change what trails deliver.")
                }
                (_, Some(rw)) => {
                    capital(format!("{trail} was changed at {from} to deliver {}, which is not known.", value(rw)))
                }
                (_, None) => {
                    capital(format!("{trail} was changed at {from}, which may change what it delivers, and where to."))
                }
            },
        })
    }
}

impl English {
    /// The limits of the report, to stand behind a noun: ` of the account 1 in the region cn-hangzhou`.
    pub(super) fn narrowing(&self, subject: &Subject) -> String {
        let regions = match subject.only_regions.as_slice() {
            [] => String::new(),
            [region] => format!(" in the region {}", value(region)),
            regions => format!(" in the regions {}", self.values(regions)),
        };
        self.narrowing_to_accounts(subject) + &regions
    }

    /// The same without regions, for what was delivered of whatever region.
    pub(super) fn narrowing_to_accounts(&self, subject: &Subject) -> String {
        match subject.only_accounts.as_slice() {
            [] => String::new(),
            [account] => format!(" of the account {}", value(account)),
            accounts => format!(" of the accounts {}", self.values(accounts)),
        }
    }

    fn values(&self, values: &[String]) -> String {
        let names: Vec<String> = values.iter().take(NAMED_SOURCES).map(|text| value(text)).collect();
        self.list(&names, values.len() as u64)
    }

    /// A change of a trail with the call and its caller.
    fn trail_by(&self, change: &TrailChange) -> Text {
        let who = change.who_name.as_deref().map(value);
        let who = who.or_else(|| change.who_type.as_deref().map(|kind| self.identity_kind(kind)));
        let text = self.trail(change);
        match (who, change.event_name.as_deref()) {
            (Some(who), Some(call)) => text.then(&format!(" ({} by {who})", value(call))),
            _ => text,
        }
    }

    fn end_of_change(&self, change: &TrailChange, stops_all: bool) -> String {
        if let Some(until) = change.until {
            return format!(" until {}", self.time(until));
        }
        let mut text = match change.perhaps_until {
            Some(time) => {
                format!("; a call at {}, which may be on another trail, may have taken this back", self.time(time))
            }
            None => "; nothing in the data says that this was taken back".to_owned(),
        };
        if let Some(after) = change.events_until.filter(|_| stops_all) {
            text.push_str(&format!(
                "; events of the account came all the same, the last of {}: by another trail, or it was started by a \
                 call that is not in the data",
                self.time(after)
            ));
        }
        text
    }

    fn many_accounts(
        &self,
        accounts: &[&AccountDelivery],
        total: u64,
        about: impl Fn(&AccountDelivery) -> String,
    ) -> String {
        let name = |account: &&AccountDelivery| {
            format!("{} ({})", self.account(account.account_id.as_deref(), account.name.as_deref()), about(account))
        };
        let names: Vec<String> = accounts.iter().map(name).collect();
        format!("{}: {}", counted(total, "account", "accounts"), self.list(&names, total))
    }

    /// A remark on sources and events.
    pub(in crate::report::language) fn remark(&self, remark: &Remark<'_>) -> String {
        let sources = |list: &[SourceRemark], total: u64| {
            let name = |source: &SourceRemark| format!("{} ({})", value(&source.path), words(&source.why));
            let names: Vec<String> = list.iter().take(NAMED_SOURCES).map(name).collect();
            self.list(&names, total)
        };
        let events = |list: &[UnreadEvent], total: u64, with_fields: bool| {
            let names: Vec<String> = list.iter().take(NAMED_SOURCES).map(|event| unread(event, with_fields)).collect();
            self.list(&names, total)
        };
        match remark {
            Remark::WithoutTime(list) => format!(
                "{} no time that could be read, so no range has {}: {}.",
                counted(list.total, "event has", "events have"),
                if list.total == 1 { "it" } else { "them" },
                events(&list.items, list.total, false)
            ),
            Remark::Unread(list) => format!(
                "{} came with a value that could not be read: {}.",
                counted(list.total, "event", "events"),
                events(&list.items, list.total, true)
            ),
            Remark::Incomplete(list) => format!(
                "{} events that should be there: {}.",
                counted(list.total, "export lacks", "exports lack"),
                sources(&list.items, list.total)
            ),
            Remark::Suspicious(list) => format!(
                "{} gave no event and may hold some: {}.",
                counted(list.total, "file", "files"),
                sources(&list.items, list.total)
            ),
            Remark::Rejected(rejects) | Remark::RejectedUndated(rejects) => self.rejected(rejects, false),
            Remark::RejectedElsewhere(rejects) => self.rejected(rejects, true),
        }
    }

    /// Says what is known of when rejected records happened, which is when the other events of their sources did.
    fn rejected(&self, rejects: &Rejects, elsewhere: bool) -> String {
        let sources = rejects.sources.total;
        let others = if sources == 1 { "its file" } else { "their files" };
        let when = match rejects.first.zip(rejects.last) {
            Some((first, last)) => format!(
                "the other events of {others} are of {} to {}{}",
                self.time(first),
                self.time(last),
                if elsewhere { ", all outside of the range" } else { "" }
            ),
            None => format!("{others} gave no event that could tell"),
        };
        let name = |source: &RejectedSource| format!("{} ({})", value(&source.path), grouped(source.records));
        let names: Vec<String> = rejects.sources.items.iter().take(NAMED_SOURCES).map(name).collect();
        format!(
            "{} could not be read, in {}. When that was is not known; {when}: {}.",
            counted(rejects.records, "record", "records"),
            counted(sources, "file", "files"),
            self.list(&names, sources)
        )
    }
}

fn moved(change: &TrailMove) -> String {
    let place = match change.place {
        TrailPlace::Bucket => "the bucket",
        TrailPlace::SlsProject => "the SLS project",
        TrailPlace::MaxComputeProject => "the MaxCompute project",
    };
    format!("{place} {} in place of {}", value(&change.new), value(&change.old))
}

fn unread(event: &UnreadEvent, with_fields: bool) -> String {
    let name = event.event_id.as_deref().or(event.event_name.as_deref()).map_or_else(|| "without ID".to_owned(), value);
    let fields = event.fields.as_deref().filter(|_| with_fields).map(words);
    let about: Vec<String> = fields.into_iter().chain(event.path.as_deref().map(value)).collect();
    if about.is_empty() { name } else { format!("{name} ({})", about.join("; ")) }
}
