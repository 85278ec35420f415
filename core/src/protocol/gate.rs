//! Refuses, before it is sent, what the engine at hand does not have: methods, parameters and words that
//! came later or went, and parts of the experimental protocol when that is off.
//!
//! What no known engine has passes untouched, and an engine newer than all known ones decides by itself,
//! except about what has gone before. Without this an older engine would ignore a newer parameter in silence.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::engine::version;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::generated::versions::{ENGINES, MethodHistory, Span, history};
use crate::protocol::settings;

/// Requests that carry settings of the engine, and where.
const WITH_SETTINGS: [&str; 3] = ["thread/fork", "thread/resume", "thread/start"];
const SETTING: &str = "config.approval_policy";

/// What one engine has.
#[derive(Debug)]
pub(crate) struct Gate {
    /// The newest known engine that is not newer than this one.
    low: u8,
    /// The oldest known engine that is not older; `None` if this one is newer than all.
    high: Option<u8>,
    experimental_api: bool,
    /// For messages: the version and where it was found.
    engine: String,
}

/// What is wrong with a request.
#[derive(Clone, Copy)]
enum Problem {
    /// The engine is too old.
    Needs(u8),
    /// The engine is too new.
    Removed(u8),
    /// The experimental API is off.
    Experimental,
}

impl Gate {
    /// The gate for an engine. One whose version is not known, or a development build, counts as newer than all.
    pub(crate) fn new(found: &str, place: &str, experimental_api: bool) -> Self {
        let numbers = version::parse(found).filter(|numbers| *numbers != (0, 0, 0));
        let below = numbers.map_or(ENGINES.len(), |numbers| {
            ENGINES.partition_point(|known| *known < numbers)
        });
        // A pre-release stands between two releases: it may have what comes, or not yet.
        let exact = numbers.is_some_and(|numbers| ENGINES.get(below) == Some(&numbers))
            && !found.contains('-');
        let low = if exact {
            below
        } else {
            below.saturating_sub(1)
        };
        Self {
            low: index(low),
            high: (below < ENGINES.len()).then(|| index(below)),
            experimental_api,
            engine: format!("{found} ({place})"),
        }
    }

    /// Refuses a request that this engine cannot understand, or would understand differently.
    ///
    /// # Errors
    /// `engine_version` for what is newer than the engine or was removed before it; `invalid_argument` for words
    /// that it does not take and for what needs `experimental_api`.
    pub(crate) fn check(&self, method: &str, params: Option<&RawValue>) -> Result<()> {
        let Some(history) = history(method) else {
            return Ok(());
        };
        if let Some(problem) = self.problem(history.span) {
            return Err(self.refuse(method, None, problem));
        }
        let Some(params) = params else {
            return Ok(());
        };
        let rules = self.rules(history);
        if rules.is_empty() {
            return Ok(());
        }
        self.check_params(method, params, rules)
    }

    fn problem(&self, span: Span) -> Option<Problem> {
        if span.removed <= self.low {
            return Some(Problem::Removed(span.removed));
        }
        let high = self.high?;
        if span.since > high {
            Some(Problem::Needs(span.since))
        } else if span.stable > high && !self.experimental_api {
            Some(Problem::Experimental)
        } else {
            None
        }
    }

    /// What is to be looked at in the parameters of this method, on this engine.
    fn rules(&self, history: &'static MethodHistory) -> Vec<Rule> {
        let params = history
            .params
            .iter()
            .filter(|(_, span)| self.problem(*span).is_some())
            .map(|(path, span)| Rule {
                rest: path,
                what: What::Absent(*span),
            });
        let words = history.words.iter().map(|(path, words)| Rule {
            rest: path,
            what: What::OneOf(words),
        });
        let settings = WITH_SETTINGS.contains(&history.name).then_some(Rule {
            rest: SETTING,
            what: What::OneOf(settings::POLICIES),
        });
        params.chain(words).chain(settings).collect()
    }

