//! Settings: defaults, then `config.toml`, then the environment, then flags; each value knows where it came from.
//!
//! This is the only reader of the environment in the crate, and it reads it once, at the start of the process, so that
//! nothing below depends on a variable that it does not name. What was found is handed down in small options structs;
//! no floor below the command line receives [`Settings`] as a whole.
//!
//! The file is `trailql/config.toml` in the XDG configuration folder (`$XDG_CONFIG_HOME`, else `$HOME/.config`). Its
//! keys are those of [`KEYS`] and the tables of names (`settings/known_names.rs`). An unknown key is an error that
//! names file and line. Relative paths in it are relative to the working folder, as they are in flags and variables.

mod known_names;
mod programs;

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::event::known_names::KnownNames;
use crate::event::lang::Lang;
use crate::event::time::{Zone, ZoneError};
use crate::spelling::similar;
pub use programs::{COMPLETE, Pager, arguments, working_folder};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// The keys of `config.toml` that are no tables.
pub const KEYS: [&str; 8] = ["color", "geoip", "lake", "lang", "memory_limit", "queries", "threads", "tz"];

/// The lake that is used when none is named.
pub const DEFAULT_LAKE: &str = "./trail-lake";

/// The memory limit when none is given: 512 MiB, so that a small machine can run a query beside other work.
pub const DEFAULT_MEMORY_LIMIT: MemorySize = MemorySize(512 * 1024 * 1024);

/// The minimum memory limit: with less, hardly a file can be read or a question be answered.
pub const LEAST_MEMORY_LIMIT: MemorySize = MemorySize(32 * 1024 * 1024);

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is there and cannot be read.
    #[error("cannot read the settings: {source}: `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the settings are not TOML, line {line}, {reason}: `{}`", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The message of the TOML reader.
        reason: String,
    },
    /// A key that is neither one of [`KEYS`] nor a table of names.
    #[error("unknown key `{key}` in the settings, line {line}: `{}`", path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// Keys that look like it.
        similar: Vec<String>,
    },
    /// A value that does not fit its key.
    #[error("{origin}: {source}")]
    Invalid {
        /// The layer that gave the value.
        origin: Origin,
        /// The fault of the value.
        source: ValueError,
    },
    /// A name of an id or a network that cannot be used.
    #[error("`{key}` in {}, line {line}: {source}", path.display())]
    InvalidName {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Path of the key: `networks.office`.
        key: String,
        /// The fault of the name.
        source: ValueError,
    },
}

/// Text that is not the value it should be; used for flags, variables and the file alike.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Not a time zone.
    #[error(transparent)]
    TimeZone(#[from] ZoneError),
    /// Not a size with a unit.
    #[error("not a size with a unit, such as 512MiB: `{0}`")]
    Size(String),
    /// Less memory than [`LEAST_MEMORY_LIMIT`].
    #[error("too little memory to work with: `{0}`")]
    TooLittleMemory(String),
    /// Not a number of threads.
    #[error("not a number of threads, 1 or more: `{0}`")]
    Threads(String),
    /// Not `auto`, `always` or `never`.
    #[error("not `auto`, `always` or `never`: `{0}`")]
    Color(String),
    /// Not `en`, `ja` or `zh`.
    #[error("not `en`, `ja` or `zh`: `{0}`")]
    Lang(String),
    /// Not text where text is wanted.
    #[error("not text: `{0}`")]
    NotText(String),
    /// Not a table where a table is wanted.
    #[error("not a table: `{0}`")]
    NotATable(String),
    /// Not an account id.
    #[error("not an account id: `{0}`")]
    AccountId(String),
    /// Neither an address nor a network.
    #[error("not an address or a network: `{text}`")]
    Network {
        /// The text.
        text: String,
        /// The key is a network, so key and value changed places.
        is_reversed: bool,
    },
    /// An id or a name without a letter.
    #[error("a name is empty")]
    EmptyName,
    /// An id or a network that another name has already.
    #[error("another name has it already: `{0}`")]
    TwoNames(String),
}

