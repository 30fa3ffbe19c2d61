//! Sentences on the data, in Japanese.

use super::{Japanese, listed, of, quoted};
use crate::report::calendar::LocalTime;
use crate::report::coverage::NoteFact;
use crate::report::finding::SilentAccount;
use crate::report::language::{CoverageSentences, Forms, Labels};
use crate::report::model::{AccountDelivery, Listed, Subject, TrailChange, TrailEffect};
use crate::report::remarks::{RejectedSource, Rejects, Remark, SourceRemark, UnreadEvent};
use crate::report::text::{Text, value, words};
use crate::report::trail::{TrailAction, TrailMove, TrailPlace};
use crate::report::wording::grouped;

/// The most days that a sentence names.
const NAMED_DAYS: usize = 14;
/// The most sources or events that a sentence names.
const NAMED_SOURCES: usize = 5;

impl CoverageSentences for Japanese {
    fn note(&self, note: &NoteFact<'_>, subject: &Subject) -> Text {
        let (scope, accounts) = (self.scope(subject), of(&self.scope_of_accounts(subject)));
        let of_scope = of(&scope);
        Text::from(match note {
            NoteFact::Limited => {
                format!("このレポートの対象は{scope}に限定されています。それ以外については何も示していません。")
            }
            NoteFact::NoEvents => format!("読み取ったデータには、{of_scope}イベントが1件もありません。"),
            NoteFact::Reach(oldest, newest) => format!(
                "読み取った{of_scope}イベントは、{}から{}までのものです。",
                self.time(*oldest),
                self.time(*newest)
            ),
            NoteFact::InRange(events, first, last) => format!(
                "対象期間のイベントは{}件で、{}から{}までのものです。",
                grouped(*events),
                self.time(*first),
                self.time(*last)
            ),
            NoteFact::DaysWithoutEvents(days, all) => format!(
                "{}日中{}日は、{accounts}イベントが1件も配信されていません：{}。\
                 これらの日のrootの使用については、何も判断できません。",
                grouped(*all),
                grouped(days.len() as u64),
                self.days(days, NAMED_DAYS)
            ),
            NoteFact::DaysOfOtherRegions(days, all) => format!(
                "{}日中{}日は、{of_scope}イベントが配信されていません：{}。\
                 これらの日には、他のリージョンのイベントが配信されています。",
                grouped(*all),
                grouped(days.len() as u64),
                self.days(days, NAMED_DAYS)
            ),
            NoteFact::EveryDay(all) if *all > 1 => {
                format!("対象期間のすべての日に、{}アカウントすべてのイベントがあります。", grouped(*all))
            }
            NoteFact::EveryDay(_) => format!("対象期間のすべての日に、{accounts}イベントがあります。"),
            NoteFact::DaysToCome(days) => {
                format!("対象期間のうち{}日は、レポートの作成時にまだ始まっていませんでした。", grouped(*days))
            }
            NoteFact::AccountsSilent(silent, total) => format!(
                "対象期間に、{}アカウントのイベントが1件も配信されていません：{}。\
                 これらのアカウントのrootの使用については、何も判断できません。",
                grouped(*total),
                self.many_accounts(silent, *total, |account| match account.last_event {
                    Some(last) => format!("最新のイベントは{}", self.time(last)),
                    None => "イベントなし".to_owned(),
                })
            ),
            NoteFact::AccountsWithGaps(gaps, total, days) => format!(
                "{}アカウントで、イベントが1件も配信されていない日があります：{}。",
                grouped(*total),
                self.many_accounts(gaps, *total, |account| {
                    format!("{}日中{}日", grouped(*days), grouped(account.days_without_events))
                })
            ),
            NoteFact::BeginsBefore(oldest) => format!(
                "対象期間の始まり（{}）は、データ内で最も古い{of_scope}イベント（{}）より前です。",
                self.time(subject.since),
                self.time(*oldest)
            ),
            NoteFact::EndsAfter(newest) => format!(
                "対象期間の終わり（{}）は、データ内で最も新しい{of_scope}イベント（{}）より後です。\
                 それより新しいイベントは含まれていません。",
                self.time(subject.until),
                self.time(*newest)
            ),
            NoteFact::NoReads => "データに読み取りイベントがないため、rootによる読み取りは確認できません。\
                                  証跡が書き込みイベントのみを配信している可能性があります。"
                .to_owned(),
            NoteFact::NoWrites => "データに書き込みイベントがないため、rootによる変更は確認できません。\
                                   証跡が読み取りイベントのみを配信している可能性があります。"
                .to_owned(),
            NoteFact::Access(writes, reads, unknown) => format!(
                "書き込みイベントは{}件、読み取りイベントは{}件、どちらか不明なイベントは{}件です。",
                grouped(*writes),
                grouped(*reads),
                grouped(*unknown)
            ),
            NoteFact::AccessNotSaid(events, unknown) => format!(
                "eventRWのないイベントが{}件あり、読み取りか変更かをAPIで判定しています。\
                 このうち{}件は不明で、変更として数えていません。",
                grouped(*events),
                grouped(*unknown)
            ),
            NoteFact::Trail(change) => return self.trail_by(change),
            NoteFact::MoreTrails(more) => format!("証跡の変更がほかに{}件あります。", grouped(*more)),
            NoteFact::Remark(remark) => self.remark(remark),
            NoteFact::Future(future) => format!(
                "このレポートの作成日時より後の日時を持つイベントが{}件あります。最も新しいものは{}です。",
                grouped(future.count),
                self.time(future.newest)
            ),
            NoteFact::Sources(sources) => format!("{}個のファイルから読み取りました。", grouped(*sources)),
            NoteFact::LimitedToRegions => "このレポートは一部のリージョンに限定されています。\
                                           rootのログオンは1つのリージョン（中国サイトではcn-hangzhou）に記録されるため、\
                                           そのリージョンが対象に入っていなければ含まれません。"
                .to_owned(),
        })
    }

