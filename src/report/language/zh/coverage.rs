//! Sentences on the data, in Chinese.

use super::{Chinese, gap_after, gap_before, listed};
use crate::report::calendar::{Day, LocalTime};
use crate::report::coverage::NoteFact;
use crate::report::language::{CoverageSentences, Forms, Labels};
use crate::report::model::{AccountDelivery, Subject, TrailChange, TrailEffect};
use crate::report::remarks::{RejectedSource, Rejects, Remark, SourceRemark, UnreadEvent};
use crate::report::text::{Text, value, words};
use crate::report::trail::{TrailAction, TrailMove, TrailPlace};
use crate::report::wording::grouped;

/// The most days that a sentence names.
const NAMED_DAYS: usize = 14;
/// The most sources or events that a sentence names.
const NAMED_SOURCES: usize = 5;

impl CoverageSentences for Chinese {
    fn note(&self, note: &NoteFact<'_>, subject: &Subject) -> Text {
        let scope = scope(subject);
        let days_of = |days: &[Day], of: u64| format!("{} 天中有 {} 天", grouped(of), grouped(days.len() as u64));
        Text::from(match note {
            NoteFact::Limited => format!("本报告仅限于{scope}数据，不涉及其他内容。"),
            NoteFact::NoEvents => format!("所读取的数据中没有{scope}任何事件。"),
            NoteFact::Reach(oldest, newest) => {
                format!("所读取的{scope}事件，时间范围为 {} 至 {}。", self.time(*oldest), self.time(*newest))
            }
            NoteFact::InRange(events, first, last) => format!(
                "报告时段内有 {} 条事件，时间范围为 {} 至 {}。",
                grouped(*events),
                self.time(*first),
                self.time(*last)
            ),
            NoteFact::DaysWithoutEvents(days, of) => format!(
                "{}没有投递{}任何事件：{}。无法判断主账号在这些日期的活动。",
                days_of(days, *of),
                scope_of_accounts(subject),
                self.days(days, NAMED_DAYS)
            ),
            NoteFact::DaysOfOtherRegions(days, of) => format!(
                "{}没有投递{scope}任何事件：{}。这些日期投递了其他地域的事件。",
                days_of(days, *of),
                self.days(days, NAMED_DAYS)
            ),
            NoteFact::EveryDay(accounts) if *accounts > 1 => {
                format!("报告时段内，{} 个账号每天都有事件。", grouped(*accounts))
            }
            NoteFact::EveryDay(_) => format!("报告时段内每天都有{}事件。", scope_of_accounts(subject)),
            NoteFact::DaysToCome(days) => format!("生成报告时，报告时段内有 {} 天尚未开始。", grouped(*days)),
            NoteFact::AccountsSilent(accounts, total) => format!(
                "报告时段内有 {} 个账号未投递任何事件：{}。无法判断这些账号的主账号活动。",
                grouped(*total),
                self.accounts(accounts, *total, |account| match account.last_event {
                    Some(last) => format!("最新事件：{}", self.time(last)),
                    None => "没有事件".to_owned(),
                })
            ),
            NoteFact::AccountsWithGaps(accounts, total, days) => format!(
                "有 {} 个账号在部分日期未投递任何事件：{}。",
                grouped(*total),
                self.accounts(accounts, *total, |account| {
                    format!("{} 天中的 {} 天", grouped(*days), grouped(account.days_without_events))
                })
            ),
            NoteFact::BeginsBefore(oldest) => format!(
                "报告时段始于 {}，早于数据中{scope}最早事件（{}）。",
                self.time(subject.since),
                self.time(*oldest)
            ),
            NoteFact::EndsAfter(newest) => format!(
                "报告时段止于 {}，晚于数据中{scope}最新事件（{}）：此后的事件未包含在内。",
                self.time(subject.until),
                self.time(*newest)
            ),
            NoteFact::NoReads => "数据中没有读事件，因此无法反映主账号的读操作；跟踪可能仅投递写事件。".to_owned(),
            NoteFact::NoWrites => "数据中没有写事件，因此无法反映主账号所作的变更；跟踪可能仅投递读事件。".to_owned(),
            NoteFact::Access(writes, reads, unknown) => format!(
                "写事件 {} 条，读事件 {} 条，读写类型不明的事件 {} 条。",
                grouped(*writes),
                grouped(*reads),
                grouped(*unknown)
            ),
            NoteFact::AccessNotSaid(events, unknown) => format!(
                "有 {} 条事件没有 eventRW，依据其 API 判断是读取还是变更；其中 {} 条仍无法判断，未计为变更。",
                grouped(*events),
                grouped(*unknown)
            ),
            NoteFact::Trail(change) => return self.trail_by(change),
            NoteFact::MoreTrails(more) => format!("另有 {} 次跟踪变更。", grouped(*more)),
            NoteFact::Remark(remark) => self.remark(remark),
            NoteFact::Future(future) => format!(
                "有 {} 条事件的时间晚于本报告的生成时间，其中最晚的为 {}。",
                grouped(future.count),
                self.time(future.newest)
            ),
            NoteFact::Sources(sources) => format!("共读取 {} 个文件。", grouped(*sources)),
            NoteFact::LimitedToRegions => "本报告仅限于部分地域。主账号的登录事件只记录在一个地域（中国站为 \
                                           cn-hangzhou），如果所选地域不包含该地域，则报告中没有登录事件。"
                .to_owned(),
        })
    }

