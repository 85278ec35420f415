//! The tiny engine itself: the requests it knows, its threads and its turns.

use super::actions::notification;
use super::output::{LineKind, Output};
use super::plan::{Answer, Fault, Plan};
use crate::shapes::{self, ThreadShape, TurnShape};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// The engine, shared by the reading thread and one thread a turn.
pub(super) struct Engine {
    plan: Plan,
    pub(super) output: Output,
    pub(super) stop_reading: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    client: Option<String>,
    threads: BTreeMap<String, Thread>,
    next_turn: usize,
    next_request: i64,
    /// How often each point was passed.
    passed: HashMap<String, usize>,
    /// Requests to the client that have no answer yet.
    asked: HashMap<i64, Asked>,
}

struct Asked {
    method: String,
    thread: String,
    answered: mpsc::Sender<()>,
}

#[derive(Default, Clone)]
struct Thread {
    cwd: String,
    name: Option<String>,
    forked_from: Option<String>,
    archived: bool,
    turns: Vec<Turn>,
}

#[derive(Clone)]
struct Turn {
    id: String,
    status: &'static str,
    error: Value,
    items: Vec<Value>,
    started_at: u64,
    completed_at: Option<u64>,
    interrupted: Arc<AtomicBool>,
}

/// Where an action happens, for the ids it names.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) thread: String,
    pub(super) turn: String,
    pub(super) item: String,
    /// Whether this is the thread that reads stdin, which must not wait for an answer.
    reading: bool,
}

impl Scope {
    pub(super) fn fill(&self, text: &str) -> String {
        text.replace("${thread}", &self.thread)
            .replace("${turn}", &self.turn)
            .replace("${item}", &self.item)
    }

    pub(super) fn fill_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(list) => list.iter().map(|value| self.fill_value(value)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| (key.clone(), self.fill_value(value)))
                .collect(),
            other => other.clone(),
        }
    }

    /// The parameters of a delta of the turn's message.
    pub(super) fn delta(&self, text: &str) -> Value {
        json!({"threadId": self.thread, "turnId": self.turn, "itemId": self.item, "delta": text})
    }
}

/// A JSON-RPC error.
type Refusal = Value;

fn refusal(message: impl Into<String>) -> Refusal {
    json!({"code": -32600, "message": message.into()})
}

/// What happens right after an answer was written.
type AfterAnswer = Option<Box<dyn FnOnce() + Send>>;

