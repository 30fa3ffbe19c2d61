//! The verdict and the findings, in Chinese.

use super::coverage::{only, scope, scope_of_accounts, value_list};
use super::{Chinese, gap_after, gap_before, listed, named_week};
use crate::report::calendar::LocalTime;
use crate::report::finding::{Fact, SilentAccount};
use crate::report::language::{CoverageSentences, FindingSentences, Forms, Labels};
use crate::report::model::{
    Action, Address, AdministratorGrant, Counted, KeyFigures, KeyKind, KeyState, Listed, Logon, Notable, NotableKind,
    RootUsage, Severity, Subject, TrailEffect, Use, UsedAfterEnd, Verdict,
};
use crate::report::text::{Text, value, words};
use crate::report::wording::grouped;

/// The most days without events that a finding names.
const NAMED_DAYS: usize = 7;

impl FindingSentences for Chinese {
    fn title(&self, subject: &Subject) -> Text {
        Text::from(match &subject.week {
            Some(week) => format!("阿里云账号（主账号）使用情况报告，{}", named_week(week)),
            None => format!(
                "阿里云账号（主账号）使用情况报告，{} 至 {}",
                self.time(subject.since),
                self.time(subject.until)
            ),
        })
    }

    fn verdict(&self, report: &RootUsage) -> Text {
        let (verdict, subject) = (&report.verdict, &report.subject);
        let range = range(subject);
        let root = root(subject);
        Text::from(match &verdict.root {
            Use::NoData => {
                format!(
                    "数据中没有{range}{}任何事件，无法判断阿里云账号（主账号）是否被使用。",
                    scope_of_range(subject)
                )
            }
            Use::NotUsed => format!("据现有数据，{range}{root}未被使用。{}", but_for_gaps(verdict)),
            Use::OnlyFailedLogons { logons } => format!(
                "无人登录成功：{range}{root}有 {} 次控制台登录失败，除此之外，据现有数据未被使用。{}",
                grouped(*logons),
                but_for_gaps(verdict)
            ),
            Use::Used { logons, access_key_calls, changes, events, addresses, outside } => {
                let mut ways = Vec::new();
                if *logons > 0 {
                    ways.push(format!("登录控制台 {} 次", grouped(*logons)));
                }
                if *access_key_calls > 0 {
                    ways.push(format!("使用 AccessKey 调用 {} 次", grouped(*access_key_calls)));
                }
                if ways.is_empty() {
                    ways.push(format!("产生事件 {} 条", grouped(*events)));
                }
                ways.push(match changes {
                    0 => "未作任何变更".to_owned(),
                    n => format!("执行变更 {} 次", grouped(*n)),
                });
                let accounts = if verdict.accounts > 1 {
                    format!("（{} 个账号中的 {} 个）", grouped(verdict.accounts), grouped(verdict.accounts_used))
                } else {
                    String::new()
                };
                let whom = self.by_whom(addresses, *outside);
                format!("{range}{root}被使用{accounts}：{}。{whom}{}", ways.join("，"), act(verdict))
            }
        })
    }

    fn data(&self, report: &RootUsage) -> Text {
        let coverage = &report.coverage;
        if coverage.events == 0 {
            return Text::from("报告时段内没有数据。");
        }
        let with_events = coverage.days.saturating_sub(coverage.days_without_events.len() as u64);
        let mut parts = vec![format!(
            "本结论基于 {} 条事件，{} 天中有 {} 天有事件",
            grouped(coverage.events),
            grouped(coverage.days),
            grouped(with_events)
        )];
        if coverage.accounts_silent + coverage.accounts_with_gaps > 0 {
            parts.push(format!(
                "{} 个账号中有 {} 个存在数据缺口",
                grouped(coverage.delivery.total),
                grouped(coverage.accounts_silent + coverage.accounts_with_gaps)
            ));
        }
        let trails = report.trails.items.iter().filter(|change| change.loses_events()).count() as u64;
        if trails > 0 {
            parts.push(format!("有 {} 次跟踪变更导致事件缺失", grouped(trails)));
        }
        let rejected = coverage.remarks.rejects_around.records + coverage.remarks.rejects_unknown.records;
        if rejected > 0 {
            parts.push(format!("有 {} 条记录无法读取", grouped(rejected)));
        }
        Text::from(format!("{}。", parts.join("；")))
    }