    fn trail(&self, change: &TrailChange) -> Text {
        let trail =
            change.trail.as_deref().map_or_else(|| "某个跟踪".to_owned(), |name| format!("跟踪 {} ", value(name)));
        let from = self.time(change.time);
        let asked = change.event_name.as_deref().map(|name| format!("对 {} 的", value(name))).unwrap_or_default();
        Text::from(match change.effect {
            TrailEffect::None if change.calls > 1 => format!(
                "{from} 至 {} 期间，{asked}调用有 {} 次被拒绝或失败，{trail}保持原状。",
                self.time(change.last),
                grouped(change.calls)
            ),
            TrailEffect::None => format!("{from}，{asked}一次调用被拒绝或失败，{trail}保持原状。"),
            TrailEffect::Stopped => self.silenced(change, &format!("{trail}于 {from} 被关闭")),
            TrailEffect::Deleted => self.silenced(change, &format!("{trail}于 {from} 被删除")),
            TrailEffect::WriteOnly => {
                self.limited(change, &format!("{trail}于 {from} 被设置为仅投递写事件"), "读操作的事件")
            }
            TrailEffect::ReadOnly => {
                self.limited(change, &format!("{trail}于 {from} 被设置为仅投递读事件"), "变更操作的事件")
            }
            TrailEffect::OneRegion => {
                let region = value(change.region.as_deref().unwrap_or_default());
                let set = format!("{trail}于 {from} 被设置为仅投递地域 {region} 的事件");
                self.limited(change, &set, "其他地域的事件")
            }
            TrailEffect::Redirected => {
                let moves: Vec<String> = change.moves.iter().map(moved).collect();
                format!("{trail}的投递位置于 {from} 被更改：{}。此后的事件投递到新位置。", moves.join("、"))
            }
            TrailEffect::Delivers if change.delivers_all() => match change.action() {
                TrailAction::Create => format!("{trail}于 {from} 创建，投递读事件和写事件。"),
                TrailAction::Start
                | TrailAction::MoveGlobalEvents
                | TrailAction::SelectDataEvents
                | TrailAction::Other => format!("{trail}于 {from} 被设置为投递读事件和写事件。"),
            },
            TrailEffect::Delivers => match change.action() {
                TrailAction::Start => format!("{trail}于 {from} 被开启。"),
                TrailAction::Create
                | TrailAction::MoveGlobalEvents
                | TrailAction::SelectDataEvents
                | TrailAction::Other => {
                    format!("{trail}于 {from} 创建；该调用未注明投递哪些事件，而在未注明时，部分跟踪仅投递写事件。")
                }
            },
            TrailEffect::Changed => match (change.action(), change.event_rw.as_deref()) {
                (TrailAction::MoveGlobalEvents, _) => {
                    format!("全局事件（包括主账号的登录事件）的存储地域于 {from} 被更改。")
                }
                (TrailAction::SelectDataEvents, _) => {
                    format!("数据事件的选择范围于 {from} 被更改，跟踪的投递内容可能因此变化。")
                }
                (TrailAction::Create | TrailAction::Start | TrailAction::Other, Some(rw)) => {
                    format!("{trail}于 {from} 被更改为投递 {} 事件，该取值的含义不明。", value(rw))
                }
                (TrailAction::Create | TrailAction::Start | TrailAction::Other, None) => {
                    format!("{trail}于 {from} 被更改，其投递内容和投递位置可能因此变化。")
                }
            },
        })
    }
}

