//! The access matrix: every public operation by every role, as a table for people and for tests.

use crate::operation::Access;
use crate::operations;
use assay_access::Role;
use std::fmt::Write as _;

const HEAD: &str = "\
# Access matrix

Which role may use which route. Made by `cargo xtask access` from the contract that each route table is compared with; a
test walks all of it with a key of each role. `anyone` needs no credential; `a person` is whoever signed in, and no API key.
A custom role or a scoped key may what it lists in place of these five columns. Everything else is denied.

";

/// The document as it is checked in.
#[must_use]
pub fn access_matrix() -> String {
    let mut text = HEAD.to_owned();
    let roles: Vec<&str> = Role::ALL.into_iter().map(Role::as_str).collect();
    let _ = writeln!(text, "| method | path | needs | {} |", roles.join(" | "));
    let _ = writeln!(text, "|---|---|---|{}", "---|".repeat(roles.len()));
    let mut rows: Vec<(String, String)> = Vec::new();
    for op in operations::all() {
        let (needs, marks) = match op.access {
            Access::Public => ("anyone".to_owned(), vec!["yes"; roles.len()]),
            Access::Person => ("a person".to_owned(), vec!["yes"; roles.len()]),
            Access::Needs(permission) => {
                let name = serde_json::to_value(permission).unwrap_or_default();
                let marks = Role::ALL.into_iter();
                let marks = marks.map(|r| if r.grants(permission) { "yes" } else { "no" });
                let name = name.as_str().unwrap_or_default();
                (format!("`{name}`"), marks.collect())
            }
        };
        let row = format!(
            "| {} | `{}` | {needs} | {} |",
            op.method,
            op.path,
            marks.join(" | ")
        );
        rows.push((format!("{} {}", op.path, op.method), row));
    }
    rows.sort();
    for (_, row) in rows {
        let _ = writeln!(text, "{row}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::access_matrix;

    const FILE: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/access-matrix.md"
    ));

    #[test]
    fn the_checked_in_matrix_is_this_one() {
        assert!(
            FILE == access_matrix(),
            "docs/access-matrix.md is old: run `cargo xtask access --write`, and look at what it changes"
        );
    }

    #[test]
    fn viewers_write_nothing() {
        for row in access_matrix().lines().filter(|l| l.starts_with("| ")) {
            let write = ["POST", "PUT", "PATCH", "DELETE"].iter();
            let write = write
                .into_iter()
                .any(|m| row.starts_with(&format!("| {m} ")));
            let open = row.contains("| anyone |") || row.contains("| a person |");
            // A question that is too long for a query string.
            let asks = row.starts_with("| POST | `/api/v1/analytics` |")
                || row.contains("/dry-run` | `resources_read` |")
                || row.contains("/gate` | `campaigns_read` |");
            assert!(!write || open || asks || row.ends_with("| no |"), "{row}");
        }
    }
}
