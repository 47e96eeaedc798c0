//! `fields`: groups of fields, between commas, by which a client says how much of each row it wants.

use crate::Invalid;
use crate::query::comma_list;

/// A kind of group: those of one list's rows.
pub trait Group: Copy + Eq + 'static {
    /// Each group with its name on the wire.
    const ALL: &'static [(Self, &'static str)];
    /// The groups when the client names none.
    const DEFAULT: &'static [Self];
    /// The group that is there in any case.
    const ALWAYS: Self;
}

/// The groups that a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields<G: Group>(Vec<G>);

impl<G: Group> Default for Fields<G> {
    fn default() -> Self {
        Self(G::DEFAULT.to_vec())
    }
}

impl<G: Group> Fields<G> {
    /// Of the parameter `fields`.
    ///
    /// # Errors
    /// When a group is not known; the message names it.
    pub fn parse(text: Option<&str>) -> Result<Self, Invalid> {
        let names = comma_list(text);
        if names.is_empty() {
            return Ok(Self::default());
        }
        let mut groups = vec![G::ALWAYS];
        for name in names {
            let known = G::ALL.iter().find(|(_, n)| *n == name);
            let (group, _) = known.ok_or_else(|| unknown::<G>(&name))?;
            groups.push(*group);
        }
        Ok(Self(groups))
    }

    /// Every group there is.
    #[must_use]
    pub fn all() -> Self {
        Self(G::ALL.iter().map(|(group, _)| *group).collect())
    }

    /// Whether the client asks for the group.
    #[must_use]
    pub fn has(&self, group: G) -> bool {
        self.0.contains(&group)
    }
}

fn unknown<G: Group>(name: &str) -> Invalid {
    let known: Vec<&str> = G::ALL.iter().map(|(_, n)| *n).collect();
    let message = format!(
        "`{name}` is no group of fields; there are {}",
        known.join(", ")
    );
    Invalid::new("fields", message)
}

/// The groups of `GET /api/public/v2/observations`.
pub type Groups = Fields<ObservationGroup>;
/// The groups of `GET /api/public/v3/scores`.
pub type ScoreGroups = Fields<ScoreGroup>;
/// The groups of `GET /api/public/traces`, one and all.
pub type TraceGroups = Fields<TraceGroup>;
/// The groups of `GET /api/public/experiments`.
pub type ExperimentGroups = Fields<ExperimentGroup>;
/// The groups of `GET /api/public/experiment-items`.
pub type ExperimentItemGroups = Fields<ExperimentItemGroup>;

/// What may be read of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObservationGroup {
    /// What it is and when.
    Core,
    /// Name, level, environment and the like.
    Basic,
    /// Further times.
    Time,
    /// What went in and came out.
    Io,
    /// Anything else of it.
    Metadata,
    /// The model and its parameters.
    Model,
    /// Tokens and cost.
    Usage,
    /// The prompt.
    Prompt,
    /// How long it took.
    Metrics,
    /// What its trace says.
    TraceContext,
}

impl Group for ObservationGroup {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Core, "core"),
        (Self::Basic, "basic"),
        (Self::Time, "time"),
        (Self::Io, "io"),
        (Self::Metadata, "metadata"),
        (Self::Model, "model"),
        (Self::Usage, "usage"),
        (Self::Prompt, "prompt"),
        (Self::Metrics, "metrics"),
        (Self::TraceContext, "trace_context"),
    ];
    const DEFAULT: &'static [Self] = &[Self::Core, Self::Basic];
    const ALWAYS: Self = Self::Core;
}

/// What may be read of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreGroup {
    /// Name, value and times.
    Core,
    /// Comment, definition and metadata.
    Details,
    /// What is scored.
    Subject,
    /// Who gave it, where a person did.
    Annotation,
}

impl Group for ScoreGroup {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Core, "core"),
        (Self::Details, "details"),
        (Self::Subject, "subject"),
        (Self::Annotation, "annotation"),
    ];
    const DEFAULT: &'static [Self] = &[Self::Core];
    const ALWAYS: Self = Self::Core;
}

/// What may be read of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceGroup {
    /// What it is and when.
    Core,
    /// Input, output and metadata.
    Io,
    /// Its scores.
    Scores,
    /// Its observations.
    Observations,
    /// How long it took and what it cost.
    Metrics,
}

impl Group for TraceGroup {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Core, "core"),
        (Self::Io, "io"),
        (Self::Scores, "scores"),
        (Self::Observations, "observations"),
        (Self::Metrics, "metrics"),
    ];
    const DEFAULT: &'static [Self] = &[
        Self::Core,
        Self::Io,
        Self::Scores,
        Self::Observations,
        Self::Metrics,
    ];
    const ALWAYS: Self = Self::Core;
}

/// What may be read of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExperimentGroup {
    /// Name, dataset, times and size.
    Core,
    /// Anything else of it.
    Metadata,
    /// Scores of the experiment as a whole.
    Scores,
}

impl Group for ExperimentGroup {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Core, "core"),
        (Self::Metadata, "metadata"),
        (Self::Scores, "scores"),
    ];
    const DEFAULT: &'static [Self] = &[Self::Core];
    const ALWAYS: Self = Self::Core;
}

/// What may be read of an item of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExperimentItemGroup {
    /// What it is and when.
    Core,
    /// The dataset and the item's version.
    Dataset,
    /// What went in, what came out, and what should have.
    Io,
    /// Anything else of the observation.
    Metadata,
    /// Anything else of the item.
    ItemMetadata,
    /// Anything else of the experiment.
    ExperimentMetadata,
    /// Scores of the item and of its trace.
    Scores,
}

impl Group for ExperimentItemGroup {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Core, "core"),
        (Self::Dataset, "dataset"),
        (Self::Io, "io"),
        (Self::Metadata, "metadata"),
        (Self::ItemMetadata, "itemMetadata"),
        (Self::ExperimentMetadata, "experimentMetadata"),
        (Self::Scores, "scores"),
    ];
    const DEFAULT: &'static [Self] = &[Self::Core, Self::Dataset];
    const ALWAYS: Self = Self::Core;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups() {
        let default = Groups::parse(None).unwrap();
        assert!(default.has(ObservationGroup::Basic) && !default.has(ObservationGroup::Io));
        assert_eq!(Groups::parse(Some("")).unwrap(), default);
        let some = Groups::parse(Some("io, usage")).unwrap();
        assert!(some.has(ObservationGroup::Core) && some.has(ObservationGroup::Usage));
        assert!(!some.has(ObservationGroup::Basic));
        let wrong = Groups::parse(Some("io,secrets")).unwrap_err();
        assert_eq!(wrong.field, "fields");
        assert!(wrong.message.contains("`secrets`"), "{wrong}");
        assert!(ScoreGroups::parse(Some("io")).is_err());
        assert!(TraceGroups::default().has(TraceGroup::Metrics));
        assert!(ExperimentItemGroups::default().has(ExperimentItemGroup::Dataset));
        assert!(ExperimentGroups::all().has(ExperimentGroup::Scores));
    }
}
