//! The cases of the fault matrix, from fixtures/faults. Only data: reads them and multiplies out the templates.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::paths;

/// The keys of a case; anything else is a mistake.
const KEYS: [&str; 18] = [
    "approved",
    "name",
    "for",
    "weakness",
    "note",
    "quick",
    "alone",
    "deadline_s",
    "engine",
    "options",
    "handlers",
    "host",
    "steps",
    "answers",
    "received",
    "loose",
    "official",
    "made",
];

/// A case of the matrix, multiplied out.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// File and name, as `killed/before-initialize/exit-3`.
    pub(crate) name: String,
    /// The file, whose cases run side by side.
    pub(crate) group: String,
    /// All of it, as in the file.
    pub(crate) body: Value,
}

impl Case {
    /// What the engine does of itself.
    pub(crate) fn plan(&self) -> Option<&Value> {
        self.body.pointer("/engine/plan")
    }

    /// What the model says, for a case of the real engine.
    pub(crate) fn script(&self) -> Option<&Value> {
        self.body.pointer("/engine/script")
    }

    /// What is done to the process that runs the client, for a case that is about that.
    pub(crate) fn host(&self) -> Option<&str> {
        self.body["host"].as_str()
    }

    pub(crate) fn is(&self, flag: &str) -> bool {
        self.body[flag].as_bool().unwrap_or(false)
    }

    /// The measured weaknesses of the official SDKs that it stands for, as `python 8`.
    pub(crate) fn weaknesses(&self) -> impl Iterator<Item = &str> {
        let list = self.body["weakness"].as_array();
        list.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether a blocking client can play it: it has no way to give a call up.
    pub(crate) fn is_for_blocking(&self) -> bool {
        !self.body["steps"].to_string().contains("\"cancel\"")
    }
}

/// Every case, in the order of the files.
pub(crate) fn all() -> Result<Vec<Case>> {
    let dir = paths::root().join("fixtures/faults");
    let mut files: Vec<_> = std::fs::read_dir(&dir)
        .with_context(|| dir.display().to_string())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let group = file
            .file_stem()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let text = std::fs::read_to_string(&file)?;
        let list: Vec<Value> =
            serde_json::from_str(&text).with_context(|| file.display().to_string())?;
        for body in list {
            let named = format!("{group}/{}", body["name"].as_str().unwrap_or("?"));
            cases.extend(multiply(&group, body).with_context(|| named)?);
        }
    }
    Ok(cases)
}

/// The case for every combination of what its `for` lists. `"$name"` stands for the value, `"$name.key"` for a part of
/// it, and `{"times": n, "is": x}` in a list for n times x; the label (`name` in the value, or the value itself) becomes part of the case's name.
fn multiply(group: &str, mut body: Value) -> Result<Vec<Case>> {
    let fields = body.as_object_mut().context("a case is an object")?;
    if let Some(odd) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
        bail!("unknown key {odd:?}");
    }
    let variables: Map<String, Value> = match fields.remove("for") {
        None => Map::new(),
        Some(Value::Object(map)) => map,
        Some(_) => bail!("`for` is an object of lists"),
    };
    let name = fields
        .get("name")
        .and_then(Value::as_str)
        .context("no name")?;
    let mut made = vec![(format!("{group}/{name}"), BTreeMap::<String, Value>::new())];
    for (variable, values) in &variables {
        let values = values.as_array().context("`for` is an object of lists")?;
        ensure!(!values.is_empty(), "`for` has an empty list");
        made = made
            .into_iter()
            .flat_map(|(name, bound)| {
                values.iter().map(move |value| {
                    let mut bound = bound.clone();
                    bound.insert(variable.clone(), value.clone());
                    (format!("{name}/{}", label(variable, value)), bound)
                })
            })
            .collect();
    }
    // A number says that the quick run plays one of so many.
    let one_of = body["quick"].as_u64();
    made.into_iter()
        .enumerate()
        .map(|(number, (name, bound))| {
            if let Some(one_of) = one_of {
                body["quick"] = (number as u64).is_multiple_of(one_of.max(1)).into();
            }
            Ok(Case {
                body: fill(&body, &bound)?,
                group: group.to_owned(),
                name,
            })
        })
        .collect()
}

fn label(variable: &str, value: &Value) -> String {
    match value {
        Value::Object(map) => match map.get("name").and_then(Value::as_str) {
            Some(name) => name.to_owned(),
            None => variable.to_owned(),
        },
        Value::String(text) => text.clone(),
        other => format!("{variable}={other}"),
    }
}

