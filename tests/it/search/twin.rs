//! The slow twin of the search: it walks the tree of a statement over the JSON of one event after the other.
//!
//! Names, words, wildcards and types are done here once more, in the simplest way, from the rules of the SLS
//! documentation. Only the parser is that of the library.

use serde_json::Value;
use trailql::sls::ast::{Comparison, Form, Node, NodeKind, Range, Test, Text};

/// A log: an event, and what SLS has around it.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) event: Value,
    /// `__time__`, `__topic__`, `__source__` and tags; `None` for an event that did not come through SLS.
    pub(crate) around: Option<Value>,
}

/// Members of an event that are JSON as a whole; their own members are addressed by a path.
const JSON: [&str; 6] = [
    "requestParameters",
    "responseElements",
    "referencedResources",
    "additionalEventData",
    "eventAttributes",
    "insightDetails",
];

/// Members with members that are fields.
const OBJECTS: [&str; 1] = ["userIdentity"];

const DELIMITERS: &str = ", '\";=()[]{}?@&<>/:\n\t\r";

const TOPICS: [&str; 2] = ["actiontrail_audit_event", "actiontrail_event"];

/// A value of a field.
enum Field {
    Text(Option<String>),
    /// A member of JSON: text, which may be compared as a number.
    Member(Option<String>),
    Number(Option<f64>),
    /// Not cut into words.
    Whole(Option<String>),
    /// Of the topic, also when an event has none.
    Topic(Option<String>),
    Event,
}

impl Log {
    pub(crate) fn id(&self) -> &str {
        self.event["eventId"].as_str().unwrap_or_default()
    }

    pub(crate) fn meets(&self, node: &Node) -> bool {
        match &node.kind {
            NodeKind::All => true,
            NodeKind::And(nodes) => nodes.iter().all(|node| self.meets(node)),
            NodeKind::Or(nodes) => nodes.iter().any(|node| self.meets(node)),
            NodeKind::Not(node) => !self.meets(node),
            NodeKind::Words(text) => self.has_words(text),
            NodeKind::Field(name, test) => self.passes(&name.text, test),
        }
    }

    fn passes(&self, name: &str, test: &Test) -> bool {
        let field = self.field(name);
        match test {
            Test::Has(value) => self.has(&field, value),
            Test::HasNot(value) => !self.has(&field, value),
            Test::IsNull(negated) => {
                let is_null = match &field {
                    Field::Text(text) | Field::Member(text) | Field::Whole(text) => text.is_none(),
                    Field::Number(number) => number.is_none(),
                    Field::Topic(_) | Field::Event => false,
                };
                is_null != *negated
            }
            Test::Compare(comparison, operand) => {
                let number = match (&field, operand.text.parse::<f64>()) {
                    (Field::Number(number), Ok(operand)) => Some((*number, operand)),
                    (Field::Member(text), Ok(operand)) => {
                        Some((text.as_deref().and_then(|text| text.trim().parse().ok()), operand))
                    }
                    _ => None,
                };
                match number {
                    Some((None, _)) => false,
                    Some((Some(value), operand)) => compare(value, *comparison, operand),
                    None => [name, &operand.text].iter().all(|word| self.has_word_everywhere(word)),
                }
            }
            Test::Range(range) => self.in_range(name, &field, range),
        }
    }

    fn in_range(&self, name: &str, field: &Field, range: &Range) -> bool {
        let value = match field {
            Field::Number(number) => *number,
            Field::Member(text) => text.as_deref().and_then(|text| text.trim().parse().ok()),
            _ => return [name, "in", &range.low, &range.high].iter().all(|word| self.has_word_everywhere(word)),
        };
        let (low, high): (f64, f64) = (range.low.parse().unwrap(), range.high.parse().unwrap());
        value.is_some_and(|value| {
            (value > low || range.includes_low && value == low)
                && (value < high || range.includes_high && value == high)
        })
    }

    fn has_word_everywhere(&self, words: &str) -> bool {
        let of_query = split(words, DELIMITERS);
        of_query.iter().all(|word| self.texts().iter().any(|text| has_word(text, word, false)))
    }

