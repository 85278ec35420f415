//! The names under which the tools of several servers are told apart, as the engine has them: `mcp__SERVER__TOOL`.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// A tool of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct McpTool {
    /// The server's name.
    pub server: String,
    /// The tool's name on that server.
    pub tool: String,
}

/// The one name of a server's tool. Characters that a model's API does not take in names become `_`.
#[must_use]
pub fn qualify(server: &str, tool: &str) -> String {
    format!("mcp__{}__{}", plain(server), plain(tool))
}

fn plain(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    name.chars()
        .map(|c| if fits(c) { c } else { '_' })
        .collect()
}

/// The tools of several servers by their one name.
#[derive(Clone, Debug, Default)]
pub struct ToolNames(BTreeMap<String, McpTool>);

impl ToolNames {
    /// No tools.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The tools of several servers, each server with the names of its tools.
    ///
    /// # Errors
    /// As [`ToolNames::add`].
    pub fn of<'a>(servers: impl IntoIterator<Item = (&'a str, &'a [String])>) -> Result<Self> {
        let mut names = Self::new();
        for (server, tools) in servers {
            for tool in tools {
                names.add(server, tool)?;
            }
        }
        Ok(names)
    }

    /// Adds a tool and gives its name.
    ///
    /// # Errors
    /// `invalid_argument` when another tool has that name already: server `a` with the tool `b__c` and server
    /// `a__b` with the tool `c` cannot be told apart.
    pub fn add(&mut self, server: &str, tool: &str) -> Result<String> {
        let name = qualify(server, tool);
        let new = McpTool {
            server: server.to_owned(),
            tool: tool.to_owned(),
        };
        match self.0.get(&name) {
            Some(old) if *old != new => Err(Error::invalid_argument(
                "tool",
                format!(
                    "{tool:?} of server {server:?} and {:?} of server {:?} would both be called {name}; rename a server, or leave one of the tools out with disabled_tools",
                    old.tool, old.server
                ),
            )),
            _ => {
                self.0.insert(name.clone(), new);
                Ok(name)
            }
        }
    }

    /// Whose tool a name is.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&McpTool> {
        self.0.get(name)
    }

    /// All names, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &McpTool)> {
        self.0.iter().map(|(name, tool)| (name.as_str(), tool))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn tools_of_several_servers_are_told_apart() {
        let mut names = ToolNames::new();
        assert_eq!(names.add("docs", "find").unwrap(), "mcp__docs__find");
        assert_eq!(names.add("web", "find").unwrap(), "mcp__web__find");
        assert_eq!(names.add("docs", "find").unwrap(), "mcp__docs__find");
        assert_eq!(names.add("docs", "é.x").unwrap(), "mcp__docs____x");
        assert_eq!(names.find("mcp__web__find").unwrap().server, "web");
        assert!(names.find("find").is_none());
        assert_eq!(names.iter().count(), 3);
    }

    #[test]
    fn a_clash_is_refused_and_names_both() {
        let mut names = ToolNames::new();
        names.add("a", "b__c").unwrap();
        let error = names.add("a__b", "c").unwrap_err();
        let text = error.to_string();
        assert_eq!(error.argument(), Some("tool"));
        assert!(
            text.contains("\"a\"") && text.contains("\"a__b\""),
            "{text}"
        );
    }
}
