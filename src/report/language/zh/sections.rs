//! Sentences in sections and cells, in Chinese.

use super::Chinese;
use crate::report::evidence::SUMMARY_EVENTS;
use crate::report::findings::FAILURES_BEFORE_LOGON;
use crate::report::language::{Change, Forms, SectionSentences};
use crate::report::model::{
    Ban, BanEffect, CreatedIdentity, CreatedKind, HeatMap, KeyChange, KeyFigures, KeyState, Logon, Method, Period,
    PeriodState, RootUsage, Subject, UsedAfterEnd,
};
use crate::report::text::{Text, value};
use crate::report::wording::grouped;

impl SectionSentences for Chinese {
    fn range(&self, subject: &Subject) -> Text {
        // An end between two seconds would read as if the second were left out.
        Text::from(if subject.until.utc().timestamp_subsec_nanos() == 0 {
            format!("{} 至 {}（不含结束时刻）", self.time(subject.since), self.time(subject.until))
        } else {
            let last = subject.until.just_before().format("%Y 年 %-m 月 %-d 日 %H:%M:%S%.f %:z");
            format!("{} 至 {last}（含结束时刻）", self.time(subject.since))
        })
    }

    fn made(&self, method: &Method) -> Text {
        Text::from(format!("{}，由 trailql {} 生成", self.time(method.generated_at), method.trailql_version))
    }

    fn change(&self, change: &Change) -> Text {
        let Some(mean) = change.mean() else { return Text::from("没有更早的数据可供对比") };
        let periods = match (change.weeks, change.with_data == change.periods) {
            (true, true) => format!("前 {} 周", change.periods),
            (true, false) => format!("前 {} 周中 {} 周", change.periods, change.with_data),
            (false, true) => format!("前 {} 个周期", change.periods),
            (false, false) => format!("前 {} 个周期中 {} 个", change.periods, change.with_data),
        };
        Text::from(match change.difference() {
            Some(difference) => format!("{difference}（{periods}的均值为 {mean}）"),
            None => format!("与{periods}的均值持平"),
        })
    }

    fn comparison(&self, periods: &[Period]) -> Text {
        let before = periods.get(1..).unwrap_or_default();
        let named = |state| {
            let names: Vec<String> =
                before.iter().filter(|period| period.state == state).map(|period| self.period(period)).collect();
            names.join("、")
        };
        let count = |state| before.iter().filter(|period| period.state == state).count();
        let mut text = match (count(PeriodState::NoData), count(PeriodState::SomeDays)) {
            (0, 0) => "前四个周期每天都有事件。".to_owned(),
            (none, 0) if none == before.len() => "前四个周期均没有数据。".to_owned(),
            (_, 0) => format!("以下周期没有数据：{}。", named(PeriodState::NoData)),
            (0, _) => format!("以下周期仅部分日期有事件：{}。", named(PeriodState::SomeDays)),
            (_, _) => format!(
                "以下周期没有数据：{}；以下周期仅部分日期有事件：{}。",
                named(PeriodState::NoData),
                named(PeriodState::SomeDays)
            ),
        };
        // Without any data, every account is silent, which goes without saying.
        let silent = before.iter().filter(|period| period.state != PeriodState::NoData && period.accounts_silent > 0);
        let silent: Vec<String> = silent
            .map(|period| format!("{}（{} 个账号）", self.period(period), grouped(period.accounts_silent)))
            .collect();
        if !silent.is_empty() {
            text.push_str(&format!("以下周期有账号未投递任何事件：{}。", silent.join("、")));
        }
        Text::from(text)
    }

    fn logons_by_mfa(&self, figures: &KeyFigures) -> Text {
        let mut parts = Vec::new();
        if figures.logons_without_mfa > 0 {
            parts.push(format!("{} 次未使用 MFA", grouped(figures.logons_without_mfa)));
        }
        if figures.logons_mfa_not_said > 0 {
            parts.push(format!("{} 次未注明是否使用 MFA", grouped(figures.logons_mfa_not_said)));
        }
        Text::from(if parts.is_empty() { "均使用了 MFA".to_owned() } else { parts.join("，") })
    }

    fn long_term_calls(&self, calls: u64) -> Text {
        Text::from(format!("{} 次使用长期 AccessKey", grouped(calls)))
    }

    fn changes_failed(&self, calls: u64) -> Text {
        Text::from(format!("另有 {} 次被拒绝或失败", grouped(calls)))
    }

    fn more(&self, n: u64) -> Text {
        Text::from(format!("另有 {} 项", grouped(n)))
    }

    fn accounts_without_sections(&self, n: u64) -> Text {
        Text::from(format!(
            "另有 {} 个使用过主账号的账号未在此单列章节，可通过 --account 为其生成报告查看。",
            grouped(n)
        ))
    }

