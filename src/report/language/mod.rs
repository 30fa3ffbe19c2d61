//! The languages of the report.
//!
//! The report holds facts. A sentence is a function of a language over them, so that a sentence that one language lacks
//! does not compile. None is joined from fragments of another: each language orders, counts and inflects as it does.
//! Names of APIs, parameters and identity types stay as the events have them.

mod en;
mod ja;
mod zh;

use super::calendar::{Day, LocalTime};
use super::coverage::NoteFact;
use super::evidence;
use super::finding::Fact;
use super::model::{
    Action, Address, Ban, CreatedIdentity, DayUse, HeatMap, KeyChange, KeyFigures, KeyKind, Logon, Method, NotableKind,
    Period, RootUsage, Severity, Subject, TrailChange, UsedAfterEnd, Verdict,
};
use super::remarks::Remark;
use super::text::{self, Text};
use super::wording::grouped;
use crate::event::user_agent::UserAgent;

use en::English;

pub use crate::event::lang::Lang;

impl Lang {
    /// Returns the words of the language.
    pub(crate) fn words(self) -> &'static dyn Language {
        match self {
            Self::En => &English,
            Self::Ja => &ja::Japanese,
            Self::Zh => &zh::Chinese,
        }
    }
}

/// A figure beside its mean over the periods before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    /// The figure.
    pub now: u64,
    /// Its sum over the periods before that have data.
    pub sum: u64,
    /// Number of these periods.
    pub with_data: u64,
    /// Number of the periods before.
    pub periods: u64,
    /// The periods are weeks.
    pub weeks: bool,
}

impl Change {
    /// Returns the mean over the periods before, with one decimal place; `None` where no period has data.
    pub fn mean(self) -> Option<String> {
        (self.with_data > 0).then(|| tenths(self.sum as f64 / self.with_data as f64))
    }

    /// Returns the difference to the mean with its sign; `None` where no period has data, or there is none.
    pub fn difference(self) -> Option<String> {
        if self.with_data == 0 {
            return None;
        }
        let difference = self.now as f64 - self.sum as f64 / self.with_data as f64;
        let shown = tenths(difference.abs());
        (shown != "0").then(|| format!("{}{shown}", if difference < 0.0 { "−" } else { "+" }))
    }
}

/// Writes a number that is not negative with at most one decimal place.
fn tenths(number: f64) -> String {
    let tenths = (number * 10.0).round() as u64;
    match tenths % 10 {
        0 => grouped(tenths / 10),
        rest => format!("{}.{rest}", grouped(tenths / 10)),
    }
}

/// Reads one count out of a day.
pub(crate) type CountOfDay = fn(&DayUse) -> u64;

/// The classes of the histogram: name, and its count on a day.
pub(crate) const CLASSES: [(Term, CountOfDay); 4] = [
    (Term::Logons, |d| d.logons),
    (Term::AccessKeyCalls, |d| d.access_key_calls),
    (Term::ConsoleWrites, |d| d.console_writes),
    (Term::Other, |d| d.other),
];

/// A sentence or label of the report in one language.
pub(crate) trait Language:
    Forms + Labels + FindingSentences + SectionSentences + CoverageSentences + Sync
{
}

impl<T: Forms + Labels + FindingSentences + SectionSentences + CoverageSentences + Sync> Language for T {}

/// Numbers, dates, lists and names.
pub(crate) trait Forms {
    /// A day: `Wed 4 Nov 2026`.
    fn day(&self, day: Day) -> String;
    /// A day below a bar, without its year: `4 Nov`.
    fn short_day(&self, day: Day) -> String;
    /// A weekday in short, by its number from Monday.
    fn weekday(&self, from_monday: usize) -> &'static str;
    /// A time in a sentence, with its offset.
    fn time(&self, time: LocalTime) -> String;
    /// A period by its week or its first day.
    fn period(&self, period: &Period) -> String;
    /// A part of a whole: `6 of 7`.
    fn of(&self, part: u64, whole: u64) -> String;
    /// Names, the first of `total`: `a, b and 3 more`.
    fn list(&self, names: &[String], total: u64) -> String;
    /// The sign between two short notes.
    fn comma(&self) -> &'static str;
    /// An account by its name and id.
    fn account(&self, id: Option<&str>, name: Option<&str>) -> String;
    /// A value with its count, and a note: `203.0.113.77 (office): 12`.
    fn counted_value(&self, value: &str, note: Option<&str>, count: u64) -> Text;
    /// The note of an address: the name of its network, its place, and whether it is new. Empty where nothing is known.
    fn address_note(&self, address: &Address) -> String;
    /// Browser and system.
    fn user_agent(&self, agent: Option<&UserAgent>) -> String;
}

