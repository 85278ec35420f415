//! Does the actions of a plan.

use super::engine::{Engine, Scope};
use super::output::Output;
use super::plan::{Action, BadLine};
use crate::shapes;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A flood is prepared in memory and written in pieces of this size.
const FLOOD_BYTES: usize = 64 * 1024;

impl Engine {
    pub(super) fn act(&self, actions: &[Action], scope: &Scope) {
        for action in actions {
            self.act_once(action, scope);
        }
    }

    fn act_once(&self, action: &Action, scope: &Scope) {
        match action {
            Action::Silence => self.output.silence(),
            Action::Exit(code) => std::process::exit(*code),
            Action::Signal(name) => die_of(name),
            Action::Write(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => self.output.bytes(scope.fill(text).as_bytes()),
                Err(_) => self.output.bytes(bytes),
            },
            Action::Line(line) => self.output.bytes(&bad_line(*line, scope)),
            Action::HugeLine(bytes) => {
                let params = scope.delta(&"x".repeat(*bytes));
                self.output.bytes(
                    format!("{}\n", notification("item/agentMessage/delta", &params)).as_bytes(),
                );
            }
            Action::Notify { method, params } => {
                let params = scope.fill_value(params);
                self.output
                    .bytes(format!("{}\n", notification(method, &params)).as_bytes());
            }
            Action::Flood { count, message } => self.flood(*count, message.as_ref(), scope),
            Action::Stderr(bytes) => {
                let mut stderr = std::io::stderr().lock();
                let _ = stderr.write_all(bytes).and_then(|()| stderr.flush());
            }
            Action::StopReading => self.stop_reading.store(true, Ordering::SeqCst),
            Action::Sleep(milliseconds) => {
                std::thread::sleep(Duration::from_millis(*milliseconds));
            }
            Action::Request {
                method,
                params,
                wait,
            } => self.ask(method, &scope.fill_value(params), *wait, scope),
            Action::Spawn {
                seconds,
                inherit_stdio,
            } => self.leave_process(*seconds, *inherit_stdio),
            Action::CloseStdout => Output::close(),
        }
    }

    fn flood(&self, count: usize, message: Option<&(String, Value)>, scope: &Scope) {
        let line = match message {
            Some((method, params)) => notification(method, &scope.fill_value(params)),
            None => notification("item/agentMessage/delta", &scope.delta("f${i} ")),
        };
        let line = format!("{line}\n");
        let mut lines = String::new();
        for number in 0..count {
            lines.push_str(&line.replace("${i}", &number.to_string()));
            if lines.len() >= FLOOD_BYTES || number + 1 == count {
                self.output.bytes(lines.as_bytes());
                lines.clear();
            }
        }
    }

    fn leave_process(&self, seconds: u64, inherit_stdio: bool) {
        let stdio = || {
            if inherit_stdio {
                Stdio::inherit()
            } else {
                Stdio::null()
            }
        };
        let spawned = Command::new("sleep")
            .arg(seconds.to_string())
            .stdin(Stdio::null())
            .stdout(stdio())
            .stderr(stdio())
            .spawn();
        let params = match &spawned {
            Ok(child) => json!({"pid": child.id()}),
            Err(error) => json!({"error": error.to_string()}),
        };
        self.output
            .bytes(format!("{}\n", notification("test/spawned", &params)).as_bytes());
    }
}

/// A notification's text, written by hand because the real engine puts "method" first.
pub(super) fn notification(method: &str, params: &Value) -> String {
    let method = Value::from(method);
    let now = shapes::now_ms();
    format!("{{\"method\":{method},\"params\":{params},\"emittedAtMs\":{now}}}")
}

fn bad_line(line: BadLine, scope: &Scope) -> Vec<u8> {
    let ids = json!({"threadId": scope.thread, "turnId": scope.turn});
    let delta = |text: &str| notification("item/agentMessage/delta", &scope.delta(text));
    let item = |item: &Value| {
        ["item/started", "item/completed"]
            .map(|method| {
                let mut params = ids.clone();
                params["item"] = item.clone();
                format!("{}\n", notification(method, &params))
            })
            .concat()
    };
    let text = match line {
        BadLine::BadJson => "{this is not json}\n".to_owned(),
        BadLine::Blank => "\n".to_owned(),
        BadLine::Array => "[1,2,3]\n".to_owned(),
        BadLine::Truncated => {
            let whole = delta("cut in the middle");
            whole[..whole.len() / 2].to_owned()
        }
        BadLine::InvalidUtf8 => {
            let mut bytes = delta("bad @ byte").into_bytes();
            if let Some(place) = bytes.iter().position(|byte| *byte == b'@') {
                bytes[place] = 0xff;
            }
            bytes.push(b'\n');
            return bytes;
        }
        BadLine::LoneSurrogate => delta("lone @ end").replace('@', "\\ud800") + "\n",
        BadLine::DuplicateKeys => format!(
            "{{\"method\":\"test/duplicate\",\"method\":\"item/agentMessage/delta\",\"params\":{{\
             \"threadId\":\"{0}\",\"turnId\":\"nobody\",\"turnId\":\"{1}\",\"itemId\":\"{2}\",\
             \"delta\":\"first\",\"delta\":\"second\"}}}}\n",
            scope.thread, scope.turn, scope.item
        ),
        BadLine::UnknownNotification => {
            let mut params = ids;
            params["surprise"] = json!({"deep": [1, null, "x"]});
            format!("{}\n", notification("test/unheardOf", &params))
        }
        BadLine::UnknownItem => {
            item(&json!({"type": "hologram", "id": "holo_1", "beams": [1, 2], "status": "shining"}))
        }
        BadLine::UnknownEnum => item(&shapes::command_execution("call_odd", "true", "melted")),
        BadLine::UnknownAnswer => "{\"id\":987654321,\"result\":{}}\n".to_owned(),
    };
    text.into_bytes()
}

#[cfg(unix)]
fn die_of(name: &str) {
    use rustix::process::Signal;
    let signal = match name {
        "TERM" => Signal::TERM,
        "INT" => Signal::INT,
        "SEGV" => Signal::SEGV,
        "ABRT" => Signal::ABORT,
        "HUP" => Signal::HUP,
        _ => Signal::KILL,
    };
    let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
    // The signal may be delivered to another thread; nothing more may happen on this one.
    std::thread::sleep(Duration::from_secs(5));
}

#[cfg(not(unix))]
fn die_of(_name: &str) {
    std::process::exit(137);
}
