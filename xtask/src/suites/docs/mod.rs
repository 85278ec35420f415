//! The documentation's code: every program in examples/ and every Python, JavaScript, TypeScript and
//! Rust block of README.md and docs/ is tried, on the real engine against a scripted model; every
//! link between the pages leads somewhere; every command and every dependency that they name exists.
//!
//! A program learns of the scripted model through CODEX_HOME alone, so it is the very text that a
//! user would run. Rust blocks stand in a file of examples/rust or in a frame; TypeScript and JavaScript
//! are checked by the compiler, Python by pyright. tests/docs/README.md says what a page can ask for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc;

use anyhow::{Context, Result, bail};

use super::Outcome;
use crate::sh::{Cmd, say, tail};
use crate::{paths, reference};

mod blocks;
mod commands;
mod dependencies;
mod links;
mod programs;
mod running;
mod rust;
mod types;

use blocks::{Block, PROGRAMS, blocks, framed};
pub(crate) use running::path_with_engine;
use running::{Given, interpreter, make_empty, relative, sources};

/// The pages whose code is tried besides those in docs/.
const PAGES: [&str; 1] = ["README.md"];
/// The pages of which only the links and commands are checked.
const LINKED: [&str; 6] = [
    "examples/README.md",
    "tests/docs/README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "testkit/README.md",
];

/// One thing to try, by itself.
struct Case {
    name: String,
    /// Under which word it is counted at the end.
    kind: String,
    action: Box<dyn FnOnce() -> Result<()> + Send>,
}

/// Tries what `filter` names, or all of it.
pub(super) fn run(filter: Option<&str>) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let wanted = |name: &str| filter.is_none_or(|filter| name.contains(filter));
    let mut pages: Vec<PathBuf> = PAGES.iter().map(|page| paths::root().join(page)).collect();
    pages.extend(sources(&paths::root().join("docs"), &["md"])?);
    let mut cases = examples()?;
    let (of_pages, rust_blocks) = of_pages(&pages, &mut outcome)?;
    cases.extend(of_pages);
    cases.retain(|case| wanted(&case.name));
    build(&rust_blocks, wanted, &mut outcome)?;
    say(&format!("{} programs and blocks", cases.len()));
    try_all(cases, &mut outcome);
    for (name, folder) in types::ALL {
        if wanted(name) {
            outcome.record(name, &types::check(folder));
        }
    }
    pages.extend(LINKED.iter().map(|page| paths::root().join(page)));
    for page in &pages {
        let name = format!("links of {}", relative(page));
        if wanted(&name) {
            let checked = links::check(page).and_then(|()| commands::check(page));
            outcome.record(&name, &checked);
        }
    }
    for language in reference::CHECKED {
        let name = format!("reference of {language}");
        if wanted(&name) {
            outcome.record(&name, &reference::check(language));
        }
    }
    if wanted("dependencies in ARCHITECTURE.md") {
        let checked = dependencies::check(&paths::root());
        outcome.record("dependencies in ARCHITECTURE.md", &checked);
    }
    Ok(outcome)
}

/// Compiles what the cases run: the Rust programs, the Rust blocks, and the test kit's command, which the pages
/// use as if it were installed. At once and first, so that the compiler's time is nobody's.
fn build(
    blocks: &[(String, String)],
    wanted: impl Fn(&str) -> bool,
    outcome: &mut Outcome,
) -> Result<()> {
    if !blocks.iter().any(|(name, _)| wanted(name)) {
        return rust::programs();
    }
    let compiled = rust::compile(blocks);
    outcome.record("the Rust blocks compile", &compiled);
    // A block that does not compile is no reason to try nothing else.
    if compiled.is_err() {
        rust::programs()
    } else {
        Ok(())
    }
}

fn examples() -> Result<Vec<Case>> {
    types::begin()?;
    let mut cases = Vec::new();
    for (language, path) in programs::all()? {
        types::keep(&path, &fs::read_to_string(&path)?)?;
        cases.push(Case {
            name: relative(&path),
            kind: format!("{language} programs"),
            action: Box::new(move || programs::try_one(&path)),
        });
    }
    Ok(cases)
}

/// Rust blocks with their places, as messages name them, and their programs.
type NamedBlocks = Vec<(String, String)>;