impl Engine {
    pub(super) fn run(plan: Plan) -> i32 {
        let engine = Arc::new(Self {
            plan,
            output: Output::default(),
            stop_reading: AtomicBool::new(false),
            state: Mutex::default(),
        });
        let scope = Scope {
            reading: true,
            ..Scope::default()
        };
        if let Some(fault) = engine.fault("boot") {
            engine.act(&fault.before, &scope);
            engine.act(&fault.after, &scope);
        }
        let mut stdin = std::io::stdin().lock();
        let mut line = Vec::new();
        loop {
            while engine.stop_reading.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_secs(3600));
            }
            line.clear();
            match stdin.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
            // The real engine logs a line it cannot read and goes on without an answer.
            if let Ok(message) = serde_json::from_slice::<Value>(&line) {
                engine.receive(&message);
            }
        }
        if engine.plan.ignore_eof {
            loop {
                std::thread::sleep(Duration::from_secs(3600));
            }
        }
        0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault of this point at this passing of it.
    fn fault(&self, point: &str) -> Option<Fault> {
        let count = {
            let mut state = self.state();
            let count = state.passed.entry(point.to_owned()).or_default();
            *count += 1;
            *count
        };
        let mut faults = self.plan.faults.iter();
        faults
            .find(|fault| fault.on == point && fault.nth.is_none_or(|nth| nth == count))
            .cloned()
    }

    /// Notes for those who look from outside; one write a line, so that none is cut by a death.
    fn record(&self, line: &Value) {
        let Some(path) = &self.plan.record else {
            return;
        };
        let file = std::fs::File::options()
            .append(true)
            .create(true)
            .open(path);
        if let Ok(mut file) = file {
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
    }

    fn receive(self: &Arc<Self>, message: &Value) {
        let Some(method) = message["method"].as_str() else {
            self.answered(message);
            return;
        };
        self.record(&json!({"received": method}));
        let params = &message["params"];
        let text = |key: &str| params[key].as_str().unwrap_or_default().to_owned();
        let mut scope = Scope {
            thread: text("threadId"),
            turn: text("turnId"),
            item: String::new(),
            reading: true,
        };
        let fault = self.fault(method);
        let (before, answer, after) = match fault {
            Some(fault) => (fault.before, fault.answer, fault.after),
            None => (Vec::new(), Answer::Normal, Vec::new()),
        };
        self.act(&before, &scope);
        let Some(id) = message.get("id") else {
            self.act(&after, &scope);
            return;
        };
        let mut then: AfterAnswer = None;
        let outcome = if let Answer::Error(error) = &answer {
            Err(error.clone())
        } else {
            self.carry_out(method, params, &mut then)
        };
        let reply = match (&outcome, &answer) {
            (_, Answer::Result(result)) => json!({"id": id, "result": result}),
            (Ok(result), _) => json!({"id": id, "result": result}),
            (Err(error), _) => json!({"id": id, "error": error}),
        };
        if let Ok(result) = &outcome {
            if let Some(thread) = result["thread"]["id"].as_str() {
                scope.thread = thread.to_owned();
            }
            if let Some(turn) = result["turn"]["id"].as_str() {
                scope.turn = turn.to_owned();
            }
        }
        self.deliver(LineKind::Answer, reply.to_string(), &answer);
        if let Some(then) = then {
            then();
        }
        self.act(&after, &scope);
    }

    fn deliver(self: &Arc<Self>, kind: LineKind, message: String, answer: &Answer) {
        match answer {
            Answer::Never => {}
            Answer::Twice => {
                self.output.message(kind, &message);
                self.output.message(kind, &message);
            }
            Answer::Late(milliseconds) => {
                let engine = Arc::clone(self);
                let delay = Duration::from_millis(*milliseconds);
                std::thread::spawn(move || {
                    std::thread::sleep(delay);
                    engine.output.message(kind, &message);
                });
            }
            Answer::AfterNext => self.output.hold(kind, message),
            Answer::Normal | Answer::Error(_) | Answer::Result(_) => {
                self.output.message(kind, &message);
            }
        }
    }

    /// Sends a notification of the engine, with the fault of that point.
    fn notify(self: &Arc<Self>, method: &str, params: &Value, scope: &Scope) {
        let fault = self.fault(method);
        let message = notification(method, params);
        match fault {
            Some(fault) => {
                self.act(&fault.before, scope);
                self.deliver(LineKind::Notification, message, &fault.answer);
                self.act(&fault.after, scope);
            }
            None => self.output.message(LineKind::Notification, &message),
        }
    }

    /// Asks the client something.
    pub(super) fn ask(&self, method: &str, params: &Value, wait: bool, scope: &Scope) {
        let (sender, receiver) = mpsc::channel();
        let id = {
            let mut state = self.state();
            let id = state.next_request;
            state.next_request += 1;
            let asked = Asked {
                method: method.to_owned(),
                thread: scope.thread.clone(),
                answered: sender,
            };
            state.asked.insert(id, asked);
            id
        };
        let request = json!({"method": method, "id": id, "params": params});
        self.output.bytes(format!("{request}\n").as_bytes());
        if wait && !scope.reading {
            // The sender goes away with its request, so this ends in any case.
            let _ = receiver.recv();
        }
    }

    /// An answer of the client: reported, so that a test sees what the client decided.
    fn answered(self: &Arc<Self>, message: &Value) {
        let asked = message["id"]
            .as_i64()
            .and_then(|id| self.state().asked.remove(&id));
        let Some(asked) = asked else {
            return;
        };
        let mut report = json!({"id": message["id"], "method": asked.method});
        for key in ["result", "error"] {
            if let Some(value) = message.get(key) {
                report[key] = value.clone();
            }
        }
        self.record(&report);
        let scope = Scope {
            thread: asked.thread.clone(),
            reading: true,
            ..Scope::default()
        };
        self.notify("test/answered", &report, &scope);
        let resolved = json!({"threadId": asked.thread, "requestId": message["id"]});
        self.notify("serverRequest/resolved", &resolved, &scope);
        let _ = asked.answered.send(());
    }

    fn carry_out(
        self: &Arc<Self>,
        method: &str,
        params: &Value,
        then: &mut AfterAnswer,
    ) -> Result<Value, Refusal> {
        if method == "initialize" {
            let client = params["clientInfo"]["name"].as_str().unwrap_or("unknown");
            let mut state = self.state();
            if state.client.is_some() {
                return Err(refusal("Already initialized"));
            }
            state.client = Some(client.to_owned());
            let version = self.plan.version.as_deref().unwrap_or(shapes::VERSION);
            return Ok(shapes::initialize(client, version));
        }
        if self.state().client.is_none() {
            return Err(refusal("Not initialized"));
        }
        match method {
            "thread/start" => Ok(self.open_thread(None, params, then)),
            "thread/fork" => {
                let source = self.known_thread(params)?;
                Ok(self.open_thread(Some(source), params, then))
            }
            "thread/resume" => {
                let id = self.known_thread(params)?;
                Ok(shapes::thread_opened(&self.thread_shape(&id, true)))
            }
            "thread/read" => {
                let id = self.known_thread(params)?;
                let turns = params["includeTurns"].as_bool().unwrap_or(false);
                Ok(json!({"thread": self.thread_shape(&id, turns), "readState": null}))
            }
            "thread/list" | "thread/loaded/list" => {
                let archived = params["archived"].as_bool().unwrap_or(false);
                let ids: Vec<String> = self
                    .state()
                    .threads
                    .iter()
                    .filter(|(_, thread)| thread.archived == archived)
                    .map(|(id, _)| id.clone())
                    .collect();
                let data: Value = if method == "thread/loaded/list" {
                    ids.into()
                } else {
                    ids.iter().map(|id| self.thread_shape(id, false)).collect()
                };
                Ok(
                    json!({"data": data, "nextCursor": null, "backwardsCursor": null, "readStates": {}}),
                )
            }
            "thread/name/set" => {
                let name = params["name"].as_str().map(str::to_owned);
                self.with_thread(params, |thread| thread.name = name)?;
                Ok(json!({}))
            }
            "thread/archive" => {
                self.with_thread(params, |thread| thread.archived = true)?;
                Ok(json!({}))
            }
            "thread/unarchive" => {
                self.with_thread(params, |thread| thread.archived = false)?;
                let id = self.known_thread(params)?;
                Ok(json!({"thread": self.thread_shape(&id, false)}))
            }
            "thread/compact/start" | "thread/backgroundTerminals/clean" => {
                self.known_thread(params)?;
                Ok(json!({}))
            }
            "turn/start" => self.start_turn(params, then),
            "turn/steer" => self.steer(params, then),
            "turn/interrupt" => {
                let turn = params["turnId"].as_str().unwrap_or_default().to_owned();
                let running = self.with_thread(params, |thread| {
                    let running = thread.running();
                    running
                        .filter(|running| running.id == turn)
                        .map(|running| running.interrupted.store(true, Ordering::SeqCst))
                })?;
                running
                    .map(|()| json!({}))
                    .ok_or_else(|| refusal("no active turn to interrupt"))
            }
            "model/list" => Ok(json!({"data": [shapes::model()], "nextCursor": null})),
            _ => Err(refusal(format!(
                "Invalid request: unknown variant `{method}`"
            ))),
        }
    }

    fn known_thread(&self, params: &Value) -> Result<String, Refusal> {
        self.with_thread(params, |_| ())?;
        Ok(params["threadId"].as_str().unwrap_or_default().to_owned())
    }

    fn with_thread<T>(
        &self,
        params: &Value,
        change: impl FnOnce(&mut Thread) -> T,
    ) -> Result<T, Refusal> {
        let Some(id) = params["threadId"].as_str() else {
            return Err(refusal("Invalid request: missing field `threadId`"));
        };
        let mut state = self.state();
        let thread = state
            .threads
            .get_mut(id)
            .ok_or_else(|| refusal(format!("thread not found: {id}")))?;
        Ok(change(thread))
    }

    fn open_thread(
        self: &Arc<Self>,
        source: Option<String>,
        params: &Value,
        then: &mut AfterAnswer,
    ) -> Value {
        let id = {
            let mut state = self.state();
            let id = shapes::thread_id(state.threads.len() + 1);
            let mut thread = source
                .as_ref()
                .and_then(|source| state.threads.get(source).cloned())
                .unwrap_or_default();
            thread.forked_from = source;
            if let Some(cwd) = params["cwd"].as_str() {
                thread.cwd = cwd.to_owned();
            } else if thread.cwd.is_empty() {
                let cwd = std::env::current_dir().unwrap_or_default();
                thread.cwd = cwd.to_string_lossy().into_owned();
            }
            state.threads.insert(id.clone(), thread);
            id
        };
        let shape = self.thread_shape(&id, true);
        let mut started = shape.clone();
        started["turns"] = json!([]);
        let engine = Arc::clone(self);
        *then = Some(Box::new(move || {
            let scope = Scope {
                thread: id,
                reading: true,
                ..Scope::default()
            };
            engine.notify("thread/started", &json!({"thread": started}), &scope);
        }));
        shapes::thread_opened(&shape)
    }

    fn thread_shape(&self, id: &str, turns: bool) -> Value {
        let state = self.state();
        let Some(thread) = state.threads.get(id) else {
            return Value::Null;
        };
        let running = thread.turns.iter().any(|turn| turn.status == "inProgress");
        shapes::thread(&ThreadShape {
            id,
            cwd: &thread.cwd,
            name: thread.name.as_deref(),
            preview: "",
            forked_from: thread.forked_from.as_deref(),
            status: if running {
                json!({"type": "active", "activeFlags": []})
            } else {
                json!({"type": "idle"})
            },
            turns: if turns {
                thread.turns.iter().map(Turn::full).collect()
            } else {
                Vec::new()
            },
        })
    }

    fn start_turn(
        self: &Arc<Self>,
        params: &Value,
        then: &mut AfterAnswer,
    ) -> Result<Value, Refusal> {
        let thread_id = self.known_thread(params)?;
        let Some(input) = params.get("input").cloned() else {
            return Err(refusal("Invalid request: missing field `input`"));
        };
        let (turn, joined) = {
            let mut state = self.state();
            let number = state.next_turn + 1;
            let thread = state.threads.entry(thread_id.clone()).or_default();
            if let Some(running) = thread.running() {
                (running.clone(), true)
            } else {
                let turn = Turn::new(shapes::turn_id(number));
                thread.turns.push(turn.clone());
                state.next_turn = number;
                (turn, false)
            }
        };
        let answer = json!({"turn": shapes::turn_in_progress(&turn.id, None)});
        let engine = Arc::clone(self);
        *then = Some(Box::new(move || {
            if joined {
                let scope = Scope {
                    thread: thread_id,
                    turn: turn.id,
                    reading: true,
                    ..Scope::default()
                };
                engine.user_message(&input, &scope);
            } else {
                std::thread::spawn(move || engine.stream_turn(&thread_id, &turn, &input));
            }
        }));
        Ok(answer)
    }

    fn steer(self: &Arc<Self>, params: &Value, then: &mut AfterAnswer) -> Result<Value, Refusal> {
        let thread = self.known_thread(params)?;
        let expected = params["expectedTurnId"].as_str().unwrap_or_default();
        let running = self.with_thread(params, |thread| {
            thread.running().map(|turn| turn.id.clone())
        })?;
        let Some(turn) = running.filter(|turn| turn == expected) else {
            return Err(refusal("no active turn to steer"));
        };
        let input = params["input"].clone();
        let answer = json!({"turnId": turn});
        let engine = Arc::clone(self);
        *then = Some(Box::new(move || {
            let scope = Scope {
                thread,
                turn,
                reading: true,
                ..Scope::default()
            };
            engine.user_message(&input, &scope);
        }));
        Ok(answer)
    }

    fn user_message(self: &Arc<Self>, input: &Value, scope: &Scope) {
        let number = self.with_turn(scope, |turn| turn.items.len()).unwrap_or(0);
        let item = shapes::user_message(&format!("user_{}_{number}", scope.turn), input);
        self.item("item/started", &item, scope);
        self.item("item/completed", &item, scope);
    }

    fn item(self: &Arc<Self>, method: &str, item: &Value, scope: &Scope) {
        let mut params = json!({"item": item, "threadId": scope.thread, "turnId": scope.turn});
        if method == "item/completed" {
            params["completedAtMs"] = shapes::now_ms().into();
            // First remembered, then sent: a lost line must be found by `thread/read`.
            self.with_turn(scope, |turn| turn.items.push(item.clone()));
        } else {
            params["startedAtMs"] = shapes::now_ms().into();
        }
        self.notify(method, &params, scope);
    }

    fn with_turn<T>(&self, scope: &Scope, change: impl FnOnce(&mut Turn) -> T) -> Option<T> {
        let mut state = self.state();
        let thread = state.threads.get_mut(&scope.thread)?;
        let turn = thread.turns.iter_mut().find(|turn| turn.id == scope.turn)?;
        Some(change(turn))
    }

    fn stream_turn(self: &Arc<Self>, thread: &str, turn: &Turn, input: &Value) {
        let started = std::time::Instant::now();
        let mut scope = Scope {
            thread: thread.to_owned(),
            turn: turn.id.clone(),
            item: String::new(),
            reading: false,
        };
        let active = json!({"type": "active", "activeFlags": []});
        let status = json!({"threadId": thread, "status": active});
        self.notify("thread/status/changed", &status, &scope);
        let running = shapes::turn_in_progress(&turn.id, Some(turn.started_at));
        self.notify(
            "turn/started",
            &json!({"threadId": thread, "turn": running}),
            &scope,
        );
        self.user_message(input, &scope);
        for item in &self.plan.turn.items {
            self.item("item/started", item, &scope);
            self.item("item/completed", item, &scope);
        }
        scope.item = format!("msg_{}", turn.id);
        let interrupted = || turn.interrupted.load(Ordering::SeqCst);
        let failed = self.plan.turn.error.clone();
        if failed.is_none() && !interrupted() {
            self.stream_message(turn, &scope);
        }
        let (status, error) = match failed {
            _ if interrupted() => ("interrupted", Value::Null),
            Some(error) => ("failed", error),
            None => ("completed", Value::Null),
        };
        if status == "failed" {
            let params =
                json!({"threadId": thread, "turnId": turn.id, "error": error, "willRetry": false});
            self.notify("error", &params, &scope);
        }
        let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let end = self.with_turn(&scope, |turn| {
            turn.status = status;
            turn.error = error;
            turn.completed_at = Some(shapes::now_s());
            turn.end(elapsed)
        });
        let idle = json!({"threadId": thread, "status": {"type": "idle"}});
        self.notify("thread/status/changed", &idle, &scope);
        let params = json!({"threadId": thread, "turn": end});
        self.notify("turn/completed", &params, &scope);
    }

    fn stream_message(self: &Arc<Self>, turn: &Turn, scope: &Scope) {
        let text = &self.plan.turn.text;
        self.item(
            "item/started",
            &shapes::agent_message(&scope.item, ""),
            scope,
        );
        for word in text.split_inclusive(' ') {
            if self.plan.turn.delay_ms > 0 {
                std::thread::sleep(Duration::from_millis(self.plan.turn.delay_ms));
            }
            if turn.interrupted.load(Ordering::SeqCst) {
                return;
            }
            self.notify("item/agentMessage/delta", &scope.delta(word), scope);
        }
        self.item(
            "item/completed",
            &shapes::agent_message(&scope.item, text),
            scope,
        );
        let usage = shapes::token_usage(&scope.thread, &scope.turn);
        self.notify("thread/tokenUsage/updated", &usage, scope);
    }
}

