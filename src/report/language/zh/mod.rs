//! Chinese in simplified characters.
//!
//! A blank stands between Chinese and Latin letters, digits or values, as in the documents of Alibaba Cloud; none
//! stands beside wide punctuation.

mod coverage;
mod findings;
mod labels;
mod sections;

use super::Forms;
use crate::event::lang::Lang;
use crate::event::user_agent::UserAgent;
use crate::report::calendar::{Day, LocalTime};
use crate::report::model::{Address, Period};
use crate::report::text::{self, Text};
use crate::report::wording::grouped;

/// Chinese in simplified characters.
pub(crate) struct Chinese;

impl Forms for Chinese {
    fn day(&self, day: Day) -> String {
        format!("{}（{}）", day.format("%Y 年 %-m 月 %-d 日"), self.weekday(day.weekday_number()))
    }

    fn short_day(&self, day: Day) -> String {
        day.format("%-m/%-d")
    }

    fn weekday(&self, from_monday: usize) -> &'static str {
        ["周一", "周二", "周三", "周四", "周五", "周六", "周日"].get(from_monday).copied().unwrap_or("?")
    }

    fn time(&self, time: LocalTime) -> String {
        time.format("%Y 年 %-m 月 %-d 日 %H:%M:%S %:z")
    }

    fn period(&self, period: &Period) -> String {
        match &period.week {
            Some(week) => named_week(week),
            None => period.since.format("%Y 年 %-m 月 %-d 日起"),
        }
    }

    fn of(&self, part: u64, whole: u64) -> String {
        format!("{}/{}", grouped(part), grouped(whole))
    }

    fn list(&self, names: &[String], total: u64) -> String {
        listed(names, total, "项")
    }

    fn comma(&self) -> &'static str {
        "，"
    }

    fn account(&self, id: Option<&str>, name: Option<&str>) -> String {
        match id {
            Some(id) => named(name, id),
            None => "未指明账号".to_owned(),
        }
    }

    fn counted_value(&self, value: &str, note: Option<&str>, count: u64) -> Text {
        Text::from(match note.filter(|note| !note.is_empty()) {
            Some(note) => format!("{value}（{note}）：{} 次", grouped(count)),
            None => format!("{value}：{} 次", grouped(count)),
        })
    }

    fn address_note(&self, address: &Address) -> String {
        let mut notes: Vec<String> = address.network.as_deref().map(text::words).into_iter().collect();
        if address.outside {
            notes.push("不属于已知网络".to_owned());
        }
        if let Some(place) = &address.place {
            notes.extend(place.country.in_lang(Lang::Zh).or(place.country_code.as_deref()).map(text::words));
            notes.extend(place.city.in_lang(Lang::Zh).map(text::words));
            notes.extend(place.new_country.then(|| "首次出现的国家/地区".to_owned()));
            notes.extend(place.as_number.map(|number| format!("AS{number}")));
            notes.extend(place.as_organization.as_deref().map(text::words));
        }
        if address.new {
            notes.push("首次出现的地址".to_owned());
        }
        notes.join("，")
    }

    fn user_agent(&self, agent: Option<&UserAgent>) -> String {
        let Some(agent) = agent else { return "未注明".to_owned() };
        let version = agent.version.as_deref().map(|version| format!(" {}", text::words(version)));
        let provider = agent.provider.as_deref().map(|provider| format!("provider {}", text::words(provider)));
        let about: Vec<String> = provider.into_iter().chain(agent.system.map(text::words)).collect();
        let about = if about.is_empty() { String::new() } else { format!("（{}）", about.join("，")) };
        format!("{}{}{about}", text::words(&agent.product), version.unwrap_or_default())
    }
}

/// Names an ISO week such as `2026-W05` by its year and number.
fn named_week(week: &str) -> String {
    match week.split_once("-W") {
        Some((year, number)) => format!("{year} 年第 {} 周", number.trim_start_matches('0')),
        None => week.to_owned(),
    }
}

/// Names, the first of `total`, with the counter of the things named.
fn listed(names: &[String], total: u64, counter: &str) -> String {
    let shown = names.join("、");
    match (names.len() as u64, total) {
        (0, 0) => "–".to_owned(),
        (0, total) => format!("{} {counter}", grouped(total)),
        (named, total) if named < total => format!("{shown}{}等 {} {counter}", gap_after(&shown), grouped(total)),
        (_, _) => shown,
    }
}

/// Names a value of the settings and the value itself.
fn named(name: Option<&str>, value: &str) -> String {
    match name {
        Some(name) => format!("{}（{}）", text::words(name), text::value(value)),
        None => text::value(value),
    }
}

/// The blank between a text and the Chinese character that follows it, where there must be one.
fn gap_after(text: &str) -> &'static str {
    gap(text.chars().next_back())
}

/// The blank between a Chinese character and the text that follows it, where there must be one.
fn gap_before(text: &str) -> &'static str {
    gap(text.chars().next())
}

fn gap(neighbour: Option<char>) -> &'static str {
    match neighbour {
        None | Some('\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}') => "",
        Some(_) => " ",
    }
}
