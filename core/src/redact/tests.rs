use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::value::RawValue;

use super::{learn, redact, redact_json};

#[test]
fn the_strings_of_json_are_cleaned() {
    for (text, clean) in [
        (r#"{"a": [1, "fine"]}"#, r#"{"a": [1, "fine"]}"#),
        (
            r#"{"a":[{"b":"key sk-proj-abcdefghijkl"}]}"#,
            r#"{"a":[{"b":"key [redacted]"}]}"#,
        ),
        (r#"["\u0073k-proj-abcdefghijkl"]"#, r#"["[redacted]"]"#),
        (r#"{"sk-proj-abcdefghijkl":1}"#, r#"{"[redacted]":1}"#),
        (
            r#"{"apiKey":"hunter2","tokens":"five","token":null}"#,
            r#"{"apiKey":"[redacted]","tokens":"five","token":null}"#,
        ),
    ] {
        let raw = RawValue::from_string(text.to_owned()).expect("JSON");
        assert_eq!(redact_json(raw).get(), clean);
    }
}

#[test]
fn secrets_go_and_the_rest_stays() {
    for (text, clean) in [
        ("key sk-proj-abcdefghijkl is bad", "key [redacted] is bad"),
        (
            "Authorization: Bearer abcdefgh12345, é",
            "Authorization: Bearer [redacted], é",
        ),
        (
            r#"{"t":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.sig"}"#,
            r#"{"t":"[redacted]"}"#,
        ),
        (
            "OPENAI_API_KEY=sk-abcdefghijkl",
            "OPENAI_API_KEY=[redacted]",
        ),
        (
            r#""it broke:\nsk-abcdefghijkl""#,
            r#""it broke:\[redacted]""#,
        ),
        ("https://x/v1/sk-abcdefghijkl", "https:[redacted]"),
        ("a=1.eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx", "a=[redacted]"),
    ] {
        assert_eq!(redact(text), clean);
        assert_eq!(redact(clean), clean, "again");
    }
}

#[test]
fn what_a_secret_is_given_to_says_that_it_is_one() {
    for (text, clean) in [
        ("password=hunter2 user=me", "password=[redacted] user=me"),
        ("?api_key=abcd&page=2", "?api_key=[redacted]&page=2"),
        ("--token=abcd --verbose", "--token=[redacted] --verbose"),
        (
            "x.api_key = \"a b c d\" # why",
            "x.api_key = \"[redacted]\" # why",
        ),
        (
            r#"{"accessToken": "a\"b", "page": 3}"#,
            r#"{"accessToken": "[redacted]", "page": 3}"#,
        ),
        (
            r#"{"body":"{\"client_secret\":\"abcd\"}"}"#,
            r#"{"body":"{\"client_secret\":\"[redacted]\"}"}"#,
        ),
        ("X-Api-Key: abcd1234", "X-Api-Key: [redacted]"),
        (
            "MY_KEY=abcd PGPASSWORD=efgh",
            "MY_KEY=[redacted] PGPASSWORD=[redacted]",
        ),
        (
            "authorization: Basic dXNlcjpwYXNz\r\nHost: x",
            "authorization: Basic [redacted]\r\nHost: x",
        ),
        (
            r#"{"Authorization": "token abcd efgh"}"#,
            r#"{"Authorization": "token [redacted]"}"#,
        ),
        (
            "postgres://me:pa:ss@db.example:5432/x",
            "postgres://me:[redacted]@db.example:5432/x",
        ),
    ] {
        assert_eq!(redact(text), clean);
        assert_eq!(redact(clean), clean, "again");
    }
}

#[test]
fn what_only_looks_like_it_stays() {
    for text in [
        "a task-list-of-things, a disk-usage-1234567",
        "nothing to hide: task-list, sk-1, hf_hub_download, AKIA, ghp_short",
        "unexpected token: identifier2 expected, token=5, max_token=4096",
        "the password: it must have 8 characters",
        "password is required; password=required, token=null, api_key=",
        "token = lexer.next(); password = os.environ[\"DB_PASSWORD\"]",
        "api_key=$OPENAI_API_KEY api_key=OPENAI_API_KEY api_key=<your key> token=****",
        "env_key=\"MY_KEY\" bearer_token_env_var=\"MY_TOKEN\" sort_key=created_at",
        "ssh://git@github.com/x and https://example.com:8080/a@b",
        "use std::token::Something1234; a == b, monkey=banana, tokens=12345678",
        r#"{"token": 123456789, "password": null, "secret": false}"#,
        "Authorization: missing; Bearer is the scheme",
    ] {
        assert_eq!(redact(text), text);
    }
}

#[test]
fn the_values_of_an_engines_variables_are_known() {
    learn([
        ("TELE_TEST_KEY", "plain-words-as-key"),
        ("TELE_TEST_TOKEN", "short"),
        ("TELE_TEST_NAME", "plain-words-as-name"),
    ]);
    assert_eq!(
        redact("it sent plain-words-as-key, short and plain-words-as-name"),
        "it sent [redacted], short and plain-words-as-name"
    );
}

/// A secret of each shape, and how the text may go on after it.
fn secrets() -> impl Strategy<Value = String> {
    prop_oneof![
        "sk-(proj-)?[A-Za-z0-9_-]{20,40}",
        "gh[pousr]_[A-Za-z0-9]{36}",
        "github_pat_[A-Za-z0-9_]{40,80}",
        "(AKIA|ASIA)[A-Z0-9]{16}",
        "xox[abeprs]-[0-9]{10}-[A-Za-z0-9]{12,24}",
        "AIza[A-Za-z0-9_-]{35}",
        "hf_[A-Za-z]{34}",
        "eyJ[A-Za-z0-9_-]{20}\\.[A-Za-z0-9_-]{20}\\.[A-Za-z0-9_-]{10}",
    ]
}

/// Values that only their names give away.
fn values() -> impl Strategy<Value = (String, String)> {
    let names = prop_oneof![
        Just("api_key"),
        Just("OPENAI_API_KEY"),
        Just("access_token"),
        Just("password"),
        Just("clientSecret"),
    ];
    (names, "[a-z]{4}[A-Z0-9]{8}").prop_map(|(name, value)| (name.to_owned(), value))
}

/// Texts as errors and logs have them, without a secret.
fn plain() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => "[a-zA-Zäßé]{1,12}",
        2 => "[0-9]{1,10}",
        2 => "/[a-z]{1,8}/[a-z0-9.]{1,8}",
        1 => "[a-z]{1,6}(_[a-z]{1,6})?=[a-z0-9]{1,8}",
        1 => "https?://[a-z]{1,8}\\.example(:[0-9]{2,4})?/[a-z]{0,8}",
        1 => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12}",
        1 => Just("token".to_owned()),
        1 => Just("password".to_owned()),
        1 => Just("\"key\": \"value\",".to_owned()),
        1 => "[-:;,.!?()\\[\\]{}<>\"'\\\\|=]",
    ];
    // What the names of secrets are given is no plain text; and `Bearer` is for the next word.
    let follows = |text: &str, name: &str| {
        text.match_indices(name).any(|(at, _)| {
            let rest = text[at + name.len()..].trim_start_matches([' ', '"', '\'', '\\']);
            rest.starts_with([':', '='])
        })
    };
    let given = move |text: &String| {
        let lower = text.to_lowercase();
        let names = ["token", "password", "passwd", "secret"];
        !lower.contains("bearer") && !names.iter().any(|name| follows(&lower, name))
    };
    proptest::collection::vec(word, 0..24)
        .prop_map(|words| words.join(" "))
        .prop_filter("nothing is given to a secret's name", given)
}

