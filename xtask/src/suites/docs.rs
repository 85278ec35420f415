//! The documentation's code: every program in examples/ and every Python, JavaScript and Rust
//! block of README.md runs, as it stands, on the real engine against a scripted model.
//!
//! A program learns of the scripted model through CODEX_HOME alone, so it is the very text that a
//! user would run. Rust blocks must be part of a file in examples/rust, which is then run.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Outcome;
use crate::demo::rust_example;
use crate::paths;
use crate::scripted::{Scripted, one_message};
use crate::sh::{Cmd, tail};

const LIMIT: Duration = Duration::from_secs(120);

pub(super) fn run() -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let rust = sources("examples/rust", &["rs"])?;
    for path in sources("examples/python", &["py"])? {
        outcome.record(&relative(&path), &program(&path));
    }
    for path in sources("examples/node", &["mjs", "cjs"])? {
        outcome.record(&relative(&path), &program(&path));
    }
    for path in &rust {
        outcome.record(&relative(path), &program(path));
    }
    let readme = fs::read_to_string(paths::root().join("README.md")).context("README.md")?;
    for (number, block) in blocks(&readme).into_iter().enumerate() {
        let name = format!(
            "README.md block {} ({}, line {})",
            number + 1,
            block.language,
            block.line
        );
        outcome.record(&name, &readme_block(&block, number, &rust));
    }
    Ok(outcome)
}

fn readme_block(block: &Block, number: usize, rust: &[PathBuf]) -> Result<()> {
    let extension = match block.language.as_str() {
        "python" => "py",
        "js" | "javascript" | "mjs" => "mjs",
        _ => {
            let known = rust
                .iter()
                .any(|path| fs::read_to_string(path).is_ok_and(|text| text.contains(&block.code)));
            if !known {
                bail!("a Rust block must stand in a file of examples/rust, word for word");
            }
            return Ok(());
        }
    };
    let dir = paths::work("readme");
    fs::create_dir_all(&dir)?;
    let path = dir.join(format!("block_{}.{extension}", number + 1));
    fs::write(&path, &block.code)?;
    program(&path)
}

/// Runs one program with nothing but a CODEX_HOME and an empty working folder.
fn program(path: &Path) -> Result<()> {
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let script = paths::root()
        .join("examples/scripts")
        .join(format!("{stem}.json"));
    let script = if script.exists() {
        fs::read_to_string(script)?
    } else {
        one_message("Hello from the scripted model.")
    };
    let model = Scripted::start(&script)?;
    let extension = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let place = model.place(&format!("docs/{stem}-{extension}"))?;
    let command = match extension.as_str() {
        "py" => Cmd::new(paths::venv_bin("python"))
            .arg(path)
            .env("PYTHONPATH", paths::root().join("python"))
            .env("PYTHONDONTWRITEBYTECODE", "1"),
        "rs" => {
            // Built first, so that the compiler's time does not count.
            let example = ["--quiet", "-p", "codexkit", "--example", &stem];
            Cmd::cargo().arg("build").args(example).run()?;
            Cmd::new(rust_example(&stem))
        }
        _ => Cmd::new("node").arg(path),
    };
    let command = command
        .env("CODEX_HOME", &place.home)
        .env("PATH", path_with_engine()?)
        .cwd(&place.cwd)
        .limit(LIMIT);
    let done = command.watch(|_, _| {})?;
    if done.timed_out {
        bail!(
            "still running after {} s\n{}{}",
            LIMIT.as_secs(),
            tail(&done.stdout),
            tail(&done.stderr)
        );
    }
    if !done.success() {
        bail!(
            "{}\n{}{}",
            done.status,
            tail(&done.stdout),
            tail(&done.stderr)
        );
    }
    Ok(())
}

/// PATH with the official engine of the virtual environment on it: the Rust programs have no
/// package that brings one.
pub(crate) fn path_with_engine() -> Result<std::ffi::OsString> {
    let code = "import codex_cli_bin; print(codex_cli_bin.bundled_codex_path().parent)";
    let dir = Cmd::new(paths::venv_bin("python"))
        .args(["-c", code])
        .quiet()?;
    let old = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(PathBuf::from(dir.trim())).chain(std::env::split_paths(&old));
    Ok(std::env::join_paths(all)?)
}

fn sources(dir: &str, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let dir = paths::root().join(dir);
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&dir)? {
        let path = entry?.path();
        let extension = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if extensions.contains(&extension.as_str()) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn relative(path: &Path) -> String {
    path.strip_prefix(paths::root())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// One fenced block of code.
struct Block {
    language: String,
    line: usize,
    code: String,
}

/// The fenced blocks in a language that runs. `text`, `sh`, `toml` and the like are for reading.
fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        if let Some(block) = &mut open {
            if line.trim() == "```" {
                found.extend(open.take());
            } else {
                block.code.push_str(line);
                block.code.push('\n');
            }
        } else if let Some(language) = line.trim().strip_prefix("```") {
            open = Some(Block {
                language: language.trim().to_owned(),
                line: index + 1,
                code: String::new(),
            });
        }
    }
    found.retain(|block| {
        ["python", "js", "javascript", "mjs", "rust"].contains(&block.language.as_str())
    });
    found
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn finds_the_blocks_that_run() {
        let found =
            blocks("a\n```python\nx = 1\n\ny\n```\n```sh\nls\n```\n```rust\nfn main() {}\n```\n");
        let found: Vec<_> = found
            .iter()
            .map(|b| (b.language.as_str(), b.line, b.code.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("python", 2, "x = 1\n\ny\n"),
                ("rust", 10, "fn main() {}\n")
            ]
        );
    }
}
