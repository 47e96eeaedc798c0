//! What is done to a syntax tree before it runs: names are collected, functions are checked, costs are written in.
//!
//! The interpreter knows no limits of its own. It does call functions, though, and functions may fail: wherever it would
//! copy or walk a value, the value goes through a function that pays for it first, and each round of a macro asks for leave.
//! The shapes by which the interpreter recognises its macros stay as they are.

use crate::arithmetic::Operator;
use crate::error::CompileError;
use crate::functions::{self, DEEP, EACH, IN, KEY, TICK};
use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, ListExpr, LiteralValue, SelectExpr,
    operators as op,
};
use std::collections::BTreeSet;

/// Names that stand for types, or for the package of one.
const TYPES: [&str; 11] = [
    "bool",
    "bytes",
    "double",
    "dyn",
    "google",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
];

/// A tree that pays, and the variables that it speaks of.
pub(crate) struct Lowered {
    pub(crate) tree: IdedExpr,
    pub(crate) variables: BTreeSet<String>,
}

/// # Errors
/// [`CompileError::UnknownFunction`] and [`CompileError::Unsupported`].
pub(crate) fn lower(tree: IdedExpr) -> Result<Lowered, CompileError> {
    let mut lowering = Lowering::default();
    let tree = lowering.expression(tree)?;
    Ok(Lowered {
        tree,
        variables: lowering.free,
    })
}

#[derive(Default)]
struct Lowering {
    /// Variables of the macros around, innermost last.
    bound: Vec<String>,
    free: BTreeSet<String>,
}

/// A node that the parser did not make.
fn node(expr: Expr) -> IdedExpr {
    IdedExpr { id: 0, expr }
}

fn call(name: &str, args: Vec<IdedExpr>) -> IdedExpr {
    node(Expr::Call(CallExpr {
        func_name: name.to_owned(),
        target: None,
        args,
    }))
}

fn boolean(value: bool) -> IdedExpr {
    node(Expr::Literal(LiteralValue::Boolean(value.into())))
}

/// The value, paid for by `function`. Literals are as long as their text, which is bounded.
fn paid(function: &str, value: IdedExpr) -> IdedExpr {
    match value.expr {
        Expr::Literal(_) => value,
        _ => call(function, vec![value]),
    }
}

/// The key of an index. A fraction must not reach the interpreter, even a literal one.
fn key(value: IdedExpr) -> IdedExpr {
    match value.expr {
        Expr::Literal(LiteralValue::Double(_)) => call(KEY, vec![value]),
        _ => paid(KEY, value),
    }
}

/// `condition`, asked only after the round is paid for. A conditional hands on the error; `&&` would lose it.
fn ticking(cost: u64, condition: IdedExpr) -> IdedExpr {
    let cost = node(Expr::Literal(LiteralValue::UInt(cost.into())));
    call(
        op::CONDITIONAL,
        vec![call(TICK, vec![cost]), condition, boolean(false)],
    )
}

/// How many nodes of a round cost as much as a value.
const NODES_A_UNIT: u64 = 8;

/// What a round costs by its length: logical operators and fields pay for nothing else.
fn round(step: &IdedExpr) -> u64 {
    1 + nodes(step) / NODES_A_UNIT
}

fn nodes(expression: &IdedExpr) -> u64 {
    let all = |list: &[IdedExpr]| list.iter().map(nodes).sum::<u64>();
    1 + match &expression.expr {
        Expr::Call(call) => call.target.as_deref().map_or(0, nodes) + all(&call.args),
        Expr::Select(select) => nodes(&select.operand),
        Expr::List(list) => all(&list.elements),
        Expr::Map(map) => map
            .entries
            .iter()
            .map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => nodes(&entry.key) + nodes(&entry.value),
                EntryExpr::StructField(field) => nodes(&field.value),
            })
            .sum(),
        // Its own rounds pay for themselves.
        Expr::Comprehension(inner) => nodes(&inner.iter_range),
        _ => 0,
    }
}

