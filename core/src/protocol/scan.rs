//! One pass over a line of the engine: is it valid JSON, what kind of message is it, and where are its ids.
//!
//! It allocates nothing and decodes nothing: it gives byte spans. It must agree with `serde_json` on
//! what is valid (a property test holds it to that); what it does not do is interpret payloads.

use memchr::memchr2;

use crate::protocol::generated::methods::notification_id;

/// No line may be longer, whatever the options say: spans in a line are 32 bits wide.
pub(crate) const MAX_LINE_BYTES: usize = (u32::MAX as usize) - 1;

/// A stretch of bytes in a line; `NONE` where there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) const NONE: Self = Self {
        start: u32::MAX,
        end: u32::MAX,
    };

    pub(crate) fn is_some(self) -> bool {
        self.start != u32::MAX
    }

    pub(crate) fn range(self) -> Option<std::ops::Range<usize>> {
        self.is_some()
            .then_some(self.start as usize..self.end as usize)
    }

    pub(crate) fn of(self, line: &str) -> Option<&str> {
        line.get(self.range()?)
    }
}

/// The spans of one message. String spans are the contents between the quotes, still escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) method: Span,
    pub(crate) id: Span,
    pub(crate) params: Span,
    pub(crate) result: Span,
    pub(crate) error: Span,
    pub(crate) thread_id: Span,
    pub(crate) turn_id: Span,
    pub(crate) item_id: Span,
    pub(crate) delta: Span,
    /// The number of a notification that the generated table knows.
    pub(crate) method_id: Option<u16>,
    /// The delta's text has escapes, so that it is not yet text.
    pub(crate) delta_escaped: bool,
    /// A method or id has escapes: the line must be put into canonical form first.
    pub(crate) escaped_ids: bool,
}

impl Envelope {
    const EMPTY: Self = Self {
        method: Span::NONE,
        id: Span::NONE,
        params: Span::NONE,
        result: Span::NONE,
        error: Span::NONE,
        thread_id: Span::NONE,
        turn_id: Span::NONE,
        item_id: Span::NONE,
        delta: Span::NONE,
        method_id: None,
        delta_escaped: false,
        escaped_ids: false,
    };
}

/// Why a line is not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScanError {
    /// The text is not JSON; the offset says where it stops being so.
    Malformed(usize),
    /// It is JSON, but not an object.
    NotAnObject,
}

/// Deeper nesting is refused, as `serde_json` does, so that no input can exhaust the stack.
const MAX_DEPTH: u32 = 126;

/// Scans one line (without its newline).
pub(crate) fn scan(line: &str) -> Result<Envelope, ScanError> {
    scan_noting(line, &mut None)
}

/// The same; notes how it stood at the text of a delta.
pub(super) fn scan_noting(line: &str, seen: &mut Option<Seen>) -> Result<Envelope, ScanError> {
    let mut scanner = Scanner {
        bytes: line.as_bytes(),
        at: 0,
        seen,
    };
    let mut envelope = Envelope::EMPTY;
    scanner.space();
    if scanner.peek() != Some(b'{') {
        return match scanner.value(0).and_then(|()| scanner.end()) {
            Ok(()) => Err(ScanError::NotAnObject),
            Err(Bad) => Err(ScanError::Malformed(scanner.at)),
        };
    }
    match scanner.message(&mut envelope).and_then(|()| scanner.end()) {
        Ok(()) => Ok(envelope),
        Err(Bad) => Err(ScanError::Malformed(scanner.at)),
    }
}

/// How a scan stood when it had read the quote before the text of a delta. Another line that begins with the same
/// bytes can be scanned from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) at: usize,
    params: usize,
    envelope: Envelope,
    nested: Nested,
}

impl Seen {
    /// Scans a line that begins as the one that this was noted of did. `None` when it is not a message.
    pub(super) fn go_on(&self, line: &str, tail: &mut Tail) -> Option<Envelope> {
        let mut scanner = Scanner {
            bytes: line.as_bytes(),
            at: self.at,
            seen: &mut None,
        };
        scanner.message_from(self, tail).ok()
    }
}

/// What stood behind the text of a delta, where nothing in it says anything of the message: the events of a moment end
/// alike. Such a line need not be scanned to its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    bytes: Vec<u8>,
    /// How many of the bytes belong to the parameters.
    params: usize,
}

impl Tail {
    /// Longer ones are not worth their memory.
    const LONGEST: usize = 128;

    fn is(&self, bytes: &[u8]) -> bool {
        !self.bytes.is_empty() && self.bytes == bytes
    }

    fn note(&mut self, bytes: &[u8], params: usize) {
        self.bytes.clear();
        if bytes.len() <= Self::LONGEST {
            self.bytes.extend_from_slice(bytes);
            self.params = params;
        }
    }
}

/// Ids that stand in an object of the parameters: they count only where the flat one is missing, whatever their
/// order.
#[derive(Clone, Copy, Debug)]
struct Nested {
    turn: Span,
    thread: Span,
    item: Span,
}

