//! The steps that the official SDK does not have: tools, typed answers, files, auto-runs, maps, agents as tools. The same
//! steps as in tests/parity/own_sync.py, own_async.py and own.mjs.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use codexkit::approvals::Reply;
use codexkit::auto::{AutoOptions, AutoRequest, AutoResult, AutoRun};
use codexkit::files::{Attachment, FileStore, Source, StageOptions, StoreOptions};
use codexkit::map::{MapItem, MapOptions, MapResult};
use codexkit::output::{OutputPlan, OutputSchema};
use codexkit::tools::{Tool, ToolRegistry};
use codexkit::{Error, Handoff, JsonObject, Setup, TurnResult};
use serde_json::{Map, Value, json};

use super::parts::{self, Told, list};
use super::{Run, Step, fields, raise_failed, text, turn_params, view, wire};

/// What a run keeps for these steps.
pub(super) struct Own {
    pub(super) told: Told,
    /// The tools that the scenario declares, and those that are threads.
    declared: Map<String, Value>,
    threads: HashMap<String, Tool>,
    handoffs: HashMap<String, Handoff>,
    /// The tools that each thread was given.
    registries: HashMap<String, ToolRegistry>,
    files: HashMap<String, Attachment>,
    /// Where each auto-run stood in the end.
    continuations: HashMap<String, String>,
}

impl Own {
    pub(super) fn new(scenario: &Value) -> Self {
        Self {
            told: Told::default(),
            declared: scenario["tools"].as_object().cloned().unwrap_or_default(),
            threads: HashMap::new(),
            handoffs: HashMap::new(),
            registries: HashMap::new(),
            files: HashMap::new(),
            continuations: HashMap::new(),
        }
    }

    /// What a thread or a turn has of its own, by its step.
    pub(super) fn setup(&mut self, step: &Value) -> Result<Setup> {
        let setup = parts::setup(step, &self.told)?;
        if step["tools"].is_null() {
            return Ok(setup);
        }
        let registry = ToolRegistry::of(self.tools(&step["tools"])?)?;
        self.registries
            .insert(text(step, "as")?.to_owned(), registry.clone());
        Ok(setup.tools(registry))
    }

    fn tools(&self, keys: &Value) -> Result<Vec<Tool>> {
        let keys = list(keys).iter().filter_map(Value::as_str);
        keys.map(|key| match self.threads.get(key) {
            Some(tool) => Ok(tool.clone()),
            None => parts::tool(key, self.declared.get(key).context("no such tool")?),
        })
        .collect()
    }

    /// The step, with the parts of its input that are staged files as a turn takes them.
    pub(super) async fn with_files(&self, step: &Value) -> Result<Value> {
        let mut step = step.clone();
        let Some(input) = step["input"].as_array().cloned() else {
            return Ok(step);
        };
        let mut given = Vec::new();
        for part in input {
            if part["type"] != "attachment" {
                given.push(part);
                continue;
            }
            let file = self
                .files
                .get(text(&part, "file")?)
                .context("no such file")?;
            match part["as"].as_str() {
                Some("image") => given.push(file.as_image()?),
                Some("inline_image") => given.push(file.as_inline_image().await?),
                Some("text") => given.push(file.as_text(None).await?),
                _ => given.extend(file.inputs()),
            }
        }
        step["input"] = given.into();
        Ok(step)
    }
}

impl Run {
    /// Register, replace or remove tools of a thread.
    pub(super) fn change_tools(&self, step: &Value) -> Step {
        let registry = self.own.registries.get(text(step, "thread")?);
        let registry = registry.context("the thread was given no tools")?;
        for key in list(&step["remove"]).iter().filter_map(Value::as_str) {
            registry.remove(key);
        }
        for tool in self.own.tools(&step["replace"])? {
            registry.replace(tool);
        }
        for tool in self.own.tools(&step["register"])? {
            registry.register(tool)?;
        }
        let tools = registry.list();
        let keys = tools.iter().map(|tool| Value::from(tool.spec().key()));
        fields([("tools", keys.collect())])
    }

    pub(super) fn as_tool(&mut self, step: &Value) -> Step {
        let name = text(step, "as")?;
        let tool = self
            .thread(step)?
            .as_tool(name, text(step, "description")?)?;
        let spec = tool.spec().clone();
        self.own.threads.insert(name.to_owned(), tool);
        fields([("tool", spec.key().into()), ("parameters", spec.parameters)])
    }

    pub(super) fn handoff(&mut self, step: &Value) -> Step {
        let (name, description) = (text(step, "as")?, text(step, "description")?);
        let history = step["history"].as_u64();
        let history = history.and_then(|most| usize::try_from(most).ok());
        let handoff = Handoff::with_history(name, description, history)?;
        let tool = handoff.tool();
        let spec = tool.spec().clone();
        self.own.threads.insert(name.to_owned(), tool);
        self.own.handoffs.insert(name.to_owned(), handoff);
        fields([
            ("tool", spec.key().into()),
            ("description", spec.description.into()),
            ("parameters", spec.parameters),
        ])
    }

