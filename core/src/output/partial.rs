//! An answer that is not finished: its JSON text as it comes, completed as far as it is certain.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::output::schema::OutputSchema;
use crate::output::strict::WRAPPER;
use crate::protocol::lenient;
use crate::thread::event::Event;

/// Deeper values are given up, as `serde_json` does.
const DEPTH: usize = 127;

/// Reads JSON text piece by piece and says at any time what it holds so far: strings that are open as far as they
/// go, open arrays and objects closed; numbers and words that may go on, and keys without a value, left out.
///
/// The text may be in a fenced block. What is no JSON gives no value.
#[derive(Debug, Default)]
pub struct Partial {
    state: State,
    stack: Vec<Frame>,
    /// The whole value, once it is complete.
    root: Option<Value>,
    /// The decoded part of an open string, or the letters of an open number or word.
    token: String,
    /// The letters of an open escape after its backslash.
    escape: String,
    /// The first half of a surrogate pair whose second half may come.
    high: Option<u16>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the value.
    #[default]
    Start,
    /// In a line that is no JSON; what follows may be a fenced block.
    Prose,
    /// In the line that opens a fenced block, or what may become one: so many backticks.
    Fence(u8),
    /// Where a value must begin.
    Value,
    /// As `Value`, or the array ends.
    FirstItem,
    /// Where a key must begin.
    Key,
    /// As `Key`, or the object ends.
    FirstKey,
    Colon,
    /// After a value within an array or an object.
    After,
    Text {
        is_key: bool,
    },
    Escape {
        is_key: bool,
    },
    Bare,
    Done,
    Failed,
}

#[derive(Debug)]
enum Frame {
    Array(Vec<Value>),
    Object(Map<String, Value>, Option<String>),
}

impl Partial {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a further piece of the text, which may end anywhere.
    pub fn feed(&mut self, delta: &str) {
        for letter in delta.chars() {
            if matches!(self.state, State::Done | State::Failed) {
                return;
            }
            self.take(letter);
        }
    }

    /// Says that the text is over: a number at its end is complete.
    pub fn finish(&mut self) {
        if self.state == State::Bare {
            self.end_bare();
        }
    }