    fn summary(&self, report: &RootUsage) -> String {
        let grave = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count() as u64;
        let used = match &report.verdict.root {
            Use::NoData => "无数据".to_owned(),
            Use::NotUsed => "未使用".to_owned(),
            Use::OnlyFailedLogons { logons } => format!("登录失败 {} 次", grouped(*logons)),
            Use::Used { .. } => used_in_short(&report.total.figures),
        };
        format!(
            "【{}】{}：{used}（严重 {} 项，高 {} 项）",
            self.action(report.verdict.action),
            self.title(&report.subject).plain(),
            grouped(grave(Severity::Critical)),
            grouped(grave(Severity::High))
        )
    }

    fn findings(&self, verdict: &Verdict, count: u64) -> Text {
        Text::from(match (count, verdict.grave) {
            (0, _) => "据现有数据，没有需要处理或核实的事项。".to_owned(),
            (count, 0) => format!("共 {} 项，没有“高”或“严重”级别的事项。", grouped(count)),
            (count, grave) => format!(
                "共 {} 项，其中 {} 项为“高”或“严重”级别，按严重程度从高到低排列。",
                grouped(count),
                grouped(grave)
            ),
        })
    }

    fn more_findings(&self, by_severity: &[(Severity, u64)]) -> Text {
        let parts: Vec<String> = by_severity
            .iter()
            .map(|(severity, count)| format!("{} {} 项", self.severity(*severity), grouped(*count)))
            .collect();
        Text::from(format!("其余事项见各账号的章节和 JSON 格式的报告：{}。", parts.join("，")))
    }

