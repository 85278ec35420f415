//! A whole session, fed with an engine's lines: for the fuzz targets.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use serde_json::json;
use tokio::sync::mpsc;

use super::{OUTGOING_MESSAGES, Session, SessionOptions};
use crate::error::{Error, ErrorKind};
use crate::protocol::raw;
use crate::thread::queue::{Keep, QueueLimits};
use crate::thread::state::TurnState;

/// Feeds a session in which a request and two turns wait for their answers, then has the engine die.
///
/// # Panics
/// When somebody still waits after the engine's death.
pub(crate) fn feed(lines: &[Vec<u8>]) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
    else {
        return;
    };
    let _entered = runtime.enter();
    // The receiver stays: what the session answers has somewhere to go.
    let (sender, _outgoing) = mpsc::channel(OUTGOING_MESSAGES);
    let session = Arc::new(Session::new(
        SessionOptions::plain(),
        sender,
        runtime.handle().clone(),
    ));
    let turns = ["t", "thread-1"]
        .map(|thread| Arc::new(TurnState::new(thread, Keep::All, QueueLimits::default())));
    let params = raw(&json!({}));
    let mut asked = pin!(session.request("model/list", None, None));
    let mut first = pin!(session.start_turn(&turns[0], &params));
    let mut second = pin!(session.start_turn(&turns[1], &params));
    let mut context = Context::from_waker(Waker::noop());
    let mut pending = [true; 3];
    let mut look = || {
        // A call that has its answer must not be polled again.
        let [asking, one, two] = &mut pending;
        *asking = *asking && asked.as_mut().poll(&mut context).is_pending();
        *one = *one && first.as_mut().poll(&mut context).is_pending();
        *two = *two && second.as_mut().poll(&mut context).is_pending();
        *asking || *one || *two
    };
    look();
    session.feed(lines.iter().map(Vec::as_slice));
    look();
    session.fail(&Error::new(ErrorKind::Closed, "it died"));
    assert!(!look(), "somebody still waits");
    session.stats();
}
