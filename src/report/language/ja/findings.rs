//! The verdict and the findings, in Japanese.

use super::{Japanese, counted, key, key_state, of, quoted};
use crate::report::finding::Fact;
use crate::report::language::{CoverageSentences, FindingSentences, Forms, Labels};
use crate::report::model::{
    Action, Address, AdministratorGrant, KeyFigures, KeyKind, KeyState, Listed, Logon, Notable, NotableKind, RootUsage,
    Severity, Subject, TrailEffect, Use, UsedAfterEnd, Verdict,
};
use crate::report::text::{Text, words};
use crate::report::wording::grouped;

/// The most days without events that a finding names.
const NAMED_DAYS: usize = 7;

impl FindingSentences for Japanese {
    fn title(&self, subject: &Subject) -> Text {
        let range = match &subject.week {
            Some(week) => week.clone(),
            None => format!("{}～{}", self.time(subject.since), self.time(subject.until)),
        };
        Text::from(format!("Alibaba Cloud アカウント（root）の利用状況（{range}）"))
    }

    fn verdict(&self, report: &RootUsage) -> Text {
        let (verdict, range) = (&report.verdict, range(&report.subject));
        let scope = self.scope(&report.subject);
        let within = if scope.is_empty() { String::new() } else { format!("{scope}では、") };
        Text::from(match &verdict.root {
            Use::NoData => format!(
                "データに{range}の{}イベントがないため、Alibaba Cloud アカウント（root）については何も判断できません。",
                of(&scope)
            ),
            Use::NotUsed => format!(
                "データで確認できる限り、{within}{range}にAlibaba Cloud アカウント（root）は使用されていません。{}",
                but_for_gaps(verdict)
            ),
            Use::OnlyFailedLogons { logons } => format!(
                "{within}{range}にAlibaba Cloud アカウント（root）のコンソールログオンが{}回失敗しましたが、\
                 成功したログオンはありません。\
                 データで確認できる限り、rootはそれ以外に使用されていません。{}",
                grouped(*logons),
                but_for_gaps(verdict)
            ),
            Use::Used { logons, access_key_calls, changes, events, addresses, outside } => {
                let accounts = if verdict.accounts > 1 {
                    let (all, used) = (grouped(verdict.accounts), grouped(verdict.accounts_used));
                    format!("{all}アカウント中{used}アカウントで")
                } else {
                    String::new()
                };
                let changed = match changes {
                    0 => "変更は行われていません。".to_owned(),
                    n => format!("行われた変更は{}件です。", grouped(*n)),
                };
                format!(
                    "{within}{range}に{accounts}Alibaba Cloud アカウント（root）が使用されました（{}）。{changed}{}{}",
                    ways(*logons, *access_key_calls, *events),
                    self.by_whom(addresses, *outside),
                    act(verdict)
                )
            }
        })
    }

    fn data(&self, report: &RootUsage) -> Text {
        let coverage = &report.coverage;
        if coverage.events == 0 {
            return Text::from("対象期間のデータはありません。");
        }
        let with_events = coverage.days.saturating_sub(coverage.days_without_events.len() as u64);
        let mut text = format!(
            "{}日中{}日にわたる{}件のイベントに基づいています。",
            grouped(coverage.days),
            grouped(with_events),
            grouped(coverage.events)
        );
        let gaps = coverage.accounts_silent + coverage.accounts_with_gaps;
        if gaps > 0 {
            let (all, gaps) = (grouped(coverage.delivery.total), grouped(gaps));
            text.push_str(&format!("{all}アカウント中{gaps}アカウントでデータが欠けています。"));
        }
        let trails = report.trails.items.iter().filter(|change| change.loses_events()).count() as u64;
        if trails > 0 {
            text.push_str(&format!("イベントが失われる証跡の変更が{}件あります。", grouped(trails)));
        }
        let rejected = coverage.remarks.rejects_around.records + coverage.remarks.rejects_unknown.records;
        if rejected > 0 {
            text.push_str(&format!("読み取れなかったレコードが{}件あります。", grouped(rejected)));
        }
        Text::from(text)
    }

