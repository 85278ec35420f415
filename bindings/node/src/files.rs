//! Staged files. Mirrors `codexkit::files`, in its order; attachments cross as JSON.

use std::path::PathBuf;
use std::sync::Arc;

use codexkit::Result;
use codexkit::files::{Attachment, FileStore, StageOptions, StoreOptions, Upload};
use napi::Env;
use napi::bindgen_prelude::{Object, Uint8Array};
use napi_derive::napi;
use serde::Serialize;

use crate::error::OrThrow;
use crate::runtime::promise;

/// A staging folder.
#[napi]
pub struct NativeFileStore {
    store: FileStore,
}

/// A file whose bytes come piece by piece.
#[napi]
pub struct NativeUpload {
    upload: Arc<Upload>,
}

fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| codexkit::Error::invalid_argument("attachment", error))
}

#[napi]
impl NativeFileStore {
    /// Opens a folder; `options` is the JSON of `StoreOptions`.
    #[napi(constructor)]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn new(options: String) -> napi::Result<Self> {
        let options = StoreOptions::from_json(&options).or_throw()?;
        let store = FileStore::open(options).or_throw()?;
        Ok(Self { store })
    }

    /// The folder.
    #[napi]
    pub fn root(&self) -> String {
        self.store.root().to_string_lossy().into_owned()
    }

    /// Stages bytes. Promise of an attachment's JSON.
    #[napi]
    #[allow(clippy::needless_pass_by_value, reason = "as above")]
    pub fn stage_bytes<'env>(
        &self,
        env: &'env Env,
        data: Uint8Array,
        options: String,
    ) -> napi::Result<Object<'env>> {
        let (store, data) = (self.store.clone(), data.to_vec());
        promise(env, async move {
            let options = StageOptions::from_json(&options)?;
            to_json(&store.stage(data, options).await?)
        })
    }

    /// Stages a file. Promise of an attachment's JSON.
    #[napi]
    pub fn stage_path<'env>(
        &self,
        env: &'env Env,
        path: String,
        options: String,
    ) -> napi::Result<Object<'env>> {
        let store = self.store.clone();
        promise(env, async move {
            let options = StageOptions::from_json(&options)?;
            to_json(&store.stage(PathBuf::from(path), options).await?)
        })
    }

    /// Stages a `data:` URL, or what is behind one of the web. Promise of an attachment's JSON.
    #[napi]
    pub fn stage_url<'env>(
        &self,
        env: &'env Env,
        url: String,
        options: String,
    ) -> napi::Result<Object<'env>> {
        let store = self.store.clone();
        promise(env, async move {
            let options = StageOptions::from_json(&options)?;
            to_json(&store.stage_url(&url, options).await?)
        })
    }

    /// Begins to stage what comes piece by piece. Promise of a `NativeUpload`.
    #[napi]
    pub fn begin<'env>(&self, env: &'env Env, options: String) -> napi::Result<Object<'env>> {
        let store = self.store.clone();
        promise(env, async move {
            let upload = store.begin(StageOptions::from_json(&options)?).await?;
            Ok(NativeUpload {
                upload: Arc::new(upload),
            })
        })
    }

    /// The attachments. Promise of JSON.
    #[napi]
    pub fn list<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let store = self.store.clone();
        promise(env, async move { to_json(&store.list().await?) })
    }

    /// An attachment. Promise of JSON, `null` without one.
    #[napi]
    pub fn get<'env>(&self, env: &'env Env, id: String) -> napi::Result<Object<'env>> {
        let store = self.store.clone();
        promise(env, async move { to_json(&store.get(&id).await?) })
    }

    /// Removes an attachment. Promise of whether it was there.
    #[napi]
    pub fn remove<'env>(&self, env: &'env Env, id: String) -> napi::Result<Object<'env>> {
        let store = self.store.clone();
        promise(env, async move { store.remove(&id).await })
    }

    /// Removes what has expired and what crashes have left. Promise of JSON.
    #[napi]
    pub fn cleanup<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let store = self.store.clone();
        promise(env, async move { to_json(&store.cleanup().await?) })
    }

    /// Removes every attachment. Promise of their number, as JSON.
    #[napi]
    pub fn reset<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let store = self.store.clone();
        promise(env, async move { to_json(&store.reset().await?) })
    }

    /// Counters, as JSON.
    #[napi]
    pub fn metrics(&self) -> napi::Result<String> {
        to_json(&self.store.metrics()).or_throw()
    }
}

#[napi]
impl NativeUpload {
    /// Adds bytes. Promise of nothing, when they are written.
    #[napi]
    #[allow(clippy::needless_pass_by_value, reason = "as above")]
    pub fn write<'env>(&self, env: &'env Env, data: Uint8Array) -> napi::Result<Object<'env>> {
        let (upload, data) = (Arc::clone(&self.upload), data.to_vec());
        promise(env, async move { upload.write(data).await })
    }

    /// Ends the file. Promise of an attachment's JSON.
    #[napi]
    pub fn finish<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let upload = Arc::clone(&self.upload);
        promise(env, async move { to_json(&upload.finish().await?) })
    }

    /// Gives the upload up. Promise of nothing.
    #[napi]
    pub fn abort<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let upload = Arc::clone(&self.upload);
        promise(env, async move {
            upload.abort().await;
            Ok(())
        })
    }
}

/// A staged file, and what a turn gets of it.
#[napi]
pub struct NativeAttachment {
    attachment: Attachment,
}

#[napi]
impl NativeAttachment {
    /// An attachment, from its JSON.
    #[napi(constructor)]
    #[allow(clippy::needless_pass_by_value, reason = "as above")]
    pub fn new(json: String) -> napi::Result<Self> {
        let attachment = Attachment::from_json(&json).or_throw()?;
        Ok(Self { attachment })
    }

    /// What it is as a part of a turn's input: JSON of a list.
    #[napi]
    pub fn inputs(&self) -> napi::Result<String> {
        to_json(&self.attachment.inputs()).or_throw()
    }

    /// Whether the engine takes it as an image.
    #[napi]
    pub fn is_image(&self) -> bool {
        self.attachment.is_image()
    }

    /// Its input as an image: JSON.
    #[napi]
    pub fn as_image(&self) -> napi::Result<String> {
        to_json(&self.attachment.as_image().or_throw()?).or_throw()
    }

    /// Its input as a mention: JSON.
    #[napi]
    pub fn as_mention(&self) -> napi::Result<String> {
        to_json(&self.attachment.as_mention()).or_throw()
    }

    /// Its input as an image in the message itself. Promise of JSON.
    #[napi]
    pub fn as_inline_image<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let this = self.attachment.clone();
        promise(env, async move { to_json(&this.as_inline_image().await?) })
    }

    /// Its input as text. Promise of JSON.
    #[napi]
    pub fn as_text<'env>(
        &self,
        env: &'env Env,
        max_bytes: Option<f64>,
    ) -> napi::Result<Object<'env>> {
        let this = self.attachment.clone();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the package has checked that it is a whole number of at least 1"
        )]
        let max_bytes = max_bytes.map(|bytes| bytes as u64);
        promise(env, async move { to_json(&this.as_text(max_bytes).await?) })
    }
}
