//! What is the same for every request of an instance: settings and keys. Made at the first request, then shared.

use crate::clock;
use crate::config::Config;
use crate::db::Db;
use crate::ids::random_bytes;
use crate::migrate;
use crate::problem::{Problem, ProblemKind};
use crate::secrets::{Keyring, OpenError};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::cell::RefCell;
use std::rc::Rc;

/// Settings and keys of the installation.
pub struct Platform {
    /// What the operator set.
    pub config: Config,
    /// Seals and opens secrets.
    pub keyring: Keyring,
    /// Signs calls between components.
    pub(crate) internal_key: Vec<u8>,
    /// Keys the hashes of API secrets.
    pub pepper: Vec<u8>,
}

thread_local! {
    static PLATFORM: RefCell<Option<Rc<Platform>>> = const { RefCell::new(None) };
}

/// The installation, brought up to date at the instance's first request: migrations applied, keys present.
///
/// # Errors
/// `store-unavailable`, `incompatible-store`, `wrong-encryption-key` or `misconfigured`. A failure is not kept, so that
/// the next request tries again.
pub async fn platform() -> Result<Rc<Platform>, Problem> {
    if let Some(platform) = PLATFORM.with_borrow(Clone::clone) {
        return Ok(platform);
    }
    let platform = Rc::new(Platform::open().await?);
    PLATFORM.with_borrow_mut(|slot| *slot = Some(platform.clone()));
    Ok(platform)
}

impl Platform {
    async fn open() -> Result<Self, Problem> {
        let config = Config::read().await?;
        let db = Db::open(&config).await?;
        migrate::run(&db).await?;
        let encryption_key = match config.encryption_key.as_str() {
            "" => {
                setting(&db, "encryption_key", || {
                    Ok(STANDARD.encode(random_bytes::<32>()?))
                })
                .await?
            }
            // What was sealed before the operator configured a key is opened by the key that was made then.
            key => match stored(&db, "encryption_key").await? {
                Some(made) => format!("{key},{made}"),
                None => key.to_owned(),
            },
        };
        let keyring = Keyring::parse(&encryption_key)?;
        let internal_key = match config.internal_key.as_str() {
            "" => {
                setting(&db, "internal_key", || {
                    Ok(STANDARD.encode(random_bytes::<32>()?))
                })
                .await?
            }
            key => key.to_owned(),
        };
        // The pepper is sealed, so opening it also proves that the encryption key is the one the data was written with.
        let sealed = setting(&db, "pepper", || {
            keyring.seal("settings/pepper", &hex::encode(random_bytes::<32>()?))
        })
        .await?;
        let pepper = keyring.open("settings/pepper", &sealed).map_err(|e| {
            let detail = match e {
                OpenError::UnknownKey => {
                    "The data was written with another encryption key. Configure that key."
                }
                OpenError::Damaged => {
                    "A sealed setting is damaged. Restore the database from a backup."
                }
            };
            Problem::new(ProblemKind::WrongEncryptionKey, detail).caused_by(e)
        })?;
        Ok(Self {
            config,
            keyring,
            internal_key: internal_key.into_bytes(),
            pepper: pepper.expose().as_bytes().to_vec(),
        })
    }

    /// A connection that is not bound to a workspace. For what stands above workspaces only.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn db(&self) -> Result<Db, Problem> {
        Ok(Db::open(&self.config).await?)
    }
}

/// The stored setting, or `make`'s, stored first. Whoever stores first wins; everyone reads what was stored.
async fn setting(
    db: &Db,
    name: &str,
    make: impl FnOnce() -> Result<String, Problem>,
) -> Result<String, Problem> {
    if let Some(value) = stored(db, name).await? {
        return Ok(value);
    }
    let insert = "INSERT INTO system_settings (name, value, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
    db.execute(insert, [name.into(), make()?.into(), clock::now().into()])
        .await?;
    stored(db, name)
        .await?
        .ok_or_else(|| Problem::internal(format!("setting {name} was not stored")))
}

async fn stored(db: &Db, name: &str) -> Result<Option<String>, Problem> {
    let select = "SELECT value FROM system_settings WHERE name = $1";
    let rows = db.query(select, [name.into()]).await?;
    Ok(rows.first().map(|row| row.text("value")).transpose()?)
}
