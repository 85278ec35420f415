//! The one error type of the crate: a kind that a caller acts on, a message that says what to do, and the facts.
//!
//! Kinds are coarse on purpose: a new one is added only when a caller would act differently.
//! Messages are for people and are not API. Nothing here may carry a secret or a whole prompt.

mod hints;
mod json;
mod turn;
pub(crate) mod words;

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::guardrails::Rejection;
use crate::output::{InvalidOutput, OutputFault, bounded};
use crate::redact::{redact, redact_json, redacted};
use crate::thread::fold::TurnResult;
use words::{Meaning, Repeat};

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
    /// The server is overloaded; the same may succeed after a pause.
    Overloaded,
    /// Too much was sent in too short a time; [`Error::resets_at`] and [`Error::retry_after`] say how long to wait, if it
    /// is known.
    RateLimited,
    /// The account's or the session's allowance is used up; [`Error::resets_at`] says until when, if it is known.
    UsageLimit,
    /// The thread is too long for the model.
    ContextWindow,
    /// The server does not accept the key or the login.
    Authentication,
    /// A turn was ended because what it asked for was not approved.
    ApprovalDenied,
    /// A turn failed for another reason; [`Error::codex_error_info`] has the engine's word for it.
    TurnFailed,
}

impl ErrorKind {
    /// All kinds.
    pub const ALL: [Self; 21] = [
        Self::EngineNotFound,
        Self::EngineVersion,
        Self::Spawn,
        Self::Timeout,
        Self::Closed,
        Self::Rpc,
        Self::Protocol,
        Self::InvalidArgument,
        Self::Lagged,
        Self::Forked,
        Self::Cancelled,
        Self::Io,
        Self::InvalidOutput,
        Self::Guardrail,
        Self::Overloaded,
        Self::RateLimited,
        Self::UsageLimit,
        Self::ContextWindow,
        Self::Authentication,
        Self::ApprovalDenied,
        Self::TurnFailed,
    ];

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
            Self::Overloaded => "overloaded",
            Self::RateLimited => "rate_limited",
            Self::UsageLimit => "usage_limit",
            Self::ContextWindow => "context_window",
            Self::Authentication => "authentication",
            Self::ApprovalDenied => "approval_denied",
            Self::TurnFailed => "turn_failed",
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
    /// Whether the engine's words say that it passes.
    passing: bool,
    codex_error_info: Option<Value>,
    http_status: Option<u16>,
    resets_at: Option<i64>,
    retry_after: Option<Duration>,
    turn: Option<Arc<TurnResult>>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind` whose message says what happened and what to do about it.
    ///
    /// What looks like a secret in it is left out.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: redacted(message.into()),
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
            passing: false,
            codex_error_info: None,
            http_status: None,
            resets_at: None,
            retry_after: None,
            turn: None,
            source: None,
        }))
    }

    /// An [`ErrorKind::InvalidArgument`] that names the argument.
    pub fn invalid_argument(argument: &str, message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::InvalidArgument, format!("{argument}: {message}"))
            .with(|inner| inner.argument = Some(argument.to_owned()))
    }

    /// The error that stands for a JSON-RPC error answer that an application got elsewhere.
    #[must_use]
    pub fn of_answer(code: i64, message: &str, data: Option<Box<RawValue>>) -> Self {
        Self::rpc("", code, message, data)
    }

    pub(crate) fn rpc(method: &str, code: i64, message: &str, data: Option<Box<RawValue>>) -> Self {
        let message = &*redact(message);
        let data = data.map(redact_json);
        let facts: Value = data
            .as_ref()
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let meaning = Meaning::of_rpc(code, message, &facts);
        let of = |method| format!(" ({method})");
        let place = Some(method).filter(|method| !method.is_empty()).map(of);
        let said = format!(
            "JSON-RPC error {code}: {message}{}",
            place.unwrap_or_default()
        );
        Self::new(meaning.kind, said)
            .meaning(meaning)
            .with(|inner| {
                inner.code = Some(code);
                inner.data = data;
                inner.method = Some(method.to_owned()).filter(|method| !method.is_empty());
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

    /// The JSON-RPC error's `data`, as the engine sent it but without secrets.
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

    /// The engine's own word for why a turn failed, as it came: a string, or an object with the word as its key.
    #[must_use]
    pub fn codex_error_info(&self) -> Option<&Value> {
        self.0.codex_error_info.as_ref()
    }

    /// The status of the server's answer, if the engine tells it.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// When the limit that was hit is reset, in seconds since the Unix epoch, if it is known.
    #[must_use]
    pub fn resets_at(&self) -> Option<i64> {
        self.0.resets_at
    }

    /// How long the server asks to wait, if it does.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What the turn came to that the error is about: its items and usage up to the failure.
    #[must_use]
    pub fn turn(&self) -> Option<&TurnResult> {
        self.0.turn.as_deref()
    }

    /// The thread of the turn that the error is about.
    #[must_use]
    pub fn thread_id(&self) -> Option<&str> {
        self.turn().map(|turn| turn.thread_id.as_str())
    }

    /// The turn that the error is about.
    #[must_use]
    pub fn turn_id(&self) -> Option<&str> {
        self.turn().map(|turn| turn.id.as_str())
    }

    /// What happened, without what to do about it; [`fmt::Display`] has both.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What happened, without the last words of a process and what to do: for another error's message.
    pub(crate) fn brief(&self) -> &str {
        let first = self.0.message.split(['\n', ';']).next();
        first.unwrap_or_default()
    }

    /// What can be done about an error of this kind, in general.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.0.kind.hint()
    }

    /// Whether the same call may succeed when it is repeated after a pause.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.0.kind == ErrorKind::Timeout || self.repeatable()
    }

    /// Whether it may be repeated by a machine: it was refused or has failed, and it passes. A deadline that passed is
    /// no such thing, because what was asked for may have been done.
    #[must_use]
    pub fn repeatable(&self) -> bool {
        self.0.passing
    }

    /// Whether it is what the engine answered a request with.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.0.code.is_some()
    }

    /// Whether a call failed because the engine's own repeats are used up.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        let said = self.code().zip(self.rpc_message());
        said.is_some_and(|(code, message)| words::says_exhausted(code, message))
    }

    fn meaning(self, meaning: Meaning) -> Self {
        self.with(|inner| {
            inner.passing = meaning.repeat == Repeat::Retryable;
            inner.http_status = meaning.http_status;
            inner.retry_after = meaning.retry_after;
        })
    }

    /// Says which error of the operating system it is the consequence of.
    pub(crate) fn caused_by_io(self, error: &io::Error) -> Self {
        let copy = match error.raw_os_error() {
            Some(number) => io::Error::from_raw_os_error(number),
            None => io::Error::new(error.kind(), error.to_string()),
        };
        self.caused_by(copy)
    }

    /// Says what it is the consequence of.
    pub(crate) fn caused_by(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.source = Some(Arc::new(source)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hints::told(self.0.kind, &self.0.message))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}: {})", self.0.kind.as_str(), self.0.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

/// What to do about an error of this kind and message, for errors that a binding makes itself: the whole text, and the
/// hint. A kind that is not known here has none.
#[must_use]
pub fn describe(kind: &str, message: &str) -> (String, &'static str) {
    let known = ErrorKind::ALL.iter().find(|known| known.as_str() == kind);
    known.map_or_else(
        || (message.to_owned(), ""),
        |kind| (hints::told(*kind, message).into_owned(), kind.hint()),
    )
}
