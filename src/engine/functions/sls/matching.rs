//! `sls_match('query', text, …)` and its variants: the words of a search statement in texts.
//!
//! | function | the query is |
//! |---|---|
//! | `sls_match` | words, in any order |
//! | `sls_match_wild` | words with `*` and `?` |
//! | `sls_match_phrase` | words that also stand in one text as they are written |
//! | `sls_match_whole` | a whole text with `*` and `?`, not cut into words |
//!
//! Of masked columns the functions look at the columns themselves first, and mask only texts that may match.
//!
//! With several texts, each word must be in any of them. The rules are those of [`crate::sls::matching`]. Never NULL:
//! NULL has no word, so `NOT sls_match(…)` holds for it, as a search statement wants it.

use super::super::mask_secrets::masker_of;
use super::super::{text_at, udf};
use crate::event::secret::Masker;
use crate::sls::lower::search::{MATCH, MATCH_PHRASE, MATCH_WHOLE, MATCH_WILD};
use crate::sls::matching::Pattern;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewArray};
use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
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

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Match {
    rule: Rule,
    signature: Signature,
    /// Masks secrets, in the texts that are marked here.
    masked: Option<(Masker, Vec<bool>)>,
}

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let signature = || Signature::new(TypeSignature::Variadic(vec![DataType::Utf8View]), Volatility::Immutable);
    Rule::ALL.into_iter().map(|rule| udf(Match { rule, signature: signature(), masked: None })).collect()
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

    fn simplify(&self, mut arguments: Vec<Expr>, _context: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let masker = arguments.iter().skip(1).find_map(|text| argument(text).map(|(masker, _)| masker.clone()));
        let Some(masker) = masker.filter(|_| self.masked.is_none()) else {
            return Ok(ExprSimplifyResult::Original(arguments));
        };
        let mut is_masked = Vec::with_capacity(arguments.len());
        for text in arguments.iter_mut().skip(1) {
            let inner = argument(text).filter(|(of_text, _)| **of_text == masker).map(|(_, inner)| inner.clone());
            is_masked.push(inner.is_some());
            if let Some(inner) = inner {
                *text = inner;
            }
        }
        let function = udf(Self { masked: Some((masker, is_masked)), ..self.clone() });
        Ok(ExprSimplifyResult::Simplified(function.call(arguments)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let Some((query, texts)) = arguments.args.split_first() else {
            return plan_err!("`{}` takes a query", self.name());
        };
        let texts = texts.iter().enumerate().map(|(at, text)| {
            let masker = self.masked.as_ref().filter(|(_, is_masked)| is_masked.get(at) == Some(&true));
            Ok(Text { array: text.to_array(rows)?, masker: masker.map(|(masker, _)| masker) })
        });
        let texts = texts.collect::<Result<Vec<Text<'_>>>>()?;
        let found = match query {
            ColumnarValue::Scalar(query) => match query.try_as_str().flatten() {
                Some(query) => find(self.rule, &self.rule.pattern(query), &texts, rows),
                None => vec![false; rows],
            },
            ColumnarValue::Array(queries) => {
                let matches = |row: usize| {
                    let pattern = self.rule.pattern(text_at(queries, row)?);
                    let texts: Vec<Text<'_>> = texts.iter().map(|text| text.at(row)).collect();
                    find(self.rule, &pattern, &texts, 1).first().copied()
                };
                (0..rows).map(|row| matches(row).unwrap_or_default()).collect()
            }
        };
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::from(found))))
    }
}

/// A column of texts.
struct Text<'m> {
    array: ArrayRef,
    /// Masks the secrets of the texts.
    masker: Option<&'m Masker>,
}

impl Text<'_> {
    /// One row of it.
    fn at(&self, row: usize) -> Self {
        Self { array: self.array.slice(row, 1), masker: self.masker }
    }
}

/// Returns the masker and the text of a call that masks one.
fn argument(text: &Expr) -> Option<(&Masker, &Expr)> {
    let Expr::ScalarFunction(call) = text else { return None };
    Some((masker_of(&call.func)?, call.args.first()?))
}

