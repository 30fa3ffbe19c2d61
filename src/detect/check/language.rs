//! The sentences of the account check in each language. A sentence that one language lacks does not compile.

use super::verdict::{Days, Delivery, GapKind, Reason, Status};
use crate::event::lang::Lang;
use chrono::NaiveDate;

/// The words around what is listed.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// Before accounts.
    pub accounts: &'static str,
    /// Before those who acted.
    pub principals: &'static str,
    /// Before addresses.
    pub addresses: &'static str,
    /// Before ids of events.
    pub events: &'static str,
    /// Between two values of a list.
    pub comma: &'static str,
    /// Between two reasons.
    pub semicolon: &'static str,
    /// Between two times.
    pub to: &'static str,
}

/// Returns the words of a language.
pub fn words(lang: Lang) -> Words {
    let (accounts, principals, addresses, events, comma, semicolon, to) = match lang {
        Lang::En => ("accounts: ", "by: ", "from: ", "events: ", ", ", "; ", " to "),
        Lang::Ja => ("アカウント: ", "操作者: ", "IP アドレス: ", "イベント: ", "、", "。", " ～ "),
        Lang::Zh => ("账号：", "操作者：", "IP 地址：", "事件：", "、", "；", " 至 "),
    };
    Words { accounts, principals, addresses, events, comma, semicolon, to }
}

/// Returns the status as a label.
pub fn status(status: Status, lang: Lang) -> &'static str {
    match (status, lang) {
        (Status::Passed, Lang::En) => "PASSED",
        (Status::Failed, Lang::En) => "FAILED",
        (Status::Unknown, Lang::En) => "UNKNOWN",
        (Status::Passed, Lang::Ja) => "合格",
        (Status::Failed, Lang::Ja) => "不合格",
        (Status::Unknown, Lang::Ja) => "不明",
        (Status::Passed, Lang::Zh) => "通过",
        (Status::Failed, Lang::Zh) => "未通过",
        (Status::Unknown, Lang::Zh) => "未知",
    }
}

/// Says how many checks failed, passed and are unknown.
pub fn counts(failed: usize, passed: usize, unknown: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{failed} failed, {passed} passed, {unknown} unknown"),
        Lang::Ja => format!("不合格 {failed}、合格 {passed}、不明 {unknown}"),
        Lang::Zh => format!("未通过 {failed}，通过 {passed}，未知 {unknown}"),
    }
}

/// Says how many more values there are.
pub fn more(count: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("and {count} more"),
        Lang::Ja => format!("ほか {count} 件"),
        Lang::Zh => format!("另有 {count} 个"),
    }
}

