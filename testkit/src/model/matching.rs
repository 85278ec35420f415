//! What a request is for, and which reply of the script it gets. Plain data in, plain data out.

use crate::script::{Kind, Repeat, Reply, Rule, Script, When};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// The facts about a request that rules look at.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) kind: Kind,
    pub(super) thread: String,
    pub(super) prompt: String,
    user_text: String,
    model: String,
    step: usize,
    input_text: String,
    last_input_text: String,
}

impl Facts {
    pub(super) fn of(thread: Option<&str>, turn_metadata: Option<&str>, body: &Value) -> Self {
        let empty = Vec::new();
        let input = body["input"].as_array().unwrap_or(&empty);
        let metadata: Value = turn_metadata
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let users: Vec<(usize, String)> = input
            .iter()
            .enumerate()
            .filter(|(_, item)| item["role"] == "user")
            .map(|(index, item)| (index, message_text(item)))
            .filter(|(_, text)| !is_engine_context(text))
            .collect();
        let (prompt_index, prompt) = users.last().cloned().unwrap_or_default();
        let step = input
            .iter()
            .skip(prompt_index)
            .filter(|item| {
                item["type"]
                    .as_str()
                    .is_some_and(|kind| kind.ends_with("_output"))
            })
            .count();
        Self {
            kind: kind_of(body, input, metadata["request_kind"].as_str().unwrap_or("")),
            thread: thread
                .or_else(|| body["prompt_cache_key"].as_str())
                .unwrap_or("")
                .to_owned(),
            prompt,
            user_text: users
                .iter()
                .map(|(_, text)| text.as_str())
                .collect::<Vec<_>>()
                .join("\n"),
            model: body["model"].as_str().unwrap_or("").to_owned(),
            step,
            input_text: body["input"].to_string(),
            last_input_text: input.last().map(Value::to_string).unwrap_or_default(),
        }
    }

    fn fits(&self, when: &When) -> bool {
        let has = |text: &str, part: &Option<String>| {
            part.as_deref().is_none_or(|part| text.contains(part))
        };
        // Reviews and compactions come in between; a rule has to ask for them, or else turning
        // one of them on would shift the replies of the turns.
        let kind = when.kind.unwrap_or(Kind::Turn);
        (kind == Kind::Any || kind == self.kind)
            && has(&self.prompt, &when.prompt_contains)
            && has(&self.user_text, &when.user_contains)
            && has(&self.input_text, &when.input_contains)
            && has(&self.last_input_text, &when.last_input_contains)
            && when.model.as_ref().is_none_or(|model| *model == self.model)
            && when.step.is_none_or(|step| step == self.step)
    }
}

fn kind_of(body: &Value, input: &[Value], request_kind: &str) -> Kind {
    let format = body["text"]["format"].to_string();
    if request_kind.contains("guardian")
        || format.contains("risk_level")
        || body["model"] == "codex-auto-review"
    {
        Kind::Guardian
    } else if request_kind.contains("compact")
        || input
            .last()
            .is_some_and(|item| item["type"] == "compaction_trigger")
    {
        Kind::Compaction
    } else {
        Kind::Turn
    }
}

fn message_text(item: &Value) -> String {
    match &item["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect::<Vec<_>>()
            .join(" "),
        _ => String::new(),
    }
}

/// User messages that the engine writes by itself are not what the user asked.
fn is_engine_context(text: &str) -> bool {
    ["<environment_context>", "<turn_aborted>"]
        .iter()
        .any(|tag| text.trim_start().starts_with(tag))
}

/// How far each rule has come in each engine thread, and what was captured there.
#[derive(Debug, Default)]
pub(super) struct Progress {
    given: HashMap<(usize, String), usize>,
    captured: HashMap<String, Vars>,
}

/// The values of `${name}`.
pub(super) type Vars = BTreeMap<String, String>;

/// What a request is answered with.
#[derive(Debug)]
pub(super) enum Choice {
    /// Reply `reply` of rule `rule`.
    Scripted {
        rule: usize,
        reply: usize,
        vars: Vars,
    },
    /// The verdict or summary that keeps an unscripted review or compaction going.
    Automatic,
    /// The script has no answer.
    Nothing(String),
}

impl Progress {
    pub(super) fn choose(&mut self, script: &Script, facts: &Facts) -> Choice {
        for (index, rule) in script.rules.iter().enumerate() {
            if !facts.fits(&rule.when) {
                continue;
            }
            let given = self.given.entry((index, facts.thread.clone())).or_default();
            let position = *given;
            let Some(reply) = position_of(rule, position) else {
                if rule.repeat == Repeat::Next {
                    continue;
                }
                return Choice::Nothing(format!(
                    "the {} replies of rule {index} were all given in this thread",
                    rule.replies.len()
                ));
            };
            *given += 1;
            return match self.capture(&rule.replies[reply], facts) {
                Ok(vars) => Choice::Scripted {
                    rule: index,
                    reply,
                    vars,
                },
                Err(name) => Choice::Nothing(format!(
                    "the capture \"{name}\" of rule {index}, reply {reply} did not match the input"
                )),
            };
        }
        match facts.kind {
            Kind::Guardian | Kind::Compaction => Choice::Automatic,
            Kind::Turn | Kind::Any => Choice::Nothing(format!(
                "no rule is for this request (prompt {:?}, model {:?}, step {})",
                facts.prompt, facts.model, facts.step
            )),
        }
    }

