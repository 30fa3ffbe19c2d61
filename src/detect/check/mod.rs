//! The account check: a checklist whose items are answered by views.
//!
//! | module | what it does |
//! |---|---|
//! | [`checklist`] | the table of checks: views, the rows of them that count, and what they mean |
//! | [`verdict`] | passed, failed or unknown, from the rows and from what was delivered |
//! | [`form`] | the answer as JSON and as rows |
//!
//! A check fails by the rows of its views. It passes only where the events that could show a failure were delivered:
//! else nothing can be said, and the reason is told. `ops::check` asks the lake.

pub mod checklist;
pub mod form;
mod language;
pub mod verdict;
