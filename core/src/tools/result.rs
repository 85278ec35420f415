//! What a tool gives: to the engine as the result of a dynamic tool, or of an MCP tool.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::mcp::ToolOutcome;
use crate::redact::redact;

/// One part of what a tool gives.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum ToolContent {
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// A value; the model reads it as JSON text.
    Json {
        /// The value.
        value: Value,
    },
    /// An image.
    Image {
        /// Where it is: an `https:` or a `data:` URL.
        url: String,
    },
}

/// What a call of a tool gives. A failure is a result, too: the model reads it and goes on.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ToolResult {
    /// The parts, in their order.
    pub content: Vec<ToolContent>,
    /// Whether the tool failed; the content says why.
    #[serde(default)]
    pub is_error: bool,
}

/// Why a tool failed, in words for the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolError(pub String);

impl ToolError {
    /// A failure.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl std::fmt::Display for ToolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl From<ToolError> for ToolResult {
    fn from(error: ToolError) -> Self {
        Self::error(error.0)
    }
}

impl From<&str> for ToolResult {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for ToolResult {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Value> for ToolResult {
    fn from(value: Value) -> Self {
        Self::json(value)
    }
}

impl ToolResult {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(ToolContent::Text { text: text.into() })
    }

    /// A value; a string is a text.
    #[must_use]
    pub fn json(value: Value) -> Self {
        match value {
            Value::String(text) => Self::text(text),
            value => Self::of(ToolContent::Json { value }),
        }
    }

    /// An image at a `https:` or `data:` URL.
    #[must_use]
    pub fn image(url: impl Into<String>) -> Self {
        Self::of(ToolContent::Image { url: url.into() })
    }

    /// A failure, in words for the model. What looks like a secret is left out of them.
    #[must_use]
    pub fn error(why: impl AsRef<str>) -> Self {
        Self {
            is_error: true,
            ..Self::text(redact(why.as_ref()))
        }
    }

    fn of(content: ToolContent) -> Self {
        Self {
            content: vec![content],
            is_error: false,
        }
    }

    /// Reads a result of JSON: `{"content": [{"type": "text", "text": "..."}], "isError": false}`; parts are `text`,
    /// `json` (with `value`) and `image` (with `url`).
    ///
    /// # Errors
    /// `invalid_argument` for what is none.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::invalid_argument("result", error))
    }

    /// The result as JSON, as [`Self::from_json`] reads it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let content: Vec<Value> = self.content.iter().map(ToolContent::to_json).collect();
        json!({"content": content, "isError": self.is_error})
    }

    /// The text of all parts, as a person would read it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let parts = self.content.iter().map(|part| match part {
            ToolContent::Text { text } => text.clone(),
            ToolContent::Json { value } => value.to_string(),
            ToolContent::Image { .. } => "[image]".to_owned(),
        });
        parts.collect::<Vec<_>>().join("\n")
    }

    /// As the answer to `item/tool/call`.
    pub(crate) fn to_dynamic(&self) -> Value {
        let items = self.content.iter().map(|part| match part {
            ToolContent::Text { text } => json!({"type": "inputText", "text": text}),
            ToolContent::Json { value } => json!({"type": "inputText", "text": value.to_string()}),
            ToolContent::Image { url } => json!({"type": "inputImage", "imageUrl": url}),
        });
        json!({"contentItems": items.collect::<Vec<_>>(), "success": !self.is_error})
    }

    /// As the result of an MCP tool.
    pub(super) fn to_mcp(&self) -> ToolOutcome {
        ToolOutcome {
            content: self.content.iter().map(ToolContent::to_mcp).collect(),
            is_error: self.is_error,
            ..ToolOutcome::default()
        }
    }
}

impl ToolContent {
    fn to_json(&self) -> Value {
        match self {
            Self::Text { text } => json!({"type": "text", "text": text}),
            Self::Json { value } => json!({"type": "json", "value": value}),
            Self::Image { url } => json!({"type": "image", "url": url}),
        }
    }

    fn to_mcp(&self) -> Value {
        match self {
            Self::Text { text } => json!({"type": "text", "text": text}),
            Self::Json { value } => json!({"type": "text", "text": value.to_string()}),
            // MCP takes images by their bytes alone.
            Self::Image { url } => match data_url(url) {
                Some((kind, bytes)) => json!({"type": "image", "data": bytes, "mimeType": kind}),
                None => json!({"type": "text", "text": format!("(an image: {url})")}),
            },
        }
    }
}

/// Media type and base64 of a `data:` URL.
fn data_url(url: &str) -> Option<(String, String)> {
    let read = data_url::DataUrl::process(url).ok()?;
    let (bytes, _) = read.decode_to_vec().ok()?;
    let kind = read.mime_type();
    Some((
        format!("{}/{}", kind.type_, kind.subtype),
        data_encoding::BASE64.encode(&bytes),
    ))
}
