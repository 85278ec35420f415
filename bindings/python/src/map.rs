//! The handle of a map. Mirrors `codexkit::map`.

use codexkit::map::{MapItem, MapOptions, MapRun as CoreRun, MapStep};
use pyo3::prelude::*;

use crate::ask::{self, Given};
use crate::call::call;
use crate::client::serialized;
use crate::guard::{Guard, guarded};
use crate::runtime::Owned;
use crate::{error, json};

type Loop<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// Options from their JSON text, with who answers.
pub(crate) fn options(
    py: Python<'_>,
    text: &str,
    responders: Given,
    guard: Guard,
) -> PyResult<MapOptions> {
    let mut options = MapOptions::from_json(text).map_err(|failure| error::raise(py, &failure))?;
    options.setup = guarded(ask::setup(py, responders)?, guard);
    Ok(options)
}

/// Many items, each on a fresh thread.
#[pyclass(frozen, name = "MapRun", module = "codexkit._native")]
pub(crate) struct MapRun {
    inner: Owned<CoreRun>,
}

impl MapRun {
    pub(crate) fn to_python(py: Python<'_>, inner: CoreRun) -> PyResult<Py<PyAny>> {
        let run = MapRun {
            inner: Owned::new(inner),
        };
        Py::new(py, run).map(Py::into_any)
    }

    /// `True` for a wanted item, a dict for a result, `None` at the end.
    fn step_to_python(py: Python<'_>, step: MapStep) -> PyResult<Py<PyAny>> {
        match step {
            MapStep::Want => true
                .into_pyobject(py)
                .map(|flag| flag.to_owned().into_any().unbind())
                .map_err(Into::into),
            MapStep::End => Ok(py.None()),
            MapStep::Result(result) => {
                let view = json::parse(py, &result.to_json())?;
                let failure = result.error.as_ref();
                let raised = failure.map(|failure| error::raise(py, failure).into_value(py));
                view.bind(py).set_item(pyo3::intern!(py, "error"), raised)?;
                Ok(view)
            }
        }
    }
}

#[pymethods]
impl MapRun {
    /// Whether items have to be brought before anything can begin.
    #[getter]
    fn must_check(&self) -> bool {
        self.inner.must_check()
    }

    /// Brings an item, in the core's JSON form.
    fn push(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<()> {
        let item = MapItem::from_json(&json::to_value(item)?.to_string());
        let pushed = item.and_then(|item| self.inner.push(item));
        pushed.map_err(|failure| error::raise(py, &failure))
    }

    /// Says that there are no more.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        let finished = self.inner.finish();
        finished.map_err(|failure| error::raise(py, &failure))
    }

    /// Waits for what is next: `True` for a wanted item, a result, or `None`.
    #[pyo3(signature = (event_loop=None))]
    fn step<'py>(&self, py: Python<'py>, event_loop: Loop<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        let run = CoreRun::clone(&self.inner);
        let future = async move { run.step().await };
        call(py, event_loop, future, MapRun::step_to_python)
    }

    fn progress(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        serialized(py, &self.inner.progress())
    }

    fn interrupt(&self) {
        self.inner.interrupt();
    }
}
