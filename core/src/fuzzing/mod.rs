//! What the fuzz targets of `fuzz/` and the replay of their corpus call: one function for each target, which takes
//! any bytes, gives them to our parsers and asserts what must hold of any input.
//!
//! It is behind the feature `fuzzing`, no part of the public interface, and decides nothing.

mod events;
mod exec;
mod json;
mod lines;
mod text;

pub use events::events;
pub use exec::exec;
pub use json::json;
pub use lines::lines;
pub use text::text;

/// A target's name and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 5] = [
    ("lines", lines),
    ("events", events),
    ("exec", exec),
    ("text", text),
    ("json", json),
];

/// The first byte, which chooses, and the rest.
fn choice(data: &[u8]) -> (u8, &[u8]) {
    data.split_first()
        .map_or((0, data), |(first, rest)| (*first, rest))
}

/// The data as text, its bad bytes replaced.
fn as_text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// The same text in pieces of `size` characters.
fn pieces(text: &str, size: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(size.max(1))
        .map(|piece| piece.iter().collect())
        .collect()
}
