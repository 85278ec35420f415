//! The router in a small world, in which everything happens in every order that is possible: two callers start turns
//! on one thread and may give up; the engine begins, joins, answers, answers again, tells and ends turns,
//! and dies at every point. What must hold is checked after each step, with the engine dead and alive.

use std::collections::HashSet;

use super::*;

const READERS: usize = 2;
/// Turns that a test's engine can run, one after the other.
const TURNS: [&str; READERS] = ["u", "v"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A caller sends its request.
    Send(usize),
    /// The engine takes up a `turn/start`: it begins a turn, or joins the one that runs.
    Take(usize),
    /// The engine answers.
    Answer(usize),
    /// The engine answers what it has answered.
    AnswerAgain(usize),
    /// A caller gives up.
    GiveUp(usize),
    /// The running turn has an event.
    Tell,
    /// The running turn ends.
    End,
}

/// What was delivered.
#[derive(Clone, Default)]
struct Seen {
    responses: Vec<u64>,
    bound: Vec<(Subscriber, String)>,
    /// The reader and the event's number.
    delivered: Vec<(Subscriber, usize)>,
    unclaimed: Vec<usize>,
    orphans: Vec<String>,
    diagnostics: usize,
}

fn number(event: &Event) -> usize {
    event
        .item_id()
        .and_then(|id| id.parse().ok())
        .unwrap_or(usize::MAX)
}

impl Sink for Seen {
    fn response(&mut self, id: u64, _answer: Result<&str, Error>) {
        self.responses.push(id);
    }
    fn bound(&mut self, reader: Subscriber, turn_id: &str) {
        self.bound.push((reader, turn_id.to_owned()));
    }
    fn turn_event(&mut self, reader: Subscriber, event: Event) {
        self.delivered.push((reader, number(&event)));
    }
    fn unclaimed(&mut self, event: Event) {
        self.unclaimed.push(number(&event));
    }
    fn server_request(&mut self, _request: IncomingRequest) {}
    fn suspect(&mut self, _thread_id: &str) {}
    fn orphan(&mut self, _thread_id: &str, turn_id: &str) {
        self.orphans.push(turn_id.to_owned());
    }
    fn diagnostic(&mut self, _diagnostic: Diagnostic) {
        self.diagnostics += 1;
    }
}

/// A caller, as the test sees it.
#[derive(Clone, Debug, Default)]
struct Caller {
    id: Option<u64>,
    /// How many events there were when it sent its request.
    since: usize,
    turn: Option<usize>,
    gave_up: bool,
    answered: bool,
    again: bool,
}

#[derive(Clone, Default)]
struct World {
    router: Router,
    seen: Seen,
    callers: [Caller; READERS],
    running: Option<usize>,
    begun: usize,
    /// The turn of each event, and whether it was the end.
    events: Vec<(usize, bool)>,
}

impl World {
    fn possible(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (which, caller) in self.callers.iter().enumerate() {
            let sent = caller.id.is_some();
            if !sent {
                steps.push(Step::Send(which));
            }
            if sent && caller.turn.is_none() {
                steps.push(Step::Take(which));
            }
            if sent && !caller.answered && caller.turn.is_some() {
                steps.push(Step::Answer(which));
            }
            // A second answer is looked at for one, so that the world stays small.
            if which == 0 && caller.answered && !caller.again {
                steps.push(Step::AnswerAgain(which));
            }
            if sent && !caller.answered && !caller.gave_up {
                steps.push(Step::GiveUp(which));
            }
        }
        if let Some(turn) = self.running {
            let told = self.events.iter().any(|(of, _)| *of == turn);
            if !told {
                steps.push(Step::Tell);
            }
            steps.push(Step::End);
        }
        steps
    }

    fn line(&mut self, line: &str) {
        let before = self.seen.bound.len();
        self.router.line(line, &mut self.seen);
        // What the shell does: the reader of a turn that has ended already reads no further.
        for (_, turn) in &self.seen.bound[before..] {
            let ended = self
                .events
                .iter()
                .any(|(of, end)| TURNS[*of] == turn && *end);
            if ended {
                self.router.close_turn(turn);
            }
        }
    }

