//! A span's attributes while they are being mapped: what is taken is gone, what is left goes to the metadata.
//!
//! A span has some twenty attributes and is asked for a hundred keys, nearly all of which it does not have. So the list of
//! the wire stays as it is, beside a filter that answers most questions without a look at it.

use crate::proto::{AnyKind, AnyValue, KeyValue};
use crate::value::{any, into_text, json, object};
use serde_json::{Map, Value};

/// From this many on, duplicates are found by sorting: comparing each with each would take a hostile span's whole day.
const MANY: usize = 64;

/// Attributes by key.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    list: Vec<KeyValue>,
    filter: Filter,
}

impl Attributes {
    /// Of the wire. A key that is there twice has its last value.
    pub(crate) fn new(mut list: Vec<KeyValue>) -> Self {
        let mut filter = Filter::default();
        if list.len() >= MANY {
            list.reverse();
            list.sort_by(|a, b| a.key.cmp(&b.key));
            list.dedup_by(|later, kept| later.key == kept.key);
            list.iter().for_each(|kv| filter.add(&kv.key));
            return Self { list, filter };
        }
        let mut i = 0;
        while let Some(kv) = list.get(i) {
            let earlier = if filter.may_have(&kv.key) {
                list.iter().take(i).position(|e| e.key == kv.key)
            } else {
                None
            };
            if let Some(earlier) = earlier {
                list.swap(earlier, i);
                list.swap_remove(i);
            } else {
                filter.add(&kv.key);
                i += 1;
            }
        }
        Self { list, filter }
    }

    fn position(&self, key: &str) -> Option<usize> {
        if !self.filter.may_have(key) {
            return None;
        }
        self.list.iter().position(|kv| kv.key == key)
    }

    /// The value at `key`, unless it is empty.
    fn get(&self, key: &str) -> Option<&AnyKind> {
        let kv = self.list.get(self.position(key)?)?;
        kv.value.as_ref()?.value.as_ref().filter(|v| !is_empty(v))
    }

    /// The text at `key`, unless it is empty or not text.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            AnyKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether there is a non-empty value at `key`.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Removes the value at `key`; `None` when it is empty.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        let at = self.position(key)?;
        let kind = self.list.swap_remove(at).value?.value?;
        (!is_empty(&kind)).then(|| json(AnyValue { value: Some(kind) }))
    }

    /// As [`Self::take`], through `read`. A value that `read` makes nothing of stays where it is.
    pub(crate) fn take_as<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(key)?;
        let read = read(&value);
        if read.is_none() {
            self.put(key.to_owned(), value);
        }
        read
    }

    /// Removes the first of `keys` that has a non-empty value.
    pub(crate) fn take_first(&mut self, keys: &[&str]) -> Option<Value> {
        let key = keys.iter().find(|key| self.has(key))?;
        self.take(key)
    }

    /// Removes the first of `keys` that has a non-empty value, as text.
    pub(crate) fn take_text(&mut self, keys: &[&str]) -> Option<String> {
        self.take_first(keys).map(into_text)
    }

    /// Removes all keys that begin with `prefix`; the prefix is cut off them.
    pub(crate) fn take_prefix(&mut self, prefix: &str) -> Vec<(String, Value)> {
        self.take_prefix_if(prefix, |_| true)
    }

    /// As [`Self::take_prefix`], of keys whose rest `wanted` accepts.
    pub(crate) fn take_prefix_if(
        &mut self,
        prefix: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Vec<(String, Value)> {
        let mut taken = Vec::new();
        if !self.filter.may_have_family(prefix) {
            return taken;
        }
        let mut i = 0;
        while let Some(kv) = self.list.get(i) {
            if !kv.key.strip_prefix(prefix).is_some_and(&wanted) {
                i += 1;
                continue;
            }
            let KeyValue { mut key, value } = self.list.swap_remove(i);
            key.drain(..prefix.len());
            taken.push((key, value.map_or(Value::Null, json)));
        }
        taken
    }

    /// Puts a value back that was taken.
    pub(crate) fn put(&mut self, key: String, value: Value) {
        self.filter.add(&key);
        let value = Some(any(value));
        self.list.push(KeyValue { key, value });
    }

    /// What is left, as it came.
    pub(crate) fn into_list(self) -> Vec<KeyValue> {
        self.list
    }

    /// What is left.
    pub(crate) fn into_rest(self) -> Map<String, Value> {
        object(self.list)
    }
}

/// Nothing and the empty string stand for nothing.
const fn is_empty(kind: &AnyKind) -> bool {
    matches!(kind, AnyKind::String(text) if text.is_empty())
}

/// What keys there may be: sure of no, unsure of yes.
#[derive(Debug, Default)]
struct Filter {
    keys: [u64; 4],
    families: u64,
}

