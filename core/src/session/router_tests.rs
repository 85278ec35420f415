//! The router driven with lines only.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

#[derive(Default)]
struct Log(Vec<String>);

impl Sink for Log {
    fn response(&mut self, id: u64, answer: Result<&str, Error>) {
        let answer = match answer {
            Ok(result) => result.to_owned(),
            Err(error) => format!("error {}", error.code().unwrap()),
        };
        self.0.push(format!("response {id} {answer}"));
    }
    fn bound(&mut self, reader: Subscriber, turn_id: &str) {
        self.0.push(format!("bound {reader} {turn_id}"));
    }
    fn turn_event(&mut self, reader: Subscriber, event: Event) {
        self.0.push(format!("turn {reader} {}", event.method()));
    }
    fn unclaimed(&mut self, event: Event) {
        self.0.push(format!("unclaimed {}", event.method()));
    }
    fn server_request(&mut self, request: IncomingRequest) {
        self.0
            .push(format!("request {} {}", request.id, request.event.method()));
    }
    fn suspect(&mut self, thread_id: &str) {
        self.0.push(format!("suspect {thread_id}"));
    }
    fn orphan(&mut self, thread_id: &str, turn_id: &str) {
        self.0.push(format!("orphan {thread_id} {turn_id}"));
    }
    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.0.push(format!("{:?}", diagnostic.kind));
    }
}

fn feed(router: &mut Router, lines: &[&str]) -> Vec<String> {
    let mut log = Log::default();
    for line in lines {
        router.line(line, &mut log);
    }
    log.0
}

const DELTA: &str = r#"{"method":"item/agentMessage/delta","params":{"threadId":"t","turnId":"u","itemId":"i","delta":"x"}}"#;
const END: &str = r#"{"method":"turn/completed","params":{"threadId":"t","turn":{"id":"u","status":"completed"}}}"#;
const IDLE: &str =
    r#"{"method":"thread/status/changed","params":{"threadId":"t","status":{"type":"idle"}}}"#;