impl Chinese {
    /// Days, the first of them by name.
    pub(super) fn days(&self, days: &[Day], named: usize) -> String {
        let names: Vec<String> = days.iter().take(named).map(|day| self.day(*day)).collect();
        listed(&names, days.len() as u64, "天")
    }

    /// A change of a trail with the call and its caller.
    fn trail_by(&self, change: &TrailChange) -> Text {
        let who = change.who_name.as_deref().map(value);
        let who = who.or_else(|| change.who_type.as_deref().map(|kind| self.identity_kind(kind)));
        let text = self.trail(change);
        match (who, change.event_name.as_deref()) {
            (Some(who), Some(call)) => text.then(&format!("（{}，调用者：{who}）", value(call))),
            _ => text,
        }
    }

    /// A trail that delivers nothing any more.
    fn silenced(&self, change: &TrailChange, done: &str) -> String {
        let Some(until) = change.until else {
            let after = change.events_until.map(|after| self.came_all_the_same(after)).unwrap_or_default();
            return format!("{done}，此后未投递任何事件；{}{after}。", self.not_taken_back(change));
        };
        format!("{done}，在 {} 之前未投递任何事件。", self.time(until))
    }

    /// A trail that delivers a part of the events only.
    fn limited(&self, change: &TrailChange, done: &str, missing: &str) -> String {
        match change.until {
            Some(until) => format!("{done}，直至 {}；其间缺少{missing}。", self.time(until)),
            None => format!("{done}，此后缺少{missing}；{}。", self.not_taken_back(change)),
        }
    }

    fn not_taken_back(&self, change: &TrailChange) -> String {
        match change.perhaps_until {
            Some(time) => {
                format!("{} 的一次调用可能已撤销这一更改，但该调用也可能针对其他跟踪", self.time(time))
            }
            None => "数据中没有这一更改已被撤销的记录".to_owned(),
        }
    }

    fn came_all_the_same(&self, after: LocalTime) -> String {
        format!(
            "；此后仍有该账号的事件到达，最后一条的时间为 {}：可能来自其他跟踪，或者该跟踪已由数据中没有的调用重新开启",
            self.time(after)
        )
    }

    fn accounts(
        &self,
        accounts: &[&AccountDelivery],
        total: u64,
        about: impl Fn(&AccountDelivery) -> String,
    ) -> String {
        let name = |account: &&AccountDelivery| {
            format!("{}（{}）", self.account(account.account_id.as_deref(), account.name.as_deref()), about(account))
        };
        let names: Vec<String> = accounts.iter().map(name).collect();
        listed(&names, total, "个账号")
    }

    fn remark(&self, remark: &Remark<'_>) -> String {
        let sources = |list: &[SourceRemark], total: u64| {
            let name = |source: &SourceRemark| format!("{}（{}）", value(&source.path), words(&source.why));
            let names: Vec<String> = list.iter().take(NAMED_SOURCES).map(name).collect();
            listed(&names, total, "个文件")
        };
        let events = |list: &[UnreadEvent], total: u64, with_fields: bool| {
            let names: Vec<String> = list.iter().take(NAMED_SOURCES).map(|event| unread(event, with_fields)).collect();
            listed(&names, total, "条事件")
        };
        match remark {
            Remark::WithoutTime(list) => format!(
                "有 {} 条事件的时间无法读取，因此不属于任何时段：{}。",
                grouped(list.total),
                events(&list.items, list.total, false)
            ),
            Remark::Unread(list) => format!(
                "有 {} 条事件带有无法读取的值：{}。",
                grouped(list.total),
                events(&list.items, list.total, true)
            ),
            Remark::Incomplete(list) => {
                format!("有 {} 份导出数据缺少应有的事件：{}。", grouped(list.total), sources(&list.items, list.total))
            }
            Remark::Suspicious(list) => format!(
                "有 {} 个文件未读出任何事件，但其中可能含有事件：{}。",
                grouped(list.total),
                sources(&list.items, list.total)
            ),
            Remark::Rejected(rejects) | Remark::RejectedUndated(rejects) => self.rejected(rejects, false),
            Remark::RejectedElsewhere(rejects) => self.rejected(rejects, true),
        }
    }