/// Words that stand alone.
pub(crate) trait Labels {
    /// A heading, or the name of a column or figure.
    fn term(&self, term: Term) -> &'static str;
    /// A severity.
    fn severity(&self, severity: Severity) -> &'static str;
    /// The urgency in a few words.
    fn action(&self, action: Action) -> String;
    /// The kind of an AccessKey.
    fn key_kind(&self, kind: KeyKind) -> &'static str;
    /// The use of MFA.
    fn mfa(&self, mfa: Option<bool>) -> &'static str;
    /// The reason for which a call stands out.
    fn notable(&self, kind: NotableKind) -> &'static str;
    /// An identity type, such as `ram-user`; an unknown one as it is.
    fn identity_kind(&self, kind: &str) -> String;
    /// The kind of the receiver of a policy; an unknown one as it is.
    fn receiver_kind(&self, kind: &str) -> String;
    /// The state of a day, where its counts do not say it.
    fn day_state(&self, day: &DayUse) -> Option<String>;
    /// A figure of the evidence with the thing that it is about, and the account where there are several.
    fn evidence_title(&self, subject: evidence::Subject, detail: Option<&str>, account: Option<&str>) -> Text;
}

/// The verdict and the findings.
pub(crate) trait FindingSentences {
    /// The title.
    fn title(&self, subject: &Subject) -> Text;
    /// The verdict in a sentence.
    fn verdict(&self, report: &RootUsage) -> Text;
    /// The data behind the verdict in a sentence.
    fn data(&self, report: &RootUsage) -> Text;
    /// One line for the subject of a mail.
    fn summary(&self, report: &RootUsage) -> String;
    /// The sentence above the findings.
    fn findings(&self, verdict: &Verdict, count: u64) -> Text;
    /// The findings that are not shown, by severity.
    fn more_findings(&self, by_severity: &[(Severity, u64)]) -> Text;
    /// The thing that happened.
    fn happened(&self, fact: &Fact, subject: &Subject) -> Text;
    /// The reason why it matters.
    fn why(&self, fact: &Fact) -> Text;
    /// The next step.
    fn next(&self, fact: &Fact) -> Text;
}

