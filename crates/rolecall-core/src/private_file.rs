//! Files that only their owner may read: keys and root credentials.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Creates a file with mode 0600 and makes its content durable.
///
/// # Errors
/// When the file exists already or the disk refuses.
pub fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// Replaces a file by another of mode 0600; a crash leaves the old one or the new one, whole.
///
/// # Errors
/// When the disk refuses; the old file is then still there.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    create(&fresh, content)?;
    std::fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// Refuses a file that anybody but its owner may read or write.
///
/// # Errors
/// When the file is missing or its mode gives rights to group or others.
pub fn check_mode(path: &Path) -> io::Result<()> {
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    let message = format!("{} has mode {mode:03o}; it holds secrets, run: chmod 600 {0}", path.display());
    if mode & 0o077 == 0 { Ok(()) } else { Err(io::Error::new(io::ErrorKind::PermissionDenied, message)) }
}
