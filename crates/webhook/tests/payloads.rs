//! Payloads of the forms that GitHub and GitLab document.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use assay_webhook::{
    Action, Event, EventKind, Filter, Ignored, ParseError, Parsed, Provider, matches, parse, status,
};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

fn sample(name: &str) -> Value {
    let path = format!("{}/tests/samples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        headers.insert(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn github(event: &str, body: &Value) -> Result<Parsed, ParseError> {
    let headers = headers(&[
        ("x-github-event", event),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("content-type", "application/json"),
    ]);
    parse(Provider::Github, &headers, body.to_string().as_bytes())
}

fn gitlab(event: &str, body: &Value) -> Result<Parsed, ParseError> {
    let headers = headers(&[
        ("x-gitlab-event", event),
        (
            "x-gitlab-event-uuid",
            "13792a34-cac6-4fda-95a8-c58e00a3954e",
        ),
        ("idempotency-key", "f5e5f430-f57b-4e6e-9fac-d9128cd7232f"),
    ]);
    parse(Provider::Gitlab, &headers, body.to_string().as_bytes())
}

#[track_caller]
fn event(parsed: Result<Parsed, ParseError>) -> Event {
    match parsed {
        Ok(Parsed::Event(event)) => *event,
        other => panic!("no event: {other:?}"),
    }
}

#[track_caller]
fn ignored(parsed: Result<Parsed, ParseError>) -> Ignored {
    match parsed {
        Ok(Parsed::Ignored { why, .. }) => why,
        other => panic!("not ignored: {other:?}"),
    }
}

/// The fields that are set, but for the hash of the body.
fn told(event: &Event) -> Value {
    let mut fields = serde_json::to_value(event).unwrap();
    assert_eq!(event.body_sha256.len(), 64);
    fields.as_object_mut().unwrap().remove("body_sha256");
    fields
}

#[test]
fn a_push_to_github() {
    let event = event(github("push", &sample("github-push")));
    assert_eq!(
        told(&event),
        json!({
            "provider": "github", "kind": "push", "delivery_id": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "repository": {
                "full_name": "Codertocat/Hello-World", "url": "https://github.com/Codertocat/Hello-World",
                "api_url": "https://api.github.com",
            },
            "branch": "main", "sha": "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c",
            "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "author": "Codertocat", "title": "Update README.md",
            "url": "https://github.com/Codertocat/Hello-World/compare/6113728f27ae...0d1a26e67d8f",
            "changed_files": ["README.md", "old.txt", "prompts/system.txt"],
            "draft": false, "from_fork": false, "deleted": false,
        })
    );
    let wanted: Filter =
        serde_json::from_value(json!({"paths": ["prompts/**"], "branches": ["main"]})).unwrap();
    assert_eq!(matches(&wanted, &event), Ok(()));
    let target = status::Target::of(&event, None).unwrap();
    let told = status::Status {
        state: status::State::Success,
        context: "assay",
        description: "passed",
        target_url: None,
    };
    assert_eq!(
        status::github_status(&target, &told).unwrap().url,
        "https://api.github.com/repos/Codertocat/Hello-World/statuses/0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c"
    );
}

#[test]
fn a_form_has_the_same_payload() {
    let push = sample("github-push");
    let form: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &push.to_string())
        .finish();
    let headers = headers(&[
        ("x-github-event", "push"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("content-type", "application/x-www-form-urlencoded"),
    ]);
    let from_form = event(parse(Provider::Github, &headers, form.as_bytes()));
    assert_eq!(told(&from_form), told(&event(github("push", &push))));
    assert!(matches!(
        parse(Provider::Github, &headers, b"other=1"),
        Err(ParseError::Body(_))
    ));
}

#[test]
fn a_tag_that_was_deleted_at_github() {
    let event = event(github("push", &sample("github-push-deleted-tag")));
    assert_eq!(event.kind, EventKind::Tag);
    assert_eq!(event.tag.as_deref(), Some("simple-tag"));
    assert_eq!((event.sha.clone(), event.branch.clone()), (None, None));
    assert_eq!(event.changed_files, None);
    assert_eq!(matches(&Filter::default(), &event), Err(Ignored::Deleted));
    assert_eq!(
        status::Target::of(&event, None),
        Err(status::StatusError::NoCommit)
    );
}

#[test]
fn a_pull_request_from_a_fork_at_a_github_of_ones_own() {
    let body = sample("github-pull-request");
    let found = event(github("pull_request", &body));
    assert_eq!(
        told(&found),
        json!({
            "provider": "github", "kind": "pull_request", "delivery_id": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "repository": {
                "full_name": "Codertocat/Hello-World", "url": "https://github.example.com/Codertocat/Hello-World",
                "api_url": "https://github.example.com/api/v3",
            },
            "branch": "changes", "base_branch": "main", "sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
            "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "number": 2, "action": "updated", "author": "Octofan",
            "title": "Update the README with new information.",
            "url": "https://github.example.com/Codertocat/Hello-World/pull/2",
            "draft": true, "from_fork": true, "deleted": false,
        })
    );
    for (action, merged, expected) in [
        ("opened", false, Action::Opened),
        ("reopened", false, Action::Reopened),
        ("ready_for_review", false, Action::Ready),
        ("closed", false, Action::Closed),
        ("closed", true, Action::Merged),
    ] {
        let mut body = body.clone();
        body["action"] = action.into();
        body["pull_request"]["merged"] = merged.into();
        assert_eq!(event(github("pull_request", &body)).action, Some(expected));
    }
    let mut labeled = body.clone();
    labeled["action"] = "labeled".into();
    assert_eq!(
        ignored(github("pull_request", &labeled)),
        Ignored::Action {
            name: "labeled".into()
        }
    );
    let mut own = body.clone();
    own["pull_request"]["head"]["repo"]["full_name"] = "Codertocat/Hello-World".into();
    assert!(!event(github("pull_request", &own)).from_fork);
    own["pull_request"]["head"]["repo"] = Value::Null;
    assert!(
        event(github("pull_request", &own)).from_fork,
        "a fork that is gone"
    );
}

#[test]
fn other_events_of_github() {
    assert_eq!(
        github("ping", &sample("github-ping")),
        Ok(Parsed::Ping {
            delivery_id: "72d3162e-cc78-11e3-81ab-4c9367dc0958".into()
        })
    );
    assert_eq!(
        ignored(github("star", &json!({"action": "created"}))),
        Ignored::Event {
            name: "star".into()
        }
    );
}

#[test]
fn a_push_to_gitlab() {
    let event = event(gitlab("Push Hook", &sample("gitlab-push")));
    assert_eq!(
        told(&event),
        json!({
            "provider": "gitlab", "kind": "push", "delivery_id": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
            "repository": {
                "full_name": "mike/diaspora", "id": 15, "url": "http://example.com/mike/diaspora",
                "api_url": "http://example.com/api/v4",
            },
            "branch": "master", "sha": "da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
            "before": "95790bf891e76fee5e1747ab589903a6a1f80f22", "author": "jsmith", "title": "fixed readme",
            // Four commits, of which the payload has two: nobody can say that no other file was changed.
            "draft": false, "from_fork": false, "deleted": false,
        })
    );
    let mut whole = sample("gitlab-push");
    whole["total_commits_count"] = 2.into();
    assert_eq!(
        self::event(gitlab("Push Hook", &whole))
            .changed_files
            .unwrap(),
        ["CHANGELOG", "app/controller/application.rb"]
    );
}

#[test]
fn a_tag_of_gitlab_below_a_path() {
    let found = event(gitlab("Tag Push Hook", &sample("gitlab-tag")));
    assert_eq!(found.kind, EventKind::Tag);
    assert_eq!(found.tag.as_deref(), Some("v1.0.0"));
    assert_eq!(
        found.sha.as_deref(),
        Some("5937ac0a7beb003549fc5fd26fc247adbce4a52e"),
        "the commit, not the tag's own id"
    );
    assert_eq!(found.before, None);
    assert_eq!(
        found.repository.unwrap().api_url.as_deref(),
        Some("http://example.com/gitlab/api/v4")
    );
    let mut gone = sample("gitlab-tag");
    gone["after"] = "0".repeat(40).into();
    gone["checkout_sha"] = Value::Null;
    let gone = event(gitlab("System Hook", &gone));
    assert!(gone.deleted && gone.sha.is_none());
}

#[test]
fn a_merge_request_of_gitlab() {
    let body = sample("gitlab-merge-request");
    let found = event(gitlab("Merge Request Hook", &body));
    assert_eq!(
        told(&found),
        json!({
            "provider": "gitlab", "kind": "pull_request", "delivery_id": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
            "repository": {
                "full_name": "gitlabhq/sub/gitlab-test", "id": 1,
                "url": "https://gitlab.example.com/gitlabhq/sub/gitlab-test",
                "api_url": "https://gitlab.example.com/api/v4",
            },
            "branch": "ms-viewport", "base_branch": "master", "sha": "da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
            "before": "e59094b8de0f2f91abbe4760a52d9137260252d8", "number": 7, "action": "updated", "author": "root",
            "title": "MS-Viewport", "url": "https://gitlab.example.com/gitlabhq/sub/gitlab-test/-/merge_requests/7",
            "draft": false, "from_fork": true, "deleted": false,
        })
    );
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = body.clone();
        change(&mut body);
        gitlab("Merge Request Hook", &body)
    };
    for (action, expected) in [
        ("open", Action::Opened),
        ("reopen", Action::Reopened),
        ("close", Action::Closed),
        ("merge", Action::Merged),
    ] {
        let found = event(with(&|b| b["object_attributes"]["action"] = action.into()));
        assert_eq!(found.action, Some(expected));
    }
    let no_commits = |b: &mut Value| {
        b["object_attributes"]
            .as_object_mut()
            .unwrap()
            .remove("oldrev");
    };
    assert_eq!(
        ignored(with(&no_commits)),
        Ignored::Action {
            name: "update".into()
        }
    );
    let ready = event(with(&|b| {
        no_commits(b);
        b["changes"]["draft"] = json!({"previous": true, "current": false});
    }));
    assert_eq!(ready.action, Some(Action::Ready));
    assert_eq!(
        ignored(with(
            &|b| b["object_attributes"]["action"] = "approved".into()
        )),
        Ignored::Action {
            name: "approved".into()
        }
    );
    assert_eq!(
        ignored(gitlab("Pipeline Hook", &json!({"object_kind": "pipeline"}))),
        Ignored::Event {
            name: "pipeline".into()
        }
    );
}

