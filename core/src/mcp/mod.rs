//! MCP: servers that a thread gets from code, what the engine says of them, and a client and a server of our own.
//!
//! `config` declares a server, once for the engine and for the client here. `view` is the engine's side: what its
//! servers offer, whether they started, a call through it. `client` needs no engine: it starts a server
//! (`process`) or connects to one (`http`), and `link` watches over the connection. `loopback` is a server in
//! this process, for the engine to call back into the application. The protocol itself is `rmcp`'s.
//!
//! Nothing here knows what a tool does.

mod client;
mod config;
mod environment;
mod http;
mod link;
mod loopback;
mod names;
mod process;
mod request;
mod secrets;
mod view;

pub use client::{McpClient, McpClientState, McpOptions};
pub use config::{HttpServer, McpServer, McpServers, McpTransport, StdioServer, ToolApproval};
pub use loopback::{LoopbackServer, ToolCall, ToolFuture, ToolHost, ToolOutcome, ToolSpec};
pub use names::{McpTool, ToolNames, qualify};
pub use view::{LoginOptions, Mcp, McpLogin, StatusOptions};
