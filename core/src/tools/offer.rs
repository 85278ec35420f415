//! How the engine gets to know of tools: as `dynamicTools` of a new thread; else, where the engine takes none, through
//! an MCP server in this process. Threads that are resumed and forked keep the dynamic tools that they were started
//! with, so that only what they do not have goes through the server.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Weak};

use serde::Deserialize;
use serde_json::{Value, json};

use super::registry::{Tool, ToolRegistry};
use super::result::ToolResult;
use super::run::Called;
use super::spec::{key, refused};
use crate::error::{Error, Result};
use crate::mcp::{
    LoopbackServer, McpServers, ToolApproval, ToolCall as McpCall, ToolFuture, ToolHost,
    ToolSpec as McpSpec,
};
use crate::protocol::JsonObject;
use crate::session::Session;

/// The server's name in the engine's settings.
const SERVER: &str = "codexkit_tools";
/// Between namespace and name, where a server has no groups.
const BETWEEN: &str = "__";
/// How long the engine waits for a call through the server: the tools have limits of their own.
const CALL: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);
/// The first line of a stored thread is not longer.
const LONGEST_LINE: u64 = 32 << 20;

/// How the tools reach one thread.
pub(crate) enum Offer {
    /// In the parameters.
    Dynamic,
    /// Through a server, which has to live as long as the thread is used.
    Server(LoopbackServer),
}

/// Where a thread comes from.
pub(crate) enum From<'a> {
    /// It is new, and the engine takes dynamic tools.
    Start,
    /// The engine has it already, with these tools; or it takes no dynamic tools, and there are none.
    Stored(&'a [Value]),
}

/// Puts the tools into the parameters of `thread/start`, `thread/resume` or `thread/fork`.
///
/// # Errors
/// `invalid_argument` if the parameters have tools or a server of the same name; `io` if no server can be started.
pub(crate) async fn offer(
    session: &Arc<Session>,
    registries: &[ToolRegistry],
    from: From<'_>,
    params: &mut JsonObject,
) -> Result<Offer> {
    let stored = match from {
        From::Start => {
            dynamic(registries, params)?;
            return Ok(Offer::Dynamic);
        }
        From::Stored(stored) => stored,
    };
    let known = known(stored);
    let offered = tools(registries);
    let hidden: Vec<String> = offered
        .iter()
        .filter(|tool| known.contains(&description(tool)))
        .map(|tool| tool.spec().key())
        .collect();
    if hidden.len() == offered.len() {
        return Ok(Offer::Dynamic);
    }
    let host = Host {
        session: Arc::downgrade(session),
        registries: registries.to_vec(),
        hidden,
    };
    let server = LoopbackServer::start(Arc::new(host)).await?;
    let mut declared = server.server();
    declared.tool_timeout = Some(CALL);
    // They are the application's own, as dynamic tools are, and those are not asked about either.
    declared.tool_approval = Some(ToolApproval::Approve);
    declared.required = true;
    let mut servers = McpServers::new();
    servers.add(SERVER, declared)?;
    servers.apply(params)?;
    Ok(Offer::Server(server))
}

/// The tools of all registries; of two of one name the nearer.
fn tools(registries: &[ToolRegistry]) -> Vec<Tool> {
    let mut found: Vec<Tool> = Vec::new();
    for tool in registries.iter().flat_map(ToolRegistry::list) {
        if !found
            .iter()
            .any(|other| other.spec().key() == tool.spec().key())
        {
            found.push(tool);
        }
    }
    found
}

fn dynamic(registries: &[ToolRegistry], params: &mut JsonObject) -> Result<()> {
    let mut given = match params.remove("dynamicTools") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(given)) => given,
        Some(_) => return Err(Error::invalid_argument("dynamicTools", "expected a list")),
    };
    for tool in tools(registries) {
        let spec = tool.spec();
        let wire = wire(&tool);
        let Some(namespace) = &spec.namespace else {
            if given
                .iter()
                .any(|other| other["type"] != "namespace" && other["name"] == wire["name"])
            {
                let why = "dynamicTools has a tool of this name, too; leave one of the two out";
                return Err(refused(&spec.key(), "name", why));
            }
            given.push(wire);
            continue;
        };
        let group = given
            .iter_mut()
            .find(|other| other["type"] == "namespace" && other["name"] == **namespace);
        match group.and_then(|group| group["tools"].as_array_mut()) {
            Some(tools) if tools.iter().any(|other| other["name"] == wire["name"]) => {
                let why = "dynamicTools has a tool of this name, too; leave one of the two out";
                return Err(refused(&spec.key(), "name", why));
            }
            Some(tools) => tools.push(wire),
            None => {
                let said = registries
                    .iter()
                    .find_map(|it| it.description_of(namespace));
                let said = said.unwrap_or_else(|| format!("Tools of {namespace}."));
                given.push(json!({
                    "type": "namespace", "name": namespace, "description": said, "tools": [wire],
                }));
            }
        }
    }
    params.insert("dynamicTools".to_owned(), given.into());
    Ok(())
}

