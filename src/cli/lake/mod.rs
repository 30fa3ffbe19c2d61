//! `trailql lake`: the lake itself, one file a verb.

mod compact;
mod coverage;
mod dump;
mod info;
mod rejects;
mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use trailql::event::time::Zone;

use super::args::SourceArgs;
use super::destination::FileArgs;
use super::error::CommandError;
use super::{Context, Outcome};

/// Look at the lake itself
#[derive(Debug, Args)]
pub(crate) struct LakeArgs {
    #[command(subcommand)]
    verb: LakeVerb,
}

#[derive(Debug, Subcommand)]
enum LakeVerb {
    Info(info::InfoArgs),
    Dump(dump::DumpArgs),
    Rejects(rejects::RejectsArgs),
    Verify(verify::VerifyArgs),
    Compact(compact::CompactArgs),
    Coverage(coverage::CoverageArgs),
}

impl LakeArgs {
    pub(crate) fn lake(&self) -> Option<PathBuf> {
        match &self.verb {
            LakeVerb::Info(args) => args.lake.clone(),
            LakeVerb::Dump(args) => args.source.lake.clone(),
            LakeVerb::Rejects(args) => args.lake.clone(),
            LakeVerb::Verify(args) => args.lake.clone(),
            LakeVerb::Compact(args) => args.lake.clone(),
            LakeVerb::Coverage(args) => args.source.lake.clone(),
        }
    }

    pub(crate) fn source(&self) -> Option<&SourceArgs> {
        match &self.verb {
            LakeVerb::Dump(args) => Some(&args.source),
            LakeVerb::Coverage(args) => Some(&args.source),
            LakeVerb::Info(_) | LakeVerb::Rejects(_) | LakeVerb::Verify(_) | LakeVerb::Compact(_) => None,
        }
    }

    pub(crate) fn file(&self) -> Option<&FileArgs> {
        match &self.verb {
            LakeVerb::Dump(args) => Some(&args.file),
            LakeVerb::Rejects(args) => Some(&args.output.file),
            LakeVerb::Coverage(args) => Some(&args.output.file),
            LakeVerb::Info(_) | LakeVerb::Verify(_) | LakeVerb::Compact(_) => None,
        }
    }

    pub(crate) fn tz(&self) -> Option<Zone> {
        match &self.verb {
            LakeVerb::Dump(args) => args.scope.tz,
            LakeVerb::Coverage(args) => args.scope.tz,
            LakeVerb::Info(_) | LakeVerb::Rejects(_) | LakeVerb::Verify(_) | LakeVerb::Compact(_) => None,
        }
    }
}

pub(crate) fn run(args: &LakeArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    match &args.verb {
        LakeVerb::Info(args) => info::run(args, context),
        LakeVerb::Dump(args) => dump::run(args, context),
        LakeVerb::Rejects(args) => rejects::run(args, context),
        LakeVerb::Verify(args) => verify::run(args, context),
        LakeVerb::Compact(args) => compact::run(args, context),
        LakeVerb::Coverage(args) => coverage::run(args, context),
    }
}
