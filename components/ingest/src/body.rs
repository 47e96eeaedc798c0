//! A request's body, decompressed within the cap as it comes in, and the room that it takes.

use crate::room::Room;
use assay_edge::{Ctx, Problem, ProblemKind};
use assay_otlp::{DecodeError, Inflater, Limits, limit_values};
use std::ops::Deref;

/// A body. Its room is free when it is dropped, which is when nothing that was made of it is needed any more.
pub(crate) struct Body {
    bytes: Vec<u8>,
    _room: Room,
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What a body that cannot be read is answered with.
pub(crate) fn problem(e: &DecodeError) -> Problem {
    let kind = if e.is_too_large() {
        ProblemKind::BodyTooLarge
    } else {
        ProblemKind::MalformedBody
    };
    let text = e.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    Problem::new(
        kind,
        format!("{}{}.", first.unwrap_or_default(), letters.as_str()),
    )
}

/// Refuses a body that is said to be something else than JSON.
pub(crate) fn must_be_json(ctx: &Ctx) -> Result<(), Problem> {
    let media = ctx.header("content-type").unwrap_or("application/json");
    let media = media.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let detail = format!("Send application/json, not `{media}`.");
    Err(Problem::new(ProblemKind::UnsupportedMediaType, detail))
}

/// Most values of a JSON body of which a tree is made: what bounds memory while it is read.
const MAX_VALUES: usize = 3_000_000;

/// What is made of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// Records, one after the other.
    Records,
    /// A tree of all of it.
    Tree,
}

impl Made {
    /// How much memory is needed for a byte of the body, itself and what is made of it: about, on the way to the store.
    const fn weight(self) -> usize {
        match self {
            Self::Records => 1,
            Self::Tree => 4,
        }
    }
}

/// As [`read`], of JSON text of which a tree can be made.
pub(crate) async fn read_json(ctx: &mut Ctx) -> Result<Body, Problem> {
    let body = read(ctx, &Limits::default(), Made::Tree).await?;
    limit_values(&body, MAX_VALUES).map_err(|e| problem(&e))?;
    Ok(body)
}

/// The body, at most [`Limits::max_decompressed`] bytes of it before and after decompression.
///
/// # Errors
/// `too-many-requests` when there is no room for it beside the bodies that this instance holds.
pub(crate) async fn read(ctx: &mut Ctx, limits: &Limits, made: Made) -> Result<Body, Problem> {
    let most = limits.max_decompressed;
    let mut room = Room::new(ctx.platform.config.ingest_bytes);
    let mut hold = |bytes: usize| room.hold(bytes.saturating_mul(made.weight()));
    // One that is too large is told so, whether there is room or not.
    let declared = ctx.declared_length().filter(|n| *n <= most);
    hold(declared.unwrap_or_default())?;
    let encoding = ctx
        .header("content-encoding")
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let mut inflater = match encoding.as_str() {
        "" | "identity" => Inflater::identity(most, declared.unwrap_or_default()),
        "gzip" | "x-gzip" => Inflater::gzip(most),
        "deflate" => Inflater::deflate(most),
        other => {
            let detail =
                format!("Send the body as it is, with gzip or with deflate, not with `{other}`.");
            return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
        }
    };
    ctx.pieces(most, |piece| {
        inflater.push(piece).map_err(|e| problem(&e))?;
        hold(inflater.len())
    })
    .await?;
    let bytes = inflater.finish().map_err(|e| problem(&e))?;
    Ok(Body { bytes, _room: room })
}
