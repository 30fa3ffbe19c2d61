//! Saves, copies and removes views of the user's own.
//!
//! A view is stored only if the reader of all views takes it, if it plans, and if the views that name it still plan. It
//! appears whole or not at all: it is written beside its place and renamed. Nothing is replaced without consent, and a
//! built-in view is replaced only by a file that says so in its head.

mod error;
mod store;

pub use error::OwnViewError;

use super::{OpsError, plan_view};
use crate::engine::views::{NewView, Severity, View, ViewCatalog, ViewKind, check_name};
use crate::spelling::similar;
use std::path::{Path, PathBuf};

/// The views of the user, and where new ones go.
#[derive(Debug)]
pub struct OwnViews {
    /// The folder for new views.
    pub folder: PathBuf,
    /// Makes the folder if it is not there.
    pub makes_folder: bool,
    /// All folders with views of the user.
    pub folders: Vec<PathBuf>,
    /// The built-in views, and those of all folders.
    pub views: ViewCatalog,
}

/// The consent to replace a view.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Whatever has the name may be replaced.
    pub replace: bool,
    /// The view that was opened to be edited may be replaced, as long as its file still has the text.
    pub edited: Option<Draft>,
}

/// The text of a view that is opened to be edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Name in its head; that of the file where the head cannot be read.
    pub name: String,
    /// The file that it is the text of; `None` for a copy.
    pub path: Option<PathBuf>,
    /// The text.
    pub text: String,
}

/// A view that was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The view.
    pub view: View,
    /// Its file.
    pub path: PathBuf,
    /// A file was there and was replaced.
    pub is_replaced: bool,
}

/// A view that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Its file.
    pub path: PathBuf,
    /// A built-in view has the name again.
    pub is_built_in_again: bool,
    /// The test beside it, which was left.
    pub test: Option<PathBuf>,
    /// Views that used it, and do not plan without it.
    pub users: Vec<String>,
}

/// The place of a view in the folders.
struct Place {
    path: PathBuf,
    category: Option<String>,
    /// A file is there.
    is_taken: bool,
    /// A view of this build has the name.
    is_built_in: bool,
    /// The built-in view has the name, and not yet a view of the user.
    would_shadow: bool,
}

impl OwnViews {
    /// Makes the text of a view file of a SELECT. Errors about the SELECT name its own lines.
    ///
    /// The kind follows from severity and columns: `summary` for `info`, `match` for rows that are events, else
    /// `threshold`.
    pub fn draft(&self, mut new: NewView) -> Result<String, OwnViewError> {
        self.named(&new.name)?;
        let wrong = |reason: String| OwnViewError::Wrong { name: new.name.clone(), reason };
        let path = self.folder.join(format!("{}.sql", new.name));
        let mut view = ViewCatalog::read_head(&path, None, &new.text().map_err(wrong)?)?;
        let blank = new.sql.len() - new.sql.trim_start().len();
        view.sql_line = 1 + new.sql.get(..blank).unwrap_or_default().matches('\n').count();
        view.check().map_err(|error| {
            let missing = error.reason.strip_prefix("the head has no parameter for `$");
            if let Some(param) = missing.and_then(|rest| rest.strip_suffix('`')) {
                return OwnViewError::MissingParam { name: new.name.clone(), param: param.to_owned() };
            }
            let place = error.line.zip(error.column).map(|(line, column)| format!(" (line {line}, column {column})"));
            wrong(format!("{}{}", error.reason, place.unwrap_or_default()))
        })?;
        let mut views = self.views.clone();
        views.put(view);
        let columns = plan_view::columns(&views, &new.name)?.map_err(wrong)?;
        if new.severity != Severity::Info {
            let is_match = plan_view::faults_of_match(&columns).is_empty();
            new.kind = if is_match { ViewKind::Match } else { ViewKind::Threshold };
        }
        let name = new.name.clone();
        new.text().map_err(|reason| OwnViewError::Wrong { name, reason })
    }

    /// Returns the text of a view to edit, under another name where one is given.
    pub fn copy(&self, name: &str, new_name: Option<&str>) -> Result<Draft, OwnViewError> {
        let known = self.views.get(name).filter(|view| !view.is_hidden() || !view.is_built_in());
        let (path, text) = match (known.filter(|view| !view.is_built_in()), self.views.broken_file(name), known) {
            (Some(view), _, _) => (view.path.clone(), ViewCatalog::text_of(view)?),
            (None, Some(path), _) => (Some(path.to_owned()), ViewCatalog::read_file(path)?),
            (None, None, Some(built_in)) => (None, ViewCatalog::text_of(built_in)?),
            (None, None, None) => {
                let similar = similar(name, self.views.names());
                return Err(OwnViewError::Unknown { name: name.to_owned(), similar });
            }
        };
        let Some(new_name) = new_name.filter(|new_name| *new_name != name) else {
            return Ok(Draft { name: name.to_owned(), path, text });
        };
        self.named(new_name)?;
        let text = ViewCatalog::renamed(name, &text, new_name)?;
        Ok(Draft { name: new_name.to_owned(), path: None, text })
    }

    /// Checks that a name can be that of a view, and may be replaced at all.
    fn named(&self, name: &str) -> Result<(), OwnViewError> {
        check_name(name).map_err(|reason| OwnViewError::BadName { name: name.to_owned(), reason })?;
        match self.views.get(name) {
            Some(view) if view.is_built_in() && view.is_hidden() => Err(OwnViewError::IsBlock(name.to_owned())),
            _ => Ok(()),
        }
    }

