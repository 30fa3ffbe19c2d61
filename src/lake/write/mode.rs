//! The three ways to take events in.

use crate::event::field::{FieldId, FieldSet};
use crate::lake::identity::IDENTIFYING;
use crate::lake::sort::SORTED_BY;

/// The purpose of a write, which decides what is written and what is synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// Writes to a lake that stays. Every file is synced before an entry names it.
    Durable,
    /// Writes to a lake that is deleted once questions are answered.
    ///
    /// Nothing is synced, and what only helps later questions is left out: bloom filters and side tables.
    Ephemeral {
        /// The fields that the questions need. Others may be null.
        fields: FieldSet,
    },
    /// Compares and counts events, and writes nothing to the lake.
    ///
    /// It takes no lock and makes no folder. Evicted days spill to a temporary folder outside the lake.
    DryRun,
}

impl WriteMode {
    /// The fields to decode: those that are asked for, and those by which events are deduplicated, sorted and counted.
    pub fn fields(self) -> FieldSet {
        let place = [FieldId::SourceId, FieldId::SourceRecord, FieldId::SourceOffset];
        match self {
            Self::Durable | Self::DryRun => FieldSet::ALL,
            Self::Ephemeral { fields } => {
                let needed = IDENTIFYING.into_iter().chain(SORTED_BY).chain(place).chain([FieldId::Unread]);
                fields.union(needed.collect())
            }
        }
    }

    /// Returns `true` if files must survive a loss of power and serve questions to come.
    pub fn is_durable(self) -> bool {
        self == Self::Durable
    }

    /// Returns `true` if nothing is written to the lake.
    pub fn is_dry_run(self) -> bool {
        self == Self::DryRun
    }
}
