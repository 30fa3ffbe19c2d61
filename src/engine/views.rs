//! Built-in views: SQL files with a header, embedded in the binary and planned only when they are used.
//!
//! A view file begins with comment lines `-- key: value`; what follows is one SELECT. Keys are `name`, `title.en`,
//! `title.ja`, `title.zh`, `category`, `severity`, `attack`, `cis`, `source`, `why`, and `param` any number of times, as
//! `param: NAME count|int|text DEFAULT MEANING`. The SQL names a parameter `$NAME`. Any other key is an error.

use super::error::{EngineError, similar};
pub use crate::event::severity::Severity;
use datafusion::scalar::ScalarValue;
use std::sync::LazyLock;

/// A view's title in each language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Titles {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
    /// Chinese.
    pub zh: String,
}

/// What a parameter of a view is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// A number of things, one or more.
    Count,
    /// A whole number.
    Int,
    /// Text.
    Text,
}

impl ParamKind {
    /// The kind for a message: "a whole number".
    pub fn described(self) -> &'static str {
        match self {
            ParamKind::Count => "a whole number, 1 or more",
            ParamKind::Int => "a whole number",
            ParamKind::Text => "text",
        }
    }

    /// The value that a text stands for; `None` for text that is none of this kind.
    pub(super) fn value(self, text: &str) -> Option<ScalarValue> {
        let number = || text.parse::<i64>().ok();
        match self {
            ParamKind::Count => number().filter(|number| *number >= 1).map(ScalarValue::from),
            ParamKind::Int => number().map(ScalarValue::from),
            ParamKind::Text => Some(ScalarValue::Utf8View(Some(text.to_owned()))),
        }
    }
}

/// A parameter of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewParam {
    /// Its name, `$name` in the SQL.
    pub name: String,
    /// What it is.
    pub kind: ParamKind,
    /// Its value where none is given.
    pub default: String,
    /// What it does, in a few words.
    pub meaning: String,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its name, also as a table in SQL.
    pub name: String,
    /// Its title.
    pub titles: Titles,
    /// Group it is listed under.
    pub category: String,
    /// How bad it is when it has rows.
    pub severity: Severity,
    /// Ids of MITRE ATT&CK techniques.
    pub attack: Vec<String>,
    /// Sections of the CIS Alibaba Cloud Foundation Benchmark.
    pub cis: Vec<String>,
    /// Where its condition comes from.
    pub source: String,
    /// What it means when it has rows, and what to do next.
    pub why: String,
    /// Its parameters.
    pub params: Vec<ViewParam>,
    /// Its SELECT.
    pub sql: String,
}

/// The files below `queries/`: path and text.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/queries.rs"));

static VIEWS: LazyLock<Result<Vec<View>, (String, String)>> = LazyLock::new(|| {
    let parsed = FILES.iter().map(|(path, text)| parse(path, text).map_err(|reason| ((*path).to_owned(), reason)));
    parsed.collect()
});

/// All views of this build, by category and name. An error means that a file of this build is wrong; a test reads all.
pub fn all() -> Result<&'static [View], EngineError> {
    match VIEWS.as_ref() {
        Ok(views) => Ok(views),
        Err((file, reason)) => Err(EngineError::View { file: file.clone(), reason: reason.clone() }),
    }
}

/// The view of this name.
pub fn find(name: &str) -> Result<&'static View, EngineError> {
    let views = all()?;
    views.iter().find(|view| view.name == name).ok_or_else(|| EngineError::UnknownView {
        name: name.to_owned(),
        similar: similar(name, views.iter().map(|view| view.name.as_str())),
    })
}