/// The blocks of all pages, and the programs of those in Rust; what is not run is said and counted at once.
fn of_pages(pages: &[PathBuf], outcome: &mut Outcome) -> Result<(Vec<Case>, NamedBlocks)> {
    let rust_programs = sources(&paths::root().join("examples/rust"), &["rs"])?;
    let mut cases = Vec::new();
    let mut rust_blocks = Vec::new();
    let (mut only_read, mut only_typed) = (0, 0);
    for page in pages {
        let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
        for block in blocks(&text).with_context(|| relative(page))? {
            let name = format!("{}:{} ({})", relative(page), block.line, block.language);
            if !PROGRAMS.contains(&block.language.as_str()) {
                only_read += 1;
                continue;
            }
            keep_for_types(page, &block)?;
            if block.language == "ts" {
                only_typed += 1;
                continue;
            }
            if let Some(reason) = &block.wishes.skip {
                say(&format!("not run: {name}: {reason}"));
                outcome.skipped += 1;
                continue;
            }
            if block.language == "rust" && block.wishes.frame.is_some() {
                rust_blocks.push((name.clone(), text_of(&block, "rs")?));
            }
            let (page, programs) = (page.clone(), rust_programs.clone());
            cases.push(Case {
                name,
                kind: format!("{} blocks", block.language),
                action: Box::new(move || try_block(&page, &block, &programs)),
            });
        }
    }
    say(&format!(
        "{only_typed} ts blocks are checked by the compiler; {only_read} blocks are no programs (sh, json ...)"
    ));
    Ok((cases, rust_blocks))
}

/// Tries them, some at a time: most of the time a program waits for its engine.
fn try_all(cases: Vec<Case>, outcome: &mut Outcome) {
    let workers = std::thread::available_parallelism().map_or(2, |cores| cores.get() + 1);
    let mut done: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let waiting = Mutex::new(cases.into_iter());
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..workers.min(6) {
            let (waiting, sender) = (&waiting, sender.clone());
            scope.spawn(move || {
                while let Some(case) = next(waiting) {
                    let result = (case.action)();
                    // The receiver lives as long as there are senders.
                    let _ = sender.send((case.name, case.kind, result));
                }
            });
        }
        drop(sender);
        for (name, kind, result) in receiver {
            let count = done.entry(kind).or_default();
            count.0 += 1;
            count.1 += usize::from(result.is_err());
            outcome.record(&name, &result);
        }
    });
    for (kind, (run, failed)) in done {
        say(&format!("{run} {kind} run, {failed} failed"));
    }
}

fn next(waiting: &Mutex<std::vec::IntoIter<Case>>) -> Option<Case> {
    waiting.lock().ok()?.next()
}

fn try_block(page: &Path, block: &Block, programs: &[PathBuf]) -> Result<()> {
    match block.language.as_str() {
        "rust" if block.wishes.frame.is_some() => {
            let name = format!("{}:{} (rust)", relative(page), block.line);
            run_command(page, block, "rs", rust::command(&name))
        }
        "rust" => programs::stands_in_one(&block.code, programs),
        "python" => run_block(page, block, "py"),
        _ => run_block(page, block, "mjs"),
    }
}

fn keep_for_types(page: &Path, block: &Block) -> Result<()> {
    let extension = match block.language.as_str() {
        "python" => "py",
        "js" => "mjs",
        // `.mts`: the ESM view of the package, as in a user's own module.
        "ts" => "mts",
        _ => return Ok(()),
    };
    let name = format!("{}.{extension}", flat_name(page, block));
    types::keep(Path::new(&name), &text_of(block, extension)?)
}

fn flat_name(page: &Path, block: &Block) -> String {
    let page = relative(page).replace(['/', '.'], "_");
    format!("{page}_{}", block.line)
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

fn run_block(page: &Path, block: &Block, extension: &str) -> Result<()> {
    let name = match (block.wishes.test_file, extension) {
        (false, _) => "block",
        (true, "py") => "test_block",
        (true, _) => "block.test",
    };
    let folder = paths::work("docs").join(format!("{}_{extension}", flat_name(page, block)));
    make_empty(&folder)?;
    let path = folder.join(format!("{name}.{extension}"));
    fs::write(&path, text_of(block, extension)?)?;
    let command = match (block.wishes.test_file, extension) {
        (false, _) => interpreter(&path),
        (true, "py") => Cmd::new(paths::venv_bin("python"))
            .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
            // What an installed package registers by itself.
            .args(["-p", "codexkit.testing.pytest_plugin"])
            .arg(&path),
        (true, _) => Cmd::new(paths::node_bin("vitest"))
            // A busy machine is no failure.
            .args(["run", "--testTimeout=60000", "--root"])
            .arg(&folder),
    };
    run_command(page, block, extension, command)
}

fn run_command(page: &Path, block: &Block, extension: &str, command: Cmd) -> Result<()> {
    let script = match &block.wishes.script {
        Some(script) => {
            let script = given("scripts").join(format!("{script}.json"));
            fs::read_to_string(&script).with_context(|| relative(&script))?
        }
        None => running::default_script(),
    };
    let place = format!("docs-runs/{}_{extension}", flat_name(page, block));
    let given = Given {
        settings: None,
        files: block
            .wishes
            .files
            .as_ref()
            .map(|name| given("files").join(name)),
    };
    let login = block.wishes.frame.as_deref() == Some("login");
    let _alone = login.then(|| programs::LOGIN.lock());
    let printed = running::scripted(command, &script, &given, &place)?;
    match &block.wishes.prints {
        Some(wanted) if !printed.contains(wanted.as_str()) => {
            bail!("it does not print {wanted:?} but\n{}", tail(&printed))
        }
        _ => Ok(()),
    }
}
