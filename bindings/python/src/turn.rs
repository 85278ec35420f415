//! The handle of one running turn. Mirrors `codexkit::Turn`, in its order.

use std::sync::{Arc, OnceLock};

use codexkit::{Turn as CoreTurn, TurnResult};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::call::call;
use crate::client::{nothing, to_python};
use crate::runtime::Owned;
use crate::simple::SimpleFold;
use crate::stream::{AsyncEventStream, EventStream, Shared};
use crate::{json, runtime};

type Loop<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// One turn of one conversation.
#[pyclass(frozen, name = "Turn", module = "codexkit._native")]
pub(crate) struct Turn {
    inner: Owned<CoreTurn>,
    events: OnceLock<Arc<Shared>>,
}

impl Turn {
    pub(crate) fn to_python(py: Python<'_>, inner: CoreTurn) -> PyResult<Py<PyAny>> {
        let turn = Turn {
            inner: Owned::new(inner),
            events: OnceLock::new(),
        };
        Py::new(py, turn).map(Py::into_any)
    }

    pub(crate) fn inner(&self) -> CoreTurn {
        CoreTurn::clone(&self.inner)
    }

    #[expect(clippy::needless_pass_by_value, reason = "the shape `call` asks for")]
    pub(crate) fn result_to_python(py: Python<'_>, result: TurnResult) -> PyResult<Py<PyAny>> {
        json::parse(py, &result.to_json())
    }

    fn shared(&self) -> Arc<Shared> {
        let shared = self.events.get_or_init(|| {
            let turn = CoreTurn::clone(&self.inner);
            Shared::new(turn.events().clone(), Some(turn))
        });
        Arc::clone(shared)
    }
}

#[pymethods]
impl Turn {
    #[getter]
    fn id(&self) -> &str {
        self.inner.id()
    }

    #[getter]
    fn thread_id(&self) -> &str {
        self.inner.thread_id()
    }

    /// The engine's whole answer to `turn/start`.
    fn start_response(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        json::parse(py, self.inner.start_response().get())
    }

    fn events(&self) -> EventStream {
        EventStream::new(self.shared())
    }

    fn events_async(&self, interrupt_on_cancel: bool) -> AsyncEventStream {
        AsyncEventStream::new(self.shared(), interrupt_on_cancel)
    }

    /// The fold of the turn's events into the simple model.
    fn simple_fold(&self) -> SimpleFold {
        SimpleFold::new(self.inner.simple_fold())
    }

    /// Waits for the end and gives the folded result as a dict in the core's JSON form.
    #[pyo3(signature = (event_loop=None))]
    fn result<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let turn = CoreTurn::clone(&self.inner);
        let future = async move { turn.result().await };
        call(py, event_loop, future, Turn::result_to_python)
    }

    #[pyo3(signature = (input, event_loop=None))]
    fn steer<'py>(
        &self,
        py: Python<'py>,
        input: &Bound<'py, PyList>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (turn, input) = (CoreTurn::clone(&self.inner), json::to_array(input)?);
        let future = async move { turn.steer(input).await };
        call(py, event_loop, future, to_python)
    }

    #[pyo3(signature = (event_loop=None))]
    fn interrupt<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let turn = CoreTurn::clone(&self.inner);
        call(
            py,
            event_loop,
            async move { turn.interrupt().await },
            nothing,
        )
    }

    fn interrupt_in_background(&self, py: Python<'_>) -> PyResult<()> {
        let _entered = runtime::get(py)?.enter();
        self.inner.interrupt_in_background();
        Ok(())
    }
}