/// Returns for each row whether its texts match.
fn find(rule: Rule, pattern: &Pattern, texts: &[Text<'_>], rows: usize) -> Vec<bool> {
    let mut found = vec![!pattern.is_empty(); rows];
    if rule == Rule::Whole {
        keep(&mut found, texts, |_| true, |text| pattern.matches_whole(text));
        return found;
    }
    for word in 0..pattern.len() {
        keep(&mut found, texts, |text| pattern.may_have_word(word, text), |text| pattern.has_word(word, text));
    }
    if rule == Rule::Phrase {
        keep(&mut found, texts, |_| true, |text| pattern.has_phrase(text));
    }
    found
}

/// Keeps the rows of which a text is as `is_it` says. One that is to be masked is so only where `may_be` says so of the
/// text itself.
fn keep(rows: &mut [bool], texts: &[Text<'_>], may_be: impl Fn(&str) -> bool, is_it: impl Fn(&str) -> bool) {
    // One text after the other, since a column is compared faster than a row. The rows left are those kept so far
    // that no text was found for.
    let mut found = vec![false; rows.len()];
    for Text { array, masker } in texts {
        let is_it = |text: &str| match masker {
            Some(masker) => may_be(text) && is_it(&masker.mask(text)),
            None => is_it(text),
        };
        let wanted = |row: usize, found: &[bool]| rows[row] && !found[row];
        if let Some(views) = array.as_string_view_opt() {
            let mut known = Known::new(views);
            for row in 0..rows.len() {
                if wanted(row, &found) && views.is_valid(row) {
                    found[row] = known.get(row, is_it);
                }
            }
        } else {
            for row in 0..rows.len() {
                if wanted(row, &found) {
                    found[row] = text_at(array, row).is_some_and(&is_it);
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

    fn column<'m>(texts: &[Option<&str>], masker: Option<&'m Masker>) -> Text<'m> {
        Text { array: Arc::new(texts.iter().collect::<StringViewArray>()), masker }
    }

    #[test]
    fn each_word_is_in_any_of_the_texts() {
        let one = column(&[Some("a b"), Some("a"), None, Some(""), Some("A;x")], None);
        let two = Arc::new(StringArray::from(vec![Some("c"), Some("B"), Some("b a"), None, Some("y")]));
        let two = Text { array: two, masker: None };
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
        let column = column(&texts, None);
        let found = find(Rule::Words, &Pattern::literal("699"), &[column], 3_000);
        assert!(found.iter().enumerate().all(|(row, found)| *found == (row % 700 == 699)));
    }

    #[test]
    fn masked_texts_match_as_they_are_shown() {
        let masker = Masker::keyed(b"a lake");
        let secret = r#"{"Password":"s3cr3t word","Name":"a \u0062","Next":"{\"Secret\":\"s3cr3t\",\"b\":\"c\"}"}"#;
        let texts = ["a b", secret, "password=s3cr3t&name=x", "***", r#"{"a":"b\/c"}"#, ""].map(Some);
        let shown: Vec<String> = texts.iter().flatten().map(|text| masker.mask(text).into_owned()).collect();
        let shown: Vec<Option<&str>> = shown.iter().map(|text| Some(text.as_str())).collect();
        let marks = shown.iter().flatten().flat_map(|text| text.split(['"', '\\', '&', '='])).collect::<Vec<_>>();
        for query in
            ["s3cr3t", "s3cr3t*", "word", "a", "b", "c", "x", "name", "***", "**", "b c", "Name a"].iter().chain(&marks)
        {
            for rule in Rule::ALL {
                let pattern = rule.pattern(query);
                let fast = find(rule, &pattern, &[column(&texts, Some(&masker))], texts.len());
                assert_eq!(fast, find(rule, &pattern, &[column(&shown, None)], texts.len()), "{rule:?} {query}");
            }
        }
    }
}