    /// `k:v`.
    fn has(&self, field: &Field, value: &Text) -> bool {
        let exists = value.form == Form::Bare && !value.text.is_empty() && value.text.chars().all(|c| c == '*');
        let is_null = value.text.eq_ignore_ascii_case("null") && value.form != Form::Phrase;
        match field {
            Field::Event => self.has_words(value),
            Field::Number(number) if exists => number.is_some(),
            Field::Number(number) if value.text.is_empty() || is_null => number.is_none(),
            Field::Number(number) => *number == value.text.parse().ok(),
            Field::Text(None) | Field::Member(None) => is_null,
            Field::Whole(None) => false,
            Field::Text(Some(text)) | Field::Member(Some(text)) => {
                if exists {
                    !text.is_empty()
                } else if value.text.is_empty() {
                    text.is_empty()
                } else {
                    matches(std::slice::from_ref(text), value)
                }
            }
            Field::Whole(Some(text)) => whole(text, value, exists),
            Field::Topic(topic) => {
                let topic = topic.as_deref().unwrap_or(TOPICS[0]);
                let is_known = TOPICS.contains(&topic);
                whole(topic, value, exists) || is_known && TOPICS.iter().any(|topic| whole(topic, value, exists))
            }
        }
    }

    /// Words somewhere in the event.
    fn has_words(&self, value: &Text) -> bool {
        value.text.is_empty() || matches(&self.texts(), value)
    }

    /// Every text of the event.
    fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for (key, value) in self.event.as_object().unwrap() {
            if value.is_null() {
                // Kept as it came.
                texts.push(format!("{key}:null"));
            } else if OBJECTS.contains(&key.as_str()) {
                texts.extend(value.as_object().unwrap().values().filter_map(text_of));
            } else if is_field(key) {
                texts.extend(text_of(value));
            } else {
                texts.push(key.clone());
                texts.extend(text_of(value));
            }
        }
        texts
    }

    fn field(&self, name: &str) -> Field {
        let lower = name.to_lowercase();
        let around = |key: &str| self.around.as_ref().and_then(|around| around.get(key));
        if lower == "__topic__" {
            return Field::Topic(around("__topic__").and_then(text_of));
        }
        if lower == "__source__" || name == "source" {
            return Field::Whole(around("__source__").and_then(text_of));
        }
        if lower.starts_with("__tag__:") {
            return Field::Whole(around(name).and_then(text_of));
        }
        if lower == "__time__" {
            let written = around("__time__").and_then(Value::as_i64);
            let time =
                self.event["eventTime"].as_str().map(|time| time.parse::<chrono::DateTime<chrono::Utc>>().unwrap());
            return Field::Number(written.or(time.map(|time| time.timestamp())).map(|seconds| seconds as f64));
        }
        if lower == "event" {
            return Field::Event;
        }
        let path = if lower.starts_with("event.") { &name["event.".len()..] } else { name };
        let derived = |found: Option<String>, key: &str| found.or_else(|| self.derived(key));
        for member in JSON.iter().chain(&["requestParameterJson"]) {
            let rest = path.get(member.len()..).filter(|_| path[..member.len()].eq_ignore_ascii_case(member));
            if let Some(inner) = rest.and_then(|rest| rest.strip_prefix('.')) {
                let text = derived(member_of(&self.event, member).and_then(text_of), member);
                let json = text.and_then(|text| serde_json::from_str(&text).ok());
                return Field::Member(json.and_then(|json: Value| inside(&json, inner)));
            }
        }
        // `user_identity.type`, `userIdentity.type` and `user_identity_type` are one name here.
        let plain = |name: &str| name.replace(['.', '_'], "").to_lowercase();
        let wanted = plain(path);
        for (key, value) in self.event.as_object().unwrap() {
            if plain(key) == wanted {
                return Field::Text(derived(text_of(value), key));
            }
            for (inner, value) in value.as_object().filter(|_| OBJECTS.contains(&key.as_str())).into_iter().flatten() {
                if plain(&format!("{key}{inner}")) == wanted {
                    return Field::Text(text_of(value));
                }
            }
        }
        Field::Text(
            ["requestParameterJson", "resourceType", "resourceName"]
                .iter()
                .find_map(|key| (plain(key) == wanted).then(|| self.derived(key)).flatten()),
        )
    }

    /// What SLS has of an event that came without it.
    fn derived(&self, key: &str) -> Option<String> {
        let resources = self.event.get("referencedResources").and_then(Value::as_object);
        let names = |value: &Value| match value {
            Value::Array(names) => names.iter().filter_map(text_of).collect::<Vec<_>>().join(","),
            name => text_of(name).unwrap_or_default(),
        };
        match key {
            "requestParameterJson" => self.event.get("requestParameters").and_then(text_of),
            "resourceType" => resources.map(|all| all.keys().cloned().collect::<Vec<_>>().join(";")),
            "resourceName" => resources.map(|all| all.values().map(names).collect::<Vec<_>>().join(";")),
            _ => None,
        }
        .filter(|_| key == "requestParameterJson" || resources.is_some_and(|all| !all.is_empty()))
    }
}

