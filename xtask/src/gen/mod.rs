//! `cargo xtask gen`: everything that is derived from the engine's own description in `schema/`.
//!
//! One module an output. The outputs are committed, begin with the command that makes them, and
//! `gen --check` (part of the test suite) fails when one of them is stale. Nothing here may look at
//! the core crate: core is built from one of these outputs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::versions::history::History;
use crate::{paths, sh};

mod canonical;
mod compare;
mod hidden;
mod inputs;
mod model;
mod newer;
mod node_api;
mod numbers;
mod python_api;
mod python_registry;
mod python_shims;
mod python_stub;
mod rust_api;
mod rust_calls;
mod rust_methods;
mod rust_versions;
mod tree;
mod types;
mod typescript;
mod update;

#[cfg(test)]
mod tests;

pub(crate) use numbers::{Count, Numbers, numbers};
pub(crate) use update::schema_update;

/// The command that is named at the top of each generated file.
const COMMAND: &str = "cargo xtask gen";

/// Arguments of `cargo xtask gen`.
#[derive(clap::Args, Debug)]
pub(crate) struct GenArgs {
    /// Compare with what is committed instead of writing, and fail if a file is stale.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Arguments of `cargo xtask schema-update`.
#[derive(clap::Args, Debug)]
pub(crate) struct SchemaUpdateArgs {
    /// The engine binary whose protocol is recorded in `schema/`.
    pub(crate) engine: PathBuf,
    /// Record in `schema/newer/` what this engine adds to the pinned one, instead of pinning it.
    #[arg(long)]
    pub(crate) newer: bool,
    /// Only print what would be added and removed.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// One generated file: its path in the repository and its text.
pub(crate) struct Output {
    /// Path relative to the repository's root.
    pub(crate) path: &'static str,
    /// The whole text.
    pub(crate) text: String,
}

/// Builds every generated file in memory.
pub(crate) fn outputs(root: &Path) -> Result<Vec<Output>> {
    let history = fs::read_to_string(root.join("schema/history.json"))?;
    let history = History::parse(&history)?;
    let mut schema = model::Schema::load(&root.join("schema"))?;
    schema.since = since(&history);
    let protocol = model::Protocol::new(&schema)?;
    protocol.check_answers()?;
    let types = types::Types::new(&schema);
    let [typescript, typescript_methods] = typescript::outputs(&protocol)?;
    let mut outputs = vec![
        rust_methods::output(&protocol),
        inputs::output(&protocol, &types),
        rust_api::output(&protocol),
        rust_calls::output(&protocol),
        python_registry::output(&protocol, &types),
        python_registry::package(),
        python_stub::output(&protocol, &types),
        python_api::output(&protocol, &types),
        typescript,
        typescript_methods,
        node_api::output(&protocol, &types),
    ];
    outputs.extend(python_shims::outputs(&protocol));
    outputs.push(rust_versions::output(&history)?);
    Ok(outputs)
}

/// The first engine that has a request or one of its parameters (`thread/list.cwd`), if not the oldest.
fn since(history: &History) -> BTreeMap<String, String> {
    let mut since = BTreeMap::new();
    for (name, method) in &history.client {
        let params = method.params.iter();
        let params = params.map(|(path, span)| (format!("{name}.{path}"), span));
        for (what, span) in params.chain([(name.clone(), &method.span)]) {
            if let Some(version) = &span.since {
                since.insert(what, version.clone());
            }
        }
    }
    since
}

/// Runs `cargo xtask gen [--check]`.
pub(crate) fn run(arguments: &GenArgs) -> Result<()> {
    let root = paths::root();
    let mut stale = Vec::new();
    for output in outputs(&root)? {
        let path = root.join(output.path);
        let current = fs::read_to_string(&path).unwrap_or_default();
        if current == output.text {
            continue;
        }
        if arguments.check {
            stale.push(output.path);
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, output.text)
            .with_context(|| format!("cannot write {}", path.display()))?;
        sh::say(&format!("wrote {}", output.path));
    }
    if !stale.is_empty() {
        bail!(
            "stale generated files, run `{COMMAND}`: {}",
            stale.join(", ")
        );
    }
    Ok(())
}
