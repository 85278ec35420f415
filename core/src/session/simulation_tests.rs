//! The session against a random engine: requests, answers, events, callers that give up and death in any
//! order, and lines in batches of any size. Every waiter is answered once, every reader gets exactly its
//! turn's events, and in the end nothing is left.
#![expect(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "tests")]

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::*;
use crate::thread::event::Event;
use crate::thread::queue::StreamState;

const THREADS: usize = 2;

#[derive(Clone, Debug)]
enum Step {
    /// A caller starts a turn.
    Start { thread: usize },
    /// A caller sends another request.
    Ask,
    /// The engine takes up a `turn/start` without answering yet.
    Begin { which: usize },
    /// The engine answers a request, in any order, with an error now and then.
    Answer { which: usize, refuse: bool },
    /// The running turn of a thread has an event.
    Emit { thread: usize, delta: bool },
    /// It ends.
    End { thread: usize },
    /// What the engine wrote is read.
    Read,
    /// A caller looks for its answer.
    Look { which: usize },
    /// A caller gives up waiting for its answer.
    GiveUp { which: usize },
    /// A handle is dropped.
    Forget { which: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0usize..8;
    let thread = 0..THREADS;
    prop_oneof![
        3 => thread.clone().prop_map(|thread| Step::Start { thread }),
        1 => Just(Step::Ask),
        2 => which.clone().prop_map(|which| Step::Begin { which }),
        4 => (which.clone(), prop::bool::weighted(0.1)).prop_map(|(which, refuse)| Step::Answer { which, refuse }),
        6 => (thread.clone(), any::<bool>()).prop_map(|(thread, delta)| Step::Emit { thread, delta }),
        2 => thread.prop_map(|thread| Step::End { thread }),
        3 => Just(Step::Read),
        3 => which.clone().prop_map(|which| Step::Look { which }),
        1 => which.clone().prop_map(|which| Step::GiveUp { which }),
        1 => which.prop_map(|which| Step::Forget { which }),
    ]
}

type Call<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

enum Waiting {
    Turn(Call<Subscriber>),
    Other(Call<Box<RawValue>>),
}

/// A `turn/start` that went well.
struct Handle {
    turn: Arc<TurnState>,
    reader: Subscriber,
    /// How many lines were on the wire when it was registered.
    since: usize,
}

struct Caller {
    waiting: Waiting,
    turn: Option<(Arc<TurnState>, usize)>,
}

struct Asked {
    id: u64,
    /// For a `turn/start`, and the turn that it began or joined.
    thread: Option<usize>,
    turn: Option<String>,
}

struct World {
    session: Arc<Session>,
    outgoing: mpsc::Receiver<Outgoing>,
    callers: Vec<Caller>,
    handles: Vec<Handle>,
    /// Every turn that was ever asked for.
    all: Vec<Arc<TurnState>>,
    answers: usize,
    /// What the engine was asked and has not answered.
    asked: Vec<Asked>,
    running: [Option<String>; THREADS],
    turns: usize,
    /// Every line that the engine ever wrote, with its turn, and how many of them were read.
    wire: Vec<(Option<String>, String)>,
    read: usize,
}

fn pick<T>(list: &[T], which: usize) -> Option<usize> {
    (!list.is_empty()).then(|| which % list.len())
}

impl World {
    fn new(runtime: &tokio::runtime::Runtime) -> Self {
        let (sender, outgoing) = mpsc::channel(OUTGOING_MESSAGES);
        let options = SessionOptions::plain();
        Self {
            session: Arc::new(Session::new(options, sender, runtime.handle().clone())),
            outgoing,
            callers: Vec::new(),
            handles: Vec::new(),
            all: Vec::new(),
            answers: 0,
            asked: Vec::new(),
            running: Default::default(),
            turns: 0,
            wire: Vec::new(),
            read: 0,
        }
    }

    fn write(&mut self, turn: Option<String>, line: serde_json::Value) {
        self.wire.push((turn, line.to_string()));
    }

