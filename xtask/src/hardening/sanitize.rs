//! `cargo xtask sanitize`: the native modules of Python and Node under valgrind, in a scenario of turns, streams, callbacks, errors
//! and closing. What valgrind says of frames in which our library has no part is left out.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::paths;
use crate::scripted::Scripted;
use crate::setup::{self, Profile};
use crate::sh::{Cmd, say};

/// valgrind makes everything some thirty times slower.
const LIMIT: Duration = Duration::from_secs(1800);
/// How frames of our library look in valgrind's stacks: by file and line where there are some, else by the library's name.
const OURS: [&str; 3] = [".rs:", "_native.abi3.so", "codexkit.linux"];

/// What is made once for each class and kept for the life of the process: PyO3's tables of its members, and what napi-rs
/// registers when the addon is loaded. Only what is said to be lost of them is left out.
const KEPT: [&str; 2] = [
    "pyo3::pyclass::create_type_object",
    "napi_register_module_v1",
];

/// Arguments of `cargo xtask sanitize`.
#[derive(clap::Args, Debug)]
pub(crate) struct SanitizeArgs {
    /// One language's module only.
    #[arg(long, value_name = "LANGUAGE")]
    only: Option<Language>,
}

/// Whose native module.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    /// The extension module of Python.
    Python,
    /// The addon of Node.
    Node,
}

/// Runs the scenarios; ends with `sanitize: N errors in our code`.
pub(crate) fn run(args: &SanitizeArgs) -> Result<ExitCode> {
    if Cmd::new("valgrind").arg("--version").quiet().is_err() {
        bail!("valgrind is needed: apt-get install valgrind");
    }
    setup::everything(Profile::Dev)?;
    let model = Scripted::start(&super::soak::script().to_string())?;
    let folder = paths::work("sanitize");
    std::fs::create_dir_all(&folder)?;
    let mut count = 0;
    for language in Language::ALL {
        if args.only.is_some_and(|only| only != language) {
            continue;
        }
        let log = folder.join(format!("{}.log", language.name()));
        say(&format!(
            "sanitize: {} under valgrind, which takes minutes",
            language.name()
        ));
        play(language, &model, &log)?;
        let found = errors(&std::fs::read_to_string(&log)?);
        for error in &found {
            println!("{error}\n");
        }
        count += found.len();
    }
    println!("sanitize: {count} errors in our code");
    Ok(if count == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Plays a language's scenario to its end.
fn play(language: Language, model: &Scripted, log: &Path) -> Result<()> {
    let place = model.place(&format!("sanitize-{}", language.name()))?;
    let valgrind = Cmd::new("valgrind")
        .args([
            "--error-exitcode=0",
            "--num-callers=40",
            "--child-silent-after-fork=yes",
            "--leak-check=full",
            "--show-leak-kinds=definite",
        ])
        .arg(format!("--log-file={}", log.display()));
    let done = language
        .program(valgrind)
        .env("CODEX_HOME", &place.home)
        .env("HOME", &place.home)
        .env("CODEXKIT_SANITIZE_CWD", &place.cwd)
        .env("CODEX_BINARY", crate::bench::real_engine()?)
        .limit(LIMIT)
        .tee()?;
    if !done.success() || !done.stdout.contains("scenario: done") {
        bail!("the scenario did not come to its end ({})", done.status);
    }
    Ok(())
}

impl Language {
    const ALL: [Self; 2] = [Self::Python, Self::Node];

    fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
        }
    }

    /// Adds what valgrind runs, and what it has to know of it.
    fn program(self, valgrind: Cmd) -> Cmd {
        let folder = paths::root().join("tests/sanitize");
        match self {
            Self::Python => valgrind
                .arg(paths::venv_bin("python"))
                .arg(folder.join("scenario.py"))
                // Python's own pools would hide what is read after it was freed.
                .env("PYTHONMALLOC", "malloc")
                .env("PYTHONPATH", paths::root().join("python")),
            // V8 writes machine code even without its compilers: built-in functions are copied.
            Self::Node => valgrind
                .arg("--smc-check=all-non-file")
                .args(["node", "--jitless", "--expose-gc"])
                .arg(folder.join("scenario.mjs")),
        }
    }
}

/// The errors of valgrind's log that have a frame of our library in them.
fn errors(log: &str) -> Vec<String> {
    let lines = log.lines().map(|line| {
        // `==PID== text`
        line.splitn(3, "==").nth(2).unwrap_or(line).trim_end()
    });
    let mut found = Vec::new();
    let mut block: Vec<&str> = Vec::new();
    for line in lines.chain([""]) {
        if !line.trim().is_empty() {
            block.push(line);
            continue;
        }
        let text = block.join("\n");
        let is_error = text.contains(" at 0x") || text.contains(" by 0x");
        let is_kept =
            text.contains("definitely lost") && KEPT.iter().any(|kept| text.contains(kept));
        if is_error && !is_kept && OURS.iter().any(|ours| text.contains(ours)) {
            found.push(text);
        }
        block.clear();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::errors;

    #[test]
    fn only_errors_with_our_frames_count() {
        let log = "==7== Memcheck, a memory error detector\n==7== \n\
            ==7== Invalid read of size 8\n==7==    at 0x1: f (in /x/_native.abi3.so)\n==7==    by 0x2: g\n==7== \n\
            ==7== Invalid free()\n==7==    at 0x4: free (vg_replace_malloc.c:872)\n==7==    by 0x5: drop (queue.rs:12)\n==7== \n\
            ==7== Conditional jump depends on uninitialised value(s)\n==7==    at 0x3: h (in /usr/bin/python3)\n==7== \n\
            ==7== 9 bytes in 1 blocks are definitely lost in loss record 1 of 3\n==7==    by 0x7: napi_register_module_v1 (in /x/codexkit.linux-x64.node)\n==7== \n\
            ==7== 80 bytes in 1 blocks are definitely lost in loss record 2 of 3\n==7==    by 0x6: pyo3::pyclass::create_type_object::create_type_object (src/x.rs:1)\n==7== \n";
        let found = errors(log);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("Invalid read") && found[1].contains("Invalid free"));
    }
}
