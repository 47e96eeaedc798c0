//! Keys, roles, members, invitations, service accounts: who may do what, and how it is taken back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{Answer, App, Client, People, Reply, Server, Stores, Visitor};
use serde_json::{Value, json};

/// One test a store.
macro_rules! on_both {
    ($($name:ident $postgres:ident $body:ident;)*) => {$(
        #[test]
        fn $name() {
            $body(&Stores::embedded());
        }

        #[test]
        fn $postgres() {
            if let Some(stores) = Stores::postgres() {
                $body(&stores);
            }
        }
    )*};
}

on_both! {
    keys_have_scopes_and_new_secrets postgres_keys_have_scopes_and_new_secrets keys;
    roles_are_made_used_and_kept postgres_roles_are_made_used_and_kept roles;
    service_accounts_are_switched_off postgres_service_accounts_are_switched_off accounts;
    invited_people_join_and_leave postgres_invited_people_join_and_leave people;
    the_last_owner_stays_in_a_race postgres_the_last_owner_stays_in_a_race races;
    acts_are_in_the_audit_log postgres_acts_are_in_the_audit_log audit;
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
}

fn as_key(app: &App, made: &Value) -> Client {
    Client::with_keys(&app.url, text(made, "public_key"), text(made, "secret_key"))
}

/// A key of that role, and a client with it.
fn key(app: &App, by: &Client, role: &str) -> (Value, Client) {
    let made = by
        .post("/api/v1/api-keys", &json!({"name": role, "role": role}))
        .expect(201);
    let client = as_key(app, &made);
    (made, client)
}

#[track_caller]
fn field(answer: &Answer, status: u16, kind: &str, field: &str) {
    let problem = answer.expect_problem(status, kind);
    let named = problem["errors"].as_array().cloned().unwrap_or_default();
    assert!(named.iter().any(|e| e["field"] == field), "{problem}");
}

fn keys(stores: &Stores) {
    let app = App::start(stores);
    let owner = app.client();
    let keys = "/api/v1/api-keys";
    let spec =
        json!({"name": "ci", "role": "editor", "scopes": ["traces_write", "workspace_read"]});
    let made = owner.post(keys, &spec).expect(201);
    assert_eq!(made["scopes"], json!(["workspace_read", "traces_write"]));
    let scoped = as_key(&app, &made);
    assert_eq!(
        scoped.get("/api/v1/me").expect(200)["permissions"],
        made["scopes"]
    );
    scoped
        .get("/api/v1/agents")
        .expect_problem(403, "forbidden");
    let at = format!("{keys}/{}", text(&made, "id"));
    assert!(owner.get(&at).expect(200)["last_used_at"].is_string());
    for (spec, wrong) in [
        (
            json!({"name": "x", "role": "viewer", "scopes": ["traces_write"]}),
            "/scopes",
        ),
        (
            json!({"name": "x", "role": "viewer", "scopes": []}),
            "/scopes",
        ),
        (
            json!({"name": "x", "role": "viewer", "scopes": ["root"]}),
            "/scopes/0",
        ),
        (json!({"name": "x", "role": "custom:nobody"}), "/role"),
        (json!({"name": "x"}), "/role"),
        (
            json!({"name": "x", "service_account_id": "nobody"}),
            "/service_account_id",
        ),
        (
            json!({"name": "x", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}),
            "/expires_at",
        ),
    ] {
        field(&owner.post(keys, &spec), 422, "validation", wrong);
    }
    // A key of an administrator reaches to what an administrator may, and no further.
    let (_, admin) = key(&app, &owner, "admin");
    let more = json!({"name": "x", "role": "owner", "scopes": ["traces_read"]});
    admin.post(keys, &more).expect_problem(403, "forbidden");
    let owners = owner.get("/api/v1/me").expect(200)["key"]["id"].clone();
    let owners = format!("{keys}/{}", owners.as_str().unwrap());
    for (method, path) in [
        ("DELETE", owners.clone()),
        ("POST", format!("{owners}/rotate")),
    ] {
        admin
            .send(method, &path, &[], None)
            .expect_problem(403, "forbidden");
    }
    admin
        .patch(&owners, &json!({"name": "mine"}))
        .expect_problem(403, "forbidden");
    // Another name, another end, and no end again.
    let soon = "2999-01-01T00:00:00.000000Z";
    let changed = owner.patch(&at, &json!({"name": "nightly", "expires_at": soon}));
    let changed = changed.expect(200);
    assert_eq!(
        (text(&changed, "name"), text(&changed, "expires_at")),
        ("nightly", soon)
    );
    let kept = owner.patch(&at, &json!({"name": "hourly"})).expect(200);
    assert_eq!(text(&kept, "expires_at"), soon);
    let endless = owner.patch(&at, &json!({"expires_at": null})).expect(200);
    assert!(endless["expires_at"].is_null());
    // A new secret: the old one is refused at once.
    let rotated = owner.post(&format!("{at}/rotate"), &json!({})).expect(200);
    assert_eq!(rotated["public_key"], made["public_key"]);
    assert_ne!(rotated["secret_key"], made["secret_key"]);
    scoped
        .get("/api/v1/me")
        .expect_problem(401, "unauthenticated");
    let rotated = as_key(&app, &rotated);
    let _ = rotated.get("/api/v1/me").expect(200);
    assert_eq!(owner.delete(&at).status, 204);
    rotated
        .get("/api/v1/me")
        .expect_problem(401, "unauthenticated");
    owner.delete(&at).expect_problem(404, "not-found");
    // The last way in of an owner neither goes nor ends.
    owner.delete(&owners).expect_problem(409, "conflict");
    owner
        .patch(&owners, &json!({"expires_at": soon}))
        .expect_problem(409, "conflict");
    let (second, _) = key(&app, &owner, "owner");
    assert_eq!(
        owner
            .delete(&format!("{keys}/{}", text(&second, "id")))
            .status,
        204
    );
}

