//! Limits: requests of a key, a link or a hook, and failed attempts of an address. Fixed windows of a minute, counted in SQL.
//!
//! **Keys.** An instance takes a fiftieth of the minute's requests at a time, by one statement, and spends them without
//! SQL. Since they are taken before they are spent, all instances together never let more through than the limit; what an
//! instance took and did not spend is lost, so that a key that many instances serve may be refused up to a fiftieth an
//! instance sooner.
//!
//! **Addresses.** Only a credential that proves nothing is counted, and the same one only once an instance: a script with
//! an old key, or a page with an old cookie, is no attack. Failures are counted exactly. Once they are too many, the
//! routes of sign-in refuse the address in every instance; other routes do so in the instances that saw one of its
//! failures since, so that a good key costs no look at the counter. Whoever proved themselves from the address before
//! stays welcome.

use crate::address;
use crate::clock;
use crate::ctx::Ctx;
use crate::db::{Db, DbError};
use crate::log::log_error;
use crate::platform::Platform;
use crate::problem::{Problem, ProblemKind};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::cell::RefCell;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::hash::{Hash as _, Hasher as _};
use std::net::IpAddr;

/// How long a window is, in microseconds.
const WINDOW_US: i64 = 60_000_000;
/// The share of a key's minute that an instance takes at once.
const SHARE: i64 = 50;
/// How many entries an instance remembers of each kind.
const REMEMBERED: usize = 4096;

#[derive(Default)]
struct Memory {
    /// Until when an address is refused.
    blocked: HashMap<IpAddr, i64>,
    /// Address and credential, hashed, that proved someone.
    proven: HashSet<u64>,
    /// Address and credential, hashed, that proved nothing.
    failed: HashSet<u64>,
    /// What is left of what was taken for a key, a link or a hook.
    taken: HashMap<String, Taken>,
}

#[derive(Clone, Copy)]
struct Taken {
    window: i64,
    left: i64,
    /// Requests that all instances have taken, these included.
    hits: i64,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

fn remember<T>(set: &mut HashSet<T>, value: T)
where
    T: Eq + std::hash::Hash,
{
    if set.len() >= REMEMBERED {
        set.clear();
    }
    set.insert(value);
}

/// The start of the window and the seconds until its end.
fn window(now: i64) -> (i64, u64) {
    let start = now - now.rem_euclid(WINDOW_US);
    let left = (start + WINDOW_US - now + 999_999) / 1_000_000;
    (start, u64::try_from(left).unwrap_or(1))
}

/// Adds to a counter and gives what it is then. Whoever is first in a window forgets the old ones.
async fn count(db: &Db, subject: &str, start: i64, by: i64) -> Result<i64, DbError> {
    let sql = "INSERT INTO rate_limits (subject, window_start, hits) VALUES ($1, $2, $3) \
               ON CONFLICT (subject, window_start) DO UPDATE SET hits = rate_limits.hits + $3 RETURNING hits";
    let rows = db
        .query(sql, [subject.into(), start.into(), by.into()])
        .await?;
    let hits = rows.first().map_or(Ok(by), |row| row.int("hits"))?;
    if hits == by {
        let old = "DELETE FROM rate_limits WHERE window_start < $1";
        db.execute(old, [(start - WINDOW_US).into()]).await?;
    }
    Ok(hits)
}

/// What a key has left, for the headers of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    limit: i64,
    remaining: i64,
    reset_s: u64,
}

