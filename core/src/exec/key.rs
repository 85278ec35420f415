//! Keeps the API key away from the commands that the agent runs.
//!
//! `codex exec` takes a key from `CODEX_API_KEY` alone, and gives its environment on to commands (and to the
//! snapshot that it makes of the user's shell). Two things are done about it. The engine is told to set the
//! variable to nothing for commands: an override of this one entry leaves the user's own policy as it is,
//! and no configuration file comes after it. And on Linux, where a command that is not sandboxed could read
//! the engine's own environment in `/proc`, the value is overwritten there as soon as the engine has taken
//! it, which is before the model is asked for the first time.
//!
//! What remains: the engine's memory, which a debugger can read that runs as the same user with full access;
//! outside Linux the environment that `ps` shows to the same user; and what the user's own configuration
//! starts before the turn (MCP servers get a short list of variables; hooks and `notify` inherit all).

use super::options::ExecOptions;
use crate::engine::locate;

/// The variable.
pub(super) const NAME: &str = "CODEX_API_KEY";

/// The setting that empties it for commands.
pub(super) const HIDDEN_FROM_COMMANDS: &[&str] = &["shell_environment_policy", "set", NAME];

/// Whether the engine gets a key in its environment.
pub(super) fn is_given(options: &ExecOptions) -> bool {
    let env = &options.env;
    options.api_key.is_some()
        || env.set.iter().any(|(name, _)| name == NAME)
        || (env.inherit && !env.unset.iter().any(|name| name == NAME) && locate::is_set(NAME))
}

/// Overwrites the value in the environment that `/proc` shows of the process. True if nothing is left of it.
///
/// `mark` must be in that environment, too: it proves that the process is still ours.
#[cfg(target_os = "linux")]
pub(super) fn overwrite(pid: u32, mark: &str) -> std::io::Result<bool> {
    use std::os::unix::fs::FileExt;

    let Some((start, length)) = environment_of(pid)? else {
        return Ok(false);
    };
    let memory = std::fs::File::options()
        .read(true)
        .write(true)
        .open(format!("/proc/{pid}/mem"))?;
    let mut block = vec![0; length];
    memory.read_exact_at(&mut block, start)?;
    let mark = format!("{}={mark}", crate::engine::tree::MARK);
    if !block
        .split(|byte| *byte == 0)
        .any(|entry| entry == mark.as_bytes())
    {
        return Ok(false);
    }
    let prefix = format!("{NAME}=");
    let mut at = 0;
    for entry in block.split(|byte| *byte == 0) {
        if let Some(value) = entry.strip_prefix(prefix.as_bytes()) {
            let value_at = start + (at + prefix.len()) as u64;
            memory.write_all_at(&vec![b'x'; value.len()], value_at)?;
        }
        at += entry.len() + 1;
    }
    Ok(true)
}

/// Where a process's environment is in its memory. None if the system does not say.
#[cfg(target_os = "linux")]
fn environment_of(pid: u32) -> std::io::Result<Option<(u64, usize)>> {
    /// No environment is larger; the kernel's own limit is a quarter of the stack.
    const MOST: u64 = 64 << 20;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The fields after the program's name; env_start is the 50th of all, env_end the 51st.
    let mut fields = stat
        .rsplit_once(") ")
        .map_or("", |(_, rest)| rest)
        .split(' ')
        .skip(47);
    let mut field = || fields.next()?.trim().parse::<u64>().ok();
    let (Some(start), Some(end)) = (field(), field()) else {
        return Ok(None);
    };
    let length = end.saturating_sub(start);
    let usable = start > 0 && length > 0 && length <= MOST;
    Ok(usable.then_some((start, usize::try_from(length).unwrap_or(0))))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn overwrite(_pid: u32, _mark: &str) -> std::io::Result<bool> {
    Ok(false)
}
