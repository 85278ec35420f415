//! The tables in docs/engine-versions.md. The words around them are written by hand; what stands between
//! the two marks is made from fixtures/engine-matrix.json and fixtures/engine-differences.json.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};

use super::results::{Outcome, Results, Row};
use super::rules::Rules;
use crate::paths;
use crate::versions::history::History;

const PAGE: &str = "docs/engine-versions.md";
const BEGIN: &str = "<!-- cargo xtask matrix writes from here -->\n";
const END: &str = "<!-- to here -->\n";

/// Writes the tables into the page.
pub(crate) fn write(results: &Results, rules: &Rules, history: &History) -> Result<()> {
    let path = paths::root().join(PAGE);
    let old = super::read(&path)?;
    let new = with_tables(&old, &tables(results, rules, history)?)?;
    if new != old {
        fs::write(path, new)?;
    }
    Ok(())
}

/// Fails unless the page has the tables of what is recorded, and each known engine has a row without a
/// difference that nobody explained.
pub(crate) fn check() -> Result<()> {
    let (results, rules, history) = (Results::read()?, Rules::read()?, History::read()?);
    let page = super::read(&paths::root().join(PAGE))?;
    if with_tables(&page, &tables(&results, &rules, &history)?)? != page {
        bail!("{PAGE} is not what fixtures/engine-matrix.json says: run `cargo xtask matrix`");
    }
    for version in &history.engines {
        let row = results.rows.get(version);
        let row = row.with_context(|| format!("`cargo xtask matrix` never ran on {version}"))?;
        if row.unexplained() > 0 {
            bail!("engine {version}: {}", row.summary());
        }
    }
    Ok(())
}

fn with_tables(page: &str, tables: &str) -> Result<String> {
    let marks = || format!("{PAGE} has no marks for the tables");
    let (head, rest) = page.split_once(BEGIN).with_context(marks)?;
    let (_, tail) = rest.split_once(END).with_context(marks)?;
    Ok(format!("{head}{BEGIN}{tables}{END}{tail}"))
}

fn tables(results: &Results, rules: &Rules, history: &History) -> Result<String> {
    let mut text = String::from(
        "| Engine | as recorded | with known differences | needs a newer engine | Python | Node |\n|---|---|---|---|---|---|\n",
    );
    let rows: Vec<(&String, &Row)> = history
        .engines
        .iter()
        .rev()
        .filter_map(|version| Some((version, results.rows.get(version)?)))
        .collect();
    for (version, row) in &rows {
        let known: BTreeSet<&str> = row
            .others
            .values()
            .filter_map(|outcome| match outcome {
                Outcome::Known(names) => Some(names.iter().map(String::as_str)),
                _ => None,
            })
            .flatten()
            .collect();
        let known = match row.known() {
            0 => "0".to_owned(),
            count => {
                let names: Vec<&str> = known.into_iter().collect();
                format!("{count}: {}", names.join(", "))
            }
        };
        let smoke = |language: &str| match row.smoke.get(language) {
            Some(true) => "ok",
            Some(false) => "fails",
            None => "",
        };
        let differ = row.count(|outcome| *outcome == Outcome::Differs);
        let mark = if differ > 0 {
            format!(" ({differ} differ)")
        } else {
            String::new()
        };
        writeln!(
            text,
            "| {version} | {}{mark} | {known} | {} | {} | {} |",
            row.same,
            needs(row),
            smoke("python"),
            smoke("node")
        )?;
    }
    explain(&mut text, &rows, rules)?;
    changes(&mut text, history)?;
    Ok(text)
}

fn needs(row: &Row) -> String {
    let names: Vec<String> = row
        .others
        .iter()
        .filter_map(|(name, outcome)| match outcome {
            Outcome::Needs(version) => Some(format!("{name} ({version})")),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        "0".to_owned()
    } else {
        names.join(", ")
    }
}

fn explain(text: &mut String, rows: &[(&String, &Row)], rules: &Rules) -> Result<()> {
    let mut scenarios: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, row) in rows {
        for (scenario, outcome) in &row.others {
            if let Outcome::Known(names) = outcome {
                for name in names {
                    scenarios.entry(name).or_default().insert(scenario);
                }
            }
        }
    }
    text.push_str("\n### The known differences\n| Name | Engines | What the engine does there | Scenarios |\n|---|---|---|---|\n");
    for rule in &rules.rules {
        let Some(names) = scenarios.get(rule.id.as_str()) else {
            continue;
        };
        let shown = if names.len() > 6 {
            names.len().to_string()
        } else {
            names.iter().copied().collect::<Vec<_>>().join(", ")
        };
        writeln!(
            text,
            "| {} | {} | {} | {shown} |",
            rule.id,
            rule.engines(),
            rule.reason
        )?;
    }
    Ok(())
}

/// What each engine brought and took, as requests go.
fn changes(text: &mut String, history: &History) -> Result<()> {
    let mut added: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut removed: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let oldest = history.engines.first().map(String::as_str);
    for (method, life) in &history.client {
        let mut note = |what: String, span: &crate::versions::history::Span| {
            if let Some(since) = &span.since {
                let end = if span.experimental { "*" } else { "" };
                added
                    .entry(find(history, since))
                    .or_default()
                    .push(format!("{what}{end}"));
            }
            if let Some(gone) = span
                .removed
                .as_ref()
                .filter(|gone| Some(gone.as_str()) != oldest)
            {
                removed.entry(find(history, gone)).or_default().push(what);
            }
        };
        note(format!("`{method}`"), &life.span);
        for (path, span) in &life.params {
            note(format!("`{method}` {path}"), span);
        }
        for (path, words) in &life.words {
            for (word, span) in words {
                note(format!("`{method}` {path}={word}"), span);
            }
        }
    }
    text.push_str("\n### What each engine brought\nWith a star: experimental. Engines that are not listed brought no request and no parameter.\n\n| Engine | New | Removed |\n|---|---|---|\n");
    for version in history.engines.iter().rev() {
        let list = |of: &BTreeMap<&str, Vec<String>>| {
            of.get(version.as_str())
                .map_or_else(String::new, |names| folded(names))
        };
        let (new, gone) = (list(&added), list(&removed));
        if !new.is_empty() || !gone.is_empty() {
            writeln!(text, "| {version} | {new} | {gone} |")?;
        }
    }
    Ok(())
}

fn find<'a>(history: &'a History, version: &str) -> &'a str {
    let mut engines = history.engines.iter();
    engines
        .find(|known| *known == version)
        .map_or("", |known| known)
}

/// A list in words; many values of one parameter are counted.
fn folded(names: &[String]) -> String {
    let mut values: BTreeMap<&str, usize> = BTreeMap::new();
    for (parameter, _) in names.iter().filter_map(|name| name.split_once('=')) {
        *values.entry(parameter).or_default() += 1;
    }
    let mut told = BTreeSet::new();
    let mut parts = Vec::new();
    for name in names {
        match name.split_once('=') {
            Some((parameter, _)) if values.get(parameter).is_some_and(|count| *count > 3) => {
                if told.insert(parameter) {
                    parts.push(format!("{parameter}: {} values", values[parameter]));
                }
            }
            _ => parts.push(name.clone()),
        }
    }
    parts.join(", ")
}
