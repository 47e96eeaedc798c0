//! The functions that expressions may call, and those that make them pay.

use crate::arithmetic::{self, Operator};
use crate::fuel::{self, Fuel};
use crate::text;
use cel::common::types::{
    CelBool, CelDouble, CelDuration, CelInt, CelList, CelMap, CelMapKey, CelUInt,
};
use cel::common::value::{CowVal, Val};
use cel::{Context, DeclarationError, ExecutionError, FunctionContext};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// Pays for a value with all that is in it, and hands it on. No client can write a name with `@`.
pub(crate) const DEEP: &str = "@deep";
/// Pays for a text by its length and for anything else as for one value.
pub(crate) const FLAT: &str = "@flat";
/// [`DEEP`], and refuses a fraction: the interpreter's own refusal copies the whole list.
pub(crate) const KEY: &str = "@key";
/// What a macro goes through: [`DEEP`], and the keys of a map in order.
pub(crate) const EACH: &str = "@each";
/// `in`, paid for by the length of the list. The interpreter calls its own `@in`.
pub(crate) const IN: &str = "@within";
/// Pays for one round of a macro, as much as its argument says.
pub(crate) const TICK: &str = "@tick";

type Answer<'c, 'v> = Result<CowVal<'c, 'v>, ExecutionError>;
/// What the interpreter calls.
type Function =
    Box<dyn for<'c, 'v> Fn(&mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> + Send + Sync>;

/// How the arguments of the global function are weighed, when there is one that takes so many.
pub(crate) fn global(name: &str, arguments: usize) -> Option<&'static str> {
    match (name, arguments) {
        (
            "size" | "string" | "int" | "uint" | "double" | "bool" | "bytes" | "type" | "dyn"
            | "duration" | "timestamp",
            1,
        )
        | ("matches", 2) => Some(FLAT),
        ("sum" | "min" | "max", 1) | ("round", 1 | 2) | ("merge", 2) => Some(DEEP),
        _ => None,
    }
}

/// How target and arguments of the member function are weighed.
pub(crate) fn member(name: &str, arguments: usize) -> Option<&'static str> {
    match (name, arguments) {
        ("size", 0)
        | ("contains" | "startsWith" | "endsWith" | "matches" | "split", 1)
        | ("lowerAscii" | "upperAscii" | "trim", 0)
        | (
            "getFullYear" | "getMonth" | "getDate" | "getDayOfMonth" | "getDayOfWeek"
            | "getDayOfYear" | "getHours" | "getMinutes" | "getSeconds" | "getMilliseconds",
            0 | 1,
        ) => Some(FLAT),
        ("join", 0 | 1) => Some(DEEP),
        _ => None,
    }
}

/// Adds all of them to a context that pays out of `fuel`.
///
/// # Errors
/// When the interpreter comes to have a function of such a name itself.
pub(crate) fn install(
    context: &mut Context<'static, 'static>,
    fuel: &Arc<Fuel>,
) -> Result<(), DeclarationError> {
    let mut add = |name: &str, function: Function| context.add_function(name, function);
    for (name, weigh) in [
        (DEEP, fuel::deep as fn(&dyn Val) -> u64),
        (FLAT, fuel::flat),
    ] {
        let fuel = Arc::clone(fuel);
        add(
            name,
            Box::new(move |call| {
                let value = argument(call)?;
                fuel.pay(weigh(value.as_ref()))?;
                Ok(value)
            }),
        )?;
    }
    let paying = Arc::clone(fuel);
    add(KEY, Box::new(move |call| key(&paying, argument(call)?)))?;
    let paying = Arc::clone(fuel);
    add(EACH, Box::new(move |call| each(&paying, argument(call)?)))?;
    let paying = Arc::clone(fuel);
    add(IN, Box::new(move |call| contains(&paying, call)))?;
    let paying = Arc::clone(fuel);
    add(
        TICK,
        Box::new(move |call| {
            let cost = argument(call)?;
            let cost = cost.downcast_ref::<CelUInt>().map_or(1, |n| *n.inner());
            paying.pay(cost)?;
            Ok(CowVal::Borrowed(&CelBool::TRUE))
        }),
    )?;
    for operator in Operator::ALL {
        let fuel = Arc::clone(fuel);
        add(
            operator.function(),
            Box::new(move |call| {
                let (left, right) = two(call)?;
                fuel.pay(fuel::deep(left.as_ref()) + fuel::deep(right.as_ref()))?;
                arithmetic::apply(operator, left.as_ref(), right.as_ref()).map(CowVal::Owned)
            }),
        )?;
    }
    add("sum", Box::new(|call| sum(&argument(call)?)))?;
    add(
        "min",
        Box::new(|call| extreme(&argument(call)?, Ordering::Less)),
    )?;
    add(
        "max",
        Box::new(|call| extreme(&argument(call)?, Ordering::Greater)),
    )?;
    add("round", Box::new(round))?;
    add("merge", Box::new(merge))?;
    for (name, function) in text::functions(fuel) {
        add(name, function)?;
    }
    Ok(())
}

