//! The report in English: forms of numbers, dates, lists and names.

mod coverage;
mod findings;
mod labels;
mod sections;

use super::super::calendar::{Day, LocalTime};
use super::super::model::{Address, Period};
use super::super::text::{self, Text};
use super::super::wording::grouped;
use super::{Forms, named};
use crate::event::lang::Lang;
use crate::event::user_agent::UserAgent;

/// English.
pub(crate) struct English;

impl Forms for English {
    fn day(&self, day: Day) -> String {
        day.format("%a %-d %b %Y")
    }

    fn short_day(&self, day: Day) -> String {
        day.format("%-d %b")
    }

    fn weekday(&self, from_monday: usize) -> &'static str {
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].get(from_monday).copied().unwrap_or("?")
    }

    fn time(&self, time: LocalTime) -> String {
        time.format("%-d %b %Y %H:%M:%S %:z")
    }

    fn period(&self, period: &Period) -> String {
        period.week.clone().unwrap_or_else(|| period.since.format("from %-d %b %Y"))
    }

    fn of(&self, part: u64, whole: u64) -> String {
        format!("{} of {}", grouped(part), grouped(whole))
    }

    fn list(&self, names: &[String], total: u64) -> String {
        let more = total.saturating_sub(names.len() as u64);
        match (names, more) {
            ([], 0) => "–".to_owned(),
            ([], more) => grouped(more),
            ([name], 0) => name.clone(),
            ([names @ .., last], 0) => format!("{} and {last}", names.join(", ")),
            (names, more) => format!("{} and {} more", names.join(", "), grouped(more)),
        }
    }

    fn comma(&self) -> &'static str {
        ", "
    }

    fn account(&self, id: Option<&str>, name: Option<&str>) -> String {
        match id {
            Some(id) => named(name, id),
            None => "no account named".to_owned(),
        }
    }

    fn counted_value(&self, value: &str, note: Option<&str>, count: u64) -> Text {
        Text::from(match note.filter(|note| !note.is_empty()) {
            Some(note) => format!("{value} ({note}): {}", grouped(count)),
            None => format!("{value}: {}", grouped(count)),
        })
    }

    fn address_note(&self, address: &Address) -> String {
        let mut notes: Vec<String> = address.network.as_deref().map(text::words).into_iter().collect();
        if address.outside {
            notes.push("no known network".to_owned());
        }
        if let Some(place) = &address.place {
            notes.extend(place.city.in_lang(Lang::En).map(text::words));
            notes.extend(place.country.in_lang(Lang::En).or(place.country_code.as_deref()).map(text::words));
            notes.extend(place.new_country.then(|| "new country".to_owned()));
            notes.extend(place.as_number.map(|number| format!("AS{number}")));
            notes.extend(place.as_organization.as_deref().map(text::words));
        }
        if address.new {
            notes.push("new".to_owned());
        }
        notes.join(", ")
    }

    fn user_agent(&self, agent: Option<&UserAgent>) -> String {
        agent.map_or_else(|| "not said".to_owned(), |agent| text::words(&agent.to_string()))
    }
}

/// The beginning of a sentence.
fn capital(text: String) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
