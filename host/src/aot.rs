//! Compiled components, kept on disk.
//!
//! Loading compiled code is as trusting as running it. So only a file is loaded whose digest this engine wrote beside it,
//! from a folder that only its owner can enter; anything else is compiled anew.

use std::{
    fs,
    hash::{BuildHasher, Hasher},
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};
use wasmtime::{Engine, component::Component};

/// A folder of compiled components.
pub(crate) struct Cache {
    /// `None`: the folder cannot be used, nothing is kept.
    folder: Option<PathBuf>,
}

/// How a component was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// From the cache.
    Cached,
    /// Compiled.
    Compiled,
}

impl Cache {
    pub(crate) fn open(folder: &Path) -> Self {
        match prepare(folder) {
            Ok(()) => Self {
                folder: Some(folder.to_owned()),
            },
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "compiled components are not kept");
                Self { folder: None }
            }
        }
    }

    /// The component in `wasm`, from the cache if it is there.
    pub(crate) fn load(
        &self,
        engine: &Engine,
        wasm: &[u8],
    ) -> wasmtime::Result<(Component, Loaded)> {
        let key = key(engine, wasm);
        if let Some(component) = self.find(engine, &key) {
            return Ok((component, Loaded::Cached));
        }
        let code = engine.precompile_component(wasm)?;
        if let Some(path) = self.keep(&key, &code)
            && let Some(component) = self.find(engine, &key)
        {
            tracing::debug!(path = %path.display(), "compiled");
            return Ok((component, Loaded::Compiled));
        }
        Ok((deserialize(engine, &code)?, Loaded::Compiled))
    }

    fn find(&self, engine: &Engine, key: &str) -> Option<Component> {
        let (code, digest) = self.paths(key)?;
        let expected = fs::read_to_string(&digest).ok()?;
        let problem = match digest_of(&code) {
            Ok(actual) if actual == expected => match deserialize_file(engine, &code) {
                Ok(component) => {
                    touch(&digest);
                    return Some(component);
                }
                Err(error) => format!("{error:#}"),
            },
            Ok(_) => "its digest is wrong".to_owned(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(file = %code.display(), problem = crate::error::one_line(problem), "compiled component is damaged: compiling it anew");
        None
    }

    /// Writes aside and renames, so that a crash leaves no half file under its name.
    fn keep(&self, key: &str, code: &[u8]) -> Option<PathBuf> {
        let (path, digest) = self.paths(key)?;
        let write = || -> std::io::Result<()> {
            write_whole(&path, code)?;
            write_whole(&digest, hex::encode(Sha256::digest(code)).as_bytes())
        };
        match write() {
            Ok(()) => {
                self.prune();
                Some(path)
            }
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "compiled component is not kept");
                None
            }
        }
    }

    /// Removes what no start has used for long: code of components, and of engines, that are no more.
    fn prune(&self) {
        let Some(entries) = self.folder.as_ref().and_then(|f| fs::read_dir(f).ok()) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|e| e == "sha256") && age(&path) > Some(UNUSED) {
                // Its digest first: without it the code is not loaded.
                _ = fs::remove_file(&path);
                _ = fs::remove_file(path.with_extension("cwasm"));
            }
        }
    }

    fn paths(&self, key: &str) -> Option<(PathBuf, PathBuf)> {
        let folder = self.folder.as_ref()?;
        Some((
            folder.join(format!("{key}.cwasm")),
            folder.join(format!("{key}.sha256")),
        ))
    }
}

/// How long compiled code is kept that is not used.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

fn age(path: &Path) -> Option<Duration> {
    fs::metadata(path).ok()?.modified().ok()?.elapsed().ok()
}

/// Notes that an entry is in use; once a day is enough. A cache that cannot be written to is not pruned either.
fn touch(path: &Path) {
    if age(path) > Some(Duration::from_secs(24 * 60 * 60)) {
        _ = fs::File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
    }
}

