//! The engine's protocol as the outputs need it: methods with their types, and where ids are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::canonical::method_of;
use super::hidden;
use super::newer::{self, Newer};

/// What `schema/` holds.
pub(crate) struct Schema {
    /// The engine's version.
    pub(crate) version: String,
    /// The JSON Schema bundle without experimental parts.
    pub(crate) stable: Value,
    /// The JSON Schema bundle with them.
    pub(crate) experimental: Value,
    /// All TypeScript files in one text.
    pub(crate) typescript: String,
    /// What of all this only a newer engine has.
    pub(crate) newer: Newer,
    /// The first engine that has a request or one of its parameters (`thread/list.cwd`), if not the oldest.
    pub(crate) since: BTreeMap<String, String>,
}

impl Schema {
    /// Reads the folder `schema/`, with what `schema/newer/` adds.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let mut schema = Self::load_alone(folder)?;
        let newer = folder.join("newer");
        if newer.is_dir() {
            newer::lay_over(&mut schema, &Self::load_alone(&newer)?);
        }
        schema.with_hidden_types()
    }

    /// With the types of the messages that only the TypeScript has.
    fn with_hidden_types(mut self) -> Result<Self> {
        let names = hidden_types(&self)?;
        hidden::define(&mut self, names);
        Ok(self)
    }

    /// Reads one folder.
    pub(crate) fn load_alone(folder: &Path) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        Ok(Self {
            version: read("VERSION")?.trim().to_owned(),
            stable: serde_json::from_str(&read("stable.json")?)?,
            experimental: serde_json::from_str(&read("experimental.json")?)?,
            typescript: read("protocol.ts")?,
            newer: Newer::default(),
            since: BTreeMap::new(),
        })
    }

    /// The definition with this name, wherever the bundle keeps it. The second generation wins.
    pub(crate) fn definition(&self, name: &str) -> Option<&Value> {
        let definitions = self.experimental.get("definitions")?;
        definitions
            .get("v2")
            .and_then(|v2| v2.get(name))
            .or_else(|| definitions.get(name).filter(|_| name != "v2"))
    }

    /// The names of all definitions.
    pub(crate) fn definition_names(&self) -> BTreeSet<String> {
        let definitions = &self.experimental["definitions"];
        let names = |value: &Value| {
            value
                .as_object()
                .map(|map| map.keys().cloned().collect::<Vec<_>>())
                .unwrap_or_default()
        };
        names(definitions)
            .into_iter()
            .filter(|name| name != "v2")
            .chain(names(&definitions["v2"]))
            .collect()
    }

    /// The TypeScript text of one file, `v2/Thread.ts` for example.
    pub(crate) fn typescript_file(&self, path: &str) -> Option<&str> {
        self.typescript_files()
            .find(|(name, _)| *name == path)
            .map(|(_, text)| text)
    }

    /// Every TypeScript file with its path.
    pub(crate) fn typescript_files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.typescript
            .split("// file: ")
            .skip(1)
            .filter_map(|part| part.split_once('\n'))
    }
}

/// Where a message has an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nowhere.
    Absent,
    /// A field of the parameters: `turnId`.
    Direct,
    /// A field of an object in the parameters: `turn.id`.
    Nested,
}

/// One notification of the engine.
pub(crate) struct Notification {
    pub(crate) method: String,
    pub(crate) payload: String,
    pub(crate) thread_id: Place,
    pub(crate) turn_id: Place,
    pub(crate) item_id: Place,
    pub(crate) delta_field: Option<&'static str>,
    pub(crate) delta_index: Option<&'static str>,
    pub(crate) experimental: bool,
    pub(crate) documented: bool,
    /// Whether only an engine newer than the pinned one has it.
    pub(crate) newer: bool,
}

/// One request, of the client or of the engine.
pub(crate) struct Request {
    pub(crate) method: String,
    /// Name of the parameters' type; empty for none.
    pub(crate) params: String,
    /// Whether the parameters may be left out.
    pub(crate) params_optional: bool,
    /// What the schema says of the message, or of its parameters.
    pub(crate) description: Option<String>,
    pub(crate) result: String,
    pub(crate) thread_id: Place,
    pub(crate) turn_id: Place,
    pub(crate) item_id: Place,
    pub(crate) experimental: bool,
    pub(crate) documented: bool,
    /// Whether only an engine newer than the pinned one has it.
    pub(crate) newer: bool,
}

/// All messages, each list sorted by method.
pub(crate) struct Protocol<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) notifications: Vec<Notification>,
    pub(crate) client_methods: Vec<Request>,
    pub(crate) server_requests: Vec<Request>,
}

/// The types of the messages that only the TypeScript knows.
fn hidden_types(schema: &Schema) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for union in ["ClientRequest", "ServerNotification", "ServerRequest"] {
        for message in messages(schema, union)? {
            if !message.documented {
                names.push(answer(schema, &message));
                names.push(message.params.name);
            }
        }
    }
    Ok(names)
}