/// Says a reason.
pub fn reason(reason: &Reason<'_>, lang: Lang) -> String {
    match reason {
        Reason::Found(label, count) => match lang {
            Lang::En | Lang::Ja => format!("{}: {count}", label.in_lang(lang)),
            Lang::Zh => format!("{}：{count}", label.in_lang(lang)),
        },
        Reason::NoWitness(text) => text.in_lang(lang).to_owned(),
        Reason::Clean(delivery) => clean(delivery, lang),
        Reason::NoEvents => match lang {
            Lang::En => "no event was delivered in the range".to_owned(),
            Lang::Ja => "期間内に配信されたイベントがありません".to_owned(),
            Lang::Zh => "该时间范围内没有投递任何事件".to_owned(),
        },
        Reason::Missing(delivery) => {
            let (days, of) = (&delivery.missing, of_days(delivery, lang));
            match lang {
                Lang::En => format!("nothing was delivered on {} of {of}: {}", days.total, listed(days, lang)),
                Lang::Ja => format!("{of}のうち {} 日は何も配信されていません: {}", days.total, listed(days, lang)),
                Lang::Zh => format!("{of}中有 {} 天没有投递任何事件：{}", days.total, listed(days, lang)),
            }
        }
        Reason::NoReads(delivery) => {
            let (days, of) = (&delivery.without_reads, of_days(delivery, lang));
            match lang {
                Lang::En => format!(
                    "no read event was delivered on {} of {of}, so reads cannot be judged: {}",
                    days.total,
                    listed(days, lang)
                ),
                Lang::Ja => format!(
                    "{of}のうち {} 日は読み取りイベントが配信されておらず、読み取りを判定できません: {}",
                    days.total,
                    listed(days, lang)
                ),
                Lang::Zh => {
                    format!("{of}中有 {} 天没有投递读事件，无法判断读操作：{}", days.total, listed(days, lang))
                }
            }
        }
        Reason::NoWrites(delivery) => {
            let (days, of) = (&delivery.without_writes, of_days(delivery, lang));
            match lang {
                Lang::En => format!(
                    "no write event was delivered on {} of {of}, so changes cannot be judged: {}",
                    days.total,
                    listed(days, lang)
                ),
                Lang::Ja => format!(
                    "{of}のうち {} 日は書き込みイベントが配信されておらず、変更を判定できません: {}",
                    days.total,
                    listed(days, lang)
                ),
                Lang::Zh => {
                    format!("{of}中有 {} 天没有投递写事件，无法判断变更：{}", days.total, listed(days, lang))
                }
            }
        }
        Reason::LogonsNotSeen(delivery) => logons(delivery.limited_to_regions, lang).to_owned(),
        Reason::Gap(gap) => {
            let text = gap_text(gap.kind, lang);
            match (gap.since, lang) {
                (None, _) => text.to_owned(),
                (Some(day), Lang::En) => format!("{text} ({day})"),
                (Some(day), Lang::Ja | Lang::Zh) => format!("{text}（{day}）"),
            }
        }
        Reason::Suppressed(count) => match lang {
            Lang::En => format!("suppressed findings that do not count: {count}"),
            Lang::Ja => format!("除外された検出（対象外）: {count}"),
            Lang::Zh => format!("已抑制且不计入的发现：{count}"),
        },
        Reason::NotAnswered(error) => match lang {
            Lang::En => format!("a view could not be answered: {error}"),
            Lang::Ja => format!("ビューに回答できませんでした: {error}"),
            Lang::Zh => format!("视图查询失败：{error}"),
        },
    }
}

fn clean(delivery: &Delivery, lang: Lang) -> String {
    let of = of_days(delivery, lang);
    match lang {
        Lang::En => format!("nothing speaks against it in the events of {of}"),
        Lang::Ja => format!("{of}のイベントに反する事実はありません"),
        Lang::Zh => format!("{of}的事件中没有相反的证据"),
    }
}

/// Says how many days, and of how many accounts, are judged.
fn of_days(delivery: &Delivery, lang: Lang) -> String {
    let (days, accounts) = (delivery.days, delivery.accounts);
    match (lang, accounts) {
        (Lang::En, 0 | 1) => format!("{days} {}", if days == 1 { "day" } else { "days" }),
        (Lang::En, _) => format!("{days} days of {accounts} accounts"),
        (Lang::Ja, 0 | 1) => format!("{days} 日間"),
        (Lang::Ja, _) => format!("{accounts} アカウントの延べ {days} 日"),
        (Lang::Zh, 0 | 1) => format!("{days} 天"),
        (Lang::Zh, _) => format!("{accounts} 个账号共 {days} 天"),
    }
}

fn listed(days: &Days, lang: Lang) -> String {
    let named: Vec<String> = days.first.iter().map(NaiveDate::to_string).collect();
    let mut text = named.join(words(lang).comma);
    if days.total > days.first.len() as u64 {
        text.push_str(match lang {
            Lang::En => ", …",
            Lang::Ja | Lang::Zh => "…",
        });
    }
    text
}

fn logons(limited_to_regions: bool, lang: Lang) -> &'static str {
    match (lang, limited_to_regions) {
        (Lang::En, false) => {
            "neither reads nor logons were delivered, so it cannot be told whether a trail delivers logons"
        }
        (Lang::En, true) => "the scope is limited to regions, and none of the logons, which have one region, is in it",
        (Lang::Ja, false) => "読み取りもログオンも配信されていないため、ログオンが配信対象か判断できません",
        (Lang::Ja, true) => "リージョンが限定され、1 つのリージョンに記録されるログオンが範囲に含まれていません",
        (Lang::Zh, false) => "没有投递任何读事件和登录事件，无法判断登录事件是否在投递范围内",
        (Lang::Zh, true) => "范围限定了地域，而登录事件只记录在一个地域，范围内没有登录事件",
    }
}

