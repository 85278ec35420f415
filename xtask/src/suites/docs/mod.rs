//! The documentation's code: every program in examples/ and every Python, JavaScript, TypeScript and
//! Rust block of README.md and docs/ is tried, on the real engine against a scripted model; every
//! link between the pages leads somewhere; every dependency is justified in ARCHITECTURE.md.
//!
//! A program learns of the scripted model through CODEX_HOME alone, so it is the very text that a
//! user would run. Rust blocks must stand in a file of examples/rust, which is then run; TypeScript
//! blocks are checked by the compiler, Python ones by pyright, too. tests/docs/README.md says what a page can ask for.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Outcome;
use crate::demo::rust_example;
use crate::paths;
use crate::scripted::{Place, Scripted, one_message};
use crate::sh::{Cmd, tail};

mod blocks;
mod dependencies;
mod links;

use blocks::{Block, blocks, framed};

const LIMIT: Duration = Duration::from_secs(120);

/// The pages whose code is tried besides those in docs/.
const PAGES: [&str; 1] = ["README.md"];
/// The pages of which only the links are checked.
const LINKED: [&str; 6] = [
    "examples/README.md",
    "tests/docs/README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "testkit/README.md",
];

/// Tries what `filter` names, or all of it.
pub(super) fn run(filter: Option<&str>) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    // The Rust programs, and the test kit's command, which the pages use as if it were installed. At
    // once and first, so that the compiler's time is nobody's.
    Cmd::cargo()
        .args(["build", "--quiet", "--bins", "--examples"])
        .args(["-p", "codexkit", "-p", "codexkit-testkit"])
        .run()?;
    let wanted = |name: &str| filter.is_none_or(|filter| name.contains(filter));
    let rust = sources("examples/rust", &["rs"])?;
    let programs = [
        sources("examples/python", &["py"])?,
        sources("examples/node", &["mjs", "cjs"])?,
        rust.clone(),
    ];
    for path in programs.concat() {
        let name = relative(&path);
        if wanted(&name) {
            outcome.record(&name, &example(&path));
        }
    }
    let mut pages: Vec<PathBuf> = PAGES.iter().map(|page| paths::root().join(page)).collect();
    pages.extend(sources("docs", &["md"])?);
    let typed = paths::work("docs-types");
    make_empty(&typed)?;
    for page in &pages {
        let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
        for block in blocks(&text).with_context(|| relative(page))? {
            let name = format!("{}:{} ({})", relative(page), block.line, block.language);
            if block.wishes.skip {
                outcome.skipped += 1;
            } else if wanted(&name) {
                outcome.record(&name, &try_block(page, &block, &rust));
            }
            if block.language == "python" {
                let name = format!("{}_{}.py", stem(page), block.line);
                fs::write(typed.join(name), text_of(&block, "py")?)?;
            }
        }
    }
    if wanted("types of the Python blocks") {
        outcome.record("types of the Python blocks", &type_check(&typed));
    }
    pages.extend(LINKED.iter().map(|page| paths::root().join(page)));
    for page in &pages {
        let name = format!("links of {}", relative(page));
        if wanted(&name) {
            outcome.record(&name, &links::check(page));
        }
    }
    if wanted("dependencies in ARCHITECTURE.md") {
        let checked = dependencies::check(&paths::root());
        outcome.record("dependencies in ARCHITECTURE.md", &checked);
    }
    Ok(outcome)
}

fn try_block(page: &Path, block: &Block, rust: &[PathBuf]) -> Result<()> {
    match block.language.as_str() {
        "rust" => stands_in_a_program(&block.code, rust),
        // `.mts`: the ESM view of the package, as in a user's own module.
        "ts" => compiles(&place_of(page, block, "mts")?, &block.code),
        "python" => run_block(page, block, "py"),
        _ => run_block(page, block, "mjs"),
    }
}

/// The file that a block is written to, in a folder of its own.
fn place_of(page: &Path, block: &Block, extension: &str) -> Result<PathBuf> {
    let name = format!("{}_{}_{extension}", stem(page), block.line);
    let dir = paths::work("docs").join(name);
    make_empty(&dir)?;
    let name = match (block.wishes.test_file, extension) {
        (false, _) => "block",
        (true, "py") => "test_block",
        (true, _) => "block.test",
    };
    Ok(dir.join(format!("{name}.{extension}")))
}

fn make_empty(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    Ok(fs::create_dir_all(dir)?)
}

/// The whole program: the block, in its frame if it has one.
fn text_of(block: &Block, extension: &str) -> Result<String> {
    let Some(frame) = &block.wishes.frame else {
        return Ok(block.code.clone());
    };
    let frame = given("frames").join(format!("{frame}.{extension}"));
    let text = fs::read_to_string(&frame).with_context(|| relative(&frame))?;
    framed(&text, &block.code)
}

