//! Tables and properties of the decision.

use proptest::prelude::*;

use super::*;

fn state(at: Point) -> State {
    State {
        limits: Limits::default(),
        retry: RetryPolicy::default(),
        counts: Counts::default(),
        elapsed: Duration::ZERO,
        seed: 7,
        asked: None,
        at,
    }
}

fn failure(kind: Kind) -> Outcome {
    Outcome::Failed(Failure { kind, hint: None })
}

fn tokens(total: u64) -> Tokens {
    Tokens {
        total_tokens: total,
        ..Tokens::default()
    }
}

const READY: Point = Point::Ready { again: false };
const START: Step = Step::StartTurn { again: false };

#[test]
fn the_plain_cases() {
    for (at, expected) in [
        (READY, START),
        (
            Point::Ready { again: true },
            Step::StartTurn { again: true },
        ),
        (Point::Ended(Outcome::Completed), Step::Check),
        (Point::Ended(Outcome::Skipped), Step::Check),
        (
            Point::Ended(Outcome::HandedOver { tried: false }),
            Step::HandOver,
        ),
        (
            Point::Ended(Outcome::Interrupted),
            Step::Stop(StopReason::Interrupted),
        ),
        (
            Point::Ended(failure(Kind::Final)),
            Step::Stop(StopReason::Failed),
        ),
        (
            Point::Ended(failure(Kind::Refused)),
            Step::Stop(StopReason::Refused),
        ),
        (Point::Checked(Verdict::Done), Step::Stop(StopReason::Done)),
        (Point::Checked(Verdict::NotDone), START),
        (
            Point::Checked(Verdict::GoalOver("blocked".to_owned())),
            Step::Stop(StopReason::GoalEnded),
        ),
    ] {
        assert_eq!(decide(&state(at.clone())), expected, "{at:?}");
    }
}

#[test]
fn an_agent_is_handed_over_to_before_anything_ends_the_run() {
    for (tried, expected) in [
        (false, Step::HandOver),
        (true, Step::Stop(StopReason::Interrupted)),
    ] {
        let mut state = state(Point::Ended(Outcome::HandedOver { tried }));
        state.asked = Some(StopReason::Interrupted);
        assert_eq!(decide(&state), expected);
    }
    let mut state = state(Point::Checked(Verdict::NotDone));
    state.counts.turns = state.limits.max_turns;
    assert_eq!(decide(&state), Step::Stop(StopReason::MaxTurns));
}

#[test]
fn a_wish_goes_before_everything() {
    for at in [
        READY,
        Point::Ended(Outcome::Completed),
        Point::Checked(Verdict::Done),
        Point::Ended(failure(Kind::Retryable)),
    ] {
        let mut state = state(at);
        state.asked = Some(StopReason::StoppedByCaller);
        assert_eq!(decide(&state), Step::Stop(StopReason::StoppedByCaller));
    }
}

#[test]
fn each_limit_has_its_reason() {
    let mut base = state(Point::Checked(Verdict::NotDone));
    base.limits = Limits {
        max_turns: 3,
        max_tokens: Some(100),
        timeout: Some(Duration::from_secs(60)),
        max_cost: Some(1.0),
    };
    assert_eq!(decide(&base), START);
    type Change = fn(&mut State);
    let table: [(Change, StopReason); 4] = [
        (|state| state.counts.turns = 3, StopReason::MaxTurns),
        (
            |state| state.counts.tokens = tokens(100),
            StopReason::MaxTokens,
        ),
        (
            |state| state.elapsed = Duration::from_secs(60),
            StopReason::Timeout,
        ),
        (|state| state.counts.cost = 1.0, StopReason::MaxCost),
    ];
    for (change, reason) in table {
        let mut state = base.clone();
        change(&mut state);
        assert_eq!(decide(&state), Step::Stop(reason));
        // What is done is done, whatever the limits say.
        state.at = Point::Checked(Verdict::Done);
        assert_eq!(decide(&state), Step::Stop(StopReason::Done));
        // And the last turn that a limit allows is checked.
        state.at = Point::Ended(Outcome::Completed);
        assert_eq!(decide(&state), Step::Check);
    }
    let mut last = base.clone();
    last.counts.turns = 3;
    last.at = Point::Ready { again: true };
    assert_eq!(
        decide(&last),
        Step::StartTurn { again: true },
        "a repetition is no further turn"
    );
    let mut late = base;
    late.elapsed = Duration::from_secs(61);
    late.at = Point::Ended(Outcome::Interrupted);
    assert_eq!(decide(&late), Step::Stop(StopReason::Timeout));
}

