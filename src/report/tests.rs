//! The forms of the report over facts made by hand: what is hostile is escaped, and what is not known is said.

use unicode_width::UnicodeWidthStr;

use super::document::Document;
use super::language::Language;
use super::model::*;
use super::weeks_tests::*;
use super::{Lang, ReportFormat, render, summary};

const HTML: ReportFormat = ReportFormat::Html;
const MARKDOWN: ReportFormat = ReportFormat::Markdown;
const JSON: ReportFormat = ReportFormat::Json;

fn terminal(width: usize) -> ReportFormat {
    ReportFormat::Terminal { width, color: false }
}

fn english() -> &'static dyn Language {
    Lang::En.words()
}

fn written(report: &RootUsage, lang: Lang, format: ReportFormat) -> String {
    render(report, lang, format).unwrap()
}

const FORMATS: [ReportFormat; 4] = [ReportFormat::Terminal { width: 100, color: false }, MARKDOWN, JSON, HTML];

#[test]
fn hostile_values_are_escaped_in_every_language() {
    // The value, the format, what must be seen, what must not be there.
    for (value, format, seen, never) in [
        ("<script>alert(1)</script>", HTML, "&#60;script&#62;alert(1)", "<script"),
        ("<script>alert(1)</script>", MARKDOWN, "&lt;script&gt;", "|<script"),
        ("\" onload=\"x", HTML, "&#34; onload=&#34;x", "\" onload"),
        ("a|b", MARKDOWN, "a\\|b", "| a|b"),
        ("`a` *b* [c](d)", MARKDOWN, "\\`a\\` \\*b\\* \\[c\\](d)", "| `a` *b*"),
        ("a\nb", MARKDOWN, "a\\\\u{a}b", "a\nb"),
        ("a\nb", terminal(100), "a\\u{a}b", "a\nb"),
        ("https://www.example.com/?a b", MARKDOWN, "https&#58;//www&#46;example.com", "| https://"),
        ("\u{1b}[2J", terminal(100), "\\u{1b}[2J", "\u{1b}"),
        ("\u{1b}[2J", MARKDOWN, "\\\\u{1b}\\[2J", "\u{1b}"),
        ("\u{1b}[2J", HTML, "\\u{1b}[2J", "\u{1b}"),
        ("\u{1b}[2J", JSON, "\\u001b[2J", "\u{1b}"),
        ("\u{9b}2J", JSON, "\\u009b2J", "\u{9b}"),
        ("\u{202e}exe", terminal(100), "\\u{202e}exe", "\u{202e}"),
        ("\u{202e}exe", MARKDOWN, "\\\\u{202e}exe", "\u{202e}"),
        ("\u{202e}exe", HTML, "\\u{202e}exe", "\u{202e}"),
        ("\u{202e}exe", JSON, "\\u202eexe", "\u{202e}"),
        ("=cmd|x", MARKDOWN, "\\=cmd\\|x", "| =cmd"),
    ] {
        for lang in Lang::ALL {
            let report = busy_week(value);
            let written = written(&report, lang, format);
            assert!(written.contains(seen), "{value:?} as {format:?} in {lang}: {seen} is missing in\n{written}");
            assert!(!written.contains(never), "{value:?} as {format:?} in {lang}: {never:?} is in\n{written}");
        }
    }
}

#[test]
fn long_values_are_cut_where_people_read() {
    let report = busy_week(&"x".repeat(10_000));
    for lang in Lang::ALL {
        for format in [terminal(100), MARKDOWN, HTML] {
            let written = written(&report, lang, format);
            let shown = written.replace('\n', "");
            assert!(shown.contains('…'), "{format:?} in {lang}");
            // The statement of the evidence has the value whole, since it must run.
            assert!(written.len() < 400_000, "{format:?} in {lang}: {} bytes", written.len());
        }
    }
}

#[test]
fn json_gives_every_value_back() {
    let reports = ["<b>|`\"\\", "\u{1b}[2J\n\u{9b}", "\u{202e}\u{e0041}\u{feff}", "日本語"].map(busy_week);
    for (report, lang) in reports.iter().zip([Lang::En, Lang::Ja, Lang::Zh, Lang::En]) {
        let json: serde_json::Value = serde_json::from_str(&written(report, lang, JSON)).unwrap();
        assert_eq!(json["schema_version"], SCHEMA_VERSION);
        let value = report.accounts.items[0].account_id.as_deref().unwrap();
        let activity = &json["accounts"]["items"][0]["activity"];
        assert_eq!(activity["logons"]["groups"]["items"][0]["user_agent_text"], value);
        assert_eq!(json["subject"]["since"], "2026-11-02T00:00:00+09:00");
        assert_eq!(json["language"], lang.tag());
        assert_eq!(json["sentences"]["findings"].as_array().unwrap().len(), report.findings.len());
    }
}

