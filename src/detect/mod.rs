//! Floor 4: findings of views as plain structs, their summary, what is suppressed, their forms, and the account check.
//!
//! | module | what it does |
//! |---|---|
//! | [`check`] | the account check: a checklist over findings |
//! | [`finding`] | a row of a view as a finding, and the rule that found it |
//! | [`summary`] | counts, times and examples by view and by severity |
//! | [`suppress`] | the file that says which findings are known |
//! | [`format`] | findings as JSON, SARIF, OCSF, for Timesketch, and as rows |
//!
//! Nothing here asks a lake; `ops::detect` and `ops::check` do.

pub mod check;
pub mod finding;
pub mod format;
pub mod summary;
pub mod suppress;
