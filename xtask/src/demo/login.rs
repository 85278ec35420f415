//! Is there a Codex login that a live demo could use? Asks the engine itself.

use anyhow::{Context, Result, bail};
use codexkit::{Codex, CodexOptions};
use serde_json::Value;

use crate::paths;
use crate::sh::Cmd;

/// Says who is logged in, or fails with what to do.
pub(crate) fn check() -> Result<String> {
    let code = "import codex_cli_bin; print(codex_cli_bin.bundled_codex_path())";
    let engine = Cmd::new(paths::venv_bin("python"))
        .args(["-c", code])
        .quiet()?;
    let engine = engine.trim();
    let options = CodexOptions {
        codex_bin: std::env::var_os("CODEX_BINARY")
            .is_none()
            .then(|| engine.into()),
        ..CodexOptions::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let answer = runtime.block_on(async {
        let codex = Codex::start(options).await?;
        let params = serde_json::value::to_raw_value(&serde_json::json!({"refreshToken": false}))?;
        let answer = codex
            .request("account/read", Some(params), None)
            .await
            .context("account/read")?;
        codex.close().await?;
        anyhow::Ok(answer)
    })?;
    describe(&serde_json::from_str(answer.get())?, engine)
}

fn describe(answer: &Value, engine: &str) -> Result<String> {
    let account = &answer["account"];
    match account["type"].as_str() {
        Some("chatgpt") => Ok(format!(
            "logged in with ChatGPT as {} ({} plan)",
            account["email"].as_str().unwrap_or("?"),
            account["planType"].as_str().unwrap_or("unknown"),
        )),
        Some("apiKey") => Ok("logged in with an API key".to_owned()),
        Some(other) => Ok(format!("logged in ({other})")),
        None if answer["requiresOpenaiAuth"] == false => {
            Ok("your configuration names a model provider that needs no OpenAI login".to_owned())
        }
        None => bail!(
            "there is no Codex login in {}.\n  Log in with `{engine} login` (or `{engine} login --with-api-key`), \
             or run `cargo xtask demo` without --live: it needs no account.",
            std::env::var("CODEX_HOME").unwrap_or_else(|_| "~/.codex".to_owned()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::describe;
    use serde_json::json;

    #[test]
    fn tells_a_login_from_none() {
        let who = describe(
            &json!({"account": {"type": "chatgpt", "email": "a@b.c", "planType": "plus"}}),
            "codex",
        );
        assert_eq!(
            who.ok().as_deref(),
            Some("logged in with ChatGPT as a@b.c (plus plan)")
        );
        assert!(
            describe(
                &json!({"account": null, "requiresOpenaiAuth": false}),
                "codex"
            )
            .is_ok()
        );
        let none = describe(
            &json!({"account": null, "requiresOpenaiAuth": true}),
            "codex",
        );
        assert!(none.is_err_and(|error| error.to_string().contains("codex login")));
    }
}
