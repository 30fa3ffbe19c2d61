//! Floor 5: the use cases, one a file: options in, outcome out.
//!
//! This floor joins those below it (exports and lake into [`ingest`], lake and engine into [`open`]) and is all that
//! the command line calls, so that another front, such as a web console, can do what the command line can. It prints
//! nothing and ends nothing.

pub mod about;
pub mod check;
pub mod compact;
pub mod coverage;
mod delivery;
pub mod detect;
pub mod dump;
mod error;
pub mod event;
pub mod info;
pub mod ingest;
pub mod inquiry;
pub mod open;
pub mod own_views;
mod plan_view;
pub mod progress;
pub mod query;
pub mod rejects;
pub mod report;
pub mod scope;
pub mod search;
pub mod subject;
pub mod timeline;
pub mod verify;
pub mod views_check;

pub use error::OpsError;