    fn account_heading(&self, name: &str) -> Text {
        Text::from(format!("账号：{name}"))
    }

    fn account_summary(&self, figures: &KeyFigures, findings: u64) -> Text {
        Text::from(format!(
            "登录成功 {} 次，登录失败 {} 次，AccessKey 调用 {} 次，变更 {} 次，列出事项 {} 项。",
            grouped(figures.logons_succeeded),
            grouped(figures.logons_failed),
            grouped(figures.access_key_calls),
            grouped(figures.changes),
            grouped(findings)
        ))
    }

    fn logons(&self, figures: &KeyFigures) -> Text {
        Text::from(if figures.logons_succeeded + figures.logons_failed == 0 {
            "数据中没有主账号登录控制台的事件。".to_owned()
        } else {
            format!(
                "成功 {} 次（使用 MFA {} 次，未使用 {} 次，未注明 {} 次），失败 {} 次。",
                grouped(figures.logons_succeeded),
                grouped(figures.logons_with_mfa),
                grouped(figures.logons_without_mfa),
                grouped(figures.logons_mfa_not_said),
                grouped(figures.logons_failed)
            )
        })
    }

    fn after_failures(&self, logon: &Logon) -> Text {
        Text::from(format!("失败 {} 次之后", grouped(logon.failures())))
    }

    fn no_access_key_calls(&self) -> Text {
        Text::from("数据中没有使用主账号 AccessKey 签名的调用。")
    }

    fn key_failures(&self, denied: u64, failed: u64) -> Option<Text> {
        let mut parts = Vec::new();
        if denied > 0 {
            parts.push(format!("被拒绝 {} 次", grouped(denied)));
        }
        if failed > 0 {
            parts.push(format!("失败 {} 次", grouped(failed)));
        }
        (!parts.is_empty()).then(|| Text::from(parts.join("，")))
    }

    fn key_change(&self, change: &KeyChange) -> Text {
        let state = match change.state {
            KeyState::Created => "创建",
            KeyState::Enabled => "启用",
            KeyState::Disabled => "禁用",
            KeyState::Deleted => "删除",
        };
        Text::from(format!("{state}：{}", change.time))
    }

    fn used_after_end(&self, used: &UsedAfterEnd) -> Text {
        let calls = grouped(used.succeeded + used.failed);
        Text::from(format!("此后调用 {calls} 次，其中成功 {} 次", grouped(used.succeeded)))
    }

    fn management(&self) -> Text {
        Text::from("以下为主账号的写操作调用，不含登录和登出。被拒绝或失败的变更另行统计；被拒绝的调用包含读操作。")
    }

    fn no_management(&self) -> Text {
        Text::from("据现有数据，主账号未作任何变更，也没有调用被拒绝。")
    }

    fn outcomes(&self, succeeded: u64, failed: u64) -> Text {
        Text::from(match (succeeded, failed) {
            (1, 0) => "成功".to_owned(),
            (0, 1) => "失败".to_owned(),
            (n, 0) => format!("成功 {} 次", grouped(n)),
            (0, n) => format!("失败 {} 次", grouped(n)),
            (done, failed) => format!("成功 {} 次，失败 {} 次", grouped(done), grouped(failed)),
        })
    }

    fn hours(&self, subject: &Subject) -> Text {
        Text::from(format!("按星期和小时统计的主账号事件，时区为 {}。", subject.time_zone))
    }

    fn busiest_hours(&self, hours: &HeatMap) -> String {
        let name = |(day, hour, count): (usize, usize, u64)| {
            format!("{} {hour:02}:00（{} 条）", self.weekday(day), grouped(count))
        };
        let busiest: Vec<String> = hours.busiest(12).into_iter().map(name).collect();
        format!("事件最多的小时：{}。", busiest.join("、"))
    }

    fn initial_user(&self, ban: Ban) -> Text {
        let (calls, attempts) = (grouped(ban.created), grouped(ban.refused));
        let text = match ban.effect {
            BanEffect::NotTried => {
                "无法判断禁止以 root 为初始登录用户的措施是否生效：没有受 RAM 权限策略限制的调用者尝试\
                                    创建以 root 为初始登录用户的 Linux 实例。"
                    .to_owned()
            }
            BanEffect::Works => {
                format!("从事件来看，禁止以 root 为初始登录用户的措施已生效：{attempts} 次尝试被拒绝，没有一次成功。")
            }
            BanEffect::WorksSince(time) => format!(
                "禁止以 root 为初始登录用户的措施自 {} 起生效：此前 {calls} 次调用成功，此后 {attempts} 次尝试被拒绝。",
                self.time(time)
            ),
            BanEffect::WorksForSome => format!(
                "禁止以 root 为初始登录用户的措施仅对部分调用者生效：{calls} 次调用成功，{attempts} 次尝试被拒绝。"
            ),
            BanEffect::Fails => {
                format!("禁止以 root 为初始登录用户的措施未生效：{calls} 次调用成功，没有一次被拒绝。")
            }
        };
        let by_root = match ban.by_root {
            0 => String::new(),
            n => format!("主账号不受 RAM 权限策略限制，进行了 {} 次同类调用。", grouped(n)),
        };
        Text::from(text + &by_root)
    }

