//! Drives core through a scenario, in this process. The same steps as tests/parity/sync_steps.py.

mod own;
mod parts;
pub(super) mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use codexkit::{
    Codex, CodexOptions, Error, ErrorKind, Event, EventStream, ServerRequest, ServerRequestHandler,
    Thread, Turn, TurnResult,
};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use own::Own;

/// How long a scenario may take; the same as for a runner process.
const DEADLINE: Duration = Duration::from_secs(60);

/// Runs scenarios on core.
#[derive(Debug)]
pub(crate) struct RustRunner;

impl RustRunner {
    /// Run one job and return the steps of its transcript.
    pub(crate) async fn run(&mut self, job: &Value) -> Result<Vec<Value>> {
        let run = Box::pin(run(job));
        tokio::time::timeout(DEADLINE, run)
            .await
            .context("no answer within the deadline")?
    }
}

/// Why a step did not work.
enum Stop {
    /// The client said so: part of the transcript.
    Client(Value),
    /// The runner or the scenario is wrong.
    Runner(anyhow::Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error.kind() {
            _ if error.is_answer() => Self::Client(json!({
                "kind": "rpc", "code": error.code(), "message": error.rpc_message(),
            })),
            ErrorKind::Closed => Self::Client(json!({"kind": "closed"})),
            _ => Self::Client(own::error_view(&error)),
        }
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<Error>() {
            Ok(error) => error.into(),
            Err(error) => Self::Runner(error),
        }
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Self::Runner(error.into())
    }
}

type Step = Result<Map<String, Value>, Stop>;

/// Answers the engine's requests as the scenario says.
#[derive(Debug, Default)]
struct Answers {
    answers: Map<String, Value>,
    delay: Duration,
    asked: Mutex<Vec<Value>>,
}

impl Answers {
    fn next(&self, method: &str, params: Value) -> Option<Box<RawValue>> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let before = asked.iter().filter(|call| call["method"] == method).count();
        asked.push(json!({"method": method, "params": params}));
        let answer = match self.answers.get(method)? {
            Value::Array(list) => list.get(before).or(list.last())?,
            answer => answer,
        };
        serde_json::value::to_raw_value(answer).ok()
    }
}

impl ServerRequestHandler for Answers {
    fn handle(&self, request: ServerRequest) {
        let params = serde_json::from_str(request.params()).unwrap_or_default();
        let answer = self.next(request.method(), params);
        let delay = self.delay;
        // A delay lets the engine come to rest first, where an answer would race with what it does.
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            match answer {
                Some(answer) => request.respond(&answer),
                None => request.decline("the scenario has no answer for it"),
            }
        });
    }
}

/// Start the client of a job.
async fn start(job: &Value, answers: &Arc<Answers>) -> Result<Codex> {
    let mut options = json!({
        "codex_bin": job["codex_bin"],
        "config": job["config"],
        "cwd": job["cwd"],
        "client_name": job["client_name"],
        "client_title": job["client_title"],
        "client_version": job["client_version"],
        "env": {"set": job["env"], "unset": ["OPENAI_API_KEY", "CODEX_API_KEY"]},
    });
    if job["remote"].is_object() {
        options["remote"] = job["remote"].clone();
        for starting in ["codex_bin", "config", "cwd", "env"] {
            options[starting] = Value::Null;
        }
    }
    let mut options = CodexOptions::from_json(&options.to_string())?;
    if job["scenario"]["no_handler"] != true {
        options.server_requests = Some(Arc::clone(answers) as Arc<dyn ServerRequestHandler>);
    }
    Ok(Codex::start(options).await?)
}

