//! Errors of the command line: a message, a hint, and the exit code.
//!
//! Wording: lower-case start, no full stop, value last after a colon, literals in backticks. A negative answer is no
//! error; see [`super::Outcome`].

use std::error::Error;
use std::io;
use std::process::ExitCode;

use chrono::{DateTime, Days};
use trailql::engine::output::OutputError;
use trailql::engine::{EngineError, SqlPlace};
use trailql::event::time::{TimeError, Zone};
use trailql::geoip::GeoIpError;
use trailql::ops::OpsError;
use trailql::ops::search::in_words_of;
use trailql::settings::SettingsError;
use trailql::sls::SlsError;
use trailql::sls::diagnostics::{Style, show_error};

/// The hint for inputs that are no exports.
pub(crate) const EXPORTS: &str = "give files, folders or globs of ActionTrail exports: OSS objects, JSON lines, \
                                  LookupEvents answers, or SLS records";

/// The cause of an error, by who can remedy it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command line says something that cannot be done.
    User,
    /// A setting in a file or in the environment is wrong.
    Config,
    /// The data or the place they are in.
    Data,
    /// A mistake of trailql itself.
    Internal,
}

/// An error with what to do about it.
#[derive(Debug)]
pub(crate) struct CommandError {
    kind: Kind,
    message: String,
    hint: Option<String>,
    /// The whole error as it is shown, safe for a terminal.
    drawn: Option<String>,
    /// The place in a statement, and the message without it.
    place: Option<Box<(SqlPlace, String)>>,
    broken_pipe: bool,
    /// The lake changed under the question.
    outdated: bool,
}