    fn capture(&mut self, reply: &Reply, facts: &Facts) -> Result<Vars, String> {
        let vars = self.captured.entry(facts.thread.clone()).or_default();
        for (name, capture) in &reply.capture {
            let found = capture
                .0
                .captures_iter(&facts.input_text)
                .last()
                .and_then(|captures| captures.get(1))
                .ok_or_else(|| name.clone())?;
            vars.insert(name.clone(), found.as_str().to_owned());
        }
        Ok(vars.clone())
    }
}

fn position_of(rule: &Rule, given: usize) -> Option<usize> {
    let count = rule.replies.len();
    if given < count {
        return Some(given);
    }
    match rule.repeat {
        _ if count == 0 => None,
        Repeat::None | Repeat::Next => None,
        Repeat::Last => Some(count - 1),
        Repeat::Cycle => Some(given % count),
    }
}

/// `${name}` replaced in a text; names that are not known stay as they are.
pub(super) fn expand(text: &str, vars: &Vars) -> String {
    let mut out = text.to_owned();
    if text.contains("${") {
        for (name, value) in vars {
            out = out.replace(&format!("${{{name}}}"), value);
        }
    }
    out
}

/// `${name}` replaced in every string of a value; a string that is only `${name}` becomes a number
/// when the value is one, because tools take session ids as numbers.
pub(super) fn expand_value(value: &Value, vars: &Vars) -> Value {
    match value {
        Value::String(text) => {
            let whole = text
                .strip_prefix("${")
                .and_then(|rest| rest.strip_suffix('}'))
                .and_then(|name| vars.get(name))
                .and_then(|value| value.parse::<i64>().ok());
            match whole {
                Some(number) => Value::from(number),
                None => Value::String(expand(text, vars)),
            }
        }
        Value::Array(list) => list.iter().map(|value| expand_value(value, vars)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), expand_value(value, vars)))
            .collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn body(prompt: &str, outputs: usize) -> Value {
        let mut input = vec![
            json!({"role": "user", "content": [{"text": "<environment_context>x</environment_context>"}]}),
            json!({"role": "user", "content": [{"text": prompt}]}),
        ];
        for number in 0..outputs {
            input.push(
                json!({"type": "function_call_output", "output": format!("session ID {number}7")}),
            );
        }
        json!({"model": "gpt-5.5", "input": input, "prompt_cache_key": "t1"})
    }

    fn choose(progress: &mut Progress, script: &Script, body: &Value) -> String {
        match progress.choose(script, &Facts::of(None, None, body)) {
            Choice::Scripted { rule, reply, vars } => format!("{rule}/{reply} {vars:?}"),
            Choice::Automatic => "automatic".to_owned(),
            Choice::Nothing(message) => message,
        }
    }

    #[test]
    fn rules_are_tried_in_order_and_replies_given_in_order() {
        let script = Script::parse(
            r#"{"rules": [
                {"when": {"prompt_contains": "ls"}, "replies": ["a", "b"], "repeat": "next"},
                {"when": {"step": 1}, "replies": ["c"], "repeat": "cycle"}],
               "replies": ["d"]}"#,
        )
        .unwrap();
        let mut progress = Progress::default();
        let mut next = |prompt, outputs| choose(&mut progress, &script, &body(prompt, outputs));
        assert_eq!(next("ls", 0), "0/0 {}");
        assert_eq!(next("other", 1), "1/0 {}");
        assert_eq!(next("ls", 1), "0/1 {}");
        assert_eq!(next("ls", 1), "1/0 {}");
        assert_eq!(next("ls", 0), "2/0 {}");
        assert_eq!(
            next("ls", 0),
            "the 1 replies of rule 2 were all given in this thread"
        );
    }

    #[test]
    fn captures_take_the_last_match_and_stay() {
        let script = Script::parse(
            r#"{"replies": [{"capture": {"sid": "session ID (\\d+)"}}, "x", {"capture": {"no": "(nope)"}}]}"#,
        )
        .unwrap();
        let mut progress = Progress::default();
        assert_eq!(
            choose(&mut progress, &script, &body("p", 2)),
            r#"0/0 {"sid": "17"}"#
        );
        assert_eq!(
            choose(&mut progress, &script, &body("p", 0)),
            r#"0/1 {"sid": "17"}"#
        );
        assert!(choose(&mut progress, &script, &body("p", 0)).contains("capture \"no\""));
    }

    #[test]
    fn reviews_and_compactions_do_not_use_up_replies() {
        let script = Script::parse(r#"{"replies": ["a"]}"#).unwrap();
        let mut progress = Progress::default();
        let mut review = body("p", 0);
        review["text"] = json!({"format": {"schema": {"properties": {"risk_level": {}}}}});
        let mut compaction = body("p", 0);
        compaction["input"] = json!([{"type": "compaction_trigger"}]);
        assert_eq!(choose(&mut progress, &script, &review), "automatic");
        assert_eq!(choose(&mut progress, &script, &compaction), "automatic");
        assert_eq!(choose(&mut progress, &script, &body("p", 0)), "0/0 {}");
    }

    #[test]
    fn values_expand() {
        let vars = Vars::from([("sid".to_owned(), "42".to_owned())]);
        assert_eq!(
            expand_value(&json!({"a": "${sid}", "b": ["n ${sid} ${HOME}"]}), &vars),
            json!({"a": 42, "b": ["n 42 ${HOME}"]})
        );
    }
}