fn arithmetic(name: &str) -> Option<Operator> {
    Some(match name {
        op::ADD => Operator::Add,
        op::SUBSTRACT => Operator::Subtract,
        op::MULTIPLY => Operator::Multiply,
        op::DIVIDE => Operator::Divide,
        op::MODULO => Operator::Modulo,
        _ => return None,
    })
}

impl Lowering {
    fn expression(&mut self, IdedExpr { id, expr }: IdedExpr) -> Result<IdedExpr, CompileError> {
        let expr = match expr {
            Expr::Literal(_) => expr,
            Expr::Ident(ref name) => {
                self.name(name);
                expr
            }
            Expr::Select(select) => Expr::Select(SelectExpr {
                operand: Box::new(self.expression(*select.operand)?),
                ..select
            }),
            Expr::Call(call) => return self.call(id, call),
            Expr::List(list) => Expr::List(ListExpr::new(
                list.elements
                    .into_iter()
                    .map(|item| Ok(paid(DEEP, self.expression(item)?)))
                    .collect::<Result<_, _>>()?,
            )),
            Expr::Map(mut map) => {
                for entry in &mut map.entries {
                    let EntryExpr::MapEntry(entry) = &mut entry.expr else {
                        return Err(CompileError::Unsupported("messages"));
                    };
                    let key = std::mem::take(&mut entry.key);
                    entry.key = paid(KEY, self.expression(key)?);
                    let value = std::mem::take(&mut entry.value);
                    entry.value = paid(DEEP, self.expression(value)?);
                }
                Expr::Map(map)
            }
            Expr::Comprehension(comprehension) => {
                Expr::Comprehension(Box::new(self.comprehension(*comprehension)?))
            }
            Expr::Struct(_) => return Err(CompileError::Unsupported("messages")),
            Expr::Unspecified => return Err(CompileError::Unsupported("incomplete expressions")),
        };
        Ok(IdedExpr { id, expr })
    }

    /// Notes a variable, unless a macro has bound it or it is a type. A leading dot looks outside of the macros.
    fn name(&mut self, written: &str) {
        let name = written.trim_start_matches('.');
        let bound = name == written && self.bound.iter().any(|bound| bound == name);
        if !bound && !written.starts_with('@') && !TYPES.contains(&name) {
            self.free.insert(name.to_owned());
        }
    }

    fn all(&mut self, args: Vec<IdedExpr>) -> Result<Vec<IdedExpr>, CompileError> {
        args.into_iter().map(|arg| self.expression(arg)).collect()
    }

    fn call(&mut self, id: u64, expr: CallExpr) -> Result<IdedExpr, CompileError> {
        let CallExpr {
            func_name,
            target,
            args,
        } = expr;
        let name = func_name.trim_start_matches('.').to_owned();
        let Some(target) = target else {
            return self.global(id, &name, args);
        };
        // The target first: names are collected in the order of the text.
        let target = self.expression(*target)?;
        let args = self.all(args)?;
        let weigher = functions::member(&name, args.len())
            .ok_or_else(|| CompileError::UnknownFunction(name.clone()))?;
        let args = args.into_iter().map(|arg| paid(weigher, arg)).collect();
        Ok(IdedExpr {
            id,
            expr: Expr::Call(CallExpr {
                func_name: name,
                target: Some(Box::new(paid(weigher, target))),
                args,
            }),
        })
    }

    fn global(
        &mut self,
        id: u64,
        name: &str,
        args: Vec<IdedExpr>,
    ) -> Result<IdedExpr, CompileError> {
        let args = self.all(args)?;
        let with = |name: &str, args: Vec<IdedExpr>| {
            let mut made = call(name, args);
            made.id = id;
            Ok(made)
        };
        if let Some(operator) = arithmetic(name) {
            return with(operator.function(), args);
        }
        match name {
            op::CONDITIONAL
            | op::LOGICAL_AND
            | op::LOGICAL_OR
            | op::LOGICAL_NOT
            | op::NOT_STRICTLY_FALSE => with(name, args),
            op::EQUALS
            | op::NOT_EQUALS
            | op::LESS
            | op::LESS_EQUALS
            | op::GREATER
            | op::GREATER_EQUALS
            | op::NEGATE => with(name, args.into_iter().map(|arg| paid(DEEP, arg)).collect()),
            op::IN => with(IN, args),
            op::INDEX => {
                let mut args = args.into_iter();
                let container = args.next();
                let key = args.next().map(key);
                with(name, container.into_iter().chain(key).collect())
            }
            op::OPT_INDEX | op::OPT_SELECT => Err(CompileError::Unsupported("optional values")),
            _ => {
                let weigher = functions::global(name, args.len())
                    .ok_or_else(|| CompileError::UnknownFunction(name.to_owned()))?;
                with(
                    name,
                    args.into_iter().map(|arg| paid(weigher, arg)).collect(),
                )
            }
        }
    }