proptest! {
    #[test]
    fn a_text_without_secrets_stays_as_it_is(text in plain()) {
        prop_assert!(matches!(redact(&text), Cow::Borrowed(_)), "{text:?} -> {:?}", redact(&text));
    }

    #[test]
    fn no_secret_survives_and_the_text_around_it_does(
        before in plain(), secret in secrets(), after in plain(),
        between in prop_oneof![Just(" "), Just("\""), Just("'"), Just("("), Just(", "), Just("\n")],
    ) {
        let text = format!("{before}{between}{secret}{between}{after}");
        let clean = redact(&text);
        prop_assert!(!clean.contains(&secret), "{text:?} -> {clean:?}");
        prop_assert!(clean.starts_with(&before) && clean.ends_with(&after), "{text:?} -> {clean:?}");
        prop_assert_eq!(redact(&clean), clean.clone());
        let json = serde_json::Value::from(&*text).to_string();
        prop_assert!(!redact(&json).contains(&secret), "{json}");
    }

    #[test]
    fn no_value_of_a_secret_name_survives(before in plain(), (name, value) in values(), after in plain()) {
        for given in [
            format!("{name}={value}"),
            format!("{name} = \"{value}\""),
            format!("\"{name}\": \"{value}\""),
            format!("{{\\\"{name}\\\":\\\"{value}\\\"}}"),
            format!("https://me:{value}@example.com/x"),
        ] {
            let text = format!("{before} {given} {after}");
            let clean = redact(&text);
            prop_assert!(!clean.contains(&value), "{text:?} -> {clean:?}");
            prop_assert_eq!(redact(&clean), clean.clone());
        }
    }

    #[test]
    fn any_text_is_taken_and_twice_is_once(text in any::<String>()) {
        let clean = redact(&text).into_owned();
        prop_assert_eq!(redact(&clean), clean.clone());
    }
}
