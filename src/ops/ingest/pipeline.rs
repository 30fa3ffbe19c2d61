//! The pipeline of an ingest: readers in parallel, and one writer that takes their messages in the order of the files.

use super::IngestOptions;
use super::outcome::{
    IngestOutcome, NAMED_EVENTS, NAMED_FILES, NAMED_REJECTS, OTHER_SHAPES, RejectLine, UnreadEvent, Unreadable,
};
use super::reader::{BATCH_BYTES, Message, ReadSource, SourceRun, UnitReader};
use super::unit::{Source, ToRead, Unit, absolute, display_path};
use crate::event::field::FieldId;
use crate::export::pages::PageSeries;
use crate::export::{Outcome, ReadLimits, ReadOptions, Remarks};
use crate::faults;
use crate::lake::LakeError;
use crate::lake::manifest::Tally;
use crate::lake::tables::SourceRow;
use crate::lake::write::LakeWriter;
use crate::ops::OpsError;
use crate::ops::progress::Progress;
use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use arrow::record_batch::RecordBatch;
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

/// Maximum number of batches that wait in the channel of a unit.
const WAITING_BATCHES: usize = 2;

/// Reads files in parallel, and writes their events in the order of the files. Returns the version of the lake.
///
/// A panic of any thread, this one too, is an error, and nothing is committed of what it had in hand.
pub fn run(
    options: &IngestOptions,
    to_read: Vec<ToRead>,
    not_read: Vec<PathBuf>,
    writer: LakeWriter,
    progress: &dyn Progress,
    outcome: &mut IngestOutcome,
) -> Result<u64, OpsError> {
    faults::catch(|| read_and_write(options, to_read, not_read, writer, progress, outcome)).unwrap_or_else(|said| {
        let work = "events were being written".to_owned();
        Err(LakeError::Crashed { work, said }.into())
    })
}

fn read_and_write(
    options: &IngestOptions,
    to_read: Vec<ToRead>,
    mut not_read: Vec<PathBuf>,
    mut writer: LakeWriter,
    progress: &dyn Progress,
    outcome: &mut IngestOutcome,
) -> Result<u64, OpsError> {
    let threads = options.threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|n| format!("decode-{n}"))
        .build()
        .map_err(|error| OpsError::Threads(error.to_string()))?;
    let record_bytes = (options.memory_limit_bytes / 8 / threads).max(1 << 20);
    let block_bytes = (options.memory_limit_bytes / 2 / threads).max(16 << 20);
    // An event is held several times. Its reader has it as bytes and as fields, and it is in the batch being built and
    // in those that wait. An encoder has it as rows, as a page and packed. Members that no column holds are held once
    // more.
    let event_bytes = (options.memory_limit_bytes / 32 / (threads + 1)).max(1 << 20);
    let limits = ReadLimits { record_bytes, event_bytes, block_bytes, ..ReadLimits::default() };
    let read_options = &ReadOptions { fields: options.mode.fields(), limits, csv: options.csv.clone() };
    // A few files ahead of the writer, so that a core that has finished one finds the next.
    let ahead = threads * 2;
    // The number of waiting batches does not change the lake, unlike their size.
    let waiting_batches = (options.memory_limit_bytes / 4 / BATCH_BYTES / ahead).min(WAITING_BATCHES);
    let mut pages = PageSeries::default();
    pool.in_place_scope_fifo(|scope| -> Result<(), LakeError> {
        let mut waiting: VecDeque<(Arc<Unit>, Receiver<Message>)> = VecDeque::new();
        let mut to_start = to_read.into_iter().peekable();
        let stop = progress.stop_signal();
        loop {
            if stop.is_asked() {
                // Between units, so that all files taken in so far are complete and will be committed. Readers that run
                // ahead notice that the receiver has gone.
                let read_ahead = waiting.iter().flat_map(|(unit, _)| &unit.0).map(|source| source.file.path.clone());
                let left: Vec<PathBuf> = read_ahead.chain(to_start.map(|to_read| to_read.file.path)).collect();
                outcome.files_left = left.len() as u64;
                not_read.extend(left);
                return Ok(());
            }
            while waiting.len() < ahead
                && let Some(unit) = Unit::next(&mut to_start)
            {
                let (sender, receiver) = sync_channel(waiting_batches);
                let unit = Arc::new(unit);
                waiting.push_back((Arc::clone(&unit), receiver));
                scope.spawn_fifo(move |_| UnitReader::new(&unit, read_options, &sender).read());
            }
            let Some((unit, receiver)) = waiting.pop_front() else { return Ok(()) };
            unit.0.iter().for_each(|source| faults::point("write", &source.file.path));
            take_unit(&unit, &receiver, Account { writer: &mut writer, pages: &mut pages, outcome }, progress)?;
        }
    })?;
    judge_pages(pages, &not_read, &mut writer, outcome);
    let (snapshot, replaced) = writer.finish()?;
    outcome.replaced = replaced;
    Ok(snapshot.version)
}

