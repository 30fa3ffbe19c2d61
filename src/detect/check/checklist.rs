//! The table of checks. It says all that tells one check from another; the rules are in [`super::verdict`].

use crate::detect::finding::Finding;
use crate::event::lang::Lang;

/// A text in each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    en: &'static str,
    ja: &'static str,
    zh: &'static str,
}

impl Text {
    const fn new(en: &'static str, ja: &'static str, zh: &'static str) -> Self {
        Self { en, ja, zh }
    }

    /// Returns the text in a language.
    pub fn in_lang(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ja => self.ja,
            Lang::Zh => self.zh,
        }
    }
}

/// The events that must have been delivered for a check to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Logons to the console.
    Logons,
    /// Write events.
    Writes,
    /// Reads, writes and logons.
    Everything,
}

/// The meaning of the rows of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Each row is a failure.
    Failure,
    /// Each row may be a failure: it does not say enough.
    Doubt,
    /// Each row shows that what is checked works.
    Witness,
    /// Each row is worth telling, and decides nothing.
    Remark,
}

impl Role {
    /// Returns the role in one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Doubt => "doubt",
            Self::Witness => "witness",
            Self::Remark => "remark",
        }
    }
}

/// A condition on a column of a view. Values are of ASCII, without quotes and without signs of patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The column has this value.
    Is(&'static str, &'static str),
    /// The column has none of these values; it may be empty.
    IsNone(&'static str, &'static [&'static str]),
    /// The column is empty.
    IsNull(&'static str),
    /// The column begins with none of these, which are in small letters; it may be empty.
    BeginsWithNone(&'static str, &'static [&'static str]),
}

impl Condition {
    /// Returns `true` if the row of a finding meets the condition.
    pub fn matches(&self, finding: &Finding) -> bool {
        match self {
            Self::Is(column, value) => finding.column(column).as_deref() == Some(value),
            Self::IsNone(column, values) => finding.column(column).is_none_or(|is| !values.contains(&is.as_ref())),
            Self::IsNull(column) => finding.column(column).is_none(),
            Self::BeginsWithNone(column, beginnings) => finding.column(column).is_none_or(|is| {
                let is = is.to_lowercase();
                !beginnings.iter().any(|beginning| is.starts_with(beginning))
            }),
        }
    }

    /// Writes the condition in SQL.
    pub fn sql(&self) -> String {
        match self {
            Self::Is(column, value) => format!("{column} = '{value}'"),
            Self::IsNone(column, [value]) => format!("({column} IS DISTINCT FROM '{value}')"),
            Self::IsNone(column, values) => {
                let values: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
                format!("coalesce({column}, '') NOT IN ({})", values.join(", "))
            }
            Self::IsNull(column) => format!("{column} IS NULL"),
            Self::BeginsWithNone(column, beginnings) => {
                format!("NOT coalesce(lower({column}) ~ '^({})', false)", beginnings.join("|"))
            }
        }
    }
}

/// A view whose rows speak for or against a check.
#[derive(Debug, Clone, Copy)]
pub struct Proof {
    /// The view.
    pub view: &'static str,
    /// The meaning of its rows.
    pub role: Role,
    /// Conditions that all rows which count meet.
    pub when: &'static [Condition],
    /// The name of these rows, to stand before their number.
    pub label: Text,
}

impl Proof {
    const fn new(role: Role, view: &'static str, label: Text) -> Self {
        Self { view, role, when: &[], label }
    }

    const fn when(mut self, when: &'static [Condition]) -> Self {
        self.when = when;
        self
    }

    /// Returns `true` if a finding of the view counts.
    pub fn counts(&self, finding: &Finding) -> bool {
        finding.rule.view == self.view && self.when.iter().all(|condition| condition.matches(finding))
    }

    /// Writes the statement that gives the rows that count; `None` where all of the view do.
    pub fn sql(&self) -> Option<String> {
        let conditions: Vec<String> = self.when.iter().map(Condition::sql).collect();
        (!conditions.is_empty()).then(|| format!("SELECT * FROM {} WHERE {}", self.view, conditions.join(" AND ")))
    }
}

/// An item of the checklist.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its name.
    pub id: &'static str,
    /// That which holds where it passes.
    pub title: Text,
    /// Advice for where it fails.
    pub advice: Text,
    /// The events that it cannot do without.
    pub needs: Needs,
    /// Views that decide it.
    pub proofs: &'static [Proof],
    /// The reason why it is unknown where there is no witness; `None` where it needs none.
    pub without_witness: Option<Text>,
}

use Condition::{BeginsWithNone, Is, IsNone, IsNull};
use Role::{Doubt, Failure, Remark, Witness};

/// Beginnings of error codes of a key that was refused, so that it is not in use.
const REFUSED_KEY: Condition = BeginsWithNone(
    "error_code",
    &["invalidaccesskeyid", "signaturedoesnotmatch", "invalidsecuritytoken", "invalidauthorization"],
);

/// Callers that a policy can be attached to: neither root, nor services and their roles.
const CAN_BE_DENIED: [Condition; 2] =
    [IsNone("user_identity_type", &["root-account", "system"]), BeginsWithNone("principal", &["aliyunservicerole"])];

/// The checks of the use of root, RAM users and RAM roles.
pub const ROOT: &[Check] = &[
    Check {
        id: "root_logons",
        title: Text::new(
            "Root does not log on to the console",
            "root がコンソールにログオンしていない",
            "主账号没有登录控制台",
        ),
        advice: Text::new(
            "Ask the owner about each logon, and give people RAM users or SSO for their work.",
            "各ログオンを所有者に確認し、日常の作業には RAM ユーザーまたは SSO を使用してください。",
            "向账号所有者逐一核实登录，日常工作请使用 RAM 用户或 SSO。",
        ),
        needs: Needs::Logons,
        proofs: &[
            Proof::new(
                Failure,
                "root_console_login_success",
                Text::new("successful logons", "成功したログオン", "成功登录"),
            ),
            Proof::new(Remark, "root_console_login", Text::new("failed logons", "失敗したログオン", "失败登录"))
                .when(&[Is("outcome", "failure")]),
        ],
        without_witness: None,
    },
    Check {
        id: "root_resource_management",
        title: Text::new("Root does not manage resources", "root がリソースを管理していない", "主账号没有管理资源"),
        advice: Text::new(
            "Give whoever did this a RAM user or role with the rights that the work needs.",
            "作業者には、必要な権限だけを持つ RAM ユーザーまたはロールを割り当ててください。",
            "为操作人员分配仅具所需权限的 RAM 用户或角色。",
        ),
        needs: Needs::Writes,
        proofs: &[
            Proof::new(Failure, "root_resource_write", Text::new("changes by root", "root による変更", "主账号变更")),
            Proof::new(
                Failure,
                "root_write_not_said",
                Text::new(
                    "changes whose event does not say that it wrote",
                    "書き込みと記録されていない変更",
                    "未注明写入的变更",
                ),
            )
            .when(&[Is("access", "Write")]),
            Proof::new(
                Doubt,
                "root_write_not_said",
                Text::new("calls that may have changed something", "変更の可能性がある呼び出し", "可能产生变更的调用"),
            )
            .when(&[IsNull("access")]),
        ],
        without_witness: None,
    },
    Check {
        id: "root_high_frequency",
        title: Text::new(
            "Root is not used for frequent operations",
            "root が高頻度の操作に使用されていない",
            "主账号没有高频操作",
        ),
        advice: Text::new(
            "Find the person or program that works as root, and move it to a RAM user or role.",
            "root で作業している人またはプログラムを特定し、RAM ユーザーまたはロールに移行してください。",
            "找出以主账号操作的人员或程序，并迁移到 RAM 用户或角色。",
        ),
        needs: Needs::Everything,
        proofs: &[Proof::new(
            Failure,
            "root_high_frequency",
            Text::new("days with frequent operations", "操作が多い日", "高频操作天数"),
        )],
        without_witness: None,
    },
    Check {
        id: "root_access_keys",
        title: Text::new(
            "No AccessKey of root is in use",
            "root の AccessKey が使用されていない",
            "主账号 AccessKey 未被使用",
        ),
        advice: Text::new(
            "Find out where the key is kept, move its programs to RAM roles, then disable and delete it.",
            "キーの保存場所を調べ、プログラムを RAM ロールに移行し、キーを無効化して削除してください。",
            "查明密钥存放位置，将程序迁移到 RAM 角色，然后禁用并删除密钥。",
        ),
        needs: Needs::Everything,
        proofs: &[
            Proof::new(
                Failure,
                "root_ak_access",
                Text::new("calls with a root AccessKey", "root の AccessKey による呼び出し", "主账号 AccessKey 调用"),
            )
            .when(&[Is("key_kind", "long-term"), REFUSED_KEY]),
            Proof::new(
                Doubt,
                "root_ak_access",
                Text::new("calls whose key may be one of root", "キーの種類が不明な呼び出し", "密钥类型不明的调用"),
            )
            .when(&[Is("key_kind", "unknown"), REFUSED_KEY]),
        ],
        without_witness: None,
    },
    Check {
        id: "root_mfa",
        title: Text::new("Root uses MFA", "root が MFA を使用している", "主账号使用 MFA"),
        advice: Text::new(
            "Bind an MFA device to the Alibaba Cloud account, and ask its owner about these logons.",
            "Alibaba Cloud アカウントに MFA デバイスを関連付け、ログオンを所有者に確認してください。",
            "为阿里云账号绑定 MFA 设备，并向所有者核实这些登录。",
        ),
        needs: Needs::Logons,
        proofs: &[
            Proof::new(
                Failure,
                "root_login_without_mfa",
                Text::new("logons without MFA", "MFA なしのログオン", "未使用 MFA 的登录"),
            ),
            Proof::new(Failure, "root_security_changed", Text::new("MFA unbound", "MFA の解除", "解绑 MFA"))
                .when(&[Is("event_name", "MFAUnbind"), Is("outcome", "success")]),
            Proof::new(
                Doubt,
                "root_console_login",
                Text::new(
                    "logons that do not say whether MFA was used",
                    "MFA の使用が記録されていないログオン",
                    "未注明是否使用 MFA 的登录",
                ),
            )
            .when(&[Is("outcome", "success"), IsNull("mfa_used")]),
            Proof::new(
                Witness,
                "root_console_login",
                Text::new("logons with MFA", "MFA を使用したログオン", "使用 MFA 的登录"),
            )
            .when(&[Is("outcome", "success"), Is("mfa_used", "true")]),
        ],
        without_witness: Some(Text::new(
            "root did not log on, so events do not tell whether MFA is on",
            "root がログオンしていないため、MFA が有効かどうかはイベントから分かりません",
            "主账号没有登录，无法从事件判断是否启用 MFA",
        )),
    },
    Check {
        id: "ram_user_mfa",
        title: Text::new("RAM users use MFA", "RAM ユーザーが MFA を使用している", "RAM 用户使用 MFA"),
        advice: Text::new(
            "Have each user bind an MFA device, and require MFA in the security preferences of RAM.",
            "各ユーザーに MFA デバイスを関連付けさせ、RAM のセキュリティ設定で MFA を必須にしてください。",
            "要求每个用户绑定 MFA 设备，并在 RAM 安全设置中强制启用 MFA。",
        ),
        needs: Needs::Logons,
        proofs: &[
            Proof::new(
                Failure,
                "ram_user_login_without_mfa",
                Text::new("logons without MFA", "MFA なしのログオン", "未使用 MFA 的登录"),
            ),
            Proof::new(
                Doubt,
                "ram_user_console_login",
                Text::new(
                    "logons that do not say whether MFA was used",
                    "MFA の使用が記録されていないログオン",
                    "未注明是否使用 MFA 的登录",
                ),
            )
            .when(&[Is("outcome", "success"), IsNull("mfa_used")]),
            Proof::new(
                Witness,
                "ram_user_console_login",
                Text::new("logons with MFA", "MFA を使用したログオン", "使用 MFA 的登录"),
            )
            .when(&[Is("outcome", "success"), Is("mfa_used", "true")]),
        ],
        without_witness: Some(Text::new(
            "no RAM user logged on, so events do not tell whether MFA is on",
            "RAM ユーザーがログオンしていないため、MFA が有効かどうかはイベントから分かりません",
            "没有 RAM 用户登录，无法从事件判断是否启用 MFA",
        )),
    },
    Check {
        id: "root_initial_user",
        title: Text::new(
            "Instances are not created with root as initial login user",
            "root を初期ログインユーザーとするインスタンスが作成されていない",
            "没有以 root 作为初始登录用户创建实例",
        ),
        advice: Text::new(
            "Create instances with ImageOptions.LoginAsNonRoot = true, also in launch templates.",
            "起動テンプレートを含め、ImageOptions.LoginAsNonRoot = true でインスタンスを作成してください。",
            "创建实例（包括启动模板）时请设置 ImageOptions.LoginAsNonRoot = true。",
        ),
        needs: Needs::Writes,
        proofs: &[
            Proof::new(
                Failure,
                "ecs_root_initial_user",
                Text::new("calls that did so", "該当する呼び出し", "此类调用"),
            ),
            Proof::new(
                Failure,
                "launch_template_root_user",
                Text::new("launch templates and the like made so", "該当する起動テンプレートなど", "此类启动模板等"),
            )
            .when(&[Is("outcome", "success")]),
        ],
        without_witness: None,
    },
    Check {
        id: "deny_policy",
        title: Text::new(
            "The Deny policy against root as initial login user works",
            "root を初期ログインユーザーとすることを拒否するポリシーが機能している",
            "拒绝以 root 作为初始登录用户的策略有效",
        ),
        advice: Text::new(
            "Attach the policy that denies ecs:LoginAsNonRoot = false to every user and role that creates instances.",
            "インスタンスを作成するすべてのユーザーとロールに、ecs:LoginAsNonRoot = false を拒否するポリシーをアタッチしてください。",
            "为所有创建实例的用户和角色绑定拒绝 ecs:LoginAsNonRoot = false 的策略。",
        ),
        needs: Needs::Writes,
        proofs: &[
            Proof::new(
                Failure,
                "ecs_root_initial_user",
                Text::new(
                    "calls of RAM users and roles that were let through",
                    "許可された RAM ユーザーとロールの呼び出し",
                    "被放行的 RAM 用户和角色调用",
                ),
            )
            .when(&CAN_BE_DENIED),
            Proof::new(
                Witness,
                "ecs_root_initial_user_denied",
                Text::new("refused attempts", "拒否された試行", "被拒绝的尝试"),
            )
            .when(&[
                IsNone("event_name", &["InvokeCommand"]),
                IsNone("login_as_non_root", &["true"]),
                CAN_BE_DENIED[0],
                CAN_BE_DENIED[1],
            ]),
        ],
        without_witness: Some(Text::new(
            "no RAM user or role tried it, so nothing shows whether the policy is there",
            "試行した RAM ユーザーやロールがないため、ポリシーの有無は分かりません",
            "没有 RAM 用户或角色尝试，无法判断策略是否存在",
        )),
    },
    Check {
        id: "shared_users",
        title: Text::new("RAM users are not shared", "RAM ユーザーが共有されていない", "RAM 用户没有被共用"),
        advice: Text::new(
            "Give each person a RAM user of their own, and change the credentials that several people know. \
             Name gateways with `-p ram_users_same_client.except=NETWORK`.",
            "各担当者に専用の RAM ユーザーを割り当て、共有された認証情報を変更してください。\
             ゲートウェイは `-p ram_users_same_client.except=NETWORK` で除外できます。",
            "为每个人分配独立的 RAM 用户，并更换多人知晓的凭证。\
             可用 `-p ram_users_same_client.except=NETWORK` 排除网关。",
        ),
        needs: Needs::Everything,
        proofs: &[
            Proof::new(
                Failure,
                "ram_users_same_client",
                Text::new(
                    "addresses and agents with several users",
                    "複数ユーザーが使用した IP アドレスとエージェント",
                    "多个用户共用的地址和 User-Agent",
                ),
            ),
            Proof::new(
                Failure,
                "ram_user_many_clients",
                Text::new(
                    "users with many browsers and addresses",
                    "多数のブラウザーと IP アドレスを使用したユーザー",
                    "使用多个浏览器和地址的用户",
                ),
            ),
        ],
        without_witness: None,
    },
    Check {
        id: "console_programs",
        title: Text::new(
            "Applications do not log on to the console",
            "アプリケーションがコンソールにログオンしていない",
            "应用程序没有登录控制台",
        ),
        advice: Text::new(
            "Switch console logon off for the users of applications, and keep them apart from those of people.",
            "アプリケーション用ユーザーのコンソールログオンを無効にし、個人用ユーザーと分けてください。",
            "关闭应用程序用户的控制台登录，并与人员用户分开。",
        ),
        needs: Needs::Everything,
        proofs: &[
            Proof::new(
                Failure,
                "console_login_by_program",
                Text::new("logons by programs", "プログラムによるログオン", "程序发起的登录"),
            )
            .when(&[Is("outcome", "success")]),
            Proof::new(
                Failure,
                "ram_user_console_and_ak",
                Text::new(
                    "users of both people and programs",
                    "人とプログラムの両方が使用するユーザー",
                    "人员和程序共用的用户",
                ),
            ),
        ],
        without_witness: None,
    },
    Check {
        id: "keys_on_ecs",
        title: Text::new(
            "No AccessKey is used from ECS",
            "ECS から AccessKey が使用されていない",
            "没有在 ECS 上使用 AccessKey",
        ),
        advice: Text::new(
            "Attach a RAM role to the instances, use its temporary credentials, and delete the keys.",
            "インスタンスに RAM ロールをアタッチし、一時的な認証情報を使用して、キーを削除してください。",
            "为实例绑定 RAM 角色，使用临时凭证，并删除密钥。",
        ),
        needs: Needs::Everything,
        proofs: &[Proof::new(Failure, "ak_from_ecs", Text::new("keys", "該当するキー", "此类密钥"))],
        without_witness: None,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::finding::tests::{finding, rule};
    use crate::event::severity::Severity;
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn checks_are_complete() {
        let ids: BTreeSet<&str> = ROOT.iter().map(|check| check.id).collect();
        assert_eq!(ids.len(), ROOT.len());
        for check in ROOT {
            let has = |role| check.proofs.iter().any(|proof| proof.role == role);
            assert!(has(Failure), "{}", check.id);
            assert_eq!(has(Witness), check.without_witness.is_some(), "{}", check.id);
            let labels = check.proofs.iter().map(|proof| proof.label);
            for text in labels.chain([check.title, check.advice]).chain(check.without_witness) {
                let is_ascii = Lang::ALL.map(|lang| text.in_lang(lang).is_ascii());
                assert_eq!(is_ascii, [true, false, false], "{}: {text:?}", check.id);
            }
        }
    }

    #[test]
    fn conditions_look_at_columns() {
        let rule = rule("v", Severity::High);
        let row = finding(
            &rule,
            json!({"event_time": "2026-11-03T10:00:00Z", "outcome": "error", "principal": "AliyunServiceRoleForX:y",
                "error_code": "InvalidAccessKeyId.NotFound", "mfa_used": true, "access": null, "event_id": "e"}),
        );
        for (condition, expected, sql) in [
            (Is("outcome", "error"), true, "outcome = 'error'"),
            (Is("mfa_used", "true"), true, "mfa_used = 'true'"),
            (Is("access", "Write"), false, "access = 'Write'"),
            (IsNull("access"), true, "access IS NULL"),
            (IsNull("nothing"), true, "nothing IS NULL"),
            (IsNull("mfa_used"), false, "mfa_used IS NULL"),
            (IsNone("outcome", &["success", "error"]), false, "coalesce(outcome, '') NOT IN ('success', 'error')"),
            (IsNone("access", &["Write"]), true, "(access IS DISTINCT FROM 'Write')"),
            (
                BeginsWithNone("principal", &["aliyunservicerole"]),
                false,
                "NOT coalesce(lower(principal) ~ '^(aliyunservicerole)', false)",
            ),
            (BeginsWithNone("access", &["w", "r"]), true, "NOT coalesce(lower(access) ~ '^(w|r)', false)"),
        ] {
            assert_eq!((condition.matches(&row), condition.sql().as_str()), (expected, sql));
        }
        assert!(!REFUSED_KEY.matches(&row));
        let proof = Proof::new(Failure, "v", Text::new("a", "b", "c"));
        assert!(proof.counts(&row) && proof.sql().is_none());
        let narrow = proof.when(&[Is("outcome", "error"), IsNull("access")]);
        assert_eq!(narrow.sql().unwrap(), "SELECT * FROM v WHERE outcome = 'error' AND access IS NULL");
        assert!(!Proof::new(Failure, "w", Text::new("a", "b", "c")).counts(&row));
    }
}