fn started(id: u64) -> String {
    format!(r#"{{"id":{id},"result":{{"turn":{{"id":"u"}}}}}}"#)
}

#[test]
fn events_before_the_answer_reach_the_reader() {
    let mut router = Router::default();
    let id = router.start_turn("t", 7);
    assert_eq!(
        feed(&mut router, &[DELTA, &started(id), DELTA, END, DELTA]),
        [
            "turn 7 item/agentMessage/delta",
            "bound 7 u",
            r#"response 1 {"turn":{"id":"u"}}"#,
            "turn 7 item/agentMessage/delta",
            "turn 7 turn/completed",
            "unclaimed item/agentMessage/delta",
        ]
    );
    assert_eq!(router.open_turns(), 0);
}

#[test]
fn two_readers_of_one_turn_both_get_its_events() {
    let mut router = Router::default();
    let first = router.start_turn("t", 1);
    feed(&mut router, &[&started(first)]);
    let second = router.start_turn("t", 2);
    feed(&mut router, &[&started(second)]);
    assert_eq!(
        feed(&mut router, &[DELTA]),
        [
            "turn 1 item/agentMessage/delta",
            "turn 2 item/agentMessage/delta"
        ]
    );
    router.unsubscribe("u", 1);
    assert_eq!(
        feed(&mut router, &[DELTA]),
        ["turn 2 item/agentMessage/delta"]
    );
}

#[test]
fn a_joined_turn_is_not_interrupted_for_the_one_who_gave_up() {
    let mut router = Router::default();
    let first = router.start_turn("t", 1);
    feed(&mut router, &[&started(first)]);
    let second = router.start_turn("t", 2);
    router.abandon(second);
    assert_eq!(feed(&mut router, &[&started(second)]), ["LateResponse"]);
}

#[test]
fn events_held_for_a_reader_of_another_turn_go_to_everybody_else() {
    let mut router = Router::default();
    let id = router.start_turn("t", 7);
    let other = DELTA.replace("\"u\"", "\"v\"");
    assert_eq!(
        feed(&mut router, &[&other, DELTA, &started(id)]),
        [
            "turn 7 item/agentMessage/delta",
            "turn 7 item/agentMessage/delta",
            "bound 7 u",
            r#"response 1 {"turn":{"id":"u"}}"#,
            "unclaimed item/agentMessage/delta",
        ]
    );
}

#[test]
fn an_abandoned_turn_start_leaves_an_orphan_to_interrupt() {
    let mut router = Router::default();
    let id = router.start_turn("t", 1);
    router.abandon(id);
    assert_eq!(
        feed(&mut router, &[DELTA, &started(id)]),
        [
            "unclaimed item/agentMessage/delta",
            "orphan t u",
            "LateResponse"
        ]
    );
}

#[test]
fn answers_find_their_requests_and_others_are_reported() {
    let mut router = Router::default();
    let id = router.request("model/list");
    assert_eq!(
        feed(
            &mut router,
            &[
                r#"{"id":99,"result":{}}"#,
                r#"{"id":"1","error":{"code":-32600,"message":"no"}}"#,
                r#"{"id":1,"result":{}}"#,
            ]
        ),
        ["LateResponse", "response 1 error -32600", "LateResponse"],
        "request {id}"
    );
}

#[test]
fn bad_lines_are_reported_and_nothing_else_happens() {
    let mut router = Router::default();
    assert_eq!(
        feed(
            &mut router,
            &["", "  ", "nonsense", "[1]", "{}", r#"{"method":"x""#]
        ),
        [
            "BlankLine",
            "BlankLine",
            "MalformedLine",
            "UnexpectedMessage",
            "UnexpectedMessage",
            "MalformedLine"
        ]
    );
}

#[test]
fn an_idle_thread_with_an_open_turn_is_suspect() {
    let mut router = Router::default();
    assert_eq!(
        feed(&mut router, &[IDLE]),
        ["unclaimed thread/status/changed"]
    );
    let id = router.start_turn("t", 1);
    feed(&mut router, &[&started(id)]);
    assert_eq!(
        feed(&mut router, &[IDLE]),
        ["suspect t", "unclaimed thread/status/changed"]
    );
}

#[test]
fn escaped_methods_and_ids_are_understood() {
    let mut router = Router::default();
    let id = router.start_turn("t", 1);
    feed(&mut router, &[&started(id)]);
    let line =
        r#"{"method":"item\/started","params":{"turnId":"\u0075","threadId":"t","x":"\ud800"}}"#;
    assert_eq!(feed(&mut router, &[line]), ["turn 1 item/started"]);
}

#[test]
fn unknown_methods_are_routed_by_their_ids() {
    let mut router = Router::default();
    let id = router.start_turn("t", 1);
    feed(&mut router, &[&started(id)]);
    let line = r#"{"method":"item/fromTheFuture","params":{"turnId":"u","threadId":"t"}}"#;
    assert_eq!(feed(&mut router, &[line]), ["turn 1 item/fromTheFuture"]);
    let request = r#"{"id":"q","method":"item/askFuture","params":{}}"#;
    assert_eq!(
        feed(&mut router, &[request]),
        [r#"request "q" item/askFuture"#]
    );
}

#[test]
fn a_lost_connection_leaves_the_readers_of_known_turns_alone() {
    let mut router = Router::default();
    let known = router.start_turn("t", 1);
    feed(&mut router, &[&started(known)]);
    let (starting, other) = (router.start_turn("s", 2), router.request("x"));
    let held = DELTA
        .replace(r#""u""#, r#""v""#)
        .replace(r#""t""#, r#""s""#);
    assert_eq!(
        feed(&mut router, &[&held]),
        ["turn 2 item/agentMessage/delta"]
    );
    let mut log = Log::default();
    router.disconnect(&mut log);
    assert_eq!(log.0, ["unclaimed item/agentMessage/delta"]);
    for id in [starting, other] {
        assert_eq!(
            feed(&mut router, &[&started(id)]),
            ["LateResponse"],
            "nobody waits for it"
        );
    }
    assert!(router.request("y") > other, "ids are not used twice");
    assert_eq!(
        feed(&mut router, &[DELTA, END]),
        ["turn 1 item/agentMessage/delta", "turn 1 turn/completed"]
    );
}

#[test]
fn an_event_that_came_before_the_reader_of_its_turn_goes_to_everybody_else() {
    let mut router = Router::default();
    let first = router.start_turn("t", 1);
    assert_eq!(
        feed(&mut router, &[DELTA]),
        ["turn 1 item/agentMessage/delta"]
    );
    let second = router.start_turn("t", 2);
    router.abandon(first);
    // The second caller joins the turn, of which only the first one has got the beginning.
    assert_eq!(
        feed(&mut router, &[&started(second)]),
        [
            "bound 2 u",
            r#"response 2 {"turn":{"id":"u"}}"#,
            "unclaimed item/agentMessage/delta",
        ]
    );
}
