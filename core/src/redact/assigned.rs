//! The secrets that are known by what they are given to: `password=...`, `"api_key": "..."`, `Authorization: Basic ...`,
//! and the password of `user:password@` in an address.
//!
//! What is no value is left alone: the name of a variable, a placeholder, a call in a piece of code, a word after a colon.

use std::borrow::Cow;
use std::ops::Range;

use super::HIDDEN;

/// The last words of names whose values are secrets.
const NAMES: [&str; 7] = [
    "apikey",
    "passphrase",
    "passwd",
    "password",
    "secret",
    "token",
    "authorization",
];
/// What stands before `key` in those.
const KEYS: [&str; 10] = [
    "access",
    "account",
    "api",
    "auth",
    "client",
    "encryption",
    "master",
    "private",
    "secret",
    "signing",
];
/// What stands before `token` where it is a number of tokens, or one of a text.
const TOKENS: [&str; 10] = [
    "bos", "cls", "eos", "mask", "max", "min", "num", "pad", "stop", "unk",
];
/// Values that are none.
const NOTHING: [&str; 14] = [
    "empty",
    "expired",
    "false",
    "hidden",
    "invalid",
    "missing",
    "none",
    "null",
    "redacted",
    "required",
    "true",
    "undefined",
    "unknown",
    "unset",
];
/// How a credential in `Authorization` may begin.
const SCHEMES: [&str; 6] = ["apikey", "basic", "bearer", "digest", "key", "token"];
/// A shorter value is rather a number or a mark.
const SHORTEST: usize = 4;
/// Without quotes, and after a colon, a shorter one is rather a word.
const SHORTEST_SAID: usize = 8;
const SHORTEST_TOKEN: usize = 16;

/// `text` without such values.
pub(super) fn hide(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    for (at, _) in text.match_indices([':', '=']) {
        if at < copied {
            continue; // within a value
        }
        let found = if text[at..].starts_with("://") {
            password_at(text, at + 3)
        } else {
            value_at(text, at)
        };
        if let Some(value) = found {
            out.push_str(&text[copied..value.start]);
            out.push_str(HIDDEN);
            copied = value.end;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Whether the value of a member of an object is a secret.
pub(super) fn is_secret_member(name: &str, value: &str) -> bool {
    is_secret_name(name) && is_value(value, SHORTEST)
}

/// Whether the value of something of this name is a secret.
fn is_secret_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let lower = in_words(last);
    let words: Vec<&str> = lower.split('_').filter(|word| !word.is_empty()).collect();
    let Some((end, before)) = words.split_last() else {
        return false;
    };
    let of = before.last().copied().unwrap_or_default();
    match *end {
        "token" => !TOKENS.contains(&of),
        // A variable: in programs a key is much that is no secret.
        "key" => KEYS.contains(&of) || (!of.is_empty() && last.chars().all(is_of_variable)),
        end => NAMES.contains(&end) || end.ends_with("password"),
    }
}

/// `apiKey` and `X-Api-Key` as `api_key` and `x_api_key`.
fn in_words(name: &str) -> String {
    let mut out = String::new();
    let mut after_small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && after_small {
            out.push('_');
        }
        after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c == '-' {
            '_'
        } else {
            c.to_ascii_lowercase()
        });
    }
    out
}

