//! The report in Japanese: forms of numbers, dates, lists and names.
//!
//! A blank stands inside of compound nouns (`RAM ユーザー`) as in the documents of Alibaba Cloud, and nowhere else between
//! Latin and Japanese letters. Values that name a thing stand in corner brackets, since Japanese has no blanks to set
//! them apart where a renderer does not.

mod coverage;
mod findings;
mod labels;
mod sections;

use super::Forms;
use crate::event::lang::Lang;
use crate::event::user_agent::UserAgent;
use crate::report::calendar::{Day, LocalTime};
use crate::report::model::{Address, Counted, KeyKind, KeyState, Period, Subject};
use crate::report::text::{Text, value, words};
use crate::report::wording::grouped;

/// The most accounts or regions that a sentence names.
const NAMED_LIMITS: usize = 5;

/// Japanese.
pub(crate) struct Japanese;

impl Forms for Japanese {
    fn day(&self, day: Day) -> String {
        format!("{}（{}）", day.format("%Y年%-m月%-d日"), self.weekday(day.weekday_number()))
    }

    fn short_day(&self, day: Day) -> String {
        day.format("%-m/%-d")
    }

    fn weekday(&self, from_monday: usize) -> &'static str {
        ["月", "火", "水", "木", "金", "土", "日"].get(from_monday).copied().unwrap_or("？")
    }

    fn time(&self, time: LocalTime) -> String {
        time.format("%Y年%-m月%-d日 %H:%M:%S %:z")
    }

    fn period(&self, period: &Period) -> String {
        period.week.clone().unwrap_or_else(|| period.since.format("%Y年%-m月%-d日～"))
    }

    fn of(&self, part: u64, whole: u64) -> String {
        format!("{}（全{}）", grouped(part), grouped(whole))
    }

    fn list(&self, names: &[String], total: u64) -> String {
        listed(names, total, "件")
    }

    fn comma(&self) -> &'static str {
        "、"
    }

    fn account(&self, id: Option<&str>, name: Option<&str>) -> String {
        match (id, name) {
            (Some(id), Some(name)) => format!("{}（{}）", words(name), value(id)),
            (Some(id), None) => value(id),
            (None, _) => "アカウントの記録なし".to_owned(),
        }
    }

    fn counted_value(&self, value: &str, note: Option<&str>, count: u64) -> Text {
        Text::from(match note.filter(|note| !note.is_empty()) {
            Some(note) => format!("{value}（{note}）：{}", grouped(count)),
            None => format!("{value}：{}", grouped(count)),
        })
    }

    fn address_note(&self, address: &Address) -> String {
        let mut notes: Vec<String> = address.network.as_deref().map(words).into_iter().collect();
        if address.outside {
            notes.push("既知のネットワーク外".to_owned());
        }
        if let Some(place) = &address.place {
            notes.extend(place.country.in_lang(Lang::Ja).or(place.country_code.as_deref()).map(words));
            notes.extend(place.city.in_lang(Lang::Ja).map(words));
            notes.extend(place.new_country.then(|| "初出の国".to_owned()));
            notes.extend(place.as_number.map(|number| format!("AS{number}")));
            notes.extend(place.as_organization.as_deref().map(words));
        }
        if address.new {
            notes.push("初出".to_owned());
        }
        notes.join("、")
    }

    fn user_agent(&self, agent: Option<&UserAgent>) -> String {
        let Some(agent) = agent else { return "記録なし".to_owned() };
        let mut text = words(&agent.product);
        if let Some(version) = &agent.version {
            text.push_str(&format!(" {}", words(version)));
        }
        if let Some(system) = &agent.system {
            text.push_str(&format!("（{}）", words(system)));
        }
        text
    }
}

impl Japanese {
    /// The limits of the report as a noun: `アカウント「1」のリージョン「cn-hangzhou」`. Empty where there are none.
    fn scope(&self, subject: &Subject) -> String {
        let accounts = self.scope_of_accounts(subject);
        if subject.only_regions.is_empty() {
            return accounts;
        }
        format!("{}リージョン{}", of(&accounts), several(&subject.only_regions))
    }

    /// The same without regions, for what was delivered of whatever region.
    fn scope_of_accounts(&self, subject: &Subject) -> String {
        if subject.only_accounts.is_empty() {
            return String::new();
        }
        format!("アカウント{}", several(&subject.only_accounts))
    }

    /// An address with its note, for a sentence.
    fn place(&self, address: &Address) -> String {
        let note = self.address_note(address);
        let address = value(&address.text);
        if note.is_empty() { address } else { format!("{address}（{note}）") }
    }

    /// One time, or the first and the last of several.
    fn span(&self, first: LocalTime, last: LocalTime) -> String {
        if first == last {
            return self.time(first);
        }
        format!("{}から{}まで", self.time(first), self.time(last))
    }

    /// Days, the first of so many.
    fn days(&self, days: &[Day], named: usize) -> String {
        let names: Vec<String> = days.iter().take(named).map(|day| self.day(*day)).collect();
        listed(&names, days.len() as u64, "日")
    }
}

/// Names, the first of `total`, the rest with their counter.
fn listed(names: &[String], total: u64, counter: &str) -> String {
    let more = total.saturating_sub(names.len() as u64);
    match (names, more) {
        ([], 0) => "–".to_owned(),
        ([], more) => format!("{}{counter}", grouped(more)),
        (names, 0) => names.join("、"),
        (names, more) => format!("{}、ほか{}{counter}", names.join("、"), grouped(more)),
    }
}

/// A value that names a thing.
fn quoted(text: &str) -> String {
    format!("「{}」", value(text))
}

/// Accounts or regions behind their noun.
fn several(values: &[String]) -> String {
    let names: String = values.iter().take(NAMED_LIMITS).map(|text| quoted(text)).collect();
    match values.len().saturating_sub(NAMED_LIMITS) {
        0 => names,
        more => format!("{names}ほか{}件", grouped(more as u64)),
    }
}

/// A noun that another one follows; nothing where it is empty.
fn of(noun: &str) -> String {
    if noun.is_empty() { String::new() } else { format!("{noun}の") }
}

/// The change that brought a key into a state, as a noun.
fn key_state(state: KeyState) -> &'static str {
    match state {
        KeyState::Created => "作成",
        KeyState::Enabled => "有効化",
        KeyState::Disabled => "無効化",
        KeyState::Deleted => "削除",
    }
}

/// An AccessKey by its kind, for a sentence.
fn key(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::LongTerm => "長期 AccessKey",
        KeyKind::Temporary => "一時的な AccessKey",
        KeyKind::Unknown => "種類不明の AccessKey",
    }
}

/// A value with its number of calls.
fn counted(one: &Counted, unnamed: &str) -> String {
    let name = one.value.as_deref().map_or_else(|| unnamed.to_owned(), value);
    format!("{name}（{}回）", grouped(one.count))
}
