//! Words and characters as numbers, so that what compares them handles numbers only. Numbers begin at 1.

use std::collections::HashMap;

/// Numbers of words, in the order in which they were first seen.
#[derive(Debug, Default)]
pub(crate) struct Words<'a> {
    ids: HashMap<&'a str, u32>,
}

impl<'a> Words<'a> {
    /// The numbers of `words`.
    pub(crate) fn ids(&mut self, words: impl IntoIterator<Item = &'a str>) -> Vec<u32> {
        words.into_iter().map(|word| self.id(word)).collect()
    }

    /// The number of `word`.
    pub(crate) fn id(&mut self, word: &'a str) -> u32 {
        let next = self.ids.len() as u32 + 1;
        *self.ids.entry(word).or_insert(next)
    }

    /// How many there are; the greatest number.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The words in the order of their numbers.
    pub(crate) fn by_id(&self) -> impl Iterator<Item = &'a str> {
        let mut words: Vec<(u32, &str)> = self.ids.iter().map(|(word, id)| (*id, *word)).collect();
        words.sort_unstable();
        words.into_iter().map(|(_, word)| word)
    }
}

/// Numbers of characters, in the order in which they were first seen.
#[derive(Debug)]
pub(crate) struct Chars {
    ascii: [u32; 128],
    others: HashMap<char, u32>,
    count: u32,
}

impl Default for Chars {
    fn default() -> Self {
        Self {
            ascii: [0; 128],
            others: HashMap::new(),
            count: 0,
        }
    }
}

impl Chars {
    /// The numbers of `chars`.
    pub(crate) fn ids(&mut self, chars: impl Iterator<Item = char>) -> Vec<u32> {
        let mut ids = Vec::with_capacity(chars.size_hint().0);
        for c in chars {
            let next = self.count + 1;
            let id = match self.ascii.get_mut(c as usize) {
                Some(id) => id,
                None => self.others.entry(c).or_default(),
            };
            if *id == 0 {
                *id = next;
                self.count = next;
            }
            ids.push(*id);
        }
        ids
    }

    /// How many there are; the greatest number.
    pub(crate) const fn len(&self) -> usize {
        self.count as usize
    }
}
