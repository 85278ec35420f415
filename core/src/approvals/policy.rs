//! Ready-made answers to approvals, as data: the same in every language.
//!
//! A policy either decides or has no opinion; it never asks anybody. One that accepts does so only where it is certain
//! what would happen.

use std::path::{Component, Path, PathBuf};

use regex_lite::Regex;
use serde::Deserialize;

use super::command::{only_reads, simple_commands};
use super::decision::Decision;
use super::request::{ApprovalKind, ApprovalRequest};
use crate::error::{Error, Result};

/// A ready-made answer to approvals.
#[derive(Clone, Debug)]
pub struct Policy(Rule);

#[derive(Clone, Debug)]
enum Rule {
    DenyAll(Option<String>),
    AcceptAll,
    ReadOnlyCommands,
    Commands {
        prefixes: Vec<Vec<String>>,
        patterns: Vec<Regex>,
        effect: Decision,
    },
    EditsInside {
        folders: Vec<PathBuf>,
    },
    McpTools {
        names: Vec<String>,
        effect: Decision,
    },
}

/// The JSON form.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Fields {
    DenyAll {
        #[serde(default)]
        reason: Option<String>,
    },
    AcceptAll {},
    ReadOnlyCommands {},
    Commands {
        #[serde(default)]
        prefixes: Vec<String>,
        #[serde(default)]
        patterns: Vec<String>,
        #[serde(default)]
        deny: bool,
    },
    EditsInside {
        folders: Vec<PathBuf>,
    },
    McpTools {
        names: Vec<String>,
        #[serde(default)]
        deny: bool,
    },
}

impl TryFrom<Fields> for Policy {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self> {
        let decline = |deny: bool, policy: Self| if deny { policy.denying() } else { policy };
        match fields {
            Fields::DenyAll { reason } => Ok(Self(Rule::DenyAll(reason))),
            Fields::AcceptAll {} => Ok(Self::dangerously_accept_all()),
            Fields::ReadOnlyCommands {} => Ok(Self::read_only_commands()),
            Fields::Commands {
                prefixes,
                patterns,
                deny,
            } => Ok(decline(deny, Self::commands(&prefixes, &patterns)?)),
            Fields::EditsInside { folders } => Self::edits_inside(&folders),
            Fields::McpTools { names, deny } => Ok(decline(deny, Self::mcp_tools(&names)?)),
        }
    }
}

impl Policy {
    /// Declines everything, which is also what happens where nobody decides.
    #[must_use]
    pub fn deny_all() -> Self {
        Self(Rule::DenyAll(None))
    }

    /// Accepts everything that the agent asks for, outside the sandbox and without anybody looking.
    #[must_use]
    pub fn dangerously_accept_all() -> Self {
        Self(Rule::AcceptAll)
    }

    /// Accepts commands that are known to read and nothing else (`ls`, `cat`, `grep`, `git status`, ...), alone or joined by
    /// pipes, `&&`, `||` and `;`. A line with anything that a shell would expand, substitute or redirect is none.
    ///
    /// They run outside the sandbox, so that they can read whatever the user can.
    #[must_use]
    pub fn read_only_commands() -> Self {
        Self(Rule::ReadOnlyCommands)
    }

    /// Accepts commands by their beginning, word for word (`"git add"` accepts `git add .` and not `git addx`), or by a
    /// regular expression that has to match the whole line.
    ///
    /// With prefixes, every command of a line must begin so, and the line must hold nothing that a shell would
    /// interpret. An expression sees the line as it is: one that lets `;` or `$` through lets everything through.
    ///
    /// # Errors
    /// `invalid_argument` if there is nothing to match, a prefix is no plain words, or an expression is none.
    pub fn commands<P: AsRef<str>, R: AsRef<str>>(prefixes: &[P], patterns: &[R]) -> Result<Self> {
        if prefixes.is_empty() && patterns.is_empty() {
            return Err(Error::invalid_argument(
                "prefixes",
                "neither prefixes nor patterns are given, so that it would match nothing",
            ));
        }
        let prefixes = prefixes.iter().map(|prefix| words_of(prefix.as_ref()));
        let patterns = patterns.iter().map(|pattern| whole_line(pattern.as_ref()));
        Ok(Self(Rule::Commands {
            prefixes: prefixes.collect::<Result<_>>()?,
            patterns: patterns.collect::<Result<_>>()?,
            effect: Decision::Accept,
        }))
    }