async fn run(job: &Value) -> Result<Vec<Value>> {
    let scenario = &job["scenario"];
    let answers = Arc::new(Answers {
        answers: scenario["approvals"]
            .as_object()
            .cloned()
            .unwrap_or_default(),
        delay: Duration::from_millis(scenario["answer_delay_ms"].as_u64().unwrap_or(0)),
        ..Answers::default()
    });
    let codex = start(job, &answers).await?;
    let mut run = Run {
        job: job.clone(),
        answers: Arc::clone(&answers),
        own: Own::new(scenario),
        notifications: codex.notifications(),
        codex,
        threads: HashMap::new(),
        turns: HashMap::new(),
        saved: HashMap::new(),
    };
    let mut records = Vec::new();
    for step in scenario["steps"].as_array().into_iter().flatten() {
        let mut record = Map::new();
        record.insert("do".to_owned(), step["do"].clone());
        match Box::pin(run.step(step)).await {
            Ok(fields) => record.extend(fields),
            Err(Stop::Client(error)) => {
                record.insert("error".to_owned(), error);
            }
            Err(Stop::Runner(error)) => return Err(error.context(format!("step {step}"))),
        }
        records.push(Value::Object(record));
    }
    run.codex.close().await?;
    let asked = answers
        .asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    records.push(json!({"do": "server_requests", "asked": asked}));
    let told = run.own.told.all();
    if !told.is_empty() {
        records.push(json!({"do": "told", "told": told}));
    }
    Ok(records)
}

struct Run {
    job: Value,
    answers: Arc<Answers>,
    own: Own,
    codex: Codex,
    notifications: EventStream,
    threads: HashMap<String, Thread>,
    turns: HashMap<String, Turn>,
    saved: HashMap<String, Value>,
}

impl Run {
    async fn step(&mut self, step: &Value) -> Step {
        let step = &self.fill(step)?;
        let codex = self.codex.clone();
        match text(step, "do")? {
            "thread_start" => {
                let params = match step["wire"].as_object() {
                    Some(wire) => wire.clone(),
                    None => wire::thread(&step["options"])?,
                };
                let setup = self.own.setup(step)?;
                self.keep(step, codex.thread_start_with(params, setup).await?)
            }
            "thread_resume" => {
                let params = wire::thread(&step["options"])?;
                let setup = self.own.setup(step)?;
                let opened = codex.thread_resume_with(text(step, "thread")?, params, setup);
                self.keep(step, opened.await?)
            }
            "thread_fork" => {
                let params = wire::thread(&step["options"])?;
                let setup = self.own.setup(step)?;
                let opened = codex.thread_fork_with(text(step, "thread")?, params, setup);
                self.keep(step, opened.await?)
            }
            "thread_unarchive" => {
                let id = text(step, "thread")?;
                codex.thread_unarchive(id).await?;
                self.keep(step, codex.thread(id))
            }
            "thread_archive" => answer(&codex.thread_archive(text(step, "thread")?).await?),
            "thread_list" => answer(&codex.thread_list(wire::thread(&step["options"])?).await?),
            "models" => {
                let params = Value::Object(wire::thread(&step["options"])?);
                answer(
                    &codex
                        .request("model/list", Some(raw(&params)?), None)
                        .await?,
                )
            }
            "account" => {
                let params = json!({"refreshToken": false});
                answer(
                    &codex
                        .request("account/read", Some(raw(&params)?), None)
                        .await?,
                )
            }
            "read" => {
                let include = step["include_turns"] == true;
                answer(&self.thread(step)?.read(include).await?)
            }
            "set_name" => answer(&self.thread(step)?.set_name(text(step, "name")?).await?),
            "compact" => answer(&self.thread(step)?.compact().await?),
            "request" => self.request(step).await,
            "turn" => self.turn(step).await,
            "run" if step["output"].is_object() => self.run_typed(step).await,
            "run" => {
                let (input, params) = turn_params(&self.own.with_files(step).await?)?;
                let setup = self.own.setup(step)?;
                let result = self.thread(step)?.run_with(input, params, setup).await?;
                folded(&raise_failed(result)?)
            }
            "turn_run" => folded(&raise_failed(self.the_turn(step)?.result().await?)?),
            "stream" => self.stream(step).await,
            "steer" | "interrupt" => act(self.the_turn(step)?, step).await,
            "wait" => self.wait(step).await,
            "tools" => self.change_tools(step),
            "as_tool" => self.as_tool(step),
            "handoff" => self.handoff(step),
            "bind" => self.bind(step),
            "stage" => self.stage(step).await,
            "answer" => self.answer_later(step).await,
            "auto_run" => self.auto_run(step).await,
            "auto_resume" => self.auto_resume(step).await,
            "map" => self.map(step).await,
            "new_client" => self.new_client().await,
            other => Err(anyhow::anyhow!("unknown step {other}").into()),
        }
    }