    fn happened(&self, fact: &Fact, subject: &Subject) -> Text {
        let range = range(subject);
        Text::from(match fact {
            Fact::NoData { other_regions: true } => {
                format!("数据中没有{range}{}任何事件，但投递了其他地域的事件。", scope_of_range(subject))
            }
            Fact::NoData { other_regions: false } => {
                format!("数据中没有{range}{}任何事件。", scope_of_range(subject))
            }
            Fact::LogonAfterFailures { logon, others } => self.logon_after_failures(logon, *others),
            Fact::LogonsWithoutMfa { count, further, first, last, address } => {
                let also = if *further { "还" } else { "" };
                let from = address.as_ref().map(|address| format!("，来自 {}", self.place(address)));
                format!(
                    "{}，主账号{also}在未使用多因素认证（MFA）的情况下成功登录控制台 {} 次{}。",
                    self.between(*first, *last),
                    grouped(*count),
                    from.filter(|_| *count == 1).unwrap_or_default()
                )
            }
            Fact::Logons { count, mfa_not_said, first, last } => {
                let mfa = match (mfa_not_said, count) {
                    (0, 1) => "，使用了多因素认证（MFA）".to_owned(),
                    (0, _) => "，均使用了多因素认证（MFA）".to_owned(),
                    (n, count) if n == count => "，事件未注明是否使用了多因素认证（MFA）".to_owned(),
                    (n, _) => format!("，其中 {} 次未注明是否使用了多因素认证（MFA）", grouped(*n)),
                };
                format!("{}，主账号登录控制台 {} 次{mfa}。", self.between(*first, *last), grouped(*count))
            }
            Fact::FailedLogons { count, addresses, first, last } => format!(
                "{}，主账号有 {} 次控制台登录失败，来自 {} 个地址。",
                self.between(*first, *last),
                grouped(*count),
                grouped(*addresses)
            ),
            Fact::KeyUsed { access_key_id, name, key_kind, calls, addresses, new, created, ended } => {
                let name = name.as_deref().map(|name| format!("（{}）", words(name))).unwrap_or_default();
                let key = format!("{}{name}", value(access_key_id));
                let mut text = format!(
                    "有 {} 次调用使用主账号的{} {key}{}签名，来自 {} 个地址。",
                    grouped(*calls),
                    key_noun(*key_kind),
                    gap_after(&key),
                    grouped(*addresses)
                );
                if let Some(created) = created {
                    text.push_str(&format!("该 AccessKey 创建于 {}。", self.time(*created)));
                } else if *new {
                    text.push_str("数据中没有该 AccessKey 更早的使用记录。");
                }
                if let Some(end) = ended {
                    text.push_str(&format!("该 AccessKey 已于 {} {}。", self.time(end.time), ended_by(end.state)));
                }
                text
            }
            Fact::KeysUsed { key_kind, keys, calls } => {
                let others = match key_kind {
                    KeyKind::LongTerm => "另外 ",
                    KeyKind::Temporary | KeyKind::Unknown => " ",
                };
                format!(
                    "有 {} 次调用使用主账号的{others}{} 个{} 签名。",
                    grouped(*calls),
                    grouped(*keys),
                    key_noun(*key_kind)
                )
            }
            Fact::KeyUsedAfterEnd { access_key_id, used } => self.key_used_after_end(access_key_id, used),
            Fact::TrailLimited { change, others } => {
                let by_root = if change.is_by_root() { "该操作由主账号执行。" } else { "" };
                let more = match others {
                    0 => String::new(),
                    n => format!("另有 {} 次跟踪变更也导致事件缺失。", grouped(*n)),
                };
                format!("{}{by_root}{more}", self.trail(change).into_marked())
            }
            Fact::Notable { call, others } => self.notable_call(call, *others),
            Fact::AdministratorGranted { grant, others } => self.administrator_granted(grant, *others),
            Fact::InitialUser { created, by_root, callers, refused, last_created: _ } => {
                let by = initial_user_callers(*by_root, callers);
                let refused = match refused {
                    0 => "没有尝试被拒绝。".to_owned(),
                    n => format!("另有 {} 次尝试被拒绝。", grouped(*n)),
                };
                format!(
                    "有 {} 次调用创建了以 root 为初始登录用户的 Linux 实例或系统盘，调用者：{by}。{refused}",
                    grouped(*created)
                )
            }
            Fact::Changes { count, most } => {
                let names: Vec<String> = most
                    .items
                    .iter()
                    .map(|one| times(one.value.as_deref().map_or_else(|| "未注明".into(), value), one.count))
                    .collect();
                format!("主账号执行了 {} 次变更，最频繁的操作：{}。", grouped(*count), names.join("、"))
            }
            Fact::AccessNotKnown { count } => {
                format!("主账号有 {} 条事件未注明是否作了变更，从其 API 也无法判断。", grouped(*count))
            }
            Fact::HighFrequency { days, threshold, busiest, root_events } => format!(
                "有 {} 天主账号的操作达到或超过 {} 次{} {}，共 {} 次。",
                grouped(*days),
                grouped(*threshold),
                if *days == 1 { "，即" } else { "，最多的一天为" },
                self.day(*busiest),
                grouped(*root_events)
            ),
            Fact::Denied { count } => format!("主账号有 {} 次调用因权限不足被拒绝。", grouped(*count)),
            Fact::OnlyReads { count } => {
                format!("主账号被使用，产生 {} 条事件，未作任何变更。", grouped(*count))
            }
            Fact::AccountsSilent { accounts, of } => format!(
                "{range}，{} 个账号中有 {} 个未投递任何事件：{}。",
                grouped(*of),
                grouped(accounts.total),
                self.silent_accounts(accounts, None)
            ),
            Fact::AccountsWithGaps { accounts, of, days } => format!(
                "{} 个账号中有 {} 个在部分日期未投递任何事件：{}。",
                grouped(*of),
                grouped(accounts.total),
                self.silent_accounts(accounts, Some(*days))
            ),
            Fact::DaysWithoutEvents { days, of } => format!(
                "{} 天中有 {} 天没有投递{}任何事件：{}。",
                grouped(*of),
                grouped(days.len() as u64),
                scope_of_accounts(subject),
                self.days(days, NAMED_DAYS)
            ),
            Fact::WithoutTime { count } => {
                format!("有 {} 条事件的时间无法读取，因此未计入任何指标。", grouped(*count))
            }
            Fact::FutureDated { events } => format!(
                "有 {} 条事件的时间晚于本报告的生成时间，其中最晚的为 {}。",
                grouped(events.count),
                self.time(events.newest)
            ),
            Fact::Incomplete { exports, suspicious } => {
                let mut parts = Vec::new();
                if *exports > 0 {
                    parts.push(format!("有 {} 份导出数据缺少应有的事件", grouped(*exports)));
                }
                if *suspicious > 0 {
                    parts.push(format!("有 {} 个文件未读出任何事件，但其中可能含有事件", grouped(*suspicious)));
                }
                format!("{}。", parts.join("；"))
            }
            Fact::Rejected { around, unknown } => {
                let undated = match unknown {
                    0 => String::new(),
                    n if n == &(around + unknown) => "，其时间不明".to_owned(),
                    n => format!("，其中 {} 条的时间不明", grouped(*n)),
                };
                format!("有 {} 条记录无法读取{undated}。", grouped(around + unknown))
            }
        })
    }

