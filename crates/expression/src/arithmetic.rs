//! Operators on numbers, where JSON's whole numbers and fractions meet.

use cel::ExecutionError;
use cel::common::types::{CelDouble, CelInt, CelList, CelUInt};
use cel::common::value::{CowVal, Val};

/// A binary operator with a metered function of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Operator {
    pub(crate) const ALL: [Self; 5] = [
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::Modulo,
    ];

    /// The name of its metered function, which no client can write.
    pub(crate) const fn function(self) -> &'static str {
        match self {
            Self::Add => "@+",
            Self::Subtract => "@-",
            Self::Multiply => "@*",
            Self::Divide => "@/",
            Self::Modulo => "@%",
        }
    }
}

fn as_double(value: &dyn Val) -> Option<f64> {
    if let Some(number) = value.downcast_ref::<CelDouble>() {
        Some(*number.inner())
    } else {
        whole(value)
    }
}

fn whole(value: &dyn Val) -> Option<f64> {
    let int = value.downcast_ref::<CelInt>().map(|n| *n.inner() as f64);
    int.or_else(|| value.downcast_ref::<CelUInt>().map(|n| *n.inner() as f64))
}

/// Both as doubles, when exactly one of them is one.
fn mixed(left: &dyn Val, right: &dyn Val) -> Option<(f64, f64)> {
    if whole(left).is_some() == whole(right).is_some() {
        return None;
    }
    Some((as_double(left)?, as_double(right)?))
}

/// `left operator right`.
pub(crate) fn apply<'v>(
    operator: Operator,
    left: &(dyn Val + 'v),
    right: &(dyn Val + 'v),
) -> Result<Box<dyn Val + 'v>, ExecutionError> {
    let refused = || {
        ExecutionError::no_such_overload(
            operator.function(),
            vec![
                left.get_type().name().to_owned(),
                right.get_type().name().to_owned(),
            ],
        )
    };
    if operator != Operator::Modulo
        && let Some((a, b)) = mixed(left, right)
    {
        let result = match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide | Operator::Modulo => a / b,
        };
        return Ok(Box::new(CelDouble::from(result)));
    }
    // The interpreter would add the keys of a map to a list, in no order.
    let lists = |value: &(dyn Val + 'v)| value.downcast_ref::<CelList>().is_some();
    if lists(left) != lists(right) {
        return Err(refused());
    }
    let result: Result<CowVal<'_, 'v>, ExecutionError> = match operator {
        Operator::Add => left.as_adder().ok_or_else(refused)?.add(right),
        Operator::Subtract => left.as_subtractor().ok_or_else(refused)?.sub(right),
        Operator::Multiply => left.as_multiplier().ok_or_else(refused)?.mul(right),
        Operator::Divide => left.as_divider().ok_or_else(refused)?.div(right),
        Operator::Modulo => left.as_modder().ok_or_else(refused)?.modulo(right),
    };
    match result {
        Ok(value) => Ok(value.into_owned()),
        // Its error holds copies of both operands.
        Err(ExecutionError::UnsupportedBinaryOperator(..)) => Err(refused()),
        Err(other) => Err(other),
    }
}