#[test]
fn a_day_without_events_is_not_a_day_without_root_events() {
    let mut report = quiet_week();
    report.total.days[2] = day_without_events(report.total.days[2].day);
    report.total.days[6].state = DayState::NotYet;
    report.coverage.days_without_events = vec![report.total.days[2].day];
    let report = finish(report);
    let text = written(&report, Lang::En, terminal(100));
    let line = |day: &str| text.lines().find(|line| line.starts_with(day)).unwrap().to_owned();
    assert_eq!(line("Wed 4 Nov 2026"), "Wed 4 Nov 2026  ?  no events delivered");
    assert_eq!(line("Thu 5 Nov 2026"), "Thu 5 Nov 2026  0  no root events");
    assert_eq!(line("Sun 8 Nov 2026"), "Sun 8 Nov 2026  ?  not yet");
    let html = written(&report, Lang::En, HTML);
    assert!(html.contains("class=\"hatch\"") && html.contains("Wed 4 Nov: no events delivered"));
    assert!(html.contains("Sun 8 Nov: not yet"));
    assert!(matches!(report.findings[0].fact, Fact::DaysWithoutEvents { ref days, of: 7 } if days.len() == 1));
    assert_eq!((report.verdict.action, report.verdict.incomplete), (Action::Deliver, true));
}

#[test]
fn verdicts() {
    let with = |change: &dyn Fn(&mut RootUsage)| {
        let mut report = quiet_week();
        change(&mut report);
        finish(report)
    };
    let figures = |figures: KeyFigures| {
        move |report: &mut RootUsage| {
            report.total.figures = KeyFigures { events: 70, ..figures };
            let account = &mut report.accounts.items[0];
            account.usage = report.total.clone();
            account.activity = Some(Activity::default());
        }
    };
    let zero = KeyFigures::default();
    for (report, action, expected) in [
        (
            finish(empty_week()),
            Action::Deliver,
            "The data hold no event of this week, so nothing can be said about the root account.",
        ),
        (with(&|_| ()), Action::Nothing, "The root account was not used in this week, as far as the data tell."),
        (
            with(&figures(KeyFigures { root_events: 1, logons_failed: 1, ..zero })),
            Action::Nothing,
            "Nobody got in: 1 console logon failed, and the root account was not used otherwise in this week, as far \
             as the data tell.",
        ),
        (
            with(&figures(KeyFigures { root_events: 2, ..zero })),
            Action::Nothing,
            "The root account was used in this week, by 2 events; it changed nothing. The events name neither a person \
             nor an address. Nothing needs somebody today.",
        ),
        (
            with(&figures(KeyFigures { root_events: 2, access_not_known: 1, ..zero })),
            Action::Review,
            "The root account was used in this week, by 2 events; it changed nothing. The events name neither a person \
             nor an address. Nothing needs somebody today, but it should be explained.",
        ),
        (
            finish(week_with_a_silent_account("1111")),
            Action::Deliver,
            "The root account was not used in this week, as far as the data tell. Some data are missing, so this is \
             not proven.",
        ),
        (
            with(&|r| r.subject.only_accounts = vec!["1111".to_owned()]),
            Action::Nothing,
            "The root account of the account 1111 was not used in this week, as far as the data tell.",
        ),
    ] {
        assert_eq!(english().verdict(&report).plain(), expected);
        assert_eq!(report.verdict.action, action, "{expected}");
    }
    let busy = busy_week("x");
    assert_eq!(busy.verdict.action, Action::Today);
    assert_eq!(
        summary(&busy, Lang::En),
        "[Act today] Root account usage, 2026-W45: 2 logons (2 without MFA), 1,130 AccessKey calls, 3 changes \
         (4 critical, 5 high)"
    );
}

