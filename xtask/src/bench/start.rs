//! The first event of the first turn of a fresh process, on the real engine with a model that answers at once.

use anyhow::Result;
use serde_json::json;

use super::layout::Layout;
use super::measure::{Consumer, Program, Samples};
use super::table::{Cell, Report, Table, Unit};
use super::turn::real_engine;
use crate::paths;
use crate::scripted::{Scripted, one_message};
use crate::sh::{Cmd, say};

/// A consumer, its program, and the mode of a Rust one or the module of a Python one.
type Row = (&'static str, Program, &'static str);

const PLAIN: [Row; 8] = [
    ("the engine alone (raw pipe)", Program::Rust, "raw_start"),
    (
        "official Python, Codex",
        Program::Python("start_sync.py"),
        "openai_codex",
    ),
    (
        "official Python, AsyncCodex",
        Program::Python("start_async.py"),
        "openai_codex",
    ),
    (
        "official TypeScript",
        Program::Node("start_official.mjs"),
        "",
    ),
    ("codexkit Rust", Program::Rust, "start"),
    (
        "codexkit Python, Codex",
        Program::Python("start_sync.py"),
        "codexkit",
    ),
    (
        "codexkit Python, AsyncCodex",
        Program::Python("start_async.py"),
        "codexkit",
    ),
    ("codexkit Node", Program::Node("start_codexkit.mjs"), ""),
];

/// Those with `prewarm`.
const OURS: [usize; 4] = [4, 5, 6, 7];

/// What a program does between making its client and its first call, where `prewarm` is measured.
const WORK_MS: u64 = 300;

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    let engine = real_engine()?;
    say(&format!(
        "bench: start on the real engine, {} consumers, cold and warm, {runs} runs",
        PLAIN.len()
    ));
    let model = Scripted::start(&one_message("One short answer."))?;
    let bench = Bench {
        layout,
        model: &model,
        engine: &engine,
    };
    let cold: Vec<Samples> = bench.all(&PLAIN, runs, true, &[(false, 0)])?.remove(0);
    let warm: Vec<Samples> = bench.all(&PLAIN, runs, false, &[(false, 0)])?.remove(0);
    report.add(steps("cold", &cold));
    report.add(steps("warm", &warm));
    let ours: Vec<Row> = OURS.iter().map(|at| PLAIN[*at]).collect();
    let both = bench.all(&ours, runs, false, &[(false, WORK_MS), (true, WORK_MS)])?;
    report.add(prewarmed(&ours, &both));
    Ok(())
}

struct Bench<'a> {
    layout: &'a Layout,
    model: &'a Scripted,
    engine: &'a str,
}

impl Bench<'_> {
    /// Runs all consumers in each of the ways (whether they prewarm, and how long they work), in turn.
    fn all(
        &self,
        rows: &[Row],
        runs: usize,
        cold: bool,
        ways: &[(bool, u64)],
    ) -> Result<Vec<Vec<Samples>>> {
        let mut found = vec![vec![Samples::default(); rows.len()]; ways.len()];
        for run in 0..=runs {
            for (way, (prewarm, work_ms)) in ways.iter().enumerate() {
                for (at, row) in rows.iter().enumerate() {
                    let consumer = self.consumer(at, row, cold || run == 0, *prewarm, *work_ms)?;
                    if cold {
                        forget_files(self.engine, self.layout)?;
                    }
                    let sample = consumer.run(self.layout)?;
                    // A warm start needs one before it; a cold one is the same each time.
                    if run > 0 {
                        found[way][at].push(sample);
                    }
                }
            }
        }
        Ok(found)
    }

    fn consumer(
        &self,
        at: usize,
        (name, program, what): &Row,
        fresh: bool,
        prewarm: bool,
        work_ms: u64,
    ) -> Result<Consumer> {
        let folder = format!("bench/start-{at}");
        let place = if fresh {
            self.model.place(&folder)?
        } else {
            Scripted::place_again(&folder)
        };
        let settings = json!({
            "engine": self.engine,
            "mode": what,
            "module": what,
            "package": self.layout.node_package,
            "cwd": place.cwd,
            "prewarm": prewarm,
            "work_ms": work_ms,
        });
        Ok(Consumer {
            env: vec![("CODEX_HOME", place.home.display().to_string())],
            ..Consumer::new(name, *program, settings)
        })
    }
}