impl ValueError {
    /// Returns a hint for the user.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::TimeZone(error) => Some(error.hint()),
            Self::Size(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
                Some("a bare number could mean anything: add a unit (KiB, MiB, GiB, KB, MB, GB)".to_owned())
            }
            Self::Size(_) => Some("give a whole number and a unit: KiB, MiB, GiB, TiB, KB, MB, GB or TB".to_owned()),
            Self::TooLittleMemory(_) => Some(format!("give {LEAST_MEMORY_LIMIT} or more")),
            Self::NotText(kind) if kind == "table" => Some("put a key with dots in quotes".to_owned()),
            Self::AccountId(_) => Some("write the id first: `1000000000000001 = \"Production\"`".to_owned()),
            Self::Network { is_reversed: true, .. } => {
                Some("write the name first: `office = \"192.0.2.0/24\"`".to_owned())
            }
            Self::TwoNames(_) => Some("give it one name".to_owned()),
            Self::Threads(_)
            | Self::Color(_)
            | Self::Lang(_)
            | Self::NotText(_)
            | Self::NotATable(_)
            | Self::Network { .. }
            | Self::EmptyName => None,
        }
    }
}

impl SettingsError {
    /// Returns a hint for the user.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { similar, .. } => Some(match similar.first() {
                Some(key) => format!("did you mean `{key}`?"),
                None => {
                    let listed =
                        |keys: &[&str]| keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                    format!("the keys are {}, the tables {}", listed(&KEYS), listed(&known_names::TABLES))
                }
            }),
            Self::Invalid { source, .. } | Self::InvalidName { source, .. } => source.hint(),
            Self::Unreadable { .. } | Self::NotToml { .. } => None,
        }
    }
}

/// The layer that a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said otherwise.
    Default,
    /// A key of a file.
    File {
        /// The file.
        path: PathBuf,
        /// The key in it.
        key: &'static str,
    },
    /// A variable of the environment.
    Environment(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, key } => write!(f, "`{key}` in {}", path.display()),
            Self::Environment(name) => write!(f, "${name}"),
            Self::Flag(name) => write!(f, "{name}"),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// The layer that it came from.
    pub origin: Origin,
}

/// An amount of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemorySize(usize);

impl MemorySize {
    /// The amount in bytes.
    pub fn bytes(self) -> usize {
        self.0
    }
}

impl FromStr for MemorySize {
    type Err = ValueError;

    /// Reads a whole number and a unit, `512MiB` or `2 GB`; a bare number is refused, for it is usually a slip.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let wrong = || ValueError::Size(text.to_owned());
        let trimmed = text.trim();
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = trimmed.split_at(digits);
        let factor: usize = match unit.trim_start().to_ascii_lowercase().as_str() {
            "kib" => 1 << 10,
            "mib" => 1 << 20,
            "gib" => 1 << 30,
            "tib" => 1 << 40,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "tb" => 1_000_000_000_000,
            _ => return Err(wrong()),
        };
        let bytes = number.parse::<usize>().ok().and_then(|n| n.checked_mul(factor)).filter(|bytes| *bytes > 0);
        bytes.map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for MemorySize {
    /// The largest unit that divides it, so that it reads back as the same amount.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1_000, "KB")];
        match units.into_iter().find(|(size, _)| self.0.is_multiple_of(*size)) {
            Some((size, unit)) => write!(f, "{}{unit}", self.0 / size),
            None => write!(f, "{}B", self.0),
        }
    }
}

/// The conditions under which output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl FromStr for ColorChoice {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Err(ValueError::Color(text.to_owned())),
        }
    }
}

/// Reads a time zone: an IANA name in any case, or an offset from UTC.
pub fn parse_time_zone(text: &str) -> Result<Zone, ValueError> {
    Ok(text.parse::<Zone>()?)
}

/// Reads a memory limit, [`LEAST_MEMORY_LIMIT`] or more.
pub fn parse_memory_limit(text: &str) -> Result<MemorySize, ValueError> {
    let size: MemorySize = text.parse()?;
    if size < LEAST_MEMORY_LIMIT { Err(ValueError::TooLittleMemory(text.trim().to_owned())) } else { Ok(size) }
}

/// Reads a language of reports and titles.
pub fn parse_lang(text: &str) -> Result<Lang, ValueError> {
    text.trim().parse().map_err(|_| ValueError::Lang(text.to_owned()))
}

/// Reads a number of threads, one or more.
pub fn parse_threads(text: &str) -> Result<NonZeroUsize, ValueError> {
    text.trim().parse().map_err(|_| ValueError::Threads(text.to_owned()))
}