impl CommandError {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            drawn: None,
            place: None,
            broken_pipe: false,
            outdated: false,
        }
    }

    /// Wrong usage.
    pub(crate) fn user(message: impl Into<String>) -> Self {
        Self::new(Kind::User, message)
    }

    /// Wrong usage that is drawn at its place in what was typed.
    pub(crate) fn drawn(message: impl Into<String>, drawn: String) -> Self {
        Self { drawn: Some(drawn), ..Self::user(message) }
    }

    /// Returns the whole error as it is shown, safe for a terminal, where it is drawn.
    pub(crate) fn drawing(&self) -> Option<&str> {
        self.drawn.as_deref()
    }

    /// Draws the error under the statement that it is about, if its place there is known.
    pub(crate) fn under(self, statement: &str, style: Style) -> Self {
        let Some((place, message)) = self.place.as_deref() else { return self };
        // Places are told of the text behind a byte order mark.
        let statement = statement.strip_prefix('\u{feff}').unwrap_or(statement).trim_end();
        let error = SlsError::new(message, place.span_in(statement));
        let error = match self.hint_text() {
            Some(hint) => error.help(hint),
            None => error,
        };
        Self { drawn: Some(show_error(statement, &error, style)), ..self }
    }

    /// Words the error in the names of a search, and draws it under the function that it is about.
    pub(crate) fn of_search(self, statement: &str, style: Style) -> Self {
        if self.drawn.is_some() || self.kind == Kind::Internal {
            return self;
        }
        let (message, place) = in_words_of(statement, &self.message);
        let drawn = place.map(|place| {
            let error = SlsError::new(message.as_str(), place);
            let error = self.hint.iter().fold(error, |error, hint| error.help(hint.as_str()));
            show_error(statement, &error, style)
        });
        Self { message, drawn, ..self }
    }

    /// With what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With a "did you mean", where something is similar.
    pub(crate) fn similar(mut self, similar: &[String]) -> Self {
        if !similar.is_empty() {
            let names: Vec<String> = similar.iter().map(|name| format!("`{name}`")).collect();
            self.hint = Some(format!("did you mean {}?", names.join(" or ")));
        }
        self
    }

    /// A destination that took no more.
    pub(crate) fn write(destination: &str, error: io::Error) -> Self {
        let mut failed = Self::new(Kind::Data, format!("cannot write `{destination}`: {error}"));
        failed.broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        failed
    }

    /// A time that could not be read, with what was probably meant.
    pub(crate) fn time(error: TimeError, text: &str, now: DateTime<Zone>) -> Self {
        let hint = match error {
            TimeError::NotATime(_) => match similar_time(text, now) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => {
                    "give a date (2026-11-02), a week (2026-W45), a month (2026-11), a time (2026-11-02T08:30, with or \
                         without an offset), or a length of time before the newest event (30m, 36h, 7d, 4w)"
                        .to_owned()
                }
            },
            TimeError::NotAWeek(_) => match similar_week(text) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "give an ISO week such as `2026-W45`, a day of it, `last` or `this`".to_owned(),
            },
            TimeError::Skipped { .. } | TimeError::Backwards { .. } => return Self::user(error.to_string()),
        };
        Self::user(error.to_string()).hint(hint)
    }

    /// The message.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Adds a hint: the next step for the user.
    pub(crate) fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref().or(match self.kind {
            Kind::Internal => Some("this is a mistake in trailql, please report it"),
            Kind::User | Kind::Config | Kind::Data => None,
        })
    }

    /// Returns `true` if the reader of a pipe has gone, which is success: it had enough.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }

    /// Returns `true` if the version of the lake that was asked is no longer there.
    pub(crate) fn is_outdated(&self) -> bool {
        self.outdated
    }

    /// 2 for every error.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self.kind {
            Kind::User | Kind::Config | Kind::Data | Kind::Internal => ExitCode::from(2),
        }
    }

    fn of(kind: Kind, error: &(dyn Error + 'static)) -> Self {
        let mut failed = Self::new(kind, error.to_string());
        failed.broken_pipe = causes(error).any(|cause| {
            cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        });
        failed
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        if let EngineError::Placed { error: cause, place } = error {
            let failed = Self::from(*cause);
            let bare = failed.message.clone();
            return Self { place: Some(Box::new((place, bare))), message, ..failed };
        }
        let failed = Self::of(Kind::Data, &error);
        let (similar, otherwise) = match &error {
            EngineError::UnknownView { similar, .. } => (similar, "`trailql views list` names every view"),
            EngineError::UnknownColumn { similar, .. } => {
                (similar, "`trailql sql 'DESCRIBE events'` names every column")
            }
            EngineError::UnknownTable { similar, .. } => (
                similar,
                "tables are events (e with short names), undated_events, fields, sources, rejects, copies, runs and files; \
                 `trailql views list` names every view",
            ),
            EngineError::UnknownParameter { similar, .. } => {
                (similar, "`trailql views show VIEW` names its parameters")
            }
            EngineError::UnknownFunction { similar, .. } => {
                (similar, "`trailql sql 'SHOW FUNCTIONS'` names every function")
            }
            EngineError::Range(TimeError::Backwards { since, until }) if since == until => {
                let hint = "the end of a range is left out, so it must be later than the start";
                return Self { kind: Kind::User, ..failed }.hint(hint);
            }
            EngineError::Range(_)
            | EngineError::BadParameter { .. }
            | EngineError::RepeatedParameter { .. }
            | EngineError::NotPossible { .. }
            | EngineError::NotAQuestion(_)
            | EngineError::NotSupported(_)
            | EngineError::Unreadable(_)
            | EngineError::Placed { .. }
            | EngineError::Sql(_) => return Self { kind: Kind::User, ..failed },
            EngineError::OutOfTime(_) => return failed.hint("give it more with `--time-limit`, or narrow the scope"),
            EngineError::Memory(_) => return failed.hint("give it more with `--memory-limit`, or narrow the scope"),
            EngineError::FilesGone(_) => {
                return Self { outdated: true, ..failed }
                    .hint("ask again; `trailql lake compact --gc` keeps files for longer with `--keep`");
            }
            EngineError::Stopped => return failed,
            EngineError::View(view) => {
                let similar = view.similar.clone();
                return Self { kind: Kind::Data, ..failed }.similar(&similar);
            }
            EngineError::RecursiveView(_) => return Self { kind: Kind::Data, ..failed },
            EngineError::Crashed(_) => return Self { kind: Kind::Internal, ..failed },
        };
        Self { kind: Kind::User, ..failed }.hint(otherwise).similar(similar)
    }
}

