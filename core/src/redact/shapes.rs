//! The secrets that are known by their shapes: keys and tokens with a beginning of their own.

use std::borrow::Cow;

use super::HIDDEN;

/// How a key begins, and how many characters follow at least; `Rest` says which.
struct Shape {
    start: &'static str,
    least: usize,
    rest: Rest,
}

#[derive(Clone, Copy)]
enum Rest {
    Letters,
    Capitals,
    Words,
    /// Whatever a word has, dots and slashes too.
    Anything,
}

impl Rest {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Letters => byte.is_ascii_alphanumeric(),
            Self::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Words => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Self::Anything => true,
        }
    }
}

const fn shape(start: &'static str, least: usize, rest: Rest) -> Shape {
    Shape { start, least, rest }
}

const SHAPES: [Shape; 22] = [
    shape("sk-", 9, Rest::Anything),
    // GitHub
    shape("ghp_", 20, Rest::Letters),
    shape("gho_", 20, Rest::Letters),
    shape("ghu_", 20, Rest::Letters),
    shape("ghs_", 20, Rest::Letters),
    shape("ghr_", 20, Rest::Letters),
    shape("github_pat_", 20, Rest::Words),
    // GitLab
    shape("glpat-", 20, Rest::Words),
    // AWS
    shape("AKIA", 16, Rest::Capitals),
    shape("ASIA", 16, Rest::Capitals),
    // Slack
    shape("xoxa-", 10, Rest::Words),
    shape("xoxb-", 10, Rest::Words),
    shape("xoxe-", 10, Rest::Words),
    shape("xoxp-", 10, Rest::Words),
    shape("xoxr-", 10, Rest::Words),
    shape("xoxs-", 10, Rest::Words),
    shape("xapp-", 10, Rest::Words),
    // Google
    shape("AIza", 30, Rest::Words),
    // Hugging Face, npm, Stripe
    shape("hf_", 20, Rest::Letters),
    shape("npm_", 30, Rest::Letters),
    shape("sk_live_", 16, Rest::Letters),
    shape("rk_live_", 16, Rest::Letters),
];

/// `text` without the words that hold a secret, and without what follows `Bearer`.
pub(super) fn hide(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut after_bearer = false;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(HIDDEN) {
            after_bearer = false;
            at += HIDDEN.len();
            continue;
        }
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
    let key = SHAPES.iter().any(|shape| {
        let mut found = word.match_indices(shape.start);
        found.any(|(at, start)| {
            let rest = word[at + start.len()..].bytes();
            begins(at) && rest.take_while(|byte| shape.rest.has(*byte)).count() >= shape.least
        })
    });
    let mut tokens = word.match_indices("eyJ").filter(|(at, _)| begins(*at));
    let is_token = |word: &str| word.len() >= 24 && word.contains('.');
    key || tokens.next().is_some_and(|(at, _)| is_token(&word[at..]))
}
