//! The lake's files as tables.
//!
//! A scan is built from the snapshot alone: no folder is listed and no footer is read to plan it. Files are passed over
//! by the ranges that the manifest keeps. What is handed to DataFusion are its own Parquet scan nodes and nothing else,
//! so that a distributed session can run the same plan on other machines.

use crate::event::field::FieldId;
use crate::event::ids::ROOT;
use crate::lake::manifest::{DataFile, DataFiles, Snapshot, TableFile};
use crate::lake::side_table::{self, Equality, SideTable};
use crate::lake::storage::Storage;
use crate::lake::{bloom, schema};
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, StringArray, StringViewArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::{Column, Statistics};
use datafusion::datasource::MemTable;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown, TableType};
use datafusion::object_store::ObjectMeta;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::scalar::ScalarValue;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// The index of pages is read where a file has more rows than this.
const INDEXED_ROWS: u64 = 32 << 10;

/// A table of Parquet files that a snapshot names.
#[derive(Debug)]
pub struct LakeTable {
    storage: Storage,
    files: Files,
    columns: TableSchema,
    /// Of the events of a lake, the side tables that it keeps.
    side_tables: Vec<(&'static dyn SideTable, LakeTable)>,
}

/// The files of a table: those of events are read from the manifest once it is known which of them may matter.
#[derive(Debug)]
enum Files {
    Events(DataFiles),
    Table(Vec<ScanFile>),
}

/// A file with the value that its rows have in the partition column, where the table has one.
#[derive(Debug, Clone)]
struct ScanFile {
    file: Arc<DataFile>,
    partition: Option<ScalarValue>,
}

impl LakeTable {
    /// The events of a lake, with the partition column `event_date` last.
    pub fn events(root: &Path, snapshot: &Snapshot) -> Self {
        let partition = Arc::new(Field::new(schema::EVENT_DATE, DataType::Date32, true));
        let columns = TableSchema::builder(schema::events()).with_table_partition_cols(vec![partition]).build();
        let side_tables = side_table::all()
            .filter_map(|table| Some((table, Self::side_table(root, table, snapshot.side_files(table.id())?))));
        let side_tables = side_tables.collect();
        Self { storage: Storage::local(root), files: Files::Events(snapshot.files.clone()), columns, side_tables }
    }

    fn side_table(root: &Path, table: &dyn SideTable, files: &[TableFile]) -> Self {
        let columns = TableSchema::builder(table.schema()).build();
        let files = Files::Table(files.iter().map(|file| scan_file(file, None)).collect());
        Self { storage: Storage::local(root), files, columns, side_tables: Vec::new() }
    }

    /// True for the events of a lake.
    pub fn is_events(&self) -> bool {
        matches!(self.files, Files::Events(_))
    }

    /// The files of one of the lake's other tables that hold rows of one commit each, with its number as the last column.
    pub fn table(root: &Path, files: &[TableFile], columns: SchemaRef) -> Self {
        let version = Arc::new(Field::new(schema::VERSION, DataType::UInt64, false));
        let columns = TableSchema::builder(columns).with_table_partition_cols(vec![version]).build();
        let files = files.iter().filter(|file| file.first_version.is_none());
        let partition = |file: &TableFile| Some(ScalarValue::UInt64(Some(file.version)));
        let files = Files::Table(files.map(|file| scan_file(file, partition(file))).collect());
        Self { storage: Storage::local(root), files, columns, side_tables: Vec::new() }
    }

    /// The merged files of such a table, where that number is a column of the file; `None` where there are none.
    pub fn merged(root: &Path, files: &[TableFile], columns: SchemaRef) -> Option<Self> {
        let files: Vec<ScanFile> =
            files.iter().filter(|file| file.first_version.is_some()).map(|file| scan_file(file, None)).collect();
        let columns = TableSchema::builder(schema::merged(&columns)).build();
        let files = (!files.is_empty()).then_some(Files::Table(files));
        files.map(|files| Self { storage: Storage::local(root), files, columns, side_tables: Vec::new() })
    }

