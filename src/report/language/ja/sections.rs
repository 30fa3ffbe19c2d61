//! Sentences in sections and cells, in Japanese.

use super::{Japanese, key_state, quoted};
use crate::report::evidence::SUMMARY_EVENTS;
use crate::report::findings::FAILURES_BEFORE_LOGON;
use crate::report::language::{Change, Forms, SectionSentences};
use crate::report::model::{
    Ban, BanEffect, CreatedIdentity, CreatedKind, HeatMap, KeyChange, KeyFigures, Logon, Method, Period, PeriodState,
    RootUsage, Subject, UsedAfterEnd,
};
use crate::report::text::{Text, value};
use crate::report::wording::grouped;

impl SectionSentences for Japanese {
    fn range(&self, subject: &Subject) -> Text {
        // An end between two seconds would read as if the second were left out.
        let (end, note) = if subject.until.utc().timestamp_subsec_nanos() == 0 {
            (self.time(subject.until), "終了時刻を含まない")
        } else {
            (subject.until.just_before().format("%Y年%-m月%-d日 %H:%M:%S%.f %:z"), "終了時刻を含む")
        };
        Text::from(format!("{}～{end}（{note}）", self.time(subject.since)))
    }

    fn made(&self, method: &Method) -> Text {
        Text::from(format!("{}（trailql {}で作成）", self.time(method.generated_at), method.trailql_version))
    }

    fn change(&self, change: &Change) -> Text {
        let Some(mean) = change.mean() else { return Text::from("比較できる過去のデータなし") };
        let unit = if change.weeks { "週" } else { "期間" };
        let periods = match change.with_data == change.periods {
            true => format!("直前{}{unit}", change.periods),
            false => format!("直前{}{unit}のうち{}{unit}", change.periods, change.with_data),
        };
        Text::from(match change.difference() {
            Some(difference) => format!("{periods}の平均（{mean}）との差：{difference}"),
            None => format!("{periods}の平均と同じ"),
        })
    }

    fn comparison(&self, periods: &[Period]) -> Text {
        let before = periods.get(1..).unwrap_or_default();
        let named = |state| {
            let of_state = before.iter().filter(|period| period.state == state);
            let names: Vec<String> = of_state.map(|period| self.period(period)).collect();
            names.join("、")
        };
        let count = |state| before.iter().filter(|period| period.state == state).count();
        let mut text = match (count(PeriodState::NoData), count(PeriodState::SomeDays)) {
            (0, 0) => "直前の4期間は、いずれもすべての日にイベントがあります。".to_owned(),
            (none, 0) if none == before.len() => "直前の4期間のデータはありません。".to_owned(),
            (_, 0) => format!("{}のデータはありません。", named(PeriodState::NoData)),
            (0, _) => format!("{}は、一部の日にしかイベントがありません。", named(PeriodState::SomeDays)),
            (_, _) => format!(
                "{}のデータはありません。また、{}は、一部の日にしかイベントがありません。",
                named(PeriodState::NoData),
                named(PeriodState::SomeDays)
            ),
        };
        // Without any data, every account is silent, which goes without saying.
        let silent = before.iter().filter(|period| period.state != PeriodState::NoData && period.accounts_silent > 0);
        let name = |period: &Period| format!("{}は{}アカウント", self.period(period), grouped(period.accounts_silent));
        let silent: Vec<String> = silent.map(name).collect();
        if !silent.is_empty() {
            text.push_str(&format!(
                "イベントが1件も配信されていないアカウントがある期間があります（{}）。",
                silent.join("、")
            ));
        }
        Text::from(text)
    }

    fn logons_by_mfa(&self, figures: &KeyFigures) -> Text {
        let mut parts = Vec::new();
        if figures.logons_without_mfa > 0 {
            parts.push(format!("うちMFAなし{}回", grouped(figures.logons_without_mfa)));
        }
        if figures.logons_mfa_not_said > 0 {
            parts.push(format!("MFAの記録なし{}回", grouped(figures.logons_mfa_not_said)));
        }
        Text::from(if parts.is_empty() { "すべてMFAあり".to_owned() } else { parts.join("、") })
    }

    fn long_term_calls(&self, calls: u64) -> Text {
        Text::from(format!("うち長期 AccessKeyによるもの{}回", grouped(calls)))
    }

    fn changes_failed(&self, calls: u64) -> Text {
        Text::from(format!("ほかに拒否または失敗{}件", grouped(calls)))
    }

    fn more(&self, n: u64) -> Text {
        Text::from(format!("ほか{}件", grouped(n)))
    }

    fn accounts_without_sections(&self, n: u64) -> Text {
        Text::from(format!(
            "rootが使用されたアカウントがほかに{}件ありますが、ここには節がありません。\
             --accountを指定したレポートで確認できます。",
            grouped(n)
        ))
    }

    fn account_heading(&self, name: &str) -> Text {
        Text::from(format!("アカウント：{name}"))
    }

