//! The report as JSON: the facts as they are, with a schema version, and the sentences of one language.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::Serialize;

use super::language::Lang;
use super::model::RootUsage;
use super::text::{Text, is_hidden};

/// The facts with their sentences.
#[derive(Serialize, JsonSchema)]
struct Told<'r> {
    #[serde(flatten)]
    report: &'r RootUsage,
    /// The language of the sentences, as BCP 47 has it.
    language: &'static str,
    /// The sentences.
    sentences: Sentences,
}

/// The sentences of the report. Event values in them are visible forms; the facts have the values as they are.
#[derive(Serialize, JsonSchema)]
struct Sentences {
    /// The title.
    title: String,
    /// The verdict.
    verdict: String,
    /// The verdict in one line, for the subject of a mail.
    summary: String,
    /// The data behind the verdict.
    data: String,
    /// One entry a finding, in their order.
    findings: Vec<FindingSentences>,
    /// Remarks on the data.
    coverage: Vec<CoverageSentence>,
}

/// The sentences of a finding.
#[derive(Serialize, JsonSchema)]
struct FindingSentences {
    /// The thing that happened.
    happened: String,
    /// The reason why it matters.
    why: String,
    /// The next step.
    next: String,
}

/// A remark on the data.
#[derive(Serialize, JsonSchema)]
struct CoverageSentence {
    /// Figures may be too low because of it.
    warning: bool,
    /// The sentence.
    text: String,
}

fn sentences(report: &RootUsage, lang: Lang) -> Sentences {
    let words = lang.words();
    let plain = |text: Text| text.plain();
    let finding = |finding: &super::finding::Finding| FindingSentences {
        happened: plain(words.happened(&finding.fact, &report.subject)),
        why: plain(words.why(&finding.fact)),
        next: plain(words.next(&finding.fact)),
    };
    let note = |note: super::coverage::Note<'_>| CoverageSentence {
        warning: note.warning,
        text: plain(words.note(&note.fact, &report.subject)),
    };
    Sentences {
        title: plain(words.title(&report.subject)),
        verdict: plain(words.verdict(report)),
        summary: words.summary(report),
        data: plain(words.data(report)),
        findings: report.findings.iter().map(finding).collect(),
        coverage: super::coverage::notes(report).into_iter().map(note).collect(),
    }
}

/// Returns the JSON Schema of the report.
pub fn schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    SchemaGenerator::new(settings).into_root_schema_for::<Told<'static>>()
}

/// Writes the report as indented JSON with a line feed at its end.
///
/// Characters that steer a terminal or cannot be seen are written as `\u` escapes, which JSON readers undo.
pub fn render(report: &RootUsage, lang: Lang) -> Result<String, serde_json::Error> {
    let told = Told { report, language: lang.tag(), sentences: sentences(report, lang) };
    let plain = serde_json::to_string_pretty(&told)?;
    let mut json = String::with_capacity(plain.len() + 1);
    let mut units = [0u16; 2];
    for c in plain.chars() {
        // serde_json has escaped the line feeds of values; those left are its own layout.
        if c == '\n' || !is_hidden(c) {
            json.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                json.push_str("\\u");
                json.extend([12, 8, 4, 0].map(|shift| hex_digit(*unit >> shift)));
            }
        }
    }
    json.push('\n');
    Ok(json)
}

fn hex_digit(n: u16) -> char {
    char::from_digit(u32::from(n & 0xf), 16).unwrap_or('0')
}
