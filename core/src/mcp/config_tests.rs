#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use super::*;

fn servers(value: &Value) -> Result<McpServers> {
    McpServers::from_json(value.as_object().unwrap())
}

#[test]
fn a_declaration_becomes_the_engines_settings() {
    let found = servers(&json!({
        "files": {
            "command": "npx", "args": ["-y", "files"], "env": {"A": "b"}, "env_vars": ["HOME"], "cwd": "/tmp",
            "startup_timeout_s": 2.5, "tool_timeout_s": 30, "enabled_tools": ["read", "list"],
            "disabled_tools": ["write"], "enabled": false, "required": true, "tool_approval": "approve",
        },
        "web": {
            "url": "https://example.com/mcp", "headers": {"X-Team": "a"}, "bearer_token_env_var": "TOKEN",
            "env_http_headers": {"X-Key": "KEY"}, "scopes": ["read"], "oauth_resource": "https://example.com",
        },
        "plain": {"command": "server"},
    }))
    .unwrap();
    let mut params = json!({"model": "m"}).as_object().cloned().unwrap();
    found.apply(&mut params).unwrap();
    assert_eq!(
        Value::Object(params),
        json!({"model": "m", "config": {"mcp_servers": {
            "files": {
                "command": "npx", "args": ["-y", "files"], "env": {"A": "b"}, "env_vars": ["HOME"],
                "cwd": "/tmp", "startup_timeout_sec": 2.5, "tool_timeout_sec": 30.0,
                "enabled_tools": ["read", "list"], "disabled_tools": ["write"], "enabled": false,
                "required": true, "default_tools_approval_mode": "approve",
            },
            "web": {
                "url": "https://example.com/mcp", "http_headers": {"X-Team": "a"},
                "bearer_token_env_var": "TOKEN", "env_http_headers": {"X-Key": "KEY"}, "scopes": ["read"],
                "oauth_resource": "https://example.com",
            },
            "plain": {"command": "server"},
        }}})
    );
}

#[test]
fn what_cannot_work_is_refused_by_its_path() {
    for (server, path) in [
        (json!({}), "mcp_servers.x"),
        (json!("npx"), "mcp_servers.x"),
        (
            json!({"command": "a", "url": "http://b"}),
            "mcp_servers.x.url",
        ),
        (json!({"command": " "}), "mcp_servers.x.command"),
        (json!({"command": 3}), "mcp_servers.x.command"),
        (json!({"command": "a", "comand": 1}), "mcp_servers.x.comand"),
        (
            json!({"command": "a", "headers": {}}),
            "mcp_servers.x.headers",
        ),
        (json!({"url": "http://b", "args": []}), "mcp_servers.x.args"),
        (
            json!({"command": "a", "env": {"A=": "b"}}),
            "mcp_servers.x.env",
        ),
        (
            json!({"command": "a", "env": {"A": "b"}, "env_vars": ["A"]}),
            "mcp_servers.x.env_vars",
        ),
        (json!({"command": "a\0"}), "mcp_servers.x.args"),
        (json!({"url": "ftp://b"}), "mcp_servers.x.url"),
        (json!({"url": "nothing"}), "mcp_servers.x.url"),
        (json!({"url": "http://me:pw@b"}), "mcp_servers.x.url"),
        (
            json!({"url": "http://b", "headers": {"a b": "c"}}),
            "mcp_servers.x.headers",
        ),
        (
            json!({"url": "http://b", "headers": {"a": "c\nd"}}),
            "mcp_servers.x.headers",
        ),
        (
            json!({"url": "http://b", "headers": {"Authorization": "x"}, "bearer_token_env_var": "T"}),
            "mcp_servers.x.headers",
        ),
        (
            json!({"url": "http://b", "env_http_headers": {"a": ""}}),
            "mcp_servers.x.env_http_headers",
        ),
        (
            json!({"command": "a", "enabled_tools": ["t"], "disabled_tools": ["t"]}),
            "mcp_servers.x.disabled_tools",
        ),
        (
            json!({"command": "a", "enabled_tools": [""]}),
            "mcp_servers.x.enabled_tools",
        ),
        (
            json!({"command": "a", "tool_timeout_s": 0}),
            "mcp_servers.x.tool_timeout_s",
        ),
        (
            json!({"command": "a", "tool_approval": "yes"}),
            "mcp_servers.x.tool_approval",
        ),
    ] {
        let error = servers(&json!({"x": server})).unwrap_err();
        assert_eq!(error.argument(), Some(path), "{server}: {error}");
    }
    for name in ["", "a b", "a.b", "é"] {
        let error = servers(&json!({name: {"command": "a"}})).unwrap_err();
        assert_eq!(error.argument(), Some("mcp_servers"), "{error}");
    }
}

