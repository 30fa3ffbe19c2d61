//! `sls_match('query', text, …)` and its variants: the words of a search statement in texts.
//!
//! | function | the query is |
//! |---|---|
//! | `sls_match` | words, in any order |
//! | `sls_match_wild` | words with `*` and `?` |
//! | `sls_match_phrase` | words that also stand in one text as they are written |
//! | `sls_match_whole` | a whole text with `*` and `?`, not cut into words |
//!
//! With several texts, each word must be in any of them. The rules are those of [`crate::sls::matching`]. Never NULL:
//! NULL has no word, so `NOT sls_match(…)` holds for it, as a search statement wants it.

use super::super::{text_at, udf};
use crate::sls::lower::search::{MATCH, MATCH_PHRASE, MATCH_WHOLE, MATCH_WILD};
use crate::sls::matching::Pattern;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewArray};
use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use std::sync::Arc;

/// The rule by which a query is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Rule {
    Words,
    Wild,
    Phrase,
    Whole,
}

impl Rule {
    const ALL: [Self; 4] = [Self::Words, Self::Wild, Self::Phrase, Self::Whole];

    fn name(self) -> &'static str {
        match self {
            Self::Words => MATCH,
            Self::Wild => MATCH_WILD,
            Self::Phrase => MATCH_PHRASE,
            Self::Whole => MATCH_WHOLE,
        }
    }

    fn pattern(self, query: &str) -> Pattern {
        match self {
            Self::Words => Pattern::literal(query),
            Self::Wild => Pattern::wild(query),
            Self::Phrase => Pattern::phrase(query),
            Self::Whole => Pattern::whole(query, true),
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Match {
    rule: Rule,
    signature: Signature,
}

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let signature = || Signature::new(TypeSignature::Variadic(vec![DataType::Utf8View]), Volatility::Immutable);
    Rule::ALL.into_iter().map(|rule| udf(Match { rule, signature: signature() })).collect()
}

impl ScalarUDFImpl for Match {
    fn name(&self) -> &str {
        self.rule.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        if arguments.len() < 2 {
            return plan_err!("`{}` takes a query and the texts to look for it in", self.name());
        }
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let Some((query, texts)) = arguments.args.split_first() else {
            return plan_err!("`{}` takes a query", self.name());
        };
        let texts = texts.iter().map(|text| text.to_array(rows)).collect::<Result<Vec<ArrayRef>>>()?;
        let found = match query {
            ColumnarValue::Scalar(query) => match query.try_as_str().flatten() {
                Some(query) => find(self.rule, &self.rule.pattern(query), &texts, rows),
                None => vec![false; rows],
            },
            ColumnarValue::Array(queries) => {
                let matches = |row: usize| {
                    let pattern = self.rule.pattern(text_at(queries, row)?);
                    let texts: Vec<ArrayRef> = texts.iter().map(|text| text.slice(row, 1)).collect();
                    find(self.rule, &pattern, &texts, 1).first().copied()
                };
                (0..rows).map(|row| matches(row).unwrap_or_default()).collect()
            }
        };
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::from(found))))
    }
}

/// Returns for each row whether its texts match.
fn find(rule: Rule, pattern: &Pattern, texts: &[ArrayRef], rows: usize) -> Vec<bool> {
    let mut found = vec![!pattern.is_empty(); rows];
    if rule == Rule::Whole {
        keep(&mut found, texts, |text| pattern.matches_whole(text));
        return found;
    }
    for word in 0..pattern.len() {
        keep(&mut found, texts, |text| pattern.has_word(word, text));
    }
    if rule == Rule::Phrase {
        keep(&mut found, texts, |text| pattern.has_phrase(text));
    }
    found
}

/// Keeps the rows of which a text is as `is_it` says.
fn keep(rows: &mut [bool], texts: &[ArrayRef], is_it: impl Fn(&str) -> bool) {
    // One text after the other, since a column is compared faster than a row. The rows left are those kept so far
    // that no text was found for.
    let mut found = vec![false; rows.len()];
    for text in texts {
        let wanted = |row: usize, found: &[bool]| rows[row] && !found[row];
        if let Some(views) = text.as_string_view_opt() {
            let mut known = Known::new(views);
            for row in 0..rows.len() {
                if wanted(row, &found) && views.is_valid(row) {
                    found[row] = known.get(row, &is_it);
                }
            }
        } else {
            for row in 0..rows.len() {
                if wanted(row, &found) {
                    found[row] = text_at(text, row).is_some_and(&is_it);
                }
            }
        }
    }
    rows.copy_from_slice(&found);
}

/// Answers for the texts of a column. Rows of one entry of a Parquet dictionary have the same view, so that each entry
/// is compared about once.
struct Known<'t> {
    texts: &'t StringViewArray,
    answers: Vec<Option<(u128, bool)>>,
}

/// The number of answers that are kept, a power of two.
const ANSWERS: usize = 512;

impl<'t> Known<'t> {
    fn new(texts: &'t StringViewArray) -> Self {
        Self { texts, answers: vec![None; ANSWERS] }
    }

    fn get(&mut self, row: usize, is_it: impl Fn(&str) -> bool) -> bool {
        let view = self.texts.views()[row];
        // A view ends with its place, or with the end of a short text.
        let mixed = ((view >> 64) as u64 ^ view as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (mixed >> 55) as usize % ANSWERS;
        match self.answers[place] {
            Some((known, answer)) if known == view => answer,
            _ => {
                let answer = is_it(self.texts.value(row));
                self.answers[place] = Some((view, answer));
                answer
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{StringArray, StringViewArray};

    fn column(texts: &[Option<&str>]) -> ArrayRef {
        Arc::new(texts.iter().collect::<StringViewArray>())
    }

    #[test]
    fn each_word_is_in_any_of_the_texts() {
        let one = column(&[Some("a b"), Some("a"), None, Some(""), Some("A;x")]);
        let two: ArrayRef = Arc::new(StringArray::from(vec![Some("c"), Some("B"), Some("b a"), None, Some("y")]));
        let texts = [one, two];
        for (rule, query, expected) in [
            (Rule::Words, "a", [true, true, true, false, true]),
            (Rule::Words, "b a", [true, true, true, false, false]),
            (Rule::Words, ";;", [false; 5]),
            (Rule::Wild, "?", [true, true, true, false, true]),
            (Rule::Phrase, "b a", [false, false, true, false, false]),
            (Rule::Whole, "a?x", [false, false, false, false, true]),
            (Rule::Whole, "A", [false, true, false, false, false]),
        ] {
            assert_eq!(find(rule, &rule.pattern(query), &texts, 5), expected, "{rule:?} {query}");
        }
    }

    #[test]
    fn equal_views_are_answered_alike_and_others_apart() {
        let long = "a text that is longer than a view ";
        let texts: Vec<String> = (0..3_000).map(|row| format!("{long}{}", row % 700)).collect();
        let texts: Vec<Option<&str>> = texts.iter().map(|text| Some(text.as_str())).collect();
        let column = column(&texts);
        let found = find(Rule::Words, &Pattern::literal("699"), &[column], 3_000);
        assert!(found.iter().enumerate().all(|(row, found)| *found == (row % 700 == 699)));
    }
}
