//! The table of errors, fixtures/errors.json: each case is provoked, and must be what it says. The same in Python and Node.

use std::error::Error as StdError;
use std::time::Duration;

use codexkit::approvals::{Decision, Responders};
use codexkit::map::{MapItem, MapOptions};
use codexkit::output::{OutputPlan, OutputSchema};
use codexkit::{Codex, CodexOptions, Error, ErrorKind, JsonObject, Result, Setup};
use serde_json::{Value, json};

use crate::faults;
use crate::support::{Bench, object, prompt, repository};

fn table() -> Value {
    let text = std::fs::read_to_string(repository().join("fixtures/errors.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn cases(table: &Value) -> &[Value] {
    table["cases"].as_array().unwrap()
}

#[test]
fn every_kind_is_in_the_table_or_has_a_reason() {
    let table = table();
    for kind in ErrorKind::ALL {
        let word = kind.as_str();
        let cases = cases(&table).iter().filter(|case| case["kind"] == word);
        let reason = table["not_here"].get(word);
        assert!(
            (cases.count() > 0) != reason.is_some(),
            "{word} needs a case or a reason, and not both"
        );
        assert!(!kind.hint().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_what_the_table_says() {
    let table = table();
    let bench = Bench::new(table["model"].clone()).await;
    let mut options = bench.options();
    for retries in ["request_max_retries", "stream_max_retries"] {
        let setting = format!("model_providers.scripted.{retries}=0");
        options.config_overrides.push(setting);
    }
    let real = Codex::start(options).await.unwrap();
    let mut wrong = Vec::new();
    for case in cases(&table) {
        let provoked = if case["engine"] == "real" {
            act(&real, case, Some(&bench)).await
        } else {
            provoke(case).await
        };
        let error = provoked.expect_err(case["name"].as_str().unwrap());
        wrong.extend(differences(case, &error));
    }
    real.close().await.unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Starts what the case names, and does there what it says.
async fn provoke(case: &Value) -> Result<()> {
    let mut options = match case.get("plan") {
        Some(plan) => faults::options(plan),
        None => CodexOptions::default(),
    };
    for (name, value) in case["options"].as_object().into_iter().flatten() {
        let seconds = || Duration::from_secs_f64(value.as_f64().unwrap());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        match name.as_str() {
            "codex_bin" => options.codex_bin = Some(text(value).into()),
            "cwd" => options.cwd = Some(text(value).into()),
            "initialize_timeout" => options.initialize_timeout = seconds(),
            "launch_args_override" => {
                let args = value.as_array().unwrap().iter().map(text).collect();
                options.launch_args_override = Some(args);
            }
            other => panic!("{other} is no option of the table"),
        }
    }
    let codex = Codex::start(options).await?;
    let done = act(&codex, case, None).await;
    codex.kill();
    done
}

async fn act(codex: &Codex, case: &Value, bench: Option<&Bench>) -> Result<()> {
    let act = &case["do"];
    if let Some(request) = act["request"].as_array() {
        let params = serde_json::value::to_raw_value(&request[1]).unwrap();
        let timeout = request.get(2).and_then(Value::as_f64);
        let timeout = timeout.map(Duration::from_secs_f64);
        let method = request[0].as_str().unwrap();
        return codex.request(method, Some(params), timeout).await.map(drop);
    }
    if let Some(journal) = act["map"].as_str() {
        let options = MapOptions::from_json(&json!({ "journal": journal }).to_string())?;
        let items = vec![MapItem::new("go")];
        return codex.map(items, options).await?.collect().await.map(drop);
    }
    let Some(words) = act["run"].as_str() else {
        return Ok(());
    };
    let params = match bench {
        Some(bench) => object(json!({
            "cwd": bench.work().display().to_string(),
            "sandbox": "read-only", "approvalPolicy": "on-request", "approvalsReviewer": "user",
        })),
        None => JsonObject::new(),
    };
    let setup = match act["approval"].as_str() {
        Some(_) => {
            Setup::new().responders(Responders::new().on_approval(|_| async { Decision::Cancel }))
        }
        None => Setup::default(),
    };
    let thread = codex.thread_start_with(params, setup).await?;
    if let Some(schema) = act.get("schema") {
        let schema = OutputSchema::new(schema.clone())?;
        let mut plan = OutputPlan::new(&schema, prompt(words), JsonObject::new(), 0)?;
        return thread.run_output(&mut plan).await.map(drop);
    }
    let result = thread.run(prompt(words), JsonObject::new()).await?;
    result.into_result().map(drop)
}

/// What is not as the case says, one line each.
fn differences(case: &Value, error: &Error) -> Vec<String> {
    let name = case["name"].as_str().unwrap();
    let facts: Value = serde_json::from_str(&error.to_json()).unwrap();
    let mut wrong = Vec::new();
    let mut same = |what: &str, found: &Value, wanted: &Value| {
        if found != wanted {
            wrong.push(format!("{name}: {what} is {found}, not {wanted}"));
        }
    };
    let text = error.to_string();
    match case["like"].as_str() {
        Some(pattern) => {
            let like = regex_lite::Regex::new(pattern).unwrap().is_match(&text);
            same(&format!("the text {text:?}"), &like.into(), &true.into());
        }
        None => same("the text", &text.clone().into(), &case["text"]),
    }
    for fact in ["kind", "retryable", "repeatable"] {
        same(fact, &facts[fact], &case[fact]);
    }
    same("code", &json!(error.code()), &case["code"]);
    for (fact, wanted) in case["facts"].as_object().into_iter().flatten() {
        let mut found = facts[camel(fact)].clone();
        if let Some(number) = found.as_f64().filter(|_| fact == "retry_after") {
            assert_eq!(number, wanted.as_f64().unwrap(), "{name}: {fact}");
            found = wanted.clone();
        }
        same(fact, &found, wanted);
    }
    let cause = error.source();
    let own = cause.and_then(|cause| cause.downcast_ref::<Error>());
    let os = cause.and_then(|cause| cause.downcast_ref::<std::io::Error>());
    let found = match (own, os) {
        (Some(own), _) => json!({"kind": own.kind().as_str()}),
        (_, Some(os)) => json!({"os": os.raw_os_error()}),
        _ => Value::Null,
    };
    same("the cause", &found, &case["cause"]);
    let all = format!("{text} {facts}");
    same("a secret in it", &all.contains("sk-").into(), &false.into());
    wrong
}

fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        name + &part[..1].to_uppercase() + &part[1..]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_engine_was_given_as_a_secret_is_in_no_error() {
    let complain = r#"echo "no luck with $TELE_API_KEY and $TELE_NAME" >&2; exit 3"#;
    let mut options = CodexOptions {
        launch_args_override: Some(["sh", "-c", complain].map(str::to_owned).to_vec()),
        ..CodexOptions::default()
    };
    for (name, value) in [
        ("TELE_API_KEY", "four plain words here"),
        ("TELE_NAME", "plain-name"),
    ] {
        options.env.set.push((name.to_owned(), value.to_owned()));
    }
    let error = Codex::start(options).await.err().unwrap();
    for text in [error.to_string(), error.stderr_tail().unwrap().to_owned()] {
        assert!(
            text.contains("no luck with [redacted] and plain-name"),
            "{text}"
        );
    }
}
