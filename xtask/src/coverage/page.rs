//! The page with the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::Result;

use super::Findings;
use super::plan::Outcome;
use super::sightings::Sightings;
use crate::r#gen::Count;

const HEAD: &str = "\
# What of the protocol is covered

<!-- Made by `cargo xtask coverage`; do not edit. The calls are in fixtures/protocol/calls.json. -->

Every method of the engine's protocol can be called by its own name, typed: `codex.api().thread().goal().set(..)`
in Rust, `codex.api.thread.goal.set(..)` in Python and Node. This page says what the real engine answered
when each of them was called once, and in which scenario each notification and each request of the engine
is seen. The test suite makes all these calls and fails when this page is not what comes of them.
";

/// How many places are named before `and N more`.
const PLACES: usize = 3;

/// The longest that a refusal is quoted.
const QUOTE: usize = 110;

/// The page's text.
pub(super) fn text(findings: &Findings) -> Result<String> {
    let sightings = Sightings::collect()?;
    let numbers = &findings.numbers;
    let names = |messages: &[(String, String, bool)]| -> BTreeSet<String> {
        messages.iter().map(|(name, _, _)| name.clone()).collect()
    };
    let (notifications, requests) = (
        names(&numbers.notifications),
        names(&numbers.server_requests),
    );
    sightings.check(&notifications.union(&requests).cloned().collect())?;
    let mut text = HEAD.to_owned();
    counts(&mut text, findings);
    calls(&mut text, findings);
    messages(
        &mut text,
        "Notifications",
        &numbers.notifications,
        &sightings.notifications,
        &sightings.unseen,
    );
    messages(
        &mut text,
        "Requests of the engine",
        &numbers.server_requests,
        &sightings.requests,
        &sightings.unseen,
    );
    Ok(text)
}

fn counts(text: &mut String, findings: &Findings) {
    let numbers = &findings.numbers;
    let _ = write!(
        text,
        "\n## How many there are\n\n\
         | | engine {} (pinned) | engine {} (newest) |\n|---|---|---|\n",
        numbers.pinned, numbers.newer
    );
    for (what, counts) in &numbers.counts {
        for (row, value) in rows(*counts) {
            let _ = writeln!(text, "| {what}{row} | {} | {} |", value.0, value.1);
        }
    }
    let _ = writeln!(
        text,
        "\n\"With experimental\" is what the engine's JSON Schema lists when it is asked with `--experimental`; it is \
         the number that is quoted most (184, 86 and 11 for engine 0.169.0). A few messages are in the engine's \
         TypeScript only: three requests of the first generation and two notifications with raw answers of the \
         model. codexkit has them too, which makes {} methods, {} notifications and {} requests. What only the \
         newest engine has is marked in the tables; an older engine is never sent it, the call fails with \
         `engine_version`.",
        numbers.client_methods.len(),
        numbers.notifications.len(),
        numbers.server_requests.len()
    );
}

/// The lines of one kind of message: (name, (pinned, newest)).
fn rows(counts: [Count; 2]) -> Vec<(&'static str, (usize, usize))> {
    let [pinned, newest] = counts;
    let mut rows = vec![(", with experimental", (pinned.all, newest.all))];
    if pinned.stable != pinned.all || newest.stable != newest.all {
        rows.insert(
            0,
            (", without experimental", (pinned.stable, newest.stable)),
        );
    }
    if pinned.hidden + newest.hidden > 0 {
        rows.push((", in the TypeScript only", (pinned.hidden, newest.hidden)));
    }
    rows
}

fn calls(text: &mut String, findings: &Findings) {
    let answered = |outcomes: &[Outcome], said: &str| {
        outcomes
            .iter()
            .filter(|outcome| outcome.outcome == said)
            .count()
    };
    let _ = write!(
        text,
        "\n## Calls\n\n\
         | | engine {} | engine {} |\n|---|---|---|\n\
         | called | {} | {} |\n| answered | {} | {} |\n\
         | refused by the engine, in its own words | {} | {} |\n\
         | not sent, because this engine does not have it | {} | {} |\n\n\
         Rust made all calls on both engines; Python, synchronous and asynchronous, and Node made them on \
         {}, and were told the same. There is no account and no network in these calls, so that methods \
         which need one are refused; that they are refused with the reason shows that the call arrived.\n\n\
         | Method | {} | {} |\n|---|---|---|\n",
        findings.numbers.pinned,
        findings.numbers.newer,
        findings.pinned.len(),
        findings.newest.len(),
        answered(&findings.pinned, "ok"),
        answered(&findings.newest, "ok"),
        answered(&findings.pinned, "rpc"),
        answered(&findings.newest, "rpc"),
        answered(&findings.pinned, "engine_version"),
        answered(&findings.newest, "engine_version"),
        findings.numbers.pinned,
        findings.numbers.pinned,
        findings.numbers.newer,
    );
    let mut lines: Vec<(&Outcome, &Outcome)> =
        findings.pinned.iter().zip(&findings.newest).collect();
    lines.sort_by(|a, b| a.0.method.cmp(&b.0.method));
    for (pinned, newest) in lines {
        let (old, new) = (cell(pinned), cell(newest));
        let new = if new == old {
            "the same".to_owned()
        } else {
            new
        };
        let _ = writeln!(text, "| `{}` | {old} | {new} |", pinned.method);
    }
}

fn cell(outcome: &Outcome) -> String {
    match (outcome.outcome.as_str(), outcome.code) {
        ("ok", _) => "answered".to_owned(),
        ("engine_version", _) => format!("not sent: {}", needed(&outcome.message)),
        (kind, code) => {
            let code = code.map_or_else(|| kind.to_owned(), |code| code.to_string());
            format!("{code}: {}", quoted(&outcome.message))
        }
    }
}

/// `needs 0.166.0` of a sentence about what a method needs.
fn needed(message: &str) -> String {
    let words = message
        .split_once(" needs engine ")
        .and_then(|(_, rest)| rest.split(' ').next());
    words.map_or_else(|| quoted(message), |version| format!("needs {version}"))
}

/// A message on one line, safe in a table, with a hint that the system may word its part differently.
fn quoted(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(QUOTE).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short.replace('|', "\\|").replace('<', "&lt;")
}

fn messages(
    text: &mut String,
    title: &str,
    list: &[(String, String, bool)],
    seen: &BTreeMap<String, BTreeSet<String>>,
    unseen: &BTreeMap<String, String>,
) {
    let _ = write!(
        text,
        "\n## {title}\n\n{} of {} are seen in a scenario of fixtures/scenarios, or after one of the calls above.\n\n\
         | Message | Type | Seen in |\n|---|---|---|\n",
        list.iter()
            .filter(|(name, _, _)| seen.contains_key(name))
            .count(),
        list.len()
    );
    for (name, kind, newer) in list {
        let place = match (seen.get(name), unseen.get(name)) {
            (Some(places), _) => some(places),
            (None, Some(why)) => format!("not seen: {why}"),
            (None, None) => String::new(),
        };
        let newer = if *newer { " (newest engine)" } else { "" };
        let _ = writeln!(text, "| `{name}`{newer} | `{kind}` | {place} |");
    }
}

fn some(places: &BTreeSet<String>) -> String {
    let named: Vec<&str> = places.iter().take(PLACES).map(String::as_str).collect();
    let more = places.len() - named.len();
    let end = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    named.join(", ") + &end
}
