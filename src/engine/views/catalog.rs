//! The views that an engine knows: those built in, and those of folders.
//!
//! A folder has views as `<name>.sql`, of the category `custom`, and as `<category>/<name>.sql`. What is not named
//! `.sql`, or begins with a dot, is passed over. A link is followed as long as it leads to a file inside of the folder,
//! as a mounted folder of Kubernetes has them; one that leads out of it is an error. A name stands for one view: a
//! second one of that name is an error that names both files. A file of a folder stands in the place of a built-in view
//! of its name only if its head consents (`replaces = true`), so no folder does so by accident.

use super::{ParamType, View, ViewError};
use super::{front_matter, front_matter::Fault};
use crate::engine::error::EngineError;
use crate::engine::statement;
use crate::engine::tables::TABLES;
use crate::spelling::similar;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
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
    views: BTreeMap<String, Arc<View>>,
    /// The errors of files that cannot be read, by their names without `.sql`.
    broken: BTreeMap<String, (PathBuf, ViewError)>,
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
    /// Returns the views of this build, which are read once. An error means that a file of this build is wrong; a test
    /// reads all.
    pub fn built_in() -> Result<Self, ViewError> {
        static BUILT_IN: OnceLock<ViewCatalog> = OnceLock::new();
        match BUILT_IN.get() {
            Some(catalog) => Ok(catalog.clone()),
            None => Self::read_built_in().map(|catalog| BUILT_IN.get_or_init(|| catalog).clone()),
        }
    }

    fn read_built_in() -> Result<Self, ViewError> {
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
            let view = self.add_file(path, relative, folder, &root);
            if let (Err(error), Some(stem)) = (&view, path.file_stem()) {
                let broken = (folder.join(relative), error.clone());
                self.broken.entry(stem.to_string_lossy().into_owned()).or_insert(broken);
            }
            files.push(ViewFile { path: folder.join(relative), view });
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
        let mut view = read(&file, category, stem, &text)?;
        view.path = Some(folder.join(relative));
        view.check()?;
        let name = view.name.clone();
        self.add(view)?;
        Ok(name)
    }

    /// Reads a text as the view file of a path, in a category, and checks its SELECT. It need not be there, and is not
    /// added.
    pub fn read(path: &Path, category: Option<&str>, text: &str) -> Result<View, ViewError> {
        let view = Self::read_head(path, category, text)?;
        view.check()?;
        Ok(view)
    }

    /// Reads a text as the view file of a path, without a look at its SELECT.
    pub fn read_head(path: &Path, category: Option<&str>, text: &str) -> Result<View, ViewError> {
        let file = path.display().to_string();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if text.len() as u64 > MAX_FILE_BYTES {
            return Err(ViewError::of_file(file, too_long()));
        }
        let mut view = read(&file, category.unwrap_or(CUSTOM), stem, text)?;
        view.path = Some(path.to_owned());
        Ok(view)
    }

    /// Returns the text of the file of a view, up to what a file may have.
    pub fn text_of(view: &View) -> Result<String, ViewError> {
        let Some(path) = &view.path else {
            let built_in = FILES.iter().find(|(file, _)| *file == view.file).map(|(_, text)| (*text).to_owned());
            return built_in.ok_or_else(|| ViewError::of_file(&view.file, "this build does not have it"));
        };
        read_file(path).map_err(|reason| ViewError::of_file(&view.file, reason))
    }

    /// Reads a file up to the length that a view file may have.
    pub fn read_file(path: &Path) -> Result<String, ViewError> {
        read_file(path).map_err(|reason| ViewError::of_file(path.display().to_string(), reason))
    }

    /// Puts a view in the place of the one that has its name.
    pub fn put(&mut self, mut view: View) {
        let other = self.views.get(&view.name);
        view.shadows = other.is_some_and(|other| other.is_built_in() || other.shadows);
        self.broken.remove(&view.name);
        self.views.insert(view.name.clone(), Arc::new(view));
    }

    /// Takes a view of a folder away. The built-in view that it stood in the place of is there again.
    pub fn take(&mut self, name: &str) -> Result<(), ViewError> {
        if let Some(view) = self.views.remove(name)
            && view.shadows
        {
            self.views.extend(Self::built_in()?.views.remove_entry(name));
        }
        Ok(())
    }

    fn all(&self) -> impl Iterator<Item = &View> {
        self.views.values().map(Arc::as_ref)
    }

    /// Returns all views but the built-in ones, hidden ones too, by their names.
    pub fn own(&self) -> impl Iterator<Item = &View> {
        self.all().filter(|view| !view.is_built_in())
    }

    /// Returns the names of the views whose SELECT has a word, other than the one of that name.
    pub fn naming(&self, word: &str) -> Vec<String> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let has_word = |view: &&View| view.name != word && view.sql.split(|c| !is_part(c)).any(|part| part == word);
        self.all().filter(has_word).map(|view| view.name.clone()).collect()
    }

    /// Returns the error of the file of a folder that has this name and cannot be read.
    pub fn broken(&self, name: &str) -> Option<&ViewError> {
        self.broken.get(name).map(|(_, error)| error)
    }

    /// Returns the path of that file.
    pub fn broken_file(&self, name: &str) -> Option<&Path> {
        self.broken.get(name).map(|(path, _)| path.as_path())
    }

    /// Returns `true` if a text begins with a head, so that it is a view file and no bare SELECT.
    pub fn has_head(text: &str) -> bool {
        front_matter::has_head(text)
    }

    /// Returns the name in the head of a text.
    pub fn name_in(file: &str, text: &str) -> Result<String, ViewError> {
        front_matter::name_of(text).map_err(|fault| of_fault(file, fault))
    }

    /// Returns a text with another name in its head.
    pub fn renamed(file: &str, text: &str, name: &str) -> Result<String, ViewError> {
        front_matter::renamed(text, name).map_err(|fault| of_fault(file, fault))
    }

    /// Returns a text whose head consents to stand in the place of a built-in view.
    pub fn replacing(file: &str, text: &str) -> Result<String, ViewError> {
        front_matter::replacing(text).map_err(|fault| of_fault(file, fault))
    }

    /// Returns the views that are listed, by category and name.
    pub fn listed(&self) -> Vec<&View> {
        let mut views: Vec<&View> = self.all().filter(|view| !view.is_hidden()).collect();
        views.sort_by(|a, b| (&a.category, &a.name).cmp(&(&b.category, &b.name)));
        views
    }

    /// Returns the view of a name, hidden or not.
    pub fn get(&self, name: &str) -> Option<&View> {
        self.views.get(name).map(Arc::as_ref)
    }

    /// Returns the view that a name stands for in a statement, or in the SELECT of a view, where hidden views are seen.
    pub(in super::super) fn visible(&self, name: &str, in_view: bool) -> Option<&View> {
        self.get(name).filter(|view| in_view || !view.is_hidden())
    }

    /// Returns the listed view of a name.
    pub fn find(&self, name: &str) -> Result<&View, EngineError> {
        self.visible(name, false).ok_or_else(|| match self.broken(name) {
            Some(error) => EngineError::View(error.clone()),
            None => EngineError::UnknownView { name: name.to_owned(), similar: similar(name, self.names()) },
        })
    }

    /// Returns the names of the views that are listed.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all().filter(|view| !view.is_hidden()).map(|view| view.name.as_str())
    }

    fn add(&mut self, mut view: View) -> Result<(), ViewError> {
        if is_reserved(&view.name) {
            return Err(ViewError::of_file(&view.file, format!("a table has this name: `{}`", view.name)));
        }
        if let Some(other) = self.views.get(&view.name) {
            if view.replaces && view.path.is_some() && other.is_built_in() && !other.is_hidden() {
                view.shadows = true;
                self.views.insert(view.name.clone(), Arc::new(view));
                return Ok(());
            }
            let reason = format!("another view has the name `{}`: `{}`", view.name, other.file);
            return Err(ViewError::of_file(&view.file, reason));
        }
        self.views.insert(view.name.clone(), Arc::new(view));
        Ok(())
    }
}

