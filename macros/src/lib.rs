//! `#[derive(Tool)]` of codexkit: a struct of arguments says what tool it belongs to. Use it through
//! `codexkit::tools`, with the cargo feature `derive`.

mod tool;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct of arguments the declaration of a tool: implements `codexkit::tools::DeclareTool`.
///
/// The struct's doc comment is the description that the model reads. `#[tool(...)]` takes:
/// - `name = "..."`: the tool's name; the struct's own in `snake_case` by default
/// - `namespace = "..."`: the group that it belongs to
/// - `timeout = 10.0`: how many seconds a call may take, or `timeout = "none"` for no limit
/// - `max_concurrency = 2`: how many calls may run at the same time
#[proc_macro_derive(Tool, attributes(tool))]
pub fn derive_tool(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    tool::expand(&input)
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
