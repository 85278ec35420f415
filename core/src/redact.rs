//! Takes secrets out of text that goes into errors and diagnostics.
//!
//! It knows the shapes that this field uses: API keys (`sk-...`), JSON Web Tokens, what follows `Bearer`.

use std::borrow::Cow;

const HIDDEN: &str = "[redacted]";

/// `text` with every secret that can be told by its shape replaced.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut after_bearer = false;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        if length == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let word = &rest[..length];
        // In JSON text, the letter of an escape stands before the word: `\nsk-...`.
        let bare = if text[..at].ends_with('\\') {
            &word[1..]
        } else {
            word
        };
        if is_secret(word) || is_secret(bare) || (after_bearer && length >= 8) {
            out.push_str(&text[copied..at]);
            out.push_str(HIDDEN);
            copied = at + length;
        }
        after_bearer = word.eq_ignore_ascii_case("bearer");
        at += length;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/' | '~')
}

/// At its beginning, or behind something in it that is no letter: a path holds secrets, too, and a `task-list` is none.
fn is_secret(word: &str) -> bool {
    let begins = |at: usize| at == 0 || !word.as_bytes()[at - 1].is_ascii_alphabetic();
    let from = |start: &str| {
        let mut found = word.match_indices(start).filter(|(at, _)| begins(*at));
        found.next().map(|(at, _)| &word[at..])
    };
    let key = from("sk-").is_some_and(|word| word.len() >= 12);
    let token = from("eyJ").is_some_and(|word| word.len() >= 24 && word.contains('.'));
    key || token
}

#[cfg(test)]
mod tests {
    use super::redact;

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
            (
                "a task-list-of-things, a disk-usage-1234567",
                "a task-list-of-things, a disk-usage-1234567",
            ),
            (
                "nothing to hide: task-list, sk-1",
                "nothing to hide: task-list, sk-1",
            ),
        ] {
            assert_eq!(redact(text), clean);
        }
    }
}
