//! Remembers texts in which nothing was found to hide, so that each is searched once.
//!
//! Nearly all texts hold no secret, and most stand in many rows: a user agent in thousands, and the parameters of a
//! call in every `json_param` of a statement. Searching them is most of what masking takes (`benches/RESULTS.md`,
//! "Masking").

use crate::event::secret::Masker;
use arrow::array::{Array, ArrayRef, StringViewArray};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Weak};

/// The number of values of an array that are remembered.
const REMEMBERED: usize = 256;

/// Values of one array that hold nothing to hide. Values of equal views are equal texts.
pub(super) struct CleanViews<'a> {
    texts: &'a StringViewArray,
    masker: &'a Masker,
    /// Views of clean texts, each at a place that follows from its bits. That of an empty text is 0.
    clean: [u128; REMEMBERED],
}

impl<'a> CleanViews<'a> {
    pub(super) fn new(texts: &'a StringViewArray, masker: &'a Masker) -> Self {
        Self { texts, masker, clean: [0; REMEMBERED] }
    }

    /// Returns `true` if the text of a row, which is not NULL, may hold something to hide.
    pub(super) fn may_hold(&mut self, row: usize) -> bool {
        let view = self.texts.views().get(row).copied().unwrap_or_default();
        // A place within its buffer tells long texts apart, and the bytes tell short ones.
        let mixed = (view as u64 ^ (view >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = usize::try_from(mixed >> 56).unwrap_or_default();
        if self.clean.get(place) == Some(&view) {
            return false;
        }
        let may_hold = self.masker.may_hold(self.texts.value(row));
        if !may_hold && let Some(clean) = self.clean.get_mut(place) {
            *clean = view;
        }
        may_hold
    }
}

/// The place of a text in memory, and its length.
type Place = (usize, usize);

fn place_of(text: &str) -> Place {
    (text.as_ptr().addr(), text.len())
}

/// Texts of an array that hold nothing to hide.
struct Searched<A> {
    array: A,
    masker: Masker,
    clean: HashSet<Place>,
}

/// The most arrays that are remembered: that of a batch, and those of its rows that a CASE picks out.
const ARRAYS: usize = 4;

thread_local! {
    static SEARCHED: RefCell<VecDeque<Searched<Weak<dyn Array>>>> = const { RefCell::new(VecDeque::new()) };
}

/// Masks texts of one array, and remembers across calls those that need no masking.
///
/// Several functions of a statement get the same array one after the other, or rows that were picked from it, whose
/// texts stand in the same memory. What is known of an array counts only while the array is held, so that no other text
/// can have come to stand in the place of one that was searched.
pub(super) struct MaskedTexts<'m> {
    masker: &'m Masker,
    own: Searched<ArrayRef>,
    others: Vec<Searched<ArrayRef>>,
}

impl<'m> MaskedTexts<'m> {
    pub(super) fn of(array: &ArrayRef, masker: &'m Masker) -> Self {
        let before = SEARCHED.with(|searched| std::mem::take(&mut *searched.borrow_mut()));
        // An array that is gone is left out.
        let held = before.into_iter().filter(|searched| searched.masker == *masker).filter_map(|searched| {
            Some(Searched { array: searched.array.upgrade()?, masker: searched.masker, clean: searched.clean })
        });
        let is_own = |held: &Searched<ArrayRef>| std::ptr::addr_eq(Arc::as_ptr(&held.array), Arc::as_ptr(array));
        let (mut own, others): (Vec<_>, Vec<_>) = held.partition(is_own);
        let own = own.pop().unwrap_or_else(|| Searched {
            array: Arc::clone(array),
            masker: masker.clone(),
            clean: HashSet::new(),
        });
        Self { masker, own, others }
    }

    /// Masks a text of the array.
    pub(super) fn mask<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        let place = place_of(text);
        if self.own.clean.contains(&place) || self.others.iter().any(|other| other.clean.contains(&place)) {
            return Cow::Borrowed(text);
        }
        let masked = self.masker.mask(text);
        if let Cow::Borrowed(_) = masked {
            self.own.clean.insert(place);
        }
        masked
    }

    /// Keeps what is known for the next call, and holds no array any longer.
    pub(super) fn keep(self) {
        let known = std::iter::once(self.own).chain(self.others).take(ARRAYS).map(|held| Searched {
            array: Arc::downgrade(&held.array),
            masker: held.masker,
            clean: held.clean,
        });
        SEARCHED.with(|searched| *searched.borrow_mut() = known.collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, BooleanArray};
    use arrow::compute::filter;

    const SECRET: &str = r#"{"AccessKeySecret":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#;

    #[test]
    fn every_text_that_may_hold_a_secret_is_told() {
        let masker = Masker::PLAIN;
        // Texts of the same length and beginning, short ones, and more than are remembered.
        let mut texts: Vec<Option<String>> = (0..1000).map(|n| Some(format!("Mozilla/5.0 (number {n:04})"))).collect();
        texts.extend([None, Some(String::new()), Some("short".to_owned()), Some(SECRET.to_owned())]);
        texts.extend(texts.clone());
        let array = StringViewArray::from_iter(texts.iter().map(Option::as_deref));
        let mut clean = CleanViews::new(&array, &masker);
        for (row, text) in texts.iter().enumerate() {
            let Some(text) = text else { continue };
            assert_eq!(clean.may_hold(row), masker.may_hold(text), "{row}: {text}");
        }
    }

    #[test]
    fn a_text_is_not_taken_for_another() {
        let masker = Masker::PLAIN;
        for _ in 0..50 {
            for text in ["plain text of the same length as the one that follows", SECRET] {
                // Each array may get the place in memory of the one before.
                let array: ArrayRef = Arc::new(StringViewArray::from(vec![text, "short", text]));
                let picked = filter(&array, &BooleanArray::from(vec![false, true, true])).unwrap();
                for array in [&array, &picked, &array] {
                    let mut texts = MaskedTexts::of(array, &masker);
                    for text in array.as_string_view().iter().flatten() {
                        assert_eq!(texts.mask(text), masker.mask(text));
                    }
                    texts.keep();
                }
            }
        }
    }

    #[test]
    fn rows_that_are_picked_are_known() {
        let masker = Masker::PLAIN;
        let array: ArrayRef = Arc::new(StringViewArray::from(vec!["a text that is long enough for a buffer"; 3]));
        let search = |array: &ArrayRef| {
            let mut texts = MaskedTexts::of(array, &masker);
            array.as_string_view().iter().flatten().for_each(|text| drop(texts.mask(text)));
            let found = texts.own.clean.len();
            texts.keep();
            found
        };
        assert_eq!(search(&array), 3);
        let picked = filter(&array, &BooleanArray::from(vec![true, false, true])).unwrap();
        assert_eq!(search(&picked), 0);
        assert_eq!(search(&array), 3);
        drop((array, picked));
        let other: ArrayRef = Arc::new(StringViewArray::from(vec!["another"]));
        assert_eq!(MaskedTexts::of(&other, &masker).others.len(), 0);
    }
}
