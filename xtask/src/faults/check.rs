//! What is wrong with what the clients saw of a case.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cases::Case;
use super::leftovers;
use super::prepare::Bench;
use super::runners::Seen;
use super::{Client, Findings};

pub(super) fn case(
    case: &Case,
    clients: &[Client],
    all: &BTreeMap<Client, Seen>,
    bench: &Bench,
    findings: &Findings,
) {
    let mut first: Option<(Client, &Value)> = None;
    for client in clients.iter().copied().filter(|client| client.plays(case)) {
        let Some(seen) = all.get(&client).and_then(|seen| seen.get(&case.name)) else {
            findings.add(&case.name, client, "it was not played".to_owned());
            continue;
        };
        for problem in problems(case, client, seen) {
            findings.add(&case.name, client, problem);
        }
        for problem in outside(case, client, bench) {
            findings.add(&case.name, client, problem);
        }
        match first {
            None => first = Some((client, &seen["steps"])),
            Some((other, steps)) if !case.is("loose") && !same(case, steps, &seen["steps"]) => {
                let what = format!("saw {}, {} saw {steps}", seen["steps"], other.name());
                findings.add(&case.name, client, what);
            }
            Some(_) => {}
        }
    }
}

/// Whether two clients saw the same, but for steps in which languages differ on purpose.
fn same(case: &Case, one: &Value, other: &Value) -> bool {
    let steps = case.body["steps"].as_array().map_or(&[][..], Vec::as_slice);
    let on_purpose = |number: usize| {
        steps
            .get(number)
            .is_some_and(|step| step.get("node").is_some())
    };
    (0..steps.len()).all(|number| on_purpose(number) || one[number] == other[number])
}

fn problems(case: &Case, client: Client, seen: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if seen["hang"] == true {
        found.push(format!("it hangs after {}", seen["steps"]));
    }
    let steps = case.body["steps"].as_array();
    for (number, step) in steps.into_iter().flatten().enumerate() {
        let outcome = &seen["steps"][number];
        let own = step.get("node").filter(|_| client == Client::Node);
        let sees = own.or_else(|| step.get("sees"));
        let good = match sees {
            Some(sees) => fits(sees, outcome),
            None => is_good(outcome),
        };
        if !good && found.is_empty() {
            let wanted = sees.map_or("success".to_owned(), Value::to_string);
            let what = &step["do"];
            found.push(format!(
                "step {number} ({what}): {outcome} instead of {wanted}"
            ));
        }
    }
    found
}

/// Whether an outcome that nothing is said about is one of success.
fn is_good(outcome: &Value) -> bool {
    match outcome {
        Value::Array(list) => list.iter().all(is_good),
        Value::Object(map) => {
            !map.contains_key("error")
                && map.get("status").is_none_or(|status| status == "completed")
        }
        _ => false,
    }
}

/// Whether `seen` has all that is wanted. `"*"` is anything that is there, `{"any_of": [..]}` one of several.
fn fits(wanted: &Value, seen: &Value) -> bool {
    match wanted {
        Value::Object(map) => {
            if let Some(several) = map.get("any_of").and_then(Value::as_array) {
                return several.iter().any(|one| fits(one, seen));
            }
            map.iter()
                .all(|(key, wanted)| seen.get(key).is_some_and(|seen| fits(wanted, seen)))
        }
        Value::Array(list) => seen.as_array().is_some_and(|seen| {
            seen.len() == list.len()
                && list
                    .iter()
                    .zip(seen)
                    .all(|(wanted, seen)| fits(wanted, seen))
        }),
        Value::String(word) if word == "*" => !seen.is_null(),
        other => other == seen,
    }
}

/// What the engine noted, and what its commands did.
fn outside(case: &Case, client: Client, bench: &Bench) -> Vec<String> {
    let mut found = Vec::new();
    let record = std::fs::read_to_string(bench.record(client, &case.name)).unwrap_or_default();
    let record: Vec<Value> = record
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let answers: Vec<&Value> = record
        .iter()
        .filter(|line| line.get("received").is_none())
        .collect();
    match case.body["answers"].as_array() {
        Some(wanted) => {
            let good = wanted.len() == answers.len()
                && wanted
                    .iter()
                    .zip(&answers)
                    .all(|(wanted, seen)| fits(wanted, seen));
            if !good {
                found.push(format!("the engine was answered {answers:?}"));
            }
        }
        None if case.is("approved") => {}
        None => {
            if let Some(accepted) = answers.iter().find(|answer| is_acceptance(answer)) {
                found.push(format!("nobody approved, and the answer was {accepted}"));
            }
        }
    }
    let received = |method: &Value| record.iter().any(|line| line["received"] == *method);
    for method in case.body["received"].as_array().into_iter().flatten() {
        if !received(method) {
            found.push(format!("the engine did not receive {method}"));
        }
    }
    let mut made = leftovers::files(&bench.work(client, &case.name));
    made.sort();
    let wanted = case.body["made"].as_array().cloned().unwrap_or_default();
    if case.script().is_some() && Value::from(made.clone()) != Value::from(wanted) {
        found.push(format!("the agent made {made:?}"));
    }
    found
}

fn is_acceptance(answer: &Value) -> bool {
    let result = &answer["result"];
    let decision = result["decision"].to_string();
    decision.contains("accept")
        || result["action"] == "accept"
        || result["success"] == true
        || result["permissions"]
            .as_object()
            .is_some_and(|map| !map.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn outcomes_are_held_to_what_is_wanted() {
        assert!(fits(
            &json!({"error": "closed"}),
            &json!({"error": "closed", "how": "exit 3"})
        ));
        assert!(!fits(
            &json!({"error": "closed", "how": "exit 4"}),
            &json!({"error": "closed"})
        ));
        assert!(fits(&json!([{"a": "*"}]), &json!([{"a": 1}])));
        assert!(!fits(&json!([{"a": "*"}]), &json!([])));
        let either = json!({"any_of": [{"error": "closed"}, {"status": "completed"}]});
        assert!(fits(&either, &json!({"status": "completed"})));
        assert!(!fits(&either, &json!({"status": "failed"})));
        assert!(!is_good(&json!({"status": "interrupted"})));
        assert!(!is_good(&json!([{"ok": "x"}, {"error": "closed"}])));
    }

    #[test]
    fn an_acceptance_is_known() {
        for yes in [
            json!({"result": {"decision": "accept"}}),
            json!({"result": {"decision": {"acceptWithExecpolicyAmendment": {}}}}),
            json!({"result": {"success": true}}),
            json!({"result": {"permissions": {"network": {"enabled": true}}}}),
        ] {
            assert!(is_acceptance(&yes), "{yes}");
        }
        for no in [
            json!({"result": {"decision": "decline"}}),
            json!({"result": {"permissions": {}}}),
            json!({"error": {"code": -32601}}),
        ] {
            assert!(!is_acceptance(&no), "{no}");
        }
    }
}