fn fill(value: &Value, bound: &BTreeMap<String, Value>) -> Result<Value> {
    Ok(match value {
        Value::String(text) if text.starts_with('$') && !text.starts_with("${") => {
            let mut parts = text[1..].split('.');
            let variable = parts.next().unwrap_or_default();
            let mut found = bound
                .get(variable)
                .with_context(|| format!("nothing is called {text}"))?;
            for part in parts {
                found = found.get(part).with_context(|| format!("no {text}"))?;
            }
            found.clone()
        }
        Value::Array(list) => {
            let mut filled = Vec::new();
            for value in list {
                match (value.get("times").and_then(Value::as_u64), value.get("is")) {
                    (Some(times), Some(value)) => {
                        let value = fill(value, bound)?;
                        filled.extend((0..times).map(|_| value.clone()));
                    }
                    // A variable that is a list stands for its members.
                    _ => match (value, fill(value, bound)?) {
                        (Value::String(_), Value::Array(members)) => filled.extend(members),
                        (_, value) => filled.push(value),
                    },
                }
            }
            filled.into()
        }
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| Ok((key.clone(), fill(value, bound)?)))
            .collect::<Result<_>>()?,
        other => other.clone(),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Sections 4 and 3 of what was measured of the official SDKs: every finding has a case.
    #[test]
    fn every_weakness_of_the_official_sdks_has_a_case() {
        let cases = all().unwrap();
        let seen: BTreeSet<String> = cases
            .iter()
            .flat_map(|case| case.weaknesses().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let wanted = (1..=20)
            .map(|number| format!("python {number}"))
            .chain((1..=17).map(|number| format!("typescript {number}")));
        let elsewhere = elsewhere();
        let missing: Vec<_> = wanted
            .filter(|one| !seen.contains(one) && !elsewhere.contains_key(one))
            .collect();
        assert!(missing.is_empty(), "no case for {missing:?}");
    }

    #[test]
    fn what_is_shown_of_the_official_typescript_sdk_is_held_by_a_case_of_ours() {
        let elsewhere = elsewhere();
        let cases = all().unwrap();
        for weakness in crate::faults::official_typescript::list().unwrap() {
            let number = weakness.number.as_str();
            let has_case = cases
                .iter()
                .any(|case| case.weaknesses().any(|one| one == number));
            assert!(has_case || elsewhere.contains_key(number), "{number}");
        }
    }

    /// What is no fault of an engine has its test elsewhere; the file must hold what is named.
    fn elsewhere() -> BTreeMap<String, String> {
        let path = paths::root().join("fixtures/faults/elsewhere.txt");
        let mut found = BTreeMap::new();
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let Some((weakness, place)) = line.split_once(": ").filter(|_| !line.starts_with('#'))
            else {
                continue;
            };
            let (file, needle) = place.split_once(" | ").unwrap();
            let text = std::fs::read_to_string(paths::root().join(file)).unwrap();
            assert!(text.contains(needle), "{file} has no {needle:?}");
            found.insert(weakness.to_owned(), place.to_owned());
        }
        found
    }

    #[test]
    fn names_are_unique_and_every_category_has_quick_cases() {
        let cases = all().unwrap();
        let names: BTreeSet<_> = cases.iter().map(|case| case.name.clone()).collect();
        assert_eq!(names.len(), cases.len());
        let groups: BTreeSet<_> = cases.iter().map(|case| case.group.clone()).collect();
        for group in groups {
            let mut of_group = cases.iter().filter(|case| case.group == group);
            assert!(
                of_group.any(|case| case.is("quick")),
                "{group} has no quick case"
            );
        }
    }

    #[test]
    fn a_template_is_multiplied_out() {
        let body = serde_json::json!({
            "name": "x", "for": {"a": [1, 2], "b": [{"name": "one", "do": "die"}]},
            "engine": {"plan": {"k": "$a", "do": "$b.do", "keep": "${thread}"}},
            "answers": [{"times": 2, "is": "$a"}],
        });
        let made = multiply("g", body).unwrap();
        let names: Vec<_> = made.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["g/x/a=1/one", "g/x/a=2/one"]);
        let plan = serde_json::json!({"k": 2, "do": "die", "keep": "${thread}"});
        assert_eq!(made[1].plan(), Some(&plan));
        assert_eq!(made[1].body["answers"], serde_json::json!([2, 2]));
        let wrong = serde_json::json!({"name": "x", "engine": {"plan": {"k": "$c"}}});
        assert!(multiply("g", wrong).is_err());
    }
}