    fn summary(&self, report: &RootUsage) -> String {
        let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count() as u64;
        let used = match &report.verdict.root {
            Use::NoData => "データなし".to_owned(),
            Use::NotUsed => "使用なし".to_owned(),
            Use::OnlyFailedLogons { logons } => format!("失敗したログオン{}回", grouped(*logons)),
            Use::Used { .. } => used_in_short(&report.total.figures),
        };
        format!(
            "【{}】{}：{used}（重大{}件、高{}件）",
            self.action(report.verdict.action),
            self.title(&report.subject).plain(),
            grouped(count(Severity::Critical)),
            grouped(count(Severity::High))
        )
    }

    fn findings(&self, verdict: &Verdict, count: u64) -> Text {
        let all = grouped(count);
        Text::from(match (count, verdict.grave) {
            (0, _) => "データで確認できる限り、対応や確認が必要な事項はありません。".to_owned(),
            (_, 0) => format!("検出事項は{all}件で、重大度が「高」以上のものはありません。"),
            (_, grave) => format!(
                "検出事項は{all}件で、うち{}件の重大度が「高」または「重大」です。重大度の高い順に示します。",
                grouped(grave)
            ),
        })
    }

    fn more_findings(&self, by_severity: &[(Severity, u64)]) -> Text {
        let name = |(severity, count): &(Severity, u64)| format!("{}{}件", self.severity(*severity), grouped(*count));
        let parts: Vec<String> = by_severity.iter().map(name).collect();
        Text::from(format!(
            "このほかの検出事項（{}）は、各アカウントの節とJSON 形式のレポートにあります。",
            parts.join("、")
        ))
    }

