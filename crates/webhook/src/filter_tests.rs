//! What filters let through.

use super::*;
use crate::event::Provider;
use serde_json::{Value, json};

fn filter(value: Value) -> Filter {
    let filter: Filter = serde_json::from_value(value).unwrap();
    assert_eq!(filter.validate(), Ok(()));
    filter
}

fn push(branch: &str, files: Option<&[&str]>) -> Event {
    let mut event = Event::new(Provider::Github, EventKind::Push);
    event.branch = Some(branch.to_owned());
    event.changed_files = files.map(|files| files.iter().map(|f| (*f).to_owned()).collect());
    event
}

fn pull(action: Action, draft: bool) -> Event {
    let mut event = Event::new(Provider::Gitlab, EventKind::PullRequest);
    event.action = Some(action);
    event.draft = draft;
    event.branch = Some("feature/x".to_owned());
    event.base_branch = Some("main".to_owned());
    event
}

#[test]
fn without_conditions_everything_with_a_commit_passes() {
    let all = Filter::default();
    assert_eq!(matches(&all, &push("main", None)), Ok(()));
    assert_eq!(matches(&all, &pull(Action::Opened, false)), Ok(()));
    let mut gone = push("main", None);
    gone.deleted = true;
    assert_eq!(matches(&all, &gone), Err(Ignored::Deleted));
}

#[test]
fn kinds_and_actions() {
    let pushes = filter(json!({"events": ["push"]}));
    assert_eq!(matches(&pushes, &push("main", None)), Ok(()));
    assert_eq!(
        matches(&pushes, &pull(Action::Opened, false)),
        Err(Ignored::Kind)
    );
    let usual = Filter::default();
    for (action, passes) in [
        (Action::Opened, true),
        (Action::Updated, true),
        (Action::Reopened, true),
        (Action::Ready, true),
        (Action::Closed, false),
        (Action::Merged, false),
    ] {
        assert_eq!(
            matches(&usual, &pull(action, false)).is_ok(),
            passes,
            "{action:?}"
        );
    }
    let merged = filter(json!({"actions": ["merged"]}));
    assert_eq!(matches(&merged, &pull(Action::Merged, false)), Ok(()));
    assert_eq!(
        matches(&merged, &pull(Action::Opened, false)),
        Err(Ignored::UnwantedAction)
    );
    assert_eq!(
        matches(&merged, &push("main", None)),
        Ok(()),
        "a push has no action"
    );
}

#[test]
fn drafts_wait() {
    assert_eq!(
        matches(&Filter::default(), &pull(Action::Opened, true)),
        Err(Ignored::Draft)
    );
    assert_eq!(
        matches(
            &filter(json!({"drafts": true})),
            &pull(Action::Opened, true)
        ),
        Ok(())
    );
}

#[test]
fn branches_are_globs() {
    for (patterns, branch, passes) in [
        (json!(["main"]), "main", true),
        (json!(["main"]), "maintenance", false),
        (json!(["release/*"]), "release/1.2", true),
        (json!(["release/*"]), "release/1.2/hotfix", false),
        (json!(["release/**"]), "release/1.2/hotfix", true),
        (json!(["**", "!wip/**"]), "wip/a", false),
        (json!(["!wip/**"]), "main", true),
        (json!(["!wip/**"]), "wip/a", false),
        (json!(["{main,develop}"]), "develop", true),
        (json!(["v[0-9]*"]), "v2", true),
        (json!(["feature/?"]), "feature/a", true),
        (json!(["feature/*"]), "feature/ä", true),
    ] {
        let found = matches(
            &filter(json!({ "branches": patterns })),
            &push(branch, None),
        );
        assert_eq!(found.is_ok(), passes, "{patterns} {branch}");
    }
    let to_main = filter(json!({"branches": ["main"]}));
    assert_eq!(
        matches(&to_main, &pull(Action::Opened, false)),
        Ok(()),
        "it goes to main"
    );
    assert_eq!(
        matches(
            &filter(json!({"branches": ["feature/*"]})),
            &pull(Action::Opened, false)
        ),
        Err(Ignored::Branch {
            name: "main".into()
        })
    );
}

#[test]
fn tags_are_apart_from_branches() {
    let mut event = Event::new(Provider::Github, EventKind::Tag);
    event.tag = Some("v1.0".to_owned());
    assert_eq!(
        matches(&filter(json!({"branches": ["main"]})), &event),
        Ok(())
    );
    assert_eq!(matches(&filter(json!({"tags": ["v*"]})), &event), Ok(()));
    assert_eq!(
        matches(&filter(json!({"tags": ["w*"]})), &event),
        Err(Ignored::Tag {
            name: "v1.0".into()
        })
    );
}

#[test]
fn one_wanted_file_is_enough() {
    let prompts = filter(json!({"paths": ["prompts/**", "*.md", "!prompts/old/**"]}));
    for (files, passes) in [
        (&["prompts/a/b.txt"][..], true),
        (&["src/a.rs", "README.md"], true),
        (&["src/a.rs", "docs/a.md"], false),
        (&["prompts/old/a.txt"], false),
        (&[], false),
    ] {
        assert_eq!(
            matches(&prompts, &push("main", Some(files))).is_ok(),
            passes,
            "{files:?}"
        );
    }
    assert_eq!(
        matches(&prompts, &push("main", Some(&["a", "b"]))),
        Err(Ignored::Paths { count: 2 })
    );
    assert_eq!(
        matches(&prompts, &push("main", None)),
        Ok(()),
        "it does not tell"
    );
}

#[test]
fn validation_names_the_patterns() {
    let filter: Filter = serde_json::from_value(json!({
        "branches": ["a[", "", "!", "{a"], "tags": vec!["x"; 51], "paths": ["ok", "x".repeat(201)],
    }))
    .unwrap();
    let fields: Vec<String> = filter
        .validate()
        .unwrap_err()
        .into_iter()
        .map(|e| e.field)
        .collect();
    for field in [
        "/branches/0",
        "/branches/1",
        "/branches/2",
        "/branches/3",
        "/tags",
        "/paths/1",
    ] {
        assert!(fields.iter().any(|f| f == field), "{field} in {fields:?}");
    }
    assert!(!fields.iter().any(|f| f == "/paths/0"));
    assert!(serde_json::from_value::<Filter>(json!({"branch": []})).is_err());
}

#[test]
fn a_filter_that_was_never_checked_does_no_harm() {
    let filter: Filter = serde_json::from_value(json!({"branches": ["a["]})).unwrap();
    assert_eq!(
        matches(&filter, &push("main", None)),
        Err(Ignored::Filter {
            pattern: "a[".into()
        })
    );
}
