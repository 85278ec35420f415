//! What a store and a staging can be told, with defaults, and the JSON form in which the bindings hand it over.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::options::duration;

use super::{media, name};

/// How a [`super::FileStore`] works. All fields have defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// The staging folder. By default `codexkit/files` in the user's cache folder; without one, a private folder
    /// among the temporary files.
    pub root: Option<PathBuf>,
    /// How long attachments stay unless they are persistent: a day by default.
    pub ttl: Duration,
    /// The largest file, in bytes: 8 GiB by default.
    pub max_bytes: u64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            root: None,
            ttl: Duration::from_secs(24 * 3600),
            max_bytes: 8 << 30,
        }
    }
}

/// How a file is staged. All fields have defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageOptions {
    /// The attachment's name; an unsafe one is refused. By default the source's, made safe.
    pub name: Option<String>,
    /// Where a name comes from if none is given, a path for example: its last part, made safe.
    pub suggested_name: Option<String>,
    /// Keep the attachment until it is removed.
    pub persist: bool,
    /// How long it stays, instead of the store's `ttl`.
    pub ttl: Option<Duration>,
    /// The largest size in bytes, instead of the store's.
    pub max_bytes: Option<u64>,
    /// The media type; by default it is found out from the content and the name.
    pub media_type: Option<String>,
}

/// Options of a staging that were found to make sense.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) name: Option<String>,
    /// How long it stays, in seconds; `None` for ever.
    pub(super) ttl: Option<u64>,
    pub(super) max_bytes: u64,
    pub(super) media_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StoreFields {
    root: Option<PathBuf>,
    ttl_s: Option<f64>,
    max_bytes: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StageFields {
    name: Option<String>,
    suggested_name: Option<String>,
    persist: Option<bool>,
    ttl_s: Option<f64>,
    max_bytes: Option<u64>,
    media_type: Option<String>,
}

impl StoreOptions {
    /// Reads options from JSON: the fields' names, `ttl_s` in seconds.
    ///
    /// # Errors
    /// `invalid_argument`, naming the key, for an unknown key, a wrong type or an impossible value.
    pub fn from_json(text: &str) -> Result<Self> {
        let fields: StoreFields = parse(text)?;
        let mut options = Self {
            root: fields.root,
            ..Self::default()
        };
        if let Some(seconds) = fields.ttl_s {
            options.ttl = duration("ttl", seconds)?;
        }
        if let Some(bytes) = fields.max_bytes {
            options.max_bytes = bytes;
        }
        Ok(options)
    }

    pub(super) fn check(&self) -> Result<()> {
        check_ttl(self.ttl)?;
        check_max_bytes(self.max_bytes)
    }
}

impl StageOptions {
    /// Reads options from JSON: the fields' names, `ttl_s` in seconds.
    ///
    /// # Errors
    /// `invalid_argument`, naming the key, for an unknown key, a wrong type or an impossible value.
    pub fn from_json(text: &str) -> Result<Self> {
        let fields: StageFields = parse(text)?;
        Ok(Self {
            name: fields.name,
            suggested_name: fields.suggested_name,
            persist: fields.persist.unwrap_or_default(),
            ttl: fields
                .ttl_s
                .map(|seconds| duration("ttl", seconds))
                .transpose()?,
            max_bytes: fields.max_bytes,
            media_type: fields.media_type,
        })
    }

    /// Checks the options and fills in the store's.
    pub(super) fn plan(self, store: &StoreOptions) -> Result<Plan> {
        if let Some((name, problem)) = self
            .name
            .as_ref()
            .and_then(|name| Some((name, name::problem(name)?)))
        {
            return Err(Error::invalid_argument(
                "name",
                format!("{name:?} is no safe name: {problem}"),
            ));
        }
        if self.persist && self.ttl.is_some() {
            return Err(Error::invalid_argument(
                "ttl",
                "a persistent attachment has none; leave out ttl or persist",
            ));
        }
        let ttl = self.ttl.unwrap_or(store.ttl);
        check_ttl(ttl)?;
        let max_bytes = self.max_bytes.unwrap_or(store.max_bytes);
        check_max_bytes(max_bytes)?;
        if let Some(wrong) = self
            .media_type
            .as_ref()
            .filter(|media_type| !media::is_valid(media_type))
        {
            return Err(Error::invalid_argument(
                "media_type",
                format!("{wrong:?} is no media type; one looks like text/plain"),
            ));
        }
        let suggested = self.suggested_name.as_deref().map(name::sanitise);
        Ok(Plan {
            name: self.name.or(suggested),
            // A part of a second counts as one: records have whole seconds.
            ttl: (!self.persist).then(|| ttl.as_secs() + u64::from(ttl.subsec_nanos() > 0)),
            max_bytes,
            media_type: self.media_type,
        })
    }
}

fn check_ttl(ttl: Duration) -> Result<()> {
    if ttl.is_zero() {
        return Err(Error::invalid_argument(
            "ttl",
            "it must be more than zero; a persistent attachment stays for ever",
        ));
    }
    Ok(())
}

fn check_max_bytes(bytes: u64) -> Result<()> {
    if bytes == 0 {
        return Err(Error::invalid_argument(
            "max_bytes",
            "it must be more than zero",
        ));
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let name = message.split('`').nth(1).unwrap_or("options").to_owned();
        Error::invalid_argument(&name, message)
    })
}
