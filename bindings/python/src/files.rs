//! Staged files. Mirrors `codexkit::files`, in its order; attachments cross as dicts.

use std::path::PathBuf;
use std::sync::Arc;

use codexkit::files::{
    Attachment, FileStore as CoreStore, StageOptions, StoreOptions, Upload as CoreUpload,
};
use codexkit::{Error as CoreError, Result as CoreResult};
use pyo3::prelude::*;
use serde::Serialize;

use crate::call::call;
use crate::client::{nothing, serialized};
use crate::runtime::Owned;
use crate::{error, json};

type Loop<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// A staging folder.
#[pyclass(frozen, name = "FileStore", module = "codexkit._native")]
pub(crate) struct FileStore {
    inner: CoreStore,
}

/// A file whose bytes come piece by piece.
#[pyclass(frozen, name = "Upload", module = "codexkit._native")]
pub(crate) struct Upload {
    // In a forked child it is the parent's: dropping it there must not remove what was written.
    inner: Arc<Owned<CoreUpload>>,
}

/// [`serialized`] in the shape that `call` asks for.
fn plain<T: Serialize>(py: Python<'_>, value: T) -> PyResult<Py<PyAny>> {
    serialized(py, &value)
}

fn core<T>(py: Python<'_>, result: CoreResult<T>) -> PyResult<T> {
    result.map_err(|failure: CoreError| error::raise(py, &failure))
}

fn attachment(py: Python<'_>, fields: &Bound<'_, PyAny>) -> PyResult<Attachment> {
    let text = json::to_value(fields)?.to_string();
    core(py, Attachment::from_json(&text))
}

#[pymethods]
impl FileStore {
    /// Opens a folder; `options` is the JSON text of `StoreOptions`.
    #[new]
    fn new(py: Python<'_>, options: &str) -> PyResult<Self> {
        let opened = py.detach(|| CoreStore::open(StoreOptions::from_json(options)?));
        core(py, opened).map(|inner| FileStore { inner })
    }

    #[getter]
    fn root(&self) -> PathBuf {
        self.inner.root().to_owned()
    }

    #[pyo3(signature = (data, options, event_loop=None))]
    fn stage_bytes<'py>(
        &self,
        py: Python<'py>,
        data: &[u8],
        options: &str,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (store, data) = (self.inner.clone(), data.to_vec());
        let options = core(py, StageOptions::from_json(options))?;
        let future = async move { store.stage(data, options).await };
        call(py, event_loop, future, plain)
    }

    #[pyo3(signature = (path, options, event_loop=None))]
    fn stage_path<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        options: &str,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let store = self.inner.clone();
        let options = core(py, StageOptions::from_json(options))?;
        let future = async move { store.stage(path, options).await };
        call(py, event_loop, future, plain)
    }

    #[pyo3(signature = (url, options, event_loop=None))]
    fn stage_url<'py>(
        &self,
        py: Python<'py>,
        url: String,
        options: &str,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let store = self.inner.clone();
        let options = core(py, StageOptions::from_json(options))?;
        let future = async move { store.stage_url(&url, options).await };
        call(py, event_loop, future, plain)
    }

    #[pyo3(signature = (options, event_loop=None))]
    fn begin<'py>(
        &self,
        py: Python<'py>,
        options: &str,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let store = self.inner.clone();
        let options = core(py, StageOptions::from_json(options))?;
        let future = async move { store.begin(options).await };
        call(py, event_loop, future, |py, upload| {
            let inner = Arc::new(Owned::new(upload));
            Py::new(py, Upload { inner }).map(Py::into_any)
        })
    }

    #[pyo3(signature = (event_loop=None))]
    fn list<'py>(&self, py: Python<'py>, event_loop: Loop<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        let store = self.inner.clone();
        call(py, event_loop, async move { store.list().await }, plain)
    }

    #[pyo3(signature = (id, event_loop=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        id: String,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let store = self.inner.clone();
        call(py, event_loop, async move { store.get(&id).await }, plain)
    }

    #[pyo3(signature = (id, event_loop=None))]
    fn remove<'py>(
        &self,
        py: Python<'py>,
        id: String,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let store = self.inner.clone();
        call(
            py,
            event_loop,
            async move { store.remove(&id).await },
            plain,
        )
    }

    #[pyo3(signature = (event_loop=None))]
    fn cleanup<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let store = self.inner.clone();
        call(py, event_loop, async move { store.cleanup().await }, plain)
    }

    #[pyo3(signature = (event_loop=None))]
    fn reset<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let store = self.inner.clone();
        call(py, event_loop, async move { store.reset().await }, plain)
    }

    fn metrics(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        plain(py, self.inner.metrics())
    }
}

#[pymethods]
impl Upload {
    #[pyo3(signature = (data, event_loop=None))]
    fn write<'py>(
        &self,
        py: Python<'py>,
        data: &[u8],
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (upload, data) = (Arc::clone(&self.inner), data.to_vec());
        let future = async move { upload.write(data).await };
        call(py, event_loop, future, nothing)
    }

    #[pyo3(signature = (event_loop=None))]
    fn finish<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let upload = Arc::clone(&self.inner);
        call(py, event_loop, async move { upload.finish().await }, plain)
    }

    #[pyo3(signature = (event_loop=None))]
    fn abort<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let upload = Arc::clone(&self.inner);
        let future = async move {
            upload.abort().await;
            Ok(())
        };
        call(py, event_loop, future, nothing)
    }
}

/// What an attachment is as a part of a turn's input: a list of the wire's objects.
#[pyfunction]
pub(crate) fn attachment_inputs(py: Python<'_>, fields: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    plain(py, attachment(py, fields)?.inputs())
}

/// Whether the engine takes it as an image.
#[pyfunction]
pub(crate) fn attachment_is_image(py: Python<'_>, fields: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(attachment(py, fields)?.is_image())
}

/// Its input as an image.
#[pyfunction]
pub(crate) fn attachment_image(py: Python<'_>, fields: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let image = attachment(py, fields)?.as_image();
    plain(py, core(py, image)?)
}

/// Its input as an image in the message itself.
#[pyfunction]
#[pyo3(signature = (fields, event_loop=None))]
pub(crate) fn attachment_inline_image<'py>(
    py: Python<'py>,
    fields: &Bound<'py, PyAny>,
    event_loop: Loop<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let this = attachment(py, fields)?;
    let future = async move { this.as_inline_image().await };
    call(py, event_loop, future, plain)
}

/// Its input as a mention.
#[pyfunction]
pub(crate) fn attachment_mention(py: Python<'_>, fields: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    plain(py, attachment(py, fields)?.as_mention())
}

/// Its input as text.
#[pyfunction]
#[pyo3(signature = (fields, max_bytes=None, event_loop=None))]
pub(crate) fn attachment_text<'py>(
    py: Python<'py>,
    fields: &Bound<'py, PyAny>,
    max_bytes: Option<u64>,
    event_loop: Loop<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let this = attachment(py, fields)?;
    let future = async move { this.as_text(max_bytes).await };
    call(py, event_loop, future, plain)
}
