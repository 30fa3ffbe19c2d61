//! The commands to run next, ready to be pasted into a shell.
//!
//! Values come from events, so an attacker may have chosen them: each word is quoted, and characters that cannot be
//! seen are written by their bytes.

use std::fmt::Write;

use trailql::engine::output::escape::is_hidden;
use trailql::event::ids::{KeyKind, source_kind};
use trailql::event::secret::MARK;
use trailql::ops::about::model::About;
use trailql::ops::subject::Kind;
use trailql::settings::Origin;

use super::super::Context;
use super::super::args::{ScopeArgs, SourceArgs};

/// The most commands that lead to another value.
const MOST_LINKED: usize = 5;

/// The flags that give another command the same source and scope.
#[derive(Debug, Default)]
pub(crate) struct Scoped {
    flags: Vec<String>,
    /// The commands are those of the shell, which has its source and scope already.
    in_shell: bool,
    /// Marks of what is hidden are others at the next run, as its lake is another.
    has_passing_marks: bool,
}

/// The verbs that are commands of the shell as well.
const IN_SHELL: [&str; 2] = ["about", "timeline"];

impl Scoped {
    /// Takes the flags that were typed.
    pub(crate) fn new(source: &SourceArgs, scope: &ScopeArgs, context: &Context<'_>) -> Self {
        let mut flags = Vec::new();
        let mut add = |flag: &str, value: Option<&str>| {
            flags.extend(value.into_iter().flat_map(|value| [flag.to_owned(), value.to_owned()]));
        };
        add("--since", scope.since.as_deref());
        add("--until", scope.until.as_deref());
        let tz = scope.tz.map(|tz| tz.to_string());
        add("--tz", tz.as_deref());
        scope.account.iter().for_each(|account| add("--account", Some(account)));
        scope.region.iter().for_each(|region| add("--region", Some(region)));
        let lake = &context.settings.lake;
        if source.from.is_empty() && matches!(lake.origin, Origin::Flag(_)) {
            add("--lake", Some(&lake.value.display().to_string()));
        }
        if !source.from.is_empty() {
            flags.push("--from".to_owned());
            flags.extend(source.from.iter().map(|path| path.display().to_string()));
        }
        if context.redact {
            flags.push("--redact".to_owned());
        }
        let has_passing_marks = context.redact && !source.from.is_empty();
        Self { flags, in_shell: false, has_passing_marks }
    }

    /// Names the commands of the shell.
    pub(crate) fn in_shell() -> Self {
        Self { flags: Vec::new(), in_shell: true, has_passing_marks: false }
    }

    /// Returns `true` if a command can be typed where its page is read. No line of the shell holds what cannot be seen.
    fn knows(&self, verb: &str, value: Option<&str>) -> bool {
        let can_be_asked = !self.has_passing_marks || !value.is_some_and(|value| value.contains(MARK));
        let is_typed =
            !self.in_shell || (IN_SHELL.contains(&verb) && !value.is_some_and(|value| value.contains(is_hidden)));
        can_be_asked && is_typed
    }

    /// Returns `true` if commands are limited to an account already.
    fn has_account(&self, account: &str) -> bool {
        self.flags.windows(2).any(|words| matches!(words, [flag, value] if flag == "--account" && value == account))
    }

    /// Writes a command with a value, or with flags alone.
    pub(crate) fn command(&self, verb: &str, value: Option<&str>, more: &[&str]) -> String {
        // A value that begins with a hyphen would be read as a flag.
        let (flag, plain) =
            (value.filter(|value| value.starts_with('-')), value.filter(|value| !value.starts_with('-')));
        let head = [verb].into_iter().chain(plain).chain(more.iter().copied());
        let tail: Vec<&str> = flag.into_iter().flat_map(|value| ["--", value]).collect();
        let words = head.chain(self.flags.iter().map(String::as_str)).chain(tail);
        if self.in_shell {
            let words: Vec<String> = words.map(quoted_in_shell).collect();
            return format!("\\{}", words.join(" "));
        }
        let words: Vec<String> = std::iter::once("trailql".to_owned()).chain(words.map(quoted)).collect();
        words.join(" ")
    }
}

