//! What the lists of people and their keys are filtered by: a role, and words in their names.

use assay_access::RoleName;
use assay_edge::db::{ScopedDb, Value};
use assay_edge::{Ctx, Problem};

/// Conditions for the end of a `WHERE`, with their parameters.
pub(crate) struct Conditions {
    pub(crate) sql: String,
    pub(crate) params: Vec<Value>,
}

/// `role` and `q` of a request. The parameters are numbered from `first` on; `q` is looked for in all of `columns`, without
/// regard to case.
///
/// # Errors
/// A validation problem that names the parameter.
pub(crate) fn conditions(
    ctx: &Ctx,
    db: &ScopedDb,
    first: usize,
    role: &str,
    columns: &[&str],
) -> Result<Conditions, Problem> {
    let (mut sql, mut params) = (String::new(), Vec::new());
    if let Some(text) = ctx.query("role") {
        let name: RoleName = text
            .parse()
            .map_err(|_| Problem::field("role", "is not a role"))?;
        sql.push_str(&format!(" AND {role} = ${first}"));
        params.push(name.to_string().into());
    }
    if let Some(q) = ctx.query("q") {
        if q.is_empty() || q.chars().count() > 200 || q.chars().any(char::is_control) {
            let message = "must have 1 to 200 characters, none of them control characters";
            return Err(Problem::field("q", message));
        }
        let find = db.pick("instr", "strpos");
        let at = first + params.len();
        let any: Vec<String> = columns
            .iter()
            .map(|column| format!("{find}(lower({column}), lower(${at})) > 0"))
            .collect();
        sql.push_str(&format!(" AND ({})", any.join(" OR ")));
        params.push(q.into());
    }
    Ok(Conditions { sql, params })
}