    /// Accepts changes of files all of which are inside one of the folders, symbolic links followed.
    ///
    /// # Errors
    /// `invalid_argument` if there is no folder, or one does not exist or is relative.
    pub fn edits_inside<P: AsRef<Path>>(folders: &[P]) -> Result<Self> {
        if folders.is_empty() {
            return Err(Error::invalid_argument(
                "folders",
                "there is none; name at least one",
            ));
        }
        let folders = folders.iter().map(|folder| {
            let folder = folder.as_ref();
            let real = folder
                .is_absolute()
                .then(|| folder.canonicalize().ok())
                .flatten();
            real.filter(|real| real.is_dir()).ok_or_else(|| {
                let message = format!(
                    "{} is not an existing folder with its whole path",
                    folder.display()
                );
                Error::invalid_argument("folders", message)
            })
        });
        Ok(Self(Rule::EditsInside {
            folders: folders.collect::<Result<_>>()?,
        }))
    }

    /// Accepts calls of MCP tools: all of a server (`"docs"`), or one (`"docs/search"`).
    ///
    /// # Errors
    /// `invalid_argument` if there is no name, or one is empty.
    pub fn mcp_tools<S: AsRef<str>>(names: &[S]) -> Result<Self> {
        let names: Vec<String> = names.iter().map(|name| name.as_ref().to_owned()).collect();
        if names.is_empty() || names.iter().any(|name| name.trim_matches('/').is_empty()) {
            let message = "name at least one server, or one tool as server/tool";
            return Err(Error::invalid_argument("names", message));
        }
        Ok(Self(Rule::McpTools {
            names,
            effect: Decision::Accept,
        }))
    }

    /// The same rule for what is to be declined: put before those that accept, it makes exceptions. Of commands, it matches
    /// a line of which any part matches. Other policies become [`Policy::deny_all`].
    #[must_use]
    pub fn denying(self) -> Self {
        let no = || Decision::decline("a policy of the application forbids it");
        Self(match self.0 {
            Rule::Commands {
                prefixes, patterns, ..
            } => Rule::Commands {
                prefixes,
                patterns,
                effect: no(),
            },
            Rule::McpTools { names, .. } => Rule::McpTools {
                names,
                effect: no(),
            },
            _ => Rule::DenyAll(None),
        })
    }

    /// Its name, for events and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.0 {
            Rule::DenyAll(_) => "deny_all",
            Rule::AcceptAll => "dangerously_accept_all",
            Rule::ReadOnlyCommands => "read_only_commands",
            Rule::Commands { .. } => "commands",
            Rule::EditsInside { .. } => "edits_inside",
            Rule::McpTools { .. } => "mcp_tools",
        }
    }

    /// What it decides; `None` without an opinion.
    #[must_use]
    pub fn decide(&self, request: &ApprovalRequest) -> Option<Decision> {
        match &self.0 {
            Rule::DenyAll(reason) => Some(Decision::Decline(reason.clone())),
            Rule::AcceptAll => Some(Decision::Accept),
            Rule::ReadOnlyCommands => {
                let commands = simple_commands(plain_script(request)?)?;
                commands
                    .iter()
                    .all(|words| only_reads(words))
                    .then_some(Decision::Accept)
            }
            Rule::Commands {
                prefixes,
                patterns,
                effect,
            } => {
                let matches = if effect.accepts() {
                    all_match(plain_script(request)?, prefixes, patterns)
                } else {
                    any_matches(request.script.as_deref()?, prefixes, patterns)
                };
                matches.then(|| effect.clone())
            }
            Rule::EditsInside { folders } => {
                edits_inside(request, folders).then_some(Decision::Accept)
            }
            Rule::McpTools { names, effect } => {
                let server = request
                    .server
                    .as_deref()
                    .filter(|_| request.kind == ApprovalKind::McpTool)?;
                let one = request
                    .tool
                    .as_deref()
                    .map(|tool| format!("{server}/{tool}"));
                let named = names
                    .iter()
                    .any(|name| name == server || Some(name) == one.as_ref());
                named.then(|| effect.clone())
            }
        }
    }
}

