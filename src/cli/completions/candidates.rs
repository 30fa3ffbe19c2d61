//! Candidates in the forms that shells take them in.

use super::line::{Quote, Word};

/// Something that the word at the cursor can become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The whole word, as the program will read it.
    pub(super) value: String,
    /// Its meaning; may be empty.
    pub(super) help: String,
    /// More is to be typed behind it.
    pub(super) is_open: bool,
}

impl Candidate {
    /// Returns the part that a list shows: what stands behind the last part that is typed in full.
    fn shown(&self, typed: &str) -> &str {
        let shared = common([self.value.as_str(), typed].into_iter());
        let end = shared.rfind([' ', '/', ',', '=', '(']).map_or(0, |at| at + 1);
        self.value.get(end..).filter(|rest| !rest.is_empty()).unwrap_or(&self.value)
    }
}

/// Leaves only candidates that begin with what is typed, where there are any: a shell that puts in what its candidates
/// have in common would remove letters with the others.
pub(super) fn retain_beginning(candidates: &mut Vec<Candidate>, typed: &str) {
    if candidates.iter().any(|candidate| candidate.value.starts_with(typed)) {
        candidates.retain(|candidate| candidate.value.starts_with(typed));
    }
}

/// Returns the beginning that all texts have in common.
fn common<'t>(mut texts: impl Iterator<Item = &'t str>) -> &'t str {
    let mut shared = texts.next().unwrap_or_default();
    for text in texts {
        let same = shared.chars().zip(text.chars()).take_while(|(a, b)| a == b);
        let length = same.map(|(c, _)| c.len_utf8()).sum();
        shared = shared.get(..length).unwrap_or_default();
    }
    shared
}

/// The type of a completion in which bash only shows what there is.
const SHOWING: &str = "63";

/// The type of a completion that puts in what all candidates have in common, and shows none of them.
const INSERTING: &str = "9";

/// Writes the answer for bash, which puts a candidate in the place of `replaced`, as it is. The first line tells if a
/// space follows.
pub(super) fn for_bash(word: &Word, replaced: &str, kind: &str, candidates: &[Candidate]) -> Option<String> {
    let start = word.start_of(replaced)?;
    let written: Vec<(&Candidate, String)> =
        candidates.iter().filter_map(|candidate| Some((candidate, word.written(start, &candidate.value)?))).collect();
    let lines = |first: &str, lines: &[&str]| Some([&[first], lines].concat().join("\n"));
    // Bash closes quotes behind a single candidate. It closes none behind what two have in common.
    let open = |text: &str| match word.quote() {
        Quote::None => lines("nospace", &[text]),
        _ => lines("nospace", &[&format!("{text}1"), &format!("{text}2")]),
    };
    match written.as_slice() {
        [] => None,
        _ if kind == SHOWING => {
            let shown: Vec<&str> = written.iter().map(|(candidate, _)| candidate.shown(word.value())).collect();
            lines("space", &shown)
        }
        [(candidate, _)] if candidate.is_open && candidate.value == word.value() => None,
        [(candidate, text)] if candidate.is_open => open(text),
        // Where the text ends with the quote that is open, bash takes it for closed.
        [(_, text)] => lines("space", &[&format!("{text}{}", word.quote().sign())]),
        _ if kind == INSERTING => {
            let shared = common(written.iter().map(|(candidate, _)| candidate.value.as_str()));
            match word.written(start, shared) {
                Some(text) if shared.len() > word.value().len() && shared.starts_with(word.value()) => open(&text),
                // Nothing to put in.
                _ => lines("nospace", &[&format!("{replaced}1"), &format!("{replaced}2")]),
            }
        }
        several => lines("space", &several.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>()),
    }
}

/// Writes the answer for zsh: the characters that stay, then a candidate a line.
pub(super) fn for_zsh(word: &Word, candidates: &[Candidate]) -> Option<String> {
    let kept = word.behind_kept(word.value())?.0.chars().count();
    let is_beginning = candidates.iter().any(|candidate| candidate.value.starts_with(word.value()));
    let mut answer = format!("{kept} {}", if is_beginning { "rest" } else { "whole" });
    for candidate in candidates {
        let Some((_, rest)) = word.behind_kept(&candidate.value) else { continue };
        let form = if candidate.is_open { "open" } else { "done" };
        let fields = [form, rest, candidate.shown(word.value()), &candidate.help];
        answer.push('\n');
        answer.push_str(&fields.join("\t"));
    }
    Some(answer)
}

/// Writes the answer for fish: the word and its meaning a line.
pub(super) fn for_fish(word: &Word, candidates: &[Candidate]) -> String {
    let mut answer = String::new();
    for candidate in candidates {
        let Some((kept, rest)) = word.behind_kept(&candidate.value) else { continue };
        answer.push_str(&format!("{kept}{rest}\t{}\n", candidate.help));
    }
    answer
}

/// Writes the answer for PowerShell, which puts a candidate in as it is.
pub(super) fn for_powershell(candidates: &[Candidate]) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./\\:=+".contains(c);
    let mut answer = String::new();
    for candidate in candidates {
        let value = match candidate.value.chars().all(is_plain) {
            true => candidate.value.clone(),
            // These are quotes for PowerShell, too.
            false => {
                let doubled = candidate.value.chars().flat_map(|c| {
                    let is_quote = matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
                    std::iter::repeat_n(c, if is_quote { 2 } else { 1 })
                });
                format!("'{}'", doubled.collect::<String>())
            }
        };
        answer.push_str(&format!("{value}\t{}\n", candidate.help));
    }
    answer
}