/// Lists the commands that a reader of a page wants next.
///
/// `account` is the one that the value names beside itself: the other commands stay in it.
pub(super) fn next(about: &About, scoped: &Scoped, account: Option<&str>) -> Vec<String> {
    let value = about.value.as_str();
    let account = account.or((about.kind == Kind::Account).then_some(value)).filter(|_| !scoped.in_shell);
    let mut commands = Vec::new();
    let mut add = |verb: &str, value: Option<&str>, more: &[&str]| {
        let named = value.or(more.get(1).copied());
        let is_own = named == Some(about.value.as_str()) && about.kind == Kind::Account;
        let account = account.filter(|account| verb != "event" && !is_own && !scoped.has_account(account));
        let more: Vec<&str> =
            more.iter().copied().chain(account.into_iter().flat_map(|account| ["--account", account])).collect();
        commands.extend(scoped.knows(verb, named).then(|| scoped.command(verb, value, &more)));
    };
    match about.kind {
        Kind::Event => {
            add("event", Some(value), &[]);
            // Only one event has a place in time.
            if about.summary.events == 1 && about.summary.undated == 0 {
                add("timeline", None, &["--around", value, "--within", "30m"]);
            }
        }
        kind => add("timeline", Some(value), &["--as", kind.name()]),
    }
    let mut linked = linked(about);
    linked.retain(|(kind, text)| *text != value && !(*kind == Kind::Ip && about.kind == Kind::Ip));
    let mut seen = Vec::new();
    for one in linked {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    for (kind, text) in seen.into_iter().take(MOST_LINKED) {
        add("about", Some(text), &["--as", kind.name()]);
    }
    match &about.findings {
        None if matches!(about.kind, Kind::Event | Kind::Request) => {}
        None => add("about", Some(value), &["--as", about.kind.name(), "--findings"]),
        Some(findings) => {
            let ids = findings.views.items.iter().filter_map(|view| view.event_id.as_deref());
            ids.take(1).for_each(|id| add("event", Some(id), &[]));
        }
    }
    commands
}

/// Lists the values that a page links to: those who made it, then the most frequent ones.
fn linked(about: &About) -> Vec<(Kind, &str)> {
    let mut linked: Vec<(Kind, &str)> = Vec::new();
    let is_key = |text: &&str| text.starts_with("LTAI") || text.starts_with("STS.");
    let names = about.life.iter().filter_map(|step| step.other_name.as_deref());
    linked.extend(names.map(|name| (Kind::User, name)));
    let changes = about.named_by.items.iter().filter(|call| call.access.as_deref() == Some("Write"));
    for call in changes.take(3) {
        linked.extend(call.detail.as_deref().filter(is_key).map(|key| (Kind::Key, key)));
        linked.extend(call.access_key_id.as_deref().map(|key| (Kind::Key, key)));
        linked.extend(call.address.as_deref().filter(|text| is_address(text)).map(|text| (Kind::Ip, text)));
    }
    for principal in about.principals.items.iter().take(2) {
        let name = principal.name.as_deref();
        linked.extend(match principal.identity_type.as_deref() {
            Some("assumed-role") => name.and_then(|name| name.split(':').next()).map(|name| (Kind::Role, name)),
            Some("root-account" | "system") => None,
            _ => name.map(|name| (Kind::User, name)),
        });
    }
    if !matches!(about.kind, Kind::Key) {
        // Temporary keys are one of many that a session has.
        let keys = about.access_keys.items.iter().filter(|key| key.kind != KeyKind::Temporary).take(2);
        linked.extend(keys.map(|key| (Kind::Key, key.access_key_id.as_str())));
    }
    let addresses = about.addresses.items.iter().map(|address| address.address.as_str());
    linked.extend(addresses.filter(|text| is_address(text)).take(2).map(|text| (Kind::Ip, text)));
    linked
}

fn is_address(text: &str) -> bool {
    matches!(source_kind(text), "ipv4" | "ipv6")
}

/// Writes a word for the shell of trailql, in which quotes are doubled.
fn quoted_in_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:,=+@%*".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "''"))
    }
}

/// Writes a word for a shell. Characters that cannot be seen are written in `$'…'`, which bash, zsh, ksh and POSIX
/// know.
pub(super) fn quoted(word: &str) -> String {
    if !word.contains(is_hidden) {
        return super::super::report::quoted(word);
    }
    let mut out = String::from("$'");
    for c in word.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            c if is_hidden(c) => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    // Three digits end an octal number, whatever follows. Writing to a String cannot fail.
                    let _ = write!(out, "\\{byte:03o}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (word, expected) in [
            ("plain-1.2", "plain-1.2"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$(rm -rf /)", "'$(rm -rf /)'"),
            ("a\u{1b}[31m", "$'a\\033[31m'"),
            ("a'\n\\", "$'a\\'\\012\\\\'"),
            ("\u{202e}", "$'\\342\\200\\256'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
        for (word, expected) in [
            ("i-1", "i-1"),
            ("it's", "'it''s'"),
            ("a b", "'a b'"),
            ("ユーザー", "ユーザー"),
            ("\\q", "'\\q'"),
            ("", "''"),
        ] {
            assert_eq!(quoted_in_shell(word), expected);
        }
        let in_shell = Scoped::in_shell();
        assert_eq!(in_shell.command("about", Some("a b"), &["--as", "user"]), "\\about 'a b' --as user");
        assert!(in_shell.knows("timeline", Some("x")) && !in_shell.knows("event", Some("x")));
        assert!(!in_shell.knows("about", Some("a\u{1b}")));
        let flags = vec!["--since".to_owned(), "7d".to_owned()];
        let scoped = Scoped { flags, in_shell: false, has_passing_marks: true };
        assert!(scoped.knows("about", Some("alice")) && !scoped.knows("about", Some("***58447116d869")));
        assert_eq!(
            scoped.command("about", Some("-x y"), &["--as", "user"]),
            "trailql about --as user --since 7d -- '-x y'"
        );
    }
}
