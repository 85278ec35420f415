//! Which version an engine is, and whether it is new enough.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::error::{Error, ErrorKind, Result};

/// The oldest engine that codexkit works with.
pub const OLDEST_ENGINE: &str = "0.154.0";

const PROBE_TIMEOUT: Duration = Duration::from_secs(20);

type Stamp = (u64, Option<SystemTime>);

/// Versions by executable, as long as the file stays the same.
static PROBED: Mutex<Option<HashMap<PathBuf, (Stamp, String)>>> = Mutex::new(None);

/// Asks the executable for its version with `--version`. The answer is kept until the file changes.
///
/// # Errors
/// `spawn` when it cannot be run or says nothing that looks like a version.
pub async fn probe(path: &Path) -> Result<String> {
    let stamp = path
        .metadata()
        .map(|meta| (meta.len(), meta.modified().ok()))
        .unwrap_or_default();
    {
        let cache = PROBED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, version)) = cache.as_ref().and_then(|cache| cache.get(path))
            && *known == stamp
        {
            return Ok(version.clone());
        }
    }
    let output = tokio::process::Command::new(path)
        .arg("--version")
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PROBE_TIMEOUT, output)
        .await
        .map_err(|_| Error::timeout("codex --version", PROBE_TIMEOUT.as_secs_f64()))?
        .map_err(|error| {
            Error::new(
                ErrorKind::Spawn,
                format!("{} cannot be run: {error}", path.display()),
            )
            .caused_by(error)
        })?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = find_version(&text).ok_or_else(|| {
        Error::new(
            ErrorKind::Spawn,
            format!(
                "{} --version says nothing that looks like a version; is it the Codex engine?",
                path.display()
            ),
        )
    })?;
    PROBED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_default()
        .insert(path.to_owned(), (stamp, version.clone()));
    Ok(version)
}

/// The first `MAJOR.MINOR.PATCH[-suffix]` in a text.
pub(crate) fn find_version(text: &str) -> Option<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+')))
        .find(|word| parse(word).is_some())
        .map(str::to_owned)
}

/// The three numbers of a version.
pub(crate) fn parse(version: &str) -> Option<(u64, u64, u64)> {
    let core = version.split(['-', '+']).next()?;
    let mut parts = core.split('.').map(|part| part.parse::<u64>().ok());
    match (parts.next()?, parts.next()?, parts.next()?, parts.next()) {
        (Some(major), Some(minor), Some(patch), None) => Some((major, minor, patch)),
        _ => None,
    }
}

/// Refuses an engine that is too old. An unknown version and a development build (0.0.0) pass.
pub(crate) fn check(version: &str, path: &Path) -> Result<()> {
    let (Some(found), Some(oldest)) = (parse(version), parse(OLDEST_ENGINE)) else {
        return Ok(());
    };
    if found == (0, 0, 0) || found >= oldest {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::EngineVersion,
        format!(
            "the engine at {} is {version}, and codexkit needs {OLDEST_ENGINE} or newer; update it, or give another with codex_bin",
            path.display()
        ),
    )
    .needing(OLDEST_ENGINE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_and_compared() {
        assert_eq!(
            find_version("codex-cli 0.163.0\n").as_deref(),
            Some("0.163.0")
        );
        assert_eq!(
            find_version("codexkit/0.170.0-alpha.2 (Linux; x)").as_deref(),
            Some("0.170.0-alpha.2")
        );
        assert_eq!(find_version("no version 1.2"), None);
        let path = Path::new("codex");
        assert!(
            check("0.163.0", path).is_ok()
                && check("0.0.0", path).is_ok()
                && check("?", path).is_ok()
        );
        let error = check("0.99.9", path).expect_err("too old");
        assert_eq!(error.kind(), ErrorKind::EngineVersion);
    }
}