    pub(super) fn bind(&mut self, step: &Value) -> Step {
        let thread = self.thread(step)?.clone();
        let handoff = self.own.handoffs.get(text(step, "handoff")?);
        handoff.context("no handoff of this name")?.bind(&thread);
        fields([])
    }

    /// A turn with an answer of a type, and its repairs.
    pub(super) async fn run_typed(&mut self, step: &Value) -> Step {
        let output = &step["output"];
        let schema = OutputSchema::new(output["schema"].clone())?;
        let repairs = u32::try_from(output["repairs"].as_u64().unwrap_or(0)).unwrap_or(0);
        let (input, params) = turn_params(step)?;
        let mut plan = OutputPlan::new(&schema, input, params, repairs)?;
        let setup = self.own.setup(step)?;
        let result = self.thread(step)?.run_output_with(&mut plan, setup).await?;
        raise_failed(result.turn.clone())?;
        let attempts = result.attempts.iter();
        let said = attempts.map(|turn| Value::from(turn.final_response.clone()));
        fields([
            ("parsed", result.value.clone().unwrap_or_default()),
            ("finalResponse", result.turn.final_response.clone().into()),
            ("attempts", said.collect()),
        ])
    }

    /// Stage a text as a file, or the pixel.
    pub(super) async fn stage(&mut self, step: &Value) -> Step {
        let bytes = match step["text"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => parts::pixel()?,
        };
        let store = StoreOptions {
            root: Some(PathBuf::from(text(step, "root")?)),
            ..StoreOptions::default()
        };
        let options = StageOptions {
            name: Some(text(step, "name")?.to_owned()),
            ..StageOptions::default()
        };
        let file = FileStore::open(store)?
            .stage(Source::Bytes(bytes), options)
            .await?;
        let record = [
            ("name", file.name.clone().into()),
            ("id", file.id.clone().into()),
            ("sha256", file.sha256.clone().into()),
            ("size", file.size.into()),
            ("mediaType", file.media_type.clone().into()),
            ("isImage", file.is_image().into()),
        ];
        self.own.files.insert(text(step, "as")?.to_owned(), file);
        fields(record)
    }