/// A tool as a dynamic one.
fn wire(tool: &Tool) -> Value {
    let spec = tool.spec();
    json!({
        "type": "function",
        "name": spec.name,
        "description": spec.description,
        "inputSchema": spec.parameters,
    })
}

/// What the model knows of a tool: key, words and schema.
type Known = (String, String, Value);

fn description(tool: &Tool) -> Known {
    let spec = tool.spec();
    (
        spec.key(),
        spec.description.clone(),
        spec.parameters.clone(),
    )
}

/// The same of stored dynamic tools.
fn known(stored: &[Value]) -> Vec<Known> {
    let one = |namespace: Option<&str>, tool: &Value| {
        Some((
            key(namespace, tool["name"].as_str()?),
            tool["description"].as_str()?.to_owned(),
            tool["inputSchema"].clone(),
        ))
    };
    let mut found = Vec::new();
    for tool in stored {
        match tool["tools"].as_array() {
            Some(tools) => {
                found.extend(tools.iter().filter_map(|it| one(tool["name"].as_str(), it)));
            }
            None => found.extend(one(None, tool)),
        }
    }
    found
}

/// The dynamic tools that a stored thread was started with. None if its file cannot be read: then all go through the
/// server.
pub(crate) fn stored_tools(path: &Path) -> Vec<Value> {
    #[derive(Deserialize)]
    struct First {
        payload: Payload,
    }
    #[derive(Deserialize)]
    struct Payload {
        #[serde(default)]
        dynamic_tools: Option<Vec<Value>>,
    }
    let read = || {
        let file = std::fs::File::open(path).ok()?;
        let mut line = Vec::new();
        BufReader::new(file.take(LONGEST_LINE))
            .read_until(b'\n', &mut line)
            .ok()?;
        serde_json::from_slice::<First>(&line)
            .ok()?
            .payload
            .dynamic_tools
    };
    read().unwrap_or_default()
}

/// The tools as an MCP server has them.
struct Host {
    session: Weak<Session>,
    registries: Vec<ToolRegistry>,
    /// What the thread has as dynamic tools.
    hidden: Vec<String>,
}

impl Host {
    fn offered(&self) -> impl Iterator<Item = Tool> {
        tools(&self.registries)
            .into_iter()
            .filter(|tool| !self.hidden.contains(&tool.spec().key()))
    }
}

/// A tool's name on the server.
fn name(tool: &Tool) -> String {
    let spec = tool.spec();
    match &spec.namespace {
        Some(namespace) => format!("{namespace}{BETWEEN}{}", spec.name),
        None => spec.name.clone(),
    }
}

/// The turn that calls: the engine tells it among what it knows of the turn.
fn turn_of(meta: &JsonObject) -> &str {
    let turn = meta.get("x-codex-turn-metadata");
    turn.and_then(|turn| turn["turn_id"].as_str())
        .unwrap_or_default()
}

impl ToolHost for Host {
    fn list(&self) -> Vec<McpSpec> {
        self.offered()
            .map(|tool| McpSpec {
                name: name(&tool),
                description: Some(tool.spec().description.clone()),
                input_schema: tool
                    .spec()
                    .parameters
                    .as_object()
                    .cloned()
                    .unwrap_or_default(),
                ..McpSpec::default()
            })
            .collect()
    }

    fn call(&self, call: McpCall) -> ToolFuture<'_> {
        Box::pin(async move {
            let result = match self.session.upgrade() {
                None => ToolResult::error("the client is closed"),
                Some(session) => {
                    let text = |key: &str| {
                        call.meta
                            .get(key)
                            .and_then(Value::as_str)
                            .unwrap_or_default()
                    };
                    let found = tools(&self.registries)
                        .into_iter()
                        .find(|tool| name(tool) == call.name);
                    let spec = found.as_ref().map(Tool::spec);
                    let called = Called {
                        thread_id: text("threadId").to_owned(),
                        turn_id: turn_of(&call.meta).to_owned(),
                        call_id: text("callId").to_owned(),
                        namespace: spec.and_then(|spec| spec.namespace.clone()),
                        tool: spec.map_or(call.name, |spec| spec.name.clone()),
                        handoffs: None,
                        outcome: std::sync::OnceLock::new(),
                    };
                    session
                        .call_tool(&self.registries, called, call.arguments.into())
                        .await
                }
            };
            result.to_mcp()
        })
    }
}
