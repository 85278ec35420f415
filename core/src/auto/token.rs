//! The continuation token: where a run is, as one opaque line that outlives the process and is read in any
//! language.
//!
//! It is `ckc1.BODY.CHECK`, both parts base64url. Without a key, CHECK is a SHA-256 sum: it tells damage and
//! mix-ups, not forgery, for anyone can compute it. With a key it is an HMAC-SHA256, and only who has the key
//! can make one. The body is not encrypted: it holds the prompts.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use ring::{digest, hmac};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decide::Counts;
use super::handover::Wish;
use super::options::{Limits, Plan, RetryPolicy, Until};
use super::usage::Prices;
use crate::error::{Error, Result};
use crate::protocol::JsonObject;
use crate::thread::usage::Tokens;

const PREFIX: &str = "ckc1";
const SIGNED_PREFIX: &str = "ckc1s";
/// Keeps the sum from being one of anything else.
const DOMAIN: &[u8] = b"codexkit continuation token 1\0";
/// More than any run needs; what is longer is no token.
const MAX_BYTES: usize = 16 << 20;

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Body {
    /// Tells the turns of this run from others on the thread.
    pub(super) run: String,
    pub(super) thread_id: String,
    pub(super) next: Next,
    /// The input of the turn at hand.
    pub(super) input: Vec<Value>,
    /// The turn under way, once it has an id.
    #[serde(default)]
    pub(super) turn_id: Option<String>,
    pub(super) counts: Counts,
    pub(super) elapsed_ms: u64,
    pub(super) seed: u64,
    /// To whom the last turn hands over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) handoff: Option<Wish>,
    /// The thread's total of tokens as last reported.
    #[serde(default)]
    pub(super) total: Option<Tokens>,
    plan: WirePlan,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Next {
    /// A new turn.
    Turn,
    /// The turn that was begun last: it may be under way, or be due again.
    Again,
    /// The check of the turn that ended last.
    Check,
    /// The next agent, to which the last turn's hands over.
    Handoff,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WirePlan {
    until: Until,
    max_turns: u32,
    max_tokens: Option<u64>,
    timeout_ms: Option<u64>,
    max_cost: Option<f64>,
    prices: Option<Prices>,
    retry: WireRetry,
    next_prompt: String,
    turn: JsonObject,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireRetry {
    attempts: u32,
    initial_delay_ms: u64,
    factor: f64,
    max_delay_ms: u64,
    max_wait_ms: u64,
}

pub(super) fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

impl From<&Plan> for WirePlan {
    fn from(plan: &Plan) -> Self {
        Self {
            until: plan.until.clone(),
            max_turns: plan.limits.max_turns,
            max_tokens: plan.limits.max_tokens,
            timeout_ms: plan.limits.timeout.map(milliseconds),
            max_cost: plan.limits.max_cost,
            prices: plan.prices,
            retry: WireRetry {
                attempts: plan.retry.attempts,
                initial_delay_ms: milliseconds(plan.retry.initial_delay),
                factor: plan.retry.factor,
                max_delay_ms: milliseconds(plan.retry.max_delay),
                max_wait_ms: milliseconds(plan.retry.max_wait),
            },
            next_prompt: plan.next_prompt.clone(),
            turn: plan.turn.clone(),
        }
    }
}

/// What a token is made of, beside the plan.
pub(super) struct Place<'a> {
    pub(super) run: &'a str,
    pub(super) thread_id: &'a str,
    pub(super) next: Next,
    pub(super) handoff: Option<&'a Wish>,
    pub(super) input: &'a [Value],
    pub(super) turn_id: Option<&'a str>,
    pub(super) counts: Counts,
    pub(super) elapsed: Duration,
    pub(super) seed: u64,
    pub(super) total: Option<Tokens>,
}

impl Body {
    pub(super) fn new(place: &Place<'_>, plan: &Plan) -> Self {
        Self {
            run: place.run.to_owned(),
            thread_id: place.thread_id.to_owned(),
            next: place.next,
            handoff: place.handoff.cloned(),
            input: place.input.to_vec(),
            turn_id: place.turn_id.map(str::to_owned),
            counts: place.counts,
            elapsed_ms: milliseconds(place.elapsed),
            seed: place.seed,
            total: place.total,
            plan: plan.into(),
        }
    }

    pub(super) fn plan(&self) -> Plan {
        let plan = &self.plan;
        let retry = &plan.retry;
        Plan {
            until: plan.until.clone(),
            limits: Limits {
                max_turns: plan.max_turns,
                max_tokens: plan.max_tokens,
                timeout: plan.timeout_ms.map(Duration::from_millis),
                max_cost: plan.max_cost,
            },
            prices: plan.prices,
            retry: RetryPolicy {
                attempts: retry.attempts,
                initial_delay: Duration::from_millis(retry.initial_delay_ms),
                factor: retry.factor,
                max_delay: Duration::from_millis(retry.max_delay_ms),
                max_wait: Duration::from_millis(retry.max_wait_ms),
            },
            next_prompt: plan.next_prompt.clone(),
            turn: plan.turn.clone(),
        }
    }

    /// The token.
    pub(super) fn seal(&self, key: Option<&str>) -> String {
        // Numbers are finite (they were checked) and keys are strings: it can always be written.
        let body = serde_json::to_vec(self).unwrap_or_default();
        let prefix = if key.is_some() { SIGNED_PREFIX } else { PREFIX };
        let check = check(&body, key);
        format!(
            "{prefix}.{}.{}",
            BASE64URL_NOPAD.encode(&body),
            BASE64URL_NOPAD.encode(&check)
        )
    }

    /// Reads a token.
    pub(super) fn open(token: &str, key: Option<&str>) -> Result<Self> {
        let refused = |why: &str| Error::invalid_argument("token", why);
        if token.len() > MAX_BYTES {
            return Err(refused("it is too long to be a continuation token"));
        }
        let mut parts = token.trim().split('.');
        let (Some(prefix), Some(body), Some(sum), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(refused(
                "it is no continuation token of codexkit; give the text of `continuation` as it was",
            ));
        };
        match (prefix, key) {
            (PREFIX, None) | (SIGNED_PREFIX, Some(_)) => {}
            (PREFIX, Some(_)) => {
                return Err(refused("it is not signed, and a token_key was given"));
            }
            (SIGNED_PREFIX, None) => {
                return Err(refused(
                    "it is signed; give the token_key that it was made with",
                ));
            }
            (other, _) if other.starts_with("ckc") => {
                return Err(refused(
                    "it is of another version of codexkit; continue with the version that made it",
                ));
            }
            _ => return Err(refused("it is no continuation token of codexkit")),
        }
        let decoded = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes());
        let (Ok(body), Ok(sum)) = (decoded(body), decoded(sum)) else {
            return Err(refused("it is damaged"));
        };
        if !matches(&body, &sum, key) {
            return Err(refused(match key {
                None => "it is damaged or was changed: its sum does not fit",
                Some(_) => "it was changed, or made with another key: its signature does not fit",
            }));
        }
        serde_json::from_slice(&body)
            .map_err(|error| refused(&format!("it is not understood: {error}")))
    }
}

fn check(body: &[u8], key: Option<&str>) -> Vec<u8> {
    match key {
        None => {
            let mut context = digest::Context::new(&digest::SHA256);
            context.update(DOMAIN);
            context.update(body);
            context.finish().as_ref().to_vec()
        }
        Some(key) => {
            let mut context = hmac::Context::with_key(&hmac_key(key));
            context.update(DOMAIN);
            context.update(body);
            context.sign().as_ref().to_vec()
        }
    }
}

fn matches(body: &[u8], sum: &[u8], key: Option<&str>) -> bool {
    match key {
        None => check(body, None) == sum,
        // In constant time.
        Some(key) => hmac::verify(&hmac_key(key), &[DOMAIN, body].concat(), sum).is_ok(),
    }
}

fn hmac_key(key: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes())
}