    fn comprehension(&mut self, c: ComprehensionExpr) -> Result<ComprehensionExpr, CompileError> {
        if c.iter_var2.is_some() {
            return Err(CompileError::Unsupported("macros with two variables"));
        }
        let iter_range = call(EACH, vec![self.expression(c.iter_range)?]);
        let accu_init = self.expression(c.accu_init)?;
        let cost = round(&c.loop_step);
        self.bound.push(c.iter_var.clone());
        let (loop_cond, loop_step) = match collecting(c.loop_step, &c.accu_var) {
            // `map` and `filter` are recognised by a condition that is literally true, so the round is paid for in the step.
            Ok((guard, item)) => {
                let guard = match guard {
                    Some(guard) => self.expression(guard)?,
                    None => boolean(true),
                };
                let item = paid(DEEP, self.expression(item)?);
                let accu = || node(Expr::Ident(c.accu_var.clone()));
                let list = node(Expr::List(ListExpr::new(vec![item])));
                let step = call(op::ADD, vec![accu(), list]);
                (
                    c.loop_cond,
                    call(op::CONDITIONAL, vec![ticking(cost, guard), step, accu()]),
                )
            }
            Err(step) => (
                ticking(cost, self.expression(c.loop_cond)?),
                self.expression(step)?,
            ),
        };
        self.bound.pop();
        Ok(ComprehensionExpr {
            iter_range,
            iter_var: c.iter_var,
            iter_var2: None,
            accu_var: c.accu_var,
            accu_init,
            loop_cond,
            loop_step,
            result: self.expression(c.result)?,
        })
    }
}

/// The guard and the item of `@result + [item]` or `guard ? @result + [item] : @result`; anything else comes back as it is.
fn collecting(step: IdedExpr, accu: &str) -> Result<(Option<IdedExpr>, IdedExpr), IdedExpr> {
    let is_accu = |e: &IdedExpr| matches!(&e.expr, Expr::Ident(name) if name == accu);
    let appends = |e: &IdedExpr| match &e.expr {
        Expr::Call(call) if call.func_name == op::ADD => matches!(
            call.args.as_slice(),
            [left, right] if is_accu(left)
                && matches!(&right.expr, Expr::List(list) if list.elements.len() == 1)
        ),
        _ => false,
    };
    let item = |e: IdedExpr| match e.expr {
        Expr::Call(call) => call
            .args
            .into_iter()
            .nth(1)
            .and_then(|list| match list.expr {
                Expr::List(list) => list.elements.into_iter().next(),
                _ => None,
            }),
        _ => None,
    };
    if appends(&step) {
        return item(step).map_or_else(|| Err(IdedExpr::default()), |item| Ok((None, item)));
    }
    let guarded = match &step.expr {
        Expr::Call(call) if call.func_name == op::CONDITIONAL => matches!(
            call.args.as_slice(),
            [_, then, otherwise] if appends(then) && is_accu(otherwise)
        ),
        _ => false,
    };
    if !guarded {
        return Err(step);
    }
    let Expr::Call(call) = step.expr else {
        return Err(IdedExpr::default());
    };
    let mut args = call.args.into_iter();
    match (args.next(), args.next().and_then(item)) {
        (Some(guard), Some(item)) => Ok((Some(guard), item)),
        _ => Err(IdedExpr::default()),
    }
}
