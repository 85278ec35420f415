//! What the engine asks of a person, on its way to a Python callable. Mirrors `codexkit::approvals::Ask`.
//!
//! The callable runs on a thread of its own. A question that it drops, or fails to answer, is declined by the core.

use std::sync::Arc;

use codexkit::Setup;
use codexkit::approvals::{Ask as CoreAsk, AskHandler, Asked, Responders};
use pyo3::prelude::*;

use crate::request::{Caller, Slot};
use crate::{error, json, telemetry};

/// What a call has of its own, as Python gives it: the JSON of the policies, what is called with each [`Ask`], and the
/// JSON of the trace context.
pub(crate) type Given = Option<(Option<String>, Option<Py<PyAny>>, Option<String>)>;

/// Reads it.
///
/// # Errors
/// `InvalidArgumentError` from the core.
pub(crate) fn responders(py: Python<'_>, given: Given) -> PyResult<Option<Responders>> {
    let Some((Some(text), callable, _)) = given else {
        return Ok(None);
    };
    let handler = callable.map(|callable| Arc::new(Caller::new(callable)) as Arc<dyn AskHandler>);
    let read = Responders::from_json(&text, handler);
    read.map(Some).map_err(|failure| error::raise(py, &failure))
}

/// The same, as what a thread or a turn has of its own.
///
/// # Errors
/// As [`responders`].
pub(crate) fn setup(py: Python<'_>, given: Given) -> PyResult<Setup> {
    let mut setup = Setup::new();
    if let Some((_, _, Some(text))) = &given {
        setup = setup.trace_context(telemetry::context(py, text)?);
    }
    Ok(match responders(py, given)? {
        Some(responders) => setup.responders(responders),
        None => setup,
    })
}

impl AskHandler for Caller {
    fn handle(&self, ask: CoreAsk) {
        let inner = Slot::new(ask);
        self.call(|py| Py::new(py, Ask { inner }).map(Py::into_any));
    }
}

/// What was asked as a dict, its subject beside the fields of its view.
pub(crate) fn view(py: Python<'_>, asked: &Asked) -> PyResult<Py<PyAny>> {
    let view = json::parse(py, &asked.to_json())?;
    view.bind(py)
        .set_item(pyo3::intern!(py, "subject"), asked.subject())?;
    Ok(view)
}

/// One question of the engine, to be answered once.
#[pyclass(frozen, name = "Ask", module = "codexkit._native")]
pub(crate) struct Ask {
    inner: Slot<CoreAsk>,
}

#[pymethods]
impl Ask {
    /// Which of the callables is meant.
    #[getter]
    fn index(&self) -> Option<usize> {
        self.inner.read(CoreAsk::index)
    }

    /// What is asked.
    fn view(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.inner.read(|ask| view(py, ask.asked())).transpose()
    }

    /// Answers; what does not fit is declined, and raises.
    fn answer(&self, py: Python<'_>, reply: &Bound<'_, PyAny>) -> PyResult<()> {
        let text = json::to_value(reply)?.to_string();
        match self.inner.take() {
            None => Ok(()),
            Some(ask) => ask
                .answer_json(&text)
                .map_err(|failure| error::raise(py, &failure)),
        }
    }

    /// Calls this, on a thread of its own, when nobody waits for the answer any more.
    fn on_cancelled(&self, py: Python<'_>, callable: Py<PyAny>) -> PyResult<()> {
        let Some(withdrawn) = self.inner.read(CoreAsk::withdrawn) else {
            return Ok(());
        };
        let caller = Caller::new(callable);
        crate::runtime::get(py)?.spawn(async move {
            withdrawn.await;
            caller.call(|py| Ok(py.None()));
        });
        Ok(())
    }

    /// Declines because the callable failed.
    fn fail(&self, why: &str) {
        if let Some(ask) = self.inner.take() {
            ask.fail(why);
        }
    }
}

/// Looks at who is to answer without using it; raises for what cannot be.
#[pyfunction]
pub(crate) fn check_responders(py: Python<'_>, text: &str) -> PyResult<()> {
    let nobody: Arc<dyn AskHandler> = Arc::new(|_: CoreAsk| {});
    match Responders::from_json(text, Some(nobody)) {
        Ok(_) => Ok(()),
        Err(failure) => Err(error::raise(py, &failure)),
    }
}
