//! `codexkit._native`: the core, as Python sees it.
//!
//! Thin handles over `codexkit` (client, thread, turn, event stream), lazy event objects, JSON in
//! both directions, one way of calling (blocking with the GIL released, or an asyncio future), and
//! one way of failing. It decides nothing: no defaults, no retries, no validation, and no `match` on
//! a wire string; the Python package holds what is idiomatic, core holds what is true.
//!
//! In the order of the data: `json` (text to objects and back), `event` and `structs` (what a
//! notification looks like), `stream` (iteration), `call` and `wake` (waiting), `client`, `thread`,
//! `turn`, `auto`, `map`, `simple`, `output`, `mcp`, `request`, `ask`, `guard` and `tools` (the handles), `files` (the staging folder), `telemetry` (its records), `model` (the scripted model
//! of the test kit).

use pyo3::prelude::*;

mod ask;
mod auto;
mod bell;
mod call;
mod client;
mod error;
mod event;
mod files;
mod guard;
mod json;
mod map;
mod mcp;
mod model;
mod output;
mod params;
mod prewarm;
mod request;
mod runtime;
mod shutdown;
mod simple;
mod spare;
mod stream;
mod structs;
mod telemetry;
mod thread;
mod tools;
mod turn;
mod unsafe_calls;
mod wake;

#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::ask::{Ask, check_responders};
    #[pymodule_export]
    use crate::auto::{AutoRequest, AutoRun};
    #[pymodule_export]
    use crate::client::{Client, connect};
    #[pymodule_export]
    use crate::error::{answer_error, describe_error, turn_error};
    #[pymodule_export]
    use crate::event::Event;
    #[pymodule_export]
    use crate::files::{
        FileStore, Upload, attachment_image, attachment_inline_image, attachment_inputs,
        attachment_is_image, attachment_mention, attachment_text,
    };
    #[pymodule_export]
    use crate::guard::Check;
    #[pymodule_export]
    use crate::json::{dumps, loads};
    #[pymodule_export]
    use crate::map::MapRun;
    #[pymodule_export]
    use crate::mcp::{
        Mcp, McpClient, McpLogin, mcp_connect, mcp_params, mcp_qualify, mcp_tool_names,
    };
    #[pymodule_export]
    use crate::model::ScriptedModel;
    #[pymodule_export]
    use crate::output::{OutputPlan, PartialOutputs};
    #[pymodule_export]
    use crate::prewarm::{Prewarmed, prewarm};
    #[pymodule_export]
    use crate::request::ServerRequest;
    #[pymodule_export]
    use crate::simple::SimpleFold;
    #[pymodule_export]
    use crate::stream::{AsyncEventStream, EventStream};
    #[pymodule_export]
    use crate::structs::{Field, Struct};
    #[pymodule_export]
    use crate::telemetry::{
        telemetry_close, telemetry_conventions, telemetry_listen, telemetry_pushed, telemetry_take,
    };
    #[pymodule_export]
    use crate::thread::Thread;
    #[pymodule_export]
    use crate::tools::{Handoff, Tool, ToolCall, ToolRegistry};
    #[pymodule_export]
    use crate::turn::Turn;
}
