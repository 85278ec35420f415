//! What kind of file something is: the images that the engine takes by their first bytes, the rest by its name.

/// How many bytes the look at a file's beginning needs.
pub(super) const HEAD: usize = 12;

const UNKNOWN: &str = "application/octet-stream";

/// The images that the engine takes: it leaves out others, and tells only the model.
const IMAGES: [(&str, &str); 4] = [
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
];

/// Whether the engine takes such an image.
pub(super) fn is_image(media_type: &str) -> bool {
    IMAGES.iter().any(|(known, _)| *known == media_type)
}

/// The media types that the engine takes as images, for messages.
pub(super) fn images() -> String {
    IMAGES.map(|(known, _)| known).join(", ")
}

/// The image that begins with these bytes.
fn by_content(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ => None,
    }
}

/// The media type of a file by its beginning, what its source says, and its name.
pub(super) fn guess(head: &[u8], hint: Option<&str>, name: &str) -> String {
    // Of the engine's images the content is known, and it was not it.
    let told = hint.filter(|hint| is_valid(hint) && *hint != UNKNOWN && !is_image(hint));
    let by_name = || {
        mime_guess::from_path(name)
            .first_raw()
            .filter(|guess| !is_image(guess))
    };
    by_content(head)
        .or(told)
        .or_else(by_name)
        .unwrap_or(UNKNOWN)
        .to_owned()
}

/// A name for a file that has none.
pub(super) fn default_name(head: &[u8]) -> String {
    let extension = by_content(head).and_then(|found| {
        let (_, extension) = IMAGES.iter().find(|(known, _)| *known == found)?;
        Some(*extension)
    });
    match extension {
        Some(extension) => format!("image.{extension}"),
        None => super::name::DEFAULT.to_owned(),
    }
}

/// Whether a text can be a media type: `type/subtype`, perhaps with parameters.
pub(super) fn is_valid(media_type: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let essence = media_type.split(';').next().unwrap_or_default().trim_end();
    media_type.bytes().all(|b| (0x20..0x7f).contains(&b))
        && essence
            .split_once('/')
            .is_some_and(|(kind, sub)| token(kind) && token(sub))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_counts_more_than_the_name() {
        for (head, name, expected) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "x.txt", "image/png"),
            (b"\xff\xd8\xff\xe0", "x", "image/jpeg"),
            (b"GIF89a......", "", "image/gif"),
            (b"RIFF\0\0\0\0WEBP", "a.bin", "image/webp"),
            (b"RIFF\0\0\0\0WAVE", "a.wav", "audio/wav"),
            (b"hello", "notes.txt", "text/plain"),
            (b"hello", "fake.png", UNKNOWN),
            (b"<svg/>", "x.svg", "image/svg+xml"),
            (b"", "nothing", UNKNOWN),
        ] {
            assert_eq!(guess(head, None, name), expected, "{name}");
        }
        assert_eq!(guess(b"<svg/>", Some("text/html"), "x.svg"), "text/html");
        assert_eq!(guess(b"hello", Some("image/png"), "x"), UNKNOWN);
        assert_eq!(guess(b"GIF87a", Some("text/html"), "x"), "image/gif");
        assert_eq!(default_name(b"GIF87a"), "image.gif");
        assert_eq!(default_name(b"text"), "file");
        for good in [
            "text/plain",
            "text/plain;charset=utf-8",
            "application/vnd.x+json",
        ] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["", "text", "/", "text/", "a b/c", "text/plain\n", "text/ü"] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