    fn why(&self, fact: &Fact) -> Text {
        Text::from(match fact {
            Fact::NoData { .. } | Fact::DaysWithoutEvents { .. } => {
                "没有事件的日期不能说明主账号未被使用：即使被使用，也无人能够察觉。"
            }
            Fact::LogonAfterFailures { .. } => {
                "多次失败后登录成功，有密码被猜中的迹象。以主账号登录的人可以在账号内执行任何操作，权限策略对其没有约束。"
            }
            Fact::LogonsWithoutMfa { .. } => "仅凭密码即可登录。密码一旦泄露，得到密码的人即可控制整个账号。",
            Fact::Logons { .. } => "主账号应仅用于费用管理和应急处理。事件只记录账号，不记录登录者是谁。",
            Fact::FailedLogons { .. } => "有人知道或正在猜测登录账号。仅从事件来看，输错密码与攻击并无区别。",
            Fact::KeyUsed { ended: Some(_), .. } => {
                "该 AccessKey 在有效期间拥有账号的全部权限，用它执行的操作所产生的结果依然存在。"
            }
            Fact::KeyUsed { ended: None, key_kind: KeyKind::LongTerm, .. }
            | Fact::KeysUsed { key_kind: KeyKind::LongTerm, .. } => {
                "此类 AccessKey 在被删除之前，始终拥有账号的全部权限。权限策略无法对其加以限制，MFA 也无法为其提供保护。"
            }
            Fact::KeyUsed { ended: None, key_kind: KeyKind::Temporary | KeyKind::Unknown, .. }
            | Fact::KeysUsed { key_kind: KeyKind::Temporary | KeyKind::Unknown, .. } => {
                "使用此类 AccessKey 的调用，在其有效期内拥有主账号的全部权限。"
            }
            Fact::KeyUsedAfterEnd { .. } => {
                "已失效的 AccessKey 不应再被使用。要么仍有人持有该 AccessKey，要么账号未能阻止其调用。"
            }
            Fact::TrailLimited { change, .. } => match change.effect {
                TrailEffect::Stopped | TrailEffect::Deleted => {
                    "没有跟踪，就无从得知发生了哪些操作。入侵者往往首先关闭跟踪；本报告也无法得知缺少了哪些事件。"
                }
                TrailEffect::None
                | TrailEffect::WriteOnly
                | TrailEffect::ReadOnly
                | TrailEffect::OneRegion
                | TrailEffect::Redirected
                | TrailEffect::Delivers
                | TrailEffect::Changed => "未投递的事件无法计入本报告，因此各项指标可能偏低。",
            },
            Fact::Notable { call, .. } => match call.kind {
                NotableKind::MailChanged | NotableKind::PhoneChanged => {
                    "邮箱和手机号码可用于重置密码。变更它们的人可以接管账号。"
                }
                NotableKind::PasswordChanged => "设置密码的人可以登录，其他人则无法再登录。",
                NotableKind::MfaUnbound => "没有 MFA，仅凭密码即可登录账号。",
                NotableKind::MfaBound => "MFA 可以保护账号，但 MFA 设备应由合适的人持有。",
                NotableKind::ProtectionChanged => "账号的保护一旦降低，后续操作就更容易得逞。",
                NotableKind::RootKeyCreated | NotableKind::RootKeyEnabled => {
                    "主账号的 AccessKey 拥有全部权限，权限策略无法对其加以限制，MFA 也无法为其提供保护。"
                }
                NotableKind::RootKeyDisabled | NotableKind::RootKeyDeleted => {
                    "主账号不应有 AccessKey，因此这一操作是恰当的；但使用该 AccessKey 的应用会停止工作。"
                }
                NotableKind::OpenedToWorld => "互联网上的任何人都可以访问该安全组内实例的已开放端口。",
                NotableKind::MadePublic => "互联网上的任何人都可以读取该存储空间（Bucket）中的内容，或向其中写入。",
                NotableKind::UserCreated | NotableKind::LoginProfileSet | NotableKind::UserKeyCreated => {
                    "即使修改主账号的密码，新的身份仍然保有访问权限。"
                }
                NotableKind::CommandRun => "在实例上执行的命令，可以执行其系统用户有权进行的任何操作。",
            },
            Fact::AdministratorGranted { .. } => {
                "被授权者几乎可以执行任何操作，并且即使修改主账号的密码，仍然保有访问权限。"
            }
            Fact::InitialUser { .. } => "实例以 root 登录时，任何人只要得知一个密码，即可获得该实例的全部权限。",
            Fact::Changes { .. } => "权限策略无法限制主账号所作的变更，事件也不记录变更由谁执行。",
            Fact::AccessNotKnown { .. } => "这些事件未计为变更，但其中可能有变更。",
            Fact::HighFrequency { .. } => "操作如此频繁，说明主账号被用于日常工作，或有应用以主账号的权限运行。",
            Fact::Denied { .. } => "只有在管控策略或云服务禁止时，主账号才会被拒绝：这说明有人尝试了被禁止的操作。",
            Fact::OnlyReads { .. } => "使用主账号进行读操作，同样属于使用主账号。",
            Fact::AccountsSilent { .. } | Fact::AccountsWithGaps { .. } => {
                "无法判断这些账号的主账号在此期间是否被使用。"
            }
            Fact::WithoutTime { .. } => "其中可能有报告时段内的主账号事件。",
            Fact::FutureDated { .. } => "原因可能是时钟错误，也可能是伪造的事件；按时长回溯的时段不以这些事件为基准。",
            Fact::Incomplete { .. } | Fact::Rejected { .. } => "本报告的各项指标可能偏低。",
        })
    }

