//! Conditions of a filter in the SQL of either store.
//!
//! A negative condition is the negation of its positive one, so that what is absent does not contain anything.

use super::columns::{self, Column, Kind, Sql};
use crate::problem::Problem;
use assay_model::{Condition, Operand, Operator};

/// A store's SQL, and the values that its text refers to.
pub(super) trait Dialect {
    /// Whether this is ClickHouse; else it is SQLite.
    const CLICKHOUSE: bool;
    /// The workspace, as a value.
    const WORKSPACE: &'static str;
    fn text(&mut self, value: &str) -> String;
    /// What stands behind `IN` for one of these texts.
    fn texts(&mut self, values: &[&str]) -> String;
    /// As [`Self::texts`], for one of these pairs.
    fn pairs(&mut self, values: &[(&str, &str)]) -> String;
    fn int(&mut self, value: i64) -> String;
    fn real(&mut self, value: f64) -> String;
    /// A time, from microseconds.
    fn time(&mut self, micros: i64) -> String;
}

/// An expression of this store, for a table's alias.
pub(super) fn expr<D: Dialect>(sql: Sql, alias: &str) -> String {
    let text = if D::CLICKHOUSE {
        sql.clickhouse
    } else {
        sql.sqlite
    };
    text.replace("{t}", alias)
}

/// The table of that name in ClickHouse, which has rewritten three of them.
pub(super) const fn in_clickhouse(name: &str) -> &str {
    match name.as_bytes() {
        b"traces" => "trace_rows",
        b"observations" => "observation_rows",
        b"scores" => "score_rows",
        _ => name,
    }
}

/// `name AS alias`, merged where the background has not merged yet.
pub(super) fn from<D: Dialect>(name: &str, alias: &str) -> String {
    if D::CLICKHOUSE {
        format!("{} AS {alias} FINAL", in_clickhouse(name))
    } else {
        format!("{name} AS {alias}")
    }
}

/// What a list is of: its columns, and the column that names the row's trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Traces,
    Observations,
    Scores,
}

impl Of {
    pub(super) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Traces => columns::TRACES,
            Self::Observations => columns::OBSERVATIONS,
            Self::Scores => columns::SCORES,
        }
    }
}

fn wrong(condition: &Condition, message: &str) -> Problem {
    Problem::field(
        "filter",
        format!("column `{}`: {message}", condition.column),
    )
}

/// What is unknown is not so: a condition on a missing value is false, and its negation true.
fn not(positive: &str) -> String {
    format!("NOT coalesce({positive}, 0)")
}

/// The condition on a row of `of` under `alias`.
pub(super) fn condition<D: Dialect>(
    d: &mut D,
    of: Of,
    alias: &str,
    c: &Condition,
) -> Result<String, Problem> {
    let column = columns::find(of.columns(), &c.column)
        .ok_or_else(|| wrong(c, "there is no such column in this list"))?;
    match column.kind {
        Kind::Text(sql) => text(d, &expr::<D>(sql, alias), c),
        Kind::Number(sql) => compare(d, &expr::<D>(sql, alias), c),
        Kind::Time(sql) => time(d, &expr::<D>(sql, alias), c),
        Kind::Bool(sql) => boolean(&expr::<D>(sql, alias), c),
        Kind::Tags => tags(d, alias, c),
        Kind::Json => json(d, of, alias, c),
        Kind::Content(side) => {
            let column = format!("{alias}.{side}");
            content(d, &column, &format!("{column}_hash"), alias, c)
        }
        Kind::TraceContent(side) => trace_content(d, side, alias, c),
        Kind::Search => search(d, of, alias, c),
        Kind::Sum(sql) => {
            let aggregate = expr::<D>(sql, "o");
            let compared = compare(d, &aggregate, c)?;
            Ok(grouped::<D>("observations", "o", "true", &compared, alias))
        }
        Kind::Observed(column) => {
            let (positive, negative) = positive(c);
            let inner = text(d, &format!("o.{column}"), &positive)?;
            let has = linked::<D>("observations", "o", &inner, alias);
            Ok(if negative { not(&has) } else { has })
        }
        Kind::ScoreMean => {
            let named = scored(d, c)?;
            let compared = compare(d, "avg(o.value)", c)?;
            Ok(grouped::<D>("scores", "o", &named, &compared, alias))
        }
        Kind::ScoreLabel => {
            let named = scored(d, c)?;
            let (positive, negative) = positive(c);
            let inner = text(d, "o.string_value", &positive)?;
            let has = linked::<D>("scores", "o", &format!("{named} AND {inner}"), alias);
            Ok(if negative { not(&has) } else { has })
        }
        Kind::OfTrace(name) => {
            let inner = Condition {
                column: name.to_owned(),
                ..c.clone()
            };
            let (positive, negative) = positive(&inner);
            let inner = condition(d, Of::Traces, "u", &positive)?;
            let traces = from::<D>("traces", "u");
            let has = if D::CLICKHOUSE {
                format!(
                    "{alias}.trace_id IN (SELECT u.id FROM {traces} WHERE u.workspace_id = {} AND {inner})",
                    D::WORKSPACE
                )
            } else {
                format!(
                    "EXISTS (SELECT 1 FROM {traces} WHERE u.workspace_id = {alias}.workspace_id \
                     AND u.id = {alias}.trace_id AND {inner})"
                )
            };
            Ok(if negative { not(&has) } else { has })
        }
        Kind::OfObservation(column) => {
            let (positive, negative) = positive(c);
            let inner = text(d, &format!("u.{column}"), &positive)?;
            let observations = from::<D>("observations", "u");
            let has = if D::CLICKHOUSE {
                format!(
                    "({alias}.trace_id, coalesce({alias}.observation_id, '')) IN (SELECT u.trace_id, u.id FROM {observations} \
                     WHERE u.workspace_id = {} AND {inner})",
                    D::WORKSPACE
                )
            } else {
                format!(
                    "EXISTS (SELECT 1 FROM {observations} WHERE u.workspace_id = {alias}.workspace_id \
                     AND u.trace_id = {alias}.trace_id AND u.id = {alias}.observation_id AND {inner})"
                )
            };
            Ok(if negative { not(&has) } else { has })
        }
    }
}

