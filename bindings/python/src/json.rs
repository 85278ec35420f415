//! JSON text to Python objects and back.
//!
//! The reader is made for lines the core has already found to be JSON, but fails cleanly on
//! anything: keys are shared between documents, and a lone surrogate (which JSON can spell and the
//! engine may forward) becomes the same lone surrogate in the Python string. The writer refuses
//! what the engine could not read, at the call that passes it.

use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::{Map, Number, Value};

use crate::error;
use crate::structs::Struct;

/// Deeper documents than this are refused instead of exhausting the stack.
const MAX_DEPTH: usize = 400;
/// Slots of the table of shared keys; a power of two.
const KEY_SLOTS: usize = 2048;
/// Longer keys are not worth keeping.
const MAX_SHARED_KEY: usize = 64;

static KEYS: Mutex<Vec<Option<Py<PyString>>>> = Mutex::new(Vec::new());

/// Parses one JSON document.
///
/// # Errors
/// `ValueError` naming the offset where the text is not JSON.
pub(crate) fn parse(py: Python<'_>, text: &str) -> PyResult<Py<PyAny>> {
    let mut reader = Reader {
        py,
        text,
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
    };
    let value = reader.value()?;
    reader.space();
    if reader.at != reader.bytes.len() {
        return Err(reader.fail("extra data"));
    }
    Ok(value.unbind())
}

/// Parses JSON text into Python objects; lone surrogates are kept.
#[pyfunction]
pub(crate) fn loads(py: Python<'_>, text: &str) -> PyResult<Py<PyAny>> {
    parse(py, text)
}

/// Writes a Python value as JSON text, as a message to the engine would carry it.
#[pyfunction]
pub(crate) fn dumps(value: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(to_value(value)?.to_string())
}

struct Reader<'py, 'a> {
    py: Python<'py>,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'py> Reader<'py, '_> {
    fn fail(&self, what: &str) -> PyErr {
        PyValueError::new_err(format!("invalid JSON: {what} at offset {}", self.at))
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> PyResult<Bound<'py, PyAny>> {
        self.space();
        match self.bytes.get(self.at) {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => {
                self.at += 1;
                self.string().map(Bound::into_any)
            }
            Some(b't') => self.word("true", PyBool::new(self.py, true).to_owned().into_any()),
            Some(b'f') => self.word("false", PyBool::new(self.py, false).to_owned().into_any()),
            Some(b'n') => self.word("null", self.py.None().into_bound(self.py)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.fail("expected a value")),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> PyResult<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fail("nested too deeply"));
        }
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn word(&mut self, word: &str, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.fail("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn object(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let object = PyDict::new(self.py);
        self.space();
        if self.bytes.get(self.at) == Some(&b'}') {
            self.at += 1;
            return Ok(object.into_any());
        }
        loop {
            self.space();
            if self.bytes.get(self.at) != Some(&b'"') {
                return Err(self.fail("expected a key"));
            }
            self.at += 1;
            let key = self.key()?;
            self.space();
            if self.bytes.get(self.at) != Some(&b':') {
                return Err(self.fail("expected ':'"));
            }
            self.at += 1;
            let value = self.value()?;
            object.set_item(key, value)?;
            self.space();
            match self.bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(object.into_any());
                }
                _ => return Err(self.fail("expected ',' or '}'")),
            }
        }
    }

