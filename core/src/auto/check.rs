//! The checks that core does itself, and what they have the next turn told.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::options::CommandCheck;
use crate::clock;
use crate::engine::process::Leftovers;
use crate::engine::stderr::{self, OutputTail};
use crate::engine::tree;
use crate::error::{Error, ErrorKind, Result};

/// What a shell command came to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommandOutcome {
    /// None when it was killed.
    pub(super) exit_code: Option<i32>,
    pub(super) timed_out: bool,
    /// The end of standard output and error, as they came.
    pub(super) output: String,
    pub(super) truncated: bool,
}

impl CommandOutcome {
    pub(super) fn passed(&self) -> bool {
        self.exit_code == Some(0) && !self.timed_out
    }

    /// What the next turn is told.
    pub(super) fn prompt(&self, check: &CommandCheck) -> String {
        let how = match self.exit_code {
            _ if self.timed_out => "did not end in time and was killed".to_owned(),
            Some(code) => format!("failed with exit code {code}"),
            None => "was killed by a signal".to_owned(),
        };
        let command = check.command.trim();
        let output = self.output.trim_end();
        let shown = match (output.is_empty(), self.truncated) {
            (true, _) => "It wrote nothing.".to_owned(),
            (false, false) => format!("It wrote:\n\n{output}"),
            (false, true) => format!("The end of what it wrote:\n\n{output}"),
        };
        format!("The check `{command}` {how}. {shown}\n\nGo on until the check passes.")
    }
}

/// How long the output of a command is awaited whose shell has ended.
const DRAIN: Duration = Duration::from_secs(1);

/// Runs the command to its end, or for `limit` at most. Dropping the future kills it.
pub(super) async fn run_command(
    check: &CommandCheck,
    cwd: Option<&Path>,
    limit: Duration,
) -> Result<CommandOutcome> {
    let mark = format!("check-{}-{}", std::process::id(), clock::unix_nanos());
    let mut child = shell(&check.command, cwd, &mark).map_err(|error| {
        Error::new(
            ErrorKind::Io,
            format!("the check `{}` cannot be started: {error}", check.command),
        )
        .caused_by(error)
    })?;
    let mut leftovers = Leftovers {
        root: child.id(),
        mark,
    };
    let tail = OutputTail::of(check.max_output);
    let mut readers = tokio::task::JoinSet::new();
    if let Some(stdout) = child.stdout.take() {
        readers.spawn(stderr::drain(stdout, tail.clone()));
    }
    if let Some(errors) = child.stderr.take() {
        readers.spawn(stderr::drain(errors, tail.clone()));
    }
    let ended = tokio::time::timeout(limit, child.wait()).await;
    if ended.is_ok() {
        leftovers.root = None; // it was reaped: its number may be another's by now
    }
    drop(leftovers); // also what it left running, which would hold the pipes open
    let _ = tokio::time::timeout(DRAIN, async {
        while readers.join_next().await.is_some() {}
    })
    .await;
    let (mut output, truncated) = tail.raw();
    if truncated {
        // A character that was cut at the front is no loss.
        output = output.trim_start_matches('\u{fffd}').to_owned();
    }
    let status = ended.as_ref().ok().and_then(|status| status.as_ref().ok());
    Ok(CommandOutcome {
        exit_code: status.and_then(std::process::ExitStatus::code),
        timed_out: ended.is_err(),
        output,
        truncated,
    })
}

fn shell(command: &str, cwd: Option<&Path>, mark: &str) -> std::io::Result<Child> {
    let (program, flag) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("/bin/sh", "-c")
    };
    let mut shell = Command::new(program);
    shell
        .args([flag, command])
        .env(tree::MARK, mark)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(cwd) = cwd {
        shell.current_dir(cwd);
    }
    #[cfg(unix)]
    shell.process_group(0);
    shell.spawn()
}

/// What the agent says of its own work.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentVerdict {
    pub(super) done: bool,
    pub(super) reason: String,
}

/// The schema of a verdict, for `outputSchema`.
pub(super) fn verdict_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "done": {
                "type": "boolean",
                "description": "Whether the whole task is done, and you have made sure of it."
            },
            "reason": {
                "type": "string",
                "description": "Why, or what is still missing."
            }
        },
        "required": ["done", "reason"],
        "additionalProperties": false
    })
}