    fn happened(&self, fact: &Fact, subject: &Subject) -> Text {
        let range = range(subject);
        Text::from(match fact {
            Fact::NoData { other_regions } => {
                let scope = of(&self.scope(subject));
                let others = match other_regions {
                    true => "他のリージョンのイベントは配信されています。",
                    false => "",
                };
                format!("データに{range}の{scope}イベントがありません。{others}")
            }
            Fact::LogonAfterFailures { logon, others } => self.logon_after_failures(logon, *others),
            Fact::LogonsWithoutMfa { count, further, first, last, address } => {
                let further = if *further { "このほかにも、" } else { "" };
                let address = address.as_ref().filter(|_| *count == 1);
                let from = address.map(|address| format!("送信元アドレスは{}です。", self.place(address)));
                format!(
                    "{further}rootのコンソールログオンが{}回、MFAなしで成功しました（{}）。{}",
                    grouped(*count),
                    self.span(*first, *last),
                    from.unwrap_or_default()
                )
            }
            Fact::Logons { count, mfa_not_said, first, last } => {
                let mfa = match mfa_not_said {
                    0 => "すべてMFAを使用しています。".to_owned(),
                    n if n == count => "MFAを使用したかどうかは、イベントに記録されていません。".to_owned(),
                    n => format!("うち{}回は、MFAを使用したかどうかがイベントに記録されていません。", grouped(*n)),
                };
                format!(
                    "rootがコンソールに{}回ログオンしました（{}）。{mfa}",
                    grouped(*count),
                    self.span(*first, *last)
                )
            }
            Fact::FailedLogons { count, addresses, first, last } => format!(
                "rootのコンソールログオンが{}回失敗しました（{}）。送信元アドレスは{}件です。",
                grouped(*count),
                self.span(*first, *last),
                grouped(*addresses)
            ),
            Fact::KeyUsed { access_key_id, name, key_kind, calls, addresses, new, created, ended } => {
                let name = name.as_deref().map(|name| format!("（{}）", words(name))).unwrap_or_default();
                let mut text = format!(
                    "rootの{}{}{name}で署名された呼び出しが{}回ありました。送信元アドレスは{}件です。",
                    key(*key_kind),
                    quoted(access_key_id),
                    grouped(*calls),
                    grouped(*addresses)
                );
                if let Some(created) = created {
                    text.push_str(&format!("このAccessKeyは{}に作成されました。", self.time(*created)));
                } else if *new {
                    text.push_str("データには、これより前の使用がありません。");
                }
                if let Some(end) = ended {
                    text.push_str(&format!("{}に{}されています。", self.time(end.time), key_state(end.state)));
                }
                text
            }
            Fact::KeysUsed { key_kind, keys, calls } => {
                let further = match key_kind {
                    KeyKind::LongTerm => "このほかに、",
                    KeyKind::Temporary | KeyKind::Unknown => "",
                };
                let (keys, calls) = (grouped(*keys), grouped(*calls));
                format!("{further}rootの{}（{keys}個）で署名された呼び出しが{calls}回ありました。", key(*key_kind))
            }
            Fact::KeyUsedAfterEnd { access_key_id, used } => self.key_used_after_end(access_key_id, used),
            Fact::TrailLimited { change, others } => {
                let by_root = if change.is_by_root() { "実行したのはrootです。" } else { "" };
                let more = match others {
                    0 => String::new(),
                    n => format!("ほかに{}件の証跡の変更でもイベントが失われています。", grouped(*n)),
                };
                format!("{}{by_root}{more}", self.trail(change).into_marked())
            }
            Fact::Notable { call, others } => self.notable_call(call, *others),
            Fact::AdministratorGranted { grant, others } => self.administrator(grant, *others),
            Fact::InitialUser { created, by_root, callers, refused, last_created: _ } => {
                let mut by = Vec::new();
                if *by_root > 0 {
                    by.push(format!("root アカウント（{}回）", grouped(*by_root)));
                }
                by.extend(callers.items.iter().map(|caller| counted(caller, "名前の記録がないアイデンティティ")));
                let total = by.len() as u64 + callers.more();
                let refused = match refused {
                    0 => "拒否された試行はありません。".to_owned(),
                    n => format!("拒否された試行は{}回です。", grouped(*n)),
                };
                format!(
                    "rootを初期ログインユーザーとするLinux インスタンスまたはシステムディスクが、\
                     {}回の呼び出しで作成されました。呼び出し元は{}です。{refused}",
                    grouped(*created),
                    self.list(&by, total)
                )
            }
            Fact::Changes { count, most } => {
                let names: Vec<String> = most.items.iter().map(|one| counted(one, "操作名の記録なし")).collect();
                format!(
                    "rootが{}件の変更を行いました。主な操作は、多い順に{}です。",
                    grouped(*count),
                    self.list(&names, names.len() as u64)
                )
            }
            Fact::AccessNotKnown { count } => format!(
                "変更を行ったかどうかが記録されておらず、APIからも判定できないrootのイベントが{}件あります。",
                grouped(*count)
            ),
            Fact::HighFrequency { days, threshold, busiest, root_events } => format!(
                "rootの操作が{}件以上あった日が{}日あります。最も多かったのは{}の{}件です。",
                grouped(*threshold),
                grouped(*days),
                self.day(*busiest),
                grouped(*root_events)
            ),
            Fact::Denied { count } => {
                format!("rootの呼び出しが{}回、権限がないために拒否されました。", grouped(*count))
            }
            Fact::OnlyReads { count } => {
                format!("rootが使用されましたが、{}件のイベントはいずれも変更を行っていません。", grouped(*count))
            }
            Fact::AccountsSilent { accounts, of } => format!(
                "{range}に、{}アカウント中{}アカウントのイベントが1件も配信されていません：{}。",
                grouped(*of),
                grouped(accounts.total),
                self.silent(accounts, None)
            ),
            Fact::AccountsWithGaps { accounts, of, days } => format!(
                "{}アカウント中{}アカウントで、イベントが1件も配信されていない日があります：{}。",
                grouped(*of),
                grouped(accounts.total),
                self.silent(accounts, Some(*days))
            ),
            Fact::DaysWithoutEvents { days, of: all } => format!(
                "{}日中{}日は、{}イベントが1件も配信されていません：{}。",
                grouped(*all),
                grouped(days.len() as u64),
                of(&self.scope_of_accounts(subject)),
                self.days(days, NAMED_DAYS)
            ),
            Fact::WithoutTime { count } => {
                format!("日時を読み取れないイベントが{}件あり、どの集計値にも含まれていません。", grouped(*count))
            }
            Fact::FutureDated { events } => format!(
                "このレポートの作成日時より後の日時を持つイベントが{}件あります。最も新しいものは{}です。",
                grouped(events.count),
                self.time(events.newest)
            ),
            Fact::Incomplete { exports, suspicious } => {
                let mut text = String::new();
                if *exports > 0 {
                    let n = grouped(*exports);
                    text.push_str(&format!("含まれるはずのイベントが欠けているエクスポートが{n}件あります。"));
                }
                if *suspicious > 0 {
                    let n = grouped(*suspicious);
                    text.push_str(&format!(
                        "イベントを1件も取り出せなかったものの、含んでいる可能性があるファイルが{n}個あります。"
                    ));
                }
                text
            }
            Fact::Rejected { around, unknown } => {
                let all = around + unknown;
                let undated = match unknown {
                    0 => String::new(),
                    n if *n == all => "その時期は不明です。".to_owned(),
                    n => format!("うち{}件の時期は不明です。", grouped(*n)),
                };
                format!("{}件のレコードを読み取れませんでした。{undated}", grouped(all))
            }
        })
    }

