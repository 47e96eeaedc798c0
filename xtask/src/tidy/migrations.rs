//! Migrations are numbered without gaps, and both relational stores have the same ones.

use std::fs;

use super::pass;
use crate::workspace;

/// `0001_name.sql`, counting from one.
fn check(store: &str, names: &[String]) -> Vec<String> {
    let mut problems = Vec::new();
    if names.is_empty() {
        problems.push(format!("migrations/{store}: there is none"));
    }
    for (index, name) in names.iter().enumerate() {
        let expected = format!("{:04}_", index + 1);
        let title = name
            .strip_prefix(&expected)
            .and_then(|rest| rest.strip_suffix(".sql"));
        let written = title.is_some_and(|title| {
            !title.is_empty()
                && title
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        });
        if !written {
            problems.push(format!(
                "migrations/{store}/{name}: should be `{expected}lower_case.sql`"
            ));
        }
    }
    problems
}

/// The relational stores move in step.
fn same(sqlite: &[String], postgres: &[String]) -> Vec<String> {
    let only = |one: &[String], other: &[String], store: &str| -> Vec<String> {
        one.iter()
            .filter(|name| !other.contains(name))
            .map(|name| {
                format!("migrations/{store}/{name}: the other relational store has no such file")
            })
            .collect()
    };
    [
        only(sqlite, postgres, "sqlite"),
        only(postgres, sqlite, "postgres"),
    ]
    .concat()
}

fn names(store: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(workspace::root().join("migrations").join(store))
        .unwrap_or_else(|_| panic!("there is no folder migrations/{store}"))
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

#[test]
fn tidy_migrations_are_numbered_and_in_step() {
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    let mut problems = check("sqlite", &sqlite);
    problems.extend(check("postgres", &postgres));
    problems.extend(check("clickhouse", &names("clickhouse")));
    problems.extend(same(&sqlite, &postgres));
    pass(&problems);
}

#[test]
fn gaps_and_strays_are_refused() {
    let list = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let good = list(&["0001_users.sql", "0002_api_keys.sql"]);
    assert!(check("sqlite", &good).is_empty());
    assert_eq!(
        check("sqlite", &list(&["0001_users.sql", "0003_gap.sql"])).len(),
        1
    );
    assert_eq!(
        check("sqlite", &list(&["0001_users.sql", "0001_again.sql"])).len(),
        1
    );
    assert_eq!(check("sqlite", &list(&["0001_Users.sql"])).len(), 1);
    assert_eq!(check("sqlite", &list(&["0001_users.txt"])).len(), 1);
    assert_eq!(check("sqlite", &[]).len(), 1);
    assert_eq!(same(&good, &list(&["0001_users.sql"])).len(), 1);
    assert_eq!(same(&list(&["0001_users.sql"]), &good).len(), 1);
    assert!(same(&good, &good).is_empty());
}
