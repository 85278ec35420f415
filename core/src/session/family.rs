//! Sub-agents: the threads that the engine spawns for an agent, and whose they are.
//!
//! The engine tells it in several ways, by version: with the item of the tool call that spawned an agent, with an
//! activity, with the thread itself. What it does not tell is read from the thread (`thread/read`).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::protocol::generated::methods::id;
use crate::protocol::{lenient, raw};
use crate::session::Session;
use crate::thread::event::Event;

/// Of more agents nothing is remembered.
const MOST_AGENTS: usize = 4096;
/// How far links are followed.
const DEEPEST: usize = 64;
/// How long the engine may take to read a thread.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// A sub-agent that the engine spawned: a thread of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Agent {
    /// Its thread.
    pub thread_id: String,
    /// The thread whose agent spawned it.
    pub parent_thread_id: String,
    /// The thread at the top, which nobody spawned.
    pub root_thread_id: String,
    /// How many links it is below that.
    pub depth: usize,
    /// What the engine calls it.
    pub nickname: Option<String>,
    /// Its role, if it was given one.
    pub role: Option<String>,
    /// Where it is in the engine's tree of agents, in engines that have one.
    pub path: Option<String>,
    /// What it was told.
    pub prompt: Option<String>,
    /// The engine's word: `pendingInit`, `running`, `interrupted`, `completed`, `errored`, `shutdown` or `notFound`.
    pub status: String,
}

/// The agents that are known, by their threads.
#[derive(Default)]
pub(super) struct Family {
    agents: HashMap<String, Agent>,
    /// In the order in which they were found.
    order: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemParams {
    thread_id: Option<String>,
    item: Item,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(rename = "type")]
    tag: String,
    tool: Option<String>,
    sender_thread_id: Option<String>,
    #[serde(default)]
    receiver_thread_ids: Vec<String>,
    prompt: Option<String>,
    #[serde(default)]
    agents_states: BTreeMap<String, AgentState>,
    kind: Option<String>,
    agent_thread_id: Option<String>,
    agent_path: Option<String>,
}

#[derive(Deserialize)]
struct AgentState {
    status: String,
}

#[derive(Deserialize)]
struct ThreadParams {
    thread: ThreadObject,
}

/// What a thread says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThreadObject {
    id: String,
    parent_thread_id: Option<String>,
    agent_nickname: Option<String>,
    agent_role: Option<String>,
}

#[derive(Deserialize)]
struct EndParams {
    turn: EndedTurn,
}

#[derive(Deserialize)]
struct EndedTurn {
    status: String,
}

impl Agent {
    /// Its status, from an event of its thread. False if there is none in it.
    fn follow(&mut self, event: &Event) -> bool {
        let status = match event.method_id() {
            id::TURN_STARTED => "running".to_owned(),
            id::THREAD_CLOSED => "shutdown".to_owned(),
            id::TURN_COMPLETED => match lenient::from_str::<EndParams>(event.params()) {
                Ok(params) if params.turn.status == "failed" => "errored".to_owned(),
                Ok(params) => params.turn.status,
                Err(_) => return false,
            },
            _ => return false,
        };
        self.status = status;
        true
    }
}

