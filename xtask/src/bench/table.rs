//! The tables that a run prints, the targets, and the same as JSON.

use std::fmt::Write;

use anyhow::Result;
use serde_json::{Value, json};

use super::layout::Layout;
use super::measure::Figure;
use crate::paths;
use crate::sh::Cmd;

/// All that a run has found.
pub(crate) struct Report {
    machine: Value,
    tables: Vec<Table>,
    targets: Vec<Target>,
}

/// One table: a title, what is read, columns, rows.
pub(crate) struct Table {
    title: String,
    note: String,
    columns: Vec<&'static str>,
    rows: Vec<(String, Vec<Cell>)>,
}

/// A cell of a table.
#[derive(Clone)]
pub(crate) enum Cell {
    Figure(Figure, Unit),
    /// So many times as much as something else.
    Ratio(f64),
    /// A derived number.
    Number(f64),
    Empty,
}

/// How a figure is shown.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    PerSecond,
    Micros,
    /// Seconds, shown as milliseconds.
    Millis,
    Seconds,
    Megabytes,
    Count,
}

/// What was asked of a figure.
struct Target {
    what: String,
    wanted: f64,
    got: f64,
    unit: &'static str,
    at_least: bool,
}

impl Target {
    fn met(&self) -> bool {
        if self.at_least {
            self.got >= self.wanted
        } else {
            self.got <= self.wanted
        }
    }
}

impl Report {
    pub(crate) fn new(layout: &Layout) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let text = |cmd: Cmd| cmd.quiet().map(|out| out.trim().to_owned());
        let venv = |code: &str| text(Cmd::new(paths::venv_bin("python")).args(["-c", code]));
        Ok(Self {
            machine: json!({
                "cores": cores,
                "load": load(),
                "os": std::env::consts::OS,
                "arch": std::env::consts::ARCH,
                "python": venv("import platform; print(platform.python_version())")?,
                "node": text(Cmd::new("node").arg("--version"))?,
                "rust": text(Cmd::new("rustc").arg("--version"))?,
                "openai-codex": venv("import openai_codex; print(openai_codex.__version__)")?,
                "@openai/codex-sdk": text(Cmd::new("node").args([
                    "-p",
                    "JSON.parse(require('fs').readFileSync('node_modules/@openai/codex-sdk/package.json')).version",
                ]))?,
                "codexkit": env!("CARGO_PKG_VERSION"),
                "profile": layout.profile,
                "json": if layout.orjson { "orjson" } else { "json" },
            }),
            tables: Vec::new(),
            targets: Vec::new(),
        })
    }

    /// What it was measured on.
    pub(crate) fn machine(&self) -> &Value {
        &self.machine
    }

    pub(crate) fn add(&mut self, table: Table) {
        self.tables.push(table);
    }

    /// A target that is met by `wanted` or more.
    pub(crate) fn at_least(&mut self, what: &str, got: f64, wanted: f64, unit: &'static str) {
        self.target(what, got, wanted, unit, true);
    }

    /// A target that is met by `wanted` or less.
    pub(crate) fn at_most(&mut self, what: &str, got: f64, wanted: f64, unit: &'static str) {
        self.target(what, got, wanted, unit, false);
    }

    fn target(&mut self, what: &str, got: f64, wanted: f64, unit: &'static str, at_least: bool) {
        self.targets.push(Target {
            what: what.to_owned(),
            wanted,
            got,
            unit,
            at_least,
        });
    }

    /// How many targets there were, and how many were missed.
    pub(crate) fn targets(&self) -> (usize, usize) {
        let missed = self.targets.iter().filter(|target| !target.met()).count();
        (self.targets.len(), missed)
    }

    pub(crate) fn text(&self) -> String {
        let mut out = format!("machine: {}\n", self.machine);
        let (load, cores) = (
            self.machine["load"].as_f64(),
            self.machine["cores"].as_f64(),
        );
        if load
            .zip(cores)
            .is_some_and(|(load, cores)| load > cores / 2.0)
        {
            out.push_str(
                "the machine was busy when this began: compare CPU figures, rates and delays are its own\n",
            );
        }
        for table in &self.tables {
            table.write(&mut out);
        }
        out.push_str("\ntargets\n");
        let width = self.targets.iter().map(|target| target.what.len()).max();
        for target in &self.targets {
            let (sign, verdict) = (
                if target.at_least { ">=" } else { "<=" },
                if target.met() { "met" } else { "MISSED" },
            );
            let _ = writeln!(
                out,
                "  {:width$}  {:>9} {sign} {:<9} {verdict}",
                target.what,
                with_unit(target.got, target.unit),
                with_unit(target.wanted, target.unit),
                width = width.unwrap_or(0),
            );
        }
        out
    }

    pub(crate) fn json(&self) -> String {
        let tables: Vec<Value> = self.tables.iter().map(Table::json).collect();
        let targets: Vec<Value> = self
            .targets
            .iter()
            .map(|target| {
                json!({
                    "what": target.what,
                    "wanted": target.wanted,
                    "at_least": target.at_least,
                    "got": target.got,
                    "unit": target.unit,
                    "met": target.met(),
                })
            })
            .collect();
        let all = json!({"machine": self.machine, "tables": tables, "targets": targets});
        format!("{all:#}\n")
    }
}

