//! What was said in a run whose agents hand over to each other, and what of it the next one has not seen. Pure: it reads
//! turns as `thread/read` shows them, and makes items as `thread/inject_items` takes them.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

/// What the agents and their users have said to each other.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    said: Vec<Said>,
    /// The turns that are in it.
    taken: HashSet<String>,
    /// What the run itself told an agent that took over: nobody said it.
    notes: HashSet<String>,
    /// How much of it the agent of a thread has seen.
    seen: HashMap<String, usize>,
}

#[derive(Debug)]
struct Said {
    thread_id: String,
    by_user: bool,
    text: String,
    /// The tools by which it was handed over before: in an earlier run, or in another process.
    given: Vec<String>,
}

impl Conversation {
    /// What the run tells an agent that takes over.
    pub(super) fn note(&mut self, text: &str) {
        self.notes.insert(text.to_owned());
    }

    /// Whether the agent of a thread had the conversation before.
    pub(super) fn knows(&self, thread_id: &str) -> bool {
        self.seen.contains_key(thread_id)
    }

    /// Takes in the turns of a thread that it does not have yet.
    pub(super) fn take_in(&mut self, thread_id: &str, turns: &[Value]) {
        let mut given: Vec<String> = Vec::new();
        let mut fresh = Vec::new();
        for (back, turn) in turns.iter().rev().enumerate() {
            // The newest turn's handoff is the one that is under way.
            if back > 0 {
                given.extend(handed_over(turn));
            }
            let id = turn["id"].as_str().unwrap_or_default();
            if self.taken.insert(id.to_owned()) {
                fresh.push((turn, given.clone()));
            }
        }
        for (turn, given) in fresh.into_iter().rev() {
            for (by_user, text) in messages(turn) {
                if by_user && self.notes.contains(&text) {
                    continue;
                }
                self.said.push(Said {
                    thread_id: thread_id.to_owned(),
                    by_user,
                    text,
                    given: given.clone(),
                });
            }
        }
    }

    /// What the agent of `to` has not seen when that of `from` hands over to it with a tool, as items of the model's API;
    /// the newest, if `history` says how many.
    pub(super) fn hand_over(
        &mut self,
        from: &str,
        to: &str,
        tool: &str,
        history: Option<usize>,
    ) -> Vec<Value> {
        let start = self.seen.get(to).copied().unwrap_or_default();
        let new = self.said[start..]
            .iter()
            .filter(|said| said.thread_id != to && !said.given.iter().any(|given| given == tool));
        let items: Vec<Value> = new.map(Said::item).collect();
        for thread_id in [from, to] {
            self.seen.insert(thread_id.to_owned(), self.said.len());
        }
        let most = history.unwrap_or(items.len());
        let skipped = items.len().saturating_sub(most);
        items.into_iter().skip(skipped).collect()
    }
}

impl Said {
    fn item(&self) -> Value {
        let (role, kind) = match self.by_user {
            true => ("user", "input_text"),
            false => ("assistant", "output_text"),
        };
        json!({
            "type": "message",
            "role": role,
            "content": [{"type": kind, "text": self.text}],
        })
    }
}

fn items(turn: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    turn["items"].as_array().into_iter().flatten()
}

/// The tools by which a turn handed over.
fn handed_over(turn: &Value) -> impl Iterator<Item = String> {
    items(turn)
        .filter(|item| {
            matches!(
                item["type"].as_str(),
                Some("dynamicToolCall" | "mcpToolCall")
            )
        })
        .filter(|item| item["status"] == "completed")
        .filter_map(|item| item["tool"].as_str())
        .filter(|tool| tool.starts_with("transfer_to_"))
        .map(str::to_owned)
}