impl Nested {
    const EMPTY: Self = Self {
        turn: Span::NONE,
        thread: Span::NONE,
        item: Span::NONE,
    };

    fn settle(self, envelope: &mut Envelope) {
        for (flat, nested) in [
            (&mut envelope.turn_id, self.turn),
            (&mut envelope.thread_id, self.thread),
            (&mut envelope.item_id, self.item),
        ] {
            if !flat.is_some() {
                *flat = nested;
            }
        }
    }
}

/// The text is not JSON at the scanner's position.
struct Bad;

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    seen: &'a mut Option<Seen>,
}

struct Text {
    span: Span,
    escaped: bool,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn end(&mut self) -> Result<(), Bad> {
        self.space();
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(Bad)
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Bad> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(Bad)
        }
    }

    fn span_from(&self, start: usize) -> Span {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "lines are limited to less than 4 GiB"
        )]
        Span {
            start: start as u32,
            end: self.at as u32,
        }
    }

    /// Walks an object, calling `take` with each key at the member's value.
    fn object(
        &mut self,
        mut take: impl FnMut(&mut Self, Text) -> Result<(), Bad>,
    ) -> Result<(), Bad> {
        self.expect(b'{')?;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        let key = self.key()?;
        take(self, key)?;
        self.rest(take)
    }

    /// The same from behind a member.
    fn rest(
        &mut self,
        mut take: impl FnMut(&mut Self, Text) -> Result<(), Bad>,
    ) -> Result<(), Bad> {
        loop {
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Bad),
            }
            let key = self.key()?;
            take(self, key)?;
        }
    }

    /// A key, up to its value.
    fn key(&mut self) -> Result<Text, Bad> {
        self.space();
        let key = self.string()?;
        self.space();
        self.expect(b':')?;
        self.space();
        Ok(key)
    }

    fn message(&mut self, envelope: &mut Envelope) -> Result<(), Bad> {
        self.object(|scanner, key| scanner.message_member(&key, envelope))
    }

    /// A message from the text of its delta on.
    fn message_from(&mut self, seen: &Seen, tail: &mut Tail) -> Result<Envelope, Bad> {
        let (mut envelope, mut nested) = (seen.envelope, seen.nested);
        let text = self.string_rest()?;
        envelope.delta = text.span;
        envelope.delta_escaped = text.escaped;
        let behind = self.at;
        let mut plain = envelope;
        nested.settle(&mut plain);
        if tail.is(&self.bytes[behind..]) {
            self.at += tail.params;
            plain.params = self.span_from(seen.params);
            return Ok(plain);
        }
        self.rest(|scanner, key| scanner.param(&key, 0, &mut envelope, &mut nested))?;
        nested.settle(&mut envelope);
        envelope.params = self.span_from(seen.params);
        plain.params = envelope.params;
        let params = self.at - behind;
        self.rest(|scanner, key| scanner.message_member(&key, &mut envelope))?;
        self.end()?;
        if envelope == plain {
            tail.note(&self.bytes[behind..], params);
        }
        Ok(envelope)
    }

    fn message_member(&mut self, key: &Text, envelope: &mut Envelope) -> Result<(), Bad> {
        let start = self.at;
        match self.text_of(key) {
            b"method" => {
                envelope.method = self.id_string(1, &mut envelope.escaped_ids)?;
                let method = envelope.method.range();
                envelope.method_id =
                    method.and_then(|range| notification_id(self.bytes.get(range)?));
            }
            b"params" => {
                if self.peek() == Some(b'{') {
                    self.params(envelope)?;
                } else {
                    self.value(1)?;
                }
                envelope.params = self.span_from(start);
            }
            b"id" => {
                self.value(1)?;
                envelope.id = self.span_from(start);
            }
            b"result" => {
                self.value(1)?;
                envelope.result = self.span_from(start);
            }
            b"error" => {
                self.value(1)?;
                envelope.error = self.span_from(start);
            }
            _ => {
                envelope.escaped_ids |= key.escaped;
                self.value(1)?;
            }
        }
        Ok(())
    }

    fn params(&mut self, envelope: &mut Envelope) -> Result<(), Bad> {
        let (start, mut nested) = (self.at, Nested::EMPTY);
        self.object(|scanner, key| scanner.param(&key, start, envelope, &mut nested))?;
        nested.settle(envelope);
        Ok(())
    }

    /// A member of the parameters, which begin at `start`.
    fn param(
        &mut self,
        key: &Text,
        start: usize,
        envelope: &mut Envelope,
        nested: &mut Nested,
    ) -> Result<(), Bad> {
        match self.text_of(key) {
            b"threadId" => {
                envelope.thread_id = self.id_string(2, &mut envelope.escaped_ids)?;
            }
            b"turnId" => {
                envelope.turn_id = self.id_string(2, &mut envelope.escaped_ids)?;
            }
            b"itemId" => {
                envelope.item_id = self.id_string(2, &mut envelope.escaped_ids)?;
            }
            b"delta" if self.peek() == Some(b'"') => {
                self.at += 1;
                *self.seen = Some(Seen {
                    at: self.at,
                    params: start,
                    envelope: *envelope,
                    nested: *nested,
                });
                let text = self.string_rest()?;
                envelope.delta = text.span;
                envelope.delta_escaped = text.escaped;
            }
            b"turn" => nested.turn = self.nested_id(&mut envelope.escaped_ids)?,
            b"thread" => nested.thread = self.nested_id(&mut envelope.escaped_ids)?,
            b"item" => nested.item = self.nested_id(&mut envelope.escaped_ids)?,
            _ => {
                envelope.escaped_ids |= key.escaped;
                self.value(2)?;
            }
        }
        Ok(())
    }

    /// The `id` member of an object, if the value is one.
    fn nested_id(&mut self, escaped_ids: &mut bool) -> Result<Span, Bad> {
        let mut found = Span::NONE;
        if self.peek() != Some(b'{') {
            self.value(2)?;
            return Ok(found);
        }
        self.object(|scanner, key| {
            if scanner.text_of(&key) == b"id" {
                found = scanner.id_string(3, escaped_ids)?;
            } else {
                scanner.value(3)?;
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn id_string(&mut self, depth: u32, escaped_ids: &mut bool) -> Result<Span, Bad> {
        if self.peek() == Some(b'"') {
            let text = self.string()?;
            *escaped_ids |= text.escaped;
            Ok(text.span)
        } else {
            self.value(depth)?;
            Ok(Span::NONE)
        }
    }

    fn text_of(&self, text: &Text) -> &[u8] {
        &self.bytes[text.span.start as usize..text.span.end as usize]
    }

    fn value(&mut self, depth: u32) -> Result<(), Bad> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'{') if depth < MAX_DEPTH => self.object(|scanner, _| scanner.value(depth + 1)),
            Some(b'[') if depth < MAX_DEPTH => self.array(depth),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(Bad),
        }
    }

    fn array(&mut self, depth: u32) -> Result<(), Bad> {
        self.expect(b'[')?;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            self.value(depth + 1)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Bad),
            }
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Bad> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(Bad)
        }
    }

    fn digits(&mut self) -> Result<(), Bad> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|byte| !byte.is_ascii_digit());
        let count = end.unwrap_or(rest.len());
        self.at += count;
        if count > 0 { Ok(()) } else { Err(Bad) }
    }

    fn number(&mut self) -> Result<(), Bad> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Text, Bad> {
        self.expect(b'"')?;
        self.string_rest()
    }

    /// A string from behind its first quote.
    fn string_rest(&mut self) -> Result<Text, Bad> {
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at = self.next_special().ok_or(Bad)?;
            match self.bytes[self.at] {
                b'"' => {
                    let span = self.span_from(start);
                    self.at += 1;
                    return Ok(Text { span, escaped });
                }
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(Bad),
            }
        }
    }

    /// The next quote, backslash or control character.
    ///
    /// Most strings are keys and ids, too short for a vector search to pay: eight bytes are looked at at
    /// once for a while first.
    fn next_special(&self) -> Option<usize> {
        const NEAR: usize = 64;
        let rest = &self.bytes[self.at..];
        let (words, _) = rest.as_chunks::<8>();
        let mut near = 0;
        for word in words.iter().take(NEAR / 8) {
            let found = special_in(u64::from_le_bytes(*word));
            if found != 0 {
                return Some(self.at + near + found.trailing_zeros() as usize / 8);
            }
            near += 8;
        }
        let far = &rest[near..];
        if far.len() < 8 {
            let offset = far.iter().position(|byte| is_special(*byte))?;
            return Some(self.at + near + offset);
        }
        let found = memchr2(b'"', b'\\', far);
        let plain = &far[..found.unwrap_or(far.len())];
        let offset = plain.iter().position(|byte| *byte < 0x20).or(found)?;
        Some(self.at + near + offset)
    }

    fn escape(&mut self) -> Result<(), Bad> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                let hex = self.bytes.get(self.at + 1..self.at + 5).ok_or(Bad)?;
                if !hex.iter().all(u8::is_ascii_hexdigit) {
                    return Err(Bad);
                }
                self.at += 5;
                Ok(())
            }
            _ => Err(Bad),
        }
    }
}

fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// The top bit of each byte that is special. Exact up to the first one, which is all that is asked.
fn special_in(word: u64) -> u64 {
    const LOW: u64 = u64::MAX / 255;
    const HIGH: u64 = LOW << 7;
    let zero = |word: u64| word.wrapping_sub(LOW) & !word;
    let quote = zero(word ^ (LOW * b'"' as u64));
    let backslash = zero(word ^ (LOW * b'\\' as u64));
    let control = word.wrapping_sub(LOW * 0x20) & !word;
    (quote | backslash | control) & HIGH
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
