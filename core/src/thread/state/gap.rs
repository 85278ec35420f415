//! A hole in a turn's events: the connection was lost, and what the engine said meanwhile went nowhere.
//!
//! While the hole is open, new events wait. When it is known what was missed, the items that completed
//! meanwhile go first, so that the fold sees every item once and in order.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Outcome, TurnState};
use crate::thread::event::Event;
use crate::thread::queue::Wakeups;

/// More events do not wait: then they pass, and what was missed comes after them.
const MOST_HELD: usize = 4096;

impl TurnState {
    /// Events were missed from here on; `marker` says so to the reader.
    pub(crate) fn open_gap(&self, marker: Event, wakeups: &mut Wakeups) {
        let mut inner = self.lock();
        if !matches!(inner.outcome, Outcome::Running) {
            return;
        }
        if let Some(held) = &mut inner.held {
            held.push(marker);
            return;
        }
        inner.queued += 1;
        self.stream.push(marker, wakeups);
        inner.held = Some(Vec::new());
        self.gap.store(true, Ordering::SeqCst);
    }

    /// Puts events aside while the hole is open. False when they are to be taken in now, those that waited
    /// before them included.
    pub(super) fn hold(&self, inner: &mut super::Inner, events: &mut Vec<Event>) -> bool {
        let Some(held) = &mut inner.held else {
            return false;
        };
        held.append(events);
        if held.len() <= MOST_HELD {
            return true;
        }
        *events = inner.held.take().unwrap_or_default();
        self.gap.store(false, Ordering::SeqCst);
        false
    }

    /// It is known what was missed: `completed` are the turn's completed items so far, `end` its end, if it
    /// has ended. True when the turn ended by `end`, and not by an event that waited.
    pub(crate) fn close_gap(
        self: &Arc<Self>,
        completed: Vec<Event>,
        end: Option<Event>,
        wakeups: &mut Wakeups,
    ) -> bool {
        let mut inner = self.lock();
        let mut held = inner.held.take().unwrap_or_default();
        self.gap.store(false, Ordering::SeqCst);
        if !matches!(inner.outcome, Outcome::Running) {
            return false;
        }
        // Resuming a thread repeats the last usage.
        held.retain(|event| !inner.fold.has_usage(event));
        let ends_itself = held.iter().any(|event| event.method() == "turn/completed");
        let by_end = end.is_some() && !ends_itself;
        let seen = inner
            .fold
            .items()
            .chain(held.iter().filter(|event| is_item(event)));
        let mut events = missing(seen, inner.fold.items().count(), completed);
        events.append(&mut held);
        events.extend(end);
        self.take(inner, &mut events, wakeups);
        by_end
    }
}

fn is_item(event: &Event) -> bool {
    event.method() == "item/completed"
}

/// The items of `completed` that were not seen. An engine that gives items other ids when they are read
/// leaves only their number to go by.
fn missing<'event>(
    seen: impl Iterator<Item = &'event Event>,
    folded: usize,
    mut completed: Vec<Event>,
) -> Vec<Event> {
    let seen: HashSet<&str> = seen.filter_map(Event::item_id).collect();
    let is_seen = |event: &Event| event.item_id().is_some_and(|id| seen.contains(id));
    if folded > 0 && !completed.iter().any(is_seen) {
        return completed.split_off(folded.min(completed.len()));
    }
    completed.retain(|event| !is_seen(event));
    completed
}

#[cfg(test)]
#[path = "gap_tests.rs"]
mod tests;
