//! Short texts from outside: addresses, settings, tokens, commands, data URLs, names of files.

use serde_json::{Map, Value};

use super::{as_text, choice};
use crate::approvals::command::{only_reads, simple_commands, unwrapped};
use crate::auto;
use crate::config;
use crate::files::{self, data_url};
use crate::protocol::settings;
use crate::redact::redact;
use crate::transport::address::Address;

/// The first byte chooses what reads the rest.
///
/// # Panics
/// When something that must hold of any text does not.
pub fn text(data: &[u8]) {
    let (kind, data) = choice(data);
    let text = as_text(data);
    match kind % 8 {
        0 => address(&text),
        1 => {
            // Refused or not: an answer it must have.
            settings::check_override(&text).ok();
        }
        2 => auto::fuzz_token(&text),
        3 => command(&text),
        4 => url(&text),
        5 => files::fuzz_name(&text),
        6 => overrides(&text),
        _ => secrets(&text),
    }
}

fn address(text: &str) {
    let Ok(address) = Address::parse(text) else {
        return;
    };
    address.authority();
    address.is_exposed();
    address.is_near();
    assert!(!address.resource().contains(['\r', '\n', ' ']), "{text:?}");
    // Names and passwords stand before the host; further on it is a letter like others.
    assert!(!address.authority().contains('@'), "{text:?}");
}

/// The words of what was understood, written down again, are understood as the same.
fn command(line: &str) {
    let inner = unwrapped(line);
    for line in [line, &inner] {
        for words in simple_commands(line).into_iter().flatten() {
            assert!(!words.is_empty());
            only_reads(&words);
            let Ok(written) = shlex::try_join(words.iter().map(String::as_str)) else {
                continue;
            };
            assert_eq!(shlex::split(&written).as_ref(), Some(&words), "{line:?}");
            let again = simple_commands(&written);
            assert!(again.is_none_or(|again| again == [words]), "{line:?}");
        }
    }
}

fn url(text: &str) {
    let image = data_url::check_image(text);
    let decoded = data_url::decode(text);
    let web = text.split(':').next().is_some_and(|scheme| {
        ["http", "https"]
            .iter()
            .any(|it| it.eq_ignore_ascii_case(scheme))
    });
    assert!(image.is_err() || web || decoded.is_ok(), "{text:?}");
}

/// What is written as TOML is read as what it was, and stays one line.
fn overrides(text: &str) {
    let Ok(values) = serde_json::from_str::<Map<String, Value>>(text) else {
        return;
    };
    settings::check(&values).ok();
    for line in config::overrides(&values).unwrap_or_default() {
        let (_, value) = line.split_once('=').unwrap_or_default();
        assert!(value.parse::<toml_edit::Value>().is_ok(), "{line}");
    }
}

fn secrets(text: &str) {
    // Behind a space, and in a path.
    for between in [" ", "/"] {
        let secret = "sk-0123456789abcdef";
        let cleaned = redact(&format!("{text}{between}{secret} {text}")).into_owned();
        let own = text.matches(secret).count();
        assert!(cleaned.matches(secret).count() <= 2 * own, "{cleaned}");
    }
}