    fn cannot_tell(&self) -> Text {
        Text::from(
            "事件记录的是账号而非具体的人：知道密码的人、持有主账号 AccessKey 的人和正在使用已登录会话的人，在事件中\
             并无区别。与主账号使用同一地址只是线索而非证据，因为办公室、VPN 和代理的出口地址往往由多人共用。",
        )
    }

    fn no_same_address(&self) -> Text {
        Text::from("未发现其他身份使用主账号的源 IP 地址（不含云服务自行发起的调用）。")
    }

    fn nothing_created(&self) -> Text {
        Text::from("据现有数据，主账号未创建 RAM 用户或 AccessKey。")
    }

    fn created_kind(&self, made: &CreatedIdentity) -> Text {
        Text::from(match made.kind {
            CreatedKind::User => "RAM 用户",
            CreatedKind::AccessKey => "主账号自身的 AccessKey",
        })
    }

    fn key_of_user(&self, user: &str) -> Text {
        Text::from(format!("RAM 用户 {} 的 AccessKey", value(user)))
    }

    fn calls_by_outcome(&self, changes: u64, denied: u64) -> Option<Text> {
        let mut parts = Vec::new();
        if changes > 0 {
            parts.push(format!("变更 {} 次", grouped(changes)));
        }
        if denied > 0 {
            parts.push(format!("被拒绝 {} 次", grouped(denied)));
        }
        (!parts.is_empty()).then(|| Text::from(parts.join("，")))
    }

    fn no_administrators(&self) -> Text {
        Text::from("据现有数据，报告时段内没有授予管理员级权限策略。")
    }

    fn method(&self, report: &RootUsage) -> Vec<Text> {
        let method = &report.method;
        let mut lines = vec![
            "所有数量均按不重复的事件统计：多次投递的同一事件只计一次。".to_owned(),
            "主账号事件指 userIdentity.type 为 root-account 的事件。".to_owned(),
            "登录指 ConsoleSignin 事件；带有错误码，或带有 success 以外的消息时，计为失败。".to_owned(),
            "变更指成功的写操作调用：依据 eventRW 判断，没有 eventRW 时依据其 API 判断。登录和登出不计入。".to_owned(),
            format!(
                "多次失败后的登录，指成功登录之前的一小时内，同一账号和未指明账号的失败登录合计至少 \
                 {FAILURES_BEFORE_LOGON} 次。"
            ),
            format!(
                "单个账号一天内的主账号事件达到 {} 条时，该日计为高频操作日。",
                grouped(report.subject.high_frequency)
            ),
            "管理员级权限策略指系统策略 AdministratorAccess、AliyunRAMFullAccess、AliyunSTSAssumeRoleAccess 和 \
             AliyunResourceDirectoryFullAccess。"
                .to_owned(),
            "首次出现，指报告时段之前的主账号事件中没有该地址、AccessKey 或国家/地区。".to_owned(),
        ];
        lines.push(match &method.lake {
            Some(lake) => match &lake.sha256 {
                Some(sha256) => format!(
                    "数据湖的状态以其清单（manifest）的第 {} 条为准，即最近一条带来事件的记录，其 SHA-256 为 {}。",
                    grouped(lake.version),
                    value(sha256)
                ),
                None => format!(
                    "数据湖的状态以其清单（manifest）的第 {} 条为准，即最近一条带来事件的记录。",
                    grouped(lake.version)
                ),
            },
            None => "导出文件为直接读取，未使用数据湖。".to_owned(),
        });
        lines.into_iter().map(Text::from).collect()
    }

    fn command(&self) -> Text {
        Text::from("使用以下命令可重新生成本报告：")
    }

    fn evidence(&self) -> Text {
        Text::from(format!(
            "每个条目是一项指标的证据：事件的准确数量、其中最早的若干事件的 ID（摘要列出 {SUMMARY_EVENTS} 个），以及用 \
             {} 查询全部事件的语句。S1、S2 等为下文所列的文件；{} 可显示单个事件。",
            value("trailql sql"),
            value("trailql event ID")
        ))
    }

    fn evidence_count(&self, total: u64, named: u64) -> Text {
        Text::from(match total > named {
            true => format!("{} 条事件，列出前 {} 条", grouped(total), grouped(named)),
            false => format!("{} 条事件", grouped(total)),
        })
    }

    fn sources(&self) -> Text {
        Text::from("以下为读取所列事件的文件，以及各文件内容的 SHA-256。")
    }
}
