//! Statements of SLS up to their syntax tree; what makes SQL of them needs DataFusion.

#[path = "../../../src/sls/ast.rs"]
pub mod ast;
#[path = "../../../src/sls/error.rs"]
pub mod error;
#[path = "../../../src/sls/lexer.rs"]
mod lexer;
#[path = "../../../src/sls/matching.rs"]
pub mod matching;
#[path = "../../../src/sls/parser.rs"]
pub mod parser;
#[path = "../../../src/sls/span.rs"]
pub mod span;
#[path = "../../../src/sls/split.rs"]
pub mod split;
