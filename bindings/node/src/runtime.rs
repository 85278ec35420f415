//! The one tokio runtime of the process, and promises that its tasks settle.

use std::future::Future;
use std::sync::OnceLock;

use codexkit::{Error, ErrorKind, Result};
use napi::Env;
use napi::bindgen_prelude::{Object, ToNapiValue};
use tokio::runtime::{Builder, Runtime};

use crate::error::to_napi;

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// The runtime, made on first use. It is never dropped: the process ends under it.
pub(crate) fn runtime() -> Result<&'static Runtime> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("codexkit")
        .enable_all()
        .build()
        .map_err(|error| Error::new(ErrorKind::Io, format!("cannot start threads: {error}")))?;
    Ok(RUNTIME.get_or_init(|| made))
}

/// A promise that settles as `future` ends. It keeps the Node process alive until then.
pub(crate) fn promise<T, F>(env: &Env, future: F) -> napi::Result<Object<'_>>
where
    T: ToNapiValue + Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let runtime = runtime().map_err(|error| to_napi(&error))?;
    let (deferred, promise) = env.create_deferred()?;
    runtime.spawn(async move {
        match future.await {
            Ok(value) => deferred.resolve(move |_| Ok(value)),
            Err(error) => deferred.reject(to_napi(&error)),
        }
    });
    Ok(promise)
}