/// The same condition said positively, and whether it must be negated then.
fn positive(c: &Condition) -> (Condition, bool) {
    let operator = match c.operator {
        Operator::NotEqual => Operator::Equal,
        Operator::DoesNotContain => Operator::Contains,
        Operator::NoneOf => Operator::AnyOf,
        Operator::IsNull => Operator::IsNotNull,
        _ => return (c.clone(), false),
    };
    let positive = Condition {
        operator,
        ..c.clone()
    };
    (positive, true)
}

/// Whether a row of a table belongs to the trace, with a condition on it.
fn linked<D: Dialect>(table: &str, alias: &str, inner: &str, of: &str) -> String {
    let table = from::<D>(table, alias);
    if D::CLICKHOUSE {
        format!(
            "{of}.id IN (SELECT {alias}.trace_id FROM {table} WHERE {alias}.workspace_id = {} AND {inner})",
            D::WORKSPACE
        )
    } else {
        format!(
            "EXISTS (SELECT 1 FROM {table} WHERE {alias}.workspace_id = {of}.workspace_id AND {alias}.trace_id = {of}.id \
             AND {inner})"
        )
    }
}

/// Whether an aggregate over the rows of a table that belong to the trace is as wanted.
fn grouped<D: Dialect>(table: &str, alias: &str, only: &str, compared: &str, of: &str) -> String {
    let table = from::<D>(table, alias);
    if D::CLICKHOUSE {
        format!(
            "{of}.id IN (SELECT {alias}.trace_id FROM {table} WHERE {alias}.workspace_id = {} AND {only} \
             GROUP BY {alias}.trace_id HAVING {compared})",
            D::WORKSPACE
        )
    } else {
        format!(
            "EXISTS (SELECT 1 FROM {table} WHERE {alias}.workspace_id = {of}.workspace_id AND {alias}.trace_id = {of}.id \
             AND {only} GROUP BY {alias}.trace_id HAVING {compared})"
        )
    }
}

fn scored<D: Dialect>(d: &mut D, c: &Condition) -> Result<String, Problem> {
    let name = c
        .key
        .as_deref()
        .ok_or_else(|| wrong(c, "needs the name of a score as its key"))?;
    Ok(format!("o.name = {}", d.text(name)))
}

fn compare<D: Dialect>(d: &mut D, expression: &str, c: &Condition) -> Result<String, Problem> {
    if matches!(c.operator, Operator::IsNull | Operator::IsNotNull) {
        return null(expression, c);
    }
    if let (Operator::AnyOf, Operand::Numbers(all)) = (c.operator, &c.operand) {
        let all: Vec<String> = all.iter().map(|n| d.real(*n)).collect();
        return Ok(format!("{expression} IN ({})", all.join(", ")));
    }
    let Operand::Number(n) = c.operand else {
        return Err(wrong(c, "is a number"));
    };
    let operator = sign(c)?;
    Ok(format!("{expression} {operator} {}", d.real(n)))
}

