//! How alike two texts are after Ratcliff and Obershelp, to the digit as Python's `difflib.SequenceMatcher(None, a, b).ratio()`
//! has it: twice the characters of all matching blocks over the characters of both texts.
//!
//! To the digit means with Python's rule against characters that are everywhere ("autojunk"): in a second text of 200
//! characters or more, one that makes up more than about a hundredth of it starts no block. So the ratio is not symmetric.

use std::collections::HashMap;

/// From how many characters on what is everywhere starts no block.
const AUTOJUNK_FROM: usize = 200;

/// The ratio, in `[0, 1]`; `None` where `budget` steps do not suffice. What was spent is taken from `budget`.
pub(super) fn ratio(a: &[char], b: &[char], budget: &mut u64) -> Option<f64> {
    let total = a.len() + b.len();
    if total == 0 {
        return Some(1.0);
    }
    let places = places(b);
    let mut matched = 0;
    let mut open = vec![(0, a.len(), 0, b.len())];
    while let Some((from_a, to_a, from_b, to_b)) = open.pop() {
        let range = (from_a, to_a, from_b, to_b);
        let (i, j, size) = longest(a, b, &places, range, budget)?;
        if size == 0 {
            continue;
        }
        matched += size;
        if from_a < i && from_b < j {
            open.push((from_a, i, from_b, j));
        }
        if i + size < to_a && j + size < to_b {
            open.push((i + size, to_a, j + size, to_b));
        }
    }
    Some(2.0 * matched as f64 / total as f64)
}

/// Where each character stands in `b`, those aside that are everywhere.
fn places(b: &[char]) -> HashMap<char, Vec<usize>> {
    let mut places: HashMap<char, Vec<usize>> = HashMap::new();
    for (at, &c) in b.iter().enumerate() {
        places.entry(c).or_default().push(at);
    }
    if b.len() >= AUTOJUNK_FROM {
        let most = b.len() / 100 + 1;
        places.retain(|_, at| at.len() <= most);
    }
    places
}

/// The longest block within `range` (from and to in `a`, from and to in `b`) that both texts have: where it begins in either,
/// and its length. Of several it is the first in `a`, then the first in `b`.
fn longest(
    a: &[char],
    b: &[char],
    places: &HashMap<char, Vec<usize>>,
    (from_a, to_a, from_b, to_b): (usize, usize, usize, usize),
    budget: &mut u64,
) -> Option<(usize, usize, usize)> {
    let (mut i, mut j, mut size) = (from_a, from_b, 0);
    // How long the block is that ends at the character of `a` before, by the place in `b` where it ends.
    let mut ending: HashMap<usize, usize> = HashMap::new();
    for (at, c) in a.iter().enumerate().take(to_a).skip(from_a) {
        let mut now = HashMap::new();
        let candidates = places.get(c).map_or(&[][..], Vec::as_slice);
        let first = candidates.partition_point(|&place| place < from_b);
        for &place in candidates.iter().skip(first).take_while(|&&p| p < to_b) {
            *budget = budget.checked_sub(1)?;
            let before = place.checked_sub(1).and_then(|p| ending.get(&p));
            let length = before.copied().unwrap_or(0) + 1;
            now.insert(place, length);
            if length > size {
                (i, j, size) = (at + 1 - length, place + 1 - length, length);
            }
        }
        *budget = budget.checked_sub(1)?;
        ending = now;
    }
    // What is everywhere starts no block, but it makes one longer.
    while i > from_a && j > from_b && same(a, i - 1, b, j - 1) {
        (i, j, size) = (i - 1, j - 1, size + 1);
    }
    while i + size < to_a && j + size < to_b && same(a, i + size, b, j + size) {
        size += 1;
    }
    Some((i, j, size))
}

fn same(a: &[char], at_a: usize, b: &[char], at_b: usize) -> bool {
    a.get(at_a).is_some_and(|c| b.get(at_b) == Some(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compare(a: &str, b: &str) -> f64 {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        ratio(&a, &b, &mut 10_000_000).unwrap()
    }

    /// Recorded from CPython 3.11.7.
    #[test]
    fn is_pythons_ratio() {
        let check =
            |a: &str, b: &str, expected: f64| assert_eq!(compare(a, b), expected, "{a} {b}");
        check("", "", 1.0);
        check("a", "", 0.0);
        check("", "a", 0.0);
        check("abcd", "bcde", 0.75);
        check(
            "private Thread currentThread;",
            "private volatile Thread currentThread;",
            0.8656716417910447,
        );
        check("tide", "diet", 0.25);
        check("diet", "tide", 0.5);
        check("éa", "aé", 0.5);
        let words = |count: u32, factor: u32| {
            let words = (0..count).map(|i| format!("word{}", i * factor % 97));
            words.collect::<Vec<_>>().join(" ")
        };
        check(&words(20, 1), &words(20, 3), 0.38636363636363635);
        check(&words(30, 1), &words(33, 1), 0.9498806682577565);
        check(&words(60, 1), &words(60, 1), 1.0);
        check(&words(60, 1), &words(61, 1), 0.9915151515151515);
        check(&words(90, 1), &words(80, 5), 0.017123287671232876);
        check(&words(90, 7), &words(28, 7), 0.47160493827160493);
        check(&words(28, 7), &words(90, 7), 0.47160493827160493);
    }

    #[test]
    fn a_budget_is_kept() {
        let text = vec!['a'; 150];
        let mut budget = 1_000;
        assert_eq!(ratio(&text, &text, &mut budget), None);
        let mut budget = 100_000;
        assert_eq!(ratio(&text, &text, &mut budget), Some(1.0));
        assert!(budget < 100_000);
    }

    proptest! {
        #[test]
        fn ratios_are_shares(a in "[abc ]{0,300}", b in "[abc ]{0,300}") {
            prop_assert!((0.0..=1.0).contains(&compare(&a, &b)));
            prop_assert_eq!(compare(&a, &a), 1.0);
        }
    }
}
