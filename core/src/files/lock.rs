//! Locks on files, which end with the process that holds them: whoever crashes leaves nothing locked.
//!
//! On Unix they are advisory locks of the whole file. On Windows a file that is open without sharing is one.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// What opening a file fails with on Windows when another has it for itself.
#[cfg(not(unix))]
const SHARING_VIOLATION: i32 = 32;

/// A lock; it ends when it is dropped.
pub(super) struct Lock {
    _file: File,
}

/// Makes a file that only this user can read, or empties the one that is there.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    private(&mut options).open(path)
}

/// Makes a file that is locked from the beginning for others who call [`is_free`].
pub(super) fn create_locked(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let file = private(&mut options).open(path)?;
    #[cfg(unix)]
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

/// Whether nobody holds the lock of a file.
pub(super) fn is_free(path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        let file = File::open(path)?;
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
    #[cfg(not(unix))]
    {
        // Its writer shares nothing, so that opening it fails.
        Ok(OpenOptions::new().write(true).open(path).is_ok())
    }
}

/// Opens a file for this process alone, to read and write; it is made if it is not there. None if another one has it.
pub(crate) fn open_alone(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let opened = private(&mut options).open(path);
    #[cfg(unix)]
    {
        let file = opened?;
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(file)),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
    #[cfg(not(unix))]
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Waits for the lock of a file, which is made if it is not there.
pub(super) fn wait(path: &Path) -> io::Result<Lock> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        let file = private(&mut options).open(path)?;
        loop {
            match rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive) {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    #[cfg(not(unix))]
    {
        loop {
            match private(&mut options).open(path) {
                Ok(file) => return Ok(Lock { _file: file }),
                Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => {
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// For the user alone; on Windows for this one handle alone, but that it may be renamed and removed.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600)
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        const FILE_SHARE_DELETE: u32 = 4;
        options.share_mode(FILE_SHARE_DELETE)
    }
    #[cfg(not(any(unix, windows)))]
    options
}