    fn account_summary(&self, figures: &KeyFigures, findings: u64) -> Text {
        Text::from(format!(
            "成功したログオン{}回、失敗したログオン{}回、AccessKey 呼び出し{}回、変更{}件、検出事項{}件。",
            grouped(figures.logons_succeeded),
            grouped(figures.logons_failed),
            grouped(figures.access_key_calls),
            grouped(figures.changes),
            grouped(findings)
        ))
    }

    fn logons(&self, figures: &KeyFigures) -> Text {
        Text::from(if figures.logons_succeeded + figures.logons_failed == 0 {
            "データには、rootのコンソールログオンがありません。".to_owned()
        } else {
            format!(
                "成功{}回（MFAあり{}回、MFAなし{}回、MFAの記録なし{}回）、失敗{}回。",
                grouped(figures.logons_succeeded),
                grouped(figures.logons_with_mfa),
                grouped(figures.logons_without_mfa),
                grouped(figures.logons_mfa_not_said),
                grouped(figures.logons_failed)
            )
        })
    }

    fn after_failures(&self, logon: &Logon) -> Text {
        Text::from(format!("失敗{}回の後", grouped(logon.failures())))
    }

    fn no_access_key_calls(&self) -> Text {
        Text::from("データには、rootのAccessKeyで署名された呼び出しがありません。")
    }

    fn key_failures(&self, denied: u64, failed: u64) -> Option<Text> {
        let mut parts = Vec::new();
        if denied > 0 {
            parts.push(format!("拒否{}回", grouped(denied)));
        }
        if failed > 0 {
            parts.push(format!("失敗{}回", grouped(failed)));
        }
        (!parts.is_empty()).then(|| Text::from(parts.join("、")))
    }

    fn key_change(&self, change: &KeyChange) -> Text {
        Text::from(format!("{}：{}", key_state(change.state), change.time))
    }

    fn used_after_end(&self, used: &UsedAfterEnd) -> Text {
        let (calls, succeeded) = (grouped(used.succeeded + used.failed), grouped(used.succeeded));
        Text::from(format!("その後の呼び出し{calls}回（うち成功{succeeded}回）"))
    }

    fn management(&self) -> Text {
        Text::from(
            "rootによる書き込みの呼び出しです（ログオンとログオフを除く）。\
             拒否または失敗した呼び出しは別に数えます。拒否された呼び出しには、読み取りも含まれます。",
        )
    }

    fn no_management(&self) -> Text {
        Text::from("データで確認できる限り、rootによる変更はなく、拒否された呼び出しもありません。")
    }

    fn outcomes(&self, succeeded: u64, failed: u64) -> Text {
        Text::from(match (succeeded, failed) {
            (1, 0) => "成功".to_owned(),
            (0, 1) => "失敗".to_owned(),
            (n, 0) => format!("成功{}回", grouped(n)),
            (0, n) => format!("失敗{}回", grouped(n)),
            (done, failed) => format!("成功{}回、失敗{}回", grouped(done), grouped(failed)),
        })
    }

    fn hours(&self, subject: &Subject) -> Text {
        Text::from(format!("曜日・時間帯別のroot イベントです（タイムゾーン：{}）。", subject.time_zone))
    }

    fn busiest_hours(&self, hours: &HeatMap) -> String {
        let name = |(day, hour, count): (usize, usize, u64)| {
            format!("{}曜{hour}時台（{}件）", self.weekday(day), grouped(count))
        };
        let busiest: Vec<String> = hours.busiest(12).into_iter().map(name).collect();
        format!("イベントの多い時間帯：{}。", busiest.join("、"))
    }

    fn initial_user(&self, ban: Ban) -> Text {
        let (created, refused) = (grouped(ban.created), grouped(ban.refused));
        let text = match ban.effect {
            BanEffect::NotTried => "禁止が機能しているかどうかは不明です。RAM ポリシーの対象となる呼び出し元による、\
                                    root アカウントを初期ログインユーザーとするLinux インスタンスの作成の試行はありませんでした。"
                .to_owned(),
            BanEffect::Works => format!(
                "イベントで確認できる限り、禁止は有効に機能しています。\
                 {refused}回の試行が拒否され、成功した呼び出しはありません。"
            ),
            BanEffect::WorksSince(time) => format!(
                "禁止は{}から機能しています。それより前に{created}回の呼び出しが成功し、以後は{refused}回の試行が拒否されました。",
                self.time(time)
            ),
            BanEffect::WorksForSome => format!(
                "禁止は一部の呼び出し元に対してのみ機能しています。\
                 {created}回の呼び出しが成功し、{refused}回の試行が拒否されました。"
            ),
            BanEffect::Fails => {
                format!("禁止は機能していません。{created}回の呼び出しが成功し、拒否された試行はありません。")
            }
        };
        let by_root = match ban.by_root {
            0 => String::new(),
            n => format!("RAM ポリシーでは制限できないroot自身は、同種の呼び出しを{}回行いました。", grouped(n)),
        };
        Text::from(text + &by_root)
    }

