//! A client's tools, and what a thread gets of them when it is started, resumed or forked.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use super::offer::{From, Offer, offer, stored_tools};
use super::registry::ToolRegistry;
use crate::client::Codex;
use crate::error::{Error, Result};
use crate::protocol::{JsonObject, lenient};
use crate::thread::setup::Setup;

impl Codex {
    /// Has the engine know of the tools: with the thread, or through a server of ours.
    pub(crate) async fn equip(
        &self,
        method: &str,
        params: &mut JsonObject,
        mut setup: Setup,
    ) -> Result<Setup> {
        let registries: Vec<_> = setup
            .tools
            .iter()
            .chain([self.tools()])
            .filter(|registry| !registry.is_empty())
            .cloned()
            .collect();
        if registries.is_empty() {
            return Ok(setup);
        }
        let session = self.session();
        let stored = match (method, params.get("threadId").and_then(Value::as_str)) {
            ("thread/start", _) if session.takes_dynamic_tools() => None,
            (_, Some(id)) => Some(self.stored_tools(id).await?),
            _ => Some(Vec::new()),
        };
        let from = stored.as_deref().map_or(From::Start, From::Stored);
        if let Offer::Server(server) = offer(session, &registries, from, params).await? {
            if !self.is_near() {
                let why = "the engine runs on another machine, where it cannot reach the tools of a thread that it has already; start a new thread with them";
                return Err(Error::invalid_argument("tools", why));
            }
            setup.server = Some(server);
        }
        Ok(setup)
    }

    /// The dynamic tools that the engine keeps with a thread.
    async fn stored_tools(&self, id: &str) -> Result<Vec<Value>> {
        #[derive(Deserialize)]
        struct Answer {
            thread: Stored,
        }
        #[derive(Deserialize)]
        struct Stored {
            #[serde(default)]
            path: Option<PathBuf>,
        }
        if !self.is_near() {
            return Ok(Vec::new());
        }
        let answer = self.thread_read(id, false).await?;
        let answer: Option<Answer> = lenient::from_str(answer.get()).ok();
        let path = answer.and_then(|answer| answer.thread.path);
        Ok(path.map_or_else(Vec::new, |path| stored_tools(&path)))
    }

    /// The tools that every thread has which this client starts, resumes or forks from now on. Add to them at any time.
    #[must_use]
    pub fn tools(&self) -> &ToolRegistry {
        &self.session().options.tools
    }
}
