//! The one error type of the crate: a kind that a caller acts on, a message that says what to do, and the facts.
//!
//! Kinds are coarse on purpose: a new one is added only when a caller would act differently.
//! Messages are for people and are not API. Nothing here may carry a secret or a whole prompt.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::guardrails::Rejection;
use crate::output::{InvalidOutput, OutputFault, bounded};
use crate::redact::redact;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the terms a caller acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No engine executable was found in any of the places searched.
    EngineNotFound,
    /// The engine is too old for codexkit, or for what was asked of it; or too new for what was removed.
    EngineVersion,
    /// The engine could not be started or reached, or ended before it answered `initialize`.
    Spawn,
    /// A deadline passed.
    Timeout,
    /// The client was closed, or the engine is gone.
    Closed,
    /// The engine answered with a JSON-RPC error; `code` says which.
    Rpc,
    /// The engine sent something that cannot be understood where an answer was needed.
    Protocol,
    /// An argument was refused before anything was sent.
    InvalidArgument,
    /// A stream's reader fell so far behind that events had to be given up.
    Lagged,
    /// The handle belongs to a parent process.
    Forked,
    /// The operation was cancelled by its caller.
    Cancelled,
    /// The operating system refused something.
    Io,
    /// The model's answer is not what the output type asks for; [`Error::invalid_output`] has the facts.
    InvalidOutput,
    /// A guardrail did not let something pass; [`Error::rejection`] has the facts.
    Guardrail,
}

impl ErrorKind {
    /// The kind's name in `snake_case`, the same in every language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EngineNotFound => "engine_not_found",
            Self::EngineVersion => "engine_version",
            Self::Spawn => "spawn",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Rpc => "rpc",
            Self::Protocol => "protocol",
            Self::InvalidArgument => "invalid_argument",
            Self::Lagged => "lagged",
            Self::Forked => "forked",
            Self::Cancelled => "cancelled",
            Self::Io => "io",
            Self::InvalidOutput => "invalid_output",
            Self::Guardrail => "guardrail",
        }
    }
}

/// An error of codexkit. Cheap to clone, because one engine's death fails every waiter with the same one.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    code: Option<i64>,
    data: Option<Box<RawValue>>,
    argument: Option<String>,
    method: Option<String>,
    exit_code: Option<i32>,
    signal: Option<i32>,
    stderr_tail: Option<String>,
    skipped: Option<u64>,
    rpc_message: Option<String>,
    needed_version: Option<String>,
    output: Option<Box<InvalidOutput>>,
    rejection: Option<Box<Rejection>>,
    host: Option<Arc<dyn Any + Send + Sync>>,
}

