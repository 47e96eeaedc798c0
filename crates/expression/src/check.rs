//! What is wrong with an expression that a client wants to save.

use crate::expression::Expression;
use assay_model::Validator;

/// Adds what is wrong with the expression in `field` to `v`: its syntax, its functions, and variables that are not `known`.
/// Gives the expression back when it could be compiled.
pub fn check_expression(
    v: &mut Validator,
    field: &str,
    source: &str,
    known: &[&str],
) -> Option<Expression> {
    let expression = match Expression::compile(source) {
        Ok(expression) => expression,
        Err(why) => {
            v.error(field, why.to_string());
            return None;
        }
    };
    for name in expression.variables().filter(|name| !known.contains(name)) {
        v.error(
            field,
            format!(
                "there is no variable `{name}` here; there are {}",
                known.join(", ")
            ),
        );
    }
    Some(expression)
}