/// Requests whose answer's type is not called like the parameters' type or the method.
/// The engine's description does not say which answer belongs to which request.
const ANSWERS: [(&str, &str); 10] = [
    ("account/logout", "LogoutAccountResponse"),
    ("account/rateLimits/read", "GetAccountRateLimitsResponse"),
    (
        "account/securitySetup/read",
        "GetAccountSecuritySetupResponse",
    ),
    ("account/usage/read", "GetAccountTokenUsageResponse"),
    (
        "account/workspaceMessages/read",
        "GetWorkspaceMessagesResponse",
    ),
    ("accountSession/list", "AccountSessionsResponse"),
    ("config/batchWrite", "ConfigWriteResponse"),
    ("config/mcpServer/reload", "McpServerRefreshResponse"),
    ("config/value/write", "ConfigWriteResponse"),
    (
        "externalAgentConfig/import/readHistories",
        "ExternalAgentConfigImportHistoriesReadResponse",
    ),
];

impl<'a> Protocol<'a> {
    /// Reads the message lists out of the schema, and those that only the TypeScript knows.
    pub(crate) fn new(schema: &'a Schema) -> Result<Self> {
        let stable = |union: &str| methods(&schema.stable, union);
        let (notification_names, client_names, server_names) = (
            stable("ServerNotification")?,
            stable("ClientRequest")?,
            stable("ServerRequest")?,
        );
        let notifications = messages(schema, "ServerNotification")?
            .into_iter()
            .map(|message| notification(schema, message, &notification_names))
            .collect();
        let requests = |union: &str, stable: &BTreeMap<String, Params>| -> Result<Vec<Request>> {
            Ok(messages(schema, union)?
                .into_iter()
                .map(|message| request(schema, message, stable))
                .collect())
        };
        Ok(Self {
            schema,
            notifications,
            client_methods: requests("ClientRequest", &client_names)?,
            server_requests: requests("ServerRequest", &server_names)?,
        })
    }

    /// Fails if the answer of a request is not known.
    pub(crate) fn check_answers(&self) -> Result<()> {
        let requests = self.client_methods.iter().chain(&self.server_requests);
        let missing: Vec<&str> = requests
            .filter(|request| request.result.is_empty())
            .map(|request| request.method.as_str())
            .collect();
        if !missing.is_empty() {
            bail!(
                "no answer type found for {}: add them to ANSWERS in {}",
                missing.join(", "),
                file!()
            );
        }
        Ok(())
    }
}

/// The parameters of a message: name of the type, and whether they may be null.
#[derive(Clone)]
struct Params {
    name: String,
    optional: bool,
    /// What the schema says of the message.
    description: Option<String>,
}

struct Message {
    method: String,
    params: Params,
    documented: bool,
}

/// Method -> parameters of one union in one bundle.
fn methods(bundle: &Value, union: &str) -> Result<BTreeMap<String, Params>> {
    let arms = bundle["definitions"][union]["oneOf"]
        .as_array()
        .with_context(|| format!("no union {union}"))?;
    let mut found = BTreeMap::new();
    for arm in arms {
        let method = method_of(arm).with_context(|| format!("an arm of {union} has no method"))?;
        let mut params = params_of(&arm["properties"]["params"]);
        params.description = arm["description"].as_str().map(str::to_owned);
        found.insert(method, params);
    }
    Ok(found)
}

