//! One decoded event in the shape of the field table.
//!
//! The decoder fills an [`Event`], [`super::derive`] completes it, and the lake appends it to its column builders. It
//! borrows from the bytes of the record wherever the text needs no unescaping, so that decoding allocates little.

use super::field::{FIELD_COUNT, FieldId, FieldSet};
use super::ids::is_absent_word;
use std::borrow::Cow;

/// The value of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value<'a> {
    /// No value: the column is null.
    #[default]
    Absent,
    /// Text, a version or JSON text.
    Text(Cow<'a, str>),
    /// A boolean.
    Flag(bool),
    /// A number, or microseconds since 1970 in a time column.
    Int(i64),
}

/// One event, a value for each row of the field table.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    values: [Value<'a>; FIELD_COUNT],
    /// The fields that were set: most events leave more than half of the table empty.
    set: FieldSet,
    /// The fields whose value came in another spelling.
    pub normalised: FieldSet,
    /// The fields that came with a value that could not be read.
    pub unread: FieldSet,
}

impl Default for Event<'_> {
    fn default() -> Self {
        Self {
            values: [const { Value::Absent }; FIELD_COUNT],
            set: FieldSet::NONE,
            normalised: FieldSet::NONE,
            unread: FieldSet::NONE,
        }
    }
}

impl<'a> Event<'a> {
    /// The value of a field.
    pub fn value(&self, id: FieldId) -> &Value<'a> {
        &self.values[id as usize]
    }

    /// Sets the value of a field.
    pub fn set(&mut self, id: FieldId, value: Value<'a>) {
        self.values[id as usize] = value;
        self.set = self.set.with(id);
    }

    /// The fields among `fields` that were set, by their place in the table, with their values.
    pub fn values(&self, fields: FieldSet) -> impl Iterator<Item = (usize, &Value<'a>)> {
        self.set.intersection(fields).places().filter_map(|at| self.values.get(at).map(|value| (at, value)))
    }

    /// Sets a text field.
    pub fn set_text(&mut self, id: FieldId, text: impl Into<Cow<'a, str>>) {
        self.set(id, Value::Text(text.into()));
    }

    /// The text of a field, however empty; `None` where the column is null or not text.
    pub fn text(&self, id: FieldId) -> Option<&str> {
        match self.value(id) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a field, unless it is one of the words that mean "absent" (empty, `null`, `NULL`).
    pub fn present(&self, id: FieldId) -> Option<&str> {
        self.text(id).filter(|text| !is_absent_word(text))
    }

    /// The number of a field, or its microseconds since 1970.
    pub fn int(&self, id: FieldId) -> Option<i64> {
        match self.value(id) {
            Value::Int(n) => Some(*n),
            _ => None,
        }
    }
}