    fn trail(&self, change: &TrailChange) -> Text {
        let trail = change.trail.as_deref().map(quoted);
        let trail = trail.map_or_else(|| "名前の記録がない証跡".to_owned(), |name| format!("証跡{name}"));
        let from = self.time(change.time);
        let call = change.event_name.as_deref().map(quoted);
        let call = call.map_or_else(|| "呼び出し".to_owned(), |name| format!("{name}の呼び出し"));
        Text::from(match change.effect {
            TrailEffect::None if change.calls > 1 => format!(
                "{call}が{from}から{}までに{}回拒否されたか失敗したため、{trail}は変わっていません。",
                self.time(change.last),
                grouped(change.calls)
            ),
            TrailEffect::None => format!("{from}の{call}は拒否されたか失敗したため、{trail}は変わっていません。"),
            TrailEffect::Stopped => format!("{trail}が{from}に停止されました。{}", self.silence(change)),
            TrailEffect::Deleted => format!("{trail}が{from}に削除されました。{}", self.silence(change)),
            TrailEffect::WriteOnly => format!(
                "{trail}が{from}に、書き込みイベントのみを配信するように設定されました。{}",
                self.limit(change, "読み取りイベント")
            ),
            TrailEffect::ReadOnly => format!(
                "{trail}が{from}に、読み取りイベントのみを配信するように設定されました。{}",
                self.limit(change, "書き込みイベント")
            ),
            TrailEffect::OneRegion => format!(
                "{trail}が{from}に、リージョン{}のイベントのみを配信するように設定されました。{}",
                quoted(change.region.as_deref().unwrap_or_default()),
                self.limit(change, "他のリージョンのイベント")
            ),
            TrailEffect::Redirected => {
                let moves: Vec<String> = change.moves.iter().map(moved).collect();
                format!(
                    "{trail}の配信先が{from}に、{}に変更されました。以後のイベントは変更後の配信先に送られています。",
                    moves.join("、")
                )
            }
            TrailEffect::Delivers if change.delivers_all() => match change.action() {
                TrailAction::Create => {
                    format!("{trail}が{from}に、読み取りイベントと書き込みイベントを配信する設定で作成されました。")
                }
                TrailAction::Start
                | TrailAction::MoveGlobalEvents
                | TrailAction::SelectDataEvents
                | TrailAction::Other => {
                    format!("{trail}が{from}に、読み取りイベントと書き込みイベントを配信するように設定されました。")
                }
            },
            TrailEffect::Delivers => match change.action() {
                TrailAction::Start => format!("{trail}が{from}に開始されました。"),
                TrailAction::Create
                | TrailAction::MoveGlobalEvents
                | TrailAction::SelectDataEvents
                | TrailAction::Other => format!(
                    "{trail}が{from}に作成されました。どのイベントを配信するかは呼び出しに指定されていません。\
                     指定がなければ、書き込みイベントのみを配信する証跡もあります。"
                ),
            },
            TrailEffect::Changed => match (change.action(), change.event_rw.as_deref()) {
                (TrailAction::MoveGlobalEvents, _) => format!(
                    "グローバルサービスのイベント（rootのログオンを含む）を保存するリージョンが、{from}に変更されました。"
                ),
                (TrailAction::SelectDataEvents, _) => format!(
                    "データイベントの選択が{from}に変更されました。証跡が配信するイベントが変わる可能性があります。"
                ),
                (TrailAction::Create | TrailAction::Start | TrailAction::Other, Some(rw)) => {
                    format!("{trail}が{from}に、{}を配信するように変更されました。この値の意味は不明です。", quoted(rw))
                }
                (TrailAction::Create | TrailAction::Start | TrailAction::Other, None) => {
                    format!("{trail}が{from}に変更されました。配信するイベントと配信先が変わる可能性があります。")
                }
            },
        })
    }
}