    fn next(&self, fact: &Fact) -> Text {
        Text::from(match fact {
            Fact::NoData { .. }
            | Fact::DaysWithoutEvents { .. }
            | Fact::AccountsSilent { .. }
            | Fact::AccountsWithGaps { .. } => "请确认跟踪是否已投递事件，导入缺失的数据，然后重新生成报告。",
            Fact::LogonAfterFailures { .. } => {
                "请立即向账号负责人核实。如果不是已知人员所为，请修改密码、绑定 MFA、删除主账号的 AccessKey，并检查此次\
                 登录之后的全部操作。"
            }
            Fact::LogonsWithoutMfa { .. } => "请为主账号绑定 MFA 设备，并就每次登录向账号负责人核实。",
            Fact::Logons { .. } => {
                "请向账号负责人核实每次登录的目的。日常工作请按职责分别创建 RAM 用户；多人共用一个身份时，请使用 \
                 CloudSSO。"
            }
            Fact::FailedLogons { .. } => "请向账号负责人核实是否为输入错误。如果不是，请检查主账号的密码和 MFA。",
            Fact::KeyUsed { ended: Some(end), .. } if end.state == KeyState::Deleted => {
                "请逐一检查下文所列该 AccessKey 的调用，并撤销其所作的变更。"
            }
            Fact::KeyUsed { .. } | Fact::KeysUsed { .. } => {
                "请为应用配置具有所需权限的 RAM 用户或 RAM 角色，然后禁用并删除主账号的 AccessKey。"
            }
            Fact::KeyUsedAfterEnd { .. } => {
                "请根据这些调用的源 IP 地址和客户端，查明该 AccessKey 的持有者，并在其使用的位置予以更换。"
            }
            Fact::TrailLimited { change, .. } if change.until.is_some() => {
                "请查明跟踪由谁更改及其原因，并通过其他来源了解跟踪缺失期间的情况。"
            }
            Fact::TrailLimited { .. } => "请重新开启跟踪，投递所有地域的全部事件，并查明跟踪由谁更改及其原因。",
            Fact::Notable { call, .. } if call.undone.is_some() => {
                "请检查用该 AccessKey 进行的操作，并为应用程序改用具备所需权限的 RAM 用户或 RAM 角色。"
            }
            Fact::Notable { call, .. } => match call.kind {
                NotableKind::MailChanged | NotableKind::PhoneChanged | NotableKind::PasswordChanged => {
                    "请向账号负责人核实。如果是他人所为，请立即向阿里云提交工单。"
                }
                NotableKind::MfaUnbound => "请立即重新绑定 MFA，并向账号负责人核实由谁解绑。",
                NotableKind::MfaBound => "请确认该设备由账号负责人持有。",
                NotableKind::ProtectionChanged => "请向账号负责人核实，并恢复保护设置。",
                NotableKind::RootKeyCreated | NotableKind::RootKeyEnabled => {
                    "请删除该 AccessKey，并为应用配置具有所需权限的 RAM 用户或 RAM 角色。"
                }
                NotableKind::RootKeyDisabled | NotableKind::RootKeyDeleted => {
                    "请确认没有应用依赖该 AccessKey，并且不要再创建新的 AccessKey。"
                }
                NotableKind::OpenedToWorld => "请将规则限制为所需的地址和端口。",
                NotableKind::MadePublic => "请将该存储空间（Bucket）设为私有，并查看其访问日志，确认哪些内容已被获取。",
                NotableKind::UserCreated | NotableKind::LoginProfileSet | NotableKind::UserKeyCreated => {
                    "请确认谁需要该身份。如果无人需要，请将其禁用，并检查使用该身份执行的操作。"
                }
                NotableKind::CommandRun => "请检查所执行的命令及其输出，以及执行命令的实例。",
            },
            Fact::AdministratorGranted { .. } => "请确认谁需要这些权限，并撤销授权，或者按职责授予范围更小的权限。",
            Fact::InitialUser { refused: 0, .. } => {
                "请为 RAM 用户和 RAM 角色附加拒绝 ecs:LoginAsNonRoot = false 的权限策略，并以 ecs-user 作为初始登录用户\
                 创建实例。RAM 权限策略无法限制主账号本身。"
            }
            Fact::InitialUser { .. } => {
                "请为尚未被拒绝的身份附加针对 ecs:LoginAsNonRoot 的拒绝（Deny）策略。RAM 权限策略无法限制主账号本身，\
                 因此请停止使用主账号。"
            }
            Fact::Changes { .. } => {
                "请与可能执行变更的人员逐一核对下文所列的变更，此类工作今后请使用按职责创建的 RAM 用户。"
            }
            Fact::AccessNotKnown { .. } => "请查看事件本身。",
            Fact::HighFrequency { .. } => "请查明执行这些操作的人员或应用，并改用 RAM 用户或 RAM 角色完成相应工作。",
            Fact::Denied { .. } => "请检查所尝试的操作，并向账号负责人核实。",
            Fact::OnlyReads { .. } => "请改用具有只读权限的 RAM 用户。",
            Fact::WithoutTime { .. } => "请查看这些事件，它们在表 undated_events 中。",
            Fact::FutureDated { .. } => "请检查时钟，以及这些事件所在的文件。",
            Fact::Incomplete { .. } => "请重新导出并导入缺失的数据，然后重新生成报告。",
            Fact::Rejected { .. } => "请使用 trailql lake rejects 查看这些记录，并尽可能重新导出。",
        })
    }
}