#[test]
fn findings_say_what_the_data_tell() {
    let report = busy_week("x");
    let found: Vec<(Severity, String)> = report
        .findings
        .iter()
        .map(|finding| (finding.severity, english().happened(&finding.fact, &report.subject).plain()))
        .collect();
    let expected = [
        (
            Severity::Critical,
            "The root logon at 3 Nov 2026 09:14:05 +09:00 succeeded without MFA after 4 failed ones within the hour \
             before; it came from x (x, x, x, new country, new).",
        ),
        (
            Severity::Critical,
            "The AccessKey LTAIx of root was deleted at 3 Nov 2026 09:14:05 +09:00 and used afterwards: 1 call that \
             succeeded and 1 that did not, between 3 Nov 2026 09:14:05 +09:00 and 3 Nov 2026 12:00:00 +09:00.",
        ),
        (Severity::Critical, "Root unbound the MFA device of the account at 3 Nov 2026 09:14:05 +09:00."),
        (
            Severity::Critical,
            "The trail x was stopped at 3 Nov 2026 09:14:05 +09:00 and delivered nothing; nothing in the data says \
             that this was taken back; events of the account came all the same, the last of 3 Nov 2026 12:00:00 \
             +09:00: by another trail, or it was started by a call that is not in the data. Root did it.",
        ),
        (
            Severity::High,
            "1,130 calls were signed with the long-term AccessKey x (LTAIx) of root, from 2 addresses. The data know \
             no earlier use of it. It was deleted at 3 Nov 2026 09:14:05 +09:00.",
        ),
        (Severity::High, "Root opened the security group x to every address (x) at 3 Nov 2026 09:14:05 +09:00."),
        (
            Severity::High,
            "1 further console logon of root succeeded without MFA, at 3 Nov 2026 09:14:05 +09:00, from x (x, x, x, \
             new country, new).",
        ),
        (Severity::High, "x gave x to the x x at 3 Nov 2026 12:00:00 +09:00."),
        (Severity::High, "Root made 3 changes, most often x:x (3)."),
    ];
    let expected: Vec<(Severity, String)> =
        expected.into_iter().map(|(severity, text)| (severity, text.to_owned())).collect();
    assert_eq!(found[..expected.len()], expected);
    assert!(found.is_sorted_by(|a, b| a.0 >= b.0), "gravest first: {found:#?}");
}

#[test]
fn a_key_that_was_deleted_is_not_said_to_give_power() {
    let report = busy_week("x");
    let used = report.findings.iter().find(|finding| matches!(finding.fact, Fact::KeyUsed { .. })).unwrap();
    assert!(english().why(&used.fact).plain().contains("while it was valid"));
    assert!(english().next(&used.fact).plain().starts_with("Go through its calls"));
}

#[test]
fn a_silent_account_is_seen_in_every_format() {
    let report = week_with_a_silent_account("2000000000000002");
    for lang in Lang::ALL {
        for format in FORMATS {
            assert!(written(&report, lang, format).contains("2000000000000002"), "{format:?} in {lang}");
        }
    }
    assert!(matches!(report.findings[0].fact, Fact::AccountsSilent { of: 2, .. }), "{:?}", report.findings);
}

#[test]
fn the_terminal_form_fits_its_width() {
    for lang in Lang::ALL {
        for report in [busy_week("日本語のとても長い値"), busy_week("x"), empty_week(), week_with_a_silent_account("1")]
        {
            for width in [40, 60, 80, 120, 200] {
                let text = written(&report, lang, terminal(width));
                for line in text.lines().filter(|line| !line.contains("trailql report")) {
                    assert!(line.width() <= width, "{} of {width} columns in {lang}: {line}", line.width());
                }
            }
        }
    }
}

#[test]
fn colours_only_when_wanted() {
    let report = busy_week("x");
    assert!(!written(&report, Lang::En, terminal(80)).contains('\u{1b}'));
    let colored = ReportFormat::Terminal { width: 80, color: true };
    assert!(written(&report, Lang::En, colored).contains("\u{1b}[31m"));
}

#[test]
fn html_stands_alone() {
    for lang in Lang::ALL {
        let html = written(&busy_week("x"), lang, HTML);
        for never in ["<script", "<link", "<img", "<iframe", "src=", "url(http", "@import", "http://", "https://"] {
            assert!(!html.contains(never), "{never} is in the page");
        }
        assert!(html.contains("default-src 'none'; style-src 'unsafe-inline'"));
        assert!(html.contains(&format!("<html lang=\"{}\">", lang.tag())));
    }
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let mut report = busy_week("x");
    let second = AccountUse { account_id: some("2"), ..report.accounts.items[0].clone() };
    report.accounts.items.push(second);
    report.accounts.total = 2;
    let html = written(&report, Lang::En, HTML);
    let of = |lead: &str| -> Vec<String> {
        html.split(lead).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    };
    let (ids, links) = (of(" id=\""), of("href=\"#"));
    assert!(links.len() > 20, "{links:?}");
    for link in &links {
        assert!(ids.contains(link), "{link} leads nowhere");
    }
    let mut once = ids.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "an id stands twice");
}

