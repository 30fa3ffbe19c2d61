//! The HTML report in a real browser: what an attacker wrote into events stays text when a browser parses the page.
//!
//! Without a browser the test is passed over, except in CI, which installs one.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::harness::{Home, NOW};

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The page as the browser understood it, or `None` where there is no browser.
fn parsed_by_a_browser(page: &Path, profile: &Path) -> Option<String> {
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--window-size=400,900",
        "--dump-dom",
    ];
    let dump = BROWSERS.iter().find_map(|browser| {
        let mut command = Command::new(browser);
        command.args(flags).arg(format!("--user-data-dir={}", profile.display()));
        command.arg(format!("file://{}", page.display())).output().ok()
    })?;
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    Some(String::from_utf8(dump.stdout).unwrap())
}

#[test]
fn hostile_values_stay_text_in_a_browser() {
    let home = Home::new();
    let hostile =
        "</td></table><img src=x onerror=alert(1)><script>document.title='owned'</script><svg onload=alert(2)>";
    let event = |n: u32, name: &str| {
        json!({
            "eventId": format!("00000000-0000-4000-8000-{n:012}{hostile}"), "eventName": name, "eventVersion": 1,
            "eventTime": "2026-11-03T09:00:00Z", "eventRW": "Write", "serviceName": hostile, "acsRegion": hostile,
            "sourceIpAddress": hostile, "userAgent": hostile, "errorMessage": hostile, "resourceName": hostile,
            "additionalEventData": {"loginAccount": hostile, "isMFAChecked": "false"},
            "userIdentity": {"type": "root-account", "accountId": hostile, "accessKeyId": hostile},
        })
    };
    home.file("exports/a.json", json!([event(1, "ConsoleSignin"), event(2, hostile)]).to_string());
    let args = ["report", "root-usage", "--from", "exports", "--week", "2026-W45", "-o", "report.html", "--now", NOW];
    assert_eq!(home.run(&args).code, Some(0));

    let Some(page) = parsed_by_a_browser(&home.work().join("report.html"), &home.tmp().join("profile")) else {
        assert!(std::env::var_os("CI").is_none(), "CI has a browser");
        return;
    };
    assert!(page.contains("2026-W45") && page.contains("&lt;img src=x onerror=alert(1)&gt;"), "the page is not shown");
    for element in ["<img", "<script", "<svg onload", "<title>owned"] {
        assert!(!page.contains(element), "{element} is in the page");
    }
}