fn read(file: &str, category: &str, stem: &str, text: &str) -> Result<View, ViewError> {
    front_matter::read(file, category, stem, text).map_err(|fault| of_fault(file, fault))
}

fn of_fault(file: &str, fault: Fault) -> ViewError {
    ViewError {
        file: file.to_owned(),
        is_folder: false,
        line: Some(fault.line),
        column: fault.column,
        reason: fault.reason,
        similar: fault.similar,
    }
}

/// Checks that a text can be the name of a view of a folder: in SQL, as a file, and beside the tables. The error is the
/// reason against it.
pub fn check_name(name: &str) -> Result<(), String> {
    if !front_matter::is_name(name) {
        return Err(front_matter::NAME_RULE.to_owned());
    }
    if is_reserved(name) {
        return Err("a table has this name".to_owned());
    }
    // The letters of a name are checked, so this is one statement; another tree is that of a word of SQL.
    let named = format!("SELECT * FROM {name}");
    let is_table = statement::parse(&named).is_ok_and(|statement| statement.to_string() == named);
    if is_table { Ok(()) } else { Err("SQL has this word".to_owned()) }
}

fn is_reserved(name: &str) -> bool {
    TABLES.iter().any(|(table, _)| *table == name) || RESERVED.contains(&name)
}

fn too_long() -> String {
    format!("it has more than {} KiB", MAX_FILE_BYTES >> 10)
}