/// Sentences in sections and cells.
pub(crate) trait SectionSentences {
    /// The range, with what is true of its end.
    fn range(&self, subject: &Subject) -> Text;
    /// The time of making, and the version.
    fn made(&self, method: &Method) -> Text;
    /// The change of a figure.
    fn change(&self, change: &Change) -> Text;
    /// The part of the earlier periods that the data cover.
    fn comparison(&self, periods: &[Period]) -> Text;
    /// Successful logons by MFA.
    fn logons_by_mfa(&self, figures: &KeyFigures) -> Text;
    /// Calls with a long-term key.
    fn long_term_calls(&self, calls: u64) -> Text;
    /// Changes that were refused or failed.
    fn changes_failed(&self, calls: u64) -> Text;
    /// Rows that are not shown.
    fn more(&self, n: u64) -> Text;
    /// Accounts that have no section.
    fn accounts_without_sections(&self, n: u64) -> Text;
    /// The heading of an account.
    fn account_heading(&self, name: &str) -> Text;
    /// The use of root in an account in a sentence.
    fn account_summary(&self, figures: &KeyFigures, findings: u64) -> Text;
    /// The logons in a sentence.
    fn logons(&self, figures: &KeyFigures) -> Text;
    /// The failures before a logon.
    fn after_failures(&self, logon: &Logon) -> Text;
    /// There is no AccessKey call.
    fn no_access_key_calls(&self) -> Text;
    /// Refused and failed calls of a key, where there are any.
    fn key_failures(&self, denied: u64, failed: u64) -> Option<Text>;
    /// A change of a key's state.
    fn key_change(&self, change: &KeyChange) -> Text;
    /// Calls with a key after its end.
    fn used_after_end(&self, used: &UsedAfterEnd) -> Text;
    /// The calls that the section on management counts.
    fn management(&self) -> Text;
    /// There is no such call.
    fn no_management(&self) -> Text;
    /// Calls that succeeded and that did not.
    fn outcomes(&self, succeeded: u64, failed: u64) -> Text;
    /// The sentence above the hours.
    fn hours(&self, subject: &Subject) -> Text;
    /// The busiest hours in words, for those who do not see the chart.
    fn busiest_hours(&self, hours: &HeatMap) -> String;
    /// The effect of the ban of root as initial login user.
    fn initial_user(&self, ban: Ban) -> Text;
    /// The facts that no event can tell.
    fn cannot_tell(&self) -> Text;
    /// No other identity is seen on an address of root.
    fn no_same_address(&self) -> Text;
    /// Root made no user or key.
    fn nothing_created(&self) -> Text;
    /// The kind of a user or key that root made.
    fn created_kind(&self, made: &CreatedIdentity) -> Text;
    /// The user that a key was made for.
    fn key_of_user(&self, user: &str) -> Text;
    /// Changes and refused calls among calls, where there are any.
    fn calls_by_outcome(&self, changes: u64, denied: u64) -> Option<Text>;
    /// No policy of administrator grade was given.
    fn no_administrators(&self) -> Text;
    /// The method, a sentence an item.
    fn method(&self, report: &RootUsage) -> Vec<Text>;
    /// The sentence above the command.
    fn command(&self) -> Text;
    /// The sentence above the evidence.
    fn evidence(&self) -> Text;
    /// The events of an entry, and how many of them are named.
    fn evidence_count(&self, total: u64, named: u64) -> Text;
    /// The sentence above the sources.
    fn sources(&self) -> Text;
}

