//! Invented ActionTrail events, made the same way every time.
//!
//! Three users: the folder `sample-data/` (one story, [`story`]), corpora of any size for tests and benches
//! ([`corpus`]), and accounts that fall silent ([`silence`]). Nothing here reads the clock, the environment or a hash
//! map's order, so the same arguments always give the same bytes. Nothing here uses the trailql library either: data
//! that is made by the code under test proves nothing.
//!
//! All of it is invented. Addresses come from the ranges kept for documentation (192.0.2.0/24, 198.51.100.0/24,
//! 203.0.113.0/24, 2001:db8::/32), names from `example.com`, ids and keys carry the word EXAMPLE.

pub mod api;
pub mod corpus;
pub mod deliver;
pub mod ecs;
pub mod event;
pub mod identity;
pub mod incident;
pub mod json;
pub mod maintenance;
pub mod random;
pub mod readme;
pub mod signin;
pub mod silence;
pub mod story;