/// The environment of the process, or of a test.
#[derive(Debug, Default)]
pub struct Environment(HashMap<OsString, OsString>);

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// These variables and no others.
    pub fn of(variables: &[(&str, &str)]) -> Self {
        Self(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    /// A variable; an empty one counts as absent, as the NO_COLOR and XDG conventions have it.
    fn get(&self, name: &str) -> Option<&OsString> {
        self.0.get(&OsString::from(name)).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &'static str) -> Result<Option<String>, SettingsError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.to_str().map(|text| Some(text.to_owned())).ok_or_else(|| SettingsError::Invalid {
            origin: Origin::Environment(name),
            source: ValueError::NotText(value.to_string_lossy().into_owned()),
        })
    }

    /// The language of the locale: the first of the variables that POSIX asks for messages decides.
    fn locale(&self) -> Setting<Lang> {
        let variable = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| Some((name, self.get(name)?)));
        match variable {
            Some((name, locale)) => {
                Setting { value: Lang::of_locale(&locale.to_string_lossy()), origin: Origin::Environment(name) }
            }
            None => Setting { value: Lang::En, origin: Origin::Default },
        }
    }

    /// The settings file, whether it is there or not; the XDG rules ignore a folder that is not absolute.
    pub fn config_file(&self) -> Option<PathBuf> {
        let absolute = |path: PathBuf| path.is_absolute().then_some(path);
        let xdg = self.get("XDG_CONFIG_HOME").map(PathBuf::from).and_then(absolute);
        let home = || self.get("HOME").map(|home| Path::new(home).join(".config")).and_then(absolute);
        xdg.or_else(home).map(|folder| folder.join("trailql").join("config.toml"))
    }

    /// Returns the folder for the user's views beside the settings file, whether it is there or not.
    fn own_queries(&self) -> Option<PathBuf> {
        Some(self.config_file()?.parent()?.join("queries"))
    }

    /// Returns `false` if the locale names characters that are not those of Unicode. The first of the variables that
    /// POSIX asks for characters decides; without any of them, nothing is said against Unicode.
    fn is_utf8(&self) -> bool {
        let Some(locale) = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| self.get(name)) else {
            return true;
        };
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        ["utf-8", "utf8"].iter().any(|name| locale.contains(name))
    }
}

/// Settings of the command line; `None` for a flag that was not given.
#[derive(Debug, Default, Clone)]
pub struct Flags {
    /// `--lake`
    pub lake: Option<PathBuf>,
    /// `--geoip`
    pub geoip: Option<PathBuf>,
    /// `--queries`
    pub queries: Vec<PathBuf>,
    /// `--tz`
    pub tz: Option<Zone>,
    /// `--memory-limit`
    pub memory_limit: Option<MemorySize>,
    /// `--threads`
    pub threads: Option<NonZeroUsize>,
    /// `--color`
    pub color: Option<ColorChoice>,
    /// `--lang`
    pub lang: Option<Lang>,
}

/// Every setting, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The folder of the lake.
    pub lake: Setting<PathBuf>,
    /// The folder of GeoIP databases.
    pub geoip: Setting<Option<PathBuf>>,
    /// Folders with views of the user's own.
    pub queries: Setting<Vec<PathBuf>>,
    /// The folder for views of the user's own where none is named, whether it is there or not.
    pub own_queries: Option<PathBuf>,
    /// The command that edits a file: `$VISUAL`, else `$EDITOR`.
    pub editor: Option<Setting<String>>,
    /// The program that shows long answers on a terminal.
    pub pager: Setting<Option<Pager>>,
    /// The file with the history of the shell, whether it is there or not.
    pub history_file: Option<PathBuf>,
    /// The terminal cannot move its cursor.
    pub is_dumb_terminal: bool,
    /// The locale can show Unicode.
    pub is_utf8: bool,
    /// The time zone in which times are read and printed.
    pub tz: Setting<Zone>,
    /// Memory that ingest and queries may use.
    pub memory_limit: Setting<MemorySize>,
    /// Threads that ingest and queries may use.
    pub threads: Setting<NonZeroUsize>,
    /// The conditions under which output is coloured.
    pub color: Setting<ColorChoice>,
    /// The language of reports and titles.
    pub lang: Setting<Lang>,
    /// Names of ids and networks, which only the file gives.
    pub known_names: KnownNames,
}