fn gap_text(kind: GapKind, lang: Lang) -> &'static str {
    match (kind, lang) {
        (GapKind::TrailStopped, Lang::En) => "a trail was stopped or deleted",
        (GapKind::TrailStopped, Lang::Ja) => "証跡が停止または削除されました",
        (GapKind::TrailStopped, Lang::Zh) => "有跟踪被停止或删除",
        (GapKind::TrailNarrowed, Lang::En) => "a trail was limited to reads or to writes",
        (GapKind::TrailNarrowed, Lang::Ja) => "証跡が読み取りまたは書き込みのみに限定されました",
        (GapKind::TrailNarrowed, Lang::Zh) => "有跟踪被限定为仅读或仅写",
        (GapKind::TrailRedirected, Lang::En) => "a trail was sent to another destination",
        (GapKind::TrailRedirected, Lang::Ja) => "証跡の配信先が変更されました",
        (GapKind::TrailRedirected, Lang::Zh) => "有跟踪的投递目标被更改",
        (GapKind::TrailOneRegion, Lang::En) => "a trail was limited to one region",
        (GapKind::TrailOneRegion, Lang::Ja) => "証跡が 1 つのリージョンに限定されました",
        (GapKind::TrailOneRegion, Lang::Zh) => "有跟踪被限定为单个地域",
        (GapKind::Rejected, Lang::En) => "records could not be read",
        (GapKind::Rejected, Lang::Ja) => "読み取れないレコードがあります",
        (GapKind::Rejected, Lang::Zh) => "有记录无法读取",
        (GapKind::Incomplete, Lang::En) => "exports lack events",
        (GapKind::Incomplete, Lang::Ja) => "エクスポートにイベントの欠落があります",
        (GapKind::Incomplete, Lang::Zh) => "导出文件缺少事件",
        (GapKind::Unread, Lang::En) => "events have a time or an identity that could not be read",
        (GapKind::Unread, Lang::Ja) => "時刻またはアイデンティティを読み取れないイベントがあります",
        (GapKind::Unread, Lang::Zh) => "有事件的时间或身份无法读取",
        (GapKind::TooMany, Lang::En) => "there are more days or changes of trails than are looked at",
        (GapKind::TooMany, Lang::Ja) => "確認できる範囲を超える日数または証跡の変更があります",
        (GapKind::TooMany, Lang::Zh) => "天数或跟踪变更超出可检查的数量",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::verdict::Gap;

    #[test]
    fn reasons_are_said_in_every_language() {
        let mut days = Days::default();
        for day in [12, 13, 14, 15] {
            days.add(NaiveDate::from_ymd_opt(2026, 10, day).unwrap());
        }
        let one = Delivery { events: 1, accounts: 1, days: 35, missing: days.clone(), ..Delivery::default() };
        let two = Delivery { accounts: 2, without_reads: days.clone(), without_writes: days, ..one.clone() };
        let gap = Gap { kind: GapKind::TrailStopped, since: NaiveDate::from_ymd_opt(2026, 11, 7) };
        for (said, expected) in [
            (Reason::Missing(&one), "nothing was delivered on 4 of 35 days: 2026-10-12, 2026-10-13, 2026-10-14, …"),
            (
                Reason::NoReads(&two),
                "no read event was delivered on 4 of 35 days of 2 accounts, so reads cannot be judged: \
                 2026-10-12, 2026-10-13, 2026-10-14, …",
            ),
            (Reason::Clean(&two), "nothing speaks against it in the events of 35 days of 2 accounts"),
            (Reason::Gap(gap), "a trail was stopped or deleted (2026-11-07)"),
            (Reason::Suppressed(2), "suppressed findings that do not count: 2"),
        ] {
            assert_eq!(reason(&said, Lang::En), expected);
            for lang in [Lang::Ja, Lang::Zh] {
                let text = reason(&said, lang);
                let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 3);
                assert_eq!(words.count(), 0, "{text}");
            }
        }
    }
}
