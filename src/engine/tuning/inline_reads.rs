//! Reads the lake's files on the thread that asks.
//!
//! DataFusion's own store for local files hands every read to another thread and waits for it. A question over a year
//! reads a few kilobytes of each of hundreds of files that mostly are in the page cache. There the way to the other
//! thread and back costs more than the read. The price is that a thread waits while a slow disk reads; the other
//! partitions of the scan go on meanwhile.
//!
//! - Plan before and after: the same. Reads of a range go through [`InlineReads`] in place of `LocalFileSystem`.
//! - Without it: `benches/RESULTS.md`, "Questions" ("root read in one step, on the thread that asks", "parts of files
//!   read with room for all of them").
//! - Upstream: none; the store is right for slow disks.
//! - *Remove when* questions over local files read through a store of the lake that reads on the thread that asks.
//! - Switch: [`EngineOptions::tuning`](crate::engine::EngineOptions::tuning).
//!
//! Nothing can be written or listed through it: questions change nothing, and the manifest names the files.

use async_trait::async_trait;
use bytes::Bytes;
use datafusion::object_store::local::LocalFileSystem;
use datafusion::object_store::path::Path;
use datafusion::object_store::{
    self, CopyOptions, Error, GetOptions, GetRange, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use futures::stream::{self, BoxStream, StreamExt};
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

/// Files on local disks, by their absolute paths.
#[derive(Debug, Default)]
pub struct InlineReads {
    paths: LocalFileSystem,
}

impl InlineReads {
    fn open(&self, location: &Path) -> Result<File> {
        let path = self.paths.path_to_filesystem(location)?;
        File::open(path).map_err(|error| failed(location, error))
    }
}

impl fmt::Display for InlineReads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("local files")
    }
}

fn failed(location: &Path, source: io::Error) -> Error {
    let path = location.to_string();
    if source.kind() == io::ErrorKind::NotFound {
        return Error::NotFound { path, source: source.into() };
    }
    // The errors of DataFusion's store name the file as well.
    Error::Generic { store: "local files", source: format!("cannot read `/{path}`: {source}").into() }
}

fn not_supported<T>(operation: &'static str) -> Result<T> {
    Err(Error::NotSupported { source: format!("files of a lake are only read: {operation}").into() })
}

/// Reads a part of a file; a file that ends before it does is an error.
fn read(file: &mut File, range: Range<u64>) -> io::Result<Bytes> {
    let length = range.end.saturating_sub(range.start);
    // Room for all of it at once, and never for more than the file has.
    let room = length.min(file.metadata()?.len());
    let mut bytes = Vec::with_capacity(usize::try_from(room).unwrap_or_default());
    file.seek(SeekFrom::Start(range.start))?;
    file.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(Bytes::from(bytes)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[async_trait]
impl ObjectStore for InlineReads {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let Some(GetRange::Bounded(range)) = options.range.clone().filter(|_| !options.head) else {
            return self.paths.get_opts(location, options).await;
        };
        let mut file = self.open(location)?;
        let metadata = file.metadata().map_err(|error| failed(location, error))?;
        let meta = ObjectMeta {
            location: location.clone(),
            last_modified: metadata.modified().map(Into::into).unwrap_or_default(),
            size: metadata.len(),
            e_tag: None,
            version: None,
        };
        options.check_preconditions(&meta)?;
        let bytes = read(&mut file, range.clone()).map_err(|error| failed(location, error))?;
        let payload = GetResultPayload::Stream(stream::once(async move { Ok(bytes) }).boxed());
        Ok(GetResult { payload, meta, range, attributes: Default::default() })
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let mut file = self.open(location)?;
        let parts = ranges.iter().map(|range| read(&mut file, range.clone()));
        parts.collect::<io::Result<_>>().map_err(|error| failed(location, error))
    }

    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        not_supported("put")
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        not_supported("put")
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        stream::once(async { not_supported("delete") }).boxed()
    }

    fn list(&self, _: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        stream::once(async { not_supported("list") }).boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        not_supported("list")
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> object_store::Result<()> {
        not_supported("copy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::object_store::ObjectStoreExt;
    use futures::executor::block_on;

    #[test]
    fn it_reads_what_the_store_of_datafusion_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ä b%20.parquet");
        std::fs::write(&path, b"0123456789").unwrap();
        let location = Path::from_absolute_path(&path).unwrap();
        let (ours, theirs) = (InlineReads::default(), LocalFileSystem::new());
        for range in [0..10, 3..4, 9..10] {
            let read = |store: &dyn ObjectStore| block_on(store.get_range(&location, range.clone())).unwrap();
            assert_eq!(read(&ours), read(&theirs), "{range:?}");
        }
        let ranges = [1..3, 8..10, 0..1];
        let read = |store: &dyn ObjectStore| block_on(store.get_ranges(&location, &ranges)).unwrap();
        assert_eq!(read(&ours), read(&theirs));
        assert_eq!(block_on(ours.head(&location)).unwrap().size, 10);
        // Its end is missed, not made up.
        assert!(block_on(ours.get_ranges(&location, &[0..1, 5..11])).is_err());
        assert!(block_on(ours.get_range(&location, 10..11)).is_err());
        let gone = Path::from_absolute_path(folder.path().join("gone")).unwrap();
        let error = block_on(ours.get_range(&gone, 0..1)).unwrap_err();
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
    }

    #[test]
    fn nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let location = Path::from_absolute_path(folder.path().join("x")).unwrap();
        let store = InlineReads::default();
        assert!(block_on(store.put(&location, PutPayload::from_static(b"x"))).is_err());
        assert!(block_on(store.delete(&location)).is_err());
        assert!(block_on(store.list(None).next()).unwrap().is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