    fn why(&self, fact: &Fact) -> Text {
        Text::from(match fact {
            Fact::NoData { .. } | Fact::DaysWithoutEvents { .. } => {
                "イベントがない日については、rootの使用を判断できません。使用されていても、誰も気付きません。"
            }
            Fact::LogonAfterFailures { .. } => {
                "失敗の後の成功は、パスワードが推測された可能性を示します。\
                 rootでログオンした者はアカウント内のあらゆる操作が可能で、ポリシーでは制限できません。"
            }
            Fact::LogonsWithoutMfa { .. } => {
                "パスワードだけでログオンできる状態でした。パスワードを知る者は、アカウントを自由に操作できます。"
            }
            Fact::Logons { .. } => {
                "rootは請求管理と緊急時のためのものです。\
                 イベントに記録されるのはアカウントであり、ログオンした人物ではありません。"
            }
            Fact::FailedLogons { .. } => {
                "ログインアカウントを知っている、または推測している者がいます。入力ミスと攻撃は、イベントからは区別できません。"
            }
            Fact::KeyUsed { ended: Some(_), .. } => {
                "このAccessKeyは有効な間アカウントの全権限を持っており、それによる操作の結果は残っています。"
            }
            Fact::KeyUsed { key_kind: KeyKind::LongTerm, .. } | Fact::KeysUsed { key_kind: KeyKind::LongTerm, .. } => {
                "このようなAccessKeyは、削除されるまでアカウントの全権限を持ちます。\
                 ポリシーでは制限できず、MFAでも保護されません。"
            }
            Fact::KeyUsed { key_kind: KeyKind::Temporary | KeyKind::Unknown, .. }
            | Fact::KeysUsed { key_kind: KeyKind::Temporary | KeyKind::Unknown, .. } => {
                "このようなAccessKeyによる呼び出しは、有効期間中、rootの全権限を持ちます。"
            }
            Fact::KeyUsedAfterEnd { .. } => {
                "無効化または削除されたAccessKeyは、使用されないはずです。\
                 まだ保持している者がいるか、アカウント側で使用が許可されたままになっています。"
            }
            Fact::TrailLimited { change, .. } => match change.effect {
                TrailEffect::Stopped | TrailEffect::Deleted => {
                    "証跡がなければ、何が行われても誰にも見えません。\
                     侵入者は最初に証跡を停止します。何が欠けているかは、このレポートでは判断できません。"
                }
                TrailEffect::None
                | TrailEffect::WriteOnly
                | TrailEffect::ReadOnly
                | TrailEffect::OneRegion
                | TrailEffect::Redirected
                | TrailEffect::Delivers
                | TrailEffect::Changed => {
                    "配信されないイベントは数えられないため、このレポートの数値は実際より少ない可能性があります。"
                }
            },
            Fact::Notable { call, .. } => why_notable(call.kind),
            Fact::AdministratorGranted { .. } => {
                "付与された側はほぼすべての操作が可能になり、rootのパスワードを変更してもその権限は残ります。"
            }
            Fact::InitialUser { .. } => {
                "rootでログインするインスタンスでは、パスワードを1つ知るだけで、そのインスタンスの全権限を得られます。"
            }
            Fact::Changes { .. } => {
                "rootによる変更はポリシーでは制限できず、誰が行ったのかもイベントからは判断できません。"
            }
            Fact::AccessNotKnown { .. } => "変更としては数えていませんが、一部は変更である可能性があります。",
            Fact::HighFrequency { .. } => {
                "これほど多い操作は、日常業務での使用か、rootの権限で動作するアプリケーションによるものです。"
            }
            Fact::Denied { .. } => {
                "rootが拒否されるのは、コントロールポリシーまたはサービスが禁止している場合だけです。\
                 制限されている操作を試みた者がいます。"
            }
            Fact::OnlyReads { .. } => "読み取りだけでも、rootの使用であることに変わりはありません。",
            Fact::AccountsSilent { .. } | Fact::AccountsWithGaps { .. } => {
                "イベントのない期間については、これらのアカウントのrootの使用を判断できません。"
            }
            Fact::WithoutTime { .. } => "対象期間のrootのイベントである可能性があります。",
            Fact::FutureDated { .. } => {
                "時計のずれ、またはイベントの偽造です。期間の長さは、これらのイベントからさかのぼって計算していません。"
            }
            Fact::Incomplete { .. } | Fact::Rejected { .. } => "このレポートの数値は、実際より少ない可能性があります。",
        })
    }