/// See [`super::fuzz_token`].
#[cfg(feature = "fuzzing")]
pub(super) fn fuzz(text: &str) {
    let key = Some("a key of the fuzz targets");
    let token = if text.starts_with('{') {
        let sum = BASE64URL_NOPAD.encode(&check(text.as_bytes(), key));
        format!(
            "{SIGNED_PREFIX}.{}.{sum}",
            BASE64URL_NOPAD.encode(text.as_bytes())
        )
    } else {
        text.to_owned()
    };
    let Ok(body) = Body::open(&token, key).or_else(|_| Body::open(&token, None)) else {
        return;
    };
    body.plan();
    let sealed = body.seal(key);
    let again = Body::open(&sealed, key).map(|body| body.seal(key));
    assert!(again.is_ok_and(|again| again == sealed), "{text}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;

    fn body() -> Body {
        let place = Place {
            run: "r",
            thread_id: "t",
            next: Next::Again,
            handoff: None,
            input: &[json!({"type": "text", "text": "größer"})],
            turn_id: Some("u"),
            counts: Counts {
                turns: 3,
                starts: 1,
                cost: 0.25,
                ..Counts::default()
            },
            elapsed: Duration::from_millis(1500),
            seed: u64::MAX,
            total: Some(Tokens::default()),
        };
        Body::new(&place, &Plan::default())
    }

    fn refused(token: &str, key: Option<&str>) -> String {
        let error = Body::open(token, key).expect_err(token);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.argument(), Some("token"));
        error.to_string()
    }

    #[test]
    fn a_token_says_what_it_was_told() {
        for key in [None, Some("secret")] {
            let token = body().seal(key);
            let read = Body::open(&token, key).expect("its own");
            assert_eq!(read.seal(key), token);
            assert_eq!((read.counts.turns, read.seed), (3, u64::MAX));
            assert_eq!(read.plan().limits.max_turns, 10);
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let (plain, signed) = (body().seal(None), body().seal(Some("secret")));
        for (token, key, says) in [
            ("", None, "no continuation token"),
            ("hello", None, "no continuation token"),
            ("a.b.c", None, "no continuation token"),
            (plain.as_str(), Some("secret"), "not signed"),
            (signed.as_str(), None, "token_key"),
            (signed.as_str(), Some("other"), "signature"),
            ("ckc9.e30.e30", None, "another version"),
            ("ckc1.e30.e30", None, "damaged"),
        ] {
            let message = refused(token, key);
            assert!(message.contains(says), "{token}: {message}");
        }
        // The sum of a signed token cannot be had without the key.
        let forged = signed.replacen(SIGNED_PREFIX, PREFIX, 1);
        assert!(refused(&forged, None).contains("sum"));
    }

    proptest! {
        #[test]
        fn no_change_goes_unseen(at in 5_usize..4000, with in "[A-Za-z0-9_.-]") {
            let token = body().seal(None);
            let at = at % token.len();
            let mut changed = token.clone();
            changed.replace_range(at..=at, &with);
            // The last character of a part may hold bits that mean nothing; those are refused as well.
            prop_assert!(changed == token || Body::open(&changed, None).is_err());
        }
    }
}