impl Family {
    /// Looks at an event of the engine. Gives the agents of which more is to be read.
    pub(super) fn observe(&mut self, event: &Event) -> Vec<String> {
        let line = event.line();
        match event.method_id() {
            id::ITEM_STARTED | id::ITEM_COMPLETED
                if line.contains(r#""type":"collabAgentToolCall""#)
                    || line.contains(r#""type":"subAgentActivity""#) =>
            {
                self.item(event)
            }
            id::THREAD_STARTED if line.contains(r#""parentThreadId":""#) => {
                let params = lenient::from_str::<ThreadParams>(event.params());
                let started = params.ok().and_then(|params| self.thread(params.thread));
                started.into_iter().collect()
            }
            _ => {
                let agent = event.thread_id().and_then(|id| self.agents.get_mut(id));
                // When it is spawned, there may be nothing to read of it yet.
                let more =
                    agent.is_some_and(|agent| agent.follow(event) && agent.nickname.is_none());
                more.then(|| event.thread_id().unwrap_or_default().to_owned())
                    .into_iter()
                    .collect()
            }
        }
    }

    fn item(&mut self, event: &Event) -> Vec<String> {
        let Ok(ItemParams { thread_id, item }) = lenient::from_str::<ItemParams>(event.params())
        else {
            return Vec::new();
        };
        let mut new = Vec::new();
        match (
            item.tag.as_str(),
            item.tool.as_deref(),
            item.kind.as_deref(),
        ) {
            ("collabAgentToolCall", Some("spawnAgent" | "resumeAgent"), _) => {
                if let Some(parent) = item.sender_thread_id.or(thread_id) {
                    for agent in item.receiver_thread_ids {
                        new.extend(self.add(&agent, &parent, item.prompt.as_deref(), None));
                    }
                }
            }
            ("subAgentActivity", _, Some("started")) => {
                if let (Some(agent), Some(parent)) = (item.agent_thread_id, thread_id) {
                    new.extend(self.add(&agent, &parent, None, item.agent_path.as_deref()));
                }
            }
            _ => {}
        }
        for (agent, state) in item.agents_states {
            if let Some(agent) = self.agents.get_mut(&agent) {
                agent.status = state.status;
            }
        }
        new
    }

    /// Takes in what a thread says of itself. Gives its id if it is an agent that is new.
    fn thread(&mut self, thread: ThreadObject) -> Option<String> {
        let parent = thread.parent_thread_id?;
        let new = self.add(&thread.id, &parent, None, None);
        if let Some(agent) = self.agents.get_mut(&thread.id) {
            agent.parent_thread_id = parent;
            agent.nickname = thread.agent_nickname.or(agent.nickname.take());
            agent.role = thread.agent_role.or(agent.role.take());
        }
        new
    }

    fn add(
        &mut self,
        thread_id: &str,
        parent: &str,
        prompt: Option<&str>,
        path: Option<&str>,
    ) -> Option<String> {
        if thread_id == parent {
            return None;
        }
        if let Some(agent) = self.agents.get_mut(thread_id) {
            agent.prompt = agent.prompt.take().or(prompt.map(str::to_owned));
            agent.path = agent.path.take().or(path.map(str::to_owned));
            return None;
        }
        if self.order.len() >= MOST_AGENTS {
            let oldest = self.order.remove(0);
            self.agents.remove(&oldest);
        }
        let agent = Agent {
            thread_id: thread_id.to_owned(),
            parent_thread_id: parent.to_owned(),
            prompt: prompt.map(str::to_owned),
            path: path.map(str::to_owned),
            status: "pendingInit".to_owned(),
            ..Agent::default()
        };
        self.agents.insert(thread_id.to_owned(), agent);
        self.order.push(thread_id.to_owned());
        Some(thread_id.to_owned())
    }

    pub(super) fn knows(&self, thread_id: &str) -> bool {
        self.agents.contains_key(thread_id)
    }

    /// The threads above a thread, the nearest first.
    pub(super) fn above<'a>(&'a self, thread_id: &str) -> impl Iterator<Item = &'a str> {
        let parent = |id: &str| {
            self.agents
                .get(id)
                .map(|agent| agent.parent_thread_id.as_str())
        };
        std::iter::successors(parent(thread_id), move |id| parent(id)).take(DEEPEST)
    }

    /// Whether it is this thread, or one below it.
    pub(super) fn is_within(&self, thread_id: &str, top: &str) -> bool {
        thread_id == top || self.above(thread_id).any(|above| above == top)
    }

    fn list(&self, parent: Option<&str>) -> Vec<Agent> {
        let listed = self.order.iter().filter_map(|id| self.agents.get(id));
        listed
            .filter(|agent| parent.is_none_or(|parent| agent.parent_thread_id == parent))
            .map(|agent| {
                let above: Vec<&str> = self.above(&agent.thread_id).collect();
                Agent {
                    root_thread_id: above.last().copied().unwrap_or_default().to_owned(),
                    depth: above.len(),
                    ..agent.clone()
                }
            })
            .collect()
    }
}

impl Session {
    /// The sub-agents that are known, or those that one thread spawned, in the order of their spawning.
    pub(crate) fn agents(&self, parent: Option<&str>) -> Vec<Agent> {
        self.lock().shell.family.list(parent)
    }