    /// Answer what was put off.
    pub(super) async fn answer_later(&self, step: &Value) -> Step {
        // It is told of before anybody is asked, and so before it can be put off.
        let id = loop {
            if let Some(waiting) = self.codex.pending_approvals().first() {
                break waiting.id().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let reply = Reply::Verdict(parts::verdict(&step["answer"])?);
        self.codex.answer_approval(&id, reply).await?;
        fields([])
    }

    pub(super) async fn auto_run(&mut self, step: &Value) -> Step {
        let (input, _) = wire::input(&step["input"]);
        let run = self.thread(step)?.auto_run(input, &auto_options(step)?)?;
        self.follow(step, run).await
    }

    pub(super) async fn auto_resume(&mut self, step: &Value) -> Step {
        let token = self.own.continuations.get(text(step, "run")?);
        let token = token.context("the run has no continuation")?.clone();
        let options = auto_options(step)?;
        let run = self.codex.auto_resume(&token, &options, None).await?;
        self.follow(step, run).await
    }

    /// Answer what a run asks, and keep its own events.
    async fn follow(&mut self, step: &Value, run: AutoRun) -> Step {
        let events = async {
            let mut own = Vec::new();
            while let Some(event) = run.events().next().await {
                let event = view(&event?)?;
                // The packages ask their functions then, and do not tell of it.
                let method = text(&event, "method")?;
                if method.starts_with("codexkit/autoRun/") && !method.ends_with("/asked") {
                    own.push(event);
                }
            }
            anyhow::Ok(own)
        };
        let told = &self.own.told;
        let answer = |request: &AutoRequest| std::future::ready(auto_answer(step, told, request));
        let (events, result) = tokio::join!(events, run.result_with(answer));
        let (events, result) = (events?, result?);
        if let (Some(name), Some(token)) = (step["as"].as_str(), &result.continuation) {
            let tokens = &mut self.own.continuations;
            tokens.insert(name.to_owned(), token.clone());
        }
        fields([("events", events.into()), ("run", run_view(&result)?)])
    }

    pub(super) async fn map(&self, step: &Value) -> Step {
        let items: Vec<MapItem> = list(&step["items"])
            .iter()
            .map(|item| match item.as_str() {
                Some(prompt) => Ok(MapItem::new(prompt)),
                None => Ok(MapItem::new(text(item, "prompt")?).id(text(item, "id")?)),
            })
            .collect::<Result<_>>()?;
        let mut options = step["options"].clone();
        if options.is_null() {
            options = json!({});
        }
        let options = MapOptions::from_json(&options.to_string())?;
        let results = self.codex.map(items, options).await?.collect().await?;
        fields([("results", results.iter().map(item_view).collect())])
    }
}

fn item_view(result: &MapResult) -> Value {
    let turn = result.turn.as_ref();
    let of_turn = turn.and_then(TurnResult::error);
    let error = result.error.as_ref().or(of_turn.as_ref()).map(error_view);
    json!({
        "index": result.index,
        "id": result.id,
        "status": result.status(),
        "threadId": result.thread_id,
        "finalResponse": turn.and_then(|turn| turn.final_response.clone()),
        "fromJournal": result.from_journal,
        "total": result.progress.total,
        "error": error,
    })
}

/// The facts of an error beyond its kind and message.
pub(super) fn error_view(error: &Error) -> Value {
    let mut shown = json!({"kind": error.kind().as_str(), "message": error.message()});
    if let Some(output) = error.invalid_output() {
        let first = output.faults.first();
        shown["path"] = first.map(|fault| fault.path.clone()).into();
        shown["rule"] = first.map(|fault| fault.rule.clone()).into();
        shown["schemaPath"] = first.map(|fault| fault.schema_path.clone()).into();
        shown["rawText"] = output.raw_text.clone().into();
        shown["attempts"] = output.attempts.into();
    }
    if let Some(rejection) = error.rejection() {
        shown["guardrail"] = rejection.guardrail.clone().into();
        shown["stage"] = rejection.stage.into();
        shown["reason"] = rejection.reason.clone().into();
        shown["said"] = rejection
            .result
            .as_ref()
            .and_then(|result| result.final_response.clone())
            .into();
    }
    shown
}

/// An auto-run's options, as the scenario has them, in core's form.
fn auto_options(step: &Value) -> Result<AutoOptions> {
    let mut options = JsonObject::new();
    for (name, value) in step["options"].as_object().into_iter().flatten() {
        options.insert(name.clone(), value.clone());
    }
    let until = &step["until"];
    if until.is_string() {
        options.insert("until".to_owned(), until.clone());
    } else if until["command"].is_string() {
        options.insert("until".to_owned(), json!({ "command": until }));
    } else if until["criteria"].is_string() {
        options.insert("until".to_owned(), json!({ "verdict": until }));
    } else if !until.is_null() {
        options.insert("until".to_owned(), "callback".into());
    }
    for hook in list(&step["hooks"]) {
        options.insert(text(hook, "at")?.to_owned(), true.into());
    }
    options.insert("keep_events".to_owned(), true.into());
    Ok(AutoOptions::from_json(&Value::from(options).to_string())?)
}

/// What the application answers: the predicate, or the hook of the scenario for this turn.
fn auto_answer(step: &Value, told: &Told, request: &AutoRequest) -> Value {
    let params: Value = serde_json::from_str(request.params()).unwrap_or_default();
    let said = &params["result"]["finalResponse"];
    let what = request.what();
    if what == "check" {
        told.add(what, json!({ "said": said }));
        let until = &step["until"];
        let text = said.as_str().unwrap_or_default();
        if text.contains(until["says"].as_str().unwrap_or_default()) {
            return true.into();
        }
        return match &until["else"] {
            Value::Null => false.into(),
            next => next.clone(),
        };
    }
    told.add(what, hook_view(what, &params));
    let mut hooks = list(&step["hooks"]).iter();
    let due = |hook: &&Value| {
        hook["at"] == what && (hook["turn"].is_null() || hook["turn"] == params["turn"])
    };
    hooks
        .find(due)
        .map(|hook| hook["answer"].clone())
        .unwrap_or_default()
}

fn hook_view(what: &str, params: &Value) -> Value {
    match what {
        "before_turn" => json!({
            "turn": params["turn"], "prompt": params["prompt"], "tokens": params["tokens"],
        }),
        "after_turn" => json!({
            "turn": params["turn"],
            "said": params["result"]["finalResponse"],
            "tokens": params["tokens"],
        }),
        "before_tool" => {
            json!({ "tool": params["call"]["tool"], "arguments": params["call"]["arguments"] })
        }
        "after_tool" => json!({
            "tool": params["call"]["tool"],
            "text": params["text"],
            "isError": params["result"]["isError"],
        }),
        "before_approval" => json!({ "script": params["request"]["script"] }),
        _ => json!({ "script": params["request"]["script"], "decision": params["decision"] }),
    }
}

fn run_view(result: &AutoResult) -> Result<Value> {
    let mut shown: Value = serde_json::from_str(&result.to_json())?;
    if let Some(last) = &result.last {
        shown["last"] = json!({ "status": last.status, "finalResponse": last.final_response });
    }
    Ok(shown)
}
