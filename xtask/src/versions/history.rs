//! Since when each part of the protocol exists: the contents of `schema/history.json`.
//!
//! What is not said is the ordinary: there from the first engine on, to the last one, and without
//! the experimental API. So a parameter or a word is listed only if something is to be said of it;
//! a closed list of words is listed whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::Engine;

/// Words that went before the first engine of the history, which people still write.
const GONE_BEFORE: [(&str, &str); 1] = [("approvalPolicy", "on-failure")];

/// Parameters that take more words than the engine describes (names of earlier times): the engine judges.
const ALSO_OTHER_WORDS: [&str; 2] = ["collaborationMode.mode", "multiAgentMode"];

/// The life of one part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    /// The first engine that has it, if that is not the first one at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
    /// The first engine that has it no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) removed: Option<String>,
    /// Whether it needs, or needed, the experimental API.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) experimental: bool,
    /// The first engine in which it does not need it any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stable: Option<String>,
}

/// The life of one request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Method {
    #[serde(flatten)]
    pub(crate) span: Span,
    /// Parameters that came or went, or that need the experimental API, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) params: BTreeMap<String, Span>,
    /// For each parameter that takes certain words only: all of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) words: BTreeMap<String, BTreeMap<String, Span>>,
}

/// The whole file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    /// The engines that were asked, oldest first.
    pub(crate) engines: Vec<String>,
    /// What a client may ask.
    #[serde(default)]
    pub(crate) client: BTreeMap<String, Method>,
    /// Notifications that came or went, or that need the experimental API.
    #[serde(default)]
    pub(crate) notifications: BTreeMap<String, Span>,
    /// The engine's own requests, the same.
    #[serde(default)]
    pub(crate) server_requests: BTreeMap<String, Span>,
}

/// A version's numbers, for sorting.
pub(crate) fn numbers(version: &str) -> Vec<u64> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.')
        .filter_map(|part| part.parse().ok())
        .collect()
}

impl History {
    /// Reads the file's text.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("schema/history.json")
    }

    /// Reads the committed file.
    pub(crate) fn read() -> Result<Self> {
        let path = super::file();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text)
    }

    /// Derives the history from what each engine says; `versions` and `engines` go together.
    pub(crate) fn build(versions: &[String], engines: &[Engine]) -> Result<Self> {
        let lives = Lives { versions, engines };
        let mut client = BTreeMap::new();
        let methods: BTreeSet<&String> = engines
            .iter()
            .flat_map(|engine| engine.experimental.client.keys())
            .collect();
        for method in methods {
            client.insert(method.clone(), lives.method(method)?);
        }
        Ok(Self {
            engines: versions.to_vec(),
            client,
            notifications: lives.names(|facts| &facts.notifications)?,
            server_requests: lives.names(|facts| &facts.server_requests)?,
        })
    }

    /// The file's text: a method a line.
    pub(crate) fn to_text(&self) -> Result<String> {
        let mut text = String::from("{\n");
        writeln!(
            text,
            "\"engines\": {},",
            serde_json::to_string(&self.engines)?
        )?;
        section(&mut text, "client", &self.client)?;
        text.push_str(",\n");
        section(&mut text, "notifications", &self.notifications)?;
        text.push_str(",\n");
        section(&mut text, "server_requests", &self.server_requests)?;
        text.push_str("\n}\n");
        Ok(text)
    }
}

fn section<T: Serialize>(
    text: &mut String,
    name: &str,
    entries: &BTreeMap<String, T>,
) -> Result<()> {
    let lines: Vec<String> = entries
        .iter()
        .map(|(key, value)| Ok(format!("{key:?}: {}", serde_json::to_string(value)?)))
        .collect::<Result<_>>()?;
    write!(text, "{name:?}: {{\n{}\n}}", lines.join(",\n"))?;
    Ok(())
}

/// Whether each engine has a part: with the experimental API, and without.
type Presence = Vec<(bool, bool)>;

struct Lives<'a> {
    versions: &'a [String],
    engines: &'a [Engine],
}

