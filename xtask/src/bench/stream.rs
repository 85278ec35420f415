//! Events per second and CPU per event: one turn, and many turns at once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::layout::Layout;
use super::measure::{Consumer, Program, Samples, run_all};
use super::table::{Cell, Report, Table, Unit};
use crate::{paths, sh::say};

/// What a consumer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    OfficialSync,
    OfficialAsync,
    KitSync,
    KitAsync,
    KitDict,
    LimitPython,
    OfficialNode,
    KitNode,
    LimitNode,
    KitRust,
    LimitRust,
}

use Who::{
    KitAsync, KitDict, KitNode, KitRust, KitSync, LimitNode, LimitPython, LimitRust, OfficialAsync,
    OfficialNode, OfficialSync,
};

/// The lines that are replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Deltas of a message alone.
    Delta,
    /// A recorded turn: items, command output, reasoning, usage, diffs and deltas.
    Mix,
}

impl Kind {
    /// The recorded lines.
    fn lines(self) -> PathBuf {
        let name = match self {
            Self::Delta => "delta.jsonl",
            Self::Mix => "mix.jsonl",
        };
        paths::root().join("benches/data").join(name)
    }
}

/// The results by consumer.
pub(crate) type Results = BTreeMap<Who, Samples>;

/// The clients, official and ours, each read in the same way.
pub(crate) const CLIENTS: [Who; 7] = [
    OfficialSync,
    OfficialAsync,
    OfficialNode,
    KitSync,
    KitAsync,
    KitNode,
    KitRust,
];

const ONE: [Who; 11] = [
    OfficialSync,
    OfficialAsync,
    KitSync,
    KitAsync,
    KitDict,
    LimitPython,
    OfficialNode,
    KitNode,
    LimitNode,
    KitRust,
    LimitRust,
];
const MANY: [Who; 6] = [
    OfficialSync,
    OfficialAsync,
    KitSync,
    KitAsync,
    OfficialNode,
    KitNode,
];
const OURS: [Who; 3] = [KitSync, KitAsync, KitNode];

/// One turn. With `whole` all consumers and both kinds, else only what many turns are compared with.
pub(crate) fn one_turn(
    layout: &Layout,
    runs: usize,
    whole: bool,
    report: &mut Report,
) -> Result<Results> {
    if !whole {
        return collect(&OURS, Kind::Delta, 1, layout, runs);
    }
    let delta = collect(&ONE, Kind::Delta, 1, layout, runs)?;
    let mix = collect(&ONE, Kind::Mix, 1, layout, runs)?;
    report.add(table("stream, one turn, delta", NOTE_ONE, &delta));
    report.add(table("stream, one turn, mix", NOTE_ONE, &mix));
    let rate = |results: &Results, who: Who| results[&who].rate().median;
    let times =
        |results: &Results, ours: Who, theirs: Who| rate(results, ours) / rate(results, theirs);
    let mut at_least = |what: &str, got: f64, wanted: f64| report.at_least(what, got, wanted, "x");
    at_least(
        "Python async, delta, against official AsyncCodex",
        times(&delta, KitAsync, OfficialAsync),
        100.0,
    );
    at_least(
        "Python async, delta, against read + split + parse",
        times(&delta, KitAsync, LimitPython),
        1.0,
    );
    at_least(
        "Python sync, delta, against official Codex",
        times(&delta, KitSync, OfficialSync),
        20.0,
    );
    at_least(
        "Python, every payload a dict, against read + split + parse",
        times(&delta, KitDict, LimitPython),
        0.9,
    );
    at_least(
        "Node, delta, against the official SDK",
        times(&delta, KitNode, OfficialNode),
        3.0,
    );
    at_least(
        "Node, delta, against read + split + JSON.parse",
        times(&delta, KitNode, LimitNode),
        1.0,
    );
    at_least(
        "Node, mix, against the official SDK",
        times(&mix, KitNode, OfficialNode),
        2.5,
    );
    at_least(
        "Node, mix, against read + split + JSON.parse",
        times(&mix, KitNode, LimitNode),
        1.0,
    );
    let per_core = 1e6 / delta[&KitRust].cpu_us().median;
    report.at_least(
        "core: read, split, route, queue, drain; events a second of CPU",
        per_core,
        5e6,
        "/s",
    );
    Ok(delta)
}

