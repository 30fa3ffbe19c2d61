//! trailql: offline analytics for Alibaba Cloud ActionTrail.
//!
//! Exports of ActionTrail events go in; out come a Parquet lake that accounts for every record, answers in SQL and
//! built-in views, and the weekly report on the use of the root account.
//!
//! # Floors
//!
//! Imports go down only; `tests/it/tidy.rs` checks it.
//!
//! | floor | module | what it is |
//! |---|---|---|
//! | 6 | `cli` (in the binary) | one file a verb; the only printer |
//! | 5 | [`ops`] | one use case a file: options in, outcome out |
//! | 4 | [`detect`] | findings of views as plain structs, and their forms |
//! | 4 | [`report`] | the weekly report: a model of plain structs, and its four forms |
//! | 3 | [`engine`] | questions in, record batches out; the only user of DataFusion sessions |
//! | 2 | [`sls`] | statements of Simple Log Service to SQL syntax trees; knows no session |
//! | 2 | [`export`] | bytes to events; knows nothing of lakes |
//! | 2 | [`lake`] | events to Parquet and back; knows nothing of exports |
//! | 2 | [`geoip`] | addresses to places; knows nothing of events |
//! | 1 | [`event`] | what an event is; pure |
//!
//! Five modules stand beside the floors. [`settings`] is read by the command line, which hands small option structs
//! down. [`faults`] turns panics of threads into errors. [`spelling`] finds the names to suggest for a mistyped one.
//! [`text_layout`] folds text to a width. `deep_stack` makes room for statements that are deep trees.
//!
//! `tests/it/embed.rs` is an example of a program that uses the library.
//!
//! # Invariants
//!
//! - For every source, read = stored + duplicate + rejected.
//! - Every event can be rebuilt from its row, equal but for key order and white space.
//! - The same event is stored once, however often and by whichever way it was delivered; two events are never merged.
//! - A data file is visible when a manifest entry names it, and only then.
//! - Memory is bounded by a limit, whatever the input.
//! - Sessions are built in `engine::session` only, compressed data is unpacked in `export::decompress` only, the
//!   environment is read in `settings` only, `main.rs` alone ends the process and `cli::ui` alone prints.
//!
//! `ARCHITECTURE.md` tells why.

mod deep_stack;
pub mod detect;
pub mod engine;
pub mod event;
pub mod export;
pub mod faults;
pub mod geoip;
pub mod lake;
pub mod ops;
pub mod report;
pub mod settings;
pub mod sls;
pub mod spelling;
pub mod text_layout;
