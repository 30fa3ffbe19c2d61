//! JSON with the keys in the order in which they were written, whatever features `serde_json` was built with.

/// A JSON value that keeps the order of its keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

/// The members of an object, in order.
pub type Object = Vec<(String, Json)>;

impl Json {
    /// The value as compact JSON text.
    pub fn compact(&self) -> String {
        let mut out = String::with_capacity(2048);
        self.write(&mut out, None, Escape::Utf8);
        out
    }

    /// The value as compact JSON text in pure ASCII: every other character becomes a `\u` escape.
    pub fn compact_ascii(&self) -> String {
        let mut out = String::with_capacity(2048);
        self.write(&mut out, None, Escape::Ascii);
        out
    }

    /// The value as JSON text over several lines, two spaces a level.
    pub fn pretty(&self) -> String {
        let mut out = String::with_capacity(4096);
        self.write(&mut out, Some(0), Escape::Utf8);
        out
    }

    fn write(&self, out: &mut String, level: Option<usize>, escape: Escape) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => out.push_str(&value.to_string()),
            Self::Text(value) => write_text(out, value, escape),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(|item| (None, item)).collect();
                write_members(out, ['[', ']'], &items, level, escape);
            }
            Self::Object(members) => {
                let members: Vec<_> = members.iter().map(|(key, value)| (Some(key.as_str()), value)).collect();
                write_members(out, ['{', '}'], &members, level, escape);
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Escape {
    Utf8,
    Ascii,
}

fn write_members(
    out: &mut String,
    brackets: [char; 2],
    members: &[(Option<&str>, &Json)],
    level: Option<usize>,
    escape: Escape,
) {
    out.push(brackets[0]);
    let inner = level.map(|level| level + 1);
    for (n, (key, value)) in members.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        new_line(out, inner);
        if let Some(key) = key {
            write_text(out, key, escape);
            out.push(':');
            if level.is_some() {
                out.push(' ');
            }
        }
        value.write(out, inner, escape);
    }
    if !members.is_empty() {
        new_line(out, level);
    }
    out.push(brackets[1]);
}

fn new_line(out: &mut String, level: Option<usize>) {
    if let Some(level) = level {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    }
}

fn write_text(out: &mut String, text: &str, escape: Escape) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' || (escape == Escape::Ascii && !c.is_ascii()) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Json {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Object> for Json {
    fn from(value: Object) -> Self {
        Self::Object(value)
    }
}

impl<T: Into<Json> + Clone> From<&[T]> for Json {
    fn from(value: &[T]) -> Self {
        Self::List(value.iter().cloned().map(Into::into).collect())
    }
}

/// Writes the members of an object: `members! { "a": 1, "b": "two" }`.
macro_rules! members {
    ($($key:literal : $value:expr),* $(,)?) => {
        vec![$(($key.to_owned(), $crate::generate::json::Json::from($value))),*]
    };
}
pub(crate) use members;

/// Writes an object: `object! { "a": 1, "b": "two" }`.
macro_rules! object {
    ($($tokens:tt)*) => {
        $crate::generate::json::Json::Object($crate::generate::json::members!($($tokens)*))
    };
}
pub(crate) use object;
