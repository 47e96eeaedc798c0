//! A request's body, decompressed within the cap.

use assay_edge::{Ctx, Problem, ProblemKind};
use assay_otlp::{DecodeError, Limits, gunzip, inflate};
use bytes::Bytes;

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

/// The body, at most [`Limits::max_decompressed`] bytes of it before and after decompression.
pub(crate) async fn read(ctx: &mut Ctx, limits: &Limits) -> Result<Bytes, Problem> {
    let encoding = ctx
        .header("content-encoding")
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match encoding.as_str() {
        "" | "identity" => ctx.bytes(limits.max_decompressed).await,
        "gzip" | "x-gzip" => {
            let packed = ctx.bytes(limits.max_decompressed).await?;
            gunzip(&packed, limits.max_decompressed)
                .map(Bytes::from)
                .map_err(|e| problem(&e))
        }
        "deflate" => {
            let packed = ctx.bytes(limits.max_decompressed).await?;
            inflate(&packed, limits.max_decompressed)
                .map(Bytes::from)
                .map_err(|e| problem(&e))
        }
        other => {
            let detail =
                format!("Send the body as it is, with gzip or with deflate, not with `{other}`.");
            Err(Problem::new(ProblemKind::UnsupportedMediaType, detail))
        }
    }
}
