//! The W3C trace context that a caller gives: checked, so that a wrong one is an error and not a lost trace.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};

/// Where in a trace a call is made: the `traceparent` and `tracestate` of the W3C Trace Context recommendation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TraceContext {
    /// Version, trace, span and flags, as in `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`.
    pub traceparent: String,
    /// What vendors add.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
}

/// The longest `tracestate` that is sent on.
const LONGEST_STATE: usize = 8192;

impl TraceContext {
    /// A trace context.
    ///
    /// # Errors
    /// `invalid_argument` when `traceparent` or `tracestate` is not what the recommendation asks for.
    pub fn new(traceparent: &str, tracestate: Option<&str>) -> Result<Self> {
        check_parent(traceparent)
            .map_err(|why| Error::invalid_argument("trace_context.traceparent", format!(
                "{why}; it is 00-TRACE-SPAN-FLAGS, of 2, 32, 16 and 2 lower-case hexadecimal digits"
            )))?;
        let tracestate = tracestate.filter(|state| !state.is_empty());
        if let Some(state) = tracestate {
            check_state(state)
                .map_err(|why| Error::invalid_argument("trace_context.tracestate", why))?;
        }
        Ok(Self {
            traceparent: traceparent.to_owned(),
            tracestate: tracestate.map(str::to_owned),
        })
    }

    /// The same from JSON: the text of a `traceparent`, or an object with `traceparent` and, if need be, `tracestate`.
    ///
    /// # Errors
    /// As [`TraceContext::new`].
    pub fn from_json(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            Parent(String),
            Both(Both),
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Both {
            traceparent: String,
            #[serde(default)]
            tracestate: Option<String>,
        }
        match serde_json::from_str(text) {
            Ok(Given::Parent(parent)) => Self::new(&parent, None),
            Ok(Given::Both(both)) => Self::new(&both.traceparent, both.tracestate.as_deref()),
            Err(_) => Err(Error::invalid_argument(
                "trace_context",
                "give a traceparent, or an object with `traceparent` and, if there is one, `tracestate`",
            )),
        }
    }

    /// A trace context among the options of a binding; null is none.
    pub(crate) fn given(value: &Value) -> Result<Option<Self>> {
        let given = Some(value).filter(|value| !value.is_null());
        given
            .map(|value| Self::from_json(&value.to_string()))
            .transpose()
    }
}

fn check_parent(parent: &str) -> Result<(), &'static str> {
    let parts: Vec<&str> = parent.split('-').collect();
    let [version, trace, span, flags, ..] = parts.as_slice() else {
        return Err("it has not four parts");
    };
    for (part, digits) in [(version, 2), (trace, 32), (span, 16), (flags, 2)] {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if part.len() != digits || !part.bytes().all(hex) {
            return Err("a part has a wrong length or other characters");
        }
    }
    if *version == "ff" || (*version == "00" && parts.len() > 4) {
        return Err("its version is not one that there is, or has no more parts");
    }
    if [trace, span]
        .iter()
        .any(|id| id.bytes().all(|byte| byte == b'0'))
    {
        return Err("its trace or span is all zeros, which means none");
    }
    Ok(())
}

fn check_state(state: &str) -> Result<(), &'static str> {
    if state.len() > LONGEST_STATE {
        return Err("it is longer than 8192 bytes");
    }
    let members = state.split(',').map(str::trim);
    let named = |member: &str| member.is_empty() || member.find('=').is_some_and(|at| at > 0);
    if !state.bytes().all(|byte| (0x20..0x7f).contains(&byte)) || !members.clone().all(named) {
        return Err("it is a list of key=value, of printable ASCII, with commas between them");
    }
    if members.count() > 32 {
        return Err("it has more than 32 members");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_the_recommendation_allows_is_taken() {
        let context =
            TraceContext::new(PARENT, Some("congo=t61rcWkgMzE,rojo=00f0")).expect("taken");
        assert_eq!(context.traceparent, PARENT);
        let later = format!("01{}-more", &PARENT[2..]);
        assert!(
            TraceContext::new(&later, Some(""))
                .expect("taken")
                .tracestate
                .is_none()
        );
        let json = serde_json::to_string(PARENT).expect("JSON");
        assert_eq!(
            TraceContext::from_json(&json).expect("taken").traceparent,
            PARENT
        );
        let json = serde_json::to_string(&context).expect("JSON");
        assert_eq!(TraceContext::from_json(&json).expect("taken"), context);
    }

    #[test]
    fn what_it_does_not_allow_is_refused_and_named() {
        let zeros = "0".repeat(32);
        for wrong in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            &PARENT.to_uppercase(),
            &format!("{PARENT}-more"),
            &format!("ff{}", &PARENT[2..]),
            &format!("00-{zeros}-b7ad6b7169203331-01"),
            "00-é-b7ad6b7169203331-01",
        ] {
            let error = TraceContext::new(wrong, None).expect_err("refused");
            assert_eq!(
                error.argument(),
                Some("trace_context.traceparent"),
                "{wrong}"
            );
        }
        for wrong in [
            "novalue",
            "a=b,=c",
            "a=é",
            &"a=b,".repeat(33),
            &"x=".repeat(5000),
        ] {
            let error = TraceContext::new(PARENT, Some(wrong)).expect_err("refused");
            assert_eq!(
                error.argument(),
                Some("trace_context.tracestate"),
                "{wrong}"
            );
        }
        for wrong in ["5", "{}", r#"{"traceparent": "x", "more": 1}"#] {
            let error = TraceContext::from_json(wrong).expect_err("refused");
            assert!(
                error
                    .argument()
                    .unwrap_or_default()
                    .starts_with("trace_context"),
                "{wrong}"
            );
        }
    }
}