fn sign(c: &Condition) -> Result<&'static str, Problem> {
    Ok(match c.operator {
        Operator::Equal => "=",
        Operator::NotEqual => "<>",
        Operator::Less => "<",
        Operator::AtMost => "<=",
        Operator::Greater => ">",
        Operator::AtLeast => ">=",
        _ => return Err(wrong(c, "is not compared so")),
    })
}

fn null(expression: &str, c: &Condition) -> Result<String, Problem> {
    match c.operator {
        Operator::IsNull => Ok(format!("({expression} IS NULL)")),
        Operator::IsNotNull => Ok(format!("({expression} IS NOT NULL)")),
        _ => Err(wrong(c, "is not compared so")),
    }
}

/// A text against a condition. `expression` may be null.
pub(super) fn text<D: Dialect>(
    d: &mut D,
    expression: &str,
    c: &Condition,
) -> Result<String, Problem> {
    let (c, negative) = positive(c);
    let e = expression;
    let yes = match (c.operator, &c.operand) {
        (Operator::IsNotNull, _) => format!("({e} IS NOT NULL)"),
        (Operator::Equal, Operand::Text(t)) => format!("{e} = {}", d.text(t)),
        (Operator::Contains, Operand::Text(t)) => {
            let t = d.text(t);
            contains::<D>(e, &t)
        }
        (Operator::StartsWith, Operand::Text(t)) => {
            let t = d.text(t);
            if D::CLICKHOUSE {
                format!("startsWith({e}, {t})")
            } else {
                format!("substr({e}, 1, length({t})) = {t}")
            }
        }
        (Operator::EndsWith, Operand::Text(t)) => {
            let empty = t.is_empty();
            let t = d.text(t);
            if D::CLICKHOUSE {
                format!("endsWith({e}, {t})")
            } else if empty {
                format!("({e} IS NOT NULL AND {t} = '')")
            } else {
                format!("substr({e}, -length({t})) = {t}")
            }
        }
        (Operator::AnyOf, Operand::Options(list)) => {
            let list: Vec<String> = list.iter().map(|t| d.text(t)).collect();
            format!("{e} IN ({})", list.join(", "))
        }
        _ => return Err(wrong(&c, "is a text, and not compared so")),
    };
    Ok(if negative { not(&yes) } else { yes })
}

/// In any case of ASCII letters, which is what both stores can do alike.
fn contains<D: Dialect>(expression: &str, value: &str) -> String {
    if D::CLICKHOUSE {
        format!("positionCaseInsensitive({expression}, {value}) > 0")
    } else {
        format!("instr(lower({expression}), lower({value})) > 0")
    }
}

fn time<D: Dialect>(d: &mut D, expression: &str, c: &Condition) -> Result<String, Problem> {
    if matches!(c.operator, Operator::IsNull | Operator::IsNotNull) {
        return null(expression, c);
    }
    let Operand::Time(t) = c.operand else {
        return Err(wrong(c, "is a time"));
    };
    let operator = sign(c)?;
    Ok(format!("{expression} {operator} {}", d.time(t.micros())))
}

fn boolean(expression: &str, c: &Condition) -> Result<String, Problem> {
    let yes = match (c.operator, &c.operand) {
        (Operator::Equal, Operand::Bool(b)) => *b,
        (Operator::NotEqual, Operand::Bool(b)) => !*b,
        _ => return Err(wrong(c, "is true or false")),
    };
    Ok(if yes {
        expression.to_owned()
    } else {
        not(expression)
    })
}

pub(super) fn tags<D: Dialect>(d: &mut D, alias: &str, c: &Condition) -> Result<String, Problem> {
    let one = |d: &mut D, tag: &str| {
        let tag = d.text(tag);
        if D::CLICKHOUSE {
            format!("has({alias}.tags, {tag})")
        } else {
            format!("EXISTS (SELECT 1 FROM json_each({alias}.tags) WHERE value = {tag})")
        }
    };
    let empty = if D::CLICKHOUSE {
        format!("empty({alias}.tags)")
    } else {
        format!("{alias}.tags = '[]'")
    };
    Ok(match (c.operator, &c.operand) {
        (Operator::IsNull, _) => empty,
        (Operator::IsNotNull, _) => not(&empty),
        (operator, Operand::Options(list)) => {
            let all: Vec<String> = list.iter().map(|tag| one(d, tag)).collect();
            match operator {
                Operator::AllOf => format!("({})", all.join(" AND ")),
                Operator::AnyOf => format!("({})", all.join(" OR ")),
                Operator::NoneOf => not(&format!("({})", all.join(" OR "))),
                _ => return Err(wrong(c, "is a list, and not compared so")),
            }
        }
        (Operator::Equal | Operator::Contains, Operand::Text(tag)) => one(d, tag),
        _ => return Err(wrong(c, "is a list, and not compared so")),
    })
}

