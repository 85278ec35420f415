#![expect(clippy::unwrap_used, reason = "tests")]

use super::Address;
use crate::error::ErrorKind;

#[test]
fn urls_are_taken_apart() {
    for (url, shown, authority, resource) in [
        (
            "ws://127.0.0.1:4500",
            "ws://127.0.0.1:4500",
            "127.0.0.1:4500",
            "/",
        ),
        ("ws://host", "ws://host:80", "host:80", "/"),
        (
            "wss://host/engine",
            "wss://host:443/engine",
            "host:443",
            "/engine",
        ),
        (
            "wss://[::1]:9/a?token=s3cret",
            "wss://[::1]:9/a",
            "[::1]:9",
            "/a?token=s3cret",
        ),
        (
            "ws://host:9?token=s3cret",
            "ws://host:9",
            "host:9",
            "/?token=s3cret",
        ),
        (
            "unix:///run/codex.sock",
            "unix:///run/codex.sock",
            "localhost",
            "/",
        ),
    ] {
        let address = Address::parse(url).unwrap();
        assert_eq!(address.shown(), shown);
        assert_eq!(address.authority(), authority);
        assert_eq!(address.resource(), resource);
    }
    assert!(
        matches!(Address::parse("unix://here.sock").unwrap(), Address::Unix(path) if path.is_absolute())
    );
}

#[test]
fn what_cannot_be_is_refused_and_no_secret_is_shown() {
    for url in [
        "",
        "127.0.0.1:4500",
        "http://host:1",
        "https://host:1",
        "stdio://",
        "unix://",
        "ws://",
        "ws://:80",
        "ws://host:0",
        "ws://host:99999",
        "ws://host:port",
        "ws://user:s3cret@host:1",
        "ws://ho st:1/s3cret",
        "ws://host:1/#s3cret",
    ] {
        let error = Address::parse(url)
            .map(|address| address.shown())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{url}");
        let text = error.to_string();
        assert!(
            text.contains("remote.url") && text.contains("wss://"),
            "{text}"
        );
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[test]
fn only_a_plain_connection_to_another_machine_is_exposed() {
    for (url, exposed) in [
        ("ws://127.0.0.1:1", false),
        ("ws://localhost:1", false),
        ("ws://[::1]:1", false),
        ("ws://[::ffff:127.0.0.1]:1", false),
        ("unix:///s", false),
        ("wss://example.org", false),
        ("ws://example.org", true),
        ("ws://localhost.example.org", true),
        ("ws://10.0.0.1:1", true),
    ] {
        assert_eq!(Address::parse(url).unwrap().is_exposed(), exposed, "{url}");
    }
}