impl Filter {
    fn add(&mut self, key: &str) {
        let (word, bit) = Self::place(key);
        if let Some(word) = self.keys.get_mut(word) {
            *word |= bit;
        }
        self.families |= Self::family(key);
    }

    #[inline]
    fn may_have(&self, key: &str) -> bool {
        let (word, bit) = Self::place(key);
        self.keys.get(word).is_some_and(|word| word & bit != 0)
    }

    #[inline]
    fn may_have_family(&self, prefix: &str) -> bool {
        self.families & Self::family(prefix) != 0
    }

    /// By the length and some bytes: the conventions' keys differ most in their second half.
    #[inline]
    fn place(key: &str) -> (usize, u64) {
        let bytes = key.as_bytes();
        let n = bytes.len();
        let at = |i: usize| bytes.get(i).map_or(0, |byte| usize::from(*byte));
        let sum = n * 37 + at(n.wrapping_sub(1)) * 11 + at(n / 2) * 5 + at(n.wrapping_sub(4));
        (sum / 64 % 4, 1 << (sum % 64))
    }

    /// By the first and the third byte, which tell the conventions apart.
    #[inline]
    fn family(key: &str) -> u64 {
        let at = |i: usize| key.as_bytes().get(i).map_or(0, |byte| u32::from(*byte));
        1 << ((at(0) + at(2)) % 64)
    }
}

/// How many bytes a list of attributes holds, its structure aside.
pub(crate) fn weight(list: &[KeyValue]) -> usize {
    list.iter()
        .map(|kv| kv.key.len() + kv.value.as_ref().map_or(0, weigh))
        .sum()
}

/// How many bytes a value holds, its structure aside.
pub(crate) fn weigh(value: &AnyValue) -> usize {
    match &value.value {
        None => 0,
        Some(AnyKind::String(text)) => text.len(),
        Some(AnyKind::Bytes(bytes)) => bytes.len(),
        Some(AnyKind::Array(list)) => list.values.iter().map(weigh).sum(),
        Some(AnyKind::KvList(list)) => weight(&list.values),
        Some(_) => 8,
    }
}

/// The attributes that fit into `budget` bytes, in their order; `cut` tells whether some did not.
pub(crate) fn within(list: Vec<KeyValue>, mut budget: usize) -> (Vec<KeyValue>, bool) {
    let mut cut = false;
    let kept = list
        .into_iter()
        .filter(|kv| {
            let cost = weight(std::slice::from_ref(kv)) + 16;
            let fits = cost <= budget;
            if fits {
                budget -= cost;
            } else {
                cut = true;
            }
            fits
        })
        .collect();
    (kept, cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(pairs: &[(&str, i64)]) -> Attributes {
        Attributes::new(
            pairs
                .iter()
                .map(|(key, n)| KeyValue {
                    key: (*key).to_owned(),
                    value: Some(AnyValue {
                        value: Some(AnyKind::Int(*n)),
                    }),
                })
                .collect(),
        )
    }

    #[test]
    fn the_last_of_equal_keys_wins_among_few_and_many() {
        let mut pairs = vec![("a", 1), ("b", 2), ("a", 3), ("b", 4), ("c", 5)];
        assert_eq!(
            json!(of(&pairs).into_rest()),
            json!({"a": 3, "b": 4, "c": 5})
        );
        let names: Vec<String> = (0..MANY).map(|i| format!("k{i}")).collect();
        pairs.extend(names.iter().map(|name| (name.as_str(), 0)));
        let mut many = of(&pairs);
        assert_eq!(many.take("a"), Some(json!(3)));
        assert_eq!(many.take("a"), None);
        assert_eq!(many.into_rest().len(), MANY + 2);
    }

    #[test]
    fn what_is_taken_is_gone_and_what_is_no_use_stays() {
        let mut a = of(&[("x.a", 1), ("y", 2), ("x.b", 3), ("x", 4)]);
        let mut taken = a.take_prefix("x.");
        taken.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(json!(taken), json!([["a", 1], ["b", 3]]));
        assert_eq!(a.take_as("y", |v| v.as_str().map(str::len)), None);
        assert_eq!(json!(a.into_rest()), json!({"x": 4, "y": 2}));
    }

    #[test]
    fn the_filter_never_denies_what_is_there() {
        let keys: Vec<String> = (0..500)
            .map(|i| "é.".repeat(i % 9) + &i.to_string())
            .collect();
        let pairs: Vec<(&str, i64)> = keys.iter().map(|key| (key.as_str(), 1)).collect();
        let a = of(&pairs);
        assert!(keys.iter().all(|key| a.has(key)));
        assert!(!a.has("absent"));
    }
}
