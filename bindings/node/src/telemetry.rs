//! The records of telemetry on their way to JavaScript: one queue for each environment.

use std::sync::Arc;

use codexkit::telemetry::{Observer, RecordQueue, SEMANTIC_CONVENTIONS};
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;

use crate::hub::weak;

/// Records that wait for the event loop.
#[napi]
pub struct NativeRecords {
    queue: Arc<RecordQueue>,
}

impl NativeRecords {
    /// What a client tells its records to; one with a `tag` of its own always, others while somebody listens to all.
    pub(crate) fn observer(&self, tag: u32) -> Arc<dyn Observer> {
        self.queue.observer(tag, tag != 0)
    }
}

#[napi]
impl NativeRecords {
    /// A queue that calls `look` when there is something to take. It does not keep the process alive.
    #[napi(constructor)]
    pub fn new(look: Function<'_, (), ()>) -> napi::Result<Self> {
        let look = weak(look)?;
        let queue = RecordQueue::new();
        queue.set_wake(Some(Arc::new(move || {
            look.call((), ThreadsafeFunctionCallMode::NonBlocking);
        })));
        Ok(Self { queue })
    }

    /// Says whether the records of all clients are wanted, and whether with their content.
    #[napi]
    pub fn listen(&self, on: bool, captures_content: bool) {
        self.queue.listen(on, captures_content);
    }

    /// The oldest records as a JSON array, at most `most`; null if there are none.
    #[napi]
    pub fn take(&self, most: u32) -> Option<String> {
        let taken = self.queue.take(most as usize);
        (!taken.is_empty()).then(|| format!("[{}]", taken.join(",")))
    }

    /// The version of the semantic conventions.
    #[napi]
    pub fn conventions(&self) -> String {
        SEMANTIC_CONVENTIONS.to_owned()
    }
}