/// The range in words.
fn range(subject: &Subject) -> &'static str {
    if subject.week.is_some() { "本周" } else { "报告时段内" }
}

/// The limits of the report, to stand between the range and a noun.
fn scope_of_range(subject: &Subject) -> String {
    let scope = scope(subject);
    if scope.is_empty() { "的".to_owned() } else { scope }
}

/// The root account with the limits of the report, to stand before a verb.
fn root(subject: &Subject) -> String {
    let mut text = "阿里云账号（主账号）".to_owned();
    if let Some(accounts) = value_list(&subject.only_accounts, "个账号") {
        text.push_str(&format!("{accounts}{}", gap_after(&accounts)));
    }
    if let Some(regions) = only("地域", &subject.only_regions, "个地域") {
        text.push_str(&format!("在{regions}"));
    }
    text
}

fn but_for_gaps(verdict: &Verdict) -> &'static str {
    if verdict.incomplete { "由于部分数据缺失，这一结论尚不能确证。" } else { "" }
}

fn act(verdict: &Verdict) -> String {
    match verdict.action {
        Action::Today => format!("有 {} 项须于今日处理。", grouped(verdict.grave)),
        Action::Review => "没有须于今日处理的事项，但使用情况需要核实。".to_owned(),
        Action::Deliver => "部分数据缺失。".to_owned(),
        Action::Nothing => "没有须于今日处理的事项。".to_owned(),
    }
}

fn used_in_short(figures: &KeyFigures) -> String {
    let mut parts = Vec::new();
    if figures.logons_succeeded > 0 {
        let mfa = match figures.logons_without_mfa {
            0 => String::new(),
            n => format!("（{} 次未使用 MFA）", grouped(n)),
        };
        parts.push(format!("登录 {} 次{mfa}", grouped(figures.logons_succeeded)));
    }
    if figures.access_key_calls > 0 {
        parts.push(format!("AccessKey 调用 {} 次", grouped(figures.access_key_calls)));
    }
    if figures.changes > 0 {
        parts.push(format!("变更 {} 次", grouped(figures.changes)));
    }
    if parts.is_empty() {
        parts.push(format!("事件 {} 条", grouped(figures.root_events)));
    }
    parts.join("，")
}

