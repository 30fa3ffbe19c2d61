//! Reads user agents: product, version and system, for a reader who has no use for the whole line.
//!
//! A user agent is a list of products (`curl/8.4`) and comments in parentheses (RFC 9110). Browsers name products that
//! they only resemble, and Alibaba Cloud's tools name the SDK that they are built on. So [`PRODUCTS`] is searched by
//! rank: the first row that any product of the line matches decides. All else has the name of its first product.
//!
//! An attacker chooses the text. Only its first [`EXAMINED_BYTES`] are read, once for each row of a short table, and a
//! summary has 80 characters at most, all of them visible ASCII but for [`CUT`] and [`HIDDEN`].

use super::ids::is_absent_word;
use std::fmt;

/// Bytes of a user agent that are read. Real ones are shorter.
const EXAMINED_BYTES: usize = 2048;

/// The most characters of a product's name.
const PRODUCT_CHARS: usize = 40;

/// The most characters of a version.
const VERSION_CHARS: usize = 16;

/// Stands for the rest of a text that is too long.
const CUT: char = '…';

/// Stands for a character that cannot be seen, or that may be taken for another.
const HIDDEN: char = '\u{FFFD}';

/// The essence of a user agent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct UserAgent {
    /// Name of the program or library, in English.
    pub product: String,
    /// Its version: the major one of a browser, else all of it.
    pub version: Option<String>,
    /// Version of Terraform's provider.
    pub provider: Option<String>,
    /// Operating system or device.
    pub system: Option<&'static str>,
}

impl fmt::Display for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.product)?;
        if let Some(version) = &self.version {
            write!(f, " {version}")?;
        }
        if let Some(provider) = &self.provider {
            write!(f, " (provider {provider})")?;
        }
        match self.system {
            Some(system) => write!(f, " on {system}"),
            None => Ok(()),
        }
    }
}

/// The part of a version that a summary keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Major,
    All,
    Nothing,
}

use Keep::{All, Major, Nothing};

/// Names of products in lower case, what they are called, and the part of the version to keep. Tools come before the
/// SDKs that they use, and browsers before those whose names they also carry.
const PRODUCTS: &[(&str, &str, Keep)] = &[
    ("hashicorp-terraform", "Terraform", All),
    ("terraform", "Terraform", All),
    ("aliyun-cli", "aliyun-cli", All),
    ("aliyuncli", "aliyun-cli", All),
    ("ossutil", "ossutil", All),
    ("ossbrowser", "ossbrowser", All),
    ("pulumi", "Pulumi", All),
    ("ansible", "Ansible", All),
    ("packer", "Packer", All),
    ("windowspowershell", "PowerShell", All),
    ("powershell", "PowerShell", All),
    ("go-http-client", "Go HTTP client", Nothing),
    ("dingtalk", "DingTalk", All),
    ("micromessenger", "WeChat", All),
    ("alipayclient", "Alipay", All),
    ("edg", "Edge", Major),
    ("edga", "Edge", Major),
    ("edgios", "Edge", Major),
    ("edge", "Edge", Major),
    ("opr", "Opera", Major),
    ("vivaldi", "Vivaldi", Major),
    ("yabrowser", "Yandex Browser", Major),
    ("samsungbrowser", "Samsung Internet", Major),
    ("huaweibrowser", "Huawei Browser", Major),
    ("qqbrowser", "QQ Browser", Major),
    ("firefox", "Firefox", Major),
    ("fxios", "Firefox", Major),
    ("headlesschrome", "Headless Chrome", Major),
    ("crios", "Chrome", Major),
    ("chrome", "Chrome", Major),
];

/// Parts of comments in lower case, and the system that they name.
const SYSTEMS: &[(&str, &str)] = &[
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("android", "Android"),
    ("harmony", "HarmonyOS"),
    ("darwin", "macOS"),
    ("mac os x", "macOS"),
    ("macos", "macOS"),
    ("windows", "Windows"),
    ("x11; cros ", "ChromeOS"),
    ("freebsd", "FreeBSD"),
    ("linux", "Linux"),
];

