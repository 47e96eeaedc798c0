//! What parameters are compiled to, kept while many cases are scored by the same.

use std::cell::RefCell;
use std::rc::Rc;

/// How many are kept: as many metrics as a campaign usually has.
const KEPT: usize = 16;

/// The last few things that were compiled, by what they were compiled from; the one used last is at the end. A thread has its own.
pub(crate) struct Compiled<K, T>(RefCell<Vec<(K, Rc<T>)>>);

impl<K: PartialEq, T> Compiled<K, T> {
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// What `key` was compiled to, or is now by `compile`. What cannot be compiled is not kept.
    pub(crate) fn get<E>(
        &self,
        key: K,
        compile: impl FnOnce(&K) -> Result<T, E>,
    ) -> Result<Rc<T>, E> {
        let mut kept = self.0.borrow_mut();
        let found = kept.iter().position(|(k, _)| *k == key);
        let entry = match found {
            Some(place) => kept.remove(place),
            None => {
                let made = Rc::new(compile(&key)?);
                if kept.len() >= KEPT {
                    kept.remove(0);
                }
                (key, made)
            }
        };
        let made = Rc::clone(&entry.1);
        kept.push(entry);
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn the_last_few_are_compiled_once() {
        let (kept, made) = (Compiled::new(), Cell::new(0));
        let get = |key: usize| {
            let compile = |key: &usize| {
                made.set(made.get() + 1);
                if *key == 99 { Err("no") } else { Ok(key * 10) }
            };
            kept.get(key, compile).map(|v| *v)
        };
        assert_eq!((get(1), get(1), made.get()), (Ok(10), Ok(10), 1));
        // What is used stays; what was not used for longest goes.
        for key in 2..=KEPT {
            assert_eq!(get(key), Ok(key * 10));
            assert_eq!(get(1), Ok(10));
        }
        assert_eq!((get(KEPT + 1), made.get()), (Ok(170), KEPT + 1));
        assert_eq!((get(1), made.get()), (Ok(10), KEPT + 1));
        assert_eq!((get(2), made.get()), (Ok(20), KEPT + 2));
        assert_eq!(
            (get(99), get(99), made.get()),
            (Err("no"), Err("no"), KEPT + 4)
        );
    }
}