/// An AccessKey by its kind.
fn key_noun(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::LongTerm => "长期 AccessKey",
        KeyKind::Temporary => "临时 AccessKey",
        KeyKind::Unknown => "类型未知的 AccessKey",
    }
}

/// The end of a key, as a verb.
fn ended_by(state: KeyState) -> &'static str {
    match state {
        KeyState::Deleted => "被删除",
        KeyState::Disabled | KeyState::Created | KeyState::Enabled => "被禁用",
    }
}

/// A name with its count.
fn times(name: String, count: u64) -> String {
    format!("{name}（{} 次）", grouped(count))
}

fn initial_user_callers(by_root: u64, callers: &Listed<Counted>) -> String {
    let mut by = Vec::new();
    if by_root > 0 {
        by.push(times("主账号".to_owned(), by_root));
    }
    let name = |name: &Option<String>| name.as_deref().map_or_else(|| "未指明的身份".into(), value);
    by.extend(callers.items.iter().map(|caller| times(name(&caller.value), caller.count)));
    listed(&by, by.len() as u64 + callers.more(), "个身份")
}

impl Chinese {
    /// The time, or the first and the last, to stand at the beginning of a sentence.
    fn between(&self, first: LocalTime, last: LocalTime) -> String {
        match first == last {
            true => self.time(first),
            false => format!("{} 至 {} 期间", self.time(first), self.time(last)),
        }
    }

    /// An address with its note, for a sentence.
    fn place(&self, address: &Address) -> String {
        let note = self.address_note(address);
        let address = value(&address.text);
        if note.is_empty() { address } else { format!("{address}（{note}）") }
    }

    fn by_whom(&self, addresses: &Listed<Address>, outside: Option<u64>) -> String {
        if addresses.items.is_empty() {
            return "事件中既没有操作者，也没有源 IP 地址。".to_owned();
        }
        let names: Vec<String> = addresses.items.iter().map(|address| self.place(address)).collect();
        let outside = match outside {
            Some(0) => "，均属于已知网络",
            Some(_) => "，并非都属于已知网络",
            None => "",
        };
        format!("事件不记录操作者是谁；操作来自 {}{outside}。", listed(&names, addresses.total, "个地址"))
    }

    fn logon_after_failures(&self, logon: &Logon, others: u64) -> String {
        let nameless = match logon.failed_without_account {
            0 => String::new(),
            n => format!("（其中 {} 次未指明账号）", grouped(n)),
        };
        let how = match (logon.failed_in_hour_before, logon.failed_in_same_second) {
            (before, 0) => format!("此前一小时内有 {} 次登录失败{nameless}", grouped(before)),
            (0, same) => format!("同一秒内有 {} 次登录失败{nameless}，先后顺序不明", grouped(same)),
            (before, same) => format!(
                "此前一小时内有 {} 次登录失败，同一秒内另有 {} 次{nameless}，后者的先后顺序不明",
                grouped(before),
                grouped(same)
            ),
        };
        let mfa = match logon.mfa {
            Some(true) => "（使用了 MFA）",
            Some(false) => "（未使用 MFA）",
            None => "",
        };
        let from = logon.address.as_ref().map(|address| format!("，来自 {}", self.place(address)));
        let more = match others {
            0 => String::new(),
            n => format!("另有 {} 次登录情况相同。", grouped(n)),
        };
        format!("{}，主账号登录控制台成功{mfa}{}；{how}。{more}", self.time(logon.time), from.unwrap_or_default())
    }

    fn key_used_after_end(&self, access_key_id: &str, used: &UsedAfterEnd) -> String {
        let outcome = match (used.succeeded, used.failed) {
            (0, 1) => "1 次调用，被拒绝或失败".to_owned(),
            (0, failed) => format!("{} 次调用，均被拒绝或失败", grouped(failed)),
            (1, 0) => "1 次调用，已成功".to_owned(),
            (succeeded, 0) => format!("{} 次调用，均成功", grouped(succeeded)),
            (succeeded, failed) => format!("{} 次调用成功，{} 次未成功", grouped(succeeded), grouped(failed)),
        };
        let when = match used.first == used.last {
            true => self.time(used.first),
            false => format!("{} 至 {}", self.time(used.first), self.time(used.last)),
        };
        format!(
            "主账号的 AccessKey {} 已于 {} {}，但此后仍被使用：{outcome}，时间为 {when}。",
            value(access_key_id),
            self.time(used.ended),
            ended_by(used.state)
        )
    }

