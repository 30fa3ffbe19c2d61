//! trailql (skeleton)
pub mod engine;
pub mod event;
pub mod export;
