//! Statements of Simple Log Service (SLS): `search | analysis`, as ActionTrail's console runs them.
//!
//! This floor turns text into SQL syntax trees and has no session, table or event in hand. So the engine, which is
//! above it, can share the rules of matching, and a syntax tree is all that a use case hands on.
//!
//! Places in errors are byte offsets in the statement as it was written ([`span`]).

pub mod error;
pub mod resolve;
pub mod span;
pub mod sql;

pub use error::{Level, SlsError, SlsNotice};
pub use span::Span;