    fn next(&self, fact: &Fact) -> Text {
        Text::from(match fact {
            Fact::NoData { .. }
            | Fact::DaysWithoutEvents { .. }
            | Fact::AccountsSilent { .. }
            | Fact::AccountsWithGaps { .. } => {
                "証跡が配信していたかどうかを調べ、欠けているデータを取り込んで、レポートを再作成してください。"
            }
            Fact::LogonAfterFailures { .. } => {
                "直ちにアカウントの所有者に確認してください。心当たりがなければ、パスワードの変更、多要素認証（MFA）のバインド、\
                 rootのAccessKeyの削除を行い、このログオン以降のすべての操作を調べてください。"
            }
            Fact::LogonsWithoutMfa { .. } => {
                "root アカウントに多要素認証（MFA）デバイスをバインドし、それぞれのログオンについて所有者に確認してください。"
            }
            Fact::Logons { .. } => {
                "それぞれのログオンの目的をアカウントの所有者に確認してください。日常業務には役割ごとにRAM ユーザーを作成し、\
                 複数人で1つのアイデンティティを共有している場合はCloudSSOを使用してください。"
            }
            Fact::FailedLogons { .. } => {
                "入力ミスかどうかを所有者に確認してください。\
                 そうでなければ、root アカウントのパスワードとMFAを点検してください。"
            }
            Fact::KeyUsed { ended: Some(end), .. } if end.state == KeyState::Deleted => {
                "下記の呼び出しを確認し、このAccessKeyによる変更を元に戻してください。"
            }
            Fact::KeyUsed { .. } | Fact::KeysUsed { .. } => {
                "アプリケーションには必要な権限だけを持つRAM ユーザーまたはRAM ロールを割り当て、\
                 その後rootのAccessKeyを無効化して削除してください。"
            }
            Fact::KeyUsedAfterEnd { .. } => {
                "呼び出しの送信元アドレスとクライアントからAccessKeyの保持者を特定し、そこで使用中のものを置き換えてください。"
            }
            Fact::TrailLimited { change, .. } if change.until.is_some() => {
                "証跡を変更した者と理由を調べ、証跡がなかった間の情報がほかに残っていないか確認してください。"
            }
            Fact::TrailLimited { .. } => {
                "すべてのリージョンのすべてのイベントを対象に証跡を再開し、変更した者と理由を調べてください。"
            }
            Fact::Notable { call, .. } if call.undone.is_some() => {
                "そのAccessKeyで行われた操作を確認し、アプリケーションには必要な権限のみを持つRAM ユーザーまたは\
                 RAM ロールを割り当ててください。"
            }
            Fact::Notable { call, .. } => next_notable(call.kind),
            Fact::AdministratorGranted { .. } => {
                "この権限を必要とする者を確認してください。権限を取り消すか、役割ごとに限定した権限に置き換えてください。"
            }
            Fact::InitialUser { refused: 0, .. } => {
                "ecs:LoginAsNonRoot = falseを拒否するポリシーをRAM ユーザーとRAM ロールにアタッチし、\
                 インスタンスはecs-userを初期ログインユーザーとして作成してください。\
                 root アカウント自体は、RAM ポリシーでは制限できません。"
            }
            Fact::InitialUser { .. } => {
                "まだ拒否されていない呼び出し元に、ecs:LoginAsNonRootのDeny ポリシーをアタッチしてください。\
                 root アカウント自体はRAM ポリシーでは制限できないため、その使用をやめてください。"
            }
            Fact::Changes { .. } => {
                "下記の変更を、行った可能性のある担当者に確認し、\
                 このような作業は役割ごとのRAM ユーザーで行ってください。"
            }
            Fact::AccessNotKnown { .. } => "イベントの内容を直接確認してください。",
            Fact::HighFrequency { .. } => {
                "操作している人物またはアプリケーションを特定し、その作業をRAM ユーザーまたはRAM ロールに移してください。"
            }
            Fact::Denied { .. } => "試みられた操作を調べ、アカウントの所有者に確認してください。",
            Fact::OnlyReads { .. } => "代わりに、読み取り権限を持つRAM ユーザーを使用してください。",
            Fact::WithoutTime { .. } => "undated_events テーブルで、これらのイベントを確認してください。",
            Fact::FutureDated { .. } => "時計と、これらのイベントが含まれていたファイルを点検してください。",
            Fact::Incomplete { .. } => "欠けているデータを再度エクスポートして取り込み、レポートを再作成してください。",
            Fact::Rejected { .. } => {
                "trailql lake rejectsで該当レコードを確認し、可能であれば再度エクスポートしてください。"
            }
        })
    }
}

