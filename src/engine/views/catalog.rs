//! The views that an engine knows: those built in, and those of folders.
//!
//! A folder has views as `<name>.sql`, of the category `custom`, and as `<category>/<name>.sql`. What is not named
//! `.sql`, or begins with a dot, is passed over. A link is followed as long as it leads to a file inside of the folder,
//! as a mounted folder of Kubernetes has them; one that leads out of it is an error. A name stands for one view: a
//! second one of that name is an error that names both files, so no folder can put a view in the place of another.

use super::front_matter;
use super::{ParamType, View, ViewError};
use crate::engine::error::EngineError;
use crate::engine::statement;
use crate::engine::tables::TABLES;
use crate::spelling::similar;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The files below `queries/`: path and text.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/queries.rs"));

/// The category of a view that stands in no folder below the one that was named.
const CUSTOM: &str = "custom";

/// The most bytes of a view file.
const MAX_FILE_BYTES: u64 = 256 << 10;

/// The most files of a folder.
const MAX_FILES: usize = 10_000;

/// Names that are tables or functions that give tables.
const RESERVED: [&str; 2] = ["generate_series", "range"];

/// Views by their names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ViewCatalog {
    views: BTreeMap<String, View>,
}

/// A view file of a folder.
#[derive(Debug)]
pub struct ViewFile {
    /// The file.
    pub path: PathBuf,
    /// Name of its view.
    pub view: Result<String, ViewError>,
}

impl ViewCatalog {
    /// Reads the views of this build. An error means that a file of this build is wrong; a test reads all.
    pub fn built_in() -> Result<Self, ViewError> {
        let mut catalog = Self::default();
        for (path, text) in FILES {
            let place = path.strip_suffix(".sql").and_then(|path| path.split_once('/'));
            let (category, stem) = place
                .ok_or_else(|| ViewError::of_file(*path, "a view of this build stands in `<category>/<name>.sql`"))?;
            catalog.add(read(path, category, stem, text)?)?;
        }
        Ok(catalog)
    }

    /// Adds the views of a folder. Their SELECTs are parsed, and their parameters compared with the placeholders.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, ViewError> {
        self.add_folder(folder)?.into_iter().try_for_each(|file| file.view.map(drop))?;
        Ok(self)
    }

    /// Adds the views of a folder that can be read, and returns all its view files in the order of their paths. An
    /// error is about the folder as a whole.
    pub fn add_folder(&mut self, folder: &Path) -> Result<Vec<ViewFile>, ViewError> {
        let name = folder.display().to_string();
        let root = folder.canonicalize().map_err(|error| ViewError::of_folder(&name, error.to_string()))?;
        let is_hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
        let entries = WalkDir::new(&root).min_depth(1).max_depth(3).sort_by_file_name().into_iter();
        let mut files = Vec::new();
        for entry in entries.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name())) {
            let entry = entry.map_err(|error| ViewError::of_folder(&name, error.to_string()))?;
            let path = entry.path();
            if entry.file_type().is_dir() || path.extension().is_none_or(|extension| extension != "sql") {
                continue;
            }
            if files.len() >= MAX_FILES {
                return Err(ViewError::of_folder(name, format!("it has more than {MAX_FILES} views")));
            }
            let relative = path.strip_prefix(&root).unwrap_or(path);
            files.push(ViewFile { path: folder.join(relative), view: self.add_file(path, relative, folder, &root) });
        }
        Ok(files)
    }

    /// Adds the view of one file of a folder, and returns its name.
    fn add_file(&mut self, path: &Path, relative: &Path, folder: &Path, root: &Path) -> Result<String, ViewError> {
        let file = folder.join(relative).display().to_string();
        let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
        let (category, stem) = match parts.as_deref() {
            Some([file]) => (CUSTOM, file.trim_end_matches(".sql")),
            Some([category, file]) => (*category, file.trim_end_matches(".sql")),
            Some(_) => {
                return Err(ViewError::of_file(file, "a view stands in the folder itself, or one folder below it"));
            }
            None => return Err(ViewError::of_file(file, "the path is not UTF-8")),
        };
        let text = read_text(path, root).map_err(|reason| ViewError::of_file(&file, reason))?;
        let view = read(&file, category, stem, &text)?;
        check_sql(&view)?;
        let name = view.name.clone();
        self.add(view)?;
        Ok(name)
    }

    /// Returns the views that are listed, by category and name.
    pub fn listed(&self) -> Vec<&View> {
        let mut views: Vec<&View> = self.views.values().filter(|view| !view.is_hidden()).collect();
        views.sort_by(|a, b| (&a.category, &a.name).cmp(&(&b.category, &b.name)));
        views
    }

    /// Returns the view of a name, hidden or not.
    pub fn get(&self, name: &str) -> Option<&View> {
        self.views.get(name)
    }

    /// Returns the view that a name stands for in a statement, or in the SELECT of a view, where hidden views are seen.
    pub(in super::super) fn visible(&self, name: &str, in_view: bool) -> Option<&View> {
        self.get(name).filter(|view| in_view || !view.is_hidden())
    }

    /// Returns the listed view of a name.
    pub fn find(&self, name: &str) -> Result<&View, EngineError> {
        self.visible(name, false)
            .ok_or_else(|| EngineError::UnknownView { name: name.to_owned(), similar: similar(name, self.names()) })
    }

    /// Returns the names of the views that are listed.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.views.values().filter(|view| !view.is_hidden()).map(|view| view.name.as_str())
    }

    fn add(&mut self, view: View) -> Result<(), ViewError> {
        if TABLES.iter().any(|(table, _)| *table == view.name) || RESERVED.contains(&view.name.as_str()) {
            return Err(ViewError::of_file(&view.file, format!("a table has this name: `{}`", view.name)));
        }
        if let Some(other) = self.views.get(&view.name) {
            let reason = format!("another view has the name `{}`: `{}`", view.name, other.file);
            return Err(ViewError::of_file(&view.file, reason));
        }
        self.views.insert(view.name.clone(), view);
        Ok(())
    }
}