    fn array(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let list = PyList::empty(self.py);
        self.space();
        if self.bytes.get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(list.into_any());
        }
        loop {
            list.append(self.value()?)?;
            self.space();
            match self.bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(list.into_any());
                }
                _ => return Err(self.fail("expected ',' or ']'")),
            }
        }
    }

    fn number(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let start = self.at;
        let mut whole = true;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'0'..=b'9' | b'-' => {}
                b'.' | b'e' | b'E' | b'+' => whole = false,
                _ => break,
            }
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        if whole {
            if let Ok(small) = digits.parse::<i64>() {
                return Ok(small.into_pyobject(self.py)?.into_any());
            }
            let int = self.py.get_type::<PyInt>();
            return int.call1((digits,)).map_err(|_bad| self.fail("bad number"));
        }
        match digits.parse::<f64>() {
            Ok(float) => Ok(PyFloat::new(self.py, float).into_any()),
            Err(_bad) => Err(self.fail("bad number")),
        }
    }

    /// The bytes up to the closing quote, and whether there is a backslash among them.
    fn span(&mut self) -> PyResult<(usize, usize, bool)> {
        let start = self.at;
        let mut escaped = false;
        loop {
            match memchr::memchr2(b'"', b'\\', &self.bytes[self.at..]) {
                None => return Err(self.fail("unterminated string")),
                Some(offset) if self.bytes[self.at + offset] == b'"' => {
                    let end = self.at + offset;
                    self.at = end + 1;
                    return Ok((start, end, escaped));
                }
                Some(offset) => {
                    escaped = true;
                    self.at += offset + 2;
                    if self.at > self.bytes.len() {
                        self.at = self.bytes.len();
                        return Err(self.fail("unterminated string"));
                    }
                }
            }
        }
    }

    fn string(&mut self) -> PyResult<Bound<'py, PyString>> {
        let (start, end, escaped) = self.span()?;
        if escaped {
            unescape(self.py, &self.text[start..end]).ok_or_else(|| self.fail("bad escape"))?
        } else {
            Ok(PyString::new(self.py, &self.text[start..end]))
        }
    }

    fn key(&mut self) -> PyResult<Bound<'py, PyString>> {
        let (start, end, escaped) = self.span()?;
        let raw = &self.text[start..end];
        if escaped {
            return unescape(self.py, raw).ok_or_else(|| self.fail("bad escape"))?;
        }
        if raw.len() > MAX_SHARED_KEY {
            return Ok(PyString::new(self.py, raw));
        }
        shared_key(self.py, raw)
    }
}

/// The string object all documents share for this key.
fn shared_key<'py>(py: Python<'py>, key: &str) -> PyResult<Bound<'py, PyString>> {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in key.as_bytes() {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    let slot = (hash ^ (hash >> 15)) as usize & (KEY_SLOTS - 1);
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    if keys.is_empty() {
        keys.resize_with(KEY_SLOTS, || None);
    }
    if let Some(known) = &keys[slot] {
        let known = known.bind(py);
        if known.to_str()? == key {
            return Ok(known.clone());
        }
    }
    let made = PyString::intern(py, key);
    // The string that is replaced is dropped after the lock.
    let replaced = keys[slot].replace(made.clone().unbind());
    drop(keys);
    drop(replaced);
    Ok(made)
}

/// The text of a JSON string's contents; `None` if an escape is malformed. A surrogate without its
/// other half is kept, by way of the bytes Python calls `surrogatepass`.
pub(crate) fn unescape<'py>(py: Python<'py>, raw: &str) -> Option<PyResult<Bound<'py, PyString>>> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut lone = false;
    let mut rest = raw.as_bytes();
    while let Some(position) = memchr::memchr(b'\\', rest) {
        bytes.extend_from_slice(&rest[..position]);
        let escape = *rest.get(position + 1)?;
        rest = &rest[position + 2..];
        match escape {
            b'"' | b'\\' | b'/' => bytes.push(escape),
            b'b' => bytes.push(8),
            b'f' => bytes.push(12),
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'u' => {
                let mut code = hex4(rest)?;
                rest = &rest[4..];
                if (0xd800..0xdc00).contains(&code)
                    && rest.starts_with(b"\\u")
                    && let Some(low) = hex4(&rest[2..])
                    && (0xdc00..0xe000).contains(&low)
                {
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    rest = &rest[6..];
                }
                if let Some(character) = char::from_u32(code) {
                    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                } else {
                    lone = true;
                    let (high, low) = ((code >> 6) as u8, code as u8);
                    bytes.extend_from_slice(&[
                        0xe0 | (code >> 12) as u8,
                        0x80 | (high & 0x3f),
                        0x80 | (low & 0x3f),
                    ]);
                }
            }
            _ => return None,
        }
    }
    bytes.extend_from_slice(rest);
    if lone {
        let encoded = pyo3::types::PyBytes::new(py, &bytes);
        return Some(PyString::from_encoded_object(
            &encoded,
            Some(c"utf-8"),
            Some(c"surrogatepass"),
        ));
    }
    let text = str::from_utf8(&bytes).ok()?;
    Some(Ok(PyString::new(py, text)))
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    let digits = str::from_utf8(bytes.get(..4)?).ok()?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