    /// The names of the columns that a scan reads, filters included.
    fn needed_columns<'q>(&'q self, projection: Option<&Vec<usize>>, filters: &'q [Expr]) -> Vec<&'q str> {
        let fields = self.columns.table_schema().fields();
        let is_projected = |at: usize| projection.is_none_or(|projection| projection.contains(&at));
        let projected =
            fields.iter().enumerate().filter(|(at, _)| is_projected(*at)).map(|(_, field)| field.name().as_str());
        let filtered = filters.iter().flat_map(|filter| filter.column_refs()).map(|column| column.name.as_str());
        projected.chain(filtered).collect()
    }

    /// Translates a projection to the columns of a table that has all of them.
    fn projection_in(&self, other: &Self, projection: Option<&Vec<usize>>) -> Option<Vec<usize>> {
        let (here, there) = (self.columns.table_schema(), other.columns.table_schema());
        let all = || (0..here.fields().len()).collect();
        let columns = projection.cloned().unwrap_or_else(all).into_iter();
        columns.map(|at| there.index_of(here.fields().get(at)?.name()).ok()).collect()
    }

    /// The files in the parts of the manifest for which `keep` is true.
    fn files(&self, keep: impl Fn(usize) -> bool) -> Result<Vec<ScanFile>> {
        let files = match &self.files {
            Files::Events(files) => files.of_parts(keep).map_err(|error| DataFusionError::External(Box::new(error)))?,
            Files::Table(files) => return Ok(files.clone()),
        };
        let scan = |file: Arc<DataFile>| ScanFile { partition: Some(ScalarValue::Date32(file.event_day)), file };
        Ok(files.into_iter().map(scan).collect())
    }

    /// What is known of the parts that the manifest keeps files in.
    fn parts(&self) -> Ranges<'_> {
        match &self.files {
            Files::Events(files) => Ranges::of_parts(files),
            Files::Table(_) => Ranges::default(),
        }
    }