/// The line of a request that is about a command and nothing more: no other permissions, no host.
fn plain_script(request: &ApprovalRequest) -> Option<&str> {
    let more = request
        .permissions
        .as_ref()
        .is_some_and(|value| !value.is_null());
    let plain = request.kind == ApprovalKind::Command && !more && request.network.is_none();
    request.script.as_deref().filter(|_| plain)
}

fn all_match(script: &str, prefixes: &[Vec<String>], patterns: &[Regex]) -> bool {
    let begins = || {
        let commands = simple_commands(script)?;
        let known = |words: &Vec<String>| prefixes.iter().any(|prefix| words.starts_with(prefix));
        Some(!prefixes.is_empty() && commands.iter().all(known))
    };
    patterns.iter().any(|pattern| pattern.is_match(script)) || begins().unwrap_or(false)
}

/// For a rule that declines: of an opaque line, each place where a command could begin is looked at.
fn any_matches(script: &str, prefixes: &[Vec<String>], patterns: &[Regex]) -> bool {
    let words: Vec<&str> = script
        .split(|char: char| char.is_whitespace() || "();|&`{}$\"'".contains(char))
        .filter(|word| !word.is_empty())
        .collect();
    let found = |prefix: &Vec<String>| {
        words
            .windows(prefix.len())
            .any(|window| window == prefix.as_slice())
    };
    patterns.iter().any(|pattern| pattern.is_match(script)) || prefixes.iter().any(found)
}

fn words_of(prefix: &str) -> Result<Vec<String>> {
    match simple_commands(prefix).as_deref() {
        Some([words]) => Ok(words.clone()),
        _ => Err(Error::invalid_argument(
            "prefixes",
            format!(
                "{prefix:?} is not the beginning of a command: plain words with spaces between"
            ),
        )),
    }
}

/// An expression that has to match from the first to the last character.
fn whole_line(pattern: &str) -> Result<Regex> {
    // By itself first, so that `a)(b` is no trick and the message shows what was given.
    let valid = Regex::new(pattern).and_then(|_| Regex::new(&format!(r"\A(?:{pattern})\z")));
    valid.map_err(|error| {
        Error::invalid_argument(
            "patterns",
            format!("{pattern:?} is no regular expression: {error}"),
        )
    })
}

fn edits_inside(request: &ApprovalRequest, folders: &[PathBuf]) -> bool {
    if request.kind != ApprovalKind::FileChange || request.changes.is_empty() {
        return false;
    }
    let changes = request.changes.iter();
    let paths = changes
        .flat_map(|change| [Some(&change.path), change.move_path.as_ref()])
        .flatten();
    let mut paths = paths.chain(request.grant_root.as_ref()).map(Path::new);
    paths.all(|path| {
        let real = real_path(path);
        real.is_some_and(|real| folders.iter().any(|folder| real.starts_with(folder)))
    })
}

/// Where a path leads, whether or not its last parts exist yet. `None` for what cannot be told.
fn real_path(path: &Path) -> Option<PathBuf> {
    let climbs = path.components().any(|part| part == Component::ParentDir);
    if !path.is_absolute() || climbs {
        return None;
    }
    // A dangling link is no ancestor that exists, but what is written goes where it points.
    let existing = path
        .ancestors()
        .find(|ancestor| ancestor.symlink_metadata().is_ok())?;
    let rest = path.strip_prefix(existing).ok()?;
    let real = existing.canonicalize().ok()?;
    Some(if rest.as_os_str().is_empty() {
        real
    } else {
        real.join(rest)
    })
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
