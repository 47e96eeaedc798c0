//! Who speaks: the scenario's persona, and those of other nodes.

use super::Notes;
use super::ids::{cut, name};
use super::source::{Kind, Source};
use assay_model::PersonaSpec;
use std::collections::{BTreeMap, BTreeSet};

/// Most bytes of a description.
const MAX_DESCRIPTION: usize = 20_000;

/// The personas of a source.
#[derive(Debug, Clone, Default)]
pub(super) struct Cast {
    /// The scenario's.
    pub(super) persona: Option<PersonaSpec>,
    /// Its node.
    lead: Option<usize>,
    all: BTreeMap<usize, PersonaSpec>,
    /// The nodes whose personas may be in effect at a node.
    in_effect: BTreeMap<usize, BTreeSet<Option<usize>>>,
    /// By the node of a persona: the task that it speaks the words of. One node says them, the other lets the agent answer.
    pub(super) speaks_for: BTreeMap<usize, usize>,
}

impl Cast {
    /// Of a source, of which `reached` is what comes after `start`.
    pub(super) fn of(
        source: &mut Source,
        start: usize,
        reached: &BTreeSet<usize>,
        language: &str,
        notes: &mut Notes,
    ) -> Self {
        let mut cast = Self::default();
        for index in 0..source.items.len() {
            cast.read(source, index, language, notes);
        }
        let mut order: Vec<usize> = cast.all.keys().copied().collect();
        order.sort_by_key(|index| (!reached.contains(index), *index));
        cast.lead = order.first().copied();
        cast.persona = cast.lead.and_then(|lead| cast.all.get(&lead).cloned());
        // A persona that stands beside the flow is meant for all of it.
        let first = cast.lead.filter(|lead| !reached.contains(lead));
        if let Some(item) = first.and_then(|lead| source.items.get(lead)) {
            notes.of(
                item,
                "it stands beside the flow: it is the scenario's persona, and no node",
            );
        }
        cast.follow(source, start, first);
        let is = |index: usize, kind| {
            source
                .items
                .get(index)
                .is_some_and(|item| item.kind == kind)
        };
        for persona in cast.all.keys().filter(|index| reached.contains(index)) {
            let mut out = source.out(*persona);
            if let (Some((_, link)), None) = (out.next(), out.next())
                && is(link.to, Kind::Task)
                && source.incoming(link.to) == 1
            {
                cast.speaks_for.insert(*persona, link.to);
            }
        }
        cast
    }

    fn read(&mut self, source: &mut Source, index: usize, language: &str, notes: &mut Notes) {
        let Some(item) = source
            .items
            .get_mut(index)
            .filter(|item| item.kind == Kind::Persona)
        else {
            return;
        };
        let role = item.data.text(&["role"]);
        let own = item.data.text(&["name", "persona_name"]);
        let names = [
            own,
            Some(item.label.clone()),
            role.clone(),
            Some(item.id.clone()),
        ];
        let called = names
            .iter()
            .flatten()
            .find_map(|text| name(text, 200))
            .unwrap_or_default();
        let role = role.filter(|role| *role != called);
        let texts = [
            role,
            item.data.text(&["prompt", "system_prompt"]),
            item.data.text(&["behavior", "behaviour"]),
            item.data.text(&["description", "persona"]),
            item.data.text(&["instruction", "content"]),
        ];
        let texts: Vec<String> = texts.into_iter().flatten().collect();
        let description = texts.join("\n");
        let short = cut(&description, MAX_DESCRIPTION).map(str::to_owned);
        if short.is_some() {
            notes.of(
                item,
                format!(
                    "its description is longer than {MAX_DESCRIPTION} bytes, the rest is left out"
                ),
            );
        }
        if description.contains("{{") {
            notes.of(item, "its description is taken word for word: it names variables, which a persona cannot");
        }
        let kb = item.data.text(&["knowledgeBase"]).filter(|kb| kb != "none");
        if let Some(kb) = kb {
            notes.of(item, format!("its knowledge base `{kb}` is left out: a persona knows what its description says"));
        }
        let model = [
            "modelProvider",
            "model",
            "temperature",
            "max_tokens",
            "top_p",
        ];
        let modelled = item.data.get(&model).is_some();
        item.data.pass(&model);
        if modelled {
            notes.of(
                item,
                "the model that plays it is left out: the campaign says which one does",
            );
        }
        let persona = PersonaSpec {
            name: called,
            description: short.unwrap_or(description),
            language: language.to_owned(),
            ..PersonaSpec::default()
        };
        self.all.insert(index, persona);
    }

    /// Carries personas along the edges.
    fn follow(&mut self, source: &Source, start: usize, first: Option<usize>) {
        let mut open = vec![(start, first)];
        while let Some((index, persona)) = open.pop() {
            if !self.in_effect.entry(index).or_default().insert(persona) {
                continue;
            }
            let after = if self.all.contains_key(&index) {
                Some(index)
            } else {
                persona
            };
            open.extend(source.out(index).map(|(_, link)| (link.to, after)));
        }
    }

    /// Whether a node is that of the scenario's persona.
    pub(super) fn is_lead(&self, index: usize) -> bool {
        self.lead == Some(index)
    }

    /// Whether a persona speaks at a node.
    pub(super) fn speaks_at(&self, index: usize) -> bool {
        let at = self.in_effect.get(&index);
        at.is_some_and(|personas| personas.iter().any(Option::is_some))
    }

    /// Whether any task is spoken by the persona of a node.
    pub(super) fn has_tasks(&self, persona: usize, source: &Source) -> bool {
        let mut tasks = source
            .items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.kind == Kind::Task);
        tasks.any(|(index, _)| {
            self.in_effect
                .get(&index)
                .is_some_and(|p| p.contains(&Some(persona)))
        })
    }

    /// What must be said before instructions where it is not the scenario's persona that speaks. A scenario has one only.
    pub(super) fn aside(&self, index: usize, says: &mut Vec<String>) -> String {
        let personas = self.in_effect.get(&index);
        let mut others = personas
            .into_iter()
            .flatten()
            .flatten()
            .filter(|p| Some(**p) != self.lead);
        let all = personas.into_iter().flatten().flatten().count();
        let other = others.next().and_then(|index| self.all.get(index));
        let Some(persona) = other else {
            return String::new();
        };
        if all > 1 {
            says.push("more than one persona may lead here: the scenario's speaks".to_owned());
            return String::new();
        }
        says.push(format!(
            "a scenario has one persona: that `{}` speaks here is part of the instructions",
            persona.name
        ));
        self.spoken_as(persona)
    }

    fn spoken_as(&self, persona: &PersonaSpec) -> String {
        let description = cut(&persona.description, 2_000).unwrap_or(&persona.description);
        format!("Speak as {}. {description}\n\n", persona.name)
    }

    /// The same for the node of a persona itself.
    pub(super) fn own_aside(&self, index: usize) -> String {
        let persona = self.all.get(&index).filter(|_| Some(index) != self.lead);
        persona
            .map(|persona| self.spoken_as(persona))
            .unwrap_or_default()
    }
}