#[test]
fn a_threads_own_settings_are_kept_and_a_clash_is_refused() {
    let found = servers(&json!({"x": {"command": "a"}})).unwrap();
    let mut params = json!({"config": {
        "web_search": "live", "mcp_servers": {"y": {"command": "b"}}, "mcp_servers.z.command": "c",
        "mcp_servers.z.enabled": false,
    }})
    .as_object()
    .cloned()
    .unwrap();
    found.apply(&mut params).unwrap();
    assert_eq!(
        params["config"],
        json!({"web_search": "live", "mcp_servers": {
            "x": {"command": "a"}, "y": {"command": "b"}, "z": {"command": "c", "enabled": false},
        }})
    );
    for config in [
        json!({"mcp_servers": {"x": {}}}),
        json!({"mcp_servers.x.command": "a"}),
    ] {
        let mut params = json!({"config": config}).as_object().cloned().unwrap();
        let error = found.apply(&mut params).unwrap_err();
        assert_eq!(error.argument(), Some("mcp_servers.x"), "{error}");
    }
    let mut params = json!({"config": 3}).as_object().cloned().unwrap();
    assert_eq!(
        found.apply(&mut params).unwrap_err().argument(),
        Some("config")
    );
}

#[test]
fn a_likely_secret_becomes_no_argument() {
    for (server, field) in [
        (
            json!({"url": "http://b", "headers": {"Authorization": "Bearer x"}}),
            "headers",
        ),
        (
            json!({"url": "http://b", "headers": {"X-Api-Key": "x"}}),
            "headers",
        ),
        (
            json!({"url": "http://b", "headers": {"x": "sk-abcdefghijkl"}}),
            "headers",
        ),
        (json!({"command": "a", "env": {"GITHUB_TOKEN": "x"}}), "env"),
    ] {
        let found = servers(&json!({"x": server})).unwrap();
        let error = found
            .apply_to_arguments(&mut JsonObject::new())
            .unwrap_err();
        assert_eq!(
            error.argument(),
            Some(format!("mcp_servers.x.{field}").as_str())
        );
        assert!(!error.to_string().contains("sk-"), "{error}");
    }
    let fine = servers(&json!({
        "x": {"url": "http://b", "headers": {"X-Team": "a"}, "bearer_token_env_var": "TOKEN"},
        "y": {"command": "a", "env": {"LEVEL": "3"}, "env_vars": ["GITHUB_TOKEN"]},
    }))
    .unwrap();
    let mut config = JsonObject::new();
    fine.apply_to_arguments(&mut config).unwrap();
    assert_eq!(config["mcp_servers"]["y"]["env"], json!({"LEVEL": "3"}));
}

#[test]
fn secrets_are_not_shown() {
    let server = McpServer::http("https://b/mcp?key=sesame").header("X", "sesame");
    assert!(!format!("{server:?}").contains("sesame"));
    let server = McpServer::stdio("a", ["--key=sesame"]).env("K", "sesame");
    assert!(!format!("{server:?}").contains("sesame"));
}
