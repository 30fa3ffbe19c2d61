//! Floor 1: what an ActionTrail event is, and nothing else.
//!
//! This floor is pure: no I/O, no Arrow, no async, no clock. The one thing everything above derives from is the field
//! table in [`field`]; [`record`] is one decoded event in the shape of that table and [`rebuild`] its way back to JSON,
//! [`identity`] says when two records are the same event, [`access`] whether a call read or changed something,
//! [`severity`] how grave a finding is, [`secret`] finds secrets in values and masks them, [`derive`] computes the
//! columns that no export carries, [`json`], [`time`] and [`ids`] read the notations that ActionTrail uses,
//! [`struct_text`] reads those of the databases that events went through, and [`normalise`] respells values that came
//! in another spelling than ActionTrail's. [`known_names`] has the names that a user gives to ids and addresses, and
//! [`user_agent`] sums up a user agent.

pub mod access;
pub mod derive;
pub mod field;
pub mod identity;
pub mod ids;
pub mod json;
pub mod known_names;
pub mod lang;
pub mod normalise;
pub mod rebuild;
pub mod record;
pub mod secret;
pub mod severity;
pub mod struct_text;
pub mod time;
pub mod user_agent;