    /// Reads whose thread it is, and what it is called.
    pub(super) async fn learn(self: &Arc<Self>, thread_id: &str) {
        let params = raw(&json!({"threadId": thread_id, "includeTurns": false}));
        let answer = self
            .request("thread/read", Some(&params), Some(READ_TIMEOUT))
            .await;
        // A thread that cannot be read has no parent that is known.
        if let Ok(answer) = answer
            && let Ok(params) = lenient::from_str::<ThreadParams>(answer.get())
        {
            self.lock().shell.family.thread(params.thread);
        }
    }

    /// The same, in the background.
    pub(super) fn learn_later(self: &Arc<Self>, thread_id: String) {
        let session = self.clone();
        self.runtime().spawn(async move {
            session.learn(&thread_id).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn event(method: &str, params: &Value) -> Event {
        let line = json!({"method": method, "params": params}).to_string();
        Event::from_json(&line).expect("an event")
    }

    fn spawned(parent: &str, agent: &str) -> Event {
        let item = json!({
            "type": "collabAgentToolCall", "id": "c", "tool": "spawnAgent", "status": "completed",
            "senderThreadId": parent, "receiverThreadIds": [agent], "prompt": "do it",
            "agentsStates": {(agent): {"status": "pendingInit", "message": null}}
        });
        event(
            "item/completed",
            &json!({"threadId": parent, "turnId": "t", "item": item}),
        )
    }

    #[test]
    fn agents_have_parents_and_a_root() {
        let mut family = Family::default();
        assert_eq!(family.observe(&spawned("a", "b")), ["b"]);
        assert!(family.observe(&spawned("a", "b")).is_empty(), "known");
        assert_eq!(family.observe(&spawned("b", "c")), ["c"]);
        let agents = family.list(None);
        let told: Vec<_> = agents
            .iter()
            .map(|agent| {
                (
                    &*agent.thread_id,
                    &*agent.parent_thread_id,
                    &*agent.root_thread_id,
                    agent.depth,
                )
            })
            .collect();
        assert_eq!(told, [("b", "a", "a", 1), ("c", "b", "a", 2)]);
        assert_eq!(family.list(Some("b")).len(), 1);
        assert!(family.is_within("c", "a") && !family.is_within("a", "c"));
        assert_eq!(agents[0].prompt.as_deref(), Some("do it"));
    }

    #[test]
    fn the_status_is_the_newest() {
        let mut family = Family::default();
        family.observe(&spawned("a", "b"));
        let status = |family: &Family| family.list(None)[0].status.clone();
        assert_eq!(status(&family), "pendingInit");
        for (method, turn, expected) in [
            (
                "turn/started",
                json!({"id": "t", "status": "inProgress"}),
                "running",
            ),
            (
                "turn/completed",
                json!({"id": "t", "status": "failed"}),
                "errored",
            ),
            (
                "turn/completed",
                json!({"id": "t", "status": "completed"}),
                "completed",
            ),
            ("thread/closed", Value::Null, "shutdown"),
        ] {
            family.observe(&event(method, &json!({"threadId": "b", "turn": turn})));
            assert_eq!(status(&family), expected, "{method}");
        }
    }

    #[test]
    fn the_other_ways_of_telling_it() {
        let mut family = Family::default();
        let item = json!({"type": "subAgentActivity", "id": "i", "kind": "started",
            "agentThreadId": "b", "agentPath": "/root/b"});
        let activity = event(
            "item/completed",
            &json!({"threadId": "a", "turnId": "t", "item": item}),
        );
        assert_eq!(family.observe(&activity), ["b"]);
        let thread =
            json!({"id": "c", "parentThreadId": "b", "agentNickname": "Nash", "agentRole": null});
        let started = event("thread/started", &json!({"thread": thread}));
        assert_eq!(family.observe(&started), ["c"]);
        let agents = family.list(None);
        assert_eq!(agents[0].path.as_deref(), Some("/root/b"));
        assert_eq!(agents[1].nickname.as_deref(), Some("Nash"));
    }

    #[test]
    fn circles_and_floods_have_an_end() {
        let mut family = Family::default();
        family.observe(&spawned("a", "b"));
        family.observe(&spawned("b", "a"));
        family.observe(&spawned("c", "c"));
        assert_eq!(family.list(None).len(), 2);
        for number in 0..MOST_AGENTS {
            family.observe(&spawned("a", &format!("n{number}")));
        }
        assert_eq!(family.list(None).len(), MOST_AGENTS);
        assert!(!family.knows("b"), "the oldest is forgotten");
    }
}