/// The parts of a key: one, or a JSON pointer's.
fn path(key: &str) -> Vec<String> {
    match key.strip_prefix('/') {
        None => vec![key.to_owned()],
        Some(rest) => rest
            .split('/')
            .map(|part| part.replace("~1", "/").replace("~0", "~"))
            .collect(),
    }
}

fn json<D: Dialect>(d: &mut D, of: Of, alias: &str, c: &Condition) -> Result<String, Problem> {
    let Some(key) = c.key.as_deref() else {
        // Without a key the whole of it is searched.
        return match (c.operator, &c.operand) {
            (Operator::Contains | Operator::DoesNotContain, _)
            | (Operator::IsNull | Operator::IsNotNull, _)
                if of != Of::Traces || !D::CLICKHOUSE =>
            {
                text(d, &format!("{alias}.metadata"), c)
            }
            _ => Err(wrong(c, "needs a key")),
        };
    };
    let parts = path(key);
    if parts
        .iter()
        .any(|p| p.is_empty() || p.contains(['"', '\\']))
    {
        return Err(wrong(c, "has no such key"));
    }
    let (value, kind) = if D::CLICKHOUSE {
        let (json, rest) = if of == Of::Traces {
            // The latest word on the first key.
            let first = d.text(parts.first().map_or("", String::as_str));
            let json =
                format!("tupleElement(arrayLast(x -> x.2 = {first}, arraySort({alias}.words)), 3)");
            (json, parts.get(1..).unwrap_or_default())
        } else {
            (format!("coalesce({alias}.metadata, '')"), parts.as_slice())
        };
        let mut args = json;
        for part in rest {
            args.push_str(", ");
            args.push_str(&d.text(part));
        }
        let value = format!(
            "multiIf(JSONType({args}) = 'String', JSONExtractString({args}), JSONType({args}) = 'Null', NULL, JSONExtractRaw({args}))"
        );
        (
            value,
            format!("JSONType({args}) IN ('Int64', 'UInt64', 'Double')"),
        )
    } else {
        let quoted: Vec<String> = parts.iter().map(|p| format!(".\"{p}\"")).collect();
        let path = d.text(&format!("${}", quoted.concat()));
        let column = format!("{alias}.metadata");
        let value = format!(
            "CASE json_type({column}, {path}) WHEN 'text' THEN {column} ->> {path} WHEN 'null' THEN NULL \
             ELSE {column} -> {path} END"
        );
        (
            value,
            format!("json_type({column}, {path}) IN ('integer', 'real')"),
        )
    };
    match c.operand {
        Operand::Number(_) => {
            let cast = if D::CLICKHOUSE {
                format!("if({kind}, toFloat64OrNull({value}), NULL)")
            } else {
                format!("CASE WHEN {kind} THEN CAST({value} AS REAL) END")
            };
            compare(d, &cast, c)
        }
        Operand::Bool(b) => {
            let is = Condition {
                operand: Operand::Text(b.to_string()),
                ..c.clone()
            };
            text(d, &value, &is)
        }
        _ => text(d, &value, c),
    }
}

/// Content is JSON text: what is looked for within is written as it stands there.
fn as_content(c: &Condition) -> Condition {
    let quoted = |t: &str| serde_json::Value::from(t).to_string();
    let operand = match (&c.operator, &c.operand) {
        // The text itself, or the JSON of it.
        (Operator::Equal | Operator::NotEqual, Operand::Text(t)) => {
            Operand::Options(vec![quoted(t), t.clone()])
        }
        (_, Operand::Text(t)) => Operand::Text(quoted(t).trim_matches('"').to_owned()),
        (_, other) => other.clone(),
    };
    let operator = match (c.operator, &operand) {
        (Operator::Equal, Operand::Options(_)) => Operator::AnyOf,
        (Operator::NotEqual, Operand::Options(_)) => Operator::NoneOf,
        (operator, _) => operator,
    };
    Condition {
        operator,
        operand,
        ..c.clone()
    }
}

