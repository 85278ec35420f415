//! The native half of the protocol's classes: where the data is and how a field is read.
//!
//! `codexkit._types` builds one Python class for each struct of the schema, as a subclass of
//! [`Struct`] with a [`Field`] for each wire field. A struct made from an event parses nothing until
//! a field asks for it, and a delta's text not even then: it is cut out of the line. Which class a
//! nested value becomes is decided in Python, from the generated registry.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use codexkit::Event as CoreEvent;
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyType};

use crate::event::{Event, keep};
use crate::params::{delta, params};

static CONVERTER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static FROM_FIELDS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static UNKNOWN_FIELD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Base of all protocol structs: wire data, parsed when first needed, and what was made of it.
#[pyclass(frozen, subclass, name = "Struct", module = "codexkit._native")]
pub(crate) struct Struct {
    /// Behind a lock because a payload that nobody has any more shows another event next (`spare`).
    event: Mutex<Option<CoreEvent>>,
    wire: OnceLock<Py<PyDict>>,
    /// Converted fields by wire name, so that the same object is given out again.
    made: OnceLock<Py<PyDict>>,
}

impl Struct {
    /// The wire object; an empty one when the message had none.
    pub(crate) fn wire(&self, py: Python<'_>) -> PyResult<&Py<PyDict>> {
        if let Some(wire) = self.wire.get() {
            return Ok(wire);
        }
        let event = self.event().clone();
        let parsed = match event {
            Some(event) => params(py, &event)?
                .into_bound(py)
                .cast_into::<PyDict>()
                .ok(),
            None => None,
        };
        let object = parsed.unwrap_or_else(|| PyDict::new(py)).unbind();
        Ok(keep(&self.wire, object))
    }

    fn event(&self) -> MutexGuard<'_, Option<CoreEvent>> {
        self.event.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows this event from now on.
    pub(crate) fn show(&self, event: &CoreEvent) {
        *self.event() = Some(event.clone());
    }

    /// Lets go of its event. False if something was made of it, so that it cannot show another one.
    pub(crate) fn forget(&self) -> bool {
        let is_fresh = self.wire.get().is_none() && self.made.get().is_none();
        if is_fresh {
            *self.event() = None;
        }
        is_fresh
    }

    /// Where converted fields are kept.
    fn made<'py>(&self, py: Python<'py>) -> &Bound<'py, PyDict> {
        let made = match self.made.get() {
            Some(made) => made,
            None => keep(&self.made, PyDict::new(py).unbind()),
        };
        made.bind(py)
    }
}

#[pymethods]
impl Struct {
    /// `Class(event)`, `Class(wire_dict)` or `Class(**fields)` in snake_case.
    #[new]
    #[classmethod]
    #[pyo3(signature = (source=None, /, **fields))]
    fn new(
        cls: &Bound<'_, PyType>,
        source: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let py = cls.py();
        let wire = OnceLock::new();
        let mut event = None;
        match source {
            Some(source) => {
                if let Ok(known) = source.cast::<Event>() {
                    event = Some(known.get().inner().clone());
                } else if let Ok(object) = source.cast::<PyDict>() {
                    drop(wire.set(object.clone().unbind()));
                } else {
                    return Err(PyTypeError::new_err(
                        "a protocol object is made from an Event, a dict or keyword arguments",
                    ));
                }
            }
            None => {
                let from_fields = FROM_FIELDS.import(py, "codexkit._types", "from_fields")?;
                let object = from_fields.call1((cls, fields))?;
                drop(wire.set(object.cast_into::<PyDict>()?.unbind()));
            }
        }
        Ok(Struct {
            event: Mutex::new(event),
            wire,
            made: OnceLock::new(),
        })
    }

    /// The wire object this struct shows.
    fn _wire(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        self.wire(py).map(|object| object.clone_ref(py))
    }

    /// Changes a field: `value` is what reading it gives from now on, `plain` its JSON value.
    fn _assign(
        &self,
        wire_name: &Bound<'_, PyString>,
        value: &Bound<'_, PyAny>,
        plain: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let py = wire_name.py();
        self.wire(py)?.bind(py).set_item(wire_name, plain)?;
        self.made(py).set_item(wire_name, value)
    }

    /// A field the schema does not know; only reached when the class has no such attribute.
    fn __getattr__(slf: &Bound<'_, Self>, name: &Bound<'_, PyString>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        if name.to_str().is_ok_and(|name| name.starts_with('_')) {
            return Err(PyAttributeError::new_err(name.clone().unbind()));
        }
        let unknown_field = UNKNOWN_FIELD.import(py, "codexkit._types", "unknown_field")?;
        unknown_field.call1((slf, name)).map(Bound::unbind)
    }
}

/// Descriptor of one wire field; reading it is the whole of its job.
#[pyclass(frozen, name = "Field", module = "codexkit._native")]
pub(crate) struct Field {
    #[pyo3(get)]
    name: Py<PyString>,
    #[pyo3(get)]
    wire: Py<PyString>,
    #[pyo3(get)]
    kind: Py<PyString>,
    /// Whether an event may offer this field's text without parsing.
    delta: bool,
    /// What a missing field reads as, as JSON.
    default: Option<Py<PyAny>>,
    /// The conversion of `kind`; `None` in Python when the value is taken as it is.
    convert: PyOnceLock<Py<PyAny>>,
}

#[pymethods]
impl Field {
    #[new]
    #[pyo3(signature = (name, wire, kind, default=None))]
    fn new(py: Python<'_>, name: &str, wire: &str, kind: &str, default: Option<Py<PyAny>>) -> Self {
        Field {
            name: PyString::intern(py, name).unbind(),
            wire: PyString::intern(py, wire).unbind(),
            kind: PyString::intern(py, kind).unbind(),
            delta: wire == "delta",
            default,
            convert: PyOnceLock::new(),
        }
    }

    fn __get__(
        slf: &Bound<'_, Self>,
        instance: &Bound<'_, PyAny>,
        _owner: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let Ok(instance) = instance.cast::<Struct>() else {
            return Ok(slf.clone().into_any().unbind());
        };
        let this = slf.get();
        let holder = instance.get();
        let wire_name = this.wire.bind(py);
        if let Some(made) = holder.made.get()
            && let Some(value) = made.bind(py).get_item(wire_name)?
        {
            return Ok(value.unbind());
        }
        if this.delta {
            // Not under the lock: what makes Python objects may let another thread in, which may want it.
            let event = holder.event().clone();
            if let Some(text) = event.as_ref().and_then(|event| delta(py, event)) {
                return Ok(text?.into_any().unbind());
            }
        }
        let found = holder.wire(py)?.bind(py).get_item(wire_name)?;
        let missing = || this.default.as_ref().map(|value| value.bind(py).clone());
        let Some(value) = found.or_else(missing) else {
            return Ok(py.None());
        };
        if value.is_none() {
            return Ok(py.None());
        }
        let convert = this.convert.get_or_try_init(py, || {
            let converter = CONVERTER.import(py, "codexkit._types", "converter")?;
            converter.call1((&this.kind,)).map(Bound::unbind)
        })?;
        if convert.is_none(py) {
            return Ok(value.unbind());
        }
        let made = convert.bind(py).call1((value,))?;
        holder.made(py).set_item(wire_name, &made)?;
        Ok(made.unbind())
    }
}
