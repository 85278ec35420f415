//! `cargo xtask faults`: what a healthy engine, a well-meaning application and a quiet machine never do, in three languages.
//!
//! The way of the data: the cases (fixtures/faults, read by cases.rs) are made ready for each client (prepare.rs), the
//! runners play them (rust/ as a process of this program, tests/faults for Python and Node; runners.rs drives them), cases
//! about the client's own process are played one by one (host.rs), and check.rs says what is wrong with what came of it.
//! What is left behind is looked for from outside (leftovers.rs). official.rs and official_typescript.rs show what the
//! official SDKs make of the same.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::{Result, ensure};

use crate::setup::{self, Profile};
use crate::sh::say;
use crate::suites::Outcome;

mod cases;
mod check;
mod host;
mod leftovers;
mod official;
mod official_typescript;
mod prepare;
mod runners;
pub(crate) mod rust;

use cases::Case;
use prepare::Bench;

/// Arguments of `cargo xtask faults`.
#[derive(clap::Args, Debug)]
pub(crate) struct FaultsArgs {
    /// Only cases whose name contains this; several separated by commas.
    #[arg(long, short = 'k', value_name = "TEXT")]
    filter: Option<String>,
    /// Only the cases that the test suite runs.
    #[arg(long)]
    quick: bool,
    /// Only these clients.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    clients: Vec<Client>,
    /// Instead: what the official SDKs make of those cases that they can be given.
    #[arg(long)]
    official: bool,
    /// Tell what each client saw of each case.
    #[arg(long, short)]
    verbose: bool,
}

/// A client under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Client {
    /// core.
    Rust,
    /// `codexkit.AsyncCodex`.
    Python,
    /// `codexkit.Codex`.
    PythonSync,
    /// The Node package.
    Node,
}

impl Client {
    const ALL: [Self; 4] = [Self::Rust, Self::Python, Self::PythonSync, Self::Node];

    fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::PythonSync => "python-sync",
            Self::Node => "node",
        }
    }

    fn plays(self, case: &Case) -> bool {
        self != Self::PythonSync || case.is_for_blocking()
    }
}

/// What is wrong, by case and client.
type Wrong = BTreeMap<(String, Client), Vec<String>>;

/// The same, while it is being found.
#[derive(Default)]
struct Findings(Mutex<Wrong>);

impl Findings {
    fn add(&self, case: &str, client: Client, what: String) {
        if let Ok(mut found) = self.0.lock() {
            found
                .entry((case.to_owned(), client))
                .or_default()
                .push(what);
        }
    }

    fn into_inner(self) -> Wrong {
        self.0.into_inner().unwrap_or_default()
    }
}

/// Plays the cases; the last line says how many there were.
pub(crate) fn run(args: &FaultsArgs) -> Result<ExitCode> {
    if args.clients == [Client::Rust] {
        setup::python_tools()?; // brings the engine
    } else {
        setup::everything(Profile::Dev)?;
    }
    let cases = chosen(args.filter.as_deref(), args.quick)?;
    if args.official {
        return official::run(&cases);
    }
    let clients = if args.clients.is_empty() {
        Client::ALL.to_vec()
    } else {
        args.clients.clone()
    };
    let wrong = play(&cases, &clients, args.verbose)?;
    for ((case, client), what) in &wrong {
        println!("FAILED {case} ({})", client.name());
        for one in what {
            println!("       {one}");
        }
    }
    println!(
        "faults: {} cases x {} languages, {} failures",
        cases.len(),
        languages(&clients),
        wrong.len()
    );
    Ok(if wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The faults suite of `cargo xtask test`: the quick cases, each client's a test.
pub(crate) fn suite(filter: Option<&str>) -> Result<Outcome> {
    let cases = chosen(filter, true)?;
    let mut outcome = Outcome::default();
    let wrong = play(&cases, &Client::ALL, false)?;
    let total: usize = Client::ALL
        .iter()
        .map(|client| cases.iter().filter(|case| client.plays(case)).count())
        .sum();
    outcome.failed = wrong.len();
    outcome.passed = total.saturating_sub(outcome.failed);
    for ((case, client), what) in wrong {
        say(&format!(
            "FAILED {case} ({}): {}",
            client.name(),
            what.join("; ")
        ));
        outcome.notes.push(format!("{case} ({})", client.name()));
    }
    Ok(outcome)
}

/// How many languages these clients are of; Python counts once, although both of its clients have to see the same.
fn languages(clients: &[Client]) -> usize {
    let of = |languages: &[Client]| clients.iter().any(|client| languages.contains(client));
    let all: [&[Client]; 3] = [
        &[Client::Rust],
        &[Client::Python, Client::PythonSync],
        &[Client::Node],
    ];
    all.into_iter().filter(|language| of(language)).count()
}

fn chosen(filter: Option<&str>, quick: bool) -> Result<Vec<Case>> {
    let mut cases = cases::all()?;
    cases.retain(|case| {
        let wanted = |filter: &str| filter.split(',').any(|part| case.name.contains(part));
        (!quick || case.is("quick")) && filter.is_none_or(wanted)
    });
    ensure!(!cases.is_empty(), "no case fits");
    Ok(cases)
}

fn play(cases: &[Case], clients: &[Client], verbose: bool) -> Result<Wrong> {
    let findings = Findings::default();
    let bench = Bench::new(cases)?;
    let (about_hosts, plain): (Vec<_>, Vec<_>) =
        cases.iter().partition(|case| case.host().is_some());
    say(&format!(
        "{} cases, {} of them about the host",
        cases.len(),
        about_hosts.len()
    ));
    let seen = runners::play(&bench, &plain, clients, &findings)?;
    let hosts = host::play(&bench, &about_hosts, clients, &findings);
    let mut all = seen;
    for (client, more) in hosts {
        all.entry(client).or_default().extend(more);
    }
    for case in cases {
        check::case(case, clients, &all, &bench, &findings);
        if verbose {
            for (client, seen) in &all {
                if let Some(seen) = seen.get(&case.name) {
                    println!("{} ({}): {seen}", case.name, client.name());
                }
            }
        }
    }
    bench.end()?;
    Ok(findings.into_inner())
}