/// A Python value as JSON.
///
/// Takes what `json.dumps` takes, plus tuples, paths, our own structs, and anything with
/// `model_dump` (pydantic models).
///
/// # Errors
/// `InvalidArgumentError` for a value without a JSON form, a float that is not finite, a lone
/// surrogate, a key that is not a string, or nesting without end.
pub(crate) fn to_value(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    write(object, 0)
}

/// The same for what must be an object; `None` is the empty one.
pub(crate) fn to_object(object: Option<&Bound<'_, PyDict>>) -> PyResult<Map<String, Value>> {
    let mut map = Map::new();
    if let Some(object) = object {
        members(object, 0, &mut map)?;
    }
    Ok(map)
}

/// The same for a list of objects.
pub(crate) fn to_array(list: &Bound<'_, PyList>) -> PyResult<Vec<Value>> {
    list.iter().map(|item| write(&item, 0)).collect()
}

fn members(object: &Bound<'_, PyDict>, depth: usize, map: &mut Map<String, Value>) -> PyResult<()> {
    for (key, value) in object.iter() {
        let Ok(name) = key.cast::<PyString>() else {
            return Err(refuse(&key, "a key of a JSON object must be a string"));
        };
        map.insert(text(name)?, write(&value, depth + 1)?);
    }
    Ok(())
}

fn write(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > MAX_DEPTH {
        return Err(refuse(object, "the value is nested too deeply"));
    }
    if object.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(string) = object.cast::<PyString>() {
        return text(string).map(Value::String);
    }
    if let Ok(boolean) = object.cast::<PyBool>() {
        return Ok(Value::Bool(boolean.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        if let Ok(small) = object.extract::<i64>() {
            return Ok(Value::Number(small.into()));
        }
        return match object.extract::<u64>() {
            Ok(large) => Ok(Value::Number(large.into())),
            Err(_too_large) => Err(refuse(object, "the number does not fit in 64 bits")),
        };
    }
    if let Ok(float) = object.cast::<PyFloat>() {
        return match Number::from_f64(float.value()) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(refuse(object, "JSON has no such number")),
        };
    }
    if let Ok(dict) = object.cast::<PyDict>() {
        let mut map = Map::new();
        members(dict, depth, &mut map)?;
        return Ok(Value::Object(map));
    }
    if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        return object
            .try_iter()?
            .map(|item| write(&item?, depth + 1))
            .collect::<PyResult<_>>()
            .map(Value::Array);
    }
    other(object, depth)
}

fn other(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    let py = object.py();
    if let Ok(known) = object.cast::<Struct>() {
        return write(known.get().wire(py)?.bind(py).as_any(), depth);
    }
    if object.hasattr("model_dump")? {
        let options = PyDict::new(py);
        options.set_item("by_alias", true)?;
        options.set_item("exclude_none", true)?;
        options.set_item("mode", "json")?;
        let dumped = object.call_method("model_dump", (), Some(&options))?;
        return write(&dumped, depth + 1);
    }
    if object.hasattr("__fspath__")? {
        return write(&object.call_method0("__fspath__")?, depth + 1);
    }
    let kind = object.get_type().name()?;
    Err(refuse(object, &format!("{kind} has no JSON form")))
}

fn text(string: &Bound<'_, PyString>) -> PyResult<String> {
    match string.to_str() {
        Ok(text) => Ok(text.to_owned()),
        Err(_surrogate) => Err(refuse(
            string.as_any(),
            "the text contains a lone surrogate, which is not Unicode text and which the engine \
             cannot read",
        )),
    }
}

fn refuse(object: &Bound<'_, PyAny>, why: &str) -> PyErr {
    let shown = object
        .repr()
        .map(|shown| shown.to_string_lossy().into_owned());
    let mut shown = shown.unwrap_or_else(|_unprintable| "<unprintable>".to_owned());
    if shown.chars().count() > 80 {
        shown = shown.chars().take(77).collect::<String>() + "...";
    }
    error::invalid_argument(object.py(), None, &format!("{why}: {shown}"))
}