fn why_notable(kind: NotableKind) -> &'static str {
    match kind {
        NotableKind::MailChanged | NotableKind::PhoneChanged => {
            "メールアドレスと電話番号は、パスワードの再設定に使用されます。変更した者は、アカウントを乗っ取ることができます。"
        }
        NotableKind::PasswordChanged => "パスワードを設定した者はログオンでき、ほかの者はログオンできなくなります。",
        NotableKind::MfaUnbound => "MFAがなければ、パスワードだけでアカウントにログオンできます。",
        NotableKind::MfaBound => {
            "多要素認証（MFA）はアカウントを保護します。ただし、デバイスが正当な人物のものである必要があります。"
        }
        NotableKind::ProtectionChanged => "保護が弱められると、次の段階の攻撃が容易になります。",
        NotableKind::RootKeyCreated | NotableKind::RootKeyEnabled => {
            "rootのAccessKeyは全権限を持ち、ポリシーでは制限できず、MFAでも保護されません。"
        }
        NotableKind::RootKeyDisabled | NotableKind::RootKeyDeleted => {
            "rootにAccessKeyを持たせるべきではないため、望ましい変更です。これを使用していたアプリケーションは停止します。"
        }
        NotableKind::OpenedToWorld => {
            "インターネット上の誰もが、このグループのインスタンスの開放されたポートに到達できます。"
        }
        NotableKind::MadePublic => {
            "インターネット上の誰もが、バケットの内容を読み取るか、バケットに書き込むことができます。"
        }
        NotableKind::UserCreated | NotableKind::LoginProfileSet | NotableKind::UserKeyCreated => {
            "新しいアイデンティティのアクセスは、rootのパスワードを変更しても残ります。"
        }
        NotableKind::CommandRun => {
            "インスタンスでのコマンドは、実行するシステムユーザーに許されたすべての操作を行えます。"
        }
    }
}

fn next_notable(kind: NotableKind) -> &'static str {
    match kind {
        NotableKind::MailChanged | NotableKind::PhoneChanged | NotableKind::PasswordChanged => {
            "アカウントの所有者に確認してください。別の者による変更であれば、\
             直ちにAlibaba Cloudにチケットを起票してください。"
        }
        NotableKind::MfaUnbound => "直ちにMFAを再度バインドし、解除した者を所有者に確認してください。",
        NotableKind::MfaBound => "デバイスが所有者の手元にあることを確認してください。",
        NotableKind::ProtectionChanged => "アカウントの所有者に確認し、保護を元の設定に戻してください。",
        NotableKind::RootKeyCreated | NotableKind::RootKeyEnabled => {
            "このAccessKeyを削除してください。\
             アプリケーションには、必要な権限だけを持つRAM ユーザーまたはRAM ロールを割り当ててください。"
        }
        NotableKind::RootKeyDisabled | NotableKind::RootKeyDeleted => {
            "これに依存するアプリケーションがないことを確認し、新たなrootのAccessKeyは作成しないでください。"
        }
        NotableKind::OpenedToWorld => "ルールを、必要なアドレスとポートに限定してください。",
        NotableKind::MadePublic => "バケットを非公開にし、何が取得されたかをアクセスログで確認してください。",
        NotableKind::UserCreated | NotableKind::LoginProfileSet | NotableKind::UserKeyCreated => {
            "このアイデンティティを必要とする者を確認してください。\
             誰も必要としていなければ、無効化して、これを使って行われた操作を調べてください。"
        }
        NotableKind::CommandRun => "コマンドとその出力、および実行されたインスタンスを確認してください。",
    }
}