    fn tell(&mut self, turn: usize, end: bool) {
        let number = self.events.len();
        self.events.push((turn, end));
        let (method, turn) = (
            if end {
                "turn/completed"
            } else {
                "item/completed"
            },
            TURNS[turn],
        );
        self.line(&format!(
            r#"{{"method":"{method}","params":{{"threadId":"t","turnId":"{turn}","itemId":"{number}"}}}}"#
        ));
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Send(which) => {
                let id = self.router.start_turn("t", which as Subscriber);
                self.callers[which].id = Some(id);
                self.callers[which].since = self.events.len();
            }
            Step::Take(which) => {
                let turn = *self.running.get_or_insert_with(|| {
                    self.begun += 1;
                    self.begun - 1
                });
                self.callers[which].turn = Some(turn);
            }
            Step::Answer(which) | Step::AnswerAgain(which) => {
                let caller = &mut self.callers[which];
                caller.again = caller.answered;
                caller.answered = true;
                let id = caller.id.unwrap_or_default();
                let result = caller.turn.map_or_else(
                    || "{}".to_owned(),
                    |turn| format!(r#"{{"turn":{{"id":"{}"}}}}"#, TURNS[turn]),
                );
                self.line(&format!(r#"{{"id":{id},"result":{result}}}"#));
            }
            Step::GiveUp(which) => {
                self.callers[which].gave_up = true;
                self.router
                    .abandon(self.callers[which].id.unwrap_or_default());
            }
            Step::Tell => self.tell(self.running.unwrap_or_default(), false),
            Step::End => {
                if let Some(turn) = self.running.take() {
                    self.tell(turn, true);
                }
            }
        }
    }

    /// Whether the caller has its turn.
    fn has_turn(&self, which: usize) -> bool {
        let caller = &self.callers[which];
        caller.answered && !caller.gave_up
    }

    fn check_answers(&self) {
        for (which, caller) in self.callers.iter().enumerate() {
            let Some(id) = caller.id else { continue };
            let times = self.seen.responses.iter().filter(|it| **it == id).count();
            let due = usize::from(caller.answered && !caller.gave_up);
            assert_eq!(times, due, "answers to caller {which}");
        }
        let bound = self.seen.bound.iter().map(|(reader, _)| *reader as usize);
        let mut bound: Vec<usize> = bound.collect();
        bound.sort_unstable();
        let due: Vec<usize> = (0..READERS).filter(|which| self.has_turn(*which)).collect();
        assert_eq!(bound, due, "who knows its turn");
        let late = self.callers.iter().map(|caller| {
            usize::from(caller.gave_up && caller.answered) + usize::from(caller.again)
        });
        assert_eq!(
            self.seen.diagnostics,
            late.sum::<usize>(),
            "late answers are reported"
        );
    }

    /// Each reader has the events of its turn since it asked for it, each once and in order.
    fn check_readers(&self) {
        for which in (0..READERS).filter(|which| self.has_turn(*which)) {
            let caller = &self.callers[which];
            let of_turn = |number: &usize| Some(self.events[*number].0) == caller.turn;
            let due: Vec<usize> = (caller.since..self.events.len()).filter(of_turn).collect();
            let delivered = self.seen.delivered.iter();
            let to_it = delivered.filter(|(reader, _)| *reader as usize == which);
            let got: Vec<usize> = to_it.map(|(_, number)| *number).filter(of_turn).collect();
            assert_eq!(got, due, "what reader {which} got");
        }
    }

    /// With the engine dead, what was of nobody's turn has been told to everybody else, once.
    fn check_dead(mut self) {
        self.router.disconnect(&mut self.seen);
        for (number, (turn, _)) in self.events.iter().enumerate() {
            let has_reader = (0..READERS).any(|which| {
                let caller = &self.callers[which];
                self.has_turn(which) && caller.turn == Some(*turn) && caller.since <= number
            });
            let times = self
                .seen
                .unclaimed
                .iter()
                .filter(|it| *it == &number)
                .count();
            assert_eq!(times, usize::from(!has_reader), "event {number}");
        }
        for (which, caller) in self.callers.iter().enumerate() {
            if let (Some(id), false) = (caller.id, caller.answered) {
                let answers = self.seen.responses.len();
                self.router
                    .line(&format!(r#"{{"id":{id},"result":{{}}}}"#), &mut self.seen);
                assert_eq!(
                    self.seen.responses.len(),
                    answers,
                    "caller {which} after the death"
                );
            }
        }
        let mut nobody = Seen::default();
        self.router.close(&mut nobody);
        assert!(nobody.unclaimed.is_empty() && self.router.is_empty());
    }
}

/// All that tells two worlds apart, but the order in which different readers got the same.
fn fingerprint(world: &World) -> String {
    let Router {
        pending,
        abandoned,
        turns,
        starting,
        released,
        next_id,
        beginnings: _,
    } = &world.router;
    let mut requests: Vec<_> = pending
        .iter()
        .map(|(id, it)| (id, it.abandoned, it.start.is_some()))
        .collect();
    requests.sort_unstable();
    let mut routes: Vec<_> = turns.iter().map(|(id, it)| (id, &it.readers)).collect();
    routes.sort_unstable();
    let starting: Vec<_> = starting
        .values()
        .map(|it| {
            let held: Vec<_> = it
                .held
                .iter()
                .map(|held| (number(&held.event), &held.readers))
                .collect();
            (&it.readers, &it.turns, held)
        })
        .collect();
    let seen = &world.seen;
    let mut delivered = seen.delivered.clone();
    delivered.sort_by_key(|(reader, _)| *reader);
    let (mut responses, mut bound) = (seen.responses.clone(), seen.bound.clone());
    responses.sort_unstable();
    bound.sort_unstable();
    let router = format!(
        "{requests:?} {abandoned:?} {routes:?} {starting:?} {} {next_id}",
        released.len()
    );
    let told = format!(
        "{delivered:?} {:?} {responses:?} {bound:?} {:?} {}",
        seen.unclaimed, seen.orphans, seen.diagnostics
    );
    format!(
        "{router} | {told} | {:?} {:?} {} {:?}",
        world.callers, world.running, world.begun, world.events
    )
}

/// Goes every way from here on that was not gone yet.
fn explore(world: &World, path: &mut Vec<Step>, known: &mut HashSet<String>, ways: &mut usize) {
    if !known.insert(fingerprint(world)) {
        return;
    }
    world.check_answers();
    world.check_readers();
    world.clone().check_dead();
    let steps = world.possible();
    if steps.is_empty() {
        assert!(world.router.is_empty(), "something is left");
    }
    for step in steps {
        let mut next = world.clone();
        path.push(step);
        next.take(step);
        *ways += 1;
        explore(&next, path, known, ways);
        path.pop();
    }
}

#[test]
fn every_order_of_a_small_world() {
    let (mut known, mut ways) = (HashSet::new(), 0);
    let mut path = Vec::new();
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        explore(&World::default(), &mut path, &mut known, &mut ways);
    }));
    assert!(found.is_ok(), "after {path:?}");
    assert_eq!((known.len(), ways), (13_449, 22_873), "states and steps");
}