impl Thread {
    fn running(&self) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.status == "inProgress")
    }
}

impl Turn {
    fn new(id: String) -> Self {
        Self {
            id,
            status: "inProgress",
            error: Value::Null,
            items: Vec::new(),
            started_at: shapes::now_s(),
            completed_at: None,
            interrupted: Arc::default(),
        }
    }

    fn shape(&self, items: Vec<Value>, view: &str, duration_ms: Option<u64>) -> Value {
        shapes::turn(&TurnShape {
            id: &self.id,
            items,
            view,
            status: self.status,
            error: self.error.clone(),
            started_at: Some(self.started_at),
            completed_at: self.completed_at,
            duration_ms,
        })
    }

    /// The turn as `thread/read` shows it.
    fn full(&self) -> Value {
        let duration = self.completed_at.map(|end| (end - self.started_at) * 1000);
        self.shape(self.items.clone(), "full", duration)
    }

    /// The turn as `turn/completed` shows it: with the last message alone.
    fn end(&self, duration_ms: u64) -> Value {
        let last = self
            .items
            .iter()
            .rfind(|item| item["type"] == "agentMessage");
        let (items, view) = match last {
            Some(item) => (vec![item.clone()], "summary"),
            None => (Vec::new(), "notLoaded"),
        };
        self.shape(items, view, Some(duration_ms))
    }
}