/// The range in words.
fn range(subject: &Subject) -> &'static str {
    if subject.week.is_some() { "対象週" } else { "対象期間" }
}

fn but_for_gaps(verdict: &Verdict) -> &'static str {
    if verdict.incomplete {
        "ただし、一部のデータが欠けているため、断定はできません。"
    } else {
        ""
    }
}

fn act(verdict: &Verdict) -> String {
    match verdict.action {
        Action::Today => format!("本日中の対応が必要な検出事項が{}件あります。", grouped(verdict.grave)),
        Action::Review => "本日中の対応は不要ですが、内容の確認が必要です。".to_owned(),
        Action::Deliver => "一部のデータが欠けています。".to_owned(),
        Action::Nothing => "本日中に対応が必要な事項はありません。".to_owned(),
    }
}

/// The ways in which root was used.
fn ways(logons: u64, access_key_calls: u64, events: u64) -> String {
    let mut ways = Vec::new();
    if logons > 0 {
        ways.push(format!("コンソールログオン{}回", grouped(logons)));
    }
    if access_key_calls > 0 {
        ways.push(format!("AccessKeyによる呼び出し{}回", grouped(access_key_calls)));
    }
    if ways.is_empty() {
        ways.push(format!("イベント{}件", grouped(events)));
    }
    ways.join("、")
}

fn used_in_short(figures: &KeyFigures) -> String {
    let mut parts = Vec::new();
    if figures.logons_succeeded > 0 {
        let mfa = match figures.logons_without_mfa {
            0 => String::new(),
            n => format!("（うちMFAなし{}回）", grouped(n)),
        };
        parts.push(format!("ログオン{}回{mfa}", grouped(figures.logons_succeeded)));
    }
    if figures.access_key_calls > 0 {
        parts.push(format!("AccessKey 呼び出し{}回", grouped(figures.access_key_calls)));
    }
    if figures.changes > 0 {
        parts.push(format!("変更{}件", grouped(figures.changes)));
    }
    if parts.is_empty() {
        parts.push(format!("イベント{}件", grouped(figures.root_events)));
    }
    parts.join("、")
}

impl Japanese {
    fn by_whom(&self, addresses: &Listed<Address>, outside: Option<u64>) -> String {
        if addresses.items.is_empty() {
            return "イベントには、人物も送信元アドレスも記録されていません。".to_owned();
        }
        let names: Vec<String> = addresses.items.iter().map(|address| self.place(address)).collect();
        let outside = match (outside, addresses.total) {
            (Some(0), 1) => "で、既知のネットワーク内です",
            (Some(0), _) => "で、いずれも既知のネットワーク内です",
            (Some(_), 1) => "で、既知のネットワーク外です",
            (Some(_), _) => "で、既知のネットワーク外のものを含みます",
            (None, _) => "です",
        };
        let names = self.list(&names, addresses.total);
        format!("イベントには、使用した人物の記録がありません。送信元アドレスは{names}{outside}。")
    }

    fn logon_after_failures(&self, logon: &Logon, others: u64) -> String {
        let how = match (logon.failed_in_hour_before, logon.failed_in_same_second) {
            (before, 0) => format!("その前の1時間以内に、ログオンが{}回失敗しています", grouped(before)),
            (0, same) => format!("同じ秒にログオンが{}回失敗しており、その前後関係は不明です", grouped(same)),
            (before, same) => format!(
                "その前の1時間以内に{}回、同じ秒に{}回、ログオンが失敗しています（同じ秒の失敗との前後関係は不明です）",
                grouped(before),
                grouped(same)
            ),
        };
        let nameless = match logon.failed_without_account {
            0 => String::new(),
            n => format!("失敗のうち{}回には、アカウントの記録がありません。", grouped(n)),
        };
        let mfa = match logon.mfa {
            Some(true) => "MFAありで",
            Some(false) => "MFAなしで",
            None => "",
        };
        let from = logon.address.as_ref();
        let from = from.map(|address| format!("送信元アドレスは{}です。", self.place(address)));
        let more = match others {
            0 => String::new(),
            n => format!("ほかに{}回のログオンも同様です。", grouped(n)),
        };
        format!(
            "rootのログオンが{}に{mfa}成功しました。{how}。{nameless}{}{more}",
            self.time(logon.time),
            from.unwrap_or_default()
        )
    }