fn read(file: &str, category: &str, stem: &str, text: &str) -> Result<View, ViewError> {
    front_matter::read(file, category, stem, text).map_err(|fault| ViewError {
        file: file.to_owned(),
        is_folder: false,
        line: Some(fault.line),
        reason: fault.reason,
        similar: fault.similar,
    })
}

/// Reads a file of the folder `root`.
fn read_text(path: &Path, root: &Path) -> Result<String, String> {
    let target = path.canonicalize().map_err(|error| error.to_string())?;
    if !target.starts_with(root) {
        return Err(format!("the link leads out of the folder: `{}`", target.display()));
    }
    // A pipe would be waited for.
    if !target.is_file() {
        return Err("it is not a file".to_owned());
    }
    let file = File::open(target).map_err(|error| error.to_string())?;
    let mut text = String::new();
    file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("it has more than {} KiB", MAX_FILE_BYTES >> 10));
    }
    Ok(text)
}

/// Parses the SELECT of a view, and compares its placeholders with the parameters.
fn check_sql(view: &View) -> Result<(), ViewError> {
    let failed = |line, reason, similar| ViewError { file: view.file.clone(), is_folder: false, line, reason, similar };
    let mut statement =
        statement::parse(&view.text_from_line_1()).map_err(|error| failed(None, error.to_string(), Vec::new()))?;
    let used = statement::placeholders(&mut statement);
    let values = view.params.iter().filter(|param| param.kind != ParamType::Table);
    let names = || values.clone().map(|param| param.name.as_str());
    if let Some(unknown) = used.iter().find(|used| names().all(|name| name != used.as_str())) {
        let reason = format!("the head has no parameter for `${unknown}`");
        return Err(failed(None, reason, similar(unknown, names())));
    }
    match names().find(|name| !used.contains(*name)) {
        Some(unused) => Err(failed(None, format!("the SELECT does not use the parameter `{unused}`"), Vec::new())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the text of a view that selects this.
    fn view(name: &str, sql: &str) -> String {
        format!(
            "-- /// view\n-- name = \"{name}\"\n-- title = {{ en = \"a\", ja = \"b\", zh = \"c\" }}\n\
             -- severity = \"low\"\n-- kind = \"summary\"\n-- source = \"ours\"\n-- why = \"w\"\n\
             -- param.n = {{ type = \"int\", default = 1, help = \"h\" }}\n-- ///\n{sql}\n"
        )
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn every_view_of_this_build_is_good() {
        let catalog = ViewCatalog::built_in().unwrap();
        assert!(catalog.listed().len() >= 9);
        for view in catalog.views.values() {
            check_sql(view).unwrap();
        }
    }

    #[test]
    fn a_folder_adds_its_views() {
        let (mine, theirs) = (view("mine", "SELECT $n"), view("theirs", "SELECT $n"));
        let lib = "-- /// view\n-- name = \"block\"\n-- why = \"w\"\n-- ///\nSELECT 1";
        let files = [("mine.sql", &*mine), ("net/theirs.sql", &theirs), ("lib/block.sql", lib), ("README.md", "x")];
        let folder = folder(&[&files[..], &[(".git/x.sql", "x"), ("net/theirs.test.json", "x")]].concat());
        let catalog = ViewCatalog::built_in().unwrap().with_folder(folder.path()).unwrap();
        let categories: Vec<_> = ["mine", "theirs"].map(|name| catalog.find(name).unwrap().category.as_str()).into();
        assert_eq!(categories, [CUSTOM, "net"]);
        assert!(catalog.get("block").unwrap().is_hidden());
        assert!(matches!(catalog.find("block"), Err(EngineError::UnknownView { .. })));
        assert!(!catalog.listed().iter().any(|view| view.category == super::super::LIB));
    }

    #[test]
    fn wrong_folders_are_errors_that_name_the_file() {
        let clash = view("root_high_frequency", "SELECT $n");
        let table = view("events", "SELECT $n");
        for (files, expected) in [
            (
                vec![("x/root_high_frequency.sql", clash.as_str())],
                "x/root_high_frequency.sql`: another view has the name `root_high_frequency`: \
                 `account_ak/root_high_frequency.sql`",
            ),
            (
                vec![("a/v.sql", &view("v", "SELECT $n")), ("b/v.sql", &view("v", "SELECT $n"))],
                "b/v.sql`: another view has the name `v`: `{folder}/a/v.sql`",
            ),
            (vec![("events.sql", &table)], "events.sql`: a table has this name: `events`"),
            (vec![("v.sql", "SELECT 1")], "v.sql`, line 1: a view file begins with `-- /// view`"),
            (
                vec![("v.sql", &view("v", "SELECT $n\nFROM (SELECT"))],
                "v.sql`: the SQL cannot be read at line 11, column 13: expected ), found the end",
            ),
            (vec![("v.sql", &view("v", "SELECT $m, $n"))], "v.sql`: the head has no parameter for `$m`"),
            (vec![("v.sql", &view("v", "SELECT 1"))], "v.sql`: the SELECT does not use the parameter `n`"),
            (vec![("a/b/v.sql", "")], "a/b/v.sql`: a view stands in the folder itself, or one folder below it"),
            (vec![("v.sql", &"-- \n".repeat(100_000))], "v.sql`: it has more than 256 KiB"),
        ] as [(Vec<(&str, &str)>, &str); 9]
        {
            let folder = folder(&files);
            let error = ViewCatalog::built_in().unwrap().with_folder(folder.path()).unwrap_err().to_string();
            let expected = expected.replace("{folder}", &folder.path().display().to_string());
            assert!(error.ends_with(&expected), "{error}");
            assert!(error.contains(&folder.path().display().to_string()), "{error}");
        }
        let missing = ViewCatalog::default().with_folder(Path::new("/no/such/folder")).unwrap_err();
        assert!(missing.to_string().starts_with("cannot read the folder of views `/no/such/folder`: "), "{missing}");
    }

    #[test]
    fn every_file_of_a_folder_is_told_of() {
        let folder = folder(&[("a.sql", "SELECT 1"), ("b.sql", &view("b", "SELECT $n")), ("c.sql", &view("d", "$n"))]);
        let mut catalog = ViewCatalog::default();
        let files = catalog.add_folder(folder.path()).unwrap();
        let found: Vec<_> = files.iter().map(|file| file.view.as_deref().map_err(|error| error.line)).collect();
        assert_eq!(found, [Err(Some(1)), Ok("b"), Err(Some(2))]);
        assert_eq!(files[1].path, folder.path().join("b.sql"));
        assert_eq!(catalog.names().collect::<Vec<_>>(), ["b"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_files_of_the_folder_only() {
        let text = view("v", "SELECT $n");
        let outside = folder(&[("v.sql", &text)]);
        let inside = folder(&[("..data/v.sql", &text)]);
        std::os::unix::fs::symlink(inside.path().join("..data/v.sql"), inside.path().join("v.sql")).unwrap();
        assert!(ViewCatalog::default().with_folder(inside.path()).unwrap().get("v").is_some());
        std::os::unix::fs::symlink(outside.path().join("v.sql"), inside.path().join("w.sql")).unwrap();
        let error = ViewCatalog::default().with_folder(inside.path()).unwrap_err();
        assert!(error.reason.starts_with("the link leads out of the folder: "), "{error}");
    }
}