    fn administrator_granted(&self, grant: &AdministratorGrant, others: u64) -> String {
        let policy = grant
            .policy_name
            .as_deref()
            .map_or_else(|| "一项管理员级权限策略".to_owned(), |policy| format!("权限策略 {} ", value(policy)));
        let receiver = match (&grant.receiver, grant.receiver_kind.as_deref()) {
            (Some(receiver), Some(kind)) => {
                let kind = self.receiver_kind(kind);
                format!("{}{kind} {}", gap_before(&kind), value(receiver))
            }
            (Some(receiver), None) => format!(" {}", value(receiver)),
            (None, _) => "未指明的身份".to_owned(),
        };
        let giver = match (grant.giver.user_name.as_deref(), grant.giver.kind.as_deref()) {
            (_, Some("root-account")) => "主账号".to_owned(),
            (Some(name), _) => format!("{} ", value(name)),
            (None, Some(kind)) => format!("{} ", value(kind)),
            (None, None) => "某个身份".to_owned(),
        };
        let more = match others {
            0 => String::new(),
            n => format!("此后又授予了 {} 项管理员级权限策略。", grouped(n)),
        };
        format!("{}，{giver}将{policy}授予{receiver}。{more}", self.time(grant.time))
    }

    fn notable_call(&self, call: &Notable, others: u64) -> String {
        // Chinese marks a thing done behind the verb, a thing tried before it.
        let (tried, done, failed) =
            if call.succeeded == 0 { ("试图", "", "，但未成功") } else { ("", "了", "") };
        let target =
            call.target.as_deref().map_or_else(|| "（未指明）".to_owned(), |target| format!(" {}", value(target)));
        let gap = gap_after(&target);
        let detail = call.detail.as_deref().map(|detail| format!("（{}）", words(detail))).unwrap_or_default();
        let did = match call.kind {
            NotableKind::MailChanged => format!("变更{done}账号的邮箱"),
            NotableKind::PhoneChanged => format!("变更{done}账号的手机号码"),
            NotableKind::PasswordChanged => format!("变更{done}账号的密码"),
            NotableKind::MfaBound => format!("为账号绑定{done} MFA 设备"),
            NotableKind::MfaUnbound => format!("解绑{done}账号的 MFA 设备"),
            NotableKind::ProtectionChanged => format!("变更{done}账号的保护设置"),
            NotableKind::RootKeyCreated => format!("为自身创建{done} AccessKey{target}"),
            NotableKind::RootKeyEnabled => format!("启用{done}自身的 AccessKey{target}"),
            NotableKind::RootKeyDisabled => format!("禁用{done}自身的 AccessKey{target}"),
            NotableKind::RootKeyDeleted => format!("删除{done}自身的 AccessKey{target}"),
            NotableKind::OpenedToWorld => format!("将安全组{target}{gap}对所有地址开放{detail}"),
            NotableKind::MadePublic => {
                format!("将存储空间（Bucket）{}{gap}对所有人开放{detail}", target.trim_start())
            }
            NotableKind::UserCreated => format!("创建{done} RAM 用户{target}"),
            NotableKind::LoginProfileSet => format!("设置{done} RAM 用户{target}{gap}的控制台登录"),
            NotableKind::UserKeyCreated => format!("为 RAM 用户{target}{gap}创建{done} AccessKey"),
            NotableKind::CommandRun => {
                format!("在实例上执行{done} {} 次命令", grouped(call.succeeded + call.failed))
            }
        };
        let more = if others > 0 { format!("同类情况另有 {} 项。", grouped(others)) } else { String::new() };
        let undone = match call.undone {
            Some(time) => format!("已于 {} 删除。", self.time(time)),
            None => String::new(),
        };
        format!("{}，主账号{tried}{did}{failed}。{undone}{more}", self.time(call.first))
    }

    fn silent_accounts(&self, accounts: &Listed<SilentAccount>, days: Option<u64>) -> String {
        let silent = |account: &SilentAccount| {
            let name = self.account(account.account_id.as_deref(), account.name.as_deref());
            match (days, account.last_event) {
                (Some(days), _) => {
                    format!("{name}（{} 天中的 {} 天）", grouped(days), grouped(account.days_without_events))
                }
                (None, Some(last)) => format!("{name}（最新事件：{}）", self.time(last)),
                (None, None) => name,
            }
        };
        let names: Vec<String> = accounts.items.iter().map(silent).collect();
        listed(&names, accounts.total, "个账号")
    }
}