    fn key_used_after_end(&self, access_key_id: &str, used: &UsedAfterEnd) -> String {
        let outcome = match (used.succeeded, used.failed) {
            (0, failed) => format!("{}回の呼び出しは、すべて拒否または失敗しました", grouped(failed)),
            (succeeded, 0) => format!("{}回の呼び出しは、すべて成功しました", grouped(succeeded)),
            (succeeded, failed) => {
                format!("{}回の呼び出しが成功し、{}回が拒否または失敗しました", grouped(succeeded), grouped(failed))
            }
        };
        format!(
            "rootのAccessKey{}は、{}に{}された後に使用されました（{}）。{outcome}。",
            quoted(access_key_id),
            self.time(used.ended),
            key_state(used.state),
            self.span(used.first, used.last)
        )
    }

    fn notable_call(&self, call: &Notable, others: u64) -> String {
        let target = call.target.as_deref().map_or_else(|| "（名前の記録なし）".to_owned(), quoted);
        let detail = call.detail.as_deref().map(|detail| format!("（{}）", words(detail))).unwrap_or_default();
        // Each ends so that both a past and an attempt can follow.
        let did = match call.kind {
            NotableKind::MailChanged => "アカウントのメールアドレスを変更し".to_owned(),
            NotableKind::PhoneChanged => "アカウントの電話番号を変更し".to_owned(),
            NotableKind::PasswordChanged => "アカウントのパスワードを変更し".to_owned(),
            NotableKind::MfaBound => "アカウントにMFA デバイスをバインドし".to_owned(),
            NotableKind::MfaUnbound => "アカウントのMFA デバイスのバインドを解除し".to_owned(),
            NotableKind::ProtectionChanged => "アカウントの保護設定を変更し".to_owned(),
            NotableKind::RootKeyCreated => format!("root自身のAccessKey{target}を作成し"),
            NotableKind::RootKeyEnabled => format!("root自身のAccessKey{target}を有効化し"),
            NotableKind::RootKeyDisabled => format!("root自身のAccessKey{target}を無効化し"),
            NotableKind::RootKeyDeleted => format!("root自身のAccessKey{target}を削除し"),
            NotableKind::OpenedToWorld => format!("セキュリティグループ{target}{detail}をすべてのアドレスに開放し"),
            NotableKind::MadePublic => format!("バケット{target}{detail}を一般公開し"),
            NotableKind::UserCreated => format!("RAM ユーザー{target}を作成し"),
            NotableKind::LoginProfileSet => format!("RAM ユーザー{target}のコンソールログオンを設定し"),
            NotableKind::UserKeyCreated => format!("RAM ユーザー{target}のAccessKeyを作成し"),
            NotableKind::CommandRun => {
                format!("インスタンスでコマンドを{}回実行し", grouped(call.succeeded + call.failed))
            }
        };
        let end = if call.succeeded == 0 { "ようとしましたが、失敗しました" } else { "ました" };
        let more = match others {
            0 => String::new(),
            n => format!("同種の操作がほかに{}件あります。", grouped(n)),
        };
        let undone = match call.undone {
            Some(time) => format!("{}に削除されています。", self.time(time)),
            None => String::new(),
        };
        format!("rootが{}に、{did}{end}。{undone}{more}", self.time(call.first))
    }

    fn administrator(&self, grant: &AdministratorGrant, others: u64) -> String {
        let policy = grant.policy_name.as_deref().map(quoted);
        let policy = policy.map_or_else(|| "管理者レベルのポリシー".to_owned(), |name| format!("ポリシー{name}"));
        let receiver = match (&grant.receiver, grant.receiver_kind.as_deref()) {
            (Some(receiver), Some(kind)) => format!("{}{}", self.receiver_kind(kind), quoted(receiver)),
            (Some(receiver), None) => quoted(receiver),
            (None, _) => "名前の記録がないアイデンティティ".to_owned(),
        };
        let giver = match (grant.giver.user_name.as_deref(), grant.giver.kind.as_deref()) {
            (_, Some("root-account")) => "root".to_owned(),
            (Some(name), _) => quoted(name),
            (None, Some(kind)) => quoted(kind),
            (None, None) => "不明な実行者".to_owned(),
        };
        let more = match others {
            0 => String::new(),
            n => format!("その後、管理者レベルのポリシーがさらに{}件付与されました。", grouped(n)),
        };
        format!("{giver}が{}に、{policy}を{receiver}に付与しました。{more}", self.time(grant.time))
    }
}
