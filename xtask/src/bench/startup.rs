//! What loading the packages costs, over a bare interpreter.

use std::time::Instant;

use anyhow::Result;

use super::layout::Layout;
use super::measure::{Figure, KEEPS_BYTECODE};
use super::table::{Cell, Report, Table, Unit};
use crate::paths;
use crate::sh::{Cmd, say};

/// A program, and the one before it in the list that it is compared with.
struct Load {
    name: &'static str,
    command: Cmd,
    bare: usize,
}

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    let python = |code: &str| {
        Cmd::new(paths::venv_bin("python"))
            .args(["-c", code])
            .env("PYTHONPATH", &layout.python_path)
            .env(KEEPS_BYTECODE.0, KEEPS_BYTECODE.1)
    };
    let node = |code: &str| Cmd::new("node").args(["--input-type=module", "-e", code]);
    let require = format!(
        "import {{ createRequire }} from 'node:module'; \
         createRequire(import.meta.url)({:?})",
        layout.node_require
    );
    let bare_require =
        "import { createRequire } from 'node:module'; createRequire(import.meta.url)";
    let loads = [
        Load {
            name: "bare Python",
            command: python("pass"),
            bare: 0,
        },
        Load {
            name: "import openai_codex",
            command: python("import openai_codex"),
            bare: 0,
        },
        Load {
            name: "import codexkit",
            command: python("import codexkit"),
            bare: 0,
        },
        Load {
            name: "from codexkit import Codex, AsyncCodex",
            command: python("from codexkit import Codex, AsyncCodex"),
            bare: 0,
        },
        Load {
            name: "bare Node",
            command: node(bare_require),
            bare: 4,
        },
        Load {
            name: "import @openai/codex-sdk",
            command: node(&format!(
                "{bare_require}; await import('@openai/codex-sdk')"
            )),
            bare: 4,
        },
        Load {
            name: "require codexkit",
            command: node(&require),
            bare: 4,
        },
    ];
    // One start takes little and varies much.
    let runs = (runs * 5).max(11);
    say(&format!(
        "bench: import, {} programs, {runs} runs",
        loads.len()
    ));
    let mut times = vec![Vec::new(); loads.len()];
    for round in 0..=runs {
        for (load, times) in loads.iter().zip(&mut times) {
            let start = Instant::now();
            load.command.quiet()?;
            // The first round compiles Python files and warms the disk's cache.
            if round > 0 {
                times.push(start.elapsed().as_secs_f64());
            }
        }
    }
    let figures: Vec<Figure> = times.into_iter().map(Figure::of).collect();
    // The fastest start is the program's own time; the others have the machine's in it.
    let over = |at: usize| figures[at].least - figures[loads[at].bare].least;
    let mut table = Table::new(
        "import",
        "A whole process, from its start to its end; over bare: the fastest starts compared.",
        &["ms", "ms over bare"],
    );
    for (at, load) in loads.iter().enumerate() {
        let over = Figure::of(vec![over(at)]);
        let over = if load.bare == at {
            Cell::Empty
        } else {
            Cell::Figure(over, Unit::Millis)
        };
        table.row(
            load.name,
            vec![Cell::Figure(figures[at], Unit::Millis), over],
        );
    }
    report.add(table);
    report.at_most(
        "import of the Python package, over bare Python",
        over(3) * 1000.0,
        30.0,
        "ms",
    );
    report.at_most(
        "require of the Node package, over bare Node",
        over(6) * 1000.0,
        10.0,
        "ms",
    );
    Ok(())
}
