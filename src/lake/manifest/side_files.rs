//! The side tables that the format knows, and their files in entries and snapshots.
//!
//! Each side table is a member of its own in both, so that a build that does not know it skips it. Such a build
//! adds an entry without the member, and the table is then no longer complete.

use super::entry::{Entry, TableFile};
use super::snapshot::Snapshot;
use crate::lake::layout;

/// A side table, as the format names it. [`crate::lake::side_table`] defines its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SideTableId {
    /// The rows of root.
    RootAccount,
    /// The calls that change trails.
    TrailCalls,
}

impl SideTableId {
    /// All side tables.
    pub const ALL: [Self; 2] = [Self::RootAccount, Self::TrailCalls];

    /// Its name, and that of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::RootAccount => layout::ROOT_ACCOUNT,
            Self::TrailCalls => layout::TRAIL_CALLS,
        }
    }
}

impl Entry {
    /// The files that the entry adds to a side table; `None` if the lake does not keep it.
    pub fn side_files(&self, id: SideTableId) -> Option<&[TableFile]> {
        match id {
            SideTableId::RootAccount => self.root_account.as_deref(),
            SideTableId::TrailCalls => self.trail_calls.as_deref(),
        }
    }

    /// The member of a side table.
    pub fn side_files_mut(&mut self, id: SideTableId) -> &mut Option<Vec<TableFile>> {
        match id {
            SideTableId::RootAccount => &mut self.root_account,
            SideTableId::TrailCalls => &mut self.trail_calls,
        }
    }
}

impl Snapshot {
    /// The files of a side table; `None` if some commit has not kept its rows.
    pub fn side_files(&self, id: SideTableId) -> Option<&[TableFile]> {
        match id {
            SideTableId::RootAccount => self.root_account.as_deref(),
            SideTableId::TrailCalls => self.trail_calls.as_deref(),
        }
    }

    /// The member of a side table.
    pub(super) fn side_files_mut(&mut self, id: SideTableId) -> &mut Option<Vec<TableFile>> {
        match id {
            SideTableId::RootAccount => &mut self.root_account,
            SideTableId::TrailCalls => &mut self.trail_calls,
        }
    }
}