    fn read_all(&mut self) {
        let lines = self.wire[self.read..].iter();
        self.session.feed(lines.map(|(_, line)| line.as_bytes()));
        self.read = self.wire.len();
    }

    /// Polls a caller; it is gone from the list when it has its answer.
    fn look(&mut self, which: usize) {
        let mut context = Context::from_waker(Waker::noop());
        let caller = &mut self.callers[which];
        let ready = match &mut caller.waiting {
            Waiting::Turn(call) => match call.as_mut().poll(&mut context) {
                Poll::Ready(Ok(reader)) => {
                    let (turn, since) = caller.turn.take().unwrap();
                    self.handles.push(Handle {
                        turn,
                        reader,
                        since,
                    });
                    true
                }
                other => other.is_ready(),
            },
            Waiting::Other(call) => call.as_mut().poll(&mut context).is_ready(),
        };
        if ready {
            self.answers += 1;
            drop(self.callers.remove(which));
        }
    }

    /// Takes in what the last call sent.
    fn sent(&mut self, thread: Option<usize>) {
        let message: serde_json::Value =
            serde_json::from_slice(&self.outgoing.try_recv().unwrap().bytes).unwrap();
        let id = message["id"].as_u64().unwrap();
        self.asked.push(Asked {
            id,
            thread,
            turn: None,
        });
    }

    fn begin(&mut self, which: usize) {
        let Asked {
            thread: Some(thread),
            turn: turn @ None,
            ..
        } = &mut self.asked[which]
        else {
            return;
        };
        let running = self.running[*thread].get_or_insert_with(|| {
            self.turns += 1;
            format!("turn-{}", self.turns)
        });
        *turn = Some(running.clone());
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Start { thread } => {
                let turn = Arc::new(TurnState::new(
                    &format!("thread-{thread}"),
                    Keep::All,
                    QueueLimits::default(),
                ));
                self.all.push(turn.clone());
                let (session, state) = (self.session.clone(), turn.clone());
                let call = async move {
                    let started = session.start_turn(&state, &raw(&json!({}))).await;
                    started.map(|(reader, _answer)| reader)
                };
                // What is written and not read yet comes after the registration too.
                self.callers.push(Caller {
                    waiting: Waiting::Turn(Box::pin(call)),
                    turn: Some((turn, self.read)),
                });
                self.look(self.callers.len() - 1);
                self.sent(Some(thread));
            }
            Step::Ask => {
                let session = self.session.clone();
                let call = async move { session.request("model/list", None, None).await };
                self.callers.push(Caller {
                    waiting: Waiting::Other(Box::pin(call)),
                    turn: None,
                });
                self.look(self.callers.len() - 1);
                self.sent(None);
            }
            Step::Begin { which } => {
                if let Some(which) = pick(&self.asked, which) {
                    self.begin(which);
                }
            }
            Step::Answer { which, refuse } => {
                let Some(which) = pick(&self.asked, which) else {
                    return;
                };
                if !refuse {
                    self.begin(which);
                }
                let asked = self.asked.remove(which);
                self.write(
                    None,
                    match asked.turn {
                        _ if refuse => {
                            json!({"id": asked.id, "error": {"code": -32600, "message": "no"}})
                        }
                        Some(turn) => json!({"id": asked.id, "result": {"turn": {"id": turn}}}),
                        None => json!({"id": asked.id, "result": {}}),
                    },
                );
            }
            Step::Emit { thread, delta } => {
                let Some(turn) = self.running[thread].clone() else {
                    return;
                };
                let (id, number) = (format!("thread-{thread}"), self.wire.len().to_string());
                let params =
                    json!({"threadId": id, "turnId": turn, "itemId": number, "delta": "x"});
                let method = if delta {
                    "item/agentMessage/delta"
                } else {
                    "item/completed"
                };
                self.write(Some(turn), json!({"method": method, "params": params}));
            }
            Step::End { thread } => {
                let Some(turn) = self.running[thread].take() else {
                    return;
                };
                let params = json!({"threadId": format!("thread-{thread}"), "turn": {"id": turn, "status": "completed"}});
                self.write(
                    Some(turn),
                    json!({"method": "turn/completed", "params": params}),
                );
            }
            Step::Read => self.read_all(),
            Step::Look { which } => {
                if let Some(which) = pick(&self.callers, which) {
                    self.look(which);
                }
            }
            Step::GiveUp { which } => {
                if let Some(which) = pick(&self.callers, which) {
                    drop(self.callers.remove(which));
                }
            }
            Step::Forget { which } => {
                if let Some(which) = pick(&self.handles, which) {
                    let handle = self.handles.remove(which);
                    self.session.forget(handle.reader);
                }
            }
        }
    }