#[test]
fn failures_are_repeated_as_often_as_allowed() {
    let mut state = state(Point::Ended(failure(Kind::Retryable)));
    state.retry.attempts = 2;
    for (failures, repeated) in [(1, true), (2, true), (3, false)] {
        state.counts.failures = failures;
        assert_eq!(
            matches!(decide(&state), Step::Wait { .. }),
            repeated,
            "{failures}"
        );
    }
    state.retry.attempts = 0;
    state.counts.failures = 1;
    assert_eq!(decide(&state), Step::Stop(StopReason::Failed));
}

#[test]
fn hints_are_honoured_or_end_the_run() {
    let hinted = |seconds| {
        let mut state = state(Point::Ended(Outcome::Failed(Failure {
            kind: Kind::Retryable,
            hint: Some(Duration::from_secs(seconds)),
        })));
        state.counts.failures = 1;
        state
    };
    let Step::Wait { delay } = decide(&hinted(90)) else {
        panic!("it waits");
    };
    assert!(delay >= Duration::from_secs(90));
    assert_eq!(
        decide(&hinted(5 * 3600)),
        Step::Stop(StopReason::Failed),
        "nobody waits for hours"
    );
    let mut short = hinted(90);
    short.limits.timeout = Some(Duration::from_secs(60));
    assert_eq!(decide(&short), Step::Stop(StopReason::Failed));
}

#[test]
fn the_delay_doubles_up_to_the_largest() {
    let retry = RetryPolicy::default();
    let longest = |failures| {
        (0..2000)
            .map(|seed| delay(&retry, failures, seed, None))
            .max()
            .unwrap_or_default()
    };
    for (failures, whole) in [(1, 1.0), (2, 2.0), (3, 4.0), (20, 60.0), (u32::MAX, 60.0)] {
        let longest = longest(failures).as_secs_f64();
        assert!(
            longest <= whole && longest > whole * 0.95,
            "{failures}: {longest}"
        );
    }
}

/// A made-up engine: what each turn comes to.
#[derive(Clone, Debug)]
enum Fate {
    Fine(u64),
    Fails(Kind, u64),
    Hands(u64),
    Done(u64),
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let used = 0_u64..5000;
    let fate = prop_oneof![
        4 => used.clone().prop_map(Fate::Fine),
        3 => used.clone().prop_map(|used| Fate::Fails(Kind::Retryable, used)),
        1 => used.clone().prop_map(|used| Fate::Fails(Kind::Final, used)),
        1 => used.clone().prop_map(Fate::Hands),
        1 => used.prop_map(Fate::Done),
    ];
    proptest::collection::vec(fate, 1..60)
}

proptest! {
    #[test]
    fn a_run_ends_and_keeps_its_limits(
        fates in fates(),
        max_turns in 1_u32..8,
        max_tokens in proptest::option::of(1_u64..20_000),
        attempts in 0_u32..4,
        seed in any::<u64>(),
    ) {
        let mut state = state(READY);
        state.limits.max_turns = max_turns;
        state.limits.max_tokens = max_tokens;
        state.retry.attempts = attempts;
        state.seed = seed;
        let mut fates = fates.into_iter().cycle();
        let mut used = 0;
        let mut begun = 0;
        let mut done = false;
        for steps in 0.. {
            prop_assert!(steps < 4 * (max_turns + 1) * (attempts + 1) + 4, "it never ends");
            match decide(&state) {
                Step::StartTurn { again } => {
                    prop_assert!(max_tokens.is_none_or(|max| used < max), "no turn beyond the tokens");
                    if !again {
                        begun += 1;
                        state.counts.turns += 1;
                        state.counts.failures = 0;
                    }
                    prop_assert!(begun <= max_turns, "no turn beyond the limit");
                    let (outcome, tokens_used) = match fates.next() {
                        Some(Fate::Fails(kind, used)) => {
                            state.counts.failures += 1;
                            (failure(kind), used)
                        }
                        Some(Fate::Done(used)) => { done = true; (Outcome::Completed, used) }
                        Some(Fate::Fine(used)) => (Outcome::Completed, used),
                        Some(Fate::Hands(used)) => (Outcome::HandedOver { tried: false }, used),
                        None => unreachable!("it cycles"),
                    };
                    used += tokens_used;
                    state.counts.tokens = tokens(used);
                    state.at = Point::Ended(outcome);
                }
                Step::HandOver => state.at = Point::Checked(Verdict::NotDone),
                Step::Check => {
                    state.counts.failures = 0;
                    state.at = Point::Checked(if done { Verdict::Done } else { Verdict::NotDone });
                }
                Step::Wait { .. } => {
                    let retryable = matches!(&state.at, Point::Ended(Outcome::Failed(failure)) if failure.kind == Kind::Retryable);
                    prop_assert!(retryable, "only what is retryable is repeated");
                    prop_assert!(state.counts.failures <= attempts);
                    state.at = Point::Ready { again: true };
                }
                Step::Stop(reason) => {
                    prop_assert_eq!(reason == StopReason::Done, done);
                    break;
                }
            }
        }
    }
}

