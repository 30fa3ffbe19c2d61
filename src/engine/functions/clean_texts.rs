//! Remembers texts in which nothing was found to hide, so that each is searched once.
//!
//! Nearly all texts hold no secret, and most stand in many rows: a user agent in thousands, and the parameters of a
//! call in every `json_param` of a statement. Searching them is most of what masking takes (`benches/RESULTS.md`,
//! "Masking").

use crate::event::secret::Masker;
use arrow::array::{Array, ArrayRef, StringViewArray};
use std::borrow::Cow;
use std::cell::RefCell;
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

/// The rows of the array that was searched last, by what was found in them.
struct Searched {
    array: Weak<dyn Array>,
    masker: Masker,
    /// `true` for rows that hold nothing to hide; `false` also for those that were not searched.
    is_clean: Vec<bool>,
}

thread_local! {
    static SEARCHED: RefCell<Option<Searched>> = const { RefCell::new(None) };
}

/// Masks texts of one array, and remembers across calls those that need no masking. Several functions of a statement
/// get the same array one after the other.
pub(super) struct MaskedRows<'m> {
    masker: &'m Masker,
    searched: Searched,
}

impl<'m> MaskedRows<'m> {
    pub(super) fn of(array: &ArrayRef, masker: &'m Masker) -> Self {
        let before = SEARCHED.with(|searched| searched.borrow_mut().take());
        // An array that is gone is no other's, even if another has its place.
        let is_same = |searched: &Searched| {
            searched.masker == *masker
                && searched
                    .array
                    .upgrade()
                    .is_some_and(|last| std::ptr::addr_eq(Arc::as_ptr(&last), Arc::as_ptr(array)))
        };
        let searched = before.filter(is_same).unwrap_or_else(|| Searched {
            array: Arc::downgrade(array),
            masker: masker.clone(),
            is_clean: vec![false; array.len()],
        });
        Self { masker, searched }
    }

    /// Masks the text of a row.
    pub(super) fn mask<'t>(&mut self, row: usize, text: &'t str) -> Cow<'t, str> {
        if self.searched.is_clean.get(row) == Some(&true) {
            return Cow::Borrowed(text);
        }
        let masked = self.masker.mask(text);
        if let (Cow::Borrowed(_), Some(is_clean)) = (&masked, self.searched.is_clean.get_mut(row)) {
            *is_clean = true;
        }
        masked
    }

    /// Keeps what is known for the next call.
    pub(super) fn keep(self) {
        SEARCHED.with(|searched| *searched.borrow_mut() = Some(self.searched));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_array_is_not_taken_for_another() {
        let masker = Masker::PLAIN;
        for _ in 0..50 {
            for text in ["plain text of some length", SECRET] {
                // Each array may get the place of the one before.
                let array: ArrayRef = Arc::new(StringViewArray::from(vec![text]));
                for _ in 0..2 {
                    let mut rows = MaskedRows::of(&array, &masker);
                    assert_eq!(rows.mask(0, text), masker.mask(text));
                    rows.keep();
                }
            }
        }
    }
}
