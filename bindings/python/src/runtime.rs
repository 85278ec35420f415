//! The one tokio runtime of the process, and what a fork does to it.
//!
//! Threads do not survive a fork, so a child must neither use the runtime nor let a destructor of
//! ours touch the parent's engine. Nothing here knows about clients.

use std::mem;
use std::ops::Deref;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::{error, shutdown};

static RUNTIME: OnceLock<Runtime> = OnceLock::new();
/// The process that made the runtime; 0 before there is one.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// The runtime, made on first use.
///
/// # Errors
/// `ForkedError` in a child process of the one that made it; `OSError` if no thread can be started.
pub(crate) fn get(py: Python<'_>) -> PyResult<&'static Runtime> {
    if is_foreign() {
        return Err(error::forked(py));
    }
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("codexkit")
        .enable_all()
        .build()?;
    shutdown::register(py)?;
    OWNER.store(process::id(), Ordering::Release);
    Ok(RUNTIME.get_or_init(|| made))
}

/// Whether this process is a forked child of the one that made the runtime.
pub(crate) fn is_foreign() -> bool {
    let owner = OWNER.load(Ordering::Acquire);
    owner != 0 && owner != process::id()
}

/// A core handle whose destructor runs only in the process that made it: in a forked child the
/// engine belongs to the parent.
pub(crate) struct Owned<T>(Arc<T>);

impl<T> Owned<T> {
    pub(crate) fn new(value: T) -> Self {
        Owned(Arc::new(value))
    }
}

impl<T> Deref for Owned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if is_foreign() {
            // One reference that is never given back keeps the destructor from running.
            mem::forget(Arc::clone(&self.0));
        }
    }
}