fn roles(stores: &Stores) {
    let app = App::start(stores);
    let owner = app.client();
    let listed = owner.get("/api/v1/roles").expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 5);
    let spec = json!({"name": "Watcher", "permissions": ["workspace_read", "traces_read", "api_keys_manage"]});
    let made = owner.post("/api/v1/roles", &spec);
    assert_eq!(made.header("etag"), Some("\"v1\""));
    let at = made.header("location").unwrap().to_owned();
    let made = made.expect(201);
    let name = text(&made, "role").to_owned();
    assert!(name.starts_with("custom:") && at.ends_with(&name), "{at}");
    assert_eq!(owner.get(&at).expect(200), made);
    field(
        &owner.post("/api/v1/roles", &spec),
        409,
        "already-exists",
        "/name",
    );
    for (permissions, name) in [
        (json!(["ownership_transfer"]), "/permissions"),
        (json!(["root"]), "/permissions/0"),
    ] {
        let spec = json!({"name": "x", "permissions": permissions});
        field(&owner.post("/api/v1/roles", &spec), 422, "validation", name);
    }
    let taken = json!({"name": "viewer", "permissions": []});
    field(
        &owner.post("/api/v1/roles", &taken),
        422,
        "validation",
        "/name",
    );

    let (watchers, watcher) = key(&app, &owner, &name);
    let _ = watcher.get("/api/v1/traces").expect(200);
    watcher
        .get("/api/v1/agents")
        .expect_problem(403, "forbidden");
    // Nobody hands out more than they have, by no way.
    for role in ["viewer", "editor", "owner"] {
        watcher
            .post("/api/v1/api-keys", &json!({"name": "x", "role": role}))
            .expect_problem(403, "forbidden");
    }
    let (_, admin) = key(&app, &owner, "admin");
    let stale = [("if-match", "\"v7\""), ("content-type", "application/json")];
    let more = json!({"permissions": ["workspace_read", "agents"]}).to_string();
    let answer = admin.send("PATCH", &at, &stale, Some(more.as_bytes()));
    answer.expect_problem(422, "validation");
    let more = json!({"permissions": ["workspace_read", "resources_read"]});
    let answer = admin.send("PATCH", &at, &stale, Some(more.to_string().as_bytes()));
    answer.expect_problem(412, "precondition-failed");
    let changed = admin.patch(&at, &more);
    assert_eq!(changed.header("etag"), Some("\"v2\""));
    let _ = changed.expect(200);
    // At the holder's next request.
    let _ = watcher.get("/api/v1/agents").expect(200);
    watcher
        .get("/api/v1/traces")
        .expect_problem(403, "forbidden");
    // In use: who has it is told.
    let holder = format!("api_key/{}", text(&watchers, "id"));
    field(&admin.delete(&at), 409, "conflict", &holder);
    let used = format!("/api/v1/api-keys/{}", text(&watchers, "id"));
    assert_eq!(owner.delete(&used).status, 204);
    assert_eq!(admin.delete(&at).status, 204);
    admin.get(&at).expect_problem(404, "not-found");
    admin
        .delete("/api/v1/roles/viewer")
        .expect_problem(409, "conflict");
}