    fn cannot_tell(&self) -> Text {
        Text::from(
            "イベントに記録されるのはアカウントであり、人物ではありません。パスワードを知る者、rootのAccessKeyを持つ者、\
             ログオン中の画面を操作できる者は、イベントの上ではすべて同じに見えます。\
             rootと同じアドレスの使用は手がかりにはなりますが、証明にはなりません。\
             オフィス、VPN、プロキシでは、アドレスが共有されるためです。",
        )
    }

    fn no_same_address(&self) -> Text {
        Text::from(
            "rootと同じIP アドレスを使用した他のアイデンティティは確認されていません（サービス自身による呼び出しを除く）。",
        )
    }

    fn nothing_created(&self) -> Text {
        Text::from("データで確認できる限り、rootはRAM ユーザーもAccessKeyも作成していません。")
    }

    fn created_kind(&self, made: &CreatedIdentity) -> Text {
        Text::from(match made.kind {
            CreatedKind::User => "RAM ユーザー",
            CreatedKind::AccessKey => "root自身のAccessKey",
        })
    }

    fn key_of_user(&self, user: &str) -> Text {
        Text::from(format!("RAM ユーザー{}のAccessKey", quoted(user)))
    }

    fn calls_by_outcome(&self, changes: u64, denied: u64) -> Option<Text> {
        let mut parts = Vec::new();
        if changes > 0 {
            parts.push(format!("変更{}件", grouped(changes)));
        }
        if denied > 0 {
            parts.push(format!("拒否{}回", grouped(denied)));
        }
        (!parts.is_empty()).then(|| Text::from(parts.join("、")))
    }

    fn no_administrators(&self) -> Text {
        Text::from("データで確認できる限り、対象期間に管理者レベルのポリシーは付与されていません。")
    }

    fn method(&self, report: &RootUsage) -> Vec<Text> {
        let mut lines = vec![
            "件数は、重複を除いたイベントの数です。複数回配信されたイベントは1件と数えます。".to_owned(),
            "「root イベント」とは、userIdentity.typeがroot-accountのイベントです。".to_owned(),
            "「ログオン」とは、ConsoleSignin イベントです。\
             エラーコードがあるもの、またはsuccess以外のメッセージがあるものを、失敗とします。"
                .to_owned(),
            "「変更」とは、成功した書き込みの呼び出しです。書き込みかどうかは、eventRW、なければAPIで判定します。\
             ログオンとログオフは含みません。"
                .to_owned(),
            format!(
                "「失敗後のログオン」とは、1時間以内に、そのアカウントのログオン、\
                 またはアカウントの記録がないログオンが{FAILURES_BEFORE_LOGON}回以上失敗した後のログオンです。"
            ),
            format!(
                "「高頻度の日」とは、1つのアカウントのroot イベントが{}件以上の日です。",
                grouped(report.subject.high_frequency)
            ),
            "「管理者レベルのポリシー」とは、システムポリシーのAdministratorAccess、AliyunRAMFullAccess、\
             AliyunSTSAssumeRoleAccess、AliyunResourceDirectoryFullAccessです。"
                .to_owned(),
            "「初出」とは、対象期間より前のroot イベントに、そのアドレス、AccessKey、または国が現れていないことを示します。"
                .to_owned(),
        ];
        lines.push(match &report.method.lake {
            Some(lake) => {
                let sha256 = lake.sha256.as_deref().map(|sha256| format!("SHA-256は{}です。", value(sha256)));
                format!(
                    "レイクの状態は、マニフェストの項目{}（イベントが追加された最新の項目）です。{}",
                    grouped(lake.version),
                    sha256.unwrap_or_default()
                )
            }
            None => "レイクを介さず、エクスポートを直接読み取りました。".to_owned(),
        });
        lines.into_iter().map(Text::from).collect()
    }

    fn command(&self) -> Text {
        Text::from("次のコマンドで、このレポートを再作成できます。")
    }

    fn evidence(&self) -> Text {
        Text::from(format!(
            "各項目は、1つの数値の根拠です。正確なイベント数、最初のイベントのID（要約では{SUMMARY_EVENTS}件まで）、\
             および{}で全件を取得できるSQL 文を示します。\
             S1、S2…は下記のファイルの番号です。1件のイベントは{}で表示できます。",
            value("trailql sql"),
            value("trailql event ID")
        ))
    }

    fn evidence_count(&self, total: u64, named: u64) -> Text {
        let all = grouped(total);
        Text::from(match total > named {
            true => format!("{all}件（最初の{}件を表示）", grouped(named)),
            false => format!("{all}件"),
        })
    }

    fn sources(&self) -> Text {
        Text::from("表示したイベントの読み取り元のファイルと、その内容のSHA-256です。")
    }
}