fn params_of(value: &Value) -> Params {
    let name_of = |value: &Value| {
        value["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next())
            .map(str::to_owned)
    };
    if let Some(name) = name_of(value) {
        return Params {
            name,
            optional: false,
            description: None,
        };
    }
    let name = value["anyOf"]
        .as_array()
        .and_then(|arms| arms.iter().find_map(name_of))
        .unwrap_or_default();
    Params {
        name,
        optional: true,
        description: None,
    }
}

/// The messages of one union, experimental ones included, and those that the engine leaves out of
/// its JSON Schema but has in its TypeScript.
fn messages(schema: &Schema, union: &str) -> Result<Vec<Message>> {
    let mut found: BTreeMap<String, Message> = methods(&schema.experimental, union)?
        .into_iter()
        .map(|(method, params)| {
            (
                method.clone(),
                Message {
                    method,
                    params,
                    documented: true,
                },
            )
        })
        .collect();
    let file = match union {
        "ServerNotification" => "ServerNotificationEnvelope.ts".to_owned(),
        other => format!("{other}.ts"),
    };
    let text = schema
        .typescript_file(&file)
        .or_else(|| schema.typescript_file(&format!("{union}.ts")));
    for (method, name) in
        typescript_arms(text.with_context(|| format!("no TypeScript for {union}"))?)
    {
        let params = Params {
            optional: name.is_empty(),
            name,
            description: None,
        };
        found.entry(method.clone()).or_insert(Message {
            method,
            params,
            documented: false,
        });
    }
    Ok(found.into_values().collect())
}

/// `{ "method": "x", ... params: T }` -> (x, T) for every arm; T is empty for `undefined`.
fn typescript_arms(text: &str) -> Vec<(String, String)> {
    let arms = text.split("\"method\": \"").skip(1);
    arms.filter_map(|arm| {
        let (method, rest) = arm.split_once('"')?;
        let rest = rest.replace("\"params\"", "params");
        let (_, params) = rest.split_once("params: ")?;
        let name: String = params
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        Some((
            method.to_owned(),
            if name == "undefined" {
                String::new()
            } else {
                name
            },
        ))
    })
    .collect()
}

/// Names and kinds of the fields of one object type.
struct Fields {
    names: BTreeMap<String, String>,
}

impl Fields {
    fn of(schema: &Schema, name: &str) -> Self {
        let mut names = BTreeMap::new();
        if let Some(properties) = schema
            .definition(name)
            .and_then(|definition| definition["properties"].as_object())
        {
            for (field, kind) in properties {
                let kind = kind["type"]
                    .as_str()
                    .or_else(|| kind["$ref"].as_str())
                    .unwrap_or("any");
                names.insert(field.clone(), kind.to_owned());
            }
        } else if let Some(text) = schema.typescript_file(&format!("v2/{name}.ts")) {
            for field in ["threadId", "turnId", "itemId"] {
                if text.contains(&format!("{field}: string")) {
                    names.insert(field.to_owned(), "string".to_owned());
                }
            }
        }
        Self { names }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    fn is_string(&self, name: &str) -> bool {
        self.names.get(name).is_some_and(|kind| kind == "string")
    }

    fn is_type(&self, name: &str, ending: &str) -> bool {
        self.names
            .get(name)
            .is_some_and(|kind| kind.ends_with(ending))
    }

    fn place(&self, id: &str, object: &str, kind: &str) -> Place {
        if self.has(id) {
            Place::Direct
        } else if self.is_type(object, kind) {
            Place::Nested
        } else {
            Place::Absent
        }
    }
}

fn notification(
    schema: &Schema,
    message: Message,
    stable: &BTreeMap<String, Params>,
) -> Notification {
    let fields = Fields::of(schema, &message.params.name);
    let item_id = fields.place("itemId", "item", "/ThreadItem");
    // A delta is text of one item that may be joined with the next delta of the same item.
    let delta_field = (item_id == Place::Direct && fields.is_string("delta")).then_some("delta");
    let delta_index = ["contentIndex", "summaryIndex"]
        .into_iter()
        .find(|field| delta_field.is_some() && fields.has(field));
    Notification {
        thread_id: fields.place("threadId", "thread", "/Thread"),
        turn_id: fields.place("turnId", "turn", "/Turn"),
        item_id,
        delta_field,
        delta_index,
        experimental: !stable.contains_key(&message.method),
        documented: message.documented,
        newer: schema.newer.methods.contains(&message.method),
        method: message.method,
        payload: message.params.name,
    }
}

fn request(schema: &Schema, message: Message, stable: &BTreeMap<String, Params>) -> Request {
    let fields = Fields::of(schema, &message.params.name);
    let direct = |name: &str| {
        if fields.has(name) {
            Place::Direct
        } else {
            Place::Absent
        }
    };
    Request {
        result: answer(schema, &message),
        thread_id: direct("threadId"),
        turn_id: direct("turnId"),
        item_id: direct("itemId"),
        // The methods that only TypeScript knows are the first generation's, not experiments.
        experimental: message.documented && !stable.contains_key(&message.method),
        documented: message.documented,
        newer: schema.newer.methods.contains(&message.method),
        description: message.params.description.or_else(|| {
            let params = schema.definition(&message.params.name)?;
            params["description"].as_str().map(str::to_owned)
        }),
        params: message.params.name,
        params_optional: message.params.optional,
        method: message.method,
    }
}

/// The name of the type that answers a request; empty if none is known.
fn answer(schema: &Schema, message: &Message) -> String {
    if let Some((_, answer)) = ANSWERS.iter().find(|(method, _)| *method == message.method) {
        return (*answer).to_owned();
    }
    let known = |name: &str| {
        schema.definition(name).is_some()
            || schema.typescript_file(&format!("{name}.ts")).is_some()
            || schema.typescript_file(&format!("v2/{name}.ts")).is_some()
    };
    let words: Vec<String> = message.method.split('/').map(capitalised).collect();
    let mut candidates = vec![
        format!("{}Response", words.concat()),
        format!("{}Response", words[1..].concat()),
    ];
    if let Some(stem) = message.params.name.strip_suffix("Params") {
        candidates.insert(0, format!("{stem}Response"));
    }
    candidates
        .into_iter()
        .find(|name| known(name))
        .unwrap_or_default()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}