fn accounts(stores: &Stores) {
    let app = App::start(stores);
    let owner = app.client();
    let accounts = "/api/v1/service-accounts";
    let made = owner.post(accounts, &json!({"name": "ci", "role": "editor"}));
    let at = made.header("location").unwrap().to_owned();
    let account = made.expect(201);
    let again = owner.post(accounts, &json!({"name": "ci", "role": "viewer"}));
    field(&again, 409, "already-exists", "/name");
    let (_, admin) = key(&app, &owner, "admin");
    admin
        .post(accounts, &json!({"name": "x", "role": "owner"}))
        .expect_problem(403, "forbidden");
    let id = text(&account, "id");
    let key = json!({"name": "k", "service_account_id": id});
    let made = owner.post("/api/v1/api-keys", &key).expect(201);
    assert_eq!(
        (text(&made, "role"), text(&made, "service_account_id")),
        ("editor", id)
    );
    let client = as_key(&app, &made);
    let _ = client.get("/api/v1/agents").expect(200);
    let listed = owner.get(&format!("/api/v1/api-keys?service_account_id={id}"));
    assert_eq!(listed.expect(200)["data"].as_array().unwrap().len(), 1);
    // By the role of the account, a part of the name, and both.
    for (query, wanted) in [("role=editor&q=K", 1), ("role=viewer", 0), ("q=nobody", 0)] {
        let path = format!("/api/v1/api-keys?service_account_id={id}&{query}");
        let listed = owner.get(&path).expect(200);
        assert_eq!(
            listed["data"].as_array().unwrap().len(),
            wanted,
            "keys: {query}"
        );
        let listed = owner.get(&format!("{accounts}?{}", query.replace('K', "CI")));
        assert_eq!(
            listed.expect(200)["data"].as_array().unwrap().len(),
            wanted,
            "accounts: {query}"
        );
    }
    field(
        &owner.get(&format!("{accounts}?role=king")),
        422,
        "validation",
        "role",
    );
    field(
        &owner.get(&format!("{accounts}?q=")),
        422,
        "validation",
        "q",
    );
    // The keys have the account's role as it is now.
    let changed = owner.patch(&at, &json!({"role": "viewer"}));
    assert_eq!(changed.header("etag"), Some("\"v2\""));
    let body = json!({"name": "a", "kind": "openai_chat", "url": "https://a.example"});
    client
        .post("/api/v1/agents", &body)
        .expect_problem(403, "forbidden");
    let off = owner.post(&format!("{at}/disable"), &json!({})).expect(200);
    assert!(off["disabled_at"].is_string());
    client
        .get("/api/v1/me")
        .expect_problem(401, "unauthenticated");
    let on = owner.post(&format!("{at}/enable"), &json!({})).expect(200);
    assert!(on["disabled_at"].is_null());
    let _ = client.get("/api/v1/me").expect(200);
    let stale = owner.send("DELETE", &at, &[("if-match", "\"v1\"")], None);
    stale.expect_problem(412, "precondition-failed");
    assert_eq!(owner.delete(&at).status, 204);
    client
        .get("/api/v1/me")
        .expect_problem(401, "unauthenticated");
    owner.get(&at).expect_problem(404, "not-found");
}

/// A platform with people, and its folder.
fn with_people(stores: &Stores, env: &[(&str, &str)]) -> (tempfile::TempDir, People, App) {
    let dir = tempfile::tempdir().unwrap();
    let people = People::start();
    let mut builder = people.known_to(App::at(dir.path(), stores));
    for (name, value) in env {
        builder = builder.env(name, value);
    }
    (dir, people, builder.start())
}

fn token(invitation: &Value) -> Value {
    let (_, token) = text(invitation, "accept_url")
        .split_once("#token=")
        .unwrap();
    json!({"token": token})
}