    /// As a program that is started again: another client and engine, of the same home.
    async fn new_client(&mut self) -> Step {
        self.codex.close().await?;
        self.codex = start(&self.job, &self.answers).await?;
        self.notifications = self.codex.notifications();
        fields([])
    }

    fn keep(&mut self, step: &Value, thread: Thread) -> Step {
        let id = thread.id().to_owned();
        self.threads.insert(text(step, "as")?.to_owned(), thread);
        fields([("thread", id.into())])
    }

    fn thread(&self, step: &Value) -> Result<&Thread> {
        let name = text(step, "thread")?;
        self.threads
            .get(name)
            .with_context(|| format!("no thread {name}"))
    }

    fn the_turn(&self, step: &Value) -> Result<&Turn> {
        let name = text(step, "turn")?;
        self.turns
            .get(name)
            .with_context(|| format!("no turn {name}"))
    }

    async fn request(&mut self, step: &Value) -> Step {
        let params = match &step["params"] {
            Value::Null => json!({}),
            params => params.clone(),
        };
        let got = self
            .codex
            .request(text(step, "method")?, Some(raw(&params)?), None)
            .await?;
        let got: Value = serde_json::from_str(got.get())?;
        for (name, path) in step["save"].as_object().into_iter().flatten() {
            let path = path.as_str().unwrap_or_default();
            let value = got
                .pointer(path)
                .with_context(|| format!("nothing at {path}"))?;
            self.saved.insert(name.clone(), value.clone());
        }
        if step["quiet"] == true {
            fields([])
        } else {
            fields([("answer", got)])
        }
    }

    async fn turn(&mut self, step: &Value) -> Step {
        let (input, params) = turn_params(&self.own.with_files(step).await?)?;
        let setup = self.own.setup(step)?;
        let turn = self.thread(step)?.turn_with(input, params, setup).await?;
        let record = [
            ("turn", turn.id().into()),
            ("thread", turn.thread_id().into()),
        ];
        self.turns.insert(text(step, "as")?.to_owned(), turn);
        fields(record)
    }

    async fn stream(&mut self, step: &Value) -> Step {
        let turn = self.the_turn(step)?.clone();
        let mut waiting: Vec<(Value, i64)> = step["actions"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|action| (action.clone(), action["after"]["n"].as_i64().unwrap_or(1)))
            .collect();
        let (mut events, mut done, mut broken) = (Vec::new(), Vec::new(), false);
        while !broken && let Some(event) = turn.events().next().await {
            let event = view(&event?)?;
            let mut due = Vec::new();
            waiting.retain_mut(|(action, left)| {
                *left -= i64::from(matches(&event, &action["after"]));
                if *left == 0 {
                    due.push(action.clone());
                }
                *left > 0
            });
            events.push(event);
            for action in due {
                let mut record = fields([("do", action["do"].clone())])?;
                match text(&action, "do")? {
                    "break" => {
                        broken = true;
                        continue;
                    }
                    "turn" => record.extend(self.turn(&action).await?),
                    "answer" => record.extend(self.answer_later(&action).await?),
                    _ => record.extend(act(&turn, &action).await?),
                }
                done.push(Value::Object(record));
            }
        }
        let mut record = fields([("events", events.into())])?;
        if !done.is_empty() {
            record.insert("actions".to_owned(), done.into());
        }
        if !broken {
            record.extend(folded(&turn.result().await?)?);
        }
        Ok(record)
    }

    /// Read the client's own notifications up to the n-th wanted one; keep the listed kinds.
    async fn wait(&mut self, step: &Value) -> Step {
        let default = json!(["thread/"]);
        let keep = if step["keep"].is_null() {
            &default
        } else {
            &step["keep"]
        };
        let mut left = step["n"].as_i64().unwrap_or(1);
        let mut kept = Vec::new();
        while left > 0 {
            let next = self.notifications.next().await;
            let event = view(&next.context("the notifications ended")??)?;
            let method = text(&event, "method")?;
            let mut prefixes = keep
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            left -= i64::from(matches(&event, &step["until"]));
            if prefixes.any(|prefix| method.starts_with(prefix)) {
                kept.push(event);
            }
        }
        fields([("notifications", kept.into())])
    }