/// What the pages' comments name.
fn given(kind: &str) -> PathBuf {
    paths::root().join("tests/docs").join(kind)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// pyright accepts the programs of `folder` as a user's own.
fn type_check(folder: &Path) -> Result<()> {
    let settings = serde_json::json!({
        "include": ["."],
        "extraPaths": [paths::root().join("python")],
        "venvPath": paths::cache(),
        "venv": "venv",
        "pythonVersion": "3.10",
        "typeCheckingMode": "standard",
    });
    fs::write(folder.join("pyrightconfig.json"), settings.to_string())?;
    let printed = Cmd::new(paths::node_bin("pyright"))
        .args(["--warnings", "-p"])
        .arg(folder)
        .quiet()?;
    if printed.contains("No source files found") {
        bail!("pyright found no programs in {}", folder.display());
    }
    Ok(())
}

fn run_block(page: &Path, block: &Block, extension: &str) -> Result<()> {
    let path = place_of(page, block, extension)?;
    fs::write(&path, text_of(block, extension)?)?;
    let script = match &block.wishes.script {
        Some(script) => {
            let script = given("scripts").join(format!("{script}.json"));
            fs::read_to_string(&script).with_context(|| relative(&script))?
        }
        None => one_message("Hello from the scripted model."),
    };
    let command = match (block.wishes.test_file, extension) {
        (false, _) => interpreter(&path),
        (true, "py") => Cmd::new(paths::venv_bin("python"))
            .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
            // What an installed package registers by itself.
            .args(["-p", "codexkit.testing.pytest_plugin"])
            .arg(&path),
        (true, _) => Cmd::new(paths::node_bin("vitest"))
            .args(["run", "--root"])
            .arg(path.parent().unwrap_or(&path)),
    };
    let model = Scripted::start(&script)?;
    let name = path.parent().and_then(Path::file_name).unwrap_or_default();
    let place = model.place(&format!("docs-runs/{}", name.to_string_lossy()))?;
    let printed = finish(command, &place)?;
    match &block.wishes.prints {
        Some(wanted) if !printed.contains(wanted.as_str()) => {
            bail!("it does not print {wanted:?} but\n{}", tail(&printed))
        }
        _ => Ok(()),
    }
}

/// Each line of the block stands in one program, in the same order and without a gap.
fn stands_in_a_program(code: &str, programs: &[PathBuf]) -> Result<()> {
    let flat = |text: &str| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        format!("\n{}\n", lines.join("\n").trim())
    };
    let code = flat(code);
    let known = programs
        .iter()
        .any(|path| fs::read_to_string(path).is_ok_and(|text| flat(&text).contains(&code)));
    if !known {
        bail!("a Rust block must stand in a file of examples/rust, line by line");
    }
    Ok(())
}

/// The TypeScript compiler accepts the block.
fn compiles(path: &Path, code: &str) -> Result<()> {
    fs::write(path, code)?;
    let settings = serde_json::json!({
        "extends": paths::root().join("tsconfig.json"),
        "compilerOptions": {"noEmit": true, "rootDir": paths::root()},
        "include": ["*.mts"],
    });
    let folder = path.parent().unwrap_or(path);
    fs::write(folder.join("tsconfig.json"), settings.to_string())?;
    Cmd::new(paths::node_bin("tsc"))
        .args(["--noEmit", "-p"])
        .arg(folder)
        .quiet()
        .map(drop)
}

/// Runs a program of examples/ with nothing but a CODEX_HOME and an empty working folder.
fn example(path: &Path) -> Result<()> {
    let stem = stem(path);
    let script = paths::root()
        .join("examples/scripts")
        .join(format!("{stem}.json"));
    let script = if script.exists() {
        fs::read_to_string(script)?
    } else {
        one_message("Hello from the scripted model.")
    };
    let model = Scripted::start(&script)?;
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let place = model.place(&format!("examples/{stem}-{extension}"))?;
    let command = if extension == "rs" {
        Cmd::new(rust_example(&stem))
    } else {
        interpreter(path)
    };
    finish(command, &place).map(drop)
}

fn interpreter(path: &Path) -> Cmd {
    if path.extension().is_some_and(|extension| extension == "py") {
        Cmd::new(paths::venv_bin("python")).arg(path)
    } else {
        Cmd::new("node").arg(path)
    }
}

/// Runs to the end and gives what was printed.
fn finish(command: Cmd, place: &Place) -> Result<String> {
    let command = command
        .env("PYTHONPATH", paths::root().join("python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_COLOR", "1")
        .env("CODEX_HOME", &place.home)
        // The engine runs commands in login shells: whose profile that is must not matter.
        .env("HOME", &place.home)
        .env("PATH", path()?)
        .cwd(&place.cwd)
        .limit(LIMIT);
    let done = command.watch(|_, _| {})?;
    let both = || format!("{}{}", tail(&done.stdout), tail(&done.stderr));
    if done.timed_out {
        bail!("still running after {} s\n{}", LIMIT.as_secs(), both());
    }
    if !done.success() {
        bail!("{}\n{}", done.status, both());
    }
    Ok(done.stdout)
}

/// PATH for a program of the documentation: an engine and the test kit's command are on it.
fn path() -> Result<OsString> {
    let built = rust_example("any");
    let testkit = built.parent().and_then(Path::parent).unwrap_or(&built);
    let rest = path_with_engine()?;
    let all = std::iter::once(testkit.to_owned()).chain(std::env::split_paths(&rest));
    Ok(std::env::join_paths(all)?)
}

/// PATH with the official engine of the virtual environment on it: the Rust programs have no
/// package that brings one.
pub(crate) fn path_with_engine() -> Result<OsString> {
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