fn prepare(folder: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// Names the component, the compiler and all settings that the code depends on.
fn key(engine: &Engine, wasm: &[u8]) -> String {
    let mut hasher = FixedState.build_hasher();
    std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut hasher);
    let mut digest = Sha256::new();
    digest.update(hasher.finish().to_le_bytes());
    digest.update(wasm);
    hex::encode(digest.finalize())
}

/// The standard hasher with fixed keys: the same value in every process.
struct FixedState;

impl BuildHasher for FixedState {
    type Hasher = std::hash::DefaultHasher;
    fn build_hasher(&self) -> Self::Hasher {
        std::hash::DefaultHasher::new()
    }
}

fn digest_of(path: &Path) -> std::io::Result<String> {
    let mut file = fs::File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 128 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            Some(chunk) if !chunk.is_empty() => digest.update(chunk),
            _ => return Ok(hex::encode(digest.finalize())),
        }
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let aside = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = fs::File::create(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&aside, path)
}

#[allow(unsafe_code)]
fn deserialize_file(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file's digest is the one that `keep` wrote for code that this engine's compiler made, and the folder is
    // closed to other users, so that nobody has replaced either.
    unsafe { Component::deserialize_file(engine, path) }
}

#[allow(unsafe_code)]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `code` was made a moment ago by this engine's compiler and has not left the process.
    unsafe { Component::deserialize(engine, code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn damaged_files_are_compiled_anew() {
        let dir = tempfile::tempdir().unwrap();
        let engine = crate::engine::build(&crate::Limits {
            max_instances: 1,
            ..Default::default()
        })
        .unwrap();
        let cache = Cache::open(&dir.path().join("aot"));
        assert_eq!(cache.load(&engine, EMPTY).unwrap().1, Loaded::Compiled);
        assert_eq!(cache.load(&engine, EMPTY).unwrap().1, Loaded::Cached);
        let code = fs::read_dir(dir.path().join("aot"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|e| e == "cwasm"))
            .unwrap();
        let mut bytes = fs::read(&code).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&code, &bytes).unwrap();
        assert_eq!(cache.load(&engine, EMPTY).unwrap().1, Loaded::Compiled);
        assert_eq!(cache.load(&engine, EMPTY).unwrap().1, Loaded::Cached);
        fs::write(&code, b"").unwrap();
        assert_eq!(cache.load(&engine, EMPTY).unwrap().1, Loaded::Compiled);
        let mode = fs::metadata(dir.path().join("aot"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn what_is_not_used_for_long_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let limits = crate::Limits {
            max_instances: 1,
            ..Default::default()
        };
        let engine = crate::engine::build(&limits).unwrap();
        let cache = Cache::open(dir.path());
        cache.keep("old", b"x").unwrap();
        cache.keep("recent", b"x").unwrap();
        let digest = |name: &str| dir.path().join(format!("{name}.sha256"));
        for (name, days) in [("old", 31), ("recent", 29)] {
            let then = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
            let file = fs::File::open(digest(name)).unwrap();
            file.set_modified(then).unwrap();
        }
        assert_eq!(cache.load(&engine, EMPTY).unwrap().1, Loaded::Compiled);
        assert!(!digest("old").exists() && !dir.path().join("old.cwasm").exists());
        assert!(digest("recent").exists() && dir.path().join("recent.cwasm").exists());
        touch(&digest("recent"));
        assert!(age(&digest("recent")).unwrap() < Duration::from_secs(60));
        assert_eq!(cache.load(&engine, EMPTY).unwrap().1, Loaded::Cached);
    }

    #[test]
    fn without_a_folder_components_still_compile() {
        let dir = tempfile::tempdir().unwrap();
        let blocked = dir.path().join("file");
        fs::write(&blocked, b"").unwrap();
        let engine = crate::engine::build(&crate::Limits {
            max_instances: 1,
            ..Default::default()
        })
        .unwrap();
        let cache = Cache::open(&blocked.join("aot"));
        assert_eq!(cache.load(&engine, EMPTY).unwrap().1, Loaded::Compiled);
    }
}
