//! What a scenario names and a program has as functions: tools, who answers, guardrails. The same behaviours as in
//! tests/parity/own_parts.py and own.mjs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use codexkit::approvals::{Decision, ElicitationAnswer, Policy, Responders, Verdict};
use codexkit::guardrails::{InputGuardrail, OutputGuardrail, Ruling};
use codexkit::tools::{Tool, ToolContent, ToolContext, ToolError, ToolResult, ToolSpec};
use codexkit::{Setup, text};
use serde_json::{Value, json};

use super::super::scenario::decode_base64;

/// A red pixel.
pub(super) const PIXEL: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==";

/// What the application's functions were told, in the order of their calls.
#[derive(Clone, Default)]
pub(super) struct Told(Arc<Mutex<Vec<Value>>>);

impl Told {
    pub(super) fn add(&self, what: &str, fields: Value) {
        let mut told = json!({"what": what});
        if let (Some(told), Value::Object(fields)) = (told.as_object_mut(), fields) {
            told.extend(fields);
        }
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(told);
    }

    pub(super) fn all(&self) -> Vec<Value> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A tool of the scenario's: all tell the weather, each behaves as its declaration says.
pub(super) fn tool(key: &str, declared: &Value) -> Result<Tool> {
    let name = declared["name"].as_str().unwrap_or(key);
    let parameters = json!({
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "The city's name."},
            "days": {"type": "integer", "description": "For how many days.", "default": 1},
        },
        "required": ["city"],
    });
    let mut spec = ToolSpec::derived(name, "Tells the weather of a city.", parameters);
    if let Some(namespace) = declared["namespace"].as_str() {
        spec = spec.namespace(namespace);
    }
    if let Some(limit) = declared["timeout_ms"].as_u64() {
        spec = spec.timeout(Some(Duration::from_millis(limit)));
    }
    let behaviour = declared["behaviour"]
        .as_str()
        .context("a tool has a behaviour")?
        .to_owned();
    Ok(Tool::from_fn(spec, move |arguments, context| {
        let behaviour = behaviour.clone();
        async move { behave(&behaviour, &arguments, &context).await }
    })?)
}

async fn behave(
    behaviour: &str,
    arguments: &Value,
    context: &ToolContext,
) -> Result<ToolResult, ToolError> {
    let city = arguments["city"].as_str().unwrap_or_default();
    let days = arguments["days"].as_i64().unwrap_or(1);
    let said = format!("Rain in {city} for {days} days.");
    Ok(match behaviour {
        "text" => said.into(),
        "json" => json!({"city": city, "days": days, "degrees": [7, 9.5], "rain": true}).into(),
        "image" => ToolResult::image(PIXEL),
        "parts" => {
            let mut result = ToolResult::text(said);
            result.content.push(ToolContent::Image {
                url: PIXEL.to_owned(),
            });
            result
        }
        "nothing" => ToolResult::text(""),
        "context" => {
            let is_known = !context.thread_id.is_empty() && !context.turn_id.is_empty();
            json!({"call": context.call_id, "tool": context.tool, "known": is_known}).into()
        }
        "fails" => return Err(ToolError::new(format!("there is no weather in {city}"))),
        "slow" => {
            context.cancelled().await;
            "too late".into()
        }
        other => return Err(ToolError::new(format!("unknown behaviour {other}"))),
    })
}

/// What a thread or a turn has of its own, but for its tools.
pub(super) fn setup(step: &Value, told: &Told) -> Result<Setup> {
    let mut setup = Setup::new().responders(responders(&step["handlers"], told)?);
    for rule in list(&step["input_guardrails"]) {
        setup = setup.input_guardrail(input_guardrail(rule));
    }
    for rule in list(&step["output_guardrails"]) {
        setup = setup.output_guardrail(output_guardrail(rule));
    }
    Ok(setup)
}

pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn words(value: &Value) -> Vec<&str> {
    list(value).iter().filter_map(Value::as_str).collect()
}

