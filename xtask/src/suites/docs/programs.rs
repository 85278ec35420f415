//! The programs of examples/: each runs against its scripted model, and prints what it should.
//!
//! What belongs to a program lies in examples/scripts under the program's name, which programs of
//! several languages share: `NAME.json` is what the model answers, `NAME.in` the standard input,
//! `NAME.out` the lines that must be printed, in this order, whatever else is printed between them,
//! `NAME.toml` what is added to the engine's configuration (`${root}` is the repository).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use super::running::{Given, default_script, interpreter, relative, scripted, sources, stem};
use crate::demo::rust_example;
use crate::paths;
use crate::sh::{Cmd, tail};

/// The engine's login listens on a port of the machine: one at a time.
pub(super) static LOGIN: Mutex<()> = Mutex::new(());

/// Every program of examples/, with its language.
pub(super) fn all() -> Result<Vec<(&'static str, PathBuf)>> {
    let mut found = Vec::new();
    for (language, extensions) in [
        ("python", &["py", "ipynb"][..]),
        ("node", &["mjs", "cjs"]),
        ("rust", &["rs"]),
    ] {
        let dir = paths::root().join("examples").join(language);
        for path in sources(&dir, extensions)? {
            found.push((language, path));
        }
    }
    Ok(found)
}

/// Runs one program and looks at what it prints.
///
/// # Errors
/// When it fails, prints something else, or when nothing says what it should print.
pub(super) fn try_one(path: &Path) -> Result<()> {
    let name = name_of(path);
    let given = |end: &str| {
        let file = paths::root().join(format!("examples/scripts/{name}.{end}"));
        file.exists().then_some(file)
    };
    let script = match given("json") {
        Some(file) => fs::read_to_string(file)?,
        None => default_script(),
    };
    let Some(wanted) = given("out") else {
        bail!("examples/scripts/{name}.out must say what it prints");
    };
    let wanted = fs::read_to_string(wanted)?;
    let mut command = match path.extension().and_then(|end| end.to_str()) {
        Some("rs") => Cmd::new(rust_example(&stem(path))),
        Some("ipynb") => notebook(path),
        _ => interpreter(path),
    };
    if let Some(input) = given("in") {
        command = command.input(input);
    }
    let place = relative(path).replace(['/', '.'], "-");
    let settings = given("toml")
        .map(fs::read_to_string)
        .transpose()?
        .map(|text| text.replace("${root}", &paths::root().to_string_lossy()));
    let _alone = name.contains("login").then(|| LOGIN.lock());
    let given = Given {
        settings,
        files: None,
    };
    let printed = scripted(command, &script, &given, &place)?;
    in_order(&wanted, &printed)
}

/// `NAME` in the names of a program's files: that of its folder, if it has one of its own.
fn name_of(path: &Path) -> String {
    let folder = path.parent().unwrap_or(path);
    let language = ["python", "node", "rust"]
        .iter()
        .any(|language| folder.ends_with(Path::new("examples").join(language)));
    if language { stem(path) } else { stem(folder) }
}

/// The cells of a notebook, one after the other, as IPython would run them: `await` may stand in a
/// cell by itself.
fn notebook(path: &Path) -> Cmd {
    Cmd::new(paths::venv_bin("python"))
        .arg(paths::root().join("tests/docs/notebook.py"))
        .arg(path)
}

/// Capital letters make no difference: `True` and `true` are the same in two languages.
fn in_order(wanted: &str, printed: &str) -> Result<()> {
    let all = printed.to_lowercase();
    let mut rest = all.as_str();
    for line in wanted.lines().filter(|line| !line.is_empty()) {
        let Some((_, after)) = rest.split_once(&line.to_lowercase()) else {
            bail!(
                "it does not print {line:?} (in its place) but\n{}",
                tail(printed)
            );
        };
        rest = after;
    }
    Ok(())
}

/// Each line of the block stands in one Rust program, in the same order and without a gap.
///
/// # Errors
/// When no program has it.
pub(super) fn stands_in_one(code: &str, programs: &[PathBuf]) -> Result<()> {
    let flat = |text: &str| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        format!("\n{}\n", lines.join("\n").trim())
    };
    let code = flat(code);
    for path in programs {
        let text = fs::read_to_string(path).with_context(|| relative(path))?;
        if flat(&text).contains(&code) {
            return Ok(());
        }
    }
    bail!("a Rust block without a frame must stand in a file of examples/rust, line by line");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{in_order, name_of};

    #[test]
    fn programs_of_several_languages_share_a_name() {
        let names = ["python/05_x/async.py", "node/05_x.mjs", "rust/05_x.rs"]
            .map(|path| name_of(&Path::new("/r/examples").join(path)));
        assert_eq!(names, ["05_x", "05_x", "05_x"]);
    }

    #[test]
    fn lines_are_wanted_in_order() {
        assert!(in_order("one\n\nthree\n", "One two\nthree\n").is_ok());
        assert!(in_order("three\none\n", "one two\nthree\n").is_err());
        assert!(in_order("one\none\n", "one\n").is_err());
    }
}
