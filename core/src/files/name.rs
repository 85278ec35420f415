//! What a staged file may be called: the same rules on every system, so that a folder can be moved between them.

use std::borrow::Cow;

/// The longest name, in bytes of UTF-8; file systems end at 255.
pub(super) const LONGEST: usize = 200;

/// Names that are devices on Windows, whatever their extension.
const RESERVED: [&str; 8] = [
    "CON", "PRN", "AUX", "NUL", "COM", "LPT", "CONIN$", "CONOUT$",
];

/// The name of a file about which nothing is known.
pub(super) const DEFAULT: &str = "file";

/// Why a name is not safe; `None` for one that is.
pub(super) fn problem(name: &str) -> Option<Cow<'static, str>> {
    if name.is_empty() {
        return Some("it is empty".into());
    }
    if name == "." || name == ".." {
        return Some("it is a folder's name".into());
    }
    if name.contains(['/', '\\']) {
        return Some("it has a path; give the file's name alone".into());
    }
    if let Some(bad) = name.chars().find(|c| is_bad(*c)) {
        return Some(format!("it has the character {bad:?}, which is not safe in a name").into());
    }
    if name.len() > LONGEST {
        return Some(format!("it has {} bytes; at most {LONGEST} are safe", name.len()).into());
    }
    if name.trim() != name || name.ends_with('.') {
        return Some("it begins or ends with a space, or ends with a dot".into());
    }
    if is_reserved(name) {
        return Some("it is the name of a device on Windows".into());
    }
    None
}

/// A safe name as near to `name` as can be; of a path, its last part.
pub(super) fn sanitise(name: &str) -> String {
    let last = name
        .rsplit(['/', '\\'])
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let clean: String = last
        .chars()
        .map(|c| if is_bad(c) { '_' } else { c })
        .collect();
    let trimmed = shorten(clean.trim())
        .trim_end_matches(|c: char| c == '.' || c.is_whitespace())
        .to_owned();
    if trimmed.is_empty() {
        DEFAULT.to_owned()
    } else if is_reserved(&trimmed) {
        format!("_{trimmed}")
    } else {
        trimmed
    }
}

/// Cuts the stem of a long name and keeps its extension.
fn shorten(name: &str) -> String {
    // A place is left for the underscore before a reserved name.
    const ROOM: usize = LONGEST - 1;
    let most = if is_reserved(name) { ROOM } else { LONGEST };
    if name.len() <= most {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 20 => {
            (stem, format!(".{extension}"))
        }
        _ => (name, String::new()),
    };
    let mut end = (ROOM - extension.len()).min(stem.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{extension}", &stem[..end])
}

/// Separators, what Windows forbids, control characters, and those that make a text read otherwise than it is.
fn is_bad(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let numbered = stem.char_indices().nth(3).is_some_and(|(at, c)| {
        (c.is_ascii_digit() || matches!(c, '¹' | '²' | '³')) && at + c.len_utf8() == stem.len()
    });
    RESERVED.iter().any(|reserved| match *reserved {
        "COM" | "LPT" => {
            numbered
                && stem
                    .get(..3)
                    .is_some_and(|start| start.eq_ignore_ascii_case(reserved))
        }
        other => stem.eq_ignore_ascii_case(other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_that_is_safe_stays() {
        for name in [
            "a".repeat(LONGEST),
            format!("{}.txt", "a".repeat(LONGEST - 4)),
        ] {
            assert_eq!((problem(&name), sanitise(&name)), (None, name.clone()));
        }
        let device = format!("CON.{}", "a".repeat(LONGEST - 4));
        assert_eq!(problem(&sanitise(&device)), None);
    }

    #[test]
    fn what_a_cut_or_a_dot_leaves_at_the_end_is_no_space_of_any_kind() {
        let cut = format!("{}\u{2000}{}", "a".repeat(LONGEST - 4), "b".repeat(40));
        for name in ["a\u{2000}.", "a\u{3000}..", cut.as_str()] {
            assert_eq!(problem(&sanitise(name)), None, "{name:?}");
        }
    }

    #[test]
    fn unsafe_names_are_told_from_safe_ones() {
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "/etc/passwd",
            "C:x",
            "a\0b",
            "a\nb",
            "x.",
            " x",
            "x ",
            "con",
            "NUL.txt",
            "com1",
            "Lpt9.tar.gz",
            "aux .txt",
            "a\u{202e}gnp.exe",
            "com²",
        ] {
            assert!(problem(bad).is_some(), "{bad:?}");
            let mended = sanitise(bad);
            assert_eq!(problem(&mended), None, "{bad:?} -> {mended:?}");
        }
        assert!(problem(&"x".repeat(201)).is_some());
        for good in [
            "a",
            "notes.txt",
            ".env",
            "Ünïcode 文.png",
            "com",
            "com10",
            "console.log",
            "a..b",
        ] {
            assert_eq!(problem(good), None, "{good:?}");
            assert_eq!(sanitise(good), good);
        }
    }

    #[test]
    fn names_are_mended() {
        for (name, mended) in [
            ("/a/b/c.png", "c.png"),
            ("C:\\Users\\x\\d.txt", "d.txt"),
            ("folder/", "folder"),
            ("what?.txt", "what_.txt"),
            ("...", "file"),
            ("nul", "_nul"),
        ] {
            assert_eq!(sanitise(name), mended);
        }
        let long = sanitise(&format!("{}.tar", "文".repeat(100)));
        assert!(long.len() <= LONGEST && long.ends_with("文.tar"), "{long}");
        assert_eq!(problem(&sanitise(&"x".repeat(1000))), None);
    }
}
