//! The client's methods as a tree: `thread/goal/set` is `set` in the group `goal` in the group `thread`.

use std::collections::BTreeMap;

use super::model::{Protocol, Request};

/// One name in the tree: a method, a group, or both.
#[derive(Default)]
pub(crate) struct Node<'a> {
    /// The path of names on the wire, `["thread", "goal"]`.
    pub(crate) path: Vec<&'a str>,
    pub(crate) method: Option<&'a Request>,
    pub(crate) children: BTreeMap<&'a str, Node<'a>>,
}

impl Node<'_> {
    /// Whether it has methods below it.
    pub(crate) fn is_group(&self) -> bool {
        !self.children.is_empty()
    }
}

/// The root: its children are the groups and methods without a slash.
pub(crate) fn root<'a>(protocol: &'a Protocol<'_>) -> Node<'a> {
    let mut root = Node::default();
    for info in &protocol.client_methods {
        let mut node = &mut root;
        let mut path = Vec::new();
        for name in info.method.split('/') {
            path.push(name);
            node = node.children.entry(name).or_default();
            node.path.clone_from(&path);
        }
        node.method = Some(info);
    }
    root
}

/// Calls `each` for every group, parents before children. The root is one.
pub(crate) fn groups<'a, 'b>(node: &'b Node<'a>, each: &mut impl FnMut(&'b Node<'a>)) {
    each(node);
    for child in node.children.values().filter(|child| child.is_group()) {
        groups(child, each);
    }
}

/// The name of a group's type: `ThreadApi`, and `ThreadGoalGroup` for a group in a group, because
/// there are `thread/section/...` and `threadSection/...`.
pub(crate) fn class(path: &[&str]) -> String {
    let end = if path.len() > 1 { "Group" } else { "Api" };
    let words: String = path
        .iter()
        .flat_map(|name| name.split('_'))
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
                .unwrap_or_default()
        })
        .collect();
    words + end
}
