//! Words that stand alone, in English.

use super::super::super::evidence::Subject;
use super::super::super::model::{Action, DayState, DayUse, KeyKind, NotableKind, Severity};
use super::super::super::text::{self, Text, value};
use super::super::super::wording::{counted, grouped};
use super::super::{Labels, Term};
use super::English;

impl Labels for English {
    fn term(&self, term: Term) -> &'static str {
        match term {
            Term::AccessKey => "AccessKey",
            Term::AccessKeyCalls => "AccessKey calls",
            Term::AccessKeys => "AccessKeys of root",
            Term::Account => "Account",
            Term::AccountChanges => "Security of the account itself",
            Term::Accounts => "Accounts",
            Term::AccountsWithoutEvents => "Accounts without events",
            Term::Address => "Address",
            Term::Addresses => "Addresses",
            Term::Administrators => "Administrator rights given",
            Term::AllEvents => "All events",
            Term::Caller => "Caller",
            Term::Calls => "Calls",
            Term::CallsSince => "Calls since",
            Term::ChangesFailed => "Changes refused or failed",
            Term::ChangesMade => "Changes made",
            Term::Client => "Client",
            Term::Comparison => "Comparison with the four periods before",
            Term::ConsoleLogons => "Console logons",
            Term::ConsoleWrites => "Console writes",
            Term::Contents => "Contents",
            Term::Count => "Count",
            Term::Coverage => "What the data cover",
            Term::Created => "What root made, and what was done with it",
            Term::DaysWithEvents => "Days with events",
            Term::DaysWithoutEvents => "Days without events",
            Term::Delivery => "What was delivered of each account",
            Term::DeniedCalls => "Denied calls",
            Term::EcsOperations => "Operations on instances (ECS)",
            Term::ErrorCode => "Error code",
            Term::Event => "Event",
            Term::EventId => "Event ID",
            Term::Events => "Events",
            Term::Evidence => "Evidence",
            Term::Failed => "failed",
            Term::FailedLogons => "Failed logons",
            Term::Figure => "Figure",
            Term::FirstAndLast => "First and last",
            Term::FirstCall => "first call",
            Term::GivenBy => "By",
            Term::GivenTo => "Given to",
            Term::Gravest => "Gravest finding",
            Term::HighFrequencyDays => "High-frequency days",
            Term::HoursByWeekday => "Root events by weekday and hour",
            Term::Identity => "Identity",
            Term::InitialUser => "Linux instances with root as initial login user",
            Term::InstanceCreated => "created",
            Term::ItsCalls => "Its calls",
            Term::KeyFigures => "Key figures",
            Term::LastCall => "last call",
            Term::LifeOfKey => "Created, used, deleted",
            Term::LoginAccount => "Login account",
            Term::Logons => "Logons",
            Term::LogonsWithoutMfa => "Logons without MFA",
            Term::Made => "Made",
            Term::MadeByRoot => "Made by root",
            Term::Management => "Resource management and operations",
            Term::Method => "Method",
            Term::MostCalled => "Most frequent calls",
            Term::NeedsAction => "What needs action",
            Term::New => "new",
            Term::NewestEvent => "Newest event",
            Term::Next => "Next",
            Term::NoData => "no data",
            Term::NoEventsDelivered => "no events delivered",
            Term::NotSaid => "not said",
            Term::NotableCalls => "Calls that stand out",
            Term::Number => "No.",
            Term::OnlyAccounts => "Limited to accounts",
            Term::OnlyRegions => "Limited to regions",
            Term::Operation => "Operation",
            Term::Other => "Other",
            Term::Outcome => "Outcome",
            Term::Path => "File",
            Term::Policy => "Policy",
            Term::Range => "Range",
            Term::Refused => "refused",
            Term::Region => "Region",
            Term::Regions => "Events by region",
            Term::ResourceManagement => "Resource management",
            Term::Resources => "Resources",
            Term::RootEvents => "Root events",
            Term::RootEventsByDay => "Root events by day",
            Term::SameAddress => "Other identities on the addresses of root",
            Term::Services => "Services",
            Term::Sha256 => "SHA-256",
            Term::SingleLogons => "Single logons",
            Term::Sources => "Files behind the evidence",
            Term::Succeeded => "succeeded",
            Term::SuccessfulLogons => "Successful logons",
            Term::Target => "On what",
            Term::Time => "Time",
            Term::TimeZone => "Time zone",
            Term::Total => "Total",
            Term::When => "When root was used",
            Term::WhoElse => "Who else could have done it",
            Term::Why => "Why it matters",
            Term::WithoutId => "without ID",
        }
    }

    fn severity(&self, severity: Severity) -> &'static str {
        severity.text()
    }

    fn action(&self, action: Action) -> String {
        let text = match action {
            Action::Nothing => "Nothing to do",
            Action::Review => "To be explained",
            Action::Deliver => "Data are missing",
            Action::Today => "Act today",
        };
        text.to_owned()
    }

    fn key_kind(&self, kind: KeyKind) -> &'static str {
        match kind {
            KeyKind::LongTerm => "long-term",
            KeyKind::Temporary => "temporary",
            KeyKind::Unknown => "of unknown kind",
        }
    }

    fn mfa(&self, mfa: Option<bool>) -> &'static str {
        match mfa {
            Some(true) => "with MFA",
            Some(false) => "without MFA",
            None => "MFA not said",
        }
    }

    fn notable(&self, kind: NotableKind) -> &'static str {
        match kind {
            NotableKind::MailChanged => "Mail address of the account changed",
            NotableKind::PhoneChanged => "Telephone number of the account changed",
            NotableKind::PasswordChanged => "Password of the account changed",
            NotableKind::MfaBound => "MFA device bound to the account",
            NotableKind::MfaUnbound => "MFA device of the account unbound",
            NotableKind::ProtectionChanged => "Protection of the account changed",
            NotableKind::RootKeyCreated => "AccessKey of root created",
            NotableKind::RootKeyEnabled => "AccessKey of root enabled",
            NotableKind::RootKeyDisabled => "AccessKey of root disabled",
            NotableKind::RootKeyDeleted => "AccessKey of root deleted",
            NotableKind::OpenedToWorld => "Security group opened to every address",
            NotableKind::MadePublic => "Bucket opened to everybody",
            NotableKind::UserCreated => "RAM user created",
            NotableKind::LoginProfileSet => "Console logon of a RAM user set",
            NotableKind::UserKeyCreated => "AccessKey of a RAM user created",
            NotableKind::CommandRun => "Command run on instances",
        }
    }

    fn identity_kind(&self, kind: &str) -> String {
        let known = match kind {
            "root-account" => "root",
            "ram-user" => "RAM user",
            "assumed-role" => "RAM role",
            "system" => "service",
            "cloudsso-user" => "CloudSSO user",
            "saml-user" => "SAML user",
            "oidc-user" => "OIDC user",
            "alibaba-cloud-account" => "another account",
            other => return text::words(other),
        };
        known.to_owned()
    }

    fn receiver_kind(&self, kind: &str) -> String {
        let known = match kind {
            "user" | "IMSUser" => "RAM user",
            "group" | "IMSGroup" => "RAM user group",
            "role" | "ServiceRole" => "RAM role",
            other => return text::words(other),
        };
        known.to_owned()
    }

    fn day_state(&self, day: &DayUse) -> Option<String> {
        let state = match day.state {
            DayState::Events => "",
            DayState::NoRootEvents => "no root events",
            DayState::OtherRegionsOnly => "no events of these regions",
            DayState::NoEventsDelivered => return Some("no events delivered".to_owned()),
            DayState::NotYet => return Some("not yet".to_owned()),
        };
        let silent = format!(
            "nothing of {} of {}",
            grouped(day.accounts_without_events),
            counted(day.accounts, "account", "accounts")
        );
        match (day.accounts_without_events, state) {
            (0, "") => None,
            (0, state) => Some(state.to_owned()),
            (_, "") => Some(silent),
            (_, state) => Some(format!("{state}; {silent}")),
        }
    }

    fn evidence_title(&self, subject: Subject, detail: Option<&str>, account: Option<&str>) -> Text {
        let figure = match subject {
            Subject::RootEvents => "Root events",
            Subject::LogonsSucceeded => "Logons that succeeded",
            Subject::LogonsWithoutMfa => "Logons without MFA that succeeded",
            Subject::LogonsFailed => "Logons that failed",
            Subject::LogonGroup => "Logons that are alike",
            Subject::LogonAfterFailures => "A logon and the failures before it",
            Subject::AccessKeyCalls => "AccessKey calls",
            Subject::AccessKey => "Calls with one AccessKey",
            Subject::UsedAfterEnd => "Calls with an AccessKey after its end",
            Subject::Changes => "Changes made",
            Subject::ChangesFailed => "Changes refused or failed",
            Subject::Calls => "Calls of one operation",
            Subject::Denied => "Denied calls",
            Subject::AccessNotKnown => "Events that may have changed something",
            Subject::Notable => "Calls that stand out",
            Subject::BusyDay => "Root events of a day",
            Subject::InitialUser => "Instances with root as initial login user",
            Subject::InitialUserRefused => "Refused calls on instances",
            Subject::SameAddress => "Calls of another identity from an address of root",
            Subject::Administrator => "A policy of administrator grade given",
            Subject::Created => "Calls with what root made",
            Subject::Trail => "Changes of a trail",
        };
        let figure = match detail {
            Some(detail) => format!("{figure}: {}", value(detail)),
            None => figure.to_owned(),
        };
        Text::from(match account {
            Some(account) => format!("{figure}, account {}", value(account)),
            None => figure,
        })
    }
}
