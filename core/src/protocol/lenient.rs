//! Reading JSON whose strings may hold lone surrogates, which `serde_json` refuses and engines do send.
//!
//! Nothing else about the text is forgiven.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// Parses `text`; where that fails only because of lone surrogates, they become U+FFFD.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(text).or_else(|error| match replace_lone_surrogates(text) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(mended) => serde_json::from_str(&mended),
    })
}

/// Replaces `\uD8xx` escapes that are not half of a pair by `\uFFFD`; borrowed when there are none.
#[must_use]
pub fn replace_lone_surrogates(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut mended = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'\\', &bytes[at..]) {
        at += offset;
        let Some(unit) = escaped_unit(bytes, at) else {
            at += 2; // any other escape, so that an escaped backslash hides what follows it
            if at >= bytes.len() {
                break;
            }
            continue;
        };
        let pairs = matches!(unit, 0xD800..=0xDBFF)
            && matches!(escaped_unit(bytes, at + 6), Some(0xDC00..=0xDFFF));
        if pairs {
            at += 12;
        } else {
            if matches!(unit, 0xD800..=0xDFFF) {
                mended.push_str(&text[copied..at]);
                mended.push_str("\\ufffd");
                copied = at + 6;
            }
            at += 6;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    mended.push_str(&text[copied..]);
    Cow::Owned(mended)
}

/// The code unit of a `\uXXXX` escape that begins at `at`.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    if !escape.starts_with(b"\\u") {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(&escape[2..]).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{from_str, replace_lone_surrogates};

    #[test]
    fn mends_only_what_is_alone() {
        for (text, mended) in [
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""a\ud800b""#, r#""a\ufffdb""#),
            (r#""\udc00\ud800""#, r#""\ufffd\ufffd""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\ud800\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\"#, r#""\"#),
        ] {
            assert_eq!(replace_lone_surrogates(text), mended);
        }
        assert_eq!(
            from_str::<String>(r#""\ud800x""#).ok().as_deref(),
            Some("\u{fffd}x")
        );
        assert!(from_str::<String>("\"\\ud800").is_err());
    }
}
