//! The JSON form of an error, which the bindings build their exceptions from.

use std::error::Error as StdError;
use std::io;

use serde_json::{Map, Value, json};

use super::Error;
use crate::output::InvalidOutput;

impl Error {
    /// Every field as one JSON object: what the bindings build their exceptions from. What a turn came to is not in it.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    fn to_value(&self) -> Value {
        let inner = &*self.0;
        let mut map = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(key.into(), value);
            }
        };
        put("kind", Some(inner.kind.as_str().into()));
        put("message", Some(inner.message.clone().into()));
        put("text", Some(self.to_string().into()));
        put("hint", Some(self.hint().into()));
        put("retryable", Some(self.retryable().into()));
        put("repeatable", Some(self.repeatable().into()));
        put("exhausted", self.is_exhausted().then_some(true.into()));
        put("code", inner.code.map(Value::from));
        put("rpcMessage", inner.rpc_message.clone().map(Value::from));
        let data = inner.data.as_ref();
        put(
            "data",
            data.and_then(|raw| serde_json::from_str(raw.get()).ok()),
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
        put("codexErrorInfo", inner.codex_error_info.clone());
        put("httpStatus", inner.http_status.map(Value::from));
        put("resetsAt", inner.resets_at.map(Value::from));
        let wait = inner.retry_after.map(|wait| wait.as_secs_f64());
        put("retryAfter", wait.map(Value::from));
        put("threadId", self.thread_id().map(Value::from));
        put("turnId", self.turn_id().map(Value::from));
        put("cause", self.source().map(cause));
        Value::Object(map)
    }
}

/// What an error is the consequence of. One of the operating system's has its number.
fn cause(error: &(dyn StdError + 'static)) -> Value {
    if let Some(own) = error.downcast_ref::<Error>() {
        return own.to_value();
    }
    let number = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::raw_os_error);
    json!({"kind": "os", "message": error.to_string(), "errno": number})
}
