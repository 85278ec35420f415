//! The scripted model: a Responses API server on 127.0.0.1 that answers from a [`Script`].
//!
//! The way of a request: `server` reads it, `matching` says what it is for and which reply it
//! gets, `stream` writes the reply as server-sent events. The server listens on the loopback
//! address alone and ends with its [`ScriptedModel`].

mod matching;
mod server;
mod stream;

use crate::{Error, Result, Script};
use serde_json::Value;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A running scripted model. Dropping it stops the server and every open stream.
#[derive(Debug)]
pub struct ScriptedModel {
    shared: Arc<Shared>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// What the connections share.
#[derive(Debug)]
struct Shared {
    script: Script,
    state: Mutex<State>,
    log: Option<Mutex<File>>,
    count: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    records: Vec<Value>,
    matching: matching::Progress,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic of another connection must not hide the requests that were recorded.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ScriptedModel {
    /// Starts a server with a script given as JSON text, on a free port.
    ///
    /// Needs a tokio runtime with I/O and time; the server lives on it.
    ///
    /// # Errors
    /// A wrong script, or no port.
    pub async fn start(script: &str) -> Result<Self> {
        Self::start_script(Script::parse(script)?).await
    }

    /// Starts a server with a script built in Rust, on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start_script(script: Script) -> Result<Self> {
        Self::start_with(script, 0, None).await
    }

    /// Starts a server on `port` (0: a free one); each request is appended to `log` as a line of JSON.
    ///
    /// # Errors
    /// When the port or the file cannot be had.
    pub async fn start_with(script: Script, port: u16, log: Option<&Path>) -> Result<Self> {
        let log = match log {
            Some(path) => Some(Mutex::new(
                File::options()
                    .create(true)
                    .append(true)
                    .open(path)
                    .map_err(|error| Error::io(format!("opening {}", path.display()), error))?,
            )),
            None => None,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|error| Error::io(format!("binding port {port} of 127.0.0.1"), error))?;
        let address = listener
            .local_addr()
            .map_err(|error| Error::io("reading the port", error))?;
        let shared = Arc::new(Shared {
            script,
            state: Mutex::default(),
            log,
            count: watch::Sender::new(0),
        });
        let task = tokio::spawn(server::accept(listener, Arc::clone(&shared)));
        Ok(Self {
            shared,
            address,
            task,
        })
    }

    /// `http://127.0.0.1:PORT/v1`, the `base_url` of a model provider.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The values for the engine's `--config` that make it use this model.
    #[must_use]
    pub fn config_overrides(&self) -> Vec<String> {
        let model = self.shared.script.model.as_deref().unwrap_or("gpt-5.5");
        vec![
            "model_provider=\"scripted\"".to_owned(),
            format!(
                "model_providers.scripted={{name=\"scripted\",base_url=\"{}\",wire_api=\"responses\",\
                 supports_websockets=false}}",
                self.base_url()
            ),
            format!("model={}", Value::from(model)),
        ]
    }

    /// Every request so far, in the order they came (the README describes the fields).
    #[must_use]
    pub fn requests(&self) -> Vec<Value> {
        self.shared.state().records.clone()
    }

    /// Waits until at least `wanted` requests have come, and gives all of them.
    ///
    /// # Errors
    /// [`Error::Timeout`] when they do not come in time.
    pub async fn wait_for_requests(&self, wanted: usize, timeout: Duration) -> Result<Vec<Value>> {
        let mut count = self.shared.count.subscribe();
        let waiting = count.wait_for(|count| *count >= wanted);
        let arrived = matches!(tokio::time::timeout(timeout, waiting).await, Ok(Ok(_)));
        let requests = self.requests();
        if arrived {
            Ok(requests)
        } else {
            Err(Error::Timeout {
                wanted,
                got: requests.len(),
                timeout,
            })
        }
    }

    /// Stops the server and drops its connections; the recorded requests stay readable.
    pub fn shutdown(&self) {
        self.task.abort();
    }
}

impl Drop for ScriptedModel {
    fn drop(&mut self) {
        self.shutdown();
    }
}