/// A verdict from a turn's final answer; the error says what is wrong with it.
pub(super) fn parse_verdict(answer: Option<&str>) -> std::result::Result<AgentVerdict, String> {
    let answer = answer.ok_or("there was no final answer")?;
    serde_json::from_str(answer.trim()).map_err(|error| error.to_string())
}

/// What the next turn is told after a verdict that the task is not done.
pub(super) fn verdict_prompt(verdict: &std::result::Result<AgentVerdict, String>) -> String {
    match verdict {
        Ok(verdict) => format!(
            "By your own verdict the task is not done: {}\n\nGo on.",
            verdict.reason.trim()
        ),
        Err(why) => format!(
            "Your last answer was not the JSON object that was asked for ({why}). Go on with the task, and answer with {{\"done\": true or false, \"reason\": \"...\"}} and nothing else."
        ),
    }
}

/// What is added to the first prompt for a verdict.
pub(super) fn criteria_prompt(criteria: &str) -> String {
    format!("The task is done when this is true: {}", criteria.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &str) -> CommandCheck {
        CommandCheck::new(command)
    }

    async fn run(command: &str) -> CommandOutcome {
        run_command(&check(command), None, Duration::from_secs(30))
            .await
            .expect("it starts")
    }

    #[tokio::test]
    async fn a_command_passes_or_says_why_not() {
        assert!(run("exit 0").await.passed());
        let failed = run("echo out; echo err >&2; exit 3").await;
        assert_eq!((failed.passed(), failed.exit_code), (false, Some(3)));
        let prompt = failed.prompt(&check("make test"));
        for part in ["`make test`", "exit code 3", "out", "err", "check passes"] {
            assert!(prompt.contains(part), "{prompt}");
        }
        let silent = run("exit 1").await.prompt(&check("x"));
        assert!(silent.contains("It wrote nothing."), "{silent}");
    }

    #[tokio::test]
    async fn only_the_end_of_the_output_is_kept() {
        let mut check =
            check("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; exit 1");
        check.max_output = 100;
        let outcome = run_command(&check, None, Duration::from_secs(30))
            .await
            .expect("it starts");
        assert!(outcome.truncated && outcome.output.len() <= 100);
        assert!(outcome.output.ends_with("line 4999\n"));
        assert!(outcome.prompt(&check).contains("The end of what it wrote"));
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_killed_with_what_it_started() {
        let outcome = run_command(
            &check("sleep 40961 & sleep 40961"),
            None,
            Duration::from_millis(300),
        )
        .await
        .expect("it starts");
        assert!(outcome.timed_out && !outcome.passed());
        assert!(outcome.prompt(&check("x")).contains("did not end in time"));
        #[cfg(target_os = "linux")]
        assert!(!running("sleep\u{0}40961"), "nothing is left");
    }

    #[cfg(target_os = "linux")]
    fn running(needle: &str) -> bool {
        std::fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .any(|entry| {
                std::fs::read(entry.path().join("cmdline"))
                    .is_ok_and(|line| String::from_utf8_lossy(&line).contains(needle))
            })
    }

    #[tokio::test]
    async fn what_a_command_leaves_behind_does_not_hold_it_up() {
        let outcome = run("sleep 40962 & exit 0").await;
        assert!(outcome.passed());
    }

    #[test]
    fn verdicts_are_strict() {
        let parse = |text: &str| parse_verdict(Some(text));
        let good = parse(r#"{"done": false, "reason": "two tests fail"}"#);
        assert!(verdict_prompt(&good).contains("two tests fail"));
        assert_eq!(good.map(|verdict| verdict.done), Ok(false));
        for bad in [
            "done!",
            r#"{"done": "yes", "reason": "x"}"#,
            r#"{"done": true}"#,
            r#"{"done": true, "reason": "x", "more": 1}"#,
        ] {
            let verdict = parse(bad);
            assert!(
                verdict_prompt(&verdict).contains("not the JSON object"),
                "{bad}"
            );
        }
        assert!(parse_verdict(None).is_err());
    }
}
