//! Requests of a remote engine that are not settled yet. The engine asks again, under the same id, when a
//! thread is resumed on a new connection; nobody is asked twice, and an answer goes only to the request
//! that it was given to. An engine that was restarted counts its ids from the beginning: there, an answer
//! to an old request must never reach a new one.

use std::collections::HashMap;

/// More are not remembered; the oldest go first. They are asked for anew if the engine repeats them.
const MOST: usize = 1024;

#[derive(Default)]
pub(super) struct Asked {
    by_id: HashMap<String, Entry>,
    serial: u64,
}

struct Entry {
    serial: u64,
    /// Method and params: what makes it the same request.
    what: String,
    connection: u64,
    answer: Option<Vec<u8>>,
}

/// What to do with a request that came in.
pub(super) enum Incoming {
    /// It is new: ask, and answer under this number.
    New(u64),
    /// It was asked before and is still being answered.
    Pending,
    /// It was answered; the answer may have been lost.
    Answered(Vec<u8>),
}

impl Asked {
    /// A request came in on connection `connection`.
    pub(super) fn incoming(&mut self, id: &str, what: String, connection: u64) -> Incoming {
        if let Some(entry) = self.by_id.get_mut(id)
            && entry.what == what
        {
            entry.connection = connection;
            return match &entry.answer {
                Some(answer) => Incoming::Answered(answer.clone()),
                None => Incoming::Pending,
            };
        }
        self.serial += 1;
        let entry = Entry {
            serial: self.serial,
            what,
            connection,
            answer: None,
        };
        self.by_id.insert(id.to_owned(), entry);
        if self.by_id.len() > MOST {
            let oldest = self.by_id.iter().min_by_key(|(_, entry)| entry.serial);
            let oldest = oldest.map(|(id, _)| id.clone());
            oldest.and_then(|id| self.by_id.remove(&id));
        }
        Incoming::New(self.serial)
    }

    /// Keeps the answer to request `serial`. Gives the connection to send it on, which is the one that it
    /// was asked on last; none when the request is not known any more.
    pub(super) fn answered(&mut self, id: &str, serial: u64, answer: &[u8]) -> Option<u64> {
        let entry = self.by_id.get_mut(id)?;
        if entry.serial != serial {
            return None;
        }
        entry.answer = Some(answer.to_vec());
        Some(entry.connection)
    }

    /// The engine has its answer, from whomever.
    pub(super) fn resolved(&mut self, id: &str) {
        self.by_id.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(asked: &mut Asked, id: &str, what: &str, connection: u64) -> u64 {
        match asked.incoming(id, what.to_owned(), connection) {
            Incoming::New(serial) => serial,
            _ => panic!("it is new"),
        }
    }

    #[test]
    fn what_is_asked_again_is_not_asked_twice() {
        let mut asked = Asked::default();
        let serial = new(&mut asked, "0", "approve A", 0);
        assert!(matches!(
            asked.incoming("0", "approve A".to_owned(), 1),
            Incoming::Pending
        ));
        assert_eq!(asked.answered("0", serial, b"yes"), Some(1));
        assert!(
            matches!(asked.incoming("0", "approve A".to_owned(), 2), Incoming::Answered(answer) if answer == b"yes")
        );
        asked.resolved("0");
        new(&mut asked, "0", "approve A", 2);
    }

    #[test]
    fn an_answer_never_reaches_another_request_of_the_same_id() {
        let mut asked = Asked::default();
        let old = new(&mut asked, "0", "approve A", 0);
        let other = new(&mut asked, "0", "approve B", 1);
        assert_eq!(asked.answered("0", old, b"yes"), None);
        assert_eq!(asked.answered("0", other, b"no"), Some(1));
    }

    #[test]
    fn it_is_bounded() {
        let mut asked = Asked::default();
        let first = new(&mut asked, "first", "x", 0);
        for number in 0..MOST {
            new(&mut asked, &number.to_string(), "x", 0);
        }
        assert_eq!(asked.by_id.len(), MOST);
        assert_eq!(asked.answered("first", first, b""), None);
    }
}