impl Settings {
    /// Joins defaults, file, environment and flags; the later one wins.
    pub fn resolve(flags: Flags, environment: &Environment) -> Result<Self, SettingsError> {
        let file = File::read(environment.config_file())?;
        let no_color = environment.get("NO_COLOR").is_some();
        let color_default = if no_color {
            Setting { value: ColorChoice::Never, origin: Origin::Environment("NO_COLOR") }
        } else {
            file.setting("color", str::parse, ColorChoice::Auto)?
        };
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let folder = |text: &str| Ok(PathBuf::from(text));
        Ok(Self {
            // A path need not be text, so these variables are not read as such.
            lake: match (flags.lake, environment.get("TRAILQL_LAKE")) {
                (Some(value), _) => Setting { value, origin: Origin::Flag("--lake") },
                (None, Some(path)) => Setting { value: path.into(), origin: Origin::Environment("TRAILQL_LAKE") },
                (None, None) => file.setting("lake", folder, PathBuf::from(DEFAULT_LAKE))?,
            },
            geoip: match (flags.geoip, environment.get("TRAILQL_GEOIP")) {
                (Some(value), _) => Setting { value: Some(value), origin: Origin::Flag("--geoip") },
                (None, Some(path)) => {
                    Setting { value: Some(path.into()), origin: Origin::Environment("TRAILQL_GEOIP") }
                }
                (None, None) => file.setting("geoip", |text| folder(text).map(Some), None)?,
            },
            queries: match (flags.queries, environment.get("TRAILQL_QUERIES")) {
                (value, _) if !value.is_empty() => Setting { value, origin: Origin::Flag("--queries") },
                (_, Some(paths)) => {
                    let value = std::env::split_paths(paths).filter(|path| !path.as_os_str().is_empty()).collect();
                    Setting { value, origin: Origin::Environment("TRAILQL_QUERIES") }
                }
                (_, None) => {
                    let there = environment.own_queries().into_iter().filter(|folder| folder.is_dir());
                    file.queries(there.collect())?
                }
            },
            own_queries: environment.own_queries(),
            editor: environment.editor(),
            pager: environment.pager(),
            history_file: environment.history_file(),
            is_dumb_terminal: environment.is_dumb_terminal(),
            is_utf8: environment.is_utf8(),
            tz: Layers { flag: flags.tz, name: "--tz", variable: "TRAILQL_TZ", read: parse_time_zone }
                .over(file.setting("tz", parse_time_zone, Zone::UTC)?, environment)?,
            memory_limit: Layers {
                flag: flags.memory_limit,
                name: "--memory-limit",
                variable: "TRAILQL_MEMORY_LIMIT",
                read: parse_memory_limit,
            }
            .over(file.setting("memory_limit", parse_memory_limit, DEFAULT_MEMORY_LIMIT)?, environment)?,
            threads: Layers {
                flag: flags.threads,
                name: "--threads",
                variable: "TRAILQL_THREADS",
                read: parse_threads,
            }
            .over(file.setting("threads", parse_threads, threads)?, environment)?,
            color: match flags.color {
                Some(value) => Setting { value, origin: Origin::Flag("--color") },
                None => color_default,
            },
            lang: Layers { flag: flags.lang, name: "--lang", variable: "TRAILQL_LANG", read: parse_lang }
                .over(file.setting_over("lang", parse_lang, environment.locale())?, environment)?,
            known_names: file.known_names,
        })
    }
}

/// The two layers above the file, for one setting.
struct Layers<T> {
    flag: Option<T>,
    name: &'static str,
    variable: &'static str,
    read: fn(&str) -> Result<T, ValueError>,
}

impl<T> Layers<T> {
    fn over(self, below: Setting<T>, environment: &Environment) -> Result<Setting<T>, SettingsError> {
        if let Some(value) = self.flag {
            return Ok(Setting { value, origin: Origin::Flag(self.name) });
        }
        let Some(text) = environment.text(self.variable)? else { return Ok(below) };
        let origin = Origin::Environment(self.variable);
        match (self.read)(&text) {
            Ok(value) => Ok(Setting { value, origin }),
            Err(source) => Err(SettingsError::Invalid { origin, source }),
        }
    }
}

/// `config.toml`, or nothing where there is none.
#[derive(Debug, Default)]
struct File {
    path: PathBuf,
    /// Values of [`KEYS`] as text, or the type of those that are neither text nor whole numbers.
    values: HashMap<String, Result<String, &'static str>>,
    /// The paths of `queries`, or the type of what is none.
    queries: Option<Result<Vec<PathBuf>, &'static str>>,
    known_names: KnownNames,
}

