//! Write-only secrets of the library: where they rest, and how they are sealed anew.

use assay_edge::reseal::{Envelopes, reseal};
use assay_edge::write_only::place;
use assay_edge::{Ctx, Problem, Reply, reply};

pub(crate) use assay_edge::write_only::Secret;

/// The tables whose rows have secrets.
pub(crate) static SEALED: [Envelopes; 3] = [
    Envelopes {
        table: "agents",
        id: "id",
        column: "credential",
        only: "1 = 1",
        place: |id| place("agents", id),
    },
    Envelopes {
        table: "models",
        id: "id",
        column: "credential",
        only: "1 = 1",
        place: |id| place("models", id),
    },
    Envelopes {
        table: "secrets",
        id: "id",
        column: "credential",
        only: "1 = 1",
        place: |id| place("secrets", id),
    },
];

/// `POST /internal/reseal`: what older encryption keys sealed is sealed with the first.
pub(crate) async fn reseal_all(ctx: Ctx) -> Result<Reply, Problem> {
    reply::ok(&reseal(&ctx.platform, &SEALED).await?)
}