    fn check_params(&self, method: &str, params: &RawValue, rules: Vec<Rule>) -> Result<()> {
        let mut found = None;
        let look = Look {
            gate: self,
            rules,
            found: &mut found,
        };
        // JSON that does not parse is the engine's to refuse.
        let _ = look.deserialize(&mut serde_json::Deserializer::from_str(params.get()));
        match found {
            None => Ok(()),
            Some(Found { path, what }) => Err(match what {
                Bad::Parameter(problem) => self.refuse(method, Some(&path), problem),
                Bad::Word(word, words) => self.refuse_word(method, &path, &word, words),
            }),
        }
    }

    fn refuse(&self, method: &str, argument: Option<&str>, problem: Problem) -> Error {
        let what = match argument {
            Some(argument) => format!("{method}: {argument}"),
            None => method.to_owned(),
        };
        let error = match problem {
            Problem::Needs(since) => {
                let needed = engine_name(since);
                Error::new(
                    ErrorKind::EngineVersion,
                    format!(
                        "{what} needs engine {needed} or newer; this is {}",
                        self.engine
                    ),
                )
                .needing(&needed)
            }
            Problem::Removed(removed) => Error::new(
                ErrorKind::EngineVersion,
                format!(
                    "{what} was removed in engine {}; this is {}",
                    engine_name(removed),
                    self.engine
                ),
            ),
            Problem::Experimental => {
                return Error::invalid_argument(
                    "experimental_api",
                    format!("{what} is part of the experimental protocol, which is off; turn it on when the client is made"),
                )
                .of_method(method);
            }
        };
        error.of_method(method).of_argument(argument)
    }

    fn refuse_word(&self, method: &str, argument: &str, word: &str, words: Words) -> Error {
        let known = words.iter().find(|(known, _)| *known == word);
        let problem = known.and_then(|(_, span)| self.problem(*span));
        let (why, needed) = match &problem {
            Some(Problem::Needs(since)) => {
                let needed = engine_name(*since);
                let why = format!("needs engine {needed} or newer; this is {}", self.engine);
                (why, Some(needed))
            }
            Some(Problem::Removed(0)) => ("was removed from the engine".to_owned(), None),
            Some(Problem::Removed(removed)) => {
                let removed = engine_name(*removed);
                (
                    format!("was removed in engine {removed}; this is {}", self.engine),
                    None,
                )
            }
            _ => (format!("is not known to {method}"), None),
        };
        let accepted: Vec<&str> = words
            .iter()
            .filter(|(_, span)| self.problem(*span).is_none())
            .map(|(word, _)| *word)
            .collect();
        let removed = matches!(problem, Some(Problem::Removed(_)));
        let instead = settings::instead(word)
            .filter(|_| removed)
            .map_or_else(String::new, |instead| format!("; {instead}"));
        let error = Error::invalid_argument(
            argument,
            format!("{word:?} {why}{instead}; accepted: {}", accepted.join(", ")),
        )
        .of_method(method);
        match needed {
            Some(needed) => error.needing(&needed),
            None => error,
        }
    }

    /// Whether the word at hand is to be refused. Words that nobody knows are refused by known engines only.
    fn refuses(&self, word: &str, words: Words) -> bool {
        match words.iter().find(|(known, _)| *known == word) {
            Some((_, span)) => self.problem(*span).is_some(),
            None => self.high.is_some(),
        }
    }
}

fn index(at: usize) -> u8 {
    u8::try_from(at).unwrap_or(u8::MAX - 1)
}

fn engine_name(index: u8) -> String {
    let (major, minor, patch) = ENGINES.get(usize::from(index)).copied().unwrap_or_default();
    format!("{major}.{minor}.{patch}")
}

type Words = &'static [(&'static str, Span)];

/// One thing to look at, and the way to it from here.
#[derive(Clone, Copy)]
struct Rule {
    rest: &'static str,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    /// Nothing but null may stand here.
    Absent(Span),
    /// A text that stands here is one of these.
    OneOf(Words),
}

