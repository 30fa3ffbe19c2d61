//! Reference data: facts that no lake holds, and that SQL functions look up.
//!
//! A function of a plan keeps no state, so that a plan can run on another machine. Reference data is therefore an
//! extension of the configuration of a session, which DataFusion hands to every call of a function. A distributed
//! session has to give its workers the same extension.

use crate::event::known_names::KnownNames;
use crate::event::secret::Masker;
use crate::geoip::GeoIp;
use datafusion::common::config::{ConfigEntry, ConfigExtension, ConfigOptions, ExtensionOptions};
use datafusion::common::{config_err, internal_err};
use datafusion::error::Result;
use std::any::Any;

/// Facts that functions look up. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct ReferenceData {
    /// Names that the user gives to ids and networks.
    pub known_names: KnownNames,
    /// Databases that tell the places of addresses.
    pub geoip: GeoIp,
}

impl ReferenceData {
    /// Hides in names what a masker hides in events: a user may have written an e-mail address as a name.
    pub(super) fn masked(&self, masker: &Masker) -> Self {
        let known_names = self.known_names.map(|name| masker.mask(name).into_owned());
        Self { known_names, geoip: self.geoip.clone() }
    }
}

/// Returns the reference data of a call of a function.
///
/// A configuration without it is an error: an empty answer could leave rows out.
pub(super) fn reference_of(options: &ConfigOptions) -> Result<&ReferenceData> {
    match options.extensions.get::<ReferenceData>() {
        Some(reference) => Ok(reference),
        None => internal_err!("the session has no reference data"),
    }
}

impl ConfigExtension for ReferenceData {
    const PREFIX: &'static str = "trailql";
}

impl ExtensionOptions for ReferenceData {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, _value: &str) -> Result<()> {
        config_err!("not a setting of a session: `{key}`")
    }

    /// Returns nothing: reference data is no text that a statement could show or set.
    fn entries(&self) -> Vec<ConfigEntry> {
        Vec::new()
    }
}