    /// Whether the value is complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state == State::Done
    }

    /// What the text holds so far; `None` before a value begins.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        if self.root.is_some() {
            return self.root.clone();
        }
        let in_text = matches!(
            self.state,
            State::Text { is_key: false } | State::Escape { is_key: false }
        );
        let mut inner = in_text.then(|| Value::String(self.token.clone()));
        for frame in self.stack.iter().rev() {
            inner = Some(match frame {
                Frame::Array(items) => items.iter().cloned().chain(inner).collect(),
                Frame::Object(members, key) => {
                    let mut members = members.clone();
                    if let (Some(key), Some(inner)) = (key, inner) {
                        members.insert(key.clone(), inner);
                    }
                    Value::Object(members)
                }
            });
        }
        inner
    }

    fn take(&mut self, letter: char) {
        let blank = matches!(letter, ' ' | '\n' | '\r' | '\t');
        match self.state {
            State::Start if blank || letter == '\u{feff}' => {}
            State::Start if letter == '`' => self.state = State::Fence(1),
            State::Start | State::Value | State::FirstItem if !blank => self.begin(letter),
            State::Prose if letter == '\n' => self.state = State::Fence(0),
            State::Fence(count) => self.fence(count, letter),
            State::Key | State::FirstKey if letter == '"' => self.open_text(true),
            State::FirstKey if letter == '}' => self.close(),
            State::Colon if letter == ':' => self.state = State::Value,
            State::After if letter == ',' => {
                self.state = match self.stack.last() {
                    Some(Frame::Object(..)) => State::Key,
                    _ => State::Value,
                }
            }
            State::After if matches!(letter, ']' | '}') => self.end(letter),
            State::Text { is_key } => self.text(letter, is_key),
            State::Escape { is_key } => self.escape(letter, is_key),
            State::Bare if blank || matches!(letter, ',' | ']' | '}') => {
                self.end_bare();
                if !blank && self.state == State::After {
                    self.take(letter);
                }
            }
            State::Bare => self.token.push(letter),
            State::Prose | State::Done | State::Failed => {}
            _ if blank => {}
            _ => self.state = State::Failed,
        }
    }

    fn begin(&mut self, letter: char) {
        match letter {
            '{' | '[' if self.stack.len() >= DEPTH => self.state = State::Failed,
            '{' => {
                self.stack.push(Frame::Object(Map::new(), None));
                self.state = State::FirstKey;
            }
            '[' => {
                self.stack.push(Frame::Array(Vec::new()));
                self.state = State::FirstItem;
            }
            '"' => self.open_text(false),
            ']' if self.state == State::FirstItem => self.close(),
            '-' | '0'..='9' | 't' | 'f' | 'n' => {
                self.token.clear();
                self.token.push(letter);
                self.state = State::Bare;
            }
            _ => self.fail(),
        }
    }

    /// What is no JSON at the beginning may be prose before a fenced block.
    fn fail(&mut self) {
        self.state = if self.stack.is_empty() {
            State::Prose
        } else {
            State::Failed
        };
    }

    /// At the beginning of a line after `count` backticks; 3 of them open a block with the next line.
    fn fence(&mut self, count: u8, letter: char) {
        self.state = match (count, letter) {
            (3.., '\n') => State::Start,
            (3.., _) => State::Fence(3),
            (_, '`') => State::Fence(count + 1),
            (0, ' ' | '\t' | '\r' | '\n') => State::Fence(0),
            _ => State::Prose,
        };
    }

    fn open_text(&mut self, is_key: bool) {
        self.token.clear();
        self.state = State::Text { is_key };
    }

    fn text(&mut self, letter: char, is_key: bool) {
        match letter {
            '\\' => {
                self.escape.clear();
                self.state = State::Escape { is_key };
            }
            '"' => {
                self.lone_half();
                let text = std::mem::take(&mut self.token);
                match self.stack.last_mut() {
                    Some(Frame::Object(_, key)) if is_key => {
                        *key = Some(text);
                        self.state = State::Colon;
                    }
                    _ => self.put(Value::String(text)),
                }
            }
            '\0'..='\x1f' => self.state = State::Failed,
            _ => {
                self.lone_half();
                self.token.push(letter);
            }
        }
    }

    fn escape(&mut self, letter: char, is_key: bool) {
        self.escape.push(letter);
        if let Some(digits) = self.escape.strip_prefix('u') {
            if !digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
                self.state = State::Failed;
            } else if let (4, Ok(unit)) = (digits.len(), u16::from_str_radix(digits, 16)) {
                self.unit(unit);
                self.state = State::Text { is_key };
            }
            return;
        }
        let meant = match letter {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '"' | '\\' | '/' => letter,
            _ => {
                self.state = State::Failed;
                return;
            }
        };
        self.lone_half();
        self.token.push(meant);
        self.state = State::Text { is_key };
    }

    /// A UTF-16 code unit of an escape. Halves of pairs that stay alone become U+FFFD.
    fn unit(&mut self, unit: u16) {
        match (self.high.take(), unit) {
            (Some(high), 0xDC00..=0xDFFF) => {
                let pair = char::decode_utf16([high, unit]).filter_map(Result::ok);
                self.token.extend(pair);
            }
            (before, _) => {
                if before.is_some() {
                    self.token.push('\u{fffd}');
                }
                match unit {
                    0xD800..=0xDBFF => self.high = Some(unit),
                    _ => self
                        .token
                        .push(char::from_u32(unit.into()).unwrap_or('\u{fffd}')),
                }
            }
        }
    }

    fn lone_half(&mut self) {
        if self.high.take().is_some() {
            self.token.push('\u{fffd}');
        }
    }

    fn end_bare(&mut self) {
        let token = std::mem::take(&mut self.token);
        match serde_json::from_str(&token) {
            Ok(value) => self.put(value),
            Err(_) => self.fail(),
        }
    }

    fn put(&mut self, value: Value) {
        self.state = State::After;
        match self.stack.last_mut() {
            Some(Frame::Array(items)) => items.push(value),
            Some(Frame::Object(members, key)) => match key.take() {
                Some(key) => {
                    members.insert(key, value);
                }
                None => self.state = State::Failed,
            },
            None => {
                self.root = Some(value);
                self.state = State::Done;
            }
        }
    }

    fn end(&mut self, letter: char) {
        match (letter, self.stack.last()) {
            (']', Some(Frame::Array(_))) | ('}', Some(Frame::Object(..))) => self.close(),
            _ => self.state = State::Failed,
        }
    }

    fn close(&mut self) {
        match self.stack.pop() {
            Some(Frame::Array(items)) => self.put(Value::Array(items)),
            Some(Frame::Object(members, _)) => self.put(Value::Object(members)),
            None => self.state = State::Failed,
        }
    }
}