/// Reads a file of the folder `root`.
fn read_text(path: &Path, root: &Path) -> Result<String, String> {
    let target = path.canonicalize().map_err(|error| error.to_string())?;
    if !target.starts_with(root) {
        return Err(format!("the link leads out of the folder: `{}`", target.display()));
    }
    read_file(&target)
}

/// Reads a file up to the length that a view file may have.
fn read_file(path: &Path) -> Result<String, String> {
    // A pipe would be waited for.
    if !path.is_file() {
        return Err(if path.exists() { "it is not a file" } else { "it is not there" }.to_owned());
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(too_long());
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// Parses the SELECT of a view, and compares its placeholders with the parameters.
pub(super) fn check_sql(view: &View) -> Result<(), ViewError> {
    let failed = |name: Option<&str>, reason, similar| {
        let (line, column) = name.and_then(|name| view.place_of(name)).unzip();
        ViewError { file: view.file.clone(), is_folder: false, line, column, reason, similar }
    };
    let mut statement =
        statement::parse(&view.text_from_line_1()).map_err(|error| failed(None, error.to_string(), Vec::new()))?;
    if !statement::is_select(&statement) {
        return Err(failed(None, "a view is one SELECT".to_owned(), Vec::new()));
    }
    let used = statement::placeholders(&mut statement);
    let values = view.params.iter().filter(|param| param.kind != ParamType::Table);
    let names = || values.clone().map(|param| param.name.as_str());
    if let Some(unknown) = used.iter().find(|used| names().all(|name| name != used.as_str())) {
        let reason = format!("the head has no parameter for `${unknown}`");
        return Err(failed(Some(&format!("${unknown}")), reason, similar(unknown, names())));
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
            (
                vec![("v.sql", &view("v", "SELECT $m, $n"))],
                "v.sql`, line 10, column 8: the head has no parameter for `$m`",
            ),
            (vec![("v.sql", &view("v", "EXPLAIN SELECT $n"))], "v.sql`: a view is one SELECT"),
            (vec![("v.sql", &view("v", "SELECT 1"))], "v.sql`: the SELECT does not use the parameter `n`"),
            (vec![("a/b/v.sql", "")], "a/b/v.sql`: a view stands in the folder itself, or one folder below it"),
            (vec![("v.sql", &"-- \n".repeat(100_000))], "v.sql`: it has more than 256 KiB"),
        ] as [(Vec<(&str, &str)>, &str); 10]
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
    fn a_view_stands_in_the_place_of_a_built_in_one_if_it_says_so() {
        let mine = view("root_high_frequency", "SELECT $n").replace("-- title", "-- replaces = true\n-- title");
        let block = mine.replace("root_high_frequency", "root_events");
        let folder = folder(&[("root_high_frequency.sql", &mine), ("root_events.sql", &block)]);
        let mut catalog = ViewCatalog::built_in().unwrap();
        let files = catalog.add_folder(folder.path()).unwrap();
        assert!(files[0].view.as_ref().unwrap_err().reason.starts_with("another view has the name `root_events`"));
        let found = catalog.find("root_high_frequency").unwrap();
        assert!(found.shadows && !found.is_built_in() && found.category == CUSTOM);
        assert_eq!(ViewCatalog::text_of(found).unwrap(), mine);
        assert_eq!(catalog.own().count(), 1);
        catalog.take("root_high_frequency").unwrap();
        assert!(catalog.find("root_high_frequency").unwrap().is_built_in());
        assert_eq!(catalog.own().count(), 0);
    }

    #[test]
    fn names_stand_in_sql_as_they_are() {
        for name in ["mine", "a", "root_console_login", "v2_3"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        let long = "a".repeat(65);
        for name in ["", "A", "2a", "_a", "a-b", "a b", "a.b", "a/b", "../a", "a;b", "ä", "a\u{0}", "a\n", &long] {
            assert_eq!(check_name(name).unwrap_err(), front_matter::NAME_RULE, "{name:?}");
        }
        for name in ["events", "range", "sources"] {
            assert_eq!(check_name(name).unwrap_err(), "a table has this name", "{name}");
        }
        for name in ["lateral", "table", "unnest"] {
            assert_eq!(check_name(name).unwrap_err(), "SQL has this word", "{name}");
        }
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
        assert!(matches!(catalog.find("a"), Err(EngineError::View(error)) if error.line == Some(1)));
        assert!(matches!(catalog.find("x"), Err(EngineError::UnknownView { .. })));
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
