//! Requests that GitHub and GitLab document.

use super::*;
use crate::event::{EventKind, Repository};
use serde_json::json;

const SHA: &str = "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c";

fn status(state: State) -> Status<'static> {
    Status {
        state,
        context: "assay/nightly",
        description: "12 of 12 gates passed",
        target_url: Some("https://assay.example.com/campaigns/1"),
    }
}

fn body(call: &HttpCall) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

fn event(provider: Provider, api_url: Option<&str>) -> Event {
    let mut event = Event::new(provider, EventKind::Push);
    event.sha = Some(SHA.to_owned());
    event.repository = Some(Repository {
        full_name: "octo-org/hello.world".to_owned(),
        id: Some(15),
        url: None,
        api_url: api_url.map(str::to_owned),
    });
    event
}

#[test]
fn a_commit_status_of_github() {
    let target = Target::of(
        &event(Provider::Github, Some("https://api.github.com")),
        None,
    )
    .unwrap();
    for (state, expected) in [
        (State::Pending, "pending"),
        (State::Success, "success"),
        (State::Failure, "failure"),
        (State::Error, "error"),
    ] {
        let call = github_status(&target, &status(state)).unwrap();
        assert_eq!(call.method, "POST");
        assert_eq!(
            call.url,
            format!("https://api.github.com/repos/octo-org/hello.world/statuses/{SHA}")
        );
        assert_eq!(
            body(&call),
            json!({"state": expected, "context": "assay/nightly", "description": "12 of 12 gates passed",
                   "target_url": "https://assay.example.com/campaigns/1"})
        );
        assert_eq!(call.auth, Some(AuthSlot::bearer()));
        for wanted in [
            "accept",
            "user-agent",
            "content-type",
            "x-github-api-version",
        ] {
            assert!(
                call.headers.iter().any(|(name, _)| name == wanted),
                "{wanted}"
            );
        }
    }
}

#[test]
fn a_check_run_of_github() {
    let api = "https://github.example.com/api/v3";
    let target = Target::of(&event(Provider::Github, Some(api)), Some(api)).unwrap();
    let call = github_check_run(&target, &status(State::Pending), "**Running**\n", None).unwrap();
    assert_eq!(
        call.url,
        format!("{api}/repos/octo-org/hello.world/check-runs")
    );
    assert_eq!(
        body(&call),
        json!({"name": "assay/nightly", "head_sha": SHA, "status": "in_progress",
               "details_url": "https://assay.example.com/campaigns/1",
               "output": {"title": "12 of 12 gates passed", "summary": "**Running**\n"}})
    );
    let call = github_check_run(&target, &status(State::Error), "", Some(4)).unwrap();
    assert_eq!(call.method, "PATCH");
    assert_eq!(
        call.url,
        format!("{api}/repos/octo-org/hello.world/check-runs/4")
    );
    assert_eq!(body(&call)["conclusion"], "failure");
    assert_eq!(body(&call)["status"], "completed");
    assert!(body(&call).get("head_sha").is_none());
}

#[test]
fn a_commit_status_of_gitlab() {
    let api = "https://example.com/gitlab/api/v4/";
    let target = Target::of(
        &event(Provider::Gitlab, Some("https://example.com/gitlab/api/v4")),
        Some(api),
    )
    .unwrap();
    let call = gitlab_status(&target, &status(State::Error), Some("main")).unwrap();
    assert_eq!(
        call.url,
        format!("https://example.com/gitlab/api/v4/projects/15/statuses/{SHA}")
    );
    assert_eq!(
        body(&call),
        json!({"state": "failed", "name": "assay/nightly", "description": "12 of 12 gates passed",
               "target_url": "https://assay.example.com/campaigns/1", "ref": "main"})
    );
    assert_eq!(call.auth, Some(AuthSlot::header("private-token")));

    let named = Target::new("https://gitlab.com/api/v4", "group/sub/project", None, SHA).unwrap();
    let call = gitlab_status(&named, &status(State::Pending), None).unwrap();
    assert_eq!(
        call.url,
        format!("https://gitlab.com/api/v4/projects/group%2Fsub%2Fproject/statuses/{SHA}")
    );
}

#[test]
fn a_payload_cannot_send_a_credential_elsewhere() {
    let forged = event(Provider::Github, Some("https://evil.example.com"));
    assert_eq!(Target::of(&forged, None), Err(StatusError::OtherServer));
    assert_eq!(
        Target::of(&forged, Some("https://github.example.com/api/v3")),
        Err(StatusError::OtherServer)
    );
    // A payload that does not say gets what is configured.
    assert!(Target::of(&event(Provider::Gitlab, None), None).is_ok());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let target = |repository: &str, sha: &str| Target::new(GITHUB, repository, None, sha);
    for repository in [
        "", "a", "a/", "/a", "a/../b", "a/b c", "a/b?c", "a/b#c", "a//b", "a/%2e%2e",
    ] {
        assert_eq!(
            target(repository, SHA),
            Err(StatusError::Repository(repository.to_owned())),
            "{repository}"
        );
    }
    for sha in [
        "",
        "main",
        "0d1a26e",
        &SHA.to_uppercase(),
        &format!("{SHA}/.."),
    ] {
        assert_eq!(target("a/b", sha), Err(StatusError::NoCommit), "{sha}");
    }
    for api in [
        "",
        "api.github.com",
        "ftp://a",
        "https://u:p@a",
        "https://a?b",
        "https://a#b",
    ] {
        assert!(
            matches!(Target::new(api, "a/b", None, SHA), Err(StatusError::Api(_))),
            "{api}"
        );
    }
}

#[test]
fn descriptions_are_cut_between_characters() {
    let target = Target::new(GITHUB, "a/b", None, SHA).unwrap();
    let long = "é".repeat(200);
    let mut told = status(State::Success);
    told.description = &long;
    let sent = body(&github_status(&target, &told).unwrap());
    let description = sent["description"].as_str().unwrap();
    assert_eq!(description.chars().count(), MAX_DESCRIPTION);
    assert!(description.ends_with("é…"));
    let exact = "x".repeat(140);
    told.description = &exact;
    assert_eq!(
        body(&github_status(&target, &told).unwrap())["description"],
        exact
    );
    told.description = "two\nlines";
    assert_eq!(
        body(&github_status(&target, &told).unwrap())["description"],
        "two lines"
    );
}

#[test]
fn a_context_has_a_name() {
    let target = Target::new(GITHUB, "a/b", None, SHA).unwrap();
    let long = "x".repeat(101);
    for context in ["", "a\nb", &long] {
        let told = Status {
            context,
            ..status(State::Success)
        };
        assert_eq!(github_status(&target, &told), Err(StatusError::Context));
        assert_eq!(
            gitlab_status(&target, &told, None),
            Err(StatusError::Context)
        );
        assert_eq!(
            github_check_run(&target, &told, "", None),
            Err(StatusError::Context)
        );
    }
}
