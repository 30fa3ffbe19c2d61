//! A table over Parquet files that a snapshot names.
//!
//! A scan is built from the snapshot alone: no folder is listed and no footer is read to plan it. Files are pruned by
//! the min/max statistics and the bloom filters that the manifest keeps ([`pruning`](super::pruning)). DataFusion is
//! handed its own Parquet scan nodes and nothing else, so that a distributed session can run the same plan on other
//! machines.

use super::pruning::{FileBlooms, ManifestStatistics, ValueCondition};
use super::scan_policy::{ScanPolicy, conditions};
use crate::lake::manifest::{DataFile, DataFiles, Snapshot, TableFile};
use crate::lake::schema;
use crate::lake::side_table::{self, SideTable};
use crate::lake::storage::Storage;
use arrow::datatypes::{DataType, Field, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::object_store::ObjectMeta;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::scalar::ScalarValue;
use std::path::Path;
use std::sync::Arc;

/// A table of Parquet files that a snapshot names.
#[derive(Debug)]
pub struct LakeTable {
    storage: Storage,
    files: Files,
    columns: TableSchema,
    /// The side tables that a lake keeps of its events.
    side_tables: Vec<(&'static dyn SideTable, LakeTable)>,
}

/// The files of a table. Those of events are read from the manifest once pruning has told which parts of it matter.
#[derive(Debug)]
enum Files {
    Events(DataFiles),
    Table(Vec<ScanFile>),
}

impl Files {
    fn rows(&self) -> u64 {
        match self {
            Self::Events(files) => files.rows(),
            Self::Table(files) => files.iter().map(|scan| scan.file.rows).sum(),
        }
    }
}

/// A file with the value that its rows have in the partition column, where the table has one.
#[derive(Debug, Clone)]
pub(super) struct ScanFile {
    pub(super) file: Arc<DataFile>,
    partition: Option<ScalarValue>,
}

impl LakeTable {
    /// Makes the table of the events of a lake, with the partition column `event_date` last.
    pub fn events(root: &Path, snapshot: &Snapshot) -> Self {
        let partition = Arc::new(Field::new(schema::EVENT_DATE, DataType::Date32, true));
        let columns = TableSchema::builder(schema::events()).with_table_partition_cols(vec![partition]).build();
        let side_tables = side_table::all()
            .filter_map(|table| Some((table, Self::side_table(root, table, snapshot.side_files(table.id())?))));
        let side_tables = side_tables.collect();
        Self { storage: Storage::local(root), files: Files::Events(snapshot.files.clone()), columns, side_tables }
    }

    /// Makes the table of the events of some data files. It uses no side table, which holds events of all files.
    pub fn events_of(root: &Path, files: Vec<Arc<DataFile>>) -> Self {
        let snapshot = Snapshot { files: DataFiles::of_files(files), ..Snapshot::default() };
        Self::events(root, &snapshot)
    }

    fn side_table(root: &Path, table: &dyn SideTable, files: &[TableFile]) -> Self {
        let columns = TableSchema::builder(table.schema()).build();
        let files = Files::Table(files.iter().map(|file| scan_file(file, None)).collect());
        Self { storage: Storage::local(root), files, columns, side_tables: Vec::new() }
    }

    /// Returns `true` for the events of a lake.
    pub fn is_events(&self) -> bool {
        matches!(self.files, Files::Events(_))
    }

    /// Makes a table of those files of another of the lake's tables that hold rows of one commit each. The number of
    /// the commit is the last column.
    pub fn table(root: &Path, files: &[TableFile], columns: SchemaRef) -> Self {
        let version = Arc::new(Field::new(schema::VERSION, DataType::UInt64, false));
        let columns = TableSchema::builder(columns).with_table_partition_cols(vec![version]).build();
        let files = files.iter().filter(|file| file.first_version.is_none());
        let partition = |file: &TableFile| Some(ScalarValue::UInt64(Some(file.version)));
        let files = Files::Table(files.map(|file| scan_file(file, partition(file))).collect());
        Self { storage: Storage::local(root), files, columns, side_tables: Vec::new() }
    }

    /// Makes a table of the merged files of such a table, which have that number as a column. `None` where there are
    /// none.
    pub fn merged(root: &Path, files: &[TableFile], columns: SchemaRef) -> Option<Self> {
        let files: Vec<ScanFile> =
            files.iter().filter(|file| file.first_version.is_some()).map(|file| scan_file(file, None)).collect();
        let columns = TableSchema::builder(schema::merged(&columns)).build();
        let files = (!files.is_empty()).then_some(Files::Table(files));
        files.map(|files| Self { storage: Storage::local(root), files, columns, side_tables: Vec::new() })
    }

    /// Returns the names of the columns that a scan reads, filters included.
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

    /// Returns the files in the parts of the manifest for which `keep` returns `true`.
    fn files(&self, keep: impl Fn(usize) -> bool) -> Result<Vec<ScanFile>> {
        let files = match &self.files {
            Files::Events(files) => files.of_parts(keep).map_err(|error| DataFusionError::External(Box::new(error)))?,
            Files::Table(files) => return Ok(files.clone()),
        };
        let scan = |file: Arc<DataFile>| ScanFile { partition: Some(ScalarValue::Date32(file.event_day)), file };
        Ok(files.into_iter().map(scan).collect())
    }

    /// Returns the statistics of the parts that the manifest keeps files in.
    fn parts(&self) -> ManifestStatistics<'_> {
        match &self.files {
            Files::Events(files) => ManifestStatistics::of_parts(files),
            Files::Table(_) => ManifestStatistics::default(),
        }
    }

    /// Returns the files that may hold rows for which all `filters` are true.
    fn relevant_files(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<ScanFile>> {
        let Some(filter) = conjunction(filters.to_vec()) else { return self.files(|_| true) };
        let schema = self.schema();
        let df_schema = datafusion::common::DFSchema::try_from(Arc::clone(&schema))?;
        let predicate = state.create_physical_expr(filter, &df_schema)?;
        let by_values = ValueCondition::of(filters);
        let with_values = |mut files: Vec<ScanFile>| {
            files.retain(|scan| by_values.may_hold_in(&scan.file));
            files
        };
        // A filter that cannot prune is no error: every file stays.
        let Ok(pruning) = PruningPredicateBuilder::new().with_file_schema(schema).try_build(predicate) else {
            return self.files(|_| true).map(with_values);
        };
        // The cheapest goes first: days and times cost nothing, ranges and filters of values are parsed, and bloom
        // filters are read from the files.
        let parts = pruning.prune(&self.parts())?;
        let files = self.files(|at| parts.get(at).copied().unwrap_or(true))?;
        let in_time = kept(&files, pruning.prune(&ManifestStatistics::of_files(&files))?);
        let in_range = kept(&in_time, pruning.prune(&ManifestStatistics::of_files(&in_time).with_texts(&in_time))?);
        let with_values = with_values(in_range);
        let keep = pruning.prune(&FileBlooms { storage: &self.storage, files: &with_values })?;
        Ok(kept(&with_values, keep))
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
        // The schema of the table, so that it need not be made from each footer. A file of an earlier build may lack
        // columns.
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
        let conditions = conditions(filters);
        let needed = self.needed_columns(projection, filters);
        let side_table = self
            .side_tables
            .iter()
            .filter(|(table, _)| table.covers(&conditions, &needed))
            .min_by_key(|(_, table)| table.files.rows());
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
        ScanPolicy::of(&conditions, &files).apply(&mut options.global);
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
        accounts: Default::default(),
        values: Default::default(),
    };
    ScanFile { file: Arc::new(file), partition }
}

/// Returns the number of rows of files; exact where no filter drops some of them.
fn rows(files: &[ScanFile], unfiltered: bool) -> Precision<usize> {
    let rows = files.iter().map(|scan| usize::try_from(scan.file.rows).unwrap_or(usize::MAX)).sum();
    if unfiltered { Precision::Exact(rows) } else { Precision::Inexact(rows) }
}

/// Returns the files that pruning keeps.
fn kept(files: &[ScanFile], keep: Vec<bool>) -> Vec<ScanFile> {
    files.iter().zip(keep).filter(|(_, keep)| *keep).map(|(file, _)| file.clone()).collect()
}
