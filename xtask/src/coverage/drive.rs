//! Makes the calls in this process, through the functions that are generated into core.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use codexkit::{Codex, CodexOptions, Error, Event, EventStream, JsonObject};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::generated;
use super::plan::{Call, Job, Outcome, filled};

/// How long a call or a notification may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Makes the calls of a job.
pub(super) fn run(job: &Job) -> Result<Vec<Outcome>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(all(job))
}

async fn all(job: &Job) -> Result<Vec<Outcome>> {
    let options = json!({
        "codex_bin": job.codex_bin,
        "config": job.config,
        "cwd": job.cwd,
        "env": {"set": job.env, "unset": ["OPENAI_API_KEY", "CODEX_API_KEY"]},
    });
    let codex = Codex::start(CodexOptions::from_json(&options.to_string())?).await?;
    let mut run = Run {
        events: codex.subscribe(),
        codex,
        waiting: Vec::new(),
        values: job.values.clone(),
    };
    let mut outcomes = Vec::new();
    for call in &job.calls {
        outcomes.push(run.outcome(call).await?);
    }
    run.codex.close().await?;
    Ok(outcomes)
}

struct Run {
    codex: Codex,
    events: EventStream,
    /// Notifications that nobody has waited for yet.
    waiting: Vec<Event>,
    values: std::collections::BTreeMap<String, String>,
}

impl Run {
    async fn outcome(&mut self, call: &Call) -> Result<Outcome> {
        let params = filled(&Value::Object(call.params.clone()), &self.values);
        let params: JsonObject = params.as_object().cloned().unwrap_or_default();
        let thread = params
            .get("threadId")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let mut outcome = Outcome {
            method: call.method.clone(),
            outcome: "ok".to_owned(),
            code: None,
            message: String::new(),
        };
        if call.background {
            let (codex, method) = (self.codex.clone(), call.method.clone());
            tokio::spawn(async move { send(&codex, &method, params).await.ok() });
        } else {
            match send(&self.codex, &call.method, params).await? {
                Ok(answer) => self.keep(call, &answer)?,
                Err(error) => return Ok(refused(outcome, &error)),
            }
        }
        outcome.outcome = "ok".to_owned();
        for method in &call.wait {
            self.wait(method, thread.as_deref())
                .await
                .with_context(|| format!("{}: in vain waited for {method}", call.method))?;
        }
        Ok(outcome)
    }

    fn keep(&mut self, call: &Call, answer: &RawValue) -> Result<()> {
        let answer: Value = serde_json::from_str(answer.get())?;
        for (name, pointer) in &call.keep {
            let value = answer.pointer(pointer).and_then(Value::as_str);
            let value = value
                .with_context(|| format!("{}: no {pointer} in the answer {answer}", call.method))?;
            self.values.insert(name.clone(), value.to_owned());
        }
        Ok(())
    }

    async fn wait(&mut self, method: &str, thread: Option<&str>) -> Result<()> {
        let fits = |event: &Event| {
            event.method() == method
                && (thread.is_none() || event.thread_id().is_none() || event.thread_id() == thread)
        };
        loop {
            if let Some(at) = self.waiting.iter().position(fits) {
                self.waiting.remove(at);
                return Ok(());
            }
            let next = tokio::time::timeout(DEADLINE, self.events.next()).await?;
            self.waiting.push(next.context("the notifications ended")??);
        }
    }
}

async fn send(
    codex: &Codex,
    method: &str,
    params: JsonObject,
) -> Result<Result<Box<RawValue>, Error>> {
    let api = codex.api().with_timeout(DEADLINE);
    match generated::call(&api, method, params).await {
        Some(answer) => Ok(answer),
        None => bail!("no function is generated for {method}"),
    }
}

fn refused(outcome: Outcome, error: &Error) -> Outcome {
    let said = error.rpc_message().unwrap_or_else(|| error.message());
    let message = said.to_owned();
    Outcome {
        outcome: error.kind().as_str().to_owned(),
        code: error.code(),
        message,
        ..outcome
    }
}