impl Lives<'_> {
    fn presence(&self, has: impl Fn(&super::Facts) -> bool) -> Presence {
        self.engines
            .iter()
            .map(|engine| (has(&engine.experimental), has(&engine.stable)))
            .collect()
    }

    fn method(&self, method: &str) -> Result<Method> {
        let asks = |facts: &super::Facts, test: &dyn Fn(&super::facts::Request) -> bool| {
            facts.client.get(method).is_some_and(test)
        };
        let own = self.presence(|facts| facts.client.contains_key(method));
        let requests = || {
            self.engines
                .iter()
                .filter_map(|engine| engine.experimental.client.get(method))
        };
        let mut params = BTreeMap::new();
        let mut lives: BTreeMap<&str, Presence> = BTreeMap::new();
        for path in requests().flat_map(|request| &request.params) {
            let life = self.presence(|facts| asks(facts, &|request| request.params.contains(path)));
            // What came and went together with what holds it needs no line of its own.
            let holder = parent(path)
                .and_then(|parent| lives.get(parent))
                .unwrap_or(&own);
            if life != *holder {
                params.insert(path.clone(), self.span(&format!("{method} {path}"), &life)?);
            }
            lives.insert(path, life);
        }
        let open: BTreeSet<&String> = requests().flat_map(|request| &request.open).collect();
        let mut words: BTreeMap<String, BTreeMap<String, Span>> = BTreeMap::new();
        for (path, list) in requests().flat_map(|request| &request.words) {
            if open.contains(path) || ALSO_OTHER_WORDS.contains(&path.as_str()) {
                continue;
            }
            let known = words.entry(path.clone()).or_default();
            let holder = lives.get(holder(path)).unwrap_or(&own);
            for word in list {
                let life = self.presence(|facts| {
                    asks(facts, &|request| {
                        request
                            .words
                            .get(path)
                            .is_some_and(|list| list.contains(word))
                    })
                });
                let span = if life == *holder {
                    Span::default()
                } else {
                    self.span(&format!("{method} {path} {word}"), &life)?
                };
                known.insert(word.clone(), span);
            }
            for (_, gone) in GONE_BEFORE.iter().filter(|(name, _)| name == path) {
                let removed = self.versions.first().cloned();
                known.insert(
                    (*gone).to_owned(),
                    Span {
                        removed,
                        ..Span::default()
                    },
                );
            }
        }
        Ok(Method {
            span: self.span(method, &own)?,
            params,
            words,
        })
    }

    fn names(
        &self,
        list: fn(&super::Facts) -> &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Span>> {
        let mut found = BTreeMap::new();
        for name in self
            .engines
            .iter()
            .flat_map(|engine| list(&engine.experimental))
        {
            let span = self.span(name, &self.presence(|facts| list(facts).contains(name)))?;
            if span != Span::default() {
                found.insert(name.clone(), span);
            }
        }
        Ok(found)
    }

    /// The life as versions. A part that came back after it went would need a person's judgement.
    fn span(&self, what: &str, presence: &Presence) -> Result<Span> {
        let (since, removed) = run(presence.iter().map(|one| one.0))
            .with_context(|| format!("{what} comes and goes; the history has no form for that"))?;
        let version = |at: usize| self.versions.get(at).cloned();
        let mut span = Span {
            since: version(since).filter(|_| since > 0),
            removed: version(removed),
            ..Span::default()
        };
        if presence.iter().all(|one| one.0 == one.1) {
            return Ok(span);
        }
        span.experimental = true;
        if presence.iter().any(|one| one.1) {
            let (stable, end) = run(presence.iter().map(|one| one.1))
                .with_context(|| format!("{what} is experimental now and then"))?;
            if end != removed {
                bail!("{what} became experimental again; the history has no form for that");
            }
            span.stable = version(stable);
        }
        Ok(span)
    }
}

/// Beginning and end of the one unbroken run of `true`.
fn run(flags: impl Iterator<Item = bool>) -> Option<(usize, usize)> {
    let flags: Vec<bool> = flags.collect();
    let start = flags.iter().position(|flag| *flag)?;
    let length = flags[start..].iter().take_while(|flag| **flag).count();
    let end = start + length;
    (!flags[end..].contains(&true)).then_some((start, end))
}

/// The parameter that holds the one at `path`.
fn parent(path: &str) -> Option<&str> {
    Some(holder(path.rsplit_once('.')?.0))
}

/// The parameter whose elements or values `path` stands for.
fn holder(path: &str) -> &str {
    path.trim_end_matches(['[', ']', '{', '}'])
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Facts, Request};
    use super::*;

    /// An engine with the method `m`: parameters and words with the experimental API, and the parameters
    /// that do without.
    fn engine(params: &[&str], words: &[&str], stable: &[&str]) -> Engine {
        let facts = |names: &[&str]| {
            let mut request = Request {
                params: names.iter().map(|name| (*name).to_owned()).collect(),
                ..Request::default()
            };
            let list = words.iter().map(|word| (*word).to_owned()).collect();
            request.words.insert("approvalPolicy".to_owned(), list);
            let mut facts = Facts::default();
            facts.client.insert("m".to_owned(), request);
            facts
        };
        Engine {
            stable: facts(stable),
            experimental: facts(params),
        }
    }

    #[test]
    fn what_came_and_went_is_said_once() {
        let versions = ["1.0.0", "1.1.0", "1.2.0"].map(str::to_owned);
        let built = History::build(
            &versions,
            &[
                engine(
                    &["approvalPolicy", "old"],
                    &["a"],
                    &["approvalPolicy", "old"],
                ),
                engine(
                    &["approvalPolicy", "new", "new.part", "soon"],
                    &["a", "b"],
                    &["approvalPolicy", "new", "new.part"],
                ),
                engine(
                    &["approvalPolicy", "new", "new.part", "soon"],
                    &["b"],
                    &["approvalPolicy", "new", "new.part", "soon"],
                ),
            ],
        )
        .expect("a history");
        let again = History::parse(&built.to_text().expect("text")).expect("it reads back");
        let method = &again.client["m"];
        assert_eq!(method.span, Span::default());
        let names: Vec<&String> = method.params.keys().collect();
        assert_eq!(names, ["new", "old", "soon"], "new.part came with new");
        assert_eq!(method.params["new"].since.as_deref(), Some("1.1.0"));
        assert_eq!(method.params["old"].removed.as_deref(), Some("1.1.0"));
        let soon = &method.params["soon"];
        assert!(soon.experimental && soon.stable.as_deref() == Some("1.2.0"));
        let words = &method.words["approvalPolicy"];
        assert_eq!(words["a"].removed.as_deref(), Some("1.2.0"));
        assert_eq!(words["b"].since.as_deref(), Some("1.1.0"));
        assert_eq!(words["on-failure"].removed.as_deref(), Some("1.0.0"));
    }

    #[test]
    fn what_comes_back_is_refused() {
        let versions = ["1.0.0", "1.1.0", "1.2.0"].map(str::to_owned);
        let built = History::build(
            &versions,
            &[
                engine(&["x"], &[], &["x"]),
                engine(&[], &[], &[]),
                engine(&["x"], &[], &["x"]),
            ],
        );
        assert!(format!("{:#}", built.expect_err("refused")).contains("m x comes and goes"));
    }
}
