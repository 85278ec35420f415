//! One notification of the engine, as a Python object that does nothing until it is looked at.
//!
//! The object holds the core's event (a counted reference to the line). The method is a shared
//! string, the payload and the parameters are made on first access. No knowledge of any method.

use std::sync::OnceLock;

use codexkit::Event as CoreEvent;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyTuple, PyType};

use crate::{error, json, params, spare};

/// Method names as Python strings, by the core's number of the method.
static METHODS: PyOnceLock<Vec<PyOnceLock<Py<PyString>>>> = PyOnceLock::new();
/// Payload classes, by the core's number of the method.
static CLASSES: PyOnceLock<Vec<PyOnceLock<Py<PyType>>>> = PyOnceLock::new();
/// `codexkit._types.payload_class`.
static PAYLOAD_CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// A notification: `method` and `payload`, its ids, and the line it came in.
#[pyclass(frozen, name = "Event", module = "codexkit")]
pub(crate) struct Event {
    inner: CoreEvent,
    // Filled after the value was made, with nothing that blocks in between: PyO3's own lock would let
    // go of the interpreter each time, for every event.
    payload: OnceLock<Py<PyAny>>,
    params: OnceLock<Py<PyAny>>,
}

impl Event {
    pub(crate) fn new(inner: CoreEvent) -> Self {
        Event {
            inner,
            payload: OnceLock::new(),
            params: OnceLock::new(),
        }
    }

    pub(crate) fn inner(&self) -> &CoreEvent {
        &self.inner
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        if let Some(payload) = self.payload.take() {
            spare::put(&self.inner, payload);
        }
    }
}

#[pymethods]
impl Event {
    /// An event that no engine sent, for tests; `payload` is a protocol object or a dict.
    #[new]
    fn from_python(method: &str, payload: &Bound<'_, PyAny>) -> PyResult<Self> {
        let message = serde_json::json!({"method": method, "params": json::to_value(payload)?});
        let event = CoreEvent::from_json(&message.to_string());
        let event = event.map_err(|failure| error::raise(payload.py(), &failure))?;
        Ok(Event::new(event))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let this = slf.get();
        let py = slf.py();
        let arguments = (this.inner.method(), this.params(py)?);
        (slf.get_type(), arguments).into_pyobject(py)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["method", "payload"])
    }

    #[getter]
    fn method<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        let name = self.inner.method();
        let slots = table(&METHODS, py, PyOnceLock::new);
        match slots.get(usize::from(self.inner.method_id())) {
            Some(slot) => slot
                .get_or_init(py, || PyString::intern(py, name).unbind())
                .bind(py)
                .clone(),
            None => PyString::new(py, name),
        }
    }

    #[getter]
    fn payload(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let this = slf.get();
        if let Some(made) = this.payload.get() {
            return Ok(made.clone_ref(py));
        }
        if let Some(spare) = spare::take(py, &this.inner) {
            return Ok(keep(&this.payload, spare).clone_ref(py));
        }
        let find = || -> PyResult<Py<PyType>> {
            let payload_class = PAYLOAD_CLASS.import(py, "codexkit._types", "payload_class")?;
            let class = payload_class.call1((this.inner.method(),))?;
            Ok(class.cast_into::<PyType>()?.unbind())
        };
        let slots = table(&CLASSES, py, PyOnceLock::new);
        let payload = match slots.get(usize::from(this.inner.method_id())) {
            Some(slot) => slot.get_or_try_init(py, find)?.bind(py).call1((slf,))?,
            None => find()?.bind(py).call1((slf,))?,
        };
        Ok(keep(&this.payload, payload.unbind()).clone_ref(py))
    }

    #[getter]
    pub(crate) fn params(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if let Some(made) = self.params.get() {
            return Ok(made.clone_ref(py));
        }
        let made = params::params(py, &self.inner)?;
        Ok(keep(&self.params, made).clone_ref(py))
    }

    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        PyString::new(py, self.inner.line())
    }

    #[getter]
    fn thread_id(&self) -> Option<&str> {
        self.inner.thread_id()
    }

    #[getter]
    fn turn_id(&self) -> Option<&str> {
        self.inner.turn_id()
    }

    #[getter]
    fn item_id(&self) -> Option<&str> {
        self.inner.item_id()
    }

    #[getter]
    fn merged(&self) -> u32 {
        self.inner.merged()
    }

    #[getter]
    fn recovered(&self) -> bool {
        self.inner.is_recovered()
    }

    fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        json::parse(py, self.inner.line())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Event>()
            .is_ok_and(|other| other.get().inner.line() == self.inner.line())
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let payload = Self::payload(slf)?;
        let payload = payload
            .bind(slf.py())
            .repr()?
            .to_string_lossy()
            .into_owned();
        Ok(format!(
            "Event(method={:?}, payload={payload})",
            slf.get().inner.method()
        ))
    }
}

/// Puts a value into its place; if somebody was first, theirs stays and is given back.
pub(crate) fn keep<T>(place: &OnceLock<T>, value: T) -> &T {
    place.get_or_init(|| value)
}

/// One slot for each method the core knows.
pub(crate) fn table<T>(
    cell: &'static PyOnceLock<Vec<T>>,
    py: Python<'_>,
    empty: fn() -> T,
) -> &'static [T] {
    cell.get_or_init(py, || {
        let known = codexkit::protocol::generated::methods::NOTIFICATIONS.len();
        (0..known).map(|_| empty()).collect()
    })
}