    /// The files that may hold rows for which all `filters` are true.
    fn relevant_files(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<ScanFile>> {
        let Some(filter) = conjunction(filters.to_vec()) else { return self.files(|_| true) };
        let schema = self.schema();
        let df_schema = datafusion::common::DFSchema::try_from(Arc::clone(&schema))?;
        let predicate = state.create_physical_expr(filter, &df_schema)?;
        // A filter that cannot prune is no error: every file stays.
        let Ok(pruning) = PruningPredicateBuilder::new().with_file_schema(schema).try_build(predicate) else {
            return self.files(|_| true);
        };
        // Days and times cost nothing; the ranges of texts are parsed of the files that are left, and filters are read from
        // those that are left then.
        let parts = pruning.prune(&self.parts())?;
        let files = self.files(|at| parts.get(at).copied().unwrap_or(true))?;
        let in_time = kept(&files, pruning.prune(&Ranges::of_files(&files))?);
        let in_range = kept(&in_time, pruning.prune(&Ranges::of_files(&in_time).with_texts(&in_time))?);
        let keep = pruning.prune(&FileBlooms { storage: &self.storage, files: &in_range })?;
        Ok(kept(&in_range, keep))
    }

    fn partitioned(&self, ScanFile { file, partition }: &ScanFile) -> Result<PartitionedFile> {
        let path = self.storage.location(&file.path);
        let location = datafusion::object_store::path::Path::from_absolute_path(&path)
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        let meta = ObjectMeta {
            location,
            last_modified: chrono::DateTime::UNIX_EPOCH,
            size: file.bytes,
            e_tag: None,
            version: None,
        };
        let mut scan = PartitionedFile::new_from_meta(meta).with_partition_values(partition.iter().cloned().collect());
        // Known from the table, so that it need not be made from each file's own. A file of an earlier build may lack columns.
        let columns = self.columns.file_schema();
        scan.arrow_schema = (file.columns == columns.fields().len() as u64).then(|| Arc::clone(columns));
        Ok(match usize::try_from(file.footer_bytes) {
            Ok(bytes) if bytes > 0 => scan.with_metadata_size_hint(bytes),
            _ => scan,
        })
    }
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.columns.table_schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let equalities = equalities(filters);
        let needed = self.needed_columns(projection, filters);
        let side_table = self.side_tables.iter().find(|(table, _)| table.covers(&equalities, &needed));
        if let Some((_, side_table)) = side_table
            && let Some(projection) = self.projection_in(side_table, projection)
        {
            return side_table.scan(state, Some(&projection), filters, limit).await;
        }
        let files = self.relevant_files(state, filters)?;
        let groups = state.config().target_partitions().clamp(1, files.len().max(1));
        let mut file_groups = vec![Vec::new(); groups];
        for (n, file) in files.iter().enumerate() {
            file_groups[n % groups].push(self.partitioned(file)?);
        }
        let mut options = state.table_options().parquet.clone();
        options.global = state.config_options().execution.parquet.clone();
        // Rows are chosen by a few narrow columns, and the wide JSON columns are read for those rows only. What root did is
        // so little that to read the columns in two steps costs more than it saves.
        options.global.pushdown_filters = !asks_for_root(&equalities);
        // Filters that the manifest knows have been asked already.
        options.global.bloom_filter_on_read = files.iter().any(|scan| scan.file.blooms.is_empty());
        // What it takes to read the index of pages is wasted where a file has hardly more pages than row groups.
        options.global.enable_page_index &= files.iter().any(|scan| scan.file.rows > INDEXED_ROWS);
        let source = ParquetSource::new(self.columns.clone()).with_table_parquet_options(options);
        let mut statistics = Statistics::new_unknown(&self.schema());
        statistics.num_rows = rows(&files, filters.is_empty());
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_file_groups(file_groups.into_iter().map(FileGroup::new).collect())
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

/// Returns `true` if only rows of root meet the conditions; they stand in row groups of their own.
fn asks_for_root(equalities: &[Equality<'_>]) -> bool {
    equalities.contains(&Equality { column: FieldId::UserIdentityType.column(), value: ROOT })
}

/// The conditions among filters that compare a column with a text.
fn equalities(filters: &[Expr]) -> Vec<Equality<'_>> {
    fn equality<'q>(column: &'q Expr, value: &'q Expr) -> Option<Equality<'q>> {
        match (column, value) {
            (Expr::Column(column), Expr::Literal(value, _)) => {
                Some(Equality { column: &column.name, value: value.try_as_str().flatten()? })
            }
            _ => None,
        }
    }
    let parts = filters.iter().flat_map(split_conjunction);
    parts
        .filter_map(|part| match part {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
                equality(left, right).or_else(|| equality(right, left))
            }
            _ => None,
        })
        .collect()
}

fn scan_file(file: &TableFile, partition: Option<ScalarValue>) -> ScanFile {
    let file = DataFile {
        path: file.path.clone(),
        event_day: None,
        rows: file.rows,
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        min_event_time: file.event_times.map(|(min, _)| min),
        max_event_time: file.event_times.map(|(_, max)| max),
        text_ranges: Default::default(),
        footer_bytes: 0,
        columns: file.columns,
        blooms: Default::default(),
    };
    ScanFile { file: Arc::new(file), partition }
}

/// How many rows the files hold; exact where no filter will drop some of them.
fn rows(files: &[ScanFile], unfiltered: bool) -> Precision<usize> {
    let rows = files.iter().map(|scan| usize::try_from(scan.file.rows).unwrap_or(usize::MAX)).sum();
    if unfiltered { Precision::Exact(rows) } else { Precision::Inexact(rows) }
}

fn kept(files: &[ScanFile], keep: Vec<bool>) -> Vec<ScanFile> {
    files.iter().zip(keep).filter(|(_, keep)| *keep).map(|(file, _)| file.clone()).collect()
}

/// What the bloom filters of files know, in the form that pruning asks for.
struct FileBlooms<'f> {
    storage: &'f Storage,
    files: &'f [ScanFile],
}

