#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::error::ErrorKind;

fn refused(change: impl FnOnce(&mut RemoteOptions)) -> String {
    let mut remote = RemoteOptions::new("wss://example.org");
    change(&mut remote);
    let error = remote.check().map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    error.to_string()
}

#[test]
fn a_token_goes_only_where_nobody_else_reads_it() {
    let with = |url: &str, allow: bool| {
        let mut remote = RemoteOptions::new(url);
        remote.bearer_token = Some("s3cret-token".to_owned());
        remote.allow_insecure_token = allow;
        remote.check().map(|_| ())
    };
    with("ws://127.0.0.1:1", false).unwrap();
    with("wss://example.org", false).unwrap();
    with("unix:///run/forwarded.sock", false).unwrap();
    with("ws://example.org", true).unwrap();
    let error = with("ws://example.org", false).unwrap_err().to_string();
    assert!(error.contains("remote.bearer_token"), "{error}");
    assert!(!error.contains("s3cret"), "{error}");
}

#[test]
fn what_cannot_be_names_the_argument() {
    let zero = Duration::ZERO;
    assert!(refused(|remote| remote.url = "ftp://x".to_owned()).contains("remote.url"));
    assert!(refused(|remote| remote.connect_timeout = zero).contains("remote.connect_timeout"));
    assert!(refused(|remote| remote.keep_alive = zero).contains("remote.keep_alive"));
    assert!(refused(|remote| remote.reconnect.max_delay = zero).contains("max_delay"));
    assert!(
        refused(|remote| {
            remote.url = "ws://127.0.0.1:1".to_owned();
            remote.ca_file = Some("ca.pem".into());
        })
        .contains("remote.ca_file")
    );
}

#[test]
fn nothing_shows_the_token() {
    let mut remote = RemoteOptions::new("wss://example.org/?token=s3cret");
    remote.bearer_token = Some("s3cret".to_owned());
    let shown = format!("{remote:?}");
    assert!(
        shown.contains("wss://example.org") && !shown.contains("s3cret"),
        "{shown}"
    );
}

#[test]
fn the_json_form_is_read() {
    let text = r#"{"url": "ws://h:1", "connect_timeout_s": 2, "reconnect": {"max_attempts": 0}}"#;
    let fields: RemoteFields = serde_json::from_str(text).unwrap();
    let remote = fields.into_options().unwrap();
    assert_eq!(remote.connect_timeout, Duration::from_secs(2));
    assert_eq!(remote.reconnect, ReconnectPolicy::NEVER);
    let bad: RemoteFields =
        serde_json::from_str(r#"{"url": "ws://h:1", "keep_alive_s": -1}"#).unwrap();
    let error = bad.into_options().unwrap_err().to_string();
    assert!(error.contains("remote.keep_alive"), "{error}");
}