/// An export whose last page says that more follow.
struct OpenPage {
    source_id: String,
    path: String,
    /// Reason for which another page should follow.
    why: String,
    /// Other reasons for which it is incomplete.
    incomplete: Option<String>,
}

impl OpenPage {
    /// Drops this reason, since another page follows.
    fn close(self, writer: &mut LakeWriter, outcome: &mut IngestOutcome) {
        if let Some(reason) = self.incomplete.clone() {
            outcome.incomplete.push(Unreadable { path: self.path, reason });
        }
        writer.amend_incomplete(&self.source_id, self.incomplete);
    }
}

/// Reports the exports whose next page is missing. Files that were not read in this run may hold it.
fn judge_pages(
    pages: PageSeries<OpenPage>,
    not_read: &[PathBuf],
    writer: &mut LakeWriter,
    outcome: &mut IngestOutcome,
) {
    if !pages.any_open() {
        return;
    }
    let others: Vec<String> = not_read.iter().map(|path| absolute(path)).collect();
    let mut judged = pages.judge(others.iter().map(String::as_str));
    for page in judged.continued {
        page.close(writer, outcome);
    }
    judged.open.sort_by(|a, b| a.path.cmp(&b.path));
    for page in judged.open {
        let reason = join_reasons([page.incomplete.as_deref(), Some(&page.why)]).unwrap_or_default();
        outcome.incomplete.push(Unreadable { path: page.path, reason });
    }
}

/// Joins the reasons for which a source is incomplete.
fn join_reasons(reasons: [Option<&str>; 2]) -> Option<String> {
    reasons.into_iter().flatten().map(str::to_owned).reduce(|reason, other| format!("{reason}; {other}"))
}

/// Everything that a run accounts to.
struct Account<'a> {
    writer: &'a mut LakeWriter,
    pages: &'a mut PageSeries<OpenPage>,
    outcome: &'a mut IngestOutcome,
}

/// Takes in all messages about a unit, and accounts for its files.
fn take_unit(
    unit: &Unit,
    messages: &Receiver<Message>,
    mut account: Account<'_>,
    progress: &dyn Progress,
) -> Result<(), LakeError> {
    let mut tallies = vec![Tally::default(); unit.0.len()];
    let (mut done, mut told) = (0, false);
    let stop = progress.stop_signal();
    while done < unit.0.len() {
        let message = messages.recv();
        if stop.is_asked() && !std::mem::replace(&mut told, true) {
            progress.stopping(&display_path(&unit.0[done].file.path));
        }
        match message {
            Ok(Message::Batch(batch, runs)) => {
                progress.advance(0, 0, batch.num_rows() as u64);
                count_readings(&batch, &runs, unit, account.outcome);
                let is_new = account.writer.append(batch)?;
                let mut rows = is_new.iter();
                for SourceRun { source, rows: length } in runs {
                    let stored = rows.by_ref().take(length).filter(|is_new| **is_new).count() as u64;
                    let read = length as u64;
                    tallies[source].add(Tally { read, stored, duplicate: read - stored, rejected: 0 });
                }
            }
            Ok(Message::Rejects(rows)) => {
                for (at, row) in rows {
                    tallies[at].add(Tally { read: 1, rejected: 1, ..Tally::default() });
                    account.writer.reject(&row)?;
                    if account.outcome.rejects.len() < NAMED_REJECTS {
                        account.outcome.rejects.push(RejectLine {
                            path: row.path,
                            record: row.record,
                            offset: row.offset,
                            reason: row.reason,
                        });
                    }
                }
            }
            // Files are done in their order.
            Ok(Message::Done(sources)) => {
                for (at, read) in sources {
                    finish_source(&unit.0[at], tallies[at], read, &mut account, progress)?;
                    done = at + 1;
                }
            }
            // Some of its events may wait for the commit among those of other files.
            Ok(Message::Crashed(at, said)) => {
                let path = unit.0.get(at).map(|source| display_path(&source.file.path)).unwrap_or_default();
                return Err(LakeError::Crashed { work: format!("`{path}` was being read"), said });
            }
            Err(_) => {
                let work = "files were being read".to_owned();
                return Err(LakeError::Crashed { work, said: "a reader has gone without a word".to_owned() });
            }
        }
    }
    Ok(())
}