/// What a turn's user and agent said; true for the user.
fn messages(turn: &Value) -> impl Iterator<Item = (bool, String)> {
    items(turn).filter_map(|item| match item["type"].as_str()? {
        "userMessage" => {
            let parts = item["content"].as_array().into_iter().flatten();
            let texts: Vec<&str> = parts.filter_map(|part| part["text"].as_str()).collect();
            Some((true, texts.join("\n\n"))).filter(|(_, text)| !text.is_empty())
        }
        "agentMessage" => {
            let text = item["text"].as_str().unwrap_or_default();
            Some((false, text.to_owned())).filter(|(_, text)| !text.is_empty())
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A turn in which a user said something, the agent called tools, and said something.
    fn turn(id: &str, user: &str, tools: &[&str], agent: &str) -> Value {
        let mut items =
            vec![json!({"type": "userMessage", "content": [{"type": "text", "text": user}]})];
        for tool in tools {
            items.push(json!({"type": "dynamicToolCall", "tool": tool, "status": "completed"}));
        }
        items.push(json!({"type": "agentMessage", "text": agent}));
        json!({"id": id, "items": items})
    }

    fn texts(items: &[Value]) -> Vec<&str> {
        let text = |item: &'_ Value| item["content"][0]["text"].as_str().map(str::to_owned);
        assert!(items.iter().all(|item| text(item).is_some()));
        items
            .iter()
            .filter_map(|item| item["content"][0]["text"].as_str())
            .collect()
    }

    const TO_B: &str = "transfer_to_b";

    #[test]
    fn everything_goes_to_an_agent_that_is_new() {
        let mut talk = Conversation::default();
        talk.take_in(
            "a",
            &[
                turn("1", "hello", &[], "hi"),
                turn("2", "help", &[TO_B], ""),
            ],
        );
        let items = talk.hand_over("a", "b", TO_B, None);
        assert_eq!(texts(&items), ["hello", "hi", "help"]);
        assert_eq!(items[0]["role"], "user");
        assert_eq!(items[1]["role"], "assistant");
        assert_eq!(items[1]["content"][0]["type"], "output_text");
    }

    #[test]
    fn who_had_the_conversation_before_gets_what_was_said_since() {
        let mut talk = Conversation::default();
        let a = [turn("1", "help", &[TO_B], "")];
        talk.take_in("a", &a);
        talk.hand_over("a", "b", TO_B, None);
        talk.note("take over");
        talk.take_in("b", &[turn("2", "take over", &["transfer_to_c"], "b's")]);
        let to_c = talk.hand_over("b", "c", "transfer_to_c", None);
        assert_eq!(texts(&to_c), ["help", "b's"]);
        talk.take_in("c", &[turn("3", "take over", &["transfer_to_a"], "c's")]);
        let to_a = talk.hand_over("c", "a", "transfer_to_a", None);
        assert_eq!(texts(&to_a), ["b's", "c's"]);
        let [first] = a;
        talk.take_in("a", &[first, turn("4", "more", &[TO_B], "")]);
        let to_b = talk.hand_over("a", "b", TO_B, None);
        assert_eq!(texts(&to_b), ["c's", "more"]);
        assert!(talk.knows("b") && !talk.knows("d"));
    }

    #[test]
    fn what_an_earlier_run_handed_over_is_not_handed_over_again() {
        let mut talk = Conversation::default();
        let turns = [
            turn("1", "one", &[TO_B], "bye"),
            turn("2", "two", &[], "ok"),
            turn("3", "three", &[TO_B], ""),
        ];
        talk.take_in("a", &turns);
        let to_b = talk.hand_over("a", "b", TO_B, None);
        assert_eq!(texts(&to_b), ["two", "ok", "three"]);
        let mut other = Conversation::default();
        other.take_in("a", &turns);
        let to_c = other.hand_over("a", "c", "transfer_to_c", None);
        assert_eq!(texts(&to_c), ["one", "bye", "two", "ok", "three"]);
    }

    #[test]
    fn a_handoff_says_how_much_goes_along() {
        for (history, expected) in [
            (None, &["help", "hi"][..]),
            (Some(1), &["hi"][..]),
            (Some(9), &["help", "hi"][..]),
            (Some(0), &[][..]),
        ] {
            let mut talk = Conversation::default();
            talk.take_in("a", &[turn("1", "help", &[TO_B], "hi")]);
            let items = talk.hand_over("a", "b", TO_B, history);
            assert_eq!(texts(&items), expected, "{history:?}");
        }
    }
}
