//! What one engine's protocol has more, less or different than another's: messages, types, fields, words.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::model::{Protocol, Request, Schema};
use super::types::{Expression, Field, Shape, Types};

/// The differences, a line each: `+` is new, `-` is gone, `~` is different.
pub(crate) fn lines(old: &Schema, new: &Schema) -> Result<Vec<String>> {
    let mut lines = vec![format!("engine {} -> {}", old.version, new.version)];
    let (before, after) = (Protocol::new(old)?, Protocol::new(new)?);
    let requests = |list: &[Request]| -> BTreeMap<String, String> {
        list.iter()
            .map(|info| (info.method.clone(), signature(info)))
            .collect()
    };
    let notifications = |protocol: &Protocol<'_>| -> BTreeMap<String, String> {
        let list = protocol.notifications.iter();
        list.map(|info| (info.method.clone(), info.payload.clone()))
            .collect()
    };
    messages(
        &mut lines,
        "client methods",
        &requests(&before.client_methods),
        &requests(&after.client_methods),
    );
    messages(
        &mut lines,
        "notifications",
        &notifications(&before),
        &notifications(&after),
    );
    messages(
        &mut lines,
        "requests of the engine",
        &requests(&before.server_requests),
        &requests(&after.server_requests),
    );
    types(&mut lines, &Types::new(old), &Types::new(new));
    Ok(lines)
}

fn signature(info: &Request) -> String {
    let experimental = if info.experimental {
        ", experimental"
    } else {
        ""
    };
    let params = if info.params.is_empty() {
        "nothing"
    } else {
        &info.params
    };
    format!("{params} -> {}{experimental}", info.result)
}

fn messages(
    lines: &mut Vec<String>,
    kind: &str,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) {
    let mut found = Vec::new();
    for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        match (old.get(name), new.get(name)) {
            (None, Some(about)) => found.push(format!("  + {name}: {about}")),
            (Some(_), None) => found.push(format!("  - {name}")),
            (Some(before), Some(after)) if before != after => {
                found.push(format!("  ~ {name}: {before}, now {after}"));
            }
            _ => {}
        }
    }
    summary(lines, kind, new.len(), found);
}

fn types(lines: &mut Vec<String>, old: &Types, new: &Types) {
    let names: BTreeSet<&String> = old
        .definitions
        .keys()
        .chain(new.definitions.keys())
        .collect();
    let mut found = Vec::new();
    for name in names {
        match (old.definitions.get(name), new.definitions.get(name)) {
            (None, Some(_)) => found.push(format!("  + {name}")),
            (Some(_), None) => found.push(format!("  - {name}")),
            (Some(before), Some(after)) => shape(&mut found, name, &before.shape, &after.shape),
            (None, None) => {}
        }
    }
    summary(lines, "types", new.definitions.len(), found);
}

/// The line that counts, and the lines it stands for.
fn summary(lines: &mut Vec<String>, kind: &str, all: usize, found: Vec<String>) {
    let count = |mark: &str| {
        let start = format!("  {mark}");
        found.iter().filter(|line| line.starts_with(&start)).count()
    };
    lines.push(format!(
        "{all} {kind}: {} added, {} removed, {} changed",
        count("+"),
        count("-"),
        count("~")
    ));
    lines.extend(found);
}

fn shape(found: &mut Vec<String>, name: &str, old: &Shape, new: &Shape) {
    let parts = match (old, new) {
        (Shape::Struct(old), Shape::Struct(new)) => fields(old, new),
        (Shape::Enum(old), Shape::Enum(new)) => sets("the word", old, new),
        (Shape::Tagged { arms: old, .. }, Shape::Tagged { arms: new, .. }) => {
            let names = |arms: &[(String, String)]| -> Vec<String> {
                arms.iter()
                    .map(|(value, arm)| format!("{value} ({arm})"))
                    .collect()
            };
            sets("the kind", &names(old), &names(new))
        }
        (Shape::Choice(old), Shape::Choice(new)) => {
            let names = |arms: &[Expression]| arms.iter().map(text).collect::<Vec<_>>();
            sets("the kind", &names(old), &names(new))
        }
        (Shape::Alias(old), Shape::Alias(new)) if text(old) == text(new) => Vec::new(),
        (old, new) => vec![format!("{}, now {}", kind(old), kind(new))],
    };
    if !parts.is_empty() {
        found.push(format!("  ~ {name}: {}", parts.join("; ")));
    }
}

fn fields(old: &[Field], new: &[Field]) -> Vec<String> {
    let by_name = |fields: &[Field]| -> BTreeMap<String, String> {
        fields
            .iter()
            .map(|field| {
                let end = if field.optional { "" } else { ", always there" };
                (field.wire.clone(), text(&field.expression) + end)
            })
            .collect()
    };
    let (old, new) = (by_name(old), by_name(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| match (old.get(name), new.get(name)) {
            (None, Some(about)) => Some(format!("+{name} ({about})")),
            (Some(_), None) => Some(format!("-{name}")),
            (Some(before), Some(after)) if before != after => {
                Some(format!("{name} was {before}, is {after}"))
            }
            _ => None,
        })
        .collect()
}

fn sets(what: &str, old: &[String], new: &[String]) -> Vec<String> {
    let gone = old.iter().filter(|value| !new.contains(value));
    let come = new.iter().filter(|value| !old.contains(value));
    come.map(|value| format!("+{what} {value}"))
        .chain(gone.map(|value| format!("-{what} {value}")))
        .collect()
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Struct(_) => "an object".to_owned(),
        Shape::Tagged { .. } => "one of several objects".to_owned(),
        Shape::Choice(_) => "one of several types".to_owned(),
        Shape::Enum(values) => format!("one of {}", values.join(", ")),
        Shape::Alias(expression) => text(expression),
    }
}

fn text(expression: &Expression) -> String {
    match expression {
        Expression::Any => "anything".to_owned(),
        Expression::Scalar(name) => (*name).to_owned(),
        Expression::Literal(value) => format!("{value:?}"),
        Expression::Named(name) => name.clone(),
        Expression::List(item) => format!("list of {}", text(item)),
        Expression::Map(item) => format!("map to {}", text(item)),
        Expression::Union(arms) => arms.iter().map(text).collect::<Vec<_>>().join(" or "),
    }
}
