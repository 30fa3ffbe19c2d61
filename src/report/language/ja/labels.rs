//! Words that stand alone, in Japanese.

use super::Japanese;
use crate::report::evidence::Subject;
use crate::report::language::{Labels, Term};
use crate::report::model::{Action, DayState, DayUse, KeyKind, NotableKind, Severity};
use crate::report::text::{Text, value, words};
use crate::report::wording::grouped;

impl Labels for Japanese {
    fn term(&self, term: Term) -> &'static str {
        match term {
            Term::AccessKey => "AccessKey",
            Term::AccessKeyCalls => "AccessKey 呼び出し",
            Term::AccessKeys => "rootのAccessKey",
            Term::Account => "アカウント",
            Term::AccountChanges => "アカウント自体のセキュリティ",
            Term::Accounts => "アカウント",
            Term::AccountsWithoutEvents => "イベントのないアカウント数",
            Term::Address => "送信元アドレス",
            Term::Addresses => "送信元アドレス",
            Term::Administrators => "管理者権限の付与",
            Term::AllEvents => "全イベント",
            Term::Caller => "呼び出し元",
            Term::Calls => "呼び出し数",
            Term::CallsSince => "作成後の呼び出し数",
            Term::ChangesFailed => "拒否または失敗した変更",
            Term::ChangesMade => "実行された変更",
            Term::Client => "クライアント",
            Term::Comparison => "直前の4期間との比較",
            Term::ConsoleLogons => "コンソールログオン",
            Term::ConsoleWrites => "コンソールでの書き込み",
            Term::Contents => "目次",
            Term::Count => "件数",
            Term::Coverage => "データの収録範囲",
            Term::Created => "rootが作成したユーザーとAccessKey、その使用状況",
            Term::DaysWithEvents => "イベントのある日数",
            Term::DaysWithoutEvents => "イベントのない日",
            Term::Delivery => "アカウント別の配信状況",
            Term::DeniedCalls => "拒否された呼び出し",
            Term::EcsOperations => "インスタンスの操作（ECS）",
            Term::ErrorCode => "エラーコード",
            Term::Event => "イベント",
            Term::EventId => "イベント ID",
            Term::Events => "イベント数",
            Term::Evidence => "根拠",
            Term::Failed => "失敗",
            Term::FailedLogons => "失敗したログオン",
            Term::Figure => "指標",
            Term::FirstAndLast => "最初と最後",
            Term::FirstCall => "最初の呼び出し",
            Term::GivenBy => "付与者",
            Term::GivenTo => "付与先",
            Term::Gravest => "最も高い重大度",
            Term::HighFrequencyDays => "高頻度の日数",
            Term::HoursByWeekday => "曜日・時間帯別のroot イベント",
            Term::Identity => "アイデンティティ",
            Term::InitialUser => "初期ログインユーザーがrootのLinux インスタンス",
            Term::InstanceCreated => "作成",
            Term::ItsCalls => "呼び出し数",
            Term::KeyFigures => "主要指標",
            Term::LastCall => "最後の呼び出し",
            Term::LifeOfKey => "作成・使用・削除",
            Term::LoginAccount => "ログインアカウント",
            Term::Logons => "ログオン",
            Term::LogonsWithoutMfa => "MFAなしのログオン",
            Term::Made => "作成日時",
            Term::MadeByRoot => "rootが作成したもの",
            Term::Management => "リソースの管理と操作",
            Term::Method => "集計方法",
            Term::MostCalled => "主な呼び出し",
            Term::NeedsAction => "対応が必要な事項",
            Term::New => "初出",
            Term::NewestEvent => "最新のイベント",
            Term::Next => "次の対応",
            Term::NoData => "データなし",
            Term::NoEventsDelivered => "イベント未配信",
            Term::NotSaid => "記録なし",
            Term::NotableCalls => "注意を要する呼び出し",
            Term::Number => "番号",
            Term::OnlyAccounts => "限定したアカウント",
            Term::OnlyRegions => "限定したリージョン",
            Term::Operation => "操作",
            Term::Other => "その他",
            Term::Outcome => "結果",
            Term::Path => "ファイル",
            Term::Policy => "ポリシー",
            Term::Range => "対象期間",
            Term::Refused => "拒否",
            Term::Region => "リージョン",
            Term::Regions => "リージョン別のイベント数",
            Term::ResourceManagement => "リソースの管理",
            Term::Resources => "リソース",
            Term::RootEvents => "root イベント",
            Term::RootEventsByDay => "日別のroot イベント",
            Term::SameAddress => "rootと同じアドレスを使用した他のアイデンティティ",
            Term::Services => "サービス",
            Term::Sha256 => "SHA-256",
            Term::SingleLogons => "個別のログオン",
            Term::Sources => "根拠としたファイル",
            Term::Succeeded => "成功",
            Term::SuccessfulLogons => "成功したログオン",
            Term::Target => "対象",
            Term::Time => "日時",
            Term::TimeZone => "タイムゾーン",
            Term::Total => "合計",
            Term::When => "rootが使用された日と時間帯",
            Term::WhoElse => "ほかに操作し得た者",
            Term::Why => "重要な理由",
            Term::WithoutId => "IDなし",
        }
    }

    fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Info => "情報",
            Severity::Low => "低",
            Severity::Medium => "中",
            Severity::High => "高",
            Severity::Critical => "重大",
        }
    }

    fn action(&self, action: Action) -> String {
        let text = match action {
            Action::Nothing => "対応不要",
            Action::Review => "要確認",
            Action::Deliver => "データ不足",
            Action::Today => "本日中に要対応",
        };
        text.to_owned()
    }

    fn key_kind(&self, kind: KeyKind) -> &'static str {
        match kind {
            KeyKind::LongTerm => "長期",
            KeyKind::Temporary => "一時的",
            KeyKind::Unknown => "種類不明",
        }
    }

    fn mfa(&self, mfa: Option<bool>) -> &'static str {
        match mfa {
            Some(true) => "MFAあり",
            Some(false) => "MFAなし",
            None => "MFAの記録なし",
        }
    }

    fn notable(&self, kind: NotableKind) -> &'static str {
        match kind {
            NotableKind::MailChanged => "アカウントのメールアドレスの変更",
            NotableKind::PhoneChanged => "アカウントの電話番号の変更",
            NotableKind::PasswordChanged => "アカウントのパスワードの変更",
            NotableKind::MfaBound => "アカウントへのMFA デバイスのバインド",
            NotableKind::MfaUnbound => "アカウントのMFA デバイスのバインド解除",
            NotableKind::ProtectionChanged => "アカウントの保護設定の変更",
            NotableKind::RootKeyCreated => "rootのAccessKeyの作成",
            NotableKind::RootKeyEnabled => "rootのAccessKeyの有効化",
            NotableKind::RootKeyDisabled => "rootのAccessKeyの無効化",
            NotableKind::RootKeyDeleted => "rootのAccessKeyの削除",
            NotableKind::OpenedToWorld => "セキュリティグループの全アドレスへの開放",
            NotableKind::MadePublic => "バケットの一般公開",
            NotableKind::UserCreated => "RAM ユーザーの作成",
            NotableKind::LoginProfileSet => "RAM ユーザーのコンソールログオンの設定",
            NotableKind::UserKeyCreated => "RAM ユーザーのAccessKeyの作成",
            NotableKind::CommandRun => "インスタンスでのコマンドの実行",
        }
    }

    fn identity_kind(&self, kind: &str) -> String {
        let known = match kind {
            "root-account" => "root",
            "ram-user" => "RAM ユーザー",
            "assumed-role" => "RAM ロール",
            "system" => "サービス",
            "cloudsso-user" => "CloudSSO ユーザー",
            "saml-user" => "SAML ユーザー",
            "oidc-user" => "OIDC ユーザー",
            "alibaba-cloud-account" => "別のアカウント",
            other => return words(other),
        };
        known.to_owned()
    }

    fn receiver_kind(&self, kind: &str) -> String {
        let known = match kind {
            "user" | "IMSUser" => "RAM ユーザー",
            "group" | "IMSGroup" => "RAM ユーザーグループ",
            "role" | "ServiceRole" => "RAM ロール",
            other => return words(other),
        };
        known.to_owned()
    }

    fn day_state(&self, day: &DayUse) -> Option<String> {
        let state = match day.state {
            DayState::Events => "",
            DayState::NoRootEvents => "root イベントなし",
            DayState::OtherRegionsOnly => "対象リージョンのイベントなし",
            DayState::NoEventsDelivered => return Some("イベント未配信".to_owned()),
            DayState::NotYet => return Some("未経過".to_owned()),
        };
        let (all, silent) = (grouped(day.accounts), grouped(day.accounts_without_events));
        let silent = format!("{all}アカウント中{silent}アカウントが未配信");
        match (day.accounts_without_events, state) {
            (0, "") => None,
            (0, state) => Some(state.to_owned()),
            (_, "") => Some(silent),
            (_, state) => Some(format!("{state}、{silent}")),
        }
    }

    fn evidence_title(&self, subject: Subject, detail: Option<&str>, account: Option<&str>) -> Text {
        let figure = match subject {
            Subject::RootEvents => "root イベント",
            Subject::LogonsSucceeded => "成功したログオン",
            Subject::LogonsWithoutMfa => "MFAなしで成功したログオン",
            Subject::LogonsFailed => "失敗したログオン",
            Subject::LogonGroup => "同種のログオン",
            Subject::LogonAfterFailures => "ログオンとその前の失敗",
            Subject::AccessKeyCalls => "AccessKey 呼び出し",
            Subject::AccessKey => "1つのAccessKeyによる呼び出し",
            Subject::UsedAfterEnd => "無効化または削除後のAccessKeyによる呼び出し",
            Subject::Changes => "実行された変更",
            Subject::ChangesFailed => "拒否または失敗した変更",
            Subject::Calls => "1つの操作の呼び出し",
            Subject::Denied => "拒否された呼び出し",
            Subject::AccessNotKnown => "変更を行った可能性のあるイベント",
            Subject::Notable => "注意を要する呼び出し",
            Subject::BusyDay => "1日のroot イベント",
            Subject::InitialUser => "初期ログインユーザーがrootのインスタンス",
            Subject::InitialUserRefused => "拒否されたインスタンスの呼び出し",
            Subject::SameAddress => "rootと同じアドレスからの他のアイデンティティの呼び出し",
            Subject::Administrator => "管理者レベルのポリシーの付与",
            Subject::Created => "rootが作成したユーザーまたはAccessKeyによる呼び出し",
            Subject::Trail => "証跡の変更",
        };
        let figure = match detail {
            Some(detail) => format!("{figure}：{}", value(detail)),
            None => figure.to_owned(),
        };
        Text::from(match account {
            Some(account) => format!("{figure}（アカウント：{}）", value(account)),
            None => figure,
        })
    }
}
