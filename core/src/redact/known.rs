//! The secrets that are known by their values: those of the variables that an engine was given.
//!
//! They are kept for the whole process, because an error of one client may be told where nothing is known of the client.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

use super::HIDDEN;

/// A shorter value is found in too much that is none.
const SHORTEST: usize = 8;
/// More are not kept.
const MOST: usize = 1024;
/// How the name of a variable ends whose value is a secret.
const ENDINGS: [&str; 6] = [
    "_KEY",
    "_TOKEN",
    "_SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
];

/// The longest first, so that one that is a part of another leaves nothing of it.
static VALUES: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// From now on the values of those variables that are secrets by their names are left out of texts.
pub(crate) fn learn<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let secrets = variables
        .into_iter()
        .filter(|(name, value)| is_secret_variable(name) && value.trim().len() >= SHORTEST);
    let mut values = VALUES.write().unwrap_or_else(PoisonError::into_inner);
    for (_, value) in secrets {
        let value = value.trim();
        // As it stands in JSON text, too.
        let quoted = serde_json::Value::from(value).to_string();
        for form in [value, &quoted[1..quoted.len() - 1]] {
            if values.len() < MOST && !values.iter().any(|known| known == form) {
                values.push(form.to_owned());
            }
        }
    }
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
}

fn is_secret_variable(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// `text` without the values that are known.
pub(super) fn hide(text: &str) -> Cow<'_, str> {
    let values = VALUES.read().unwrap_or_else(PoisonError::into_inner);
    hide_all(text, &values)
}

fn hide_all<'a>(text: &'a str, values: &[String]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    for value in values {
        if let Some(clean) = without(&text, value) {
            text = Cow::Owned(clean);
        }
    }
    text
}

/// None if the value is not in it. Within a longer word it is not that value.
fn without(text: &str, value: &str) -> Option<String> {
    let (mut out, mut copied) = (String::new(), 0);
    for (at, found) in text.match_indices(value) {
        let end = at + found.len();
        let mut back = text[..at].chars().rev();
        let before = back.next();
        let joins = |outer: Option<char>, inner: Option<char>| {
            outer.is_some_and(char::is_alphanumeric) && inner.is_some_and(char::is_alphanumeric)
        };
        // In JSON text the letter of an escape stands before the word: `\nVALUE`.
        let escaped = back.next() == Some('\\');
        let starts = escaped || !joins(before, value.chars().next());
        if starts && !joins(text[end..].chars().next(), value.chars().next_back()) {
            out.push_str(&text[copied..at]);
            out.push_str(HIDDEN);
            copied = end;
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&text[copied..]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_a_secret_by_its_name() {
        for name in ["OPENAI_API_KEY", "gh_token", "X_SECRET", "PGPASSWORD"] {
            assert!(is_secret_variable(name), "{name}");
        }
        for name in ["PATH", "KEYBOARD", "TOKENIZERS_PARALLELISM", "MONKEY"] {
            assert!(!is_secret_variable(name), "{name}");
        }
    }

    #[test]
    fn known_values_go_and_what_only_holds_them_stays() {
        let values = ["correct-horse-battery", "correct-horse"].map(str::to_owned);
        for (text, clean) in [
            ("it is correct-horse.", "it is [redacted]."),
            ("x=correct-horse-battery&y", "x=[redacted]&y"),
            (r#""a\ncorrect-horse""#, r#""a\n[redacted]""#),
            (
                "incorrect-horse, correct-horses",
                "incorrect-horse, correct-horses",
            ),
            ("correct-horse correct-horse", "[redacted] [redacted]"),
        ] {
            assert_eq!(hide_all(text, &values), clean);
        }
        assert!(matches!(hide_all("nothing", &values), Cow::Borrowed(_)));
    }
}
