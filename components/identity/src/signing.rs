//! The keys that sign access tokens: made here, sealed, rotated, published.

use assay_access::{JwkSet, SigningKey, published, verify_access};
use assay_edge::db::Db;
use assay_edge::{Ctx, Platform, Problem, Proven, Reply, clock, random_bytes, reply};
use assay_model::Timestamp;
use http::{HeaderValue, header};
use serde::Deserialize;

const DAY_US: i64 = 24 * 3_600 * 1_000_000;
/// How long a key signs.
const SIGNS_US: i64 = 30 * DAY_US;
/// How long it proves tokens after that: longer than any token lives.
const PROVES_US: i64 = DAY_US;

/// What the envelope of a key belongs to.
pub(crate) fn place(kid: &str) -> String {
    format!("signing_keys/{kid}")
}

/// The key that signs now. Two that are made at the same time are both published, so that either is good.
pub(crate) async fn current(platform: &Platform, db: &Db) -> Result<SigningKey, Problem> {
    let now = clock::now();
    let sql = "SELECT kid, private_sealed FROM signing_keys WHERE retire_at > $1 ORDER BY created_at DESC, kid LIMIT 1";
    let rows = db.query(sql, [now.into()]).await?;
    if let Some(row) = rows.first() {
        let sealed = row.text("private_sealed")?;
        // One that was sealed with a key that is gone is as good as none.
        if let Ok(seed) = platform.keyring.open(&place(&row.text("kid")?), &sealed) {
            let seed: Option<[u8; 32]> = hex::decode(seed.expose())
                .ok()
                .and_then(|bytes| bytes.try_into().ok());
            if let Some(seed) = seed {
                return Ok(SigningKey::from_seed(&seed));
            }
        }
    }
    make(platform, db, now).await
}

async fn make(platform: &Platform, db: &Db, now: Timestamp) -> Result<SigningKey, Problem> {
    let seed = random_bytes::<32>()?;
    let key = SigningKey::from_seed(&seed);
    let kid = key.kid();
    let sealed = platform.keyring.seal(&place(&kid), &hex::encode(seed))?;
    let retire = now.micros() + SIGNS_US;
    let sql = "INSERT INTO signing_keys (kid, private_sealed, public_x, created_at, retire_at, remove_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let row = [
        kid.into(),
        sealed.into(),
        key.public_x().into(),
        now.into(),
        retire.into(),
        (retire + PROVES_US).into(),
    ];
    db.execute(sql, row).await?;
    let sql = "DELETE FROM signing_keys WHERE remove_at <= $1";
    db.execute(sql, [now.into()]).await?;
    Ok(key)
}

/// Every key that may still prove a token.
async fn all(db: &Db) -> Result<JwkSet, Problem> {
    let sql =
        "SELECT kid, public_x FROM signing_keys WHERE remove_at > $1 ORDER BY created_at DESC, kid";
    let rows = db.query(sql, [clock::now().into()]).await?;
    let keys = rows
        .iter()
        .map(|row| Ok(published(&row.text("kid")?, &row.text("public_x")?)))
        .collect::<Result<_, Problem>>()?;
    Ok(JwkSet { keys })
}

/// `GET /api/v1/auth/jwks.json`.
pub(crate) async fn publish(ctx: Ctx) -> Result<Reply, Problem> {
    let db = ctx.platform.db().await?;
    let mut answer = reply::ok(&all(&db).await?)?;
    answer.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    Ok(answer)
}

/// Who issues our tokens, and for whom.
pub(crate) fn issuer(platform: &Platform) -> (String, String) {
    let issuer = match platform.config.public_url.as_str() {
        "" => "urn:assay",
        url => url,
    };
    (issuer.to_owned(), format!("{issuer}/api"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    token: String,
}

/// `POST /internal/authenticate`: what an access token proves, for the other components; null when nothing.
pub(crate) async fn authenticate(mut ctx: Ctx) -> Result<Reply, Problem> {
    let ask: Ask = ctx.raw_json(assay_edge::DEFAULT_BODY_LIMIT).await?;
    let keys = all(&ctx.platform.db().await?).await?;
    let (issuer, audience) = issuer(&ctx.platform);
    let now_s = clock::now().micros() / 1_000_000;
    let claims = verify_access(&ask.token, &keys, &issuer, &audience, now_s);
    let proven = claims.ok().map(|claims| Proven {
        user: claims.sub,
        session: claims.sid,
        workspace: claims.wid,
    });
    reply::ok(&proven)
}
