//! Who plays the personas of a campaign: the model that a persona names, or else the campaign's.

use assay_model::{PersonaSpec, ScenarioSpec};
use std::collections::{BTreeMap, BTreeSet};

/// The models that are to play `scenarios`, by the id that a persona names; `None` stands for the campaign's. With personas of
/// the `library` those play, in place of the scenarios' own.
pub(crate) fn players<'a>(
    scenarios: &[&'a ScenarioSpec],
    library: &'a BTreeMap<String, PersonaSpec>,
) -> BTreeSet<Option<&'a str>> {
    let played = scenarios.iter().filter(|s| s.needs_persona_model());
    let own: BTreeSet<_> = played.map(|s| model(s.persona.as_ref())).collect();
    if own.is_empty() || library.is_empty() {
        return own;
    }
    library.values().map(|p| model(Some(p))).collect()
}

fn model(persona: Option<&PersonaSpec>) -> Option<&str> {
    persona.and_then(|p| p.model.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn persona(model: Option<&str>) -> PersonaSpec {
        PersonaSpec {
            model: model.map(str::to_owned),
            ..PersonaSpec::default()
        }
    }

    fn scenario(script: &[&str], model: Option<&str>) -> ScenarioSpec {
        ScenarioSpec {
            script: script.iter().map(|&line| line.to_owned()).collect(),
            persona: Some(persona(model)),
            ..ScenarioSpec::default()
        }
    }

    #[test]
    fn a_persona_is_played_by_its_own_model() {
        let (ada, bob) = (scenario(&[], Some("a")), scenario(&[], None));
        let scripted = scenario(&["hello"], Some("s"));
        let none = BTreeMap::new();
        let all = players(&[&ada, &bob, &scripted], &none);
        assert_eq!(all, BTreeSet::from([None, Some("a")]));
        assert_eq!(players(&[&ada], &none), BTreeSet::from([Some("a")]));
        assert!(players(&[&scripted], &none).is_empty());
    }

    #[test]
    fn personas_of_the_library_play_in_place_of_the_own() {
        let library = BTreeMap::from([
            ("1".to_owned(), persona(Some("x"))),
            ("2".to_owned(), persona(None)),
        ]);
        let (ada, scripted) = (scenario(&[], Some("a")), scenario(&["hello"], None));
        let all = players(&[&ada], &library);
        assert_eq!(all, BTreeSet::from([None, Some("x")]));
        assert!(players(&[&scripted], &library).is_empty());
    }
}
