//! The records of telemetry on their way to Python: one queue for the process, emptied by one Python thread.

use std::sync::{Arc, LazyLock};

use codexkit::telemetry::{Observer, RecordQueue, SEMANTIC_CONVENTIONS, TraceContext};
use pyo3::prelude::*;

use crate::error;

static QUEUE: LazyLock<Arc<RecordQueue>> = LazyLock::new(RecordQueue::new);

/// What a client tells its records to; one with a `tag` of its own always, others while somebody listens to all.
pub(crate) fn observer(tag: u32) -> Arc<dyn Observer> {
    QUEUE.observer(tag, tag != 0)
}

/// The trace context of a call, from its JSON.
///
/// # Errors
/// `InvalidArgumentError` from the core.
pub(crate) fn context(py: Python<'_>, text: &str) -> PyResult<TraceContext> {
    TraceContext::from_json(text).map_err(|failure| error::raise(py, &failure))
}

/// Says whether the records of all clients are wanted, and whether with their content.
#[pyfunction]
pub(crate) fn telemetry_listen(on: bool, captures_content: bool) {
    QUEUE.listen(on, captures_content);
}

/// The oldest records as JSON texts, at most `most`; waits for the first one without the GIL.
#[pyfunction]
pub(crate) fn telemetry_take(py: Python<'_>, most: usize, timeout: f64) -> PyResult<Vec<String>> {
    let timeout = codexkit::duration("timeout", timeout);
    let timeout = timeout.map_err(|failure| error::raise(py, &failure))?;
    Ok(py.detach(|| {
        let _ = QUEUE.wait_blocking(timeout);
        QUEUE.take(most)
    }))
}

/// How many records went in so far.
#[pyfunction]
pub(crate) fn telemetry_pushed() -> u64 {
    QUEUE.pushed()
}

/// Takes in no more, and lets the one who waits go: the interpreter ends.
#[pyfunction]
pub(crate) fn telemetry_close() {
    QUEUE.close();
}

/// The version of the semantic conventions.
#[pyfunction]
pub(crate) fn telemetry_conventions() -> &'static str {
    SEMANTIC_CONVENTIONS
}