fn points() -> impl Strategy<Value = Point> {
    let kind = prop_oneof![
        Just(Kind::Retryable),
        Just(Kind::Final),
        Just(Kind::Refused)
    ];
    let hint = proptest::option::of(any::<u64>().prop_map(Duration::from_millis));
    prop_oneof![
        any::<bool>().prop_map(|again| Point::Ready { again }),
        Just(Point::Ended(Outcome::Completed)),
        Just(Point::Ended(Outcome::Interrupted)),
        Just(Point::Ended(Outcome::Skipped)),
        any::<bool>().prop_map(|tried| Point::Ended(Outcome::HandedOver { tried })),
        (kind, hint).prop_map(|(kind, hint)| Point::Ended(Outcome::Failed(Failure { kind, hint }))),
        Just(Point::Checked(Verdict::Done)),
        Just(Point::Checked(Verdict::NotDone)),
        ".*".prop_map(|word| Point::Checked(Verdict::GoalOver(word))),
    ]
}

fn limits() -> impl Strategy<Value = Limits> {
    let span = proptest::option::of(any::<u64>().prop_map(Duration::from_millis));
    let cost = proptest::option::of(prop_oneof![0.0..100.0, any::<f64>()]);
    (any::<u32>(), proptest::option::of(any::<u64>()), span, cost).prop_map(
        |(max_turns, max_tokens, timeout, max_cost)| Limits {
            max_turns,
            max_tokens,
            timeout,
            max_cost,
        },
    )
}

fn retries() -> impl Strategy<Value = RetryPolicy> {
    let span = || any::<u64>().prop_map(Duration::from_millis);
    (any::<u32>(), span(), any::<f64>(), span(), span()).prop_map(
        |(attempts, initial_delay, factor, max_delay, max_wait)| RetryPolicy {
            attempts,
            initial_delay,
            factor,
            max_delay,
            max_wait,
        },
    )
}

proptest! {
    /// Values that no options let through are among these: it must still answer, and keep the limits.
    #[test]
    fn every_state_has_a_next_step_within_its_limits(
        at in points(),
        limits in limits(),
        retry in retries(),
        (turns, failures, starts) in any::<(u32, u32, u32)>(),
        (total, cost, elapsed, seed) in any::<(u64, f64, u64, u64)>(),
        asked in proptest::option::of(Just(StopReason::StoppedByCaller)),
    ) {
        let counts = Counts { turns, failures, starts, tokens: tokens(total), cost };
        let state = State { limits, retry, counts, elapsed: Duration::from_millis(elapsed), seed, asked, at };
        let step = decide(&state);
        prop_assert_eq!(&decide(&state), &step, "it is a function");
        let within = used_up(&state).is_none();
        match step {
            Step::StartTurn { again } => {
                prop_assert!(within && state.asked.is_none());
                prop_assert!(again || turns < state.limits.max_turns);
            }
            Step::Wait { delay } => {
                prop_assert!(within && state.asked.is_none() && failures <= state.retry.attempts);
                let Point::Ended(Outcome::Failed(failure)) = &state.at else {
                    return Err(TestCaseError::fail("only failures are waited for"));
                };
                prop_assert_eq!(failure.kind, Kind::Retryable);
                prop_assert!(failure.hint.is_none_or(|hint| delay >= hint && hint <= state.retry.max_wait));
                prop_assert!(delay <= state.retry.max_delay.max(failure.hint.unwrap_or_default()));
            }
            Step::Check => {
                let ended = matches!(state.at, Point::Ended(Outcome::Completed | Outcome::Skipped));
                prop_assert!(ended);
            }
            Step::HandOver => {
                let handed = matches!(state.at, Point::Ended(Outcome::HandedOver { .. }));
                prop_assert!(handed);
            }
            Step::Stop(reason) => {
                let asked_for = state.asked.is_some_and(|asked| asked == reason);
                prop_assert!(asked_for || reason != StopReason::StoppedByCaller);
            }
        }
    }
}
