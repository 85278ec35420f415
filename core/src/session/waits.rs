//! Which threads wait for which, because one's agent has asked the other's: so that no circle of them waits for ever. It
//! is one for the whole process, as threads of several clients may ask each other. It knows no engine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::session::Session;
use crate::thread::state::TurnState;

static WAITS: Mutex<Waits> = Mutex::new(Waits {
    links: Vec::new(),
    next: 0,
});

fn waits() -> MutexGuard<'static, Waits> {
    WAITS.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Waits {
    links: Vec<Link>,
    next: u64,
}

/// A thread that waits for another one.
struct Link {
    call: u64,
    from: String,
    to: String,
}

impl Waits {
    /// Whether one thread cannot go on before the other does.
    fn depends(&self, from: &str, on: &str) -> bool {
        let mut open = vec![from];
        let mut seen = Vec::new();
        while let Some(thread) = open.pop() {
            if thread == on {
                return true;
            }
            if !seen.contains(&thread) {
                seen.push(thread);
                let links = self.links.iter().filter(|link| link.from == thread);
                open.extend(links.map(|link| link.to.as_str()));
            }
        }
        false
    }

    fn begin(&mut self, callers: &[String], callee: &str) -> Option<u64> {
        if callers.iter().any(|caller| self.depends(callee, caller)) {
            return None;
        }
        self.next += 1;
        let call = self.next;
        self.links.extend(callers.iter().map(|caller| Link {
            call,
            from: caller.clone(),
            to: callee.to_owned(),
        }));
        Some(call)
    }

    fn end(&mut self, call: u64) {
        self.links.retain(|link| link.call != call);
    }
}

/// As long as this is there, the callers wait for the thread that they call.
pub(crate) struct Waiting(u64);

impl Waiting {
    /// The callers (a thread and those above it) begin to wait; `None` if the callee waits for one of them already.
    pub(crate) fn begin(callers: &[String], callee: &str) -> Option<Self> {
        waits().begin(callers, callee).map(Self)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        waits().end(self.0);
    }
}

impl Session {
    /// A thread and those whose sub-agent it is; nothing if it is not known which thread it is.
    pub(crate) fn line_of(&self, thread_id: &str) -> Vec<String> {
        if thread_id.is_empty() {
            return Vec::new();
        }
        let state = self.lock();
        let above = state.shell.family.above(thread_id);
        std::iter::once(thread_id)
            .chain(above)
            .map(str::to_owned)
            .collect()
    }

    /// A turn of this client's that runs on a thread.
    pub(crate) fn running_on(&self, thread_id: &str) -> Option<Arc<TurnState>> {
        let state = self.lock();
        let mut running = state.shell.running();
        running.find(|turn| turn.thread_id() == thread_id).cloned()
    }

    /// Waits until no turn of this client's runs on a thread.
    pub(crate) async fn until_idle(&self, thread_id: &str) {
        while let Some(turn) = self.running_on(thread_id) {
            turn.ended().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|&id| id.to_owned()).collect()
    }

    fn none() -> Waits {
        Waits {
            links: Vec::new(),
            next: 0,
        }
    }

    #[test]
    fn a_circle_is_refused_however_long() {
        let mut waits = none();
        assert!(waits.begin(&line(&["a"]), "a").is_none());
        let call = waits.begin(&line(&["a"]), "b").expect("nobody waits yet");
        assert!(waits.begin(&line(&["b"]), "c").is_some());
        assert!(waits.begin(&line(&["c"]), "a").is_none());
        assert!(waits.begin(&line(&["c"]), "b").is_none());
        waits.end(call);
        assert!(waits.begin(&line(&["c"]), "a").is_some());
    }

    #[test]
    fn several_may_wait_for_one() {
        let mut waits = none();
        for caller in ["a", "b", "a"] {
            assert!(waits.begin(&line(&[caller]), "c").is_some());
        }
    }

    #[test]
    fn those_above_a_sub_agent_wait_with_it() {
        let mut waits = none();
        assert!(waits.begin(&line(&["child", "a"]), "a").is_none());
        assert!(waits.begin(&line(&["child", "a"]), "b").is_some());
        assert!(waits.begin(&line(&["b"]), "a").is_none());
    }

    #[test]
    fn nobody_knows_who_calls_and_nobody_waits() {
        let mut waits = none();
        assert!(waits.begin(&[], "a").is_some());
        assert!(waits.begin(&line(&["a"]), "b").is_some());
    }
}