impl Error {
    /// An error of `kind` whose message says what happened and what to do about it.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            code: None,
            data: None,
            argument: None,
            method: None,
            exit_code: None,
            signal: None,
            stderr_tail: None,
            skipped: None,
            rpc_message: None,
            needed_version: None,
            output: None,
            rejection: None,
            host: None,
        }))
    }

    /// An [`ErrorKind::InvalidArgument`] that names the argument.
    pub fn invalid_argument(argument: &str, message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::InvalidArgument, format!("{argument}: {message}"))
            .with(|inner| inner.argument = Some(argument.to_owned()))
    }

    pub(crate) fn rpc(method: &str, code: i64, message: &str, data: Option<Box<RawValue>>) -> Self {
        let message = &*redact(message);
        Self::new(ErrorKind::Rpc, format!("{method}: {message} (code {code})")).with(|inner| {
            inner.code = Some(code);
            inner.data = data;
            inner.method = Some(method.to_owned());
            inner.rpc_message = Some(message.to_owned());
        })
    }

    pub(crate) fn timeout(method: &str, seconds: f64) -> Self {
        Self::new(
            ErrorKind::Timeout,
            format!("{method}: the engine did not answer within {seconds} s; give a longer timeout, or close the client if the engine hangs"),
        )
        .with(|inner| inner.method = Some(method.to_owned()))
    }

    /// A deadline that passed while there was no connection to a remote engine.
    pub(crate) fn unconnected(method: &str, seconds: f64) -> Self {
        Self::new(
            ErrorKind::Timeout,
            format!("{method}: the connection to the remote engine was lost and not re-established within {seconds} s; nothing was sent"),
        )
        .with(|inner| inner.method = Some(method.to_owned()))
    }

    /// A deadline that passed while the engine was being restarted.
    pub(crate) fn unstarted(method: &str, seconds: f64) -> Self {
        Self::new(
            ErrorKind::Timeout,
            format!("{method}: the engine ended and was not running again within {seconds} s; nothing was sent, try again later"),
        )
        .with(|inner| inner.method = Some(method.to_owned()))
    }

    pub(crate) fn lagged(skipped: u64) -> Self {
        Self::new(
            ErrorKind::Lagged,
            format!("the reader fell behind and {skipped} events were given up; the turn's result is still exact, and thread/read restores its items"),
        )
        .with(|inner| inner.skipped = Some(skipped))
    }

    /// An answer that is not what was asked for. The message tells its beginning, the facts have all of it.
    pub(crate) fn output(facts: InvalidOutput) -> Self {
        let first = facts
            .faults
            .first()
            .map_or_else(String::new, OutputFault::line);
        let more = match facts.faults.len() {
            0 | 1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        let turns = match facts.attempts {
            0 | 1 => String::new(),
            count => format!(" after {count} attempts"),
        };
        let text = redact(&bounded(&facts.raw_text, 200)).into_owned();
        let message = format!("the answer is not valid{turns}: {first}{more}; it is: {text:?}");
        Self::new(ErrorKind::InvalidOutput, redact(&message))
            .with(|inner| inner.output = Some(Box::new(facts)))
    }

    /// What a guardrail did not let pass.
    pub(crate) fn guardrail(facts: Rejection) -> Self {
        let Rejection {
            guardrail,
            stage,
            reason,
            ..
        } = &facts;
        let message = format!("the {stage} guardrail {guardrail:?} rejected it: {reason}");
        Self::new(ErrorKind::Guardrail, redact(&message))
            .with(|inner| inner.rejection = Some(Box::new(facts)))
    }

    /// An error that a binding has made already, of what its functions said. `host` is what it finds it again with.
    pub(crate) fn hosted(
        kind: ErrorKind,
        message: impl Into<String>,
        host: Arc<dyn Any + Send + Sync>,
    ) -> Self {
        Self::new(kind, message).with(|inner| inner.host = Some(host))
    }

    pub(crate) fn with_exit(self, code: Option<i32>, signal: Option<i32>, stderr: String) -> Self {
        self.with(|inner| {
            inner.exit_code = code;
            inner.signal = signal;
            inner.stderr_tail = (!stderr.is_empty()).then_some(stderr);
        })
    }

    /// Says which engine would do.
    pub(crate) fn needing(self, version: &str) -> Self {
        self.with(|inner| inner.needed_version = Some(version.to_owned()))
    }

    /// Says which method it is about.
    pub(crate) fn of_method(self, method: &str) -> Self {
        self.with(|inner| inner.method = Some(method.to_owned()))
    }

    /// Says which argument it is about, where it is about one.
    pub(crate) fn of_argument(self, argument: Option<&str>) -> Self {
        self.with(|inner| inner.argument = argument.map(str::to_owned))
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// What the caller can act on.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The JSON-RPC error code, when the engine answered with one.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.0.code
    }

    /// The JSON-RPC error's own message, as the engine sent it but without secrets; [`fmt::Display`] adds method and code.
    #[must_use]
    pub fn rpc_message(&self) -> Option<&str> {
        self.0.rpc_message.as_deref()
    }

    /// The JSON-RPC error's `data`, as the engine sent it.
    #[must_use]
    pub fn data(&self) -> Option<&RawValue> {
        self.0.data.as_deref()
    }

    /// The argument that was refused.
    #[must_use]
    pub fn argument(&self) -> Option<&str> {
        self.0.argument.as_deref()
    }

    /// The protocol method that the error belongs to.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        self.0.method.as_deref()
    }

    /// The oldest engine that would do, when the engine at hand is too old.
    #[must_use]
    pub fn needed_version(&self) -> Option<&str> {
        self.0.needed_version.as_deref()
    }

    /// The engine's exit code, when its end is the cause.
    #[must_use]
    pub fn exit_code(&self) -> Option<i32> {
        self.0.exit_code
    }

    /// The signal that ended the engine, when its end is the cause.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        self.0.signal
    }

    /// The last lines of the engine's standard error, when its end is the cause.
    #[must_use]
    pub fn stderr_tail(&self) -> Option<&str> {
        self.0.stderr_tail.as_deref()
    }

    /// How many events a lagging stream gave up.
    #[must_use]
    pub fn skipped(&self) -> Option<u64> {
        self.0.skipped
    }

    /// What is wrong with an answer, when that is the error.
    #[must_use]
    pub fn invalid_output(&self) -> Option<&InvalidOutput> {
        self.0.output.as_deref()
    }

    /// What a guardrail said, when that is the error.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        self.0.rejection.as_deref()
    }

    /// What a binding finds its own error with ([`Check::fail`](crate::guardrails::Check::fail)), when that is the error.
    /// A `u32` is in the JSON form, too.
    #[must_use]
    pub fn host(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.0.host.as_deref()
    }

    /// Whether the same call may succeed when it is simply repeated after a pause.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Rpc => {
                let overloaded = self
                    .data()
                    .is_some_and(|data| data.get().contains("overloaded"));
                matches!(self.0.code, Some(-32099..=-32000)) && overloaded
            }
            ErrorKind::Timeout => true,
            _ => false,
        }
    }

    /// Every field as one JSON object: what the bindings build their exceptions from.
    #[must_use]
    pub fn to_json(&self) -> String {
        let inner = &*self.0;
        let mut map = Map::new();
        map.insert("kind".into(), inner.kind.as_str().into());
        map.insert("message".into(), inner.message.clone().into());
        map.insert("retryable".into(), self.retryable().into());
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(key.into(), value);
            }
        };
        put("code", inner.code.map(Value::from));
        put("rpcMessage", inner.rpc_message.clone().map(Value::from));
        put(
            "data",
            inner
                .data
                .as_ref()
                .and_then(|raw| serde_json::from_str(raw.get()).ok()),
        );
        put("argument", inner.argument.clone().map(Value::from));
        put("method", inner.method.clone().map(Value::from));
        put(
            "neededVersion",
            inner.needed_version.clone().map(Value::from),
        );
        put("exitCode", inner.exit_code.map(Value::from));
        put("signal", inner.signal.map(Value::from));
        put("stderrTail", inner.stderr_tail.clone().map(Value::from));
        put("skipped", inner.skipped.map(Value::from));
        put(
            "output",
            inner.output.as_deref().map(InvalidOutput::to_value),
        );
        let host = self.host().and_then(|host| host.downcast_ref::<u32>());
        put("host", host.copied().map(Value::from));
        Value::Object(map).to_string()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}: {})", self.0.kind.as_str(), self.0.message)
    }
}

impl std::error::Error for Error {}