    /// Every caller must have its answer now.
    fn look_at_all(&mut self) {
        for which in (0..self.callers.len()).rev() {
            self.look(which);
        }
    }

    fn nothing_is_left(&self) -> bool {
        let state = self.session.lock();
        state.router.is_empty() && state.shell.turns.is_empty() && state.shell.waiters.is_empty()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn every_waiter_is_answered_and_every_reader_gets_its_turn(
        steps in prop::collection::vec(step(), 0..80),
        death in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        let mut world = World::new(&runtime);
        let (mut calls, mut gave_up) = (0, 0);
        for step in steps {
            calls += usize::from(matches!(step, Step::Start { .. } | Step::Ask));
            gave_up += usize::from(matches!(step, Step::GiveUp { .. }) && !world.callers.is_empty());
            world.take(step);
        }
        if death {
            world.read_all();
            world.session.fail(&Error::new(ErrorKind::Closed, "it died"));
        } else {
            while !world.asked.is_empty() {
                world.take(Step::Answer { which: 0, refuse: false });
            }
            for thread in 0..THREADS {
                world.take(Step::End { thread });
            }
            world.read_all();
        }
        world.look_at_all();
        prop_assert!(world.callers.is_empty(), "somebody still waits");
        prop_assert_eq!(world.answers + gave_up, calls);

        let wire = &world.wire;
        for handle in world.handles.drain(..) {
            let turn = handle.turn.id();
            let expected: Vec<&str> = wire[handle.since..]
                .iter()
                .filter(|(of, _)| of.as_deref() == Some(turn))
                .map(|(_, line)| line.as_str())
                .collect();
            let mut events = VecDeque::new();
            let state = handle.turn.stream.drain(&mut events, usize::MAX);
            let got: Vec<&str> = events.iter().map(Event::line).collect();
            prop_assert_eq!(&got, &expected);
            let ended = expected.last().is_some_and(|line| line.contains("turn/completed"));
            let result = handle.turn.try_result().expect("an outcome");
            if ended {
                prop_assert!(matches!(state, StreamState::Ended), "{:?}", state);
                let completed = expected.iter().filter(|line| line.contains("item/completed"));
                // The items have no payload here: what counts is that none makes the result fail.
                prop_assert!(result.is_ok() && completed.count() <= expected.len());
            } else {
                prop_assert!(death && matches!(state, StreamState::Failed(_)));
                prop_assert_eq!(result.unwrap_err().kind(), ErrorKind::Closed);
            }
            world.session.forget(handle.reader);
        }
        // What belongs to nobody's turn is told to those who read everything else, once.
        let mut others = VecDeque::new();
        world.session.notifications.drain(&mut others, usize::MAX);
        let known: Vec<&str> = world.all.iter().map(|turn| turn.id()).collect();
        for (turn, line) in &world.wire {
            if turn.as_deref().is_some_and(|turn| !known.contains(&turn)) {
                let times = others.iter().filter(|event| event.line() == line).count();
                prop_assert_eq!(times, 1, "{}", line);
            }
        }
        prop_assert!(world.nothing_is_left());
        // What cannot happen after the end changes nothing.
        prop_assert_eq!(world.session.stats().open_turns, 0);
    }
}