impl PruningStatistics for FileBlooms<'_> {
    fn min_values(&self, _column: &Column) -> Option<ArrayRef> {
        None
    }

    fn max_values(&self, _column: &Column) -> Option<ArrayRef> {
        None
    }

    fn num_containers(&self) -> usize {
        self.files.len()
    }

    fn null_counts(&self, _column: &Column) -> Option<ArrayRef> {
        None
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        None
    }

    fn contained(&self, column: &Column, values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        let column = column.name();
        self.files.iter().find(|scan| scan.file.blooms.contains_key(column))?;
        let values: Vec<&str> = values.iter().map(|value| value.try_as_str().flatten()).collect::<Option<_>>()?;
        // A filter says for sure that a value is not there, and never that it is.
        let may_hold = |scan: &ScanFile| bloom::may_hold(self.storage, &scan.file, column, &values);
        Some(self.files.iter().map(|scan| (!may_hold(scan)).then_some(false)).collect())
    }
}

/// What the manifest knows about files, or about its parts, in the form that pruning asks for.
#[derive(Default)]
struct Ranges<'f> {
    days: Vec<Option<(i32, i32)>>,
    times: Vec<Option<(i64, i64)>>,
    rows: Vec<u64>,
    /// The same files once more, where their ranges of texts are to be looked into.
    texts: &'f [ScanFile],
}

impl<'f> Ranges<'f> {
    fn of_parts(files: &DataFiles) -> Self {
        let spans = files.spans();
        Self {
            days: spans.iter().map(|span| span.days).collect(),
            times: spans.iter().map(|span| span.event_times).collect(),
            rows: spans.iter().map(|span| span.rows).collect(),
            texts: &[],
        }
    }

    fn of_files(files: &[ScanFile]) -> Self {
        let files = || files.iter().map(|scan| &scan.file);
        Self {
            days: files().map(|file| file.event_day.map(|day| (day, day))).collect(),
            times: files().map(|file| file.min_event_time.zip(file.max_event_time)).collect(),
            rows: files().map(|file| file.rows).collect(),
            texts: &[],
        }
    }

    fn with_texts(self, files: &'f [ScanFile]) -> Self {
        Self { texts: files, ..self }
    }

    fn ends(
        &self,
        column: &Column,
        day: impl Fn((i32, i32)) -> i32,
        time: impl Fn((i64, i64)) -> i64,
        text: impl Fn(&crate::lake::manifest::TextRange) -> &str,
    ) -> Option<ArrayRef> {
        let name = column.name();
        if name == schema::EVENT_DATE {
            return Some(Arc::new(self.days.iter().map(|days| days.map(&day)).collect::<Date32Array>()));
        }
        if name == FieldId::EventTime.column() {
            let times: TimestampMicrosecondArray = self.times.iter().map(|times| times.map(&time)).collect();
            return Some(Arc::new(times.with_timezone("UTC")));
        }
        let known = self.texts.iter().any(|scan| scan.file.text_ranges.contains_key(name));
        let texts = self.texts.iter().map(|scan| scan.file.text_ranges.get(name).map(&text));
        known.then(|| Arc::new(texts.collect::<StringViewArray>()) as ArrayRef)
    }
}

