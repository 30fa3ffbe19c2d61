//! Words that stand alone, in Chinese.

use super::Chinese;
use crate::report::evidence::Subject;
use crate::report::language::{Labels, Term};
use crate::report::model::{Action, DayState, DayUse, KeyKind, NotableKind, Severity};
use crate::report::text::{Text, value, words};
use crate::report::wording::grouped;

impl Labels for Chinese {
    fn term(&self, term: Term) -> &'static str {
        match term {
            Term::AccessKey => "AccessKey",
            Term::AccessKeyCalls => "AccessKey 调用",
            Term::AccessKeys => "主账号的 AccessKey",
            Term::Account => "账号",
            Term::AccountChanges => "账号自身的安全变更",
            Term::Accounts => "账号",
            Term::AccountsWithoutEvents => "无事件的账号",
            Term::Address => "源 IP 地址",
            Term::Addresses => "源 IP 地址",
            Term::Administrators => "管理员级权限的授予",
            Term::AllEvents => "全部事件",
            Term::Caller => "调用者",
            Term::Calls => "调用次数",
            Term::CallsSince => "创建后的调用",
            Term::ChangesFailed => "被拒绝或失败的变更",
            Term::ChangesMade => "成功的变更",
            Term::Client => "客户端",
            Term::Comparison => "与前四个周期的对比",
            Term::ConsoleLogons => "控制台登录",
            Term::ConsoleWrites => "控制台写操作",
            Term::Contents => "目录",
            Term::Count => "次数",
            Term::Coverage => "数据覆盖情况",
            Term::Created => "主账号创建的用户和 AccessKey 及其后续操作",
            Term::DaysWithEvents => "有事件的天数",
            Term::DaysWithoutEvents => "无事件的日期",
            Term::Delivery => "各账号的事件投递情况",
            Term::DeniedCalls => "被拒绝的调用",
            Term::EcsOperations => "实例操作（ECS）",
            Term::ErrorCode => "错误码",
            Term::Event => "操作事件",
            Term::EventId => "事件 ID",
            Term::Events => "事件数",
            Term::Evidence => "证据",
            Term::Failed => "失败",
            Term::FailedLogons => "失败的登录",
            Term::Figure => "指标",
            Term::FirstAndLast => "首次与末次",
            Term::FirstCall => "首次调用",
            Term::GivenBy => "授权者",
            Term::GivenTo => "被授权者",
            Term::Gravest => "最高严重程度",
            Term::HighFrequencyDays => "高频操作日",
            Term::HoursByWeekday => "主账号事件的星期与小时分布",
            Term::Identity => "身份",
            Term::InitialUser => "以 root 为初始登录用户的 Linux 实例",
            Term::InstanceCreated => "已创建",
            Term::ItsCalls => "该身份的调用",
            Term::KeyFigures => "关键指标",
            Term::LastCall => "末次调用",
            Term::LifeOfKey => "创建、使用与删除",
            Term::LoginAccount => "登录账号",
            Term::Logons => "登录",
            Term::LogonsWithoutMfa => "未使用 MFA 的登录",
            Term::Made => "生成时间",
            Term::MadeByRoot => "主账号所创建",
            Term::Management => "资源管理与操作",
            Term::Method => "统计方法",
            Term::MostCalled => "最频繁的调用",
            Term::NeedsAction => "需要处理的事项",
            Term::New => "首次出现",
            Term::NewestEvent => "最新事件",
            Term::Next => "处理建议",
            Term::NoData => "无数据",
            Term::NoEventsDelivered => "无事件投递",
            Term::NotSaid => "未注明",
            Term::NotableCalls => "值得关注的调用",
            Term::Number => "编号",
            Term::OnlyAccounts => "限定账号",
            Term::OnlyRegions => "限定地域",
            Term::Operation => "操作",
            Term::Other => "其他",
            Term::Outcome => "结果",
            Term::Path => "文件",
            Term::Policy => "权限策略",
            Term::Range => "报告时段",
            Term::Refused => "被拒绝",
            Term::Region => "地域",
            Term::Regions => "各地域的事件",
            Term::ResourceManagement => "资源管理",
            Term::Resources => "资源",
            Term::RootEvents => "主账号事件",
            Term::RootEventsByDay => "每日主账号事件",
            Term::SameAddress => "与主账号源 IP 地址相同的其他身份",
            Term::Services => "云服务",
            Term::Sha256 => "SHA-256",
            Term::SingleLogons => "登录明细",
            Term::Sources => "证据所在文件",
            Term::Succeeded => "成功",
            Term::SuccessfulLogons => "成功的登录",
            Term::Target => "操作对象",
            Term::Time => "时间",
            Term::TimeZone => "时区",
            Term::Total => "合计",
            Term::When => "主账号的使用时间",
            Term::WhoElse => "其他可能的操作者",
            Term::Why => "关注原因",
            Term::WithoutId => "无 ID",
        }
    }

    fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Info => "提示",
            Severity::Low => "低",
            Severity::Medium => "中",
            Severity::High => "高",
            Severity::Critical => "严重",
        }
    }

    fn action(&self, action: Action) -> String {
        let text = match action {
            Action::Nothing => "无需处理",
            Action::Review => "需要核实",
            Action::Deliver => "数据缺失",
            Action::Today => "今日须处理",
        };
        text.to_owned()
    }

    fn key_kind(&self, kind: KeyKind) -> &'static str {
        match kind {
            KeyKind::LongTerm => "长期",
            KeyKind::Temporary => "临时",
            KeyKind::Unknown => "类型未知",
        }
    }

    fn mfa(&self, mfa: Option<bool>) -> &'static str {
        match mfa {
            Some(true) => "已使用 MFA",
            Some(false) => "未使用 MFA",
            None => "未注明是否使用 MFA",
        }
    }

    fn notable(&self, kind: NotableKind) -> &'static str {
        match kind {
            NotableKind::MailChanged => "变更账号的邮箱",
            NotableKind::PhoneChanged => "变更账号的手机号码",
            NotableKind::PasswordChanged => "变更账号的密码",
            NotableKind::MfaBound => "为账号绑定 MFA 设备",
            NotableKind::MfaUnbound => "解绑账号的 MFA 设备",
            NotableKind::ProtectionChanged => "变更账号的保护设置",
            NotableKind::RootKeyCreated => "创建主账号的 AccessKey",
            NotableKind::RootKeyEnabled => "启用主账号的 AccessKey",
            NotableKind::RootKeyDisabled => "禁用主账号的 AccessKey",
            NotableKind::RootKeyDeleted => "删除主账号的 AccessKey",
            NotableKind::OpenedToWorld => "将安全组对所有地址开放",
            NotableKind::MadePublic => "将存储空间（Bucket）对所有人开放",
            NotableKind::UserCreated => "创建 RAM 用户",
            NotableKind::LoginProfileSet => "设置 RAM 用户的控制台登录",
            NotableKind::UserKeyCreated => "为 RAM 用户创建 AccessKey",
            NotableKind::CommandRun => "在实例上执行命令",
        }
    }

    fn identity_kind(&self, kind: &str) -> String {
        let known = match kind {
            "root-account" => "主账号",
            "ram-user" => "RAM 用户",
            "assumed-role" => "RAM 角色",
            "system" => "云服务",
            "cloudsso-user" => "CloudSSO 用户",
            "saml-user" => "SAML 用户",
            "oidc-user" => "OIDC 用户",
            "alibaba-cloud-account" => "其他阿里云账号",
            other => return words(other),
        };
        known.to_owned()
    }

    fn receiver_kind(&self, kind: &str) -> String {
        let known = match kind {
            "user" | "IMSUser" => "RAM 用户",
            "group" | "IMSGroup" => "RAM 用户组",
            "role" | "ServiceRole" => "RAM 角色",
            other => return words(other),
        };
        known.to_owned()
    }

    fn day_state(&self, day: &DayUse) -> Option<String> {
        let state = match day.state {
            DayState::Events => "",
            DayState::NoRootEvents => "无主账号事件",
            DayState::OtherRegionsOnly => "无所选地域的事件",
            DayState::NoEventsDelivered => return Some("无事件投递".to_owned()),
            DayState::NotYet => return Some("尚未结束".to_owned()),
        };
        let silent =
            format!("{} 个账号中有 {} 个无事件投递", grouped(day.accounts), grouped(day.accounts_without_events));
        match (day.accounts_without_events, state) {
            (0, "") => None,
            (0, state) => Some(state.to_owned()),
            (_, "") => Some(silent),
            (_, state) => Some(format!("{state}；{silent}")),
        }
    }

    fn evidence_title(&self, subject: Subject, detail: Option<&str>, account: Option<&str>) -> Text {
        let figure = match subject {
            Subject::RootEvents => "主账号事件",
            Subject::LogonsSucceeded => "成功的登录",
            Subject::LogonsWithoutMfa => "未使用 MFA 的成功登录",
            Subject::LogonsFailed => "失败的登录",
            Subject::LogonGroup => "同类登录",
            Subject::LogonAfterFailures => "一次登录及此前的失败登录",
            Subject::AccessKeyCalls => "AccessKey 调用",
            Subject::AccessKey => "使用同一 AccessKey 的调用",
            Subject::UsedAfterEnd => "AccessKey 失效后的调用",
            Subject::Changes => "成功的变更",
            Subject::ChangesFailed => "被拒绝或失败的变更",
            Subject::Calls => "同一操作的调用",
            Subject::Denied => "被拒绝的调用",
            Subject::AccessNotKnown => "可能作了变更的事件",
            Subject::Notable => "值得关注的调用",
            Subject::BusyDay => "单日的主账号事件",
            Subject::InitialUser => "以 root 为初始登录用户的实例",
            Subject::InitialUserRefused => "被拒绝的实例调用",
            Subject::SameAddress => "其他身份从主账号源 IP 地址发起的调用",
            Subject::Administrator => "授予管理员级权限策略",
            Subject::Created => "主账号所创建的用户或 AccessKey 的调用",
            Subject::Trail => "跟踪变更",
        };
        let figure = match detail {
            Some(detail) => format!("{figure}：{}", value(detail)),
            None => figure.to_owned(),
        };
        Text::from(match account {
            Some(account) => format!("{figure}，账号 {}", value(account)),
            None => figure,
        })
    }
}