    /// Checks that a view of this name may be stored.
    pub fn may_store(&self, name: &str, consent: &Consent) -> Result<(), OwnViewError> {
        self.place(name, consent).map(drop)
    }

    fn place(&self, name: &str, consent: &Consent) -> Result<Place, OwnViewError> {
        self.named(name)?;
        let new = self.folder.join(format!("{name}.sql"));
        let edited = consent.edited.as_ref().filter(|draft| draft.name == name).and_then(|draft| draft.path.as_ref());
        let known = self.views.get(name);
        let own = known.filter(|view| !view.is_built_in());
        let broken = self.views.broken_file(name).filter(|_| own.is_none());
        let path = own.and_then(|view| view.path.clone()).or_else(|| broken.map(Path::to_owned)).unwrap_or(new);
        let folder = self.folders.iter().find(|folder| path.starts_with(folder)).unwrap_or(&self.folder);
        if edited != Some(&path) && !path.starts_with(&self.folder) {
            return Err(OwnViewError::InAnotherFolder { name: name.to_owned(), path });
        }
        let category = path.parent().filter(|parent| *parent != folder).and_then(Path::file_name);
        let place = Place {
            category: category.map(|category| category.to_string_lossy().into_owned()),
            is_taken: path.symlink_metadata().is_ok(),
            is_built_in: known.is_some_and(|view| view.is_built_in() || view.shadows),
            would_shadow: known.is_some_and(View::is_built_in),
            path,
        };
        if !consent.replace {
            if place.is_taken && edited != Some(&place.path) {
                return Err(OwnViewError::Exists { name: name.to_owned(), path: place.path });
            }
            if place.would_shadow && edited.is_none() {
                return Err(OwnViewError::IsBuiltIn(name.to_owned()));
            }
        }
        Ok(place)
    }

    /// Checks the text of a view file and stores it under the name in its head.
    pub fn store(&self, text: &str, consent: &Consent) -> Result<Stored, OwnViewError> {
        let shown = |draft: &Draft| {
            draft.path.as_ref().map_or(format!("{}.sql", draft.name), |path| path.display().to_string())
        };
        let file = consent.edited.as_ref().map_or_else(|| "the text".to_owned(), shown);
        let name = ViewCatalog::name_in(&file, text)?;
        let place = self.place(&name, consent)?;
        let shown = place.path.display().to_string();
        let text = if place.is_built_in { ViewCatalog::replacing(&shown, text)? } else { text.to_owned() };
        let view = ViewCatalog::read(&place.path, place.category.as_deref(), &text)?;
        let mut views = self.views.clone();
        views.put(view);
        let view = views.get(&name).cloned().ok_or_else(|| OwnViewError::NotYours(name.clone()))?;
        if !view.takes_table() {
            let wrong = |reason| OwnViewError::Wrong { name: name.clone(), reason };
            plan_view::columns(&views, &name)?.map_err(wrong)?;
        }
        let users = self.unplanned(&views, &name)?;
        if !users.is_empty() {
            return Err(OwnViewError::Used { name, users });
        }
        if let Some(draft) = &consent.edited
            && draft.path.as_ref() == Some(&place.path)
            && ViewCatalog::read_file(&place.path)? != draft.text
        {
            return Err(OwnViewError::ChangedMeanwhile(place.path));
        }
        store::write(&place, &text, consent.replace, self.makes_folder)
            .map_err(|error| OwnViewError::of_write(&name, place.path.clone(), error))?;
        Ok(Stored { view, path: place.path, is_replaced: place.is_taken })
    }

    /// Removes a view of the user. Views that use it, and do not plan without it, are an error unless `is_forced`.
    pub fn remove(&self, name: &str, is_forced: bool) -> Result<Removed, OwnViewError> {
        let own = self.views.get(name).filter(|view| !view.is_built_in()).and_then(|view| view.path.as_deref());
        let Some(path) = own.or_else(|| self.views.broken_file(name)).map(Path::to_owned) else {
            if self.views.get(name).is_some() {
                return Err(OwnViewError::NotYours(name.to_owned()));
            }
            let similar = similar(name, self.views.own().map(|view| view.name.as_str()));
            return Err(OwnViewError::Unknown { name: name.to_owned(), similar });
        };
        let mut views = self.views.clone();
        let mut users = Vec::new();
        if own.is_some() {
            views.take(name)?;
            users = self.unplanned(&views, name)?;
        }
        if !users.is_empty() && !is_forced {
            return Err(OwnViewError::Used { name: name.to_owned(), users });
        }
        std::fs::remove_file(&path).map_err(|source| OwnViewError::Remove { path: path.clone(), source })?;
        let test = Some(path.with_extension("test.json")).filter(|test| test.is_file());
        Ok(Removed { is_built_in_again: views.get(name).is_some(), path, test, users })
    }

    /// Returns the views that name another one, and plan as it is, but not among other views.
    fn unplanned(&self, views: &ViewCatalog, name: &str) -> Result<Vec<String>, OpsError> {
        let mut users = Vec::new();
        for user in self.views.naming(name) {
            let takes_table = views.get(&user).is_none_or(View::takes_table);
            if !takes_table
                && plan_view::columns(views, &user)?.is_err()
                && plan_view::columns(&self.views, &user)?.is_ok()
            {
                users.push(user);
            }
        }
        Ok(users)
    }
}
