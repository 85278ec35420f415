//! The stages that a line of the engine goes through, one by one, for the benchmarks of `benches/`.
//!
//! It is behind the feature `benching`, no part of the public interface, and decides nothing.

use std::collections::VecDeque;

use crate::error::Error;
use crate::protocol::again::Beginnings;
use crate::session::diagnostics::Diagnostic;
use crate::session::router::{IncomingRequest, Router, Sink, Subscriber};
use crate::thread::event::Event;
use crate::thread::fold::Fold;
use crate::thread::queue::{EventStream, Keep, QueueLimits, Wakeups};
use crate::thread::text::Gathered;
use crate::transport::framing::Lines;

/// The pipe's reads; as large as those of the read loop.
const CHUNK: usize = 256 << 10;

/// Splits bytes into lines, read by read. Gives how many there are.
#[must_use]
pub fn split(bytes: &[u8]) -> usize {
    let mut lines = Lines::new(usize::MAX);
    let mut count = 0;
    for chunk in bytes.chunks(CHUNK) {
        lines.space(CHUNK)[..chunk.len()].copy_from_slice(chunk);
        lines.filled(chunk.len());
        count += lines.complete().count();
        lines.compact();
    }
    count
}

/// Finds the method and the ids in each line. Gives how many have a turn's.
#[must_use]
pub fn scan_all(lines: &[&str]) -> usize {
    let mut beginnings = Beginnings::default();
    let found = lines.iter().filter_map(|line| beginnings.scan(line).ok());
    found.filter(|spans| spans.turn_id.is_some()).count()
}

/// A router with a reader for one turn, who keeps what comes.
pub struct Routing {
    router: Router,
    kept: Kept,
}

impl Routing {
    /// The reader of the turn that the lines are of.
    #[must_use]
    pub fn of(thread_id: &str, turn_id: &str) -> Self {
        let mut router = Router::default();
        let mut kept = Kept::default();
        let id = router.start_turn(thread_id, 1);
        let answer = format!(r#"{{"id":{id},"result":{{"turn":{{"id":"{turn_id}"}}}}}}"#);
        router.line(&answer, &mut kept);
        Self { router, kept }
    }

    /// Gathers the lines of a read, scans them, makes events of them and finds their reader, as a session does.
    pub fn route(&mut self, lines: &[&str]) -> Vec<Event> {
        let mut lines = lines.iter().map(|line| line.as_bytes()).peekable();
        let mut gathered = Gathered::default();
        while gathered.next(&mut lines) {
            for number in 0..gathered.len() {
                self.router.line_of(gathered.line(number), &mut self.kept);
            }
        }
        std::mem::take(&mut self.kept.0)
    }
}

/// The events of the turn's reader.
#[derive(Default)]
struct Kept(Vec<Event>);

impl Sink for Kept {
    fn response(&mut self, _id: u64, _answer: Result<&str, Error>) {}
    fn bound(&mut self, _reader: Subscriber, _turn_id: &str) {}
    fn turn_event(&mut self, _reader: Subscriber, event: Event) {
        self.0.push(event);
    }
    fn unclaimed(&mut self, _event: Event) {}
    fn server_request(&mut self, _request: IncomingRequest) {}
    fn suspect(&mut self, _thread_id: &str) {}
    fn orphan(&mut self, _thread_id: &str, _turn_id: &str) {}
    fn diagnostic(&mut self, _diagnostic: Diagnostic) {}
}

/// Folds a turn's events into what its result is made of. Gives whether it has ended.
#[must_use]
pub fn fold(events: &[Event]) -> bool {
    let mut fold = Fold::default();
    events
        .iter()
        .fold(false, |ended, event| fold.observe(event) || ended)
}

/// A turn's queue without bounds.
pub struct Queueing {
    stream: EventStream,
    wakeups: Wakeups,
    batch: VecDeque<Event>,
}

impl Default for Queueing {
    fn default() -> Self {
        let limits = QueueLimits {
            soft_events: usize::MAX,
            soft_bytes: usize::MAX,
            hard_events: usize::MAX,
            hard_bytes: usize::MAX,
        };
        Self {
            stream: EventStream::new(Keep::All, limits),
            wakeups: Wakeups::default(),
            batch: VecDeque::new(),
        }
    }
}

impl Queueing {
    /// Puts the events in under one lock.
    pub fn queue(&mut self, mut events: Vec<Event>) {
        self.stream.push_all(&mut events, &mut self.wakeups);
        self.wakeups.run();
    }

    /// Takes them out in batches, as readers do, and drops them. Gives how many there were.
    pub fn drain(&mut self) -> usize {
        let mut count = 0;
        loop {
            self.stream.drain(&mut self.batch, 256);
            match self.batch.len() {
                0 => return count,
                taken => count += taken,
            }
            self.batch.clear();
        }
    }
}