impl File {
    fn read(path: Option<PathBuf>) -> Result<Self, SettingsError> {
        let Some(path) = path else { return Ok(Self::default()) };
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(path, &text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            // A folder that is a file (`HOME=/dev/null`) is the usual way to say "no settings".
            Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => Ok(Self::default()),
            Err(source) => Err(SettingsError::Unreadable { path, source }),
        }
    }

    fn parse(path: PathBuf, text: &str) -> Result<Self, SettingsError> {
        let line = |start: usize| 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
        let table = DeTable::parse(text).map_err(|error| SettingsError::NotToml {
            path: path.clone(),
            line: error.span().map_or(1, |span| line(span.start)),
            reason: error.message().to_owned(),
        })?;
        let table = table.get_ref();
        let known = || KEYS.into_iter().chain(known_names::TABLES);
        let unknown = table.keys().filter(|key| known().all(|known| known != key.get_ref()));
        if let Some(key) = unknown.min_by_key(|key| key.span().start) {
            let (line, key) = (line(key.span().start), key.get_ref().clone().into_owned());
            let similar = similar(&key, known());
            return Err(SettingsError::UnknownKey { path, line, key, similar });
        }
        let values = table.iter().map(|(key, value)| (key.get_ref().clone().into_owned(), text_of(value)));
        let values = values.collect();
        match known_names::read(table) {
            Ok(names) => {
                Ok(Self { path, values, queries: table.get("queries").map(paths_of), known_names: names.into() })
            }
            Err(known_names::Fault { key, span, reason }) => {
                Err(SettingsError::InvalidName { path, line: line(span.start), key, source: reason })
            }
        }
    }

    /// The folders of views.
    fn queries(&self, default: Vec<PathBuf>) -> Result<Setting<Vec<PathBuf>>, SettingsError> {
        let Some(paths) = &self.queries else { return Ok(Setting { value: default, origin: Origin::Default }) };
        let origin = Origin::File { path: self.path.clone(), key: "queries" };
        match paths {
            Ok(value) => Ok(Setting { value: value.clone(), origin }),
            Err(kind) => Err(SettingsError::Invalid { origin, source: ValueError::NotText((*kind).to_owned()) }),
        }
    }

    fn setting<T>(
        &self,
        key: &'static str,
        read: impl Fn(&str) -> Result<T, ValueError>,
        default: T,
    ) -> Result<Setting<T>, SettingsError> {
        self.setting_over(key, read, Setting { value: default, origin: Origin::Default })
    }

    /// A setting of the file, else what stands below it.
    fn setting_over<T>(
        &self,
        key: &'static str,
        read: impl Fn(&str) -> Result<T, ValueError>,
        below: Setting<T>,
    ) -> Result<Setting<T>, SettingsError> {
        let Some(value) = self.values.get(key) else { return Ok(below) };
        let origin = Origin::File { path: self.path.clone(), key };
        let read = match value {
            Ok(text) => read(text),
            Err(kind) => Err(ValueError::NotText((*kind).to_owned())),
        };
        match read {
            Ok(value) => Ok(Setting { value, origin }),
            Err(source) => Err(SettingsError::Invalid { origin, source }),
        }
    }
}

/// Returns a path, or a list of them, or the type of what is none.
fn paths_of(value: &Spanned<DeValue<'_>>) -> Result<Vec<PathBuf>, &'static str> {
    let path = |value: &Spanned<DeValue<'_>>| match value.get_ref() {
        DeValue::String(text) => Ok(PathBuf::from(text.as_ref())),
        other => Err(other.type_str()),
    };
    match value.get_ref() {
        DeValue::Array(items) => items.iter().map(path).collect(),
        _ => path(value).map(|path| vec![path]),
    }
}

/// Returns a value as text, or its type.
fn text_of(value: &Spanned<DeValue<'_>>) -> Result<String, &'static str> {
    let decimal = |integer: &DeInteger<'_>| i64::from_str_radix(integer.as_str(), integer.radix()).ok();
    match value.get_ref() {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        DeValue::Integer(integer) => {
            Ok(decimal(integer).map_or_else(|| integer.as_str().to_owned(), |number| number.to_string()))
        }
        other => Err(other.type_str()),
    }
}

#[cfg(test)]
mod tests;