impl Japanese {
    /// A change of a trail with the call and its caller.
    fn trail_by(&self, change: &TrailChange) -> Text {
        let who = change.who_name.as_deref().map(value);
        let who = who.or_else(|| change.who_type.as_deref().map(|kind| self.identity_kind(kind)));
        let text = self.trail(change);
        match (who, change.event_name.as_deref()) {
            (Some(who), Some(call)) => text.then(&format!("（呼び出し：{}、呼び出し元：{who}）", value(call))),
            (None, _) | (_, None) => text,
        }
    }

    /// The time without a trail that was stopped or deleted.
    fn silence(&self, change: &TrailChange) -> String {
        if let Some(until) = change.until {
            return format!("その後{}まで、この証跡からの配信はありませんでした。", self.time(until));
        }
        let mut text = format!("以後、この証跡からの配信はありません。{}", self.undone(change));
        if let Some(after) = change.events_until {
            text.push_str(&format!(
                "ただし、このアカウントのイベントはその後も届いており、最後のものは{}です。\
                 別の証跡によるものか、データにない呼び出しで証跡が開始されています。",
                self.time(after)
            ));
        }
        text
    }

    /// The time with a trail that was limited.
    fn limit(&self, change: &TrailChange, missing: &str) -> String {
        match change.until {
            Some(until) => format!("この設定は{}まで続き、その間の{missing}が欠けています。", self.time(until)),
            None => format!("以後の{missing}が欠けています。{}", self.undone(change)),
        }
    }

    /// The facts: what is known of a change being taken back, where it is not certain.
    fn undone(&self, change: &TrailChange) -> String {
        match change.perhaps_until {
            Some(time) => format!(
                "{}の呼び出しで元に戻された可能性がありますが、別の証跡に対する呼び出しかもしれません。",
                self.time(time)
            ),
            None => "元に戻されたことを示すものは、データにありません。".to_owned(),
        }
    }

    /// Accounts with what is missing: days of so many, or everything since their newest event.
    pub(super) fn silent(&self, accounts: &Listed<SilentAccount>, days: Option<u64>) -> String {
        let last = |last: LocalTime| format!("最新のイベントは{}", self.time(last));
        let name = |account: &SilentAccount| {
            let name = self.account(account.account_id.as_deref(), account.name.as_deref());
            let about = match days {
                Some(days) => {
                    let missing = grouped(account.days_without_events);
                    Some(format!("{}日中{missing}日", grouped(days)))
                }
                None => account.last_event.map(last),
            };
            about.map_or_else(|| name.clone(), |about| format!("{name}［{about}］"))
        };
        let names: Vec<String> = accounts.items.iter().map(name).collect();
        listed(&names, accounts.total, "アカウント")
    }