/// Names of languages in the user agents of Alibaba Cloud's SDKs, in lower case.
const LANGUAGES: &[(&str, &str)] = &[
    ("java", "Java"),
    ("python", "Python"),
    ("golang", "Go"),
    ("go", "Go"),
    ("node.js", "Node.js"),
    ("nodejs", "Node.js"),
    ("js", "Node.js"),
    ("php", "PHP"),
    ("ruby", "Ruby"),
    ("netcore", ".NET"),
    (".net", ".NET"),
    ("dotnet", ".NET"),
    ("c++", "C++"),
    ("cpp", "C++"),
];

/// Sums up a user agent; `None` for a text without any product.
pub fn summary(text: &str) -> Option<UserAgent> {
    if is_absent_word(text) {
        return None;
    }
    let line = Line::parse(&text[..text.floor_char_boundary(EXAMINED_BYTES)]);
    let system = SYSTEMS.iter().find(|(part, _)| line.comments.contains(part)).map(|(_, system)| *system);
    let agent = |product: &str, version: Option<&str>| UserAgent {
        product: visible(product, PRODUCT_CHARS),
        version: version.map(|version| visible(version, VERSION_CHARS)).filter(|version| !version.is_empty()),
        provider: None,
        system,
    };
    for (name, product, keep) in PRODUCTS {
        let Some(version) = line.version(name) else { continue };
        let mut found = agent(
            product,
            match keep {
                Major => version.split('.').next(),
                All => Some(version),
                Nothing => None,
            },
        );
        if *product == "Terraform" {
            let provider = ["terraform-provider", "terraform-provider-alicloud", "provider"];
            let version = provider.into_iter().find_map(|name| line.version(name));
            found.provider = version.filter(|version| !version.is_empty()).map(|text| visible(text, VERSION_CHARS));
        }
        return Some(found);
    }
    if let Some((language, version)) = line.sdk() {
        return Some(agent(&format!("Alibaba Cloud SDK for {language}"), version));
    }
    // Safari names its version apart; others that carry its name were found before.
    if let (Some(_), Some(version)) = (line.version("safari"), line.version("version")) {
        return Some(agent("Safari", version.split('.').next()));
    }
    if line.comments.contains("trident/") || line.comments.contains("msie ") {
        return Some(agent("Internet Explorer", None));
    }
    let (name, version) = line.products.iter().find(|(name, _)| !name.is_empty())?;
    Some(agent(name, Some(version)))
}

/// Products and comments of a user agent.
struct Line<'t> {
    /// Names and versions.
    products: Vec<(&'t str, &'t str)>,
    /// The texts in parentheses, in lower case.
    comments: String,
}

impl<'t> Line<'t> {
    fn parse(text: &'t str) -> Self {
        let (mut products, mut comments, mut depth, mut start) = (Vec::new(), String::new(), 0usize, 0);
        let mut end_of_word = |start: usize, end: usize| {
            // OSS tools follow a comment by a slash.
            let word = text[start..end].trim_start_matches('/');
            if !word.is_empty() {
                let by_slash = word.split_once('/');
                products.push(by_slash.or_else(|| with_dash(word)).unwrap_or((word, "")));
            }
        };
        for (at, c) in text.char_indices() {
            let is_end = c == '(' || (depth == 0 && (c.is_whitespace() || matches!(c, ';' | ',')));
            if is_end && depth == 0 {
                end_of_word(start, at);
                start = at + c.len_utf8();
            }
            match c {
                '(' => depth += 1,
                ')' if depth > 0 => {
                    depth -= 1;
                    start = at + 1;
                    comments.push(' ');
                }
                _ if depth > 0 => comments.extend(c.to_lowercase()),
                _ => {}
            }
        }
        if depth == 0 {
            end_of_word(start, text.len());
        }
        Self { products, comments }
    }

