//! The header `Assay-Signature: t=<unix seconds>,v1=<hex>`, the scheme of Stripe's hooks.
//!
//! The signature covers `<t>.<body>`, so that the time cannot be changed. A sender whose secret is being replaced signs with
//! both and sends two `v1`. Items of other names are for later versions and are passed over.

use crate::hash::mac;
use hmac::Mac as _;

/// The longest header that is read, in bytes.
const MAX_HEADER: usize = 2048;
/// The most signatures in a header.
const MAX_SIGNATURES: usize = 8;
/// The length of a digest, in bytes.
const DIGEST: usize = 32;

/// The header, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// When it was signed, in seconds since 1970.
    pub time_s: i64,
    /// The digests, of which one must be right.
    pub digests: Vec<[u8; DIGEST]>,
    /// The time as it was written, since that is what was signed.
    time: String,
}

impl Signature {
    /// Reads the header's value.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(header: &str) -> Result<Self, &'static str> {
        if header.len() > MAX_HEADER {
            return Err("is too long");
        }
        let mut time = None;
        let mut digests = Vec::new();
        for item in header.split(',') {
            let (name, value) = item
                .trim()
                .split_once('=')
                .ok_or("must be `name=value`, separated by commas")?;
            match name {
                "t" if time.is_some() => return Err("must have one `t`"),
                "t" => time = Some(value),
                "v1" => {
                    let mut digest = [0; DIGEST];
                    hex::decode_to_slice(value, &mut digest)
                        .map_err(|_| "must have 64 hexadecimal digits after `v1=`")?;
                    digests.push(digest);
                }
                _ => {}
            }
        }
        let time = time.ok_or("must have one `t`")?;
        if digests.is_empty() {
            return Err("must have a `v1`");
        }
        if digests.len() > MAX_SIGNATURES {
            return Err("has too many `v1`");
        }
        Ok(Self {
            time_s: seconds(time)?,
            digests,
            time: time.to_owned(),
        })
    }

    /// Whether one of the digests is that of `body` under `secret`. Takes as long for a wrong digest as for a right one.
    #[must_use]
    pub fn is_of(&self, body: &[u8], secret: &[u8]) -> bool {
        self.digests.iter().any(|digest| {
            mac(secret, &[self.time.as_bytes(), b".", body])
                .is_some_and(|mac| mac.verify_slice(digest).is_ok())
        })
    }
}

/// The header's value for `body`, signed at `time_s` (seconds since 1970) with each of the secrets.
#[must_use]
pub fn sign(time_s: i64, body: &[u8], secrets: &[&str]) -> String {
    let time = time_s.to_string();
    let mut header = format!("t={time}");
    for secret in secrets {
        if let Some(mac) = mac(secret.as_bytes(), &[time.as_bytes(), b".", body]) {
            header.push_str(",v1=");
            header.push_str(&hex::encode(mac.finalize().into_bytes()));
        }
    }
    header
}

/// Seconds since 1970, in decimal digits alone: a sign or spaces would be signed with them.
pub(crate) fn seconds(text: &str) -> Result<i64, &'static str> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err("must have a time in seconds since 1970");
    }
    text.parse()
        .map_err(|_| "must have a time in seconds since 1970")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_header_can_carry_two_secrets() {
        let header = sign(1_700_000_000, b"{}", &["old", "new"]);
        let signature = Signature::parse(&header).unwrap();
        assert_eq!(signature.time_s, 1_700_000_000);
        assert_eq!(signature.digests.len(), 2);
        assert!(signature.is_of(b"{}", b"old") && signature.is_of(b"{}", b"new"));
        assert!(!signature.is_of(b"{ }", b"old") && !signature.is_of(b"{}", b"other"));
    }

    #[test]
    fn the_digest_is_that_of_openssl() {
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
        assert_eq!(
            sign(1_700_000_000, br#"{"a":1}"#, &["secret"]),
            "t=1700000000,v1=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686"
        );
    }

    #[test]
    fn the_time_is_signed() {
        let header = sign(1_700_000_000, b"{}", &["secret"]);
        let later = header.replace("1700000000", "1700000900");
        assert!(!Signature::parse(&later).unwrap().is_of(b"{}", b"secret"));
        // The same number, written otherwise, was not signed.
        let padded = header.replace("t=17", "t=017");
        assert!(!Signature::parse(&padded).unwrap().is_of(b"{}", b"secret"));
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let hex = "a".repeat(64);
        for header in [
            String::new(),
            "t".into(),
            "t=1".into(),
            format!("v1={hex}"),
            format!("t=1,t=2,v1={hex}"),
            format!("t=,v1={hex}"),
            format!("t=-1,v1={hex}"),
            format!("t=+1,v1={hex}"),
            format!("t=1.5,v1={hex}"),
            format!("t=99999999999999999999,v1={hex}"),
            "t=1,v1=ab".into(),
            format!("t=1,v1={}", "g".repeat(64)),
            format!("t=1,v1={hex},"),
            format!("t=1{}", format!(",v1={hex}").repeat(9)),
            format!("t=1,v1={hex},v0={}", "a".repeat(3000)),
        ] {
            assert!(Signature::parse(&header).is_err(), "{header:.60}");
        }
        assert!(Signature::parse(&format!(" t=1 , v0=x, v1={hex}")).is_ok());
    }
}