impl Budget {
    fn headers(self) -> [(&'static str, String); 3] {
        [
            ("ratelimit-limit", self.limit.to_string()),
            ("ratelimit-remaining", self.remaining.max(0).to_string()),
            ("ratelimit-reset", self.reset_s.to_string()),
        ]
    }

    pub(crate) fn write(self, headers: &mut HeaderMap) {
        for (name, value) in self.headers() {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

impl Ctx {
    /// Spends one request of what is called without a key, a public `link` or a `hook`: of each there are as many as of a key.
    ///
    /// # Errors
    /// `too-many-requests`.
    pub async fn spend(&self, noun: &'static str, id: &str) -> Result<(), Problem> {
        spend_of(&self.platform, &format!("{noun}:{id}"), noun).await?;
        Ok(())
    }
}

/// Spends one request of a key. `None` where keys have no limit.
pub(crate) async fn spend(platform: &Platform, key: &str) -> Result<Option<Budget>, Problem> {
    spend_of(platform, &format!("key:{key}"), "key").await
}

async fn spend_of(
    platform: &Platform,
    subject: &str,
    noun: &str,
) -> Result<Option<Budget>, Problem> {
    let limit = i64::from(platform.config.rate_limit_per_key);
    if limit == 0 {
        return Ok(None);
    }
    let (start, reset_s) = window(clock::now().micros());
    let local = MEMORY.with_borrow_mut(|m| {
        let taken = m.taken.get_mut(subject)?;
        if taken.window != start || taken.left == 0 {
            return None;
        }
        taken.left -= 1;
        Some(*taken)
    });
    let taken = match local {
        Some(taken) => taken,
        None => {
            let share = (limit / SHARE).max(1);
            let db = platform.db().await?;
            let hits = count(&db, subject, start, share).await?;
            let granted = share.min(limit - (hits - share));
            if granted <= 0 {
                let budget = Budget {
                    limit,
                    remaining: 0,
                    reset_s,
                };
                let what = format!("The {noun} has used up its requests.");
                return Err(too_many(&what, reset_s).with_headers(budget.headers()));
            }
            let taken = Taken {
                window: start,
                left: granted - 1,
                hits: hits.min(limit),
            };
            MEMORY.with_borrow_mut(|m| {
                if m.taken.len() >= REMEMBERED {
                    m.taken.clear();
                }
                m.taken.insert(subject.to_owned(), taken);
            });
            taken
        }
    };
    Ok(Some(Budget {
        limit,
        remaining: limit - taken.hits + taken.left,
        reset_s,
    }))
}

fn too_many(what: &str, retry_s: u64) -> Problem {
    let detail = format!("{what} Try again in {retry_s} s.");
    Problem::new(ProblemKind::TooManyRequests, detail).retry_after(retry_s)
}

fn too_many_failures(retry_s: u64) -> Problem {
    too_many("Too many failed attempts from this address.", retry_s)
}

/// Address and credential as one number; `None` when no credential is shown.
fn fingerprint(address: IpAddr, headers: &HeaderMap) -> Option<u64> {
    let shown = headers
        .get(header::AUTHORIZATION)
        .or_else(|| headers.get(header::COOKIE))?;
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    shown.as_bytes().hash(&mut hasher);
    Some(hasher.finish())
}

/// Who attempts something, where failures are counted.
pub(crate) struct Attempt {
    address: IpAddr,
    credential: Option<u64>,
}

impl Attempt {
    /// `None` where failures have no limit or the address is not known.
    pub(crate) fn of(ctx: &Ctx) -> Option<Self> {
        let config = &ctx.platform.config;
        if config.rate_limit_failures == 0 {
            return None;
        }
        let address = address::network(address::of(&ctx.headers, config)?);
        Some(Self {
            address,
            credential: fingerprint(address, &ctx.headers),
        })
    }

    fn subject(&self) -> String {
        format!("failures:{}", self.address)
    }

    /// Refuses an address that this instance knows to have failed too often.
    fn check(&self) -> Result<(), Problem> {
        let now = clock::now().micros();
        let refused = MEMORY.with_borrow_mut(|m| {
            if m.blocked.is_empty() {
                return false;
            }
            m.blocked.retain(|_, until| *until > now);
            m.blocked.contains_key(&self.address)
                && !self.credential.is_some_and(|c| m.proven.contains(&c))
        });
        if refused {
            return Err(too_many_failures(window(now).1));
        }
        Ok(())
    }

    fn block(&self, until: i64) {
        MEMORY.with_borrow_mut(|m| {
            if m.blocked.len() >= REMEMBERED {
                m.blocked.clear();
            }
            m.blocked.insert(self.address, until);
        });
    }

    /// Counts a failure; the problem to answer instead when they are too many.
    async fn fail(&self, platform: &Platform) -> Option<Problem> {
        let (start, retry_s) = window(clock::now().micros());
        let counted = async {
            let db = platform.db().await?;
            Ok::<_, Problem>(count(&db, &self.subject(), start, 1).await?)
        };
        match counted.await {
            Ok(hits) if hits > i64::from(platform.config.rate_limit_failures) => {
                self.block(start + WINDOW_US);
                Some(too_many_failures(retry_s))
            }
            Ok(_) => None,
            // A store that cannot be written to may still be read from.
            Err(error) => {
                log_error("edge", "", "count of failures", &error.to_string());
                None
            }
        }
    }

    /// Before a sign-in: refuses an address whose failures, wherever they were seen, are too many.
    pub(crate) async fn may_sign_in(&self, platform: &Platform) -> Result<(), Problem> {
        self.check()?;
        let (start, retry_s) = window(clock::now().micros());
        let sql = "SELECT hits FROM rate_limits WHERE subject = $1 AND window_start = $2";
        let params = [self.subject().into(), start.into()];
        let rows = platform.db().await?.query(sql, params).await?;
        let hits = rows.first().map_or(Ok(0), |row| row.int("hits"))?;
        if hits >= i64::from(platform.config.rate_limit_failures) {
            self.block(start + WINDOW_US);
            return Err(too_many_failures(retry_s));
        }
        Ok(())
    }

    /// After a sign-in: counts it when it failed. What is not found counts where `missing` says so.
    pub(crate) async fn signed_in<T>(
        &self,
        platform: &Platform,
        outcome: Result<T, Problem>,
        missing: bool,
    ) -> Result<T, Problem> {
        let Err(problem) = outcome else {
            return outcome;
        };
        let guess = match problem.kind() {
            ProblemKind::Unauthenticated | ProblemKind::Forbidden => true,
            ProblemKind::NotFound => missing,
            _ => false,
        };
        if guess && let Some(refusal) = self.fail(platform).await {
            return Err(refusal);
        }
        Err(problem)
    }
}

/// Proves a caller by `proof`, and counts a credential that proves nothing.
pub(crate) async fn attempt<T>(
    ctx: &Ctx,
    proof: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let Some(attempt) = Attempt::of(ctx) else {
        return proof.await;
    };
    attempt.check()?;
    let outcome = proof.await;
    let Some(credential) = attempt.credential else {
        return outcome;
    };
    match outcome {
        Ok(proven) => {
            MEMORY.with_borrow_mut(|m| remember(&mut m.proven, credential));
            Ok(proven)
        }
        Err(problem) if problem.kind() == ProblemKind::Unauthenticated => {
            let seen = MEMORY.with_borrow_mut(|m| {
                m.proven.remove(&credential);
                let seen = m.failed.contains(&credential);
                remember(&mut m.failed, credential);
                seen
            });
            if !seen && let Some(refusal) = attempt.fail(&ctx.platform).await {
                return Err(refusal);
            }
            Err(problem)
        }
        Err(problem) => Err(problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_minutes() {
        assert_eq!(window(0), (0, 60));
        assert_eq!(window(59_000_001), (0, 1));
        assert_eq!(window(60_000_000), (60_000_000, 60));
        assert_eq!(window(90_500_000), (60_000_000, 30));
    }

    #[test]
    fn a_credential_is_counted_with_its_address() {
        let mut headers = HeaderMap::new();
        let [here, there] = ["10.0.0.1", "10.0.0.2"].map(|a| a.parse::<IpAddr>().unwrap());
        assert_eq!(fingerprint(here, &headers), None);
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        let one = fingerprint(here, &headers);
        assert!(one.is_some() && one != fingerprint(there, &headers));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert_ne!(one, fingerprint(here, &headers));
    }
}