/// Reads a view file. `path` is relative to `queries/`, for messages and for the name it must agree with.
pub fn parse(path: &str, text: &str) -> Result<View, String> {
    let mut header: Vec<(&str, &str)> = Vec::new();
    let mut sql = text;
    while let Some(line) = sql.lines().next().filter(|line| line.starts_with("--")) {
        let entry = line.trim_start_matches('-').trim();
        header
            .push(entry.split_once(':').map(|(k, v)| (k.trim(), v.trim())).ok_or(format!("not `key: value`: {line}"))?);
        sql = sql.get(line.len()..).unwrap_or_default().trim_start_matches(['\r', '\n']);
    }
    let keys =
        ["name", "title.en", "title.ja", "title.zh", "category", "severity", "attack", "cis", "source", "why", "param"];
    for (n, (key, _)) in header.iter().enumerate() {
        if !keys.contains(key) {
            return Err(format!("unknown key `{key}`"));
        }
        if *key != "param" && header[..n].iter().any(|(earlier, _)| earlier == key) {
            return Err(format!("the key `{key}` comes twice"));
        }
    }
    let optional = |key: &str| header.iter().find(|(k, _)| *k == key).map(|(_, value)| (*value).to_owned());
    let required = |key: &str| optional(key).filter(|v| !v.is_empty()).ok_or(format!("the key `{key}` is missing"));
    let list = |key: &str| -> Vec<String> {
        optional(key).map_or_else(Vec::new, |value| value.split(',').map(|item| item.trim().to_owned()).collect())
    };
    let view = View {
        name: required("name")?,
        titles: Titles { en: required("title.en")?, ja: required("title.ja")?, zh: required("title.zh")? },
        category: required("category")?,
        severity: required("severity")?.parse()?,
        attack: list("attack"),
        cis: list("cis"),
        source: required("source")?,
        why: required("why")?,
        params: header
            .iter()
            .filter(|(key, _)| *key == "param")
            .map(|(_, value)| parse_param(value))
            .collect::<Result<_, _>>()?,
        sql: sql.trim().to_owned(),
    };
    let expected = format!("{}/{}.sql", view.category, view.name);
    if path != expected {
        return Err(format!("a view of this name and category belongs in {expected}"));
    }
    if view.sql.is_empty() {
        return Err("there is no SQL".to_owned());
    }
    Ok(view)
}

fn parse_param(text: &str) -> Result<ViewParam, String> {
    let wrong = || format!("not `NAME count|int|text DEFAULT MEANING`: {text}");
    let mut parts = text.splitn(4, ' ').map(str::trim);
    let mut next = || parts.next().filter(|part| !part.is_empty()).ok_or_else(wrong);
    let (name, kind, default, meaning) = (next()?, next()?, next()?, next()?);
    let kind = match kind {
        "count" => ParamKind::Count,
        "int" => ParamKind::Int,
        "text" => ParamKind::Text,
        _ => return Err(wrong()),
    };
    if kind.value(default).is_none() {
        return Err(wrong());
    }
    Ok(ViewParam { name: name.to_owned(), kind, default: default.to_owned(), meaning: meaning.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "-- name: v\n-- title.en: a\n-- title.ja: b\n-- title.zh: c\n-- category: k\n-- severity: high\n-- attack: T1, T2\n-- source: ours\n-- why: Because: of that.\n-- param: n int 5 Least number\nSELECT $n -- no header\n";

    #[test]
    fn every_view_of_this_build_is_good() {
        let views = all().unwrap();
        assert!(views.len() >= 9);
    }

    #[test]
    fn a_header_is_read() {
        let view = parse("k/v.sql", GOOD).unwrap();
        assert_eq!((view.severity, view.attack.len(), view.why.as_str()), (Severity::High, 2, "Because: of that."));
        assert_eq!((view.params[0].default.as_str(), view.params[0].meaning.as_str()), ("5", "Least number"));
        assert_eq!(view.sql, "SELECT $n -- no header");
    }

    #[test]
    fn values_are_of_their_kind() {
        for (kind, text, number) in [
            (ParamKind::Count, "1", Some(1)),
            (ParamKind::Count, "9223372036854775807", Some(i64::MAX)),
            (ParamKind::Count, "0", None),
            (ParamKind::Count, "-1", None),
            (ParamKind::Count, "1.5", None),
            (ParamKind::Count, "", None),
            (ParamKind::Int, "-1", Some(-1)),
            (ParamKind::Int, "9223372036854775808", None),
            (ParamKind::Int, "x", None),
        ] {
            assert_eq!(kind.value(text), number.map(ScalarValue::from), "{kind:?} {text}");
        }
    }

    #[test]
    fn wrong_headers_are_errors() {
        for (change, to, expected) in [
            ("-- attack", "-- atack", "unknown key `atack`"),
            ("-- why: Because: of that.\n", "", "the key `why` is missing"),
            ("severity: high", "severity: bad", "not a severity: `bad`"),
            ("int 5", "int five", "not `NAME count|int|text DEFAULT MEANING`: n int five Least number"),
            ("int 5", "count 0", "not `NAME count|int|text DEFAULT MEANING`: n count 0 Least number"),
            ("int 5", "number 5", "not `NAME count|int|text DEFAULT MEANING`: n number 5 Least number"),
            ("-- name: v", "-- name: w", "a view of this name and category belongs in k/w.sql"),
            ("-- name: v", "-- name: v\n-- name: v", "the key `name` comes twice"),
            ("SELECT $n -- no header", "", "there is no SQL"),
        ] {
            assert_eq!(parse("k/v.sql", &GOOD.replace(change, to)), Err(expected.to_owned()));
        }
    }
}
