//! `cargo xtask schema-update <engine>`: asks an engine for its protocol and records it in `schema/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::model::Schema;
use super::{SchemaUpdateArgs, canonical, compare, newer};
use crate::paths;

/// The bundle that holds every definition, in the folder that the engine writes.
const BUNDLE: &str = "codex_app_server_protocol.schemas.json";

/// Prints one line of the report.
fn say(line: &str) {
    println!("{line}");
}

/// Records the engine's protocol and prints what it adds and removes.
pub(crate) fn schema_update(arguments: &SchemaUpdateArgs) -> Result<()> {
    let folder = paths::root().join("schema");
    let old = Schema::load_alone(&folder).ok();
    let new = emit(&arguments.engine, &paths::cache().join("work"))?;
    report(old.as_ref(), &new)?;
    if arguments.dry_run {
        return Ok(());
    }
    match (arguments.newer, &old) {
        (true, Some(pinned)) => {
            write(&folder.join("newer"), &newer::additions(pinned, &new))?;
            say("schema/newer/ written; now run `cargo xtask gen` and look at the diff");
        }
        (true, None) => bail!("nothing is pinned in schema/; run this without --newer first"),
        (false, _) => {
            write(&folder, &new)?;
            say("schema/ written; now run `cargo xtask gen` and look at the diff");
        }
    }
    Ok(())
}

fn write(folder: &Path, schema: &Schema) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("VERSION"), format!("{}\n", schema.version))?;
    fs::write(
        folder.join("stable.json"),
        canonical::to_text(&schema.stable)?,
    )?;
    fs::write(
        folder.join("experimental.json"),
        canonical::to_text(&schema.experimental)?,
    )?;
    fs::write(folder.join("protocol.ts"), &schema.typescript)?;
    Ok(())
}

/// Lets the engine write its schemas to a scratch folder and reads them back in canonical form.
fn emit(engine: &Path, work: &Path) -> Result<Schema> {
    let scratch = work.join(format!("schema-{}", std::process::id()));
    let result = emit_into(engine, &scratch);
    let _ = fs::remove_dir_all(&scratch);
    result
}

fn emit_into(engine: &Path, scratch: &Path) -> Result<Schema> {
    let bundle = |name: &str, flags: &[&str]| -> Result<Value> {
        let out = scratch.join(name);
        generate(engine, "generate-json-schema", flags, &out)?;
        let path = out.join(BUNDLE);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("the engine wrote no {}", path.display()))?;
        Ok(canonical::canonical(serde_json::from_str(&text)?))
    };
    let stable = bundle("stable", &[])?;
    let experimental = bundle("experimental", &["--experimental"])?;
    let out = scratch.join("typescript");
    generate(engine, "generate-ts", &["--experimental"], &out)?;
    Ok(Schema {
        version: version(engine)?,
        stable,
        experimental,
        typescript: concatenate(&out)?,
        newer: newer::Newer::default(),
        since: BTreeMap::new(),
    })
}

fn generate(engine: &Path, what: &str, flags: &[&str], out: &Path) -> Result<()> {
    fs::create_dir_all(out)?;
    let done = Command::new(engine)
        .args(["app-server", what])
        .args(flags)
        .arg("--out")
        .arg(out)
        .output()
        .with_context(|| format!("cannot run {}", engine.display()))?;
    if !done.status.success() {
        bail!(
            "{} app-server {what} failed: {}",
            engine.display(),
            String::from_utf8_lossy(&done.stderr)
        );
    }
    Ok(())
}

/// The number in `codex-cli 0.163.0`.
fn version(engine: &Path) -> Result<String> {
    let done = Command::new(engine).arg("--version").output()?;
    let text = String::from_utf8_lossy(&done.stdout);
    let number = text
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    Ok(number.context("the engine printed no version")?.to_owned())
}

/// All TypeScript files in one text, sorted by path, each after a line `// file: <path>`.
fn concatenate(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut texts = BTreeMap::new();
    for path in files {
        let name = path
            .strip_prefix(folder)?
            .to_string_lossy()
            .replace('\\', "/");
        if name.ends_with("index.ts") {
            continue;
        }
        let mut text = String::new();
        for line in fs::read_to_string(&path)?.lines() {
            let boilerplate = line.starts_with("// GENERATED CODE")
                || line.starts_with("// This file was generated");
            if !boilerplate && !line.trim().is_empty() {
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
        texts.insert(name, text);
    }
    Ok(newer::joined(&texts))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "ts") {
            files.push(path);
        }
    }
    Ok(())
}

/// Prints what a new schema adds, removes and changes.
fn report(old: Option<&Schema>, new: &Schema) -> Result<()> {
    let Some(old) = old else {
        say(&format!("engine {} (nothing recorded before)", new.version));
        return Ok(());
    };
    for line in compare::lines(old, new)? {
        say(&line);
    }
    Ok(())
}