/// A condition on a content that is in its column, or in `payloads`.
fn content<D: Dialect>(
    d: &mut D,
    column: &str,
    hash: &str,
    alias: &str,
    c: &Condition,
) -> Result<String, Problem> {
    let (c, negative) = positive(&as_content(c));
    if !matches!(
        c.operator,
        Operator::Contains | Operator::AnyOf | Operator::IsNotNull
    ) {
        return Err(wrong(
            &c,
            "is searched by `contains`, or compared as a whole",
        ));
    }
    if c.operator == Operator::IsNotNull {
        let yes = format!("({column} IS NOT NULL OR {hash} IS NOT NULL)");
        return Ok(if negative { not(&yes) } else { yes });
    }
    let here = text(d, column, &c)?;
    let apart = text(d, "p.text", &c)?;
    let yes = if D::CLICKHOUSE {
        format!(
            "({here} OR ({hash} IN (SELECT p.hash FROM payloads AS p WHERE p.workspace_id = {} AND {apart})))",
            D::WORKSPACE
        )
    } else {
        format!(
            "({here} OR EXISTS (SELECT 1 FROM payloads AS p WHERE p.workspace_id = {alias}.workspace_id AND p.hash = {hash} \
             AND {apart}))"
        )
    };
    Ok(if negative { not(&yes) } else { yes })
}

/// What a trace itself says of its input or output; null where it leaves that to its root.
fn own_content<D: Dialect>(side: &str, alias: &str) -> String {
    if D::CLICKHOUSE {
        format!("if({alias}.{side}.1 = 0, NULL, {alias}.{side}.2)")
    } else {
        format!("{alias}.{side}")
    }
}

fn trace_content<D: Dialect>(
    d: &mut D,
    side: &str,
    alias: &str,
    c: &Condition,
) -> Result<String, Problem> {
    let (c, negative) = positive(c);
    let own = own_content::<D>(side, alias);
    let told = match c.operator {
        Operator::IsNotNull => text(d, &own, &c)?,
        _ => text(d, &own, &as_content(&c))?,
    };
    let column = format!("o.{side}");
    let of_root = content(d, &column, &format!("{column}_hash"), "o", &c)?;
    let observations = from::<D>("observations", "o");
    let of_root = if D::CLICKHOUSE {
        format!(
            "({alias}.id, {alias}.root.2) IN (SELECT o.trace_id, o.id FROM {observations} WHERE o.workspace_id = {} AND {of_root})",
            D::WORKSPACE
        )
    } else {
        format!(
            "EXISTS (SELECT 1 FROM {observations} WHERE o.workspace_id = {alias}.workspace_id AND o.trace_id = {alias}.id \
             AND o.id = {alias}.root_id AND {of_root})"
        )
    };
    // What the trace says of itself hides what its root says.
    let yes = format!("({told} OR ({own} IS NULL AND {of_root}))");
    Ok(if negative { not(&yes) } else { yes })
}

/// Words in the names and ids of a row, and in what went in and came out of it.
fn search<D: Dialect>(d: &mut D, of: Of, alias: &str, c: &Condition) -> Result<String, Problem> {
    let (c, negative) = positive(c);
    let Operand::Text(words) = &c.operand else {
        return Err(wrong(&c, "is a text"));
    };
    let plain = Condition {
        operator: Operator::Contains,
        operand: Operand::Text(words.clone()),
        ..c.clone()
    };
    let named = |d: &mut D, columns: &[&str], alias: &str| -> Result<Vec<String>, Problem> {
        columns
            .iter()
            .map(|name| {
                let c = Condition {
                    column: (*name).to_owned(),
                    ..plain.clone()
                };
                condition(d, of, alias, &c)
            })
            .collect()
    };
    let mut any = match of {
        Of::Traces => named(d, &["id", "name", "userId", "sessionId"], alias)?,
        Of::Observations => named(
            d,
            &["id", "name", "model", "statusMessage", "input", "output"],
            alias,
        )?,
        Of::Scores => named(d, &["name", "stringValue", "comment"], alias)?,
    };
    if of == Of::Traces {
        for side in ["input", "output"] {
            let own = own_content::<D>(side, alias);
            any.push(text(d, &own, &as_content(&plain))?);
        }
        let mut within = Vec::new();
        for name in ["name", "statusMessage", "input", "output"] {
            let c = Condition {
                column: name.to_owned(),
                ..plain.clone()
            };
            within.push(condition(d, Of::Observations, "o", &c)?);
        }
        let within = format!("({})", within.join(" OR "));
        any.push(linked::<D>("observations", "o", &within, alias));
    }
    let yes = format!("({})", any.join(" OR "));
    Ok(if negative { not(&yes) } else { yes })
}
