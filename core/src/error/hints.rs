//! What to do about an error, by its kind, and how it is told.

use std::borrow::Cow;

use super::ErrorKind;

impl ErrorKind {
    /// What can be done about an error of this kind, in general.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::EngineNotFound => "install the engine, or say where it is",
            Self::EngineVersion => "use another version of the engine",
            Self::Spawn => {
                "look at the engine's path, its settings and the end of its standard error"
            }
            Self::Timeout => "give a longer timeout, or close the client if the engine hangs",
            Self::Closed => "make a new client to go on; threads are resumed by their ids",
            Self::Rpc => "correct the request; the client is still usable",
            Self::Protocol => {
                "use an engine of a supported version, and report it if this one should be"
            }
            Self::InvalidArgument => "correct the argument; nothing was sent",
            Self::Lagged => "read events faster, or read the thread to get what is missing",
            Self::Forked => "make a new client in this process",
            Self::Cancelled => "call again if it is still wanted",
            Self::Io => "look at the path, its permissions and the space on the disk",
            Self::InvalidOutput => "allow repairs, or loosen the schema",
            Self::Guardrail => "change what is given, or the guardrail",
            Self::Overloaded => "try again after a pause",
            Self::RateLimited => "wait until the limit is reset, and send less at a time",
            Self::UsageLimit => "wait until the limit is reset, or use another account or key",
            Self::ContextWindow => "compact the thread, start a new one, or shorten the input",
            Self::Authentication => "log in again, or give a valid key",
            Self::ApprovalDenied => "approve the request, or ask for work that needs no approval",
            Self::TurnFailed => {
                "look at the engine's own word for it; the thread can go on with another turn"
            }
        }
    }

    /// Whether a message of this kind has words of somebody else's, which say nothing of what to do here.
    fn quotes(self) -> bool {
        matches!(
            self,
            Self::Rpc
                | Self::InvalidOutput
                | Self::Guardrail
                | Self::Overloaded
                | Self::RateLimited
                | Self::UsageLimit
                | Self::ContextWindow
                | Self::Authentication
                | Self::ApprovalDenied
                | Self::TurnFailed
        )
    }
}

/// A message with what to do. Our own messages have it as their second part, `what happened; what to do`; where it is
/// missing, and after the words of others, the kind's hint is added. A refused argument's message says what is
/// expected instead.
pub(crate) fn told(kind: ErrorKind, message: &str) -> Cow<'_, str> {
    // What follows the first line are the last words of a process.
    let own = message.lines().next().unwrap_or_default();
    let has_own = kind == ErrorKind::InvalidArgument || !kind.quotes() && own.contains("; ");
    if has_own {
        return Cow::Borrowed(message);
    }
    let hint = kind.hint();
    let between = if message.contains('\n') { '\n' } else { ' ' };
    if between == '\n' || message.ends_with(['.', '!', '?']) {
        let (first, rest) = hint.split_at(1);
        let first = first.to_ascii_uppercase();
        return Cow::Owned(format!("{message}{between}{first}{rest}."));
    }
    Cow::Owned(format!("{message}; {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_is_said_once() {
        for (kind, message, expected) in [
            (
                ErrorKind::Closed,
                "it is closed; create a new one",
                "it is closed; create a new one",
            ),
            (
                ErrorKind::Cancelled,
                "it was cancelled",
                "it was cancelled; call again if it is still wanted",
            ),
            (
                ErrorKind::Overloaded,
                "Server overloaded; retry later.",
                "Server overloaded; retry later. Try again after a pause.",
            ),
            (
                ErrorKind::Io,
                "it ended; the last:\nno; never",
                "it ended; the last:\nno; never",
            ),
            (
                ErrorKind::Io,
                "it ended, the last:\nno; never",
                "it ended, the last:\nno; never\nLook at the path, its permissions and the space on the disk.",
            ),
            (
                ErrorKind::InvalidArgument,
                "cwd: must be a folder",
                "cwd: must be a folder",
            ),
        ] {
            assert_eq!(told(kind, message), expected);
        }
    }
}