/// Policies, and functions that always answer the same.
fn responders(handlers: &Value, told: &Told) -> Result<Responders> {
    let mut responders = Responders::new();
    for link in list(&handlers["on_approval"]) {
        if link["policy"].is_string() {
            responders = responders.policy(policy(link)?);
            continue;
        }
        let verdict = verdict(link)?;
        let told = told.clone();
        responders = responders.on_approval(move |request| {
            told.add("on_approval", asked(&request.to_json()));
            std::future::ready(verdict.clone())
        });
    }
    if let Some(answer) = handlers.get("on_question").cloned() {
        let answers: Option<BTreeMap<String, Vec<String>>> =
            serde_json::from_value(answer["answers"].clone())?;
        let told = told.clone();
        responders = responders.on_question(move |request| {
            told.add("on_question", asked(&request.to_json()));
            std::future::ready(answers.clone())
        });
    }
    if let Some(answer) = handlers.get("on_elicitation").cloned() {
        let answer = match &answer["accept"] {
            Value::Null => ElicitationAnswer::Decline,
            values => ElicitationAnswer::Accept(values.clone()),
        };
        let told = told.clone();
        responders = responders.on_elicitation(move |request| {
            told.add("on_elicitation", asked(&request.to_json()));
            std::future::ready(answer.clone())
        });
    }
    Ok(responders)
}

/// A request as the application sees it; the params as they came are in the events.
fn asked(view: &str) -> Value {
    let mut request: Value = serde_json::from_str(view).unwrap_or_default();
    if let Some(request) = request.as_object_mut() {
        request.remove("params");
    }
    json!({ "request": request })
}

fn policy(link: &Value) -> Result<Policy> {
    let none: [&str; 0] = [];
    let policy = match link["policy"].as_str() {
        Some("commands") => Policy::commands(&words(&link["prefixes"]), &none)?,
        Some("edits_inside") => Policy::edits_inside(&words(&link["folders"]))?,
        Some("read_only_commands") => Policy::read_only_commands(),
        Some("deny_all") => Policy::deny_all(),
        _ => bail!("unknown policy {link}"),
    };
    let deny = link["deny"] == true;
    Ok(if deny { policy.denying() } else { policy })
}

/// What a function says to an approval; nothing is no opinion.
pub(super) fn verdict(answer: &Value) -> Result<Verdict> {
    Ok(Verdict::Decided(match answer["decision"].as_str() {
        None => return Ok(Verdict::Pass),
        Some("later") => return Ok(Verdict::Later(None)),
        Some("accept") => Decision::Accept,
        Some("acceptForSession") => Decision::AcceptForSession,
        Some("decline") => Decision::Decline(answer["reason"].as_str().map(str::to_owned)),
        Some("cancel") => Decision::Cancel,
        Some(other) => bail!("unknown decision {other}"),
    }))
}

fn input_guardrail(rule: &Value) -> InputGuardrail {
    let rule = rule.clone();
    let name = rule["name"].as_str().unwrap_or_default().to_owned();
    InputGuardrail::new(name, move |input| {
        let seen = list(&Value::from(input.clone()))
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect::<Vec<_>>()
            .join(" ");
        let ruling = match ruling(&rule, &seen) {
            Ok(Ruling::Pass) => Ok(Ruling::Pass),
            Ok(Ruling::Replace(other)) => Ok(Ruling::Replace(vec![text(other)])),
            Ok(Ruling::Reject(why)) => Ok(Ruling::Reject(why)),
            Err(why) => Err(why.into()),
        };
        std::future::ready(ruling)
    })
}

fn output_guardrail(rule: &Value) -> OutputGuardrail {
    let rule = rule.clone();
    let name = rule["name"].as_str().unwrap_or_default().to_owned();
    OutputGuardrail::new(name, move |result| {
        let seen = result.final_response.unwrap_or_default();
        std::future::ready(ruling(&rule, &seen).map_err(Into::into))
    })
}

/// What a rule says to a text: it passes unless it has what the rule is about.
fn ruling(rule: &Value, seen: &str) -> Result<Ruling<String>, String> {
    if !seen.contains(rule["contains"].as_str().unwrap_or_default()) {
        return Ok(Ruling::Pass);
    }
    let said = |key: &str| rule[key].as_str().map(str::to_owned);
    match (said("replace"), said("reject"), said("fails")) {
        (Some(other), ..) => Ok(Ruling::Replace(other)),
        (_, Some(why), _) => Ok(Ruling::Reject(why)),
        (.., Some(why)) => Err(why),
        _ => Ok(Ruling::Pass),
    }
}

/// The pixel's file.
pub(super) fn pixel() -> Result<Vec<u8>> {
    let data = PIXEL.split_once(',').context("a data URL")?.1;
    decode_base64(data)
}
