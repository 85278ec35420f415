//! A staged file, and what a turn gets of it.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};

use super::{media, on_disk};

/// How long a text may be that [`Attachment::as_text`] puts into a turn, in bytes, unless something else is said.
pub const TEXT_LIMIT: u64 = 1 << 20;

/// How large an image may be that [`Attachment::as_inline_image`] puts into a turn, in bytes.
pub const INLINE_LIMIT: u64 = 20 << 20;

/// The argument that errors about an attachment name.
const ARGUMENT: &str = "attachment";

/// A staged file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attachment {
    /// Names the attachment in its store. Made of the content and the name, so that it is the same each time.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is. The file is not to be changed: several attachments may share it.
    #[serde(default)]
    pub path: PathBuf,
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// What kind of file it is: by its content for images that the engine takes, else by its name.
    pub media_type: String,
    /// Whether it stays until it is removed.
    pub persist: bool,
    /// When it was staged first, in seconds since the Unix epoch.
    pub created_at: u64,
    /// When its time is over, in the same seconds; `None` if it is persistent.
    pub expires_at: Option<u64>,
}

impl Attachment {
    /// Reads an attachment from the JSON that [`serde`] makes of it.
    ///
    /// # Errors
    /// `invalid_argument` when the text is no attachment.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::invalid_argument(ARGUMENT, error))
    }

    /// Whether the engine takes it as an image.
    #[must_use]
    pub fn is_image(&self) -> bool {
        media::is_image(&self.media_type)
    }

    pub(super) fn has_expired(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// The input for a turn as an image: `localImage`. An engine on another machine cannot read it; see
    /// [`Attachment::as_inline_image`].
    ///
    /// # Errors
    /// `invalid_argument` when it is no image that the engine takes.
    pub fn as_image(&self) -> Result<Value> {
        self.expect_image()?;
        Ok(json!({"type": "localImage", "path": self.path}))
    }

    /// The input for a turn as an image that stands in the message itself: `image` with a `data:` URL.
    ///
    /// # Errors
    /// `invalid_argument` when it is no image that the engine takes, is too large or cannot be read.
    pub async fn as_inline_image(&self) -> Result<Value> {
        self.expect_image()?;
        let bytes = self.read(INLINE_LIMIT).await?;
        let encoded = data_encoding::BASE64.encode(&bytes);
        let url = format!("data:{};base64,{encoded}", self.media_type);
        Ok(json!({"type": "image", "url": url}))
    }

    /// The input for a turn as a mention. The engine tells the model nothing of a mention, so the prompt has to say
    /// what the file is and where; [`Attachment::inputs`] does.
    #[must_use]
    pub fn as_mention(&self) -> Value {
        json!({"type": "mention", "name": self.name, "path": self.path})
    }

    /// The input for a turn as text: the content between two lines that name the file.
    ///
    /// `max_bytes` is the longest content; [`TEXT_LIMIT`] without it.
    ///
    /// # Errors
    /// `invalid_argument` when it is too long, is no UTF-8, or cannot be read.
    pub async fn as_text(&self, max_bytes: Option<u64>) -> Result<Value> {
        let bytes = self.read(max_bytes.unwrap_or(TEXT_LIMIT)).await?;
        let content = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            self.refused(format!(
                "is no text: byte {at} is not UTF-8; give it as a mention"
            ))
        })?;
        let end = if content.ends_with('\n') { "" } else { "\n" };
        let text = format!(
            "<attached_file name=\"{}\">\n{content}{end}</attached_file>",
            self.name
        );
        Ok(json!({"type": "text", "text": text}))
    }

    /// What it is as a part of a turn's input: an image, or else a mention with a text that tells the model its name
    /// and path.
    #[must_use]
    pub fn inputs(&self) -> Vec<Value> {
        if self.is_image() {
            return vec![json!({"type": "localImage", "path": self.path})];
        }
        let text = format!(
            "Attached file {} ({}, {} bytes): {}",
            self.name,
            self.media_type,
            self.size,
            self.path.display()
        );
        vec![json!({"type": "text", "text": text}), self.as_mention()]
    }

    fn expect_image(&self) -> Result<()> {
        if self.is_image() {
            return Ok(());
        }
        Err(self.refused(format!(
            "is {}; the engine takes {} as images. Give it as a mention or a text",
            self.media_type,
            media::images()
        )))
    }

    async fn read(&self, limit: u64) -> Result<Vec<u8>> {
        let this = self.clone();
        on_disk(move || {
            let mut bytes = Vec::new();
            File::open(&this.path)
                .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
                .map_err(|error| {
                    this.refused(format!(
                        "cannot be read any more at {}: {error}; stage it again",
                        this.path.display()
                    ))
                })?;
            if bytes.len() as u64 > limit {
                return Err(this.refused(format!(
                    "has {} bytes, more than the {limit} that are put into a message",
                    this.size
                )));
            }
            Ok(bytes)
        })
        .await
    }

    fn refused(&self, why: impl std::fmt::Display) -> Error {
        Error::invalid_argument(ARGUMENT, format!("{} {why}", self.name))
    }
}