    fn many_accounts(
        &self,
        accounts: &[&AccountDelivery],
        total: u64,
        about: impl Fn(&AccountDelivery) -> String,
    ) -> String {
        let name = |account: &&AccountDelivery| {
            format!("{}［{}］", self.account(account.account_id.as_deref(), account.name.as_deref()), about(account))
        };
        let names: Vec<String> = accounts.iter().map(name).collect();
        listed(&names, total, "アカウント")
    }

    fn remark(&self, remark: &Remark<'_>) -> String {
        let sources = |list: &[SourceRemark], total: u64| {
            let name = |source: &SourceRemark| format!("{}（{}）", value(&source.path), words(&source.why));
            let names: Vec<String> = list.iter().take(NAMED_SOURCES).map(name).collect();
            self.list(&names, total)
        };
        let events = |list: &[UnreadEvent], total: u64, with_fields: bool| {
            let names: Vec<String> = list.iter().take(NAMED_SOURCES).map(|event| unread(event, with_fields)).collect();
            self.list(&names, total)
        };
        match remark {
            Remark::WithoutTime(list) => format!(
                "日時を読み取れないイベントが{}件あり、どの期間にも含まれていません：{}。",
                grouped(list.total),
                events(&list.items, list.total, false)
            ),
            Remark::Unread(list) => format!(
                "読み取れない値を含むイベントが{}件あります：{}。",
                grouped(list.total),
                events(&list.items, list.total, true)
            ),
            Remark::Incomplete(list) => format!(
                "含まれるはずのイベントが欠けているエクスポートが{}件あります：{}。",
                grouped(list.total),
                sources(&list.items, list.total)
            ),
            Remark::Suspicious(list) => format!(
                "イベントを1件も取り出せなかったものの、含んでいる可能性があるファイルが{}個あります：{}。",
                grouped(list.total),
                sources(&list.items, list.total)
            ),
            Remark::Rejected(rejects) | Remark::RejectedUndated(rejects) => self.rejected(rejects, ""),
            Remark::RejectedElsewhere(rejects) => self.rejected(rejects, "で、すべて対象期間外"),
        }
    }

    /// Says what is known of when rejected records happened, which is when the other events of their sources did.
    fn rejected(&self, rejects: &Rejects, elsewhere: &str) -> String {
        let when = match rejects.first.zip(rejects.last) {
            Some((first, last)) => format!(
                "同じファイルの他のイベントは{}から{}までのもの{elsewhere}です",
                self.time(first),
                self.time(last)
            ),
            None => "同じファイルには、手がかりとなるイベントがありません".to_owned(),
        };
        let name = |source: &RejectedSource| format!("{}（{}件）", value(&source.path), grouped(source.records));
        let names: Vec<String> = rejects.sources.items.iter().take(NAMED_SOURCES).map(name).collect();
        format!(
            "{}個のファイルで、{}件のレコードを読み取れませんでした：{}。その時期は不明です。{when}。",
            grouped(rejects.sources.total),
            grouped(rejects.records),
            self.list(&names, rejects.sources.total)
        )
    }
}

fn moved(change: &TrailMove) -> String {
    let place = match change.place {
        TrailPlace::Bucket => "バケット",
        TrailPlace::SlsProject => "SLS プロジェクト",
        TrailPlace::MaxComputeProject => "MaxCompute プロジェクト",
    };
    format!("{place}{}から{place}{}", quoted(&change.old), quoted(&change.new))
}

fn unread(event: &UnreadEvent, with_fields: bool) -> String {
    let name = event.event_id.as_deref().or(event.event_name.as_deref()).map_or_else(|| "IDなし".to_owned(), value);
    let fields = event.fields.as_deref().filter(|_| with_fields).map(words);
    let about: Vec<String> = fields.into_iter().chain(event.path.as_deref().map(value)).collect();
    if about.is_empty() { name } else { format!("{name}（{}）", about.join("、")) }
}