#[test]
fn gitlab_names_deliveries_in_three_ways() {
    let body = sample("gitlab-push").to_string();
    let id = |list: &[(&'static str, &str)]| {
        let mut all = vec![("x-gitlab-event", "Push Hook")];
        all.extend_from_slice(list);
        event(parse(Provider::Gitlab, &headers(&all), body.as_bytes())).delivery_id
    };
    let uuid = ("x-gitlab-event-uuid", "uuid");
    let key = ("idempotency-key", "key");
    assert_eq!(id(&[uuid, key, ("webhook-id", "id")]), "id");
    assert_eq!(id(&[uuid, key]), "key");
    assert_eq!(id(&[uuid]), "uuid");
    assert_eq!(id(&[]).len(), 64);
    assert_eq!(id(&[]), id(&[]));
}

#[test]
fn anybodys_json() {
    let generic = |list: &[(&'static str, &str)], body: &Value| {
        parse(
            Provider::Generic,
            &headers(list),
            body.to_string().as_bytes(),
        )
    };
    let sha = "da1560886d4f094c3e6c9ef40349f7d38b5d27d7";
    let body =
        json!({"delivery_id": "d-1", "ref": "refs/tags/v2", "sha": sha, "model": {"name": "m"}});
    let found = event(generic(&[], &body));
    assert_eq!(found.kind, EventKind::Custom);
    assert_eq!(found.delivery_id, "d-1");
    assert_eq!(found.tag.as_deref(), Some("v2"));
    assert_eq!(found.sha.as_deref(), Some(sha));
    assert_eq!(found.payload, body);
    assert_eq!(
        event(generic(&[("assay-delivery", "h-1")], &body)).delivery_id,
        "h-1"
    );
    assert_eq!(
        event(generic(&[], &json!({"ref": "main"})))
            .branch
            .as_deref(),
        Some("main")
    );
    let empty = event(generic(&[], &json!({})));
    assert_eq!(empty.delivery_id, empty.body_sha256);
    assert_eq!(matches(&Filter::default(), &empty), Ok(()));
    assert_eq!(
        generic(&[], &json!({"event": "ping", "delivery_id": "p"})),
        Ok(Parsed::Ping {
            delivery_id: "p".into()
        })
    );
    for (body, field) in [
        (json!({"delivery_id": 1}), "/delivery_id"),
        (json!({"delivery_id": "a b"}), "/delivery_id"),
        (json!({"ref": ""}), "/ref"),
        (json!({"ref": "refs/pull/1/head"}), "/ref"),
        (json!({"ref": "a\nb"}), "/ref"),
        (json!({"sha": "main"}), "/sha"),
        (json!({"author": []}), "/author"),
    ] {
        assert!(
            matches!(generic(&[], &body), Err(ParseError::Field { field: f, .. }) if f == field),
            "{body}: {:?}",
            generic(&[], &body)
        );
    }
    for body in [json!([]), json!("a"), Value::Null] {
        assert!(
            matches!(generic(&[], &body), Err(ParseError::Body(_))),
            "{body}"
        );
    }
}

#[test]
fn what_is_not_what_its_headers_say_is_refused() {
    assert!(matches!(
        parse(
            Provider::Github,
            &headers(&[("x-github-event", "push")]),
            b"{}"
        ),
        Err(ParseError::Header(_))
    ));
    assert!(matches!(
        parse(
            Provider::Github,
            &headers(&[("x-github-delivery", "d")]),
            b"{}"
        ),
        Err(ParseError::Header(_))
    ));
    assert!(matches!(
        parse(Provider::Gitlab, &headers(&[]), b"{}"),
        Err(ParseError::Header(_))
    ));
    for body in [json!({}), json!([]), json!({"ref": 1})] {
        assert!(
            matches!(github("push", &body), Err(ParseError::Body(_))),
            "{body}"
        );
    }
    for (field, value) in [("after", "xyz"), ("before", "-"), ("ref", "refs/notes/a")] {
        let mut body = sample("github-push");
        body[field] = value.into();
        assert!(
            matches!(github("push", &body), Err(ParseError::Field { .. })),
            "{field}"
        );
    }
    assert!(matches!(
        gitlab(
            "Merge Request Hook",
            &json!({"object_kind": "merge_request"})
        ),
        Err(ParseError::Body(_))
    ));
}
