//! The text of a view file, made of its parts. It is read back by the reader of all view files.

use super::front_matter::{NAME_RULE, is_name};
use super::{ParamType, Severity, ViewKind};
use std::fmt::Write as _;

/// A parameter of a view that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewParam {
    /// Name, `$name` in the SQL.
    pub name: String,
    /// Type.
    pub kind: ParamType,
    /// Default, as it would be typed.
    pub default: String,
}

impl NewParam {
    /// Makes a parameter of the type that its default looks like: a whole number, a number, a flag, or else text.
    pub fn guessed(name: &str, default: &str) -> Self {
        let kind = [ParamType::Int, ParamType::Float, ParamType::Bool]
            .into_iter()
            .find(|kind| kind.value(default).is_some())
            .unwrap_or(ParamType::Text);
        Self { name: name.to_owned(), kind, default: default.to_owned() }
    }

    /// Returns the default as a value of TOML; `None` where it is not of the type.
    fn toml(&self) -> Option<String> {
        self.kind.value(&self.default)?;
        Some(match self.kind {
            ParamType::Count | ParamType::Int => self.default.parse::<i64>().ok()?.to_string(),
            // TOML wants digits on both sides of the point.
            ParamType::Float => format!("{:?}", self.default.parse::<f64>().ok()?),
            ParamType::Bool => self.default.clone(),
            ParamType::List | ParamType::CidrList => {
                let items: Vec<String> = ParamType::split(&self.default)?.iter().map(|item| quoted(item)).collect();
                format!("[{}]", items.join(", "))
            }
            _ => quoted(&self.default),
        })
    }
}

/// A view that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewView {
    /// Name.
    pub name: String,
    /// Title in every language.
    pub title: String,
    /// Severity of a row.
    pub severity: Severity,
    /// Meaning of its rows.
    pub kind: ViewKind,
    /// Meaning of a row, and what to do next.
    pub why: String,
    /// Statement of Simple Log Service that the SELECT was made of.
    pub search: Option<String>,
    /// Parameters.
    pub params: Vec<NewParam>,
    /// The SELECT.
    pub sql: String,
}

impl NewView {
    /// Returns the text of its file. The error tells what is wrong with a parameter.
    pub fn text(&self) -> Result<String, String> {
        let mut text = String::from("-- /// view\n");
        let mut line = |key: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "-- {key} = {value}");
        };
        line("name", &quoted(&self.name));
        line("title", &quoted(&self.title));
        line("severity", &quoted(self.severity.text()));
        line("kind", &quoted(self.kind.text()));
        line("source", &quoted("user"));
        line("why", &quoted(&self.why));
        if let Some(search) = &self.search {
            line("search", &quoted(search));
        }
        for (at, param) in self.params.iter().enumerate() {
            let NewParam { name, kind, default } = param;
            if !is_name(name) {
                return Err(format!("{NAME_RULE}, also that of a parameter: `{name}`"));
            }
            if self.params.iter().take(at).any(|other| other.name == *name) {
                return Err(format!("the parameter `{name}` is given more than once"));
            }
            let reason = || format!("the default of the parameter `{name}` is {}: `{default}`", kind.described());
            let (default, help) = (param.toml().ok_or_else(reason)?, quoted(&format!("Value of ${name}")));
            let kind = quoted(kind.text());
            line(&format!("param.{name}"), &format!("{{ type = {kind}, default = {default}, help = {help} }}"));
        }
        text.push_str("-- ///\n");
        text.push_str(self.sql.trim_start_matches('\u{feff}').trim_end());
        text.push('\n');
        Ok(text)
    }
}

/// Writes a text as a string of TOML on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::super::ViewCatalog;
    use super::*;
    use proptest::prelude::*;
    use std::path::Path;

    fn param(name: &str, kind: ParamType, default: &str) -> NewParam {
        NewParam { name: name.to_owned(), kind, default: default.to_owned() }
    }

    fn new_view(title: &str, why: &str, params: Vec<NewParam>) -> NewView {
        let used: Vec<String> = params.iter().map(|param| format!("${}", param.name)).collect();
        NewView {
            name: "mine".to_owned(),
            title: title.to_owned(),
            severity: Severity::High,
            kind: ViewKind::Threshold,
            why: why.to_owned(),
            search: None,
            params,
            sql: format!("  SELECT 1 {}", used.iter().map(|name| format!(", {name}")).collect::<String>()),
        }
    }

    #[test]
    fn every_type_of_parameter_is_written_and_read() {
        let defaults = [
            (ParamType::Count, "5"),
            (ParamType::Int, "-5"),
            (ParamType::Float, "1e3"),
            (ParamType::Bool, "true"),
            (ParamType::Text, "a \"b\" \\ \u{1b}[31m\n-- ///"),
            (ParamType::List, "a,\"b,\"\"c\""),
            (ParamType::Duration, "30m"),
            (ParamType::CidrList, "10.0.0.0/8,2001:db8::/32"),
            (ParamType::TimeOfDay, "08:30"),
            (ParamType::Date, "2026-11-03"),
            (ParamType::Zone, "Asia/Tokyo"),
        ];
        assert_eq!(defaults.map(|(kind, _)| kind), ParamType::ALL);
        let params = defaults.iter().enumerate().map(|(at, (kind, default))| param(&format!("p{at}"), *kind, default));
        let text = new_view("T", "w", params.collect()).text().unwrap();
        let view = ViewCatalog::read(Path::new("/q/mine.sql"), None, &text).unwrap();
        assert_eq!(view.sql_line, text.lines().position(|line| line.starts_with("  SELECT")).unwrap() + 1);
        for (param, (kind, default)) in view.params.iter().zip(defaults) {
            assert_eq!((param.kind, kind.value(&param.default)), (kind, kind.value(default)), "{default}");
        }
        let n = || param("n", ParamType::Count, "1");
        for (params, reason) in [
            (
                vec![param("n", ParamType::Count, "0")],
                "the default of the parameter `n` is a whole number, 1 or more: `0`",
            ),
            (vec![n(), n()], "the parameter `n` is given more than once"),
            (vec![param("a.b", ParamType::Int, "1")], "also that of a parameter: `a.b`"),
        ] {
            let error = new_view("T", "w", params).text().unwrap_err();
            assert!(error.ends_with(reason), "{error}");
        }
    }

    #[test]
    fn the_type_is_that_of_the_default() {
        for (default, kind) in [
            ("5", ParamType::Int),
            ("-0.5", ParamType::Float),
            ("true", ParamType::Bool),
            ("30m", ParamType::Text),
            ("", ParamType::Text),
        ] {
            assert_eq!(NewParam::guessed("n", default).kind, kind, "{default}");
        }
    }

    proptest! {
        #[test]
        fn any_title_and_reason_is_read_back(title in any::<String>(), why in any::<String>()) {
            prop_assume!(!title.trim().is_empty() && !why.trim().is_empty());
            let text = new_view(&title, &why, Vec::new()).text().unwrap();
            let view = ViewCatalog::read(Path::new("/q/mine.sql"), None, &text).unwrap();
            prop_assert_eq!(view.titles.ja, title);
            prop_assert_eq!(view.why, why.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
}