/// Members of events in the tests that trailql knows.
fn is_field(key: &str) -> bool {
    let known = [
        "eventId",
        "eventTime",
        "eventName",
        "eventRW",
        "serviceName",
        "acsRegion",
        "errorCode",
        "errorMessage",
        "userAgent",
        "sourceIpAddress",
        "resourceType",
        "resourceName",
        "requestParameterJson",
        "isGlobal",
        "eventVersion",
    ];
    known.contains(&key) || JSON.contains(&key)
}

fn member_of<'v>(object: &'v Value, key: &str) -> Option<&'v Value> {
    let members = object.as_object()?;
    members
        .get(key)
        .or_else(|| members.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| value))
}

/// The value of a dotted path, whose parts may be flat keys with dots.
fn inside(json: &Value, path: &str) -> Option<String> {
    if let Some(value) = member_of(json, path) {
        return text_of(value);
    }
    let ends = path.match_indices('.').map(|(at, _)| at);
    ends.into_iter().find_map(|at| inside(member_of(json, &path[..at])?, &path[at + 1..]))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn compare(value: f64, comparison: Comparison, operand: f64) -> bool {
    match comparison {
        Comparison::Equal => value == operand,
        Comparison::Greater => value > operand,
        Comparison::GreaterOrEqual => value >= operand,
        Comparison::Less => value < operand,
        Comparison::LessOrEqual => value <= operand,
    }
}

fn split(text: &str, delimiters: &str) -> Vec<String> {
    let words = text.split(|c| delimiters.contains(c)).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect()
}

fn matches(texts: &[String], value: &Text) -> bool {
    let wild = value.form == Form::Bare && value.text.contains(['*', '?']);
    let delimiters = if wild { DELIMITERS.replace('?', "") } else { DELIMITERS.to_owned() };
    let words = split(&value.text, &delimiters);
    let has_words = words.iter().all(|word| texts.iter().any(|text| has_word(text, word, wild)));
    let phrase = value.text.to_ascii_lowercase();
    let in_order = value.form != Form::Phrase || texts.iter().any(|text| text.to_ascii_lowercase().contains(&phrase));
    !words.is_empty() && has_words && in_order
}

fn has_word(text: &str, wanted: &str, wild: bool) -> bool {
    split(text, DELIMITERS).iter().any(|word| if wild { glob(wanted, word) } else { word == wanted })
}

fn whole(text: &str, value: &Text, exists: bool) -> bool {
    let (text, wanted) = (text.to_ascii_lowercase(), value.text.to_ascii_lowercase());
    match value.form {
        _ if exists => !text.is_empty(),
        Form::Bare => glob(&wanted, &text),
        Form::Quoted | Form::Phrase => text == wanted,
    }
}

fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|at| text.is_char_boundary(at) && glob(rest.as_str(), &text[at..])),
        Some('?') => text.chars().next().is_some_and(|c| glob(rest.as_str(), &text[c.len_utf8()..])),
        Some(c) => text.strip_prefix(c).is_some_and(|text| glob(rest.as_str(), text)),
    }
}