impl From<OpsError> for CommandError {
    fn from(error: OpsError) -> Self {
        match error {
            OpsError::Engine(error) => error.into(),
            OpsError::NoEvents { ref examples, .. } if !examples.is_empty() => {
                let examples: Vec<String> = examples.iter().map(|(path, what)| format!("`{path}` is {what}")).collect();
                Self::of(Kind::Data, &error).hint(examples.join(", "))
            }
            OpsError::NoEventOf(ref unknown) => Self::of(Kind::User, &error).hint(super::scope::existing(unknown)),
            OpsError::ExportThere(_) => Self { kind: Kind::User, ..Self::of(Kind::Data, &error) }
                .hint("give another folder: exports are not replaced"),
            OpsError::UnknownRun(_) => Self::of(Kind::User, &error)
                .hint("`trailql sql \"SELECT run_id, finished_at FROM runs\"` lists the runs; a time does as well"),
            OpsError::ViewNotChecked { ref similar, .. } => Self::of(Kind::User, &error)
                .hint("`trailql check root --format json` names the views behind each item")
                .similar(similar),
            OpsError::TooManyNewSources(_) => Self::of(Kind::User, &error).hint("name a later run or time"),
            OpsError::NoEvents { .. } | OpsError::NothingToRead(_) => Self::of(Kind::Data, &error).hint(EXPORTS),
            other => Self::of(Kind::Data, &other),
        }
    }
}

impl From<OutputError> for CommandError {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Engine(error) => error.into(),
            OutputError::ParquetOnTerminal => {
                Self::of(Kind::User, &error).hint("write it to a file with `-o answer.parquet`")
            }
            other => Self::of(Kind::Data, &other),
        }
    }
}

impl From<GeoIpError> for CommandError {
    fn from(error: GeoIpError) -> Self {
        let failed = Self::of(Kind::Data, &error);
        match error {
            GeoIpError::Folder { .. } | GeoIpError::NoDatabase { .. } => {
                failed.hint("give a folder with `.mmdb` files of MaxMind or DB-IP: City or Country, and ASN")
            }
            GeoIpError::Broken { .. } => failed.hint("fetch the file again, or remove it from the folder"),
            GeoIpError::TooLarge { .. } => {
                failed.hint("databases may take half of the memory: give more with `--memory-limit`")
            }
        }
    }
}

impl From<SettingsError> for CommandError {
    fn from(error: SettingsError) -> Self {
        Self { hint: error.hint(), ..Self::of(Kind::Config, &error) }
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        OutputError::Write(error).into()
    }
}

impl From<serde_json::Error> for CommandError {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(_) => io::Error::from(error).into(),
            None => Self::of(Kind::Internal, &error),
        }
    }
}

/// Suggests a notation for a time that was not understood.
fn similar_time(text: &str, now: DateTime<Zone>) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let days_ago = |days| now.date_naive().checked_sub_days(Days::new(days)).map(|date| date.to_string());
    match lower.as_str() {
        "today" | "now" => return days_ago(0),
        "yesterday" => return days_ago(1),
        _ => {}
    }
    let digits = lower.len() - lower.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = lower.split_at(digits);
    if !number.is_empty() {
        let unit = unit.trim_start();
        let unit = unit.strip_suffix(" ago").unwrap_or(unit);
        let units = [("m", "minutes"), ("h", "hours"), ("d", "days"), ("w", "weeks")];
        let found = units.into_iter().find(|(_, name)| {
            let short = matches!(unit, "min" | "mins" | "hr" | "hrs") && name.starts_with(&unit[..1]);
            short || (unit.len() > 2 && name.starts_with(unit))
        });
        if let Some((short, _)) = found {
            return Some(format!("{number}{short}"));
        }
    }
    // 2026/11/2, 2026.11.02 and 20261102 are the dates people write.
    let mut parts: Vec<&str> = lower.split(['/', '.', '-']).collect();
    if let [all] = parts[..]
        && all.len() == 8
        && let (Some((year, rest)), Some((_, day))) = (all.split_at_checked(4), all.split_at_checked(6))
    {
        parts = vec![year, rest.get(..2)?, day];
    }
    let [year, month, day] = parts[..] else { return None };
    let date = chrono::NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    (year.len() == 4).then(|| date.to_string())
}

/// `2026W45`, `2026-45`, `2026-w5`: the week they mean.
fn similar_week(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    if strsim::jaro_winkler(&lower, "last") > 0.8 {
        return Some("last".to_owned());
    }
    let (year, week) = lower.split_at_checked(4)?;
    let week: u32 = week.trim_start_matches(['-', 'w', '/', ' ']).parse().ok()?;
    let meant = format!("{year}-W{week:02}");
    trailql::event::time::IsoWeek::parse(&meant).ok().map(|_| meant)
}
