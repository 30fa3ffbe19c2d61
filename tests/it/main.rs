//! The integration tests, one binary: the command line as a user runs it, and the rules that the source keeps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod browser;
mod cli;
mod compact;
mod copies;
mod dependencies;
mod detect;
mod embed;
mod formats;
mod from;
mod functions;
mod generate;
mod geoip;
mod harness;
mod ingest;
mod json_schema;
mod lab;
mod names;
mod oracle;
mod places;
mod proof;
mod pruning;
mod questions;
mod report;
mod root_account;
mod sample_data;
mod scope;
mod secrets;
mod shapes;
mod silence;
mod snapshots;
mod sorting;
mod sql;
mod tidy;
mod trail_calls;
mod views;