fn invite(by: &Client, email: &str, role: &str) -> Value {
    by.post(
        "/api/v1/invitations",
        &json!({"email": email, "role": role}),
    )
    .expect(201)
}

const ACCEPT: &str = "/api/v1/invitations/accept";

fn people(stores: &Stores) {
    let hook =
        Server::start(|path, _| Reply::json(if path == "/down" { 500 } else { 200 }, &json!({})));
    let env = [
        ("ASSAY_INVITATION_WEBHOOK_URL", hook.url.as_str()),
        ("ASSAY_INVITATION_WEBHOOK_SECRET", "hook-secret"),
    ];
    let (_dir, people, app) = with_people(stores, &env);
    let owner = app.client();
    let workspace = owner.get("/api/v1/workspace").expect(200);
    let workspace = text(&workspace, "id").to_owned();
    let (_, admin) = key(&app, &owner, "admin");
    admin
        .post(
            "/api/v1/invitations",
            &json!({"email": "a@x.example", "role": "owner"}),
        )
        .expect_problem(403, "forbidden");
    let bad = json!({"email": "nobody", "role": "viewer"});
    field(
        &admin.post("/api/v1/invitations", &bad),
        422,
        "validation",
        "/email",
    );

    let invitation = invite(&admin, "Ada@X.example", "editor");
    assert_eq!(
        (text(&invitation, "email"), text(&invitation, "delivery")),
        ("ada@x.example", "sent")
    );
    let (_, sent) = hook.requests().pop().expect("a call");
    assert_eq!(sent["body"]["accept_url"], invitation["accept_url"]);
    let headers = sent["headers"].to_string().to_lowercase();
    assert!(headers.contains("x-assay-signature: t="), "{headers}");
    let twice = json!({"email": "ADA@x.example", "role": "viewer"});
    field(
        &admin.post("/api/v1/invitations", &twice),
        409,
        "already-exists",
        "/email",
    );
    let listed = admin.get("/api/v1/invitations").text;
    let secret = token(&invitation)["token"].as_str().unwrap().to_owned();
    assert!(
        listed.contains("ada@x.example") && !listed.contains(&secret),
        "{listed}"
    );

    let count = |path: &str| {
        let listed = admin.get(path).expect(200);
        listed["data"].as_array().unwrap().len()
    };
    let invitations = |query: &str| count(&format!("/api/v1/invitations?q=ada@x&{query}"));
    assert_eq!(invitations("status=open&role=editor"), 1);
    for none in [
        "status=accepted",
        "status=expired",
        "status=revoked",
        "role=viewer",
    ] {
        assert_eq!(invitations(none), 0, "{none}");
    }
    field(
        &admin.get("/api/v1/invitations?status=lost"),
        422,
        "validation",
        "status",
    );

    // Another person's is refused; the right one's works once, however many try.
    let eve = people.sign_in(&app.url, "eve@x.example");
    field(
        &eve.post(ACCEPT, &token(&invitation)),
        403,
        "forbidden",
        "/token",
    );
    let ada = people.sign_in(&app.url, "ADA@X.example");
    assert_eq!(
        ada.get("/api/v1/workspaces").expect(200)["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| ada.post(ACCEPT, &token(&invitation)).status))
            .collect();
        tries.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(
        statuses.iter().filter(|s| **s == 200).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(invitations("status=accepted"), 1);
    assert_eq!(count("/api/v1/members?role=editor&q=ADA"), 1);
    assert_eq!(count("/api/v1/members?role=viewer&q=ADA"), 0);
    field(
        &ada.post(ACCEPT, &token(&invitation)),
        404,
        "not-found",
        "/token",
    );
    admin
        .post(ACCEPT, &token(&invitation))
        .expect_problem(403, "forbidden");
    let mine = ada.get("/api/v1/workspaces").expect(200);
    assert_eq!(mine["data"].as_array().unwrap().len(), 2, "{mine}");
    let here = ada.within(&workspace);
    assert_eq!(here.get("/api/v1/me").expect(200)["role"], "editor");
    eve.within(&workspace)
        .get("/api/v1/me")
        .expect_problem(404, "not-found");

    // A revoked one, and one of somebody who was taken out.
    let gone = invite(&admin, "eve@x.example", "viewer");
    let at = format!("/api/v1/invitations/{}", text(&gone, "id"));
    assert_eq!(admin.delete(&at).status, 204);
    assert_eq!(admin.get(&at).expect(200)["status"], "revoked");
    field(&eve.post(ACCEPT, &token(&gone)), 404, "not-found", "/token");

    // Roles of members, up to one's own.
    let members = owner.get("/api/v1/members").expect(200);
    let id = |email: &str| {
        let all = members["data"].as_array().unwrap();
        let one = all.iter().find(|m| m["email"] == email).unwrap();
        text(one, "user_id").to_owned()
    };
    let (ada_id, owner_id) = (id("ada@x.example"), id("owner@example.com"));
    let member = format!("/api/v1/members/{ada_id}");
    admin
        .patch(&member, &json!({"role": "owner"}))
        .expect_problem(403, "forbidden");
    let editor = here.send("PATCH", &member, &json!({"role": "admin"}));
    editor.expect_problem(403, "forbidden");
    let up = admin.patch(&member, &json!({"role": "admin"})).expect(200);
    assert_eq!(up["role"], "admin");
    let first = format!("/api/v1/members/{owner_id}");
    admin.delete(&first).expect_problem(403, "forbidden");
    // The last owner neither goes nor shrinks; then ownership is given, and taken over.
    owner.delete(&first).expect_problem(409, "conflict");
    owner
        .patch(&first, &json!({"role": "viewer"}))
        .expect_problem(409, "conflict");
    let transfer = "/api/v1/workspace/transfer-ownership";
    owner
        .post(transfer, &json!({"user_id": ada_id}))
        .expect_problem(403, "forbidden");
    let _ = owner.patch(&member, &json!({"role": "owner"})).expect(200);
    assert_eq!(here.send("DELETE", &first, &Value::Null).status, 204);
    let leave = json!({"workspace_id": workspace});
    let left = ada.post("/api/v1/members/leave", &leave);
    left.expect_problem(409, "conflict");
    let bob = people.sign_in(&app.url, "bob@x.example");
    let _ = bob
        .post(ACCEPT, &token(&invite(&owner, "bob@x.example", "viewer")))
        .expect(200);
    let bob_id = bob.get("/api/v1/me").expect(200);
    let bob_id = text(&bob_id["user"], "id").to_owned();
    let to = |id: &str| here.post(transfer, &json!({"user_id": id}));
    field(&to("nobody"), 422, "validation", "/user_id");
    assert_eq!(to(&bob_id).expect(200)["role"], "owner");
    assert_eq!(here.get("/api/v1/me").expect(200)["role"], "admin");
    assert_eq!(ada.post("/api/v1/members/leave", &leave).status, 204);
    here.get("/api/v1/me").expect_problem(404, "not-found");
    // A key of an owner may go now: an owner has signed in.
    let key = owner.get("/api/v1/me").expect(200)["key"]["id"].clone();
    let key = format!("/api/v1/api-keys/{}", key.as_str().unwrap());
    let there = bob.within(&workspace);
    assert_eq!(there.send("DELETE", &key, &Value::Null).status, 204);
    owner
        .get("/api/v1/me")
        .expect_problem(401, "unauthenticated");
    let made = bob.post("/api/v1/workspaces", &json!({"name": "Second"}));
    let made = made.expect(201);
    let second = bob.within(text(&made, "id"));
    assert_eq!(second.get("/api/v1/me").expect(200)["role"], "owner");
    let _ = second.get(&format!("/api/v1/members/{bob_id}")).expect(200);
}

/// Two owners who take each other out at once: one of them wins, and the workspace keeps an owner.
fn races(stores: &Stores) {
    let (_dir, people, app) = with_people(stores, &[]);
    let owner = app.client();
    let workspace = owner.get("/api/v1/workspace").expect(200);
    let workspace = text(&workspace, "id").to_owned();
    let join = |email: &str| -> (String, Visitor) {
        let visitor = people.sign_in(&app.url, email);
        let invitation = invite(&owner, email, "owner");
        let _ = visitor.post(ACCEPT, &token(&invitation)).expect(200);
        let me = visitor.get("/api/v1/me").expect(200);
        (
            text(&me["user"], "id").to_owned(),
            visitor.within(&workspace),
        )
    };
    let members = owner.get("/api/v1/members").expect(200);
    let first = text(&members["data"][0], "user_id").to_owned();
    let (mut a, mut b) = (join("a0@x.example"), join("b0@x.example"));
    assert_eq!(
        owner.delete(&format!("/api/v1/members/{first}")).status,
        204
    );
    for round in 1..6 {
        let demote = |by: &Visitor, whom: &str| {
            let path = format!("/api/v1/members/{whom}");
            if round % 2 == 0 {
                by.send("PATCH", &path, &json!({"role": "viewer"})).status
            } else {
                by.send("DELETE", &path, &Value::Null).status
            }
        };
        let (one, two) = std::thread::scope(|scope| {
            let one = scope.spawn(|| demote(&a.1, &b.0));
            let two = scope.spawn(|| demote(&b.1, &a.0));
            (one.join().unwrap(), two.join().unwrap())
        });
        let won = |status| status == 200 || status == 204;
        assert!(won(one) != won(two), "round {round}: {one} and {two}");
        let members = owner.get("/api/v1/members").expect(200);
        let owners = members["data"].as_array().unwrap().iter();
        let owners = owners.filter(|m| m["role"] == "owner").count();
        assert_eq!(owners, 1, "round {round}: {members}");
        let email = format!("c{round}@x.example");
        let next = join(&email);
        if won(one) {
            b = next;
        } else {
            a = next;
        }
    }
    // Two keys of owners, where an owner has signed in: both may go.
    let (x, _) = key(&app, &owner, "owner");
    assert_eq!(
        owner
            .delete(&format!("/api/v1/api-keys/{}", text(&x, "id")))
            .status,
        204
    );
}

fn audit(stores: &Stores) {
    let app = App::start(stores);
    let owner = app.client();
    let (made, admin) = key(&app, &owner, "admin");
    let _ = admin
        .post("/api/v1/roles", &json!({"name": "=r,1", "permissions": []}))
        .expect(201);
    admin
        .post("/api/v1/api-keys", &json!({"name": "x", "role": "owner"}))
        .expect_problem(403, "forbidden");
    let log = owner.get("/api/v1/audit-log").expect(200);
    let entries = log["data"].as_array().unwrap();
    let actions: Vec<&str> = entries.iter().map(|e| text(e, "action")).collect();
    assert_eq!(
        actions,
        ["role.create", "api_key.create"],
        "what was refused is no act"
    );
    assert_eq!(entries[0]["actor_id"], made["id"]);
    assert_eq!(entries[0]["actor_kind"], "api_key");
    assert_eq!(entries[1]["target_id"], made["id"]);
    assert_eq!(entries[1]["address"], "127.0.0.1");
    let whole = owner.get("/api/v1/audit-log").text;
    assert!(!whole.contains(text(&made, "secret_key")), "{whole}");
    let count = |query: &str| {
        let page = owner.get(&format!("/api/v1/audit-log?{query}")).expect(200);
        page["data"].as_array().unwrap().len()
    };
    assert_eq!(count("action=role.create"), 1);
    assert_eq!(count("actor_kind=user"), 0);
    assert_eq!(count(&format!("target_id={}", text(&made, "id"))), 1);
    assert_eq!(count("from=2999-01-01T00:00:00Z"), 0);
    assert_eq!(count("to=2999-01-01T00:00:00Z"), 2);
    let page = owner.get("/api/v1/audit-log?limit=1").expect(200);
    let next = text(&page, "next_cursor");
    let page = owner.get(&format!("/api/v1/audit-log?limit=1&cursor={next}"));
    let page = page.expect(200);
    assert_eq!(text(&page["data"][0], "action"), "api_key.create");
    assert!(page["next_cursor"].is_null());
    let lines = owner.send(
        "GET",
        "/api/v1/audit-log",
        &[("accept", "application/x-ndjson")],
        None,
    );
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> = lines
        .text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(&lines, entries);
    let csv = owner.get("/api/v1/audit-log?format=csv");
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    assert_eq!(csv.text.lines().count(), 3, "{}", csv.text);
    for wrong in ["format=xml", "from=yesterday", "actor=x"] {
        owner
            .get(&format!("/api/v1/audit-log?{wrong}"))
            .expect_problem(422, "validation");
    }
    let (_, editor) = key(&app, &owner, "editor");
    editor
        .get("/api/v1/audit-log")
        .expect_problem(403, "forbidden");
}