    /// Replace `${thread.a}`, `${turn.t}` and `${saved.x}`; a lone one keeps the value's type.
    fn fill(&self, value: &Value) -> Result<Value> {
        Ok(match value {
            Value::String(text) => self.fill_text(text)?,
            Value::Array(values) => values
                .iter()
                .map(|inner| self.fill(inner))
                .collect::<Result<Vec<_>>>()?
                .into(),
            Value::Object(map) => {
                let mut filled = Map::new();
                for (key, inner) in map {
                    let key = match self.fill_text(key)? {
                        Value::String(key) => key,
                        other => other.to_string(),
                    };
                    filled.insert(key, self.fill(inner)?);
                }
                filled.into()
            }
            other => other.clone(),
        })
    }

    fn fill_text(&self, text: &str) -> Result<Value> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .context("a placeholder without its end")?;
            let value = match name.split_once('.') {
                Some(("thread", name)) => {
                    Value::from(self.threads.get(name).context("no such thread")?.id())
                }
                Some(("turn", name)) => {
                    Value::from(self.turns.get(name).context("no such turn")?.id())
                }
                Some(("saved", name)) => self.saved.get(name).context("nothing saved")?.clone(),
                _ => bail!("unknown placeholder {name}"),
            };
            if before.is_empty() && after.is_empty() && out.is_empty() {
                return Ok(value);
            }
            out.push_str(before);
            out.push_str(
                &value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            );
            rest = after;
        }
        out.push_str(rest);
        Ok(out.into())
    }
}

/// Steer or interrupt a turn.
async fn act(turn: &Turn, action: &Value) -> Step {
    match text(action, "do")? {
        "steer" => answer(&turn.steer(wire::input(&action["input"]).0).await?),
        "interrupt" => {
            turn.interrupt().await?;
            // The official client hands on the engine's empty answer; ours has nothing to say.
            fields([("answer", json!({}))])
        }
        other => Err(anyhow::anyhow!("unknown action {other}").into()),
    }
}

/// The input and parameters of a `turn` or `run` step.
fn turn_params(step: &Value) -> Result<(Vec<Value>, Map<String, Value>)> {
    let (input, tool_output) = wire::input(&step["input"]);
    let mut params = match step["wire"].as_object() {
        Some(wire) => wire.clone(),
        None => wire::turn(&step["options"])?,
    };
    if let Some(output) = tool_output {
        params.insert("toolOutput".to_owned(), output);
    }
    Ok((input, params))
}

/// What `run` does in the other languages: a failed turn is an error.
fn raise_failed(result: TurnResult) -> Result<TurnResult, Stop> {
    if result.status != "failed" {
        return Ok(result);
    }
    let error: Value = match &result.error {
        Some(error) => serde_json::from_str(error.get())?,
        None => Value::Null,
    };
    Err(Stop::Client(
        json!({"kind": "turn_failed", "message": error["message"]}),
    ))
}

fn folded(result: &TurnResult) -> Step {
    let mut value: Map<String, Value> = serde_json::from_str(&result.to_json())?;
    // Not in the official result.
    for ours in ["threadId", "recovered"] {
        value.remove(ours);
    }
    fields([("result", value.into())])
}

/// An event as its public accessors show it, checked against the line it came in.
fn view(event: &Event) -> Result<Value> {
    let params: Value = serde_json::from_str(event.params())?;
    let line: Value = serde_json::from_str(event.line())?;
    if line["method"] != event.method() || line["params"] != params {
        bail!("an event's view is not its line: {line}");
    }
    Ok(json!({"method": event.method(), "params": params}))
}

/// Whether an event is of the wanted method (and item type, and status, if given).
fn matches(event: &Value, wanted: &Value) -> bool {
    let is = |wanted: &Value, path: &str| wanted.is_null() || event.pointer(path) == Some(wanted);
    is(&wanted["method"], "/method")
        && is(&wanted["item"], "/params/item/type")
        && is(&wanted["status"], "/params/status/type")
}

fn answer(value: &RawValue) -> Step {
    fields([("answer", serde_json::from_str(value.get())?)])
}

fn raw(value: &Value) -> Result<Box<RawValue>> {
    Ok(serde_json::value::to_raw_value(value)?)
}

fn fields<const N: usize>(list: [(&str, Value); N]) -> Step {
    Ok(list
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect())
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key]
        .as_str()
        .with_context(|| format!("no {key} in {value}"))
}