/// The growing answer of a turn, from its events. Commentary is no answer; a further message of the model's begins
/// a new one.
pub struct PartialOutputs {
    schema: OutputSchema,
    partial: Partial,
    /// The message that is read.
    item: Option<String>,
    /// How many bytes of it were read.
    fed: usize,
    /// A message that is marked as the final answer was complete: unmarked ones do not count any more.
    answered: bool,
    last: Option<Value>,
}

#[derive(Deserialize)]
struct ItemParams {
    item: Message,
}

#[derive(Deserialize)]
struct Message {
    id: String,
    #[serde(rename = "type")]
    tag: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    phase: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeltaParams {
    item_id: String,
    delta: String,
}

impl PartialOutputs {
    /// For a turn that was started with this schema.
    #[must_use]
    pub fn new(schema: &OutputSchema) -> Self {
        Self {
            schema: schema.clone(),
            partial: Partial::new(),
            item: None,
            fed: 0,
            answered: false,
            last: None,
        }
    }

    /// Takes in an event of the turn; the answer so far, if the event has changed it. It is not checked against the
    /// schema.
    pub fn push(&mut self, event: &Event) -> Option<Value> {
        match event.method() {
            "item/started" => self.started(&message(event)?),
            "item/agentMessage/delta" => {
                let params: DeltaParams = lenient::from_str(event.params()).ok()?;
                if self.item.as_ref() != Some(&params.item_id) {
                    return None;
                }
                self.fed += params.delta.len();
                self.partial.feed(&params.delta);
            }
            "item/completed" => self.completed(&message(event)?),
            _ => return None,
        }
        self.changed()
    }

    fn started(&mut self, message: &Message) {
        let counts = match message.phase.as_deref() {
            Some("commentary") => false,
            Some("final_answer") => true,
            _ => !self.answered,
        };
        self.item = counts.then(|| message.id.clone());
        if counts {
            self.partial = Partial::new();
            self.fed = 0;
        }
    }

    fn completed(&mut self, message: &Message) {
        if self.item.as_ref() != Some(&message.id) {
            self.started(message);
        }
        if self.item.is_none() {
            return;
        }
        // A message may come without deltas, or some of them may have been given up.
        if let Some(rest) = message.text.get(self.fed..) {
            self.partial.feed(rest);
        }
        self.partial.finish();
        self.answered |= message.phase.as_deref() == Some("final_answer");
        self.item = None;
    }

    fn changed(&mut self) -> Option<Value> {
        let mut value = self.partial.value()?;
        if self.schema.is_wrapped()
            && let Value::Object(members) = &value
            && !members.contains_key(WRAPPER)
        {
            return None;
        }
        value = self.schema.meant(value);
        if self.last.as_ref() == Some(&value) {
            return None;
        }
        self.last = Some(value.clone());
        Some(value)
    }
}

fn message(event: &Event) -> Option<Message> {
    let params: ItemParams = lenient::from_str(event.params()).ok()?;
    (params.item.tag == "agentMessage").then_some(params.item)
}