    /// Says what is known of when rejected records happened, which is when the other events of their sources did.
    fn rejected(&self, rejects: &Rejects, elsewhere: bool) -> String {
        let files = if rejects.sources.total == 1 { "该文件" } else { "这些文件" };
        let when = match rejects.first.zip(rejects.last) {
            Some((first, last)) => format!(
                "{files}中其他事件的时间范围为 {} 至 {}{}",
                self.time(first),
                self.time(last),
                if elsewhere { "，均不在报告时段内" } else { "" }
            ),
            None => format!("{files}中也没有可据以推断时间的事件"),
        };
        let name = |source: &RejectedSource| format!("{}（{} 条）", value(&source.path), grouped(source.records));
        let names: Vec<String> = rejects.sources.items.iter().take(NAMED_SOURCES).map(name).collect();
        format!(
            "{} 个文件中有 {} 条记录无法读取：{}。这些记录的时间不明；{when}。",
            grouped(rejects.sources.total),
            grouped(rejects.records),
            listed(&names, rejects.sources.total, "个文件")
        )
    }
}

/// The limits of the report, to stand before a noun: `账号 1 在地域 cn-hangzhou 的`. Empty where there are none.
pub(super) fn scope(subject: &Subject) -> String {
    match (only("账号", &subject.only_accounts, "个账号"), only("地域", &subject.only_regions, "个地域")) {
        (None, None) => String::new(),
        (Some(only), None) | (None, Some(only)) => format!("{only}的"),
        (Some(accounts), Some(regions)) => format!("{accounts}在{regions}的"),
    }
}

/// The same without regions, for what was delivered of whatever region.
pub(super) fn scope_of_accounts(subject: &Subject) -> String {
    only("账号", &subject.only_accounts, "个账号").map(|accounts| format!("{accounts}的")).unwrap_or_default()
}

/// The accounts or regions that the report is limited to, with the blank that Chinese needs behind them.
pub(super) fn only(noun: &str, values: &[String], counter: &str) -> Option<String> {
    let names = value_list(values, counter)?;
    Some(format!("{noun}{}{names}{}", gap_before(&names), gap_after(&names)))
}

/// Values, the first of them by name; `None` where there are none.
pub(super) fn value_list(values: &[String], counter: &str) -> Option<String> {
    let names: Vec<String> = values.iter().take(NAMED_SOURCES).map(|text| value(text)).collect();
    (!names.is_empty()).then(|| listed(&names, values.len() as u64, counter))
}

fn moved(change: &TrailMove) -> String {
    let place = match change.place {
        TrailPlace::Bucket => "存储空间（Bucket）",
        TrailPlace::SlsProject => "日志服务（SLS）项目 ",
        TrailPlace::MaxComputeProject => "MaxCompute 项目 ",
    };
    format!("{place}{}（原为 {}）", value(&change.new), value(&change.old))
}

fn unread(event: &UnreadEvent, with_fields: bool) -> String {
    let name =
        event.event_id.as_deref().or(event.event_name.as_deref()).map_or_else(|| "无 ID 的事件".to_owned(), value);
    let fields = event.fields.as_deref().filter(|_| with_fields).map(words);
    let about: Vec<String> = fields.into_iter().chain(event.path.as_deref().map(value)).collect();
    if about.is_empty() { name } else { format!("{name}（{}）", about.join("；")) }
}