impl Table {
    pub(crate) fn new(title: &str, note: &str, columns: &[&'static str]) -> Self {
        Self {
            title: title.to_owned(),
            note: note.to_owned(),
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, name: &str, cells: Vec<Cell>) {
        self.rows.push((name.to_owned(), cells));
    }

    fn write(&self, out: &mut String) {
        let _ = writeln!(out, "\n{}\n  {}", self.title, self.note);
        let first = self.rows.iter().map(|(name, _)| name.len()).max();
        let first = first.unwrap_or(0);
        let mut header = format!("  {:first$}", "");
        for column in &self.columns {
            let _ = write!(header, "  {column:>24}");
        }
        let _ = writeln!(out, "{header}");
        for (name, cells) in &self.rows {
            let mut line = format!("  {name:first$}");
            for cell in cells {
                let _ = write!(line, "  {:>24}", cell.text());
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }

    fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|(name, cells)| {
                let cells = self.columns.iter().zip(cells);
                let cells: serde_json::Map<String, Value> = cells
                    .map(|(column, cell)| ((*column).to_owned(), cell.json()))
                    .collect();
                json!({"consumer": name, "figures": cells})
            })
            .collect();
        json!({"title": self.title, "note": self.note, "rows": rows})
    }
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::Figure(figure, unit) => {
                if matches!(unit, Unit::Count) {
                    return unit.show(figure.median);
                }
                let spread = figure.spread() * 100.0;
                format!("{} ±{spread:>2.0}%", unit.show(figure.median))
            }
            Self::Ratio(ratio) => with_unit(*ratio, "x"),
            Self::Number(value) => format!("{value:.2}"),
            Self::Empty => String::new(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Figure(figure, _) => figure.json(),
            Self::Ratio(value) | Self::Number(value) => json!(value),
            Self::Empty => Value::Null,
        }
    }
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::PerSecond | Self::Count => thousands(value),
            Self::Micros => format!("{value:.2}"),
            Self::Millis => format!("{:.1}", value * 1000.0),
            Self::Seconds => format!("{value:.1}"),
            Self::Megabytes => format!("{value:.0}"),
        }
    }
}

/// How busy the machine was in the last minute, where the system tells.
fn load() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        "/s" => format!("{}/s", thousands(value)),
        "x" if value >= 20.0 => format!("{value:.0}x"),
        "x" => format!("{value:.2}x"),
        _ => format!("{value:.1} {unit}"),
    }
}

/// 1234567 as 1,234,567.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are positive and far below 2^64"
)]
fn thousands(value: f64) -> String {
    let digits = (value.round() as u64).to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn groups_of_three() {
        assert_eq!(thousands(7.0), "7");
        assert_eq!(thousands(1_234.4), "1,234");
        assert_eq!(thousands(12_345_678.0), "12,345,678");
    }
}