/// Has the system forget what it has of the engine's and the packages' files, where it lets itself be asked.
fn forget_files(engine: &str, layout: &Layout) -> Result<()> {
    const FORGET: &str = "
import os, sys
for top in sys.argv[1:]:
    for folder, _, files in os.walk(top):
        for name in files:
            try:
                file = os.open(os.path.join(folder, name), os.O_RDONLY)
            except OSError:
                continue
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)
";
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let mut folders = vec![
        paths::venv().join("lib"),
        paths::root().join("node_modules/@openai"),
    ];
    folders.extend(std::path::Path::new(engine).parent().map(Into::into));
    folders.extend(layout.python_path.split(':').map(Into::into));
    folders.extend(
        layout
            .node_package
            .parent()
            .and_then(|dist| dist.parent())
            .map(Into::into),
    );
    folders.extend(layout.rust.parent().map(Into::into));
    let mut command = Cmd::new(paths::venv_bin("python")).args(["-c", FORGET]);
    for folder in folders {
        command = command.arg(folder);
    }
    command.quiet()?;
    Ok(())
}

fn steps(what: &str, results: &[Samples]) -> Table {
    let note = if what == "cold" {
        "The CODEX_HOME is new, and the system was asked to forget the files of the engine and the packages (what other processes have mapped stays)."
    } else {
        "The same CODEX_HOME as in the run before."
    };
    let columns = [
        "process ms",
        "import ms",
        "spawn ms",
        "initialize ms",
        "thread/start ms",
        "turn/start ms",
        "first event ms",
        "whole ms",
        "against official",
    ];
    let mut table = Table::new(
        &format!("start, {what}: from a process's start to the first event of its first turn"),
        &format!(
            "{note} For SDKs initialize is with the engine's spawn; the official TypeScript SDK starts all with the turn."
        ),
        &columns,
    );
    let official = [None, None, None, None, None, Some(1), Some(2), Some(3)];
    for (at, (name, ..)) in PLAIN.iter().enumerate() {
        let whole = |at: usize| results[at].get("whole").median;
        let mut cells: Vec<Cell> = [
            "process", "import", "spawn", "client", "thread", "turn", "event", "whole",
        ]
        .into_iter()
        .map(|field| shown(&results[at], field))
        .collect();
        cells.push(official[at].map_or(Cell::Empty, |other| Cell::Ratio(whole(other) / whole(at))));
        table.row(name, cells);
    }
    table
}

/// What a consumer cannot tell is left empty.
fn shown(samples: &Samples, field: &str) -> Cell {
    let figure = samples.get(field);
    if figure.median.is_nan() {
        Cell::Empty
    } else {
        Cell::Figure(figure, Unit::Millis)
    }
}

fn prewarmed(rows: &[Row], both: &[Vec<Samples>]) -> Table {
    let mut table = Table::new(
        "start, warm, with work of one's own between the client and the first call",
        &format!(
            "The program works for {WORK_MS} ms on one core after it has made its client. Saved: of the whole time, by prewarm."
        ),
        &["whole ms", "with prewarm ms", "saved ms"],
    );
    for (at, (name, ..)) in rows.iter().enumerate() {
        let saved = both[0][at].get("whole").median - both[1][at].get("whole").median;
        table.row(
            name,
            vec![
                shown(&both[0][at], "whole"),
                shown(&both[1][at], "whole"),
                Cell::Number(saved * 1000.0),
            ],
        );
    }
    table
}