#[test]
fn bars_of_the_same_count_have_the_same_height() {
    let mut report = quiet_week();
    let mut four = |day: usize, logons, other, access_key_calls| {
        let day = &mut report.total.days[day];
        *day = DayUse { state: DayState::Events, logons, other, access_key_calls, ..day.clone() };
    };
    four(0, 4, 0, 0);
    four(1, 1, 1, 2);
    four(2, 0, 0, 1_000);
    let document = Document::of(&report, Lang::En);
    let chart = document
        .sections
        .iter()
        .flat_map(|section| &section.blocks)
        .find_map(|block| match block {
            super::document::Block::Days(days) => Some(&days.chart),
            _ => None,
        })
        .unwrap();
    let mut heights = std::collections::BTreeMap::new();
    for rect in &chart.rects {
        let day = rect.title.split(':').next().unwrap().to_owned();
        *heights.entry(day).or_insert(0.0) += rect.h.parse::<f64>().unwrap();
    }
    let height = |day: &str| heights[day];
    assert!((height("Mon 2 Nov") - height("Tue 3 Nov")).abs() < 0.3, "{heights:?}");
    assert!(height("Wed 4 Nov") > 100.0);
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    for lang in Lang::ALL {
        for format in FORMATS {
            assert_eq!(written(&busy_week("x"), lang, format), written(&busy_week("x"), lang, format));
        }
    }
}

#[test]
fn every_time_carries_its_offset() {
    for lang in Lang::ALL {
        for format in [terminal(200), MARKDOWN, HTML] {
            let text = written(&busy_week("x"), lang, format);
            let mut times = 0;
            for (at, _) in text.match_indices("09:14:05") {
                times += 1;
                assert!(text[at..].starts_with("09:14:05 +09:00"), "{}", &text[at.saturating_sub(40)..at + 20]);
            }
            assert!(times > 5);
        }
    }
}

/// Words of Latin letters that stand in Japanese and Chinese as they are: names of products, parameters and files.
const LATIN: &[&str] = &[
    "Alibaba",
    "Cloud",
    "root",
    "RAM",
    "ECS",
    "OSS",
    "SLS",
    "MFA",
    "AccessKey",
    "LTAIx",
    "SHA",
    "SQL",
    "ID",
    "IP",
    "API",
    "CloudSSO",
    "ActionTrail",
    "ConsoleSignin",
    "userIdentity",
    "type",
    "account",
    "eventRW",
    "success",
    "ecs",
    "LoginAsNonRoot",
    "false",
    "user",
    "Deny",
    "AdministratorAccess",
    "AliyunRAMFullAccess",
    "AliyunSTSAssumeRoleAccess",
    "AliyunResourceDirectoryFullAccess",
    "trailql",
    "manifest",
    "report",
    "usage",
    "sql",
    "event",
    "lake",
    "rejects",
    "Linux",
    "Asia",
    "Tokyo",
    "Bucket",
    "MaxCompute",
    "undated",
    "events",
    "SELECT",
    "cn",
    "hangzhou",
    "UTC",
    "AS",
    "CIDR",
    "Security",
    "VPN",
    "Web",
];

#[test]
fn no_english_is_left_in_other_languages() {
    for lang in [Lang::Ja, Lang::Zh] {
        for report in [busy_week("x"), quiet_week(), finish(empty_week()), week_with_a_silent_account("1")] {
            let text = written(&report, lang, terminal(200));
            let is_latin = |c: char| c.is_ascii_alphabetic();
            for word in text.split(|c: char| !is_latin(c)).filter(|word| word.len() > 1) {
                let known = LATIN.contains(&word) || word.chars().all(|c| "0123456789abcdef".contains(c));
                assert!(known, "`{word}` in {lang}:\n{text}");
            }
        }
    }
}

#[test]
fn terms_have_a_text_in_every_language() {
    for term in super::language::Term::ALL {
        let texts = Lang::ALL.map(|lang| lang.words().term(*term));
        assert!(texts.iter().all(|text| !text.is_empty()), "{term:?}");
        if !matches!(term, super::language::Term::Sha256 | super::language::Term::AccessKey) {
            assert!(texts[1] != texts[0] && texts[2] != texts[0], "{term:?}: {texts:?}");
        }
    }
}

#[test]
fn what_is_cut_is_said() {
    let mut report = busy_week("x");
    let activity = report.accounts.items[0].activity.as_mut().unwrap();
    activity.changes.total = 60;
    assert!(written(&report, Lang::En, terminal(100)).contains("and 59 more"));
    let finding = report.findings[0].clone();
    report.findings.extend(std::iter::repeat_n(finding, 100));
    let text = written(&report, Lang::En, terminal(100));
    assert!(text.contains("More findings are in the sections of the accounts"), "{text}");
}