impl PruningStatistics for Ranges<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.ends(column, |(first, _)| first, |(min, _)| min, |range| &range.min)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.ends(column, |(_, last)| last, |(_, max)| max, |range| &range.max)
    }

    fn num_containers(&self) -> usize {
        self.rows.len()
    }

    fn null_counts(&self, _column: &Column) -> Option<ArrayRef> {
        None
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(UInt64Array::from_iter_values(self.rows.iter().copied())))
    }

    fn contained(&self, _column: &Column, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

/// The table `runs`: one row a commit.
pub fn runs(snapshot: &Snapshot) -> Result<arrow::record_batch::RecordBatch> {
    let commits = &snapshot.commits;
    let text = |name| Field::new(name, DataType::Utf8View, false);
    let count = |name| Field::new(name, DataType::UInt64, false);
    let time = |name| Field::new(name, crate::lake::schema::data_type(crate::event::field::Kind::Time), false);
    let fields = vec![
        text("run_id"),
        text("kind"),
        count("version"),
        time("started_at"),
        time("finished_at"),
        text("trailql_version"),
        count("sources"),
        count("read"),
        count("stored"),
        count("duplicate"),
        count("rejected"),
    ];
    let counts = |of: fn(&crate::lake::manifest::Commit) -> u64| -> ArrayRef {
        Arc::new(commits.iter().map(|commit| Some(of(commit))).collect::<UInt64Array>())
    };
    let times = |of: fn(&crate::lake::manifest::Commit) -> i64| -> ArrayRef {
        let times: TimestampMicrosecondArray = commits.iter().map(|commit| Some(of(commit))).collect();
        Arc::new(times.with_timezone("UTC"))
    };
    let texts = |of: fn(&crate::lake::manifest::Commit) -> &str| -> ArrayRef {
        Arc::new(commits.iter().map(|commit| Some(of(commit))).collect::<StringViewArray>())
    };
    let columns = vec![
        texts(|commit| &commit.run.run_id),
        texts(|commit| commit.run.kind.name()),
        counts(|commit| commit.version),
        times(|commit| commit.run.started_at.timestamp_micros()),
        times(|commit| commit.run.finished_at.timestamp_micros()),
        texts(|commit| &commit.run.trailql_version),
        counts(|commit| commit.run.sources),
        counts(|commit| commit.run.tally.read),
        counts(|commit| commit.run.tally.stored),
        counts(|commit| commit.run.tally.duplicate),
        counts(|commit| commit.run.tally.rejected),
    ];
    Ok(arrow::record_batch::RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// The sources that were read again, each with the commit of its newest reading. It is no table that a question sees.
pub fn retried(snapshot: &Snapshot) -> Result<arrow::record_batch::RecordBatch> {
    let fields = vec![
        Field::new("retried_source_id", DataType::Utf8, false),
        Field::new("retried_version", DataType::UInt64, false),
    ];
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(snapshot.retried.keys())),
        Arc::new(UInt64Array::from_iter_values(snapshot.retried.values().copied())),
    ];
    Ok(arrow::record_batch::RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// The table `files`: one row a data file. It is made when a question asks for it.
#[derive(Debug)]
pub struct FilesTable {
    files: DataFiles,
    schema: SchemaRef,
}

impl FilesTable {
    /// The data files of a snapshot.
    pub fn new(snapshot: &Snapshot) -> Self {
        let time = || crate::lake::schema::data_type(crate::event::field::Kind::Time);
        let fields = vec![
            Field::new("path", DataType::Utf8View, false),
            Field::new(schema::EVENT_DATE, DataType::Date32, true),
            Field::new("rows", DataType::UInt64, false),
            Field::new("bytes", DataType::UInt64, false),
            Field::new("sha256", DataType::Utf8View, false),
            Field::new("min_event_time", time(), true),
            Field::new("max_event_time", time(), true),
        ];
        Self { files: snapshot.files.clone(), schema: Arc::new(Schema::new(fields)) }
    }

    fn rows(&self) -> Result<arrow::record_batch::RecordBatch> {
        let files = self.files.all().map_err(|error| DataFusionError::External(Box::new(error)))?;
        let texts = |of: fn(&DataFile) -> &str| -> ArrayRef {
            Arc::new(files.iter().map(|file| Some(of(file))).collect::<StringViewArray>())
        };
        let counts = |of: fn(&DataFile) -> u64| -> ArrayRef {
            Arc::new(files.iter().map(|file| Some(of(file))).collect::<UInt64Array>())
        };
        let times = |of: fn(&DataFile) -> Option<i64>| -> ArrayRef {
            let times: TimestampMicrosecondArray = files.iter().map(|file| of(file)).collect();
            Arc::new(times.with_timezone("UTC"))
        };
        let columns = vec![
            texts(|file| &file.path),
            Arc::new(files.iter().map(|file| file.event_day).collect::<Date32Array>()),
            counts(|file| file.rows),
            counts(|file| file.bytes),
            texts(|file| &file.sha256),
            times(|file| file.min_event_time),
            times(|file| file.max_event_time),
        ];
        Ok(arrow::record_batch::RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

#[async_trait]
impl TableProvider for FilesTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = MemTable::try_new(self.schema(), vec![vec![self.rows()?]])?;
        rows.scan(state, projection, filters, limit).await
    }
}