/// Target, if any, and arguments.
pub(crate) fn operands<'c, 'v>(call: &mut FunctionContext<'c, 'v>) -> Vec<CowVal<'c, 'v>> {
    let this = call.this.take();
    this.into_iter()
        .chain(std::mem::take(&mut call.args))
        .collect()
}

fn argument<'c, 'v>(call: &mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> {
    operands(call)
        .into_iter()
        .next()
        .ok_or_else(ExecutionError::missing_argument_or_target)
}

fn two<'c, 'v>(
    call: &mut FunctionContext<'c, 'v>,
) -> Result<(CowVal<'c, 'v>, CowVal<'c, 'v>), ExecutionError> {
    let mut operands = operands(call).into_iter();
    match (operands.next(), operands.next()) {
        (Some(first), Some(second)) => Ok((first, second)),
        _ => Err(ExecutionError::missing_argument_or_target()),
    }
}

/// That a function does not go with what it was given.
pub(crate) fn refused(function: &str, values: &[&dyn Val]) -> ExecutionError {
    let types = values
        .iter()
        .map(|value| value.get_type().name().to_owned())
        .collect();
    ExecutionError::no_such_overload(function, types)
}

fn key<'c, 'v>(fuel: &Fuel, key: CowVal<'c, 'v>) -> Answer<'c, 'v> {
    fuel.pay(fuel::deep(key.as_ref()))?;
    match key.downcast_ref::<CelDouble>() {
        Some(number) if number.inner().fract() != 0.0 => Err(ExecutionError::no_such_overload(
            "_[_]",
            vec!["double".to_owned()],
        )),
        _ => Ok(key),
    }
}

fn each<'c, 'v>(fuel: &Fuel, range: CowVal<'c, 'v>) -> Answer<'c, 'v> {
    fuel.pay(fuel::deep(range.as_ref()))?;
    let Some(map) = range.downcast_ref::<CelMap>() else {
        return Ok(range);
    };
    let mut keys: Vec<&CelMapKey<'v>> = map.inner().keys().collect();
    keys.sort();
    let keys: Vec<Box<dyn Val + 'v>> = keys
        .into_iter()
        .map(|key| key.inner().clone_as_boxed())
        .collect();
    Ok(CowVal::owned(CelList::from(keys)))
}

fn contains<'c, 'v>(fuel: &Fuel, call: &mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> {
    let (value, container) = two(call)?;
    let rounds = container
        .downcast_ref::<CelList>()
        .map_or(1, |list| 1 + list.inner().len() as u64);
    fuel.pay(rounds.saturating_mul(fuel::deep(value.as_ref())))?;
    let refused = || refused("in", &[value.as_ref(), container.as_ref()]);
    let found = container
        .as_container()
        .ok_or_else(refused)?
        .contains(value.as_ref())
        .map_err(|_| refused())?;
    Ok(CowVal::owned(CelBool::from(found)))
}

fn sum<'c, 'v>(list: &CowVal<'c, 'v>) -> Answer<'c, 'v> {
    let refused = || refused("sum", &[list.as_ref()]);
    let items = list.downcast_ref::<CelList>().ok_or_else(refused)?;
    let mut total: Option<Box<dyn Val + 'v>> = None;
    for item in items.inner() {
        let countable = item.downcast_ref::<CelInt>().is_some()
            || item.downcast_ref::<CelUInt>().is_some()
            || item.downcast_ref::<CelDouble>().is_some()
            || item.downcast_ref::<CelDuration>().is_some();
        if !countable {
            return Err(crate::functions::refused("sum", &[item.as_ref()]));
        }
        total = Some(match total {
            None => item.clone_as_boxed(),
            Some(total) => arithmetic::apply(Operator::Add, total.as_ref(), item.as_ref())?,
        });
    }
    Ok(CowVal::Owned(
        total.unwrap_or_else(|| Box::new(CelInt::from(0))),
    ))
}

fn extreme<'c, 'v>(list: &CowVal<'c, 'v>, wanted: Ordering) -> Answer<'c, 'v> {
    let name = if wanted == Ordering::Less {
        "min"
    } else {
        "max"
    };
    let refused = || refused(name, &[list.as_ref()]);
    let items = list.downcast_ref::<CelList>().ok_or_else(refused)?.inner();
    let mut items = items.iter();
    let mut best = items
        .next()
        .ok_or_else(|| ExecutionError::function_error(name, "the list is empty"))?;
    for item in items {
        let refused = || crate::functions::refused(name, &[item.as_ref(), best.as_ref()]);
        let ordering = item
            .as_comparer()
            .ok_or_else(refused)?
            .compare(best.as_ref())
            .map_err(|_| refused())?;
        if ordering == wanted {
            best = item;
        }
    }
    Ok(CowVal::Owned(best.clone_as_boxed()))
}

/// The most decimal places that `round` takes: a double has no more.
const MAX_PLACES: i64 = 15;

fn round<'c, 'v>(call: &mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> {
    let mut operands = operands(call).into_iter();
    let number = operands
        .next()
        .ok_or_else(ExecutionError::missing_argument_or_target)?;
    let places = match operands.next() {
        None => 0,
        Some(places) => *places
            .downcast_ref::<CelInt>()
            .ok_or_else(|| refused("round", &[number.as_ref(), places.as_ref()]))?
            .inner(),
    };
    if !(0..=MAX_PLACES).contains(&places) {
        return Err(ExecutionError::function_error(
            "round",
            "the number of places must be between 0 and 15",
        ));
    }
    if number.downcast_ref::<CelInt>().is_some() || number.downcast_ref::<CelUInt>().is_some() {
        return Ok(number);
    }
    let value = *number
        .downcast_ref::<CelDouble>()
        .ok_or_else(|| refused("round", &[number.as_ref()]))?
        .inner();
    let scale = 10_f64.powi(i32::try_from(places).unwrap_or_default());
    let rounded = (value * scale).round() / scale;
    // A number so large has no decimal places.
    Ok(CowVal::owned(CelDouble::from(if rounded.is_finite() {
        rounded
    } else {
        value
    })))
}

/// The second map over the first.
fn merge<'c, 'v>(call: &mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> {
    let (below, above) = two(call)?;
    let refused = || refused("merge", &[below.as_ref(), above.as_ref()]);
    let mut merged: HashMap<CelMapKey<'v>, Box<dyn Val + 'v>> = HashMap::new();
    for map in [&below, &above] {
        let map = map.downcast_ref::<CelMap>().ok_or_else(refused)?;
        for (key, value) in map.inner() {
            merged.insert(key.clone(), value.clone_as_boxed());
        }
    }
    Ok(CowVal::owned(CelMap::from(merged)))
}
