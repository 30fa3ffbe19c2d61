//! Statements of Simple Log Service (SLS): `search | analysis`, as ActionTrail's console runs them.
//!
//! This floor turns text into SQL syntax trees and has no session, table or event in hand. So the engine, which is
//! above it, can share the rules of matching, and a syntax tree is all that a use case hands on.
//!
//! ```text
//! statement ─► split ─► lexer, parser ─► ast ─► lower ─► SQL syntax tree
//!                                               resolve: names to columns of the lake
//! ```
//!
//! Places in errors are byte offsets in the statement as it was written ([`span`]).

pub mod ast;
pub mod diagnostics;
pub mod error;
mod lexer;
pub mod lower;
pub mod matching;
pub mod parser;
pub mod query;
pub mod resolve;
pub mod span;
pub mod split;
pub mod sql;

pub use error::{Level, SlsError, SlsNotice};
pub use span::Span;
