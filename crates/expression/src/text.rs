//! Functions on strings, beside those that the interpreter has.

use crate::fuel::{self, Fuel};
use crate::functions::{operands, refused};
use cel::common::types::{CelBool, CelList, CelString};
use cel::common::value::{CowVal, Val};
use cel::{ExecutionError, FunctionContext};
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

type Answer<'c, 'v> = Result<CowVal<'c, 'v>, ExecutionError>;
type Function =
    Box<dyn for<'c, 'v> Fn(&mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> + Send + Sync>;

/// What compiling a pattern costs: about as long as so many rounds of a macro.
const COMPILE_COST: u64 = 5_000;
/// The largest compiled pattern, in bytes.
const MAX_PATTERN: usize = 1 << 18;

/// Patterns that were compiled for these variables.
type Patterns = Mutex<HashMap<String, Regex>>;

pub(crate) fn functions(fuel: &Arc<Fuel>) -> Vec<(&'static str, Function)> {
    let patterns = Patterns::default();
    let matching = Arc::clone(fuel);
    let splitting = Arc::clone(fuel);
    let joining = Arc::clone(fuel);
    vec![
        (
            "matches",
            Box::new(move |call| matches(&matching, &patterns, call)),
        ),
        ("split", Box::new(move |call| split(&splitting, call))),
        ("join", Box::new(move |call| join(&joining, call))),
        (
            "lowerAscii",
            Box::new(|call| changed("lowerAscii", call, str::to_ascii_lowercase)),
        ),
        (
            "upperAscii",
            Box::new(|call| changed("upperAscii", call, str::to_ascii_uppercase)),
        ),
        (
            "trim",
            Box::new(|call| changed("trim", call, |text| text.trim().to_owned())),
        ),
    ]
}

/// The operands as strings, when there are so many and all are.
fn strings<'a, const N: usize>(
    name: &str,
    operands: &'a [CowVal<'_, '_>],
) -> Result<[&'a str; N], ExecutionError> {
    let texts: Option<Vec<&str>> = operands
        .iter()
        .map(|value| value.downcast_ref::<CelString>().map(|text| text.inner()))
        .collect();
    texts
        .and_then(|texts| texts.try_into().ok())
        .ok_or_else(|| {
            let values: Vec<&dyn Val> = operands.iter().map(|value| value.as_ref() as _).collect();
            refused(name, &values)
        })
}

fn changed<'c, 'v>(
    name: &str,
    call: &mut FunctionContext<'c, 'v>,
    change: impl Fn(&str) -> String,
) -> Answer<'c, 'v> {
    let operands = operands(call);
    let [text] = strings(name, &operands)?;
    Ok(CowVal::owned(CelString::from(change(text))))
}

fn matches<'c, 'v>(
    fuel: &Fuel,
    patterns: &Patterns,
    call: &mut FunctionContext<'c, 'v>,
) -> Answer<'c, 'v> {
    let operands = operands(call);
    let [text, pattern] = strings("matches", &operands)?;
    fuel.pay(fuel::text(text.len()).saturating_mul(fuel::text(pattern.len())))?;
    let mut patterns = patterns.lock().unwrap_or_else(PoisonError::into_inner);
    let found = match patterns.get(pattern) {
        Some(compiled) => compiled.is_match(text),
        None => {
            fuel.pay(COMPILE_COST)?;
            let compiled = RegexBuilder::new(pattern)
                .size_limit(MAX_PATTERN)
                .dfa_size_limit(MAX_PATTERN)
                .build()
                .map_err(|error| ExecutionError::function_error("matches", error))?;
            let found = compiled.is_match(text);
            patterns.insert(pattern.to_owned(), compiled);
            found
        }
    };
    Ok(CowVal::owned(CelBool::from(found)))
}

fn split<'c, 'v>(fuel: &Fuel, call: &mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> {
    let operands = operands(call);
    let [text, separator] = strings("split", &operands)?;
    let mut pieces: Vec<Box<dyn Val + 'v>> = Vec::new();
    let mut push = |piece: &str| {
        fuel.pay(1)?;
        pieces.push(Box::new(CelString::from(piece.to_owned())));
        Ok::<_, ExecutionError>(())
    };
    if separator.is_empty() {
        let mut bytes = [0; 4];
        for character in text.chars() {
            push(character.encode_utf8(&mut bytes))?;
        }
    } else {
        text.split(separator).try_for_each(push)?;
    }
    Ok(CowVal::owned(CelList::from(pieces)))
}

fn join<'c, 'v>(fuel: &Fuel, call: &mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> {
    let operands = operands(call);
    let values: Vec<&dyn Val> = operands.iter().map(|value| value.as_ref() as _).collect();
    let refused = || refused("join", &values);
    let list = operands
        .first()
        .and_then(|value| value.downcast_ref::<CelList>())
        .ok_or_else(refused)?;
    let separator = match operands.get(1) {
        None => "",
        Some(value) => value
            .downcast_ref::<CelString>()
            .ok_or_else(refused)?
            .inner(),
    };
    fuel.pay(fuel::text(separator.len()).saturating_mul(list.inner().len() as u64))?;
    let mut joined = String::new();
    for (index, item) in list.inner().iter().enumerate() {
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(
            item.downcast_ref::<CelString>()
                .ok_or_else(refused)?
                .inner(),
        );
    }
    Ok(CowVal::owned(CelString::from(joined)))
}