/// Sentences on the data.
pub(crate) trait CoverageSentences {
    /// A remark on the data.
    fn note(&self, note: &NoteFact<'_>, subject: &Subject) -> Text;
    /// The consequence of a call on a trail.
    fn trail(&self, change: &TrailChange) -> Text;
}

/// Writes one line for the subject of a mail.
pub fn summary(report: &RootUsage, lang: Lang) -> String {
    lang.words().summary(report)
}

/// Says the consequence of a call on a trail in English, for those who read no report.
pub fn english_trail(change: &TrailChange) -> String {
    English.trail(change).ticked()
}

/// Says a remark on sources and events in English, for those who read no report.
pub fn english_remark(remark: &Remark<'_>) -> String {
    Text::from(English.remark(remark)).ticked()
}

/// Names a value of the settings and the value itself: the name alone would not tell them apart.
fn named(name: Option<&str>, value: &str) -> String {
    match name {
        Some(name) => format!("{} ({})", text::words(name), text::value(value)),
        None => text::value(value),
    }
}

macro_rules! terms {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A heading, or the name of a column or figure.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Term {
            $($(#[doc = $doc])+ $name,)+
        }

        #[cfg(test)]
        impl Term {
            /// Every term.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

terms! {
    /// One AccessKey.
    AccessKey,
    /// Calls signed with AccessKeys of root.
    AccessKeyCalls,
    /// AccessKeys of root.
    AccessKeys,
    /// One account.
    Account,
    /// Security changes of the account itself.
    AccountChanges,
    /// Accounts.
    Accounts,
    /// Accounts that delivered nothing.
    AccountsWithoutEvents,
    /// A source address.
    Address,
    /// Source addresses.
    Addresses,
    /// Policies of administrator grade that were given.
    Administrators,
    /// Events of every identity.
    AllEvents,
    /// The identity that called.
    Caller,
    /// Number of calls.
    Calls,
    /// Number of calls since something was made.
    CallsSince,
    /// Write calls that were refused or failed.
    ChangesFailed,
    /// Write calls that succeeded.
    ChangesMade,
    /// Browser and system, or SDK.
    Client,
    /// The comparison with the periods before.
    Comparison,
    /// Console logons.
    ConsoleLogons,
    /// Write calls without an AccessKey.
    ConsoleWrites,
    /// The list of sections.
    Contents,
    /// A number of things.
    Count,
    /// The data behind the report.
    Coverage,
    /// Users and keys that root made, and their use.
    Created,
    /// Days with events.
    DaysWithEvents,
    /// Days without events.
    DaysWithoutEvents,
    /// The delivery of each account.
    Delivery,
    /// Calls refused for lack of permission.
    DeniedCalls,
    /// Operations on instances.
    EcsOperations,
    /// An error code.
    ErrorCode,
    /// One event.
    Event,
    /// The id of an event.
    EventId,
    /// Events.
    Events,
    /// The evidence.
    Evidence,
    /// It failed.
    Failed,
    /// Logons that failed.
    FailedLogons,
    /// One figure.
    Figure,
    /// The first and the last time.
    FirstAndLast,
    /// The first call with a key.
    FirstCall,
    /// The giver of a policy.
    GivenBy,
    /// The receiver of a policy.
    GivenTo,
    /// The gravest finding.
    Gravest,
    /// Days with very many root operations.
    HighFrequencyDays,
    /// Root events by weekday and hour.
    HoursByWeekday,
    /// An identity.
    Identity,
    /// Instances with root as initial login user.
    InitialUser,
    /// An instance was created.
    InstanceCreated,
    /// Calls of another identity.
    ItsCalls,
    /// The key figures.
    KeyFigures,
    /// The last call with a key.
    LastCall,
    /// Making, use, disabling and deleting of a key.
    LifeOfKey,
    /// The name typed at a logon.
    LoginAccount,
    /// Logons, as a class of events.
    Logons,
    /// Successful logons without MFA.
    LogonsWithoutMfa,
    /// The time at which the report was made.
    Made,
    /// A user or key that root made.
    MadeByRoot,
    /// Resource management and operations.
    Management,
    /// The way in which the report was made.
    Method,
    /// The most frequent calls.
    MostCalled,
    /// The findings.
    NeedsAction,
    /// Not seen before the range.
    New,
    /// The newest event.
    NewestEvent,
    /// The next step.
    Next,
    /// There is no data.
    NoData,
    /// Nothing was delivered.
    NoEventsDelivered,
    /// The event does not say.
    NotSaid,
    /// Calls that stand out.
    NotableCalls,
    /// A running number.
    Number,
    /// The accounts that the report is limited to.
    OnlyAccounts,
    /// The regions that the report is limited to.
    OnlyRegions,
    /// An operation: its event name and service.
    Operation,
    /// All else.
    Other,
    /// The outcome of a call.
    Outcome,
    /// A path of a file.
    Path,
    /// A policy.
    Policy,
    /// The range of the report.
    Range,
    /// It was refused.
    Refused,
    /// One region.
    Region,
    /// Regions.
    Regions,
    /// Changes of resources that are no instances.
    ResourceManagement,
    /// Resources that calls name.
    Resources,
    /// Events of root.
    RootEvents,
    /// The histogram.
    RootEventsByDay,
    /// Other identities on addresses of root.
    SameAddress,
    /// Services called.
    Services,
    /// A digest.
    Sha256,
    /// Single logons.
    SingleLogons,
    /// Files that events were read from.
    Sources,
    /// It succeeded.
    Succeeded,
    /// Logons that succeeded.
    SuccessfulLogons,
    /// The thing that a call concerns.
    Target,
    /// A time.
    Time,
    /// The time zone.
    TimeZone,
    /// The sum.
    Total,
    /// The days and hours of use.
    When,
    /// Others who could have acted.
    WhoElse,
    /// The reason why a finding matters.
    Why,
    /// An event without id.
    WithoutId,
}
