//! The events of a run's records, read from the newest record back to where somebody has read already.

use super::{Asked, Event, EventId, UnderWay, tell, under_way};
use crate::compile::Play;
use assay_graph::pregel::{Record, Records};
use assay_model::Timestamp;

/// A run as its row has it.
#[derive(Debug, Clone, Copy)]
pub struct Begun<'r> {
    /// The key of its newest record.
    pub newest: Option<&'r str>,
    /// When it began.
    pub started: Timestamp,
    /// Super-steps that one invocation takes at most.
    pub steps: u32,
}

/// Events, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// The events.
    pub events: Vec<Event>,
    /// Whether there are older ones that are not told, since they are too many.
    pub skipped: bool,
    /// The tasks in which an agent is asked now.
    pub asked: Vec<Asked>,
}

/// The group of a record by its key, which ends in the number of its step: `run/{id}/{number}-{token}`.
#[must_use]
pub fn group_of(key: &str) -> Option<u64> {
    let (number, _) = key.rsplit('/').next()?.split_once('-')?;
    number.parse::<u64>().ok()?.checked_add(1)
}

/// The events of a run's records after an event, and of what is under way; the newest records of which have about `most` events.
/// Of each record all events are told or none, so that at which one it begins does not depend on when it is asked.
///
/// # Errors
/// When a record cannot be read.
pub async fn since<R: Records>(
    play: &Play,
    records: &R,
    run: Begun<'_>,
    after: Option<EventId>,
    most: usize,
) -> Result<Told, R::Error> {
    let newest: Option<(u64, Record)> = match run.newest {
        Some(key) => Some((group_of(key).unwrap_or(1), records.read(key).await?)),
        None => None,
    };
    let next = newest.as_ref().map_or(2, |(group, _)| group + 1);
    let head = newest.as_ref().map(|(_, record)| record);
    let UnderWay { events, asked } = under_way(play, head, next, run.started, run.steps);
    let mut groups = vec![events];
    let mut count = groups.iter().map(Vec::len).sum::<usize>();
    let mut skipped = false;
    let mut newer = newest;
    while let Some((group, record)) = newer {
        if after.is_some_and(|after| group < after.group) {
            break;
        }
        if count >= most {
            skipped = true;
            break;
        }
        let before = match record.before() {
            Some(key) => {
                let number = group_of(key).unwrap_or(group.saturating_sub(1));
                Some((number, records.read(key).await?))
            }
            None => None,
        };
        let told = tell(
            play,
            before.as_ref().map(|(_, r)| r),
            &record,
            group,
            run.started,
        );
        count += told.len();
        groups.push(told);
        newer = before;
    }
    let events = groups.into_iter().rev().flatten();
    Ok(Told {
        events: events
            .filter(|e| after.is_none_or(|after| e.id > after))
            .collect(),
        skipped,
        asked,
    })
}