/// Counts the values of a batch that could not be read or were normalised. `runs` are the files of its rows.
fn count_readings(batch: &RecordBatch, runs: &[SourceRun], unit: &Unit, outcome: &mut IngestOutcome) {
    let texts =
        |id: FieldId| batch.column(id as usize).as_string_view_opt().filter(|texts| texts.null_count() < texts.len());
    if let Some(normalised) = texts(FieldId::Normalised) {
        normalised.iter().flatten().for_each(|fields| outcome.normalised.add(fields));
    }
    let Some(unread) = texts(FieldId::Unread) else { return };
    let records = batch.column(FieldId::SourceRecord as usize).as_primitive_opt::<Int64Type>();
    let files = runs.iter().flat_map(|run| std::iter::repeat_n(run.source, run.rows));
    for (row, (fields, at)) in unread.iter().zip(files).enumerate() {
        let Some(fields) = fields else { continue };
        outcome.unread.add(fields);
        if outcome.unread_events.len() < NAMED_EVENTS {
            let path = unit.0.get(at).map(|source| display_path(&source.file.path)).unwrap_or_default();
            let record = records.map_or(0, |records| records.value(row));
            outcome.unread_events.push(UnreadEvent { path, record, fields: fields.to_owned() });
        }
    }
}

/// Accounts for a file that was read to its end or could not be read.
fn finish_source(
    source: &Source,
    tally: Tally,
    read: io::Result<ReadSource>,
    account: &mut Account<'_>,
    progress: &dyn Progress,
) -> Result<(), LakeError> {
    let outcome = &mut *account.outcome;
    let path = display_path(&source.file.path);
    progress.advance(1, source.file.size_bytes, 0);
    let unreadable = |reason: String| Unreadable { path: path.clone(), reason };
    let (shape, sha256, remarks) = match read {
        Ok(ReadSource { outcome: Outcome::Read(shape, remarks), sha256, bytes }) => {
            outcome.bytes_read += bytes;
            for passed in &remarks.skipped {
                let path = format!("{path}: {}", passed.member);
                outcome.not_exports.push(Unreadable { path, reason: passed.what.clone() });
            }
            (shape.to_string(), sha256, remarks)
        }
        Ok(ReadSource { outcome: Outcome::NotAnExport(what, remarks), sha256, bytes }) => {
            outcome.bytes_read += bytes;
            outcome.not_exports.push(unreadable(what.clone()));
            (format!("not an export: {what}"), sha256, remarks)
        }
        Err(source) if tally.read > 0 => {
            // Some of its events wait for the commit, which cannot account for them.
            return Err(LakeError::Io { action: "read", path: PathBuf::from(path), source });
        }
        Err(error) => {
            // It is no row of `sources`, so that the next run tries it again.
            outcome.unreadable.push(unreadable(error.to_string()));
            return Ok(());
        }
        Ok(ReadSource { outcome: Outcome::Stopped, .. }) => {
            let work = format!("`{path}` was being read");
            return Err(LakeError::Crashed { work, said: "its reader broke off".to_owned() });
        }
    };
    outcome.totals.add(tally);
    let is_named = outcome.shapes.len() < NAMED_FILES || outcome.shapes.contains_key(&shape);
    let of_shape = outcome.shapes.entry(if is_named { shape.clone() } else { OTHER_SHAPES.to_owned() }).or_default();
    of_shape.files += 1;
    of_shape.tally.add(tally);
    let row = SourceRow {
        source_id: source.source_id.clone(),
        key: source.key.clone(),
        sha256,
        shape,
        tally,
        run_id: outcome.run_id.clone(),
        incomplete: join_reasons([remarks.incomplete.reason.as_deref(), remarks.incomplete.open.as_deref()]),
        suspicious: suspicion(&remarks),
    };
    let Remarks { suspicious, incomplete, .. } = remarks;
    for found in suspicious {
        let path = found.member.map_or_else(|| path.clone(), |member| format!("{path}: {member}"));
        outcome.suspicious.push(Unreadable { path, reason: found.why });
    }
    if let Some(reason) = incomplete.reason.as_ref().filter(|_| incomplete.open.is_none()) {
        outcome.incomplete.push(unreadable(reason.clone()));
    }
    account.writer.finish_source(&row, source.again)?;
    if incomplete.has_pages {
        let open = incomplete.open.map(|why| OpenPage {
            source_id: source.source_id.clone(),
            path,
            why,
            incomplete: incomplete.reason,
        });
        if let Some(page) = account.pages.take(&source.key.path, open) {
            page.close(account.writer, account.outcome);
        }
    }
    Ok(())
}

/// Suspicious members of an archive that the table `sources` names.
const SUSPICIOUS_MEMBERS: usize = 3;

/// Describes why a source, or members of it, may hold events although none was found.
fn suspicion(remarks: &Remarks) -> Option<String> {
    let mut texts: Vec<String> = remarks
        .suspicious
        .iter()
        .take(SUSPICIOUS_MEMBERS)
        .map(|found| match &found.member {
            Some(member) => format!("`{member}`: {}", found.why),
            None => found.why.clone(),
        })
        .collect();
    let more = remarks.suspicious.len().saturating_sub(SUSPICIOUS_MEMBERS);
    if more > 0 {
        texts.push(format!("{more} more members"));
    }
    (!texts.is_empty()).then(|| texts.join("; "))
}
