// A block that connects to an engine that listens on the socket engine.sock.
use codexkit::{Codex, CodexOptions, JsonObject, RemoteOptions, text};
use codexkit_testkit::ListeningEngine;
use codexkit_testkit::listening::{Launch, Listen};

pub(crate) async fn block() -> Result<(), Box<dyn std::error::Error>> {
    let _engine = ListeningEngine::start(&Launch {
        program: "codex".into(),
        config_overrides: Vec::new(),
        arguments: Vec::new(),
        env: Vec::new(),
        cwd: ".".into(),
        listen: Listen::Unix("engine.sock".into()),
    })
    .await?;
    // the block
    Ok(())
}