/// Many turns at once, against what one turn does.
pub(crate) fn many_turns(
    layout: &Layout,
    runs: usize,
    turns: usize,
    one: &Results,
    report: &mut Report,
) -> Result<()> {
    // A thousand processes of the official Node SDK, or threads of its Python one, prove nothing.
    let who: &[Who] = if turns > 100 { &OURS } else { &MANY };
    let share = if turns > 100 { 0.35 } else { 0.5 };
    let results = collect(who, Kind::Delta, turns, layout, runs)?;
    report.add(table(
        &format!("stream, {turns} turns at once, delta"),
        "A thread a turn in synchronous Python, a task a turn in asynchronous Python and Node, a process a turn in the official Node SDK.",
        &results,
    ));
    for who in OURS {
        let part = results[&who].rate().median / one[&who].rate().median;
        let what = format!("{}, {turns} turns, against one turn", name(who));
        report.at_least(&what, part, share, "x");
        let least = results[&who].get("least").least;
        let what = format!(
            "{}, {turns} turns, events of the least served reader",
            name(who)
        );
        report.at_least(
            &what,
            least,
            (events(who, Kind::Delta, turns) / turns) as f64,
            "events",
        );
    }
    Ok(())
}

const NOTE_ONE: &str = "First to last event; every consumer reads each event's method and the text of deltas. \"dict\" reads each whole payload.";

fn collect(who: &[Who], kind: Kind, turns: usize, layout: &Layout, runs: usize) -> Result<Results> {
    say(&format!(
        "bench: {kind:?}, {turns} turn(s), {} consumers, {runs} runs",
        who.len()
    ));
    let consumers: Vec<Consumer> = who
        .iter()
        .map(|who| consumer(*who, kind, turns, layout))
        .collect();
    let samples = run_all(&consumers, layout, runs)?;
    let mut results = Results::new();
    for (who, samples) in who.iter().zip(samples) {
        let events = events(*who, kind, turns);
        let sent = (*who != LimitRust).then(|| chars(kind, events, turns, *who == OfficialNode));
        samples.check(name(*who), events, sent.transpose()?)?;
        results.insert(*who, samples);
    }
    Ok(results)
}

fn table(title: &str, note: &str, results: &Results) -> Table {
    let columns = [
        "events/s",
        "CPU us/event",
        "against official",
        "CPU against official",
        "against limit",
    ];
    let mut table = Table::new(title, note, &columns);
    for (who, samples) in results {
        let against = |other: Option<Who>, value: &dyn Fn(&Samples) -> f64| {
            other
                .and_then(|other| results.get(&other))
                .map_or(Cell::Empty, |other| {
                    Cell::Ratio(value(samples) / value(other))
                })
        };
        let (official, limit) = peers(*who);
        table.row(
            name(*who),
            vec![
                Cell::Figure(samples.rate(), Unit::PerSecond),
                Cell::Figure(samples.cpu_us(), Unit::Micros),
                against(official, &|samples| samples.rate().median),
                against(official, &|samples| 1.0 / samples.cpu_us().median),
                against(limit, &|samples| samples.rate().median),
            ],
        );
    }
    table
}

pub(crate) fn name(who: Who) -> &'static str {
    match who {
        OfficialSync => "official Python, Codex",
        OfficialAsync => "official Python, AsyncCodex",
        KitSync => "codexkit Python, Codex",
        KitAsync => "codexkit Python, AsyncCodex",
        KitDict => "codexkit Python, AsyncCodex, dict",
        LimitPython => "limit: Python read + split + parse",
        OfficialNode => "official TypeScript",
        KitNode => "codexkit Node",
        LimitNode => "limit: Node read + split + JSON.parse",
        KitRust => "codexkit core (Rust)",
        LimitRust => "limit: Rust read + split + find ids",
    }
}