    /// Returns the version of a product, empty if it names none; `None` if the line does not have it.
    fn version(&self, name: &str) -> Option<&'t str> {
        let found = self.products.iter().find(|(product, _)| product.eq_ignore_ascii_case(name));
        found.map(|(_, version)| version.trim_start_matches(['v', 'V']))
    }

    /// Returns language and version of an SDK of Alibaba Cloud.
    fn sdk(&self) -> Option<(&'static str, Option<&'t str>)> {
        let (first, version) = self.products.first()?;
        let first = first.to_ascii_lowercase();
        let language = |name: &str| LANGUAGES.iter().find(|(known, _)| *known == name).map(|(_, language)| *language);
        if let Some(name) = first.strip_prefix("aliyun-sdk-") {
            return Some((language(name)?, Some(version.trim_start_matches('v'))));
        }
        // .NET writes the name in two words.
        if !matches!(first.as_str(), "alibabacloud" | "alibaba") {
            return None;
        }
        let language = self.products.iter().find_map(|(name, _)| language(&name.to_ascii_lowercase()))?;
        // The Core of SDKs that are generated by Tea is always 0.01.
        let core = self.version("core").filter(|_| self.version("teadsl").is_none());
        Some((language, core))
    }
}

/// Splits `ossutil-v1.7.1`.
fn with_dash(word: &str) -> Option<(&str, &str)> {
    word.split_once("-v").filter(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// Returns the beginning of a text, with [`HIDDEN`] for each character that is not visible ASCII.
fn visible(text: &str, most_chars: usize) -> String {
    let shown = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { HIDDEN };
    let mut out: String = text.chars().take(most_chars).map(shown).collect();
    if text.chars().nth(most_chars).is_some() {
        out.pop();
        out.push(CUT);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn user_agents_are_summed_up() {
        const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";
        const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML)";
        let win = |rest: &str| format!("{WINDOWS} {rest}");
        let mac = |rest: &str| format!("{MAC} {rest}");
        let phone = |rest: &str| format!("{IPHONE} {rest}");
        for (text, expected) in [
            (win("Chrome/120.0.0.0 Safari/537.36").as_str(), "Chrome 120 on Windows"),
            (&win("Chrome/119.0.0.0 Safari/537.36 Edg/119.0.2151.58"), "Edge 119 on Windows"),
            (&win("Chrome/106.0.0.0 Safari/537.36 OPR/92.0.0.0"), "Opera 92 on Windows"),
            (&win("HeadlessChrome/120.0.0.0 Safari/537.36"), "Headless Chrome 120 on Windows"),
            (&mac("Chrome/119.0.0.0 Safari/537.36 Edg/119.0.0.0"), "Edge 119 on macOS"),
            (&mac("Version/17.1 Safari/605.1.15"), "Safari 17 on macOS"),
            (&phone("Version/17.2 Mobile/15E148 Safari/604.1"), "Safari 17 on iPhone"),
            (&phone("CriOS/120.0.6099.50 Mobile/15E148 Safari/604.1"), "Chrome 120 on iPhone"),
            (
                &phone("Mobile/11111 Ariver/1.1.0 AliApp(AP/10.2.28.6000) AlipayClient/10.2.11.6000 Language/zh-Hans"),
                "Alipay 10.2.11.6000 on iPhone",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0", "Firefox 121 on Linux"),
            ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/119.0.0.0 Safari/537.36", "Chrome 119 on ChromeOS"),
            ("Mozilla/5.0 (Linux; Android 13; K) Chrome/119.0.0.0 Mobile Safari/537.36", "Chrome 119 on Android"),
            ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer on Windows"),
            (
                "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621",
                "PowerShell 5.1.22621 on Windows",
            ),
            ("Mozilla/5.0", "Mozilla 5.0"),
            (
                "AlibabaCloud (Linux; amd64) Java/1.8.0 Core/4.6.1 HTTPClient/ApacheHttpClient",
                "Alibaba Cloud SDK for Java 4.6.1 on Linux",
            ),
            (
                "AlibabaCloud (Linux; amd64) Python/3.12.3 Core/2.16.0 python-requests/2.32.3",
                "Alibaba Cloud SDK for Python 2.16.0 on Linux",
            ),
            ("AlibabaCloud (darwin; arm64) Golang/1.21 Core/0.01 TeaDSL/1", "Alibaba Cloud SDK for Go on macOS"),
            ("AlibabaCloud (linux; x64) Node.js/v18.17.0 Core/1.0.1", "Alibaba Cloud SDK for Node.js 1.0.1 on Linux"),
            (
                "Alibaba Cloud (Microsoft Windows 10.0.19045 ) netcore/6.0 Core/1.5.1.0",
                "Alibaba Cloud SDK for .NET 1.5.1.0 on Windows",
            ),
            ("aliyun-sdk-java/3.10.2(Linux/3.10.0/amd64;1.8.0_181)", "Alibaba Cloud SDK for Java 3.10.2 on Linux"),
            ("aliyun-sdk-python/2.18.0", "Alibaba Cloud SDK for Python 2.18.0"),
            ("aliyun-sdk-go/v2.1.8 (Linux/4.19/x86_64;go1.18)/ossutil-v1.7.14", "ossutil 1.7.14 on Linux"),
            ("aliyun-sdk-unknown/1", "aliyun-sdk-unknown 1"),
            ("Aliyun-CLI/3.0.200", "aliyun-cli 3.0.200"),
            ("aliyuncli/3.0.290", "aliyun-cli 3.0.290"),
            (
                "AlibabaCloud (linux; amd64) Golang/1.20 Core/0.01 TeaDSL/1 Aliyun-CLI/3.0.200",
                "aliyun-cli 3.0.200 on Linux",
            ),
            (
                "AlibabaCloud (darwin; amd64) Golang/1.21 Core/1.62 Terraform/1.6 Provider/1.210",
                "Terraform 1.6 (provider 1.210) on macOS",
            ),
            (
                "HashiCorp-Terraform/1.5.7 Terraform-Provider/1.210.0 Terraform-Module/none",
                "Terraform 1.5.7 (provider 1.210.0)",
            ),
            ("Terraform", "Terraform"),
            ("curl/8.4", "curl 8.4"),
            ("Go-http-client/1.1", "Go HTTP client"),
            ("python-requests/2.32.3", "python-requests 2.32.3"),
            ("Apache-HttpClient/4.5.7 (Java/1.8.0_275)", "Apache-HttpClient 4.5.7"),
            ("ecs.aliyuncs.com", "ecs.aliyuncs.com"),
            ("ecs.console.aliyun.com", "ecs.console.aliyun.com"),
            ("AliyunConsole", "AliyunConsole"),
            ("x token=§; y", "x"),
            ("{\"a\": 1}", "{\"a\":"),
            ("curl/\u{1b}[31m8", "curl \u{FFFD}[31m8"),
            ("\u{202e}curl/8", "\u{FFFD}curl 8"),
            ("/// curl", "curl"),
            ("(((", ""),
            ("(Linux)", ""),
            (")", ")"),
            ("", ""),
            (" null ", ""),
            ("   ", ""),
        ] {
            assert_eq!(summary(text).map_or_else(String::new, |agent| agent.to_string()), expected, "{text}");
        }
    }

    #[test]
    fn long_texts_are_cut() {
        let long = "x".repeat(10_000);
        let version = "9".repeat(10_000);
        for (text, expected) in [
            (long.clone(), format!("{}…", "x".repeat(39))),
            (format!("curl/{version}"), format!("curl {}…", "9".repeat(15))),
            (format!("Terraform/{version}"), format!("Terraform {}…", "9".repeat(15))),
            (format!("{long} Chrome/120"), format!("{}…", "x".repeat(39))),
            (format!("é{}", "é".repeat(5_000)), format!("{}…", "\u{FFFD}".repeat(39))),
        ] {
            assert_eq!(summary(&text).unwrap().to_string(), expected);
        }
        let parts = format!("Terraform/{0} Provider/{0} (Harmony)", "9".repeat(500));
        assert!(summary(&parts).unwrap().to_string().chars().count() <= 80);
    }

    proptest! {
        #[test]
        fn every_text_has_a_short_visible_summary(
            text in "(\\PC|[ ()/;\u{0}-\u{1f}]|Terraform/|Provider/9|Chrome/|AlibabaCloud|Java/|-v1){0,200}",
        ) {
            if let Some(agent) = summary(&text) {
                let shown = agent.to_string();
                prop_assert!(shown.chars().count() <= 80, "{}", shown);
                prop_assert!(shown.chars().all(|c| c.is_ascii_graphic() || matches!(c, ' ' | CUT | HIDDEN)), "{}", shown);
                prop_assert!(!agent.product.is_empty());
            }
        }
    }
}
