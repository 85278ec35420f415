//! How many messages the protocol has, for the page that says what of it is covered.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::model::{Protocol, Schema};

/// How many messages of one kind an engine has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    /// In its JSON Schema, without the experimental ones.
    pub(crate) stable: usize,
    /// In its JSON Schema, with them.
    pub(crate) all: usize,
    /// In its TypeScript only.
    pub(crate) hidden: usize,
}

/// The messages of the protocol, and their numbers.
pub(crate) struct Numbers {
    /// The pinned engine's version.
    pub(crate) pinned: String,
    /// The version of the newer engine whose additions are known.
    pub(crate) newer: String,
    pub(crate) client_methods: Vec<String>,
    /// The methods that only the newer engine has.
    pub(crate) newer_methods: BTreeSet<String>,
    /// Name, type of the parameters, and whether only the newer engine has it.
    pub(crate) notifications: Vec<(String, String, bool)>,
    /// The same.
    pub(crate) server_requests: Vec<(String, String, bool)>,
    /// For each kind: the pinned engine's number, and the newer one's.
    pub(crate) counts: Vec<(&'static str, [Count; 2])>,
}

impl Numbers {
    /// The methods as a set.
    pub(crate) fn methods(&self) -> BTreeSet<String> {
        self.client_methods.iter().cloned().collect()
    }
}

/// Reads them out of `schema/`.
pub(crate) fn numbers(root: &Path) -> Result<Numbers> {
    let schema = Schema::load(&root.join("schema"))?;
    let protocol = Protocol::new(&schema)?;
    let requests = |list: &[super::model::Request]| -> Vec<[bool; 3]> {
        list.iter()
            .map(|info| [info.documented, info.experimental, info.newer])
            .collect()
    };
    let notifications: Vec<[bool; 3]> = protocol
        .notifications
        .iter()
        .map(|info| [info.documented, info.experimental, info.newer])
        .collect();
    Ok(Numbers {
        pinned: schema.version.clone(),
        newer: schema.newer.version.clone(),
        client_methods: protocol
            .client_methods
            .iter()
            .map(|info| info.method.clone())
            .collect(),
        newer_methods: protocol
            .client_methods
            .iter()
            .filter(|info| info.newer)
            .map(|info| info.method.clone())
            .collect(),
        notifications: protocol
            .notifications
            .iter()
            .map(|info| (info.method.clone(), info.payload.clone(), info.newer))
            .collect(),
        server_requests: protocol
            .server_requests
            .iter()
            .map(|info| (info.method.clone(), info.params.clone(), info.newer))
            .collect(),
        counts: vec![
            ("client methods", count(&requests(&protocol.client_methods))),
            ("notifications", count(&notifications)),
            (
                "requests of the engine",
                count(&requests(&protocol.server_requests)),
            ),
        ],
    })
}

/// Of `[documented, experimental, newer]` of each message.
fn count(list: &[[bool; 3]]) -> [Count; 2] {
    [false, true].map(|with_newer| {
        let mut count = Count::default();
        let known = list.iter().filter(|[_, _, newer]| with_newer || !newer);
        for [documented, experimental, _] in known {
            count.all += usize::from(*documented);
            count.stable += usize::from(*documented && !experimental);
            count.hidden += usize::from(!documented);
        }
        count
    })
}