struct Found {
    path: String,
    what: Bad,
}

enum Bad {
    Parameter(Problem),
    Word(String, Words),
}

/// Reads JSON once, enters only what a rule leads into, and stops at the first offence.
struct Look<'a> {
    gate: &'a Gate,
    rules: Vec<Rule>,
    found: &'a mut Option<Found>,
}

impl Look<'_> {
    /// The rules that go on in the field or element `step` (`name`, `[]` or `{}`).
    fn within(&self, step: &str) -> Vec<Rule> {
        let follow = |rule: &Rule| {
            let rest = rule.rest.strip_prefix(step)?;
            let rest = match rest.as_bytes().first() {
                None | Some(b'[' | b'{') => rest,
                Some(b'.') => &rest[1..],
                Some(_) => return None,
            };
            Some(Rule {
                rest,
                what: rule.what,
            })
        };
        self.rules.iter().filter_map(follow).collect()
    }

    /// Something that is not null stands here.
    fn present(&mut self) -> bool {
        let here = |rule: &Rule| match rule.what {
            What::Absent(span) if rule.rest.is_empty() => self.gate.problem(span),
            _ => None,
        };
        let problem = self.rules.iter().find_map(here);
        self.offence(problem.map(Bad::Parameter))
    }

    fn text(&mut self, text: &str) -> bool {
        let here = |rule: &Rule| match rule.what {
            What::OneOf(words) if rule.rest.is_empty() && self.gate.refuses(text, words) => {
                Some(Bad::Word(text.to_owned(), words))
            }
            _ => None,
        };
        let offence = self.rules.iter().find_map(here);
        self.offence(offence)
    }

    fn offence(&mut self, what: Option<Bad>) -> bool {
        let Some(what) = what else {
            return false;
        };
        let path = String::new();
        *self.found = Some(Found { path, what });
        true
    }
}

/// The offence is in `found`; reading on would be in vain.
fn stop<E: serde::de::Error>() -> E {
    E::custom("refused")
}

/// Puts the way to an offence in front of its path, when it was found further in.
fn lead<T, E>(
    result: Result<T, E>,
    found: &mut Option<Found>,
    step: impl fmt::Display,
) -> Result<T, E> {
    if result.is_err()
        && let Some(found) = found
    {
        let dot = if found.path.is_empty() || found.path.starts_with('[') {
            ""
        } else {
            "."
        };
        found.path = format!("{step}{dot}{}", found.path);
    }
    result
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.rules.is_empty() {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(mut self, _: bool) -> Result<(), E> {
        if self.present() { Err(stop()) } else { Ok(()) }
    }

    fn visit_i64<E: serde::de::Error>(mut self, _: i64) -> Result<(), E> {
        if self.present() { Err(stop()) } else { Ok(()) }
    }

    fn visit_u64<E: serde::de::Error>(mut self, _: u64) -> Result<(), E> {
        if self.present() { Err(stop()) } else { Ok(()) }
    }

    fn visit_f64<E: serde::de::Error>(mut self, _: f64) -> Result<(), E> {
        if self.present() { Err(stop()) } else { Ok(()) }
    }

    fn visit_str<E: serde::de::Error>(mut self, text: &str) -> Result<(), E> {
        if self.present() || self.text(text) {
            Err(stop())
        } else {
            Ok(())
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        if self.present() {
            return Err(stop());
        }
        let rules = self.within("[]");
        for at in 0.. {
            let look = Look {
                gate: self.gate,
                rules: rules.clone(),
                found: &mut *self.found,
            };
            let element = list.next_element_seed(look);
            if lead(element, self.found, format_args!("[{at}]"))?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        if self.present() {
            return Err(stop());
        }
        let any = self.within("{}");
        while let Some(key) = map.next_key::<String>()? {
            let mut rules = self.within(&key);
            rules.extend(&any);
            let look = Look {
                gate: self.gate,
                rules,
                found: &mut *self.found,
            };
            let value = map.next_value_seed(look);
            lead(value, self.found, &key)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
