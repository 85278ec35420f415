//! Reading event streams from JavaScript: in batches, without a promise or an object per event.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codexkit::{Event, EventStream, SimpleEvent, SimpleFold, StreamState};
use napi::bindgen_prelude::Int32ArraySlice;
use napi::{Env, JsString};
use napi_derive::napi;

use crate::batch::Batch;
use crate::hub::Shared;

/// Events of a stream, in columns.
#[napi(object, object_from_js = false)]
pub struct EventBatch<'env> {
    /// The lines of the events, one after the other.
    pub text: JsString<'env>,
    /// One row per event; see `batch.rs`.
    pub columns: Int32ArraySlice<'env>,
}

/// How a stream ended.
pub(crate) enum End {
    Open,
    Ended,
    Failed(String),
}

/// Taken, but not handed over yet; and how the stream ended, once it has.
pub(crate) struct Intake {
    stream: EventStream,
    taken: VecDeque<Event>,
    end: End,
}

impl Intake {
    pub(crate) fn new(stream: EventStream) -> Self {
        Self {
            stream,
            taken: VecDeque::new(),
            end: End::Open,
        }
    }

    /// Takes from the stream when nothing is left from the last time.
    fn fill(&mut self) {
        if !self.taken.is_empty() || !matches!(self.end, End::Open) {
            return;
        }
        self.end = match self.stream.drain_batch(&mut self.taken) {
            StreamState::Open => End::Open,
            StreamState::Ended => End::Ended,
            StreamState::Failed(error) => End::Failed(error.to_json()),
        };
    }

    /// What is ready, at most `max` events.
    pub(crate) fn take(&mut self, max: usize) -> VecDeque<Event> {
        self.fill();
        let rest = self.taken.split_off(max.min(self.taken.len()));
        std::mem::replace(&mut self.taken, rest)
    }

    /// Null while the stream is open or has something left, then the empty string or the error's JSON.
    pub(crate) fn end(&self) -> Option<String> {
        match &self.end {
            _ if !self.taken.is_empty() => None,
            End::Open => None,
            End::Ended => Some(String::new()),
            End::Failed(error) => Some(error.clone()),
        }
    }
}

/// The full events of a turn, or a client's notifications.
#[napi]
pub struct NativeStream {
    intake: Mutex<Intake>,
    /// Keeps the turn alive: without any handle its queue would be given up.
    _turn: Option<codexkit::Turn>,
}

impl NativeStream {
    pub(crate) fn open(
        stream: &EventStream,
        turn: Option<codexkit::Turn>,
        hub: &Arc<Shared>,
        id: u32,
    ) -> Self {
        stream.set_wake(Some(hub.wake(id)));
        Self {
            intake: Mutex::new(Intake::new(stream.clone())),
            _turn: turn,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Intake> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[napi]
impl NativeStream {
    /// Up to `max` events that are ready; null if none is.
    #[napi]
    pub fn drain<'env>(&self, env: &'env Env, max: u32) -> napi::Result<Option<EventBatch<'env>>> {
        let max = max as usize;
        let mut intake = self.lock();
        intake.fill();
        let mut batch = Batch::for_events(intake.taken.len().min(max), intake.taken.front());
        while !batch.is_full(max) {
            let Some(event) = intake.taken.pop_front() else {
                break;
            };
            batch.push(&event);
        }
        drop(intake);
        if batch.is_empty() {
            return Ok(None);
        }
        let (text, columns) = batch.into_parts();
        let text = if text.ascii {
            env.create_string_latin1(text.text)?
        } else {
            env.create_string(text.text)?
        };
        Ok(Some(EventBatch {
            text,
            columns: Int32ArraySlice::copy_from(env, &columns)?,
        }))
    }

    /// Null while more may come, the empty string at the end, the error's JSON if the stream broke off.
    #[napi]
    pub fn end(&self) -> Option<String> {
        self.lock().end()
    }

    /// How many notifications the stream gave up.
    #[napi]
    pub fn dropped(&self) -> f64 {
        self.lock().stream.dropped() as f64
    }
}

/// The simple events of a turn.
#[napi]
pub struct NativeSimpleStream {
    intake: Mutex<(Intake, SimpleFold, Vec<SimpleEvent>)>,
    _turn: codexkit::Turn,
}

impl NativeSimpleStream {
    pub(crate) fn open(turn: &codexkit::Turn, hub: &Arc<Shared>, id: u32) -> Self {
        let (fold, opening) = turn.simple_fold();
        turn.events().set_wake(Some(hub.wake(id)));
        let intake = Intake::new(turn.events().clone());
        Self {
            intake: Mutex::new((intake, fold, vec![opening])),
            _turn: turn.clone(),
        }
    }
}

#[napi]
impl NativeSimpleStream {
    /// The simple events that are ready, as a JSON array; null if none is.
    #[napi]
    pub fn drain(&self, max: u32) -> Option<String> {
        let mut guard = self.intake.lock().unwrap_or_else(PoisonError::into_inner);
        let (intake, fold, out) = &mut *guard;
        loop {
            intake.fill();
            if intake.taken.is_empty() {
                break;
            }
            let some = intake.taken.len().min(max as usize);
            for event in intake.taken.drain(..some) {
                fold.push(&event, out);
            }
            if !out.is_empty() {
                break;
            }
        }
        if out.is_empty() {
            return None;
        }
        let texts: Vec<String> = out.drain(..).map(|event| event.to_json()).collect();
        Some(format!("[{}]", texts.join(",")))
    }

    /// As [`NativeStream::end`].
    #[napi]
    pub fn end(&self) -> Option<String> {
        let guard = self.intake.lock().unwrap_or_else(PoisonError::into_inner);
        guard.0.end()
    }
}
