//! A request's spans as batches of a bounded size, so that what is made of a body is never there all at once.

use crate::census::{Node, census, json_census};
use crate::map::Mapper;
use crate::shared::Shared;
use crate::source::{self, Piece, Source};
use crate::{DecodeError, Encoding, MapContext, Rejected};
use assay_model::Batch;
use std::collections::HashSet;

/// How much a batch may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSize {
    /// Most observations.
    pub observations: usize,
    /// Bytes of attributes after which a batch is full. The span that fills it is in it, so that a batch may be larger by
    /// [`crate::Limits::max_attribute_bytes`].
    pub bytes: usize,
}

impl Default for BatchSize {
    fn default() -> Self {
        Self {
            observations: 512,
            bytes: 1 << 20,
        }
    }
}

/// The spans of a request, which are read and mapped as they are asked for.
///
/// What is wrong with the request as a whole is found at once, so that nothing of such a request is ever in a batch. A span
/// that cannot be kept is [`Rejected`], and its neighbours are kept.
pub struct Spans<'a> {
    source: Source<'a>,
    mapper: Mapper<'a>,
    shared: Shared,
    /// Why the spans of the resource, or of the scope, at hand cannot be read.
    resource: Option<String>,
    scope: Option<String>,
}

impl<'a> Spans<'a> {
    /// Of a body. An empty protobuf body is a valid request without spans.
    ///
    /// # Errors
    /// When it is not what `encoding` says, or beyond the limits of `ctx`.
    pub fn read(
        body: &'a [u8],
        encoding: Encoding,
        ctx: &'a MapContext,
    ) -> Result<Self, DecodeError> {
        let limits = &ctx.limits;
        if body.len() > limits.max_decompressed {
            return Err(DecodeError::TooLarge(limits.max_decompressed));
        }
        let source = match encoding {
            Encoding::Protobuf => {
                census(body, Node::Traces, limits.max_messages)?;
                source::protobuf(body)?
            }
            Encoding::Json => {
                json_census(body, limits.max_messages)?;
                source::json(body)?
            }
        };
        Ok(Self::of(source, ctx))
    }

    pub(crate) fn of(source: Source<'a>, ctx: &'a MapContext) -> Self {
        Self {
            source,
            mapper: Mapper::new(ctx),
            shared: Shared::new(None, ctx),
            resource: None,
            scope: None,
        }
    }

    /// The next batch; `None` when there is no more. What spans say of their traces is in the batch of the spans.
    pub fn next_batch(&mut self, size: BatchSize) -> Option<Batch> {
        let mut bytes = 0;
        let left = self.source.size_hint().0;
        self.mapper.reserve(left.min(size.observations));
        while self.mapper.observations() < size.observations && bytes < size.bytes {
            let Some(piece) = self.source.next() else {
                break;
            };
            match piece {
                Piece::Resource(resource) => {
                    let (resource, why) = apart(resource);
                    self.shared = Shared::new(resource, self.mapper.context());
                    self.resource = why.map(|e| format!("its resource cannot be read: {e}"));
                }
                Piece::Scope(scope) => {
                    let (scope, why) = apart(scope);
                    self.shared.enter(scope);
                    self.scope = why.map(|e| format!("its scope cannot be read: {e}"));
                }
                Piece::Span(Err(unread)) => self.mapper.reject(unread.span_id, unread.reason),
                Piece::Span(Ok(span)) => match self.resource.as_ref().or(self.scope.as_ref()) {
                    Some(why) => self.mapper.refuse(&span, why.clone()),
                    None => bytes += self.mapper.add(span, &self.shared),
                },
            }
        }
        let batch = self.mapper.take();
        (!batch.is_empty()).then_some(batch)
    }

    /// Observations of the batches since the last call, by trace and id, that another installation, or this one, forwarded:
    /// they are not forwarded again.
    pub fn take_forwarded(&mut self) -> HashSet<(String, String)> {
        self.mapper.take_forwarded()
    }

    /// How many spans were rejected so far.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.mapper.rejected().len() as u64
    }

    /// One line on what was rejected so far, for the exporter; empty when nothing was.
    #[must_use]
    pub fn rejection(&self) -> String {
        crate::map::rejection("span", self.mapper.rejected())
    }

    pub(crate) fn into_rejected(self) -> Vec<Rejected> {
        self.mapper.into_rejected()
    }
}

fn apart<T>(read: Result<Option<T>, String>) -> (Option<T>, Option<String>) {
    match read {
        Ok(value) => (value, None),
        Err(why) => (None, Some(why)),
    }
}
