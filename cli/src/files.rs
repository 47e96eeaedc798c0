//! Small private files in the data folder: written whole, or not at all.

use anyhow::{Context, Result, bail};
use serde::{Serialize, de::DeserializeOwned};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Makes the data folder, private to its owner.
///
/// # Errors
/// When it cannot be made or is not a folder.
pub(crate) fn data_dir(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder
        .create(dir)
        .with_context(|| format!("data folder {} cannot be made", dir.display()))
}

/// Whether files can be made in `dir`.
///
/// # Errors
/// The system's reason why not.
pub(crate) fn writable(dir: &Path) -> Result<()> {
    tempfile::Builder::new()
        .prefix(".probe")
        .tempfile_in(dir)
        .map(drop)
        .map_err(|e| {
            anyhow::anyhow!(
                "data folder {} is not writable: {}",
                dir.display(),
                plain(&e)
            )
        })
}

/// Writes `text` to `path` with mode 0600; a reader sees the old file or the new one.
///
/// # Errors
/// When the folder cannot be written to.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    let made = private(path, text)?;
    made.persist(path).map_err(|e| {
        anyhow::anyhow!("{} cannot be written: {}", path.display(), plain(&e.error))
    })?;
    Ok(())
}

/// A file beside `path` that holds `text` and is on the disk, with mode 0600 as temporary files have.
fn private(path: &Path, text: &str) -> Result<tempfile::NamedTempFile> {
    let dir = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    write().map_err(|e: std::io::Error| {
        anyhow::anyhow!("{} cannot be written: {}", path.display(), plain(&e))
    })
}

/// Reads a TOML file; `None` when there is none.
///
/// # Errors
/// When it cannot be read, or is not what it should be.
pub(crate) fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => bail!("{} cannot be read: {}", path.display(), plain(&e)),
    };
    tighten(path);
    match toml::from_str(&text) {
        Ok(value) => Ok(Some(value)),
        // The error's own text would show the offending line, which may hold a secret.
        Err(e) => bail!("{} is not valid: {}", path.display(), e.message()),
    }
}

/// Reads a TOML file, or makes it (private, under a comment) from what `make` returns. Of two processes that make it at
/// the same time, both end up with the same contents. Says whether the file is new.
///
/// # Errors
/// When the file is there and wrong, or cannot be written.
pub(crate) fn read_or_make<T>(
    path: &Path,
    comment: &str,
    make: impl FnOnce() -> Result<T>,
) -> Result<(T, bool)>
where
    T: Serialize + DeserializeOwned,
{
    if let Some(value) = read_toml(path)? {
        return Ok((value, false));
    }
    let value = make()?;
    let made = private(path, &format!("# {comment}\n{}", toml::to_string(&value)?))?;
    match made.persist_noclobber(path) {
        Ok(_) => Ok((value, true)),
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => {
            let theirs =
                read_toml(path)?.with_context(|| format!("{} has gone away", path.display()))?;
            Ok((theirs, false))
        }
        Err(e) => bail!("{} cannot be written: {}", path.display(), plain(&e.error)),
    }
}

/// Takes the rights of others away, should someone have given them.
fn tighten(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if let Ok(meta) = path.metadata()
            && meta.permissions().mode() & 0o077 != 0
            && std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).is_ok()
        {
            crate::term::note(format!(
                "note: {} was open to others; its mode is 0600 now",
                path.display()
            ));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// The system's message without its number.
pub(crate) fn plain(e: &std::io::Error) -> String {
    crate::problem::reason(e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_files_are_private_and_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.toml");
        write_private(&path, "a = 1\n").unwrap();
        write_private(&path, "a = 2\n").unwrap();
        let value: toml::Table = read_toml(&path).unwrap().unwrap();
        assert_eq!(value["a"].as_integer(), Some(2));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(
            std::fs::read_dir(dir.path()).unwrap().count(),
            1,
            "no temporary file is left"
        );
    }

    #[test]
    fn an_invalid_file_is_named_without_showing_its_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets.toml");
        std::fs::write(&path, "encryption_key = sk-secret\n").unwrap();
        let message = format!("{:#}", read_toml::<toml::Table>(&path).unwrap_err());
        assert!(
            message.contains("secrets.toml") && !message.contains("sk-secret"),
            "{message}"
        );
    }

    #[test]
    fn system_messages_lose_their_number() {
        let e = std::io::Error::from_raw_os_error(13);
        assert_eq!(plain(&e), "Permission denied");
    }
}