fn is_of_variable(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// The value that what stands before the sign at `at` is given, if it is a secret.
fn value_at(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text[..at].trim_end_matches([' ', '\t']);
    let bare = before.trim_end_matches(['"', '\'']).trim_end_matches('\\');
    let is_quoted = bare.len() < before.len();
    let start = bare.rfind(|c: char| !is_of_name(c)).map_or(0, |at| {
        at + bare[at..].chars().next().map_or(1, char::len_utf8)
    });
    let name = bare[start..].trim_start_matches(['-', '.']);
    if !is_secret_name(name) {
        return None;
    }
    let colon = text[at..].starts_with(':');
    if text[at..].starts_with("::") || text[..at].ends_with(':') {
        return None; // a path of a program
    }
    let rest = text[at + 1..].trim_start_matches([' ', '\t']);
    let from = text.len() - rest.len();
    let quote = [r#"\""#, r"\'", "\"", "'"]
        .into_iter()
        .find(|quote| rest.starts_with(quote));
    let value = match quote {
        Some(quote) => quoted(text, from + quote.len(), quote),
        None if is_quoted && colon => return None, // a number or a list in JSON
        None => unquoted(text, from)?,
    };
    let (value, has_scheme) = without_scheme(text, name, value);
    let said = colon && quote.is_none() && !has_scheme;
    let least = match said {
        // Parsers speak of tokens that they did not expect.
        true if name.eq_ignore_ascii_case("token") => SHORTEST_TOKEN,
        true => SHORTEST_SAID,
        false => SHORTEST,
    };
    let found = &text[value.clone()];
    (is_value(found, least) && (!said || is_no_word(found))).then_some(value)
}

/// Up to the quote that ends it.
fn quoted(text: &str, from: usize, quote: &str) -> Range<usize> {
    let mut escaped = false;
    for (at, c) in text[from..].char_indices() {
        let rest = &text[from + at..];
        if !escaped && rest.starts_with(quote) {
            return from..from + at;
        }
        escaped = !escaped && c == '\\' && quote.len() == 1;
    }
    from..text.len()
}

/// Up to where a value without quotes ends; none for a call.
fn unquoted(text: &str, from: usize) -> Option<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || "\"'`\\&,;<>()[]{}|".contains(c);
    let rest = &text[from..];
    let length = rest.find(ends).unwrap_or(rest.len());
    let is_call = rest[length..].starts_with(['(', '[']);
    (!is_call).then_some(from..from + length)
}

/// In `Authorization: Basic abc` the value is the last word; and whether it is so.
fn without_scheme(text: &str, name: &str, value: Range<usize>) -> (Range<usize>, bool) {
    if !name.to_ascii_lowercase().ends_with("authorization") {
        return (value, false);
    }
    let said = &text[value.clone()];
    let scheme = said.split(' ').next().unwrap_or_default();
    let mut schemes = SCHEMES.iter();
    if !schemes.any(|known| scheme.eq_ignore_ascii_case(known)) {
        return (value, false);
    }
    let after = value.start + scheme.len();
    let rest = text[after..].trim_start_matches(' ');
    let from = text.len() - rest.len();
    if from < value.end {
        return (from..value.end, true);
    }
    (unquoted(text, from).unwrap_or(from..from), true)
}

/// Whether it can be a secret.
fn is_value(value: &str, least: usize) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_placeholder = value.starts_with(['$', '<', '{', '%', '['])
        || value
            .chars()
            .all(|c| matches!(c, '*' | '.' | 'x' | 'X' | '-'))
        || NOTHING.contains(&lower.trim_end_matches(['.', '!']));
    let is_variable =
        value.contains('_') && value.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let is_number = value.len() < 6 && value.bytes().all(|byte| byte.is_ascii_digit());
    value.len() >= least && !(is_placeholder || is_variable || is_number)
}

/// What is said after a colon may be a word of a sentence.
fn is_no_word(value: &str) -> bool {
    let has = |test: fn(&char) -> bool| value.chars().any(|c| test(&c));
    has(char::is_ascii_digit)
        || value.contains(['!', '@', '#', '$', '%', '^', '*', '+', '/', '='])
        || (has(char::is_ascii_lowercase) && value.chars().skip(1).any(|c| c.is_ascii_uppercase()))
}

/// The password of an address whose host begins at `from`, or its user.
fn password_at(text: &str, from: usize) -> Option<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || "/?#\"'<>\\`".contains(c);
    let rest = &text[from..];
    let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let (user, _host) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let is_hidden = password.is_empty() || password == HIDDEN || password.starts_with(['$', '<']);
    let start = from + name.len() + 1;
    (!is_hidden).then_some(start..from + user.len())
}