/// What a consumer is measured against: the official SDK, and the limit of its language.
fn peers(who: Who) -> (Option<Who>, Option<Who>) {
    match who {
        KitSync => (Some(OfficialSync), Some(LimitPython)),
        KitAsync | KitDict => (Some(OfficialAsync), Some(LimitPython)),
        KitNode => (Some(OfficialNode), Some(LimitNode)),
        KitRust => (None, Some(LimitRust)),
        OfficialSync | OfficialAsync => (None, Some(LimitPython)),
        OfficialNode => (None, Some(LimitNode)),
        LimitPython | LimitNode | LimitRust => (None, None),
    }
}

/// How many lines a consumer gets in all: a slow one fewer of the same, or a run would take minutes.
fn events(who: Who, kind: Kind, turns: usize) -> usize {
    let events: usize = match (who, kind) {
        (OfficialSync, _) => 50_000,
        (OfficialAsync, _) => 15_000,
        (KitRust | LimitRust, _) => 600_000,
        (_, Kind::Delta) => 400_000,
        (_, Kind::Mix) => 250_000,
    };
    // As many for each turn.
    events / turns * turns
}

/// The consumer of `who`.
pub(crate) fn consumer(who: Who, kind: Kind, turns: usize, layout: &Layout) -> Consumer {
    let events = events(who, kind, turns);
    let engine = layout.replay.display().to_string();
    let mut plan = json!({"turns": turns, "events": events, "exec": "engine"});
    plan["lines"] = json!(kind.lines());
    let common = json!({
        "engine": engine,
        "turns": turns,
        "events": events,
        "warm": 200.max(turns * 4),
        "lag": false,
        "read": if who == KitDict { "dict" } else { "delta" },
        "mode": if who == LimitRust { "limit" } else { "core" },
        "parse": if layout.orjson { "orjson" } else { "json" },
        "package": layout.node_package,
        "options": {"queue": {
            "softEvents": 1_u64 << 40,
            "softBytes": 1_u64 << 40,
            "hardEvents": 1_u64 << 40,
            "hardBytes": 1_u64 << 40,
        }},
        "lift": ["queue_soft_events", "queue_soft_bytes", "queue_hard_events", "queue_hard_bytes"],
    });
    let with_module = |module: &str| {
        let mut settings = common.clone();
        settings["module"] = json!(module);
        settings
    };
    let (program, settings) = match who {
        OfficialSync => (
            Program::Python("stream_sync.py"),
            with_module("openai_codex"),
        ),
        OfficialAsync => (
            Program::Python("stream_async.py"),
            with_module("openai_codex"),
        ),
        KitSync => (Program::Python("stream_sync.py"), with_module("codexkit")),
        KitAsync | KitDict => (Program::Python("stream_async.py"), with_module("codexkit")),
        LimitPython => (Program::Python("limit.py"), common),
        OfficialNode => (Program::Node("stream_official.mjs"), common),
        KitNode => (Program::Node("stream_codexkit.mjs"), common),
        LimitNode => (Program::Node("limit.mjs"), common),
        KitRust | LimitRust => (Program::Rust, common),
    };
    Consumer {
        replay: Some(plan),
        ..Consumer::new(name(who), program, settings)
    }
}

/// How many characters of delta text the engine sends.
fn chars(kind: Kind, events: usize, turns: usize, by_process: bool) -> Result<usize> {
    let path = kind.lines();
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let lines: Vec<usize> = text.lines().map(delta_chars).collect::<Result<_>>()?;
    // Several turns get each line in turn; processes count for themselves.
    let (each, sharing) = if by_process {
        (events / turns, 1)
    } else {
        (events, turns)
    };
    let of_one: usize = (0..each).map(|at| lines[at / sharing % lines.len()]).sum();
    Ok(of_one * if by_process { turns } else { 1 })
}

fn delta_chars(line: &str) -> Result<usize> {
    const DELTAS: [&str; 3] = [
        "item/agentMessage/delta",
        "item/commandExecution/outputDelta",
        "item/reasoning/summaryTextDelta",
    ];
    let event: Value = serde_json::from_str(line)?;
    let is_delta = event["method"]
        .as_str()
        .is_some_and(|method| DELTAS.contains(&method));
    let text = if is_delta {
        event["params"]["delta"].as_str()
    } else {
        None
    };
    Ok(text.map_or(0, |text| text.chars().count()))
}
