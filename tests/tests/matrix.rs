//! The access matrix, walked: every route with a key of each role, and with everything that is no key; and two workspaces
//! with the same data that see nothing of each other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{
    Answer, App, Client, People, Planted, Stores, Visitor, claims, forged, in_seconds, repository,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ROLES: [&str; 5] = ["owner", "admin", "editor", "reviewer", "viewer"];

struct Row {
    method: String,
    path: String,
    needs: String,
    allowed: Vec<bool>,
}

/// The checked-in table.
fn matrix() -> Vec<Row> {
    let text = std::fs::read_to_string(repository().join("docs/access-matrix.md")).unwrap();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let path = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
        Some(Row {
            method: cells[0].to_owned(),
            path: path.to_owned(),
            needs: cells[2].to_owned(),
            allowed: cells[3..].iter().map(|c| *c == "yes").collect(),
        })
    });
    let rows: Vec<Row> = rows.collect();
    assert!(rows.len() > 60, "{}", rows.len());
    rows
}

/// The path with ids of nothing in it.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix('{') {
        Some(_) => "019ab4c2-0000-7000-8000-000000000000",
        None => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn ask(client: &Client, row: &Row) -> Answer {
    let body = (row.method != "GET" && row.method != "DELETE").then_some(b"{}".as_slice());
    let json = [("content-type", "application/json")];
    let headers: &[(&str, &str)] = if body.is_some() { &json } else { &[] };
    client.send(&row.method, &filled(&row.path), headers, body)
}

fn key(app: &App, by: &Client, spec: &Value) -> (Value, Client) {
    let made = by.post("/api/v1/api-keys", spec).expect(201);
    let [public, secret] =
        ["public_key", "secret_key"].map(|f| made[f].as_str().unwrap().to_owned());
    (made, Client::with_keys(&app.url, &public, &secret))
}

/// A member of the owner's workspace with that role.
fn member(people: &People, app: &App, role: &str) -> Visitor {
    let email = format!("{role}@x.example");
    let invitation = json!({"email": email, "role": role});
    let made = app.client().post("/api/v1/invitations", &invitation);
    let made = made.expect(201);
    let link = made["accept_url"].as_str().unwrap();
    let token = link.rsplit(['=', '/', '#']).next().unwrap();
    let visitor = people.sign_in(&app.url, &email);
    let joined = visitor.post("/api/v1/invitations/accept", &json!({"token": token}));
    assert!((200..300).contains(&joined.status), "{}", joined.text);
    let workspace = app.client().get("/api/v1/workspace").expect(200);
    visitor.within(workspace["id"].as_str().unwrap())
}

/// The same question as [`ask`], by a page.
fn ask_as(visitor: &Visitor, row: &Row) -> Answer {
    let body = if row.method == "GET" || row.method == "DELETE" {
        Value::Null
    } else {
        json!({})
    };
    visitor.send(&row.method, &filled(&row.path), &body)
}

fn every_route_is_as_the_matrix_says(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let people = People::start();
    let app = people.known_to(App::at(dir.path(), stores)).start();
    let owner = app.client();
    let members = ROLES.map(|role| member(&people, &app, role));
    let workspace = owner.get("/api/v1/workspace").expect(200);
    let stranger = people.sign_in(&app.url, "stranger@x.example");
    let stranger = stranger.within(workspace["id"].as_str().unwrap());
    let (access, _) = people.tokens(&app.url, "owner@x.example");
    let mut tokens = forged(&app.url, &access);
    if let Some(url) = &stores.postgres {
        let planted = Planted::into(url);
        // What follows is refused for its claims, not for the key.
        let good = planted.sign(&claims(&access));
        let me = Client::with_bearer(&app.url, &good).get("/api/v1/me");
        let _ = me.expect(200);
        tokens.extend(planted.wrong(&access));
    }
    let by_role: Vec<Client> = ROLES
        .iter()
        .map(|role| key(&app, &owner, &json!({"name": role, "role": role})).1)
        .collect();
    let (revoked, gone) = key(&app, &owner, &json!({"name": "revoked", "role": "owner"}));
    let path = format!("/api/v1/api-keys/{}", revoked["id"].as_str().unwrap());
    assert_eq!(owner.delete(&path).status, 204);
    let spec = json!({"name": "expired", "role": "owner", "expires_at": in_seconds(2)});
    let (_, expired) = key(&app, &owner, &spec);
    std::thread::sleep(std::time::Duration::from_millis(3500));
    let mut nobody = vec![
        ("no key", Client::anonymous(&app.url)),
        (
            "a wrong secret",
            Client::with_keys(&app.url, Client::PUBLIC, "sk-as-wrong-0123456789"),
        ),
        (
            "a wrong public key",
            Client::with_keys(&app.url, "pk-as-wrong", Client::SECRET),
        ),
        ("a revoked key", gone),
        ("an expired key", expired),
        (
            "no token",
            Client::with_bearer(&app.url, "eyJhbGciOiJub25lIn0.e30."),
        ),
    ];
    for (what, token) in &tokens {
        nobody.push((what, Client::with_bearer(&app.url, token)));
    }
    let mut wrong = Vec::new();
    for row in matrix() {
        let name = format!("{} {}", row.method, row.path);
        if row.needs == "anyone" {
            continue;
        }
        for (what, client) in &nobody {
            let status = ask(client, &row).status;
            if status != 401 {
                wrong.push(format!("{name} with {what}: {status}"));
            }
        }
        for ((role, client), allowed) in ROLES.iter().zip(&by_role).zip(&row.allowed) {
            let answer = ask(client, &row);
            let denied = answer.status == 403;
            let expected = !allowed || row.needs == "a person";
            if denied != expected || answer.status == 401 || answer.status >= 500 {
                wrong.push(format!(
                    "{name} as {role}: {} {}",
                    answer.status, answer.text
                ));
            }
        }
    }
    for row in matrix() {
        let name = format!("{} {}", row.method, row.path);
        // These end the session that the next question needs.
        if row.needs == "anyone" || row.path.contains("/sign-out") {
            continue;
        }
        for ((role, visitor), allowed) in ROLES.iter().zip(&members).zip(&row.allowed) {
            let answer = ask_as(visitor, &row);
            if (answer.status == 403) == *allowed || answer.status == 401 || answer.status >= 500 {
                wrong.push(format!(
                    "{name} by a person as {role}: {} {}",
                    answer.status, answer.text
                ));
            }
        }
        if row.needs != "a person" {
            let answer = ask_as(&stranger, &row);
            if answer.status != 404 || !answer.text.contains("x-assay-workspace") {
                wrong.push(format!(
                    "{name} by a stranger: {} {}",
                    answer.status, answer.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Internal routes do not exist for anyone.
    for path in [
        "/internal/boot",
        "/internal/authenticate",
        "/internal/sweep",
    ] {
        assert!(
            [404, 405].contains(&owner.post(path, &json!({})).status),
            "{path}"
        );
    }
}

#[test]
fn every_route_is_as_the_checked_in_matrix_says() {
    every_route_is_as_the_matrix_says(&Stores::embedded());
}

#[test]
fn postgres_every_route_is_as_the_checked_in_matrix_says() {
    if let Some(stores) = Stores::postgres() {
        every_route_is_as_the_matrix_says(&stores);
    }
}

/// What requests to hooks are signed with.
const HOOK: &str = "a secret of sufficient length 4711";

/// Every id in a JSON document.
fn ids(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|v| ids(v, found)),
        Value::Object(map) => map.values().for_each(|v| ids(v, found)),
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => {
            found.insert(text.clone());
        }
        _ => {}
    }
}

/// The same things in a workspace; where each of them is.
fn fill(client: &Client) -> Vec<String> {
    let mut places = Vec::new();
    let mut make = |list: &str, body: Value| {
        let made = client.post(list, &body);
        let made = made.expect(201);
        let id = made.get("id").or_else(|| made.get("role")).unwrap();
        let place = format!("{list}/{}", id.as_str().unwrap());
        places.push(place.clone());
        place
    };
    let agent = make(
        "/api/v1/agents",
        json!({"name": "same", "kind": "openai_chat", "url": "http://127.0.0.1:9/"}),
    );
    make(
        "/api/v1/models",
        json!({"name": "same", "base_url": "https://m.example", "model": "m"}),
    );
    make(
        "/api/v1/secrets",
        json!({"name": "same", "hosts": ["m.example"], "value": "same"}),
    );
    make(
        "/api/v1/ingest/destinations",
        json!({"name": "same", "kind": "otlp", "url": "https://c.example/v1/traces", "enabled": false}),
    );
    make(
        "/api/v1/scenarios",
        json!({"name": "same", "situation": "s", "goal": "g", "script": ["hi"]}),
    );
    make(
        "/api/v1/roles",
        json!({"name": "same", "permissions": ["traces_read"]}),
    );
    make(
        "/api/v1/service-accounts",
        json!({"name": "same", "role": "viewer"}),
    );
    make(
        "/api/v1/api-keys",
        json!({"name": "same", "role": "viewer"}),
    );
    make(
        "/api/v1/invitations",
        json!({"email": "same@x.example", "role": "viewer"}),
    );
    make(
        "/api/v1/personas",
        json!({"name": "same", "description": "same"}),
    );
    make(
        "/api/v1/programs",
        json!({"name": "same", "wasm": "AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAAKBAECAAs="}),
    );
    make(
        "/api/v1/prompts",
        json!({"name": "same", "prompt": "Same {{x}}"}),
    );
    make(
        "/api/v1/metric-library",
        json!({"name": "same", "metric": {"kind": "exact_match"}}),
    );
    let schema = make(
        "/api/v1/label-schemas",
        json!({"name": "same", "kind": "boolean"}),
    );
    make(
        "/api/v1/review-queues",
        json!({"name": "same", "label_schema_ids": [schema.rsplit('/').next()]}),
    );
    let base = make("/api/v1/knowledge-bases", json!({"name": "same"}));
    make(
        &format!("{base}/documents"),
        json!({"name": "same", "media_type": "text/plain"}),
    );
    let trace = json!({"traces": [{"id": "0123456789abcdef0123456789abcdef", "name": "same",
        "timestamp": "2026-11-24T06:00:00Z"}]});
    let _ = client.post("/api/v1/ingest", &trace).expect(200);
    make(
        "/api/v1/views",
        json!({"name": "same", "table": "traces", "visibility": "shared"}),
    );
    make(
        "/api/v1/comments",
        json!({"object_type": "trace", "object_id": "0123456789abcdef0123456789abcdef", "content": "same"}),
    );
    let dataset = make("/api/v1/datasets", json!({"name": "same"}));
    let items = json!({"items": [{"key": "same", "input": "same"}]});
    let _ = client.post(&format!("{dataset}/items"), &items).expect(200);
    let campaign = json!({
        "name": "same", "agent_id": agent.rsplit('/').next(), "dataset_id": dataset.rsplit('/').next(),
        "metrics": [{"kind": "contains", "params": {"values": ["x"]}}], "max_attempts": 1,
    });
    // What starts campaigns by itself.
    make(
        "/api/v1/hooks",
        json!({"name": "same", "provider": "generic", "secrets": [HOOK], "campaign": campaign}),
    );
    make(
        "/api/v1/schedules",
        json!({"name": "same", "cron": "0 3 * * *", "enabled": false, "campaign": campaign}),
    );
    // What a campaign leaves: runs, traces, scores.
    let campaign = client.start(&campaign);
    let _ = client.finished(&campaign, 60);
    places.push(format!("/api/v1/campaigns/{campaign}"));
    for run in client.runs(&campaign) {
        places.push(format!("/api/v1/runs/{}", run["run_id"].as_str().unwrap()));
        places.push(format!(
            "/api/v1/traces/{}",
            run["trace_id"].as_str().unwrap()
        ));
    }
    places
}

/// The paths of a route with the ids of things that are there; none where the route is about nothing of the kind.
fn paths_to(route: &str, places: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for place in places {
        let (route_parts, parts): (Vec<&str>, Vec<&str>) =
            (route.split('/').collect(), place.split('/').collect());
        if route_parts.len() < parts.len() {
            continue;
        }
        let fits = route_parts.iter().zip(&parts);
        if fits.clone().all(|(r, p)| r == p || r.starts_with('{')) {
            let rest = route_parts[parts.len()..].iter().map(|part| match *part {
                "{version}" => "1",
                "{label}" => "production",
                "{item_id}" | "{document_id}" | "{share}" => "same",
                other => other,
            });
            let all: Vec<&str> = parts.iter().copied().chain(rest).collect();
            let query = match (parts[3], route.rsplit('/').next()) {
                (_, Some("diff")) => "?from=1&to=1",
                ("campaigns", Some("compare" | "changes")) => "?baseline=same",
                (_, Some("compare")) => "?with=same",
                _ => "",
            };
            found.push(format!("{}{query}", all.join("/")));
        }
    }
    found
}

/// A body that the route takes, from the description of the API.
fn example(contract: &Value, row: &Row) -> Option<(String, String)> {
    let operation = &contract["paths"][&row.path][row.method.to_lowercase()];
    let content = operation["requestBody"]["content"].as_object()?;
    let (media, body) = content.iter().next()?;
    let example = body.get("example").cloned().or_else(|| {
        let all = body["examples"].as_object()?;
        Some(all.values().next()?["value"].clone())
    })?;
    let text = match &example {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some((media.clone(), text))
}

/// Lists of what can be searched and deleted.
const LISTS: [&str; 11] = [
    "/api/v1/agents",
    "/api/v1/models",
    "/api/v1/secrets",
    "/api/v1/personas",
    "/api/v1/programs",
    "/api/v1/scenarios",
    "/api/v1/prompts",
    "/api/v1/metric-library",
    "/api/v1/label-schemas",
    "/api/v1/knowledge-bases",
    "/api/v1/datasets",
];

fn second_workspace(people: &People, app: &App) -> (String, Visitor) {
    let visitor = people.sign_in(&app.url, "other@x.example");
    let me = visitor.get("/api/v1/me").expect(200);
    (me["workspace"]["id"].as_str().unwrap().to_owned(), visitor)
}

fn workspaces_see_nothing_of_each_other(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let people = People::start();
    let app = people.known_to(App::at(dir.path(), stores)).start();
    let first = app.client();
    let (workspace, visitor) = second_workspace(&people, &app);
    let made = visitor.post("/api/v1/api-keys", &json!({"name": "k", "role": "owner"}));
    let made = made.expect(201);
    let [public, secret] =
        ["public_key", "secret_key"].map(|f| made[f].as_str().unwrap().to_owned());
    let second = Client::with_keys(&app.url, &public, &secret);
    assert_eq!(
        second.get("/api/v1/workspace").expect(200)["id"],
        workspace.as_str()
    );
    let (of_first, of_second) = (fill(&first), fill(&second));

    // Whatever one of them reads, no id of the other's is in it.
    let read = |client: &Client| {
        let mut found = BTreeSet::new();
        for row in matrix().iter().filter(|r| r.method == "GET") {
            if row.path.contains('{') || row.path.contains("/auth/") {
                continue;
            }
            let answer = client.get(&row.path);
            ids(&answer.json(), &mut found);
        }
        for query in [
            "q=same",
            "deleted=include",
            "name=same",
            "sort=name&limit=200",
        ] {
            for list in LISTS {
                ids(&client.get(&format!("{list}?{query}")).json(), &mut found);
            }
        }
        ids(
            &client
                .get("/api/public/dataset-items?datasetName=same")
                .json(),
            &mut found,
        );
        for place in of_first.iter().chain(&of_second) {
            ids(&client.get(place).json()["data"], &mut found);
        }
        found
    };
    let (ours, theirs) = (read(&first), read(&second));
    assert!(ours.len() > 8 && theirs.len() > 8, "{ours:?}");
    // Examples in the API's description are everybody's.
    let mut shared = BTreeSet::new();
    ids(&first.get("/api/openapi.json").json(), &mut shared);
    let common: Vec<&String> = ours
        .intersection(&theirs)
        .filter(|i| !shared.contains(*i))
        .collect();
    let built_in = |id: &&&String| {
        // What the product brings is the same for all: read without anything of one's own.
        let places = of_first.iter().chain(&of_second);
        places.clone().any(|p| p.ends_with(id.as_str())) || id.as_str() == workspace
    };
    let leaked: Vec<_> = common.iter().filter(built_in).collect();
    assert!(leaked.is_empty(), "{leaked:?}");

    // Before ids of the other's are asked for, which the log repeats.
    let log = second.get("/api/v1/audit-log?format=ndjson").text;
    for place in &of_first {
        let id = place.rsplit(['/', ':']).next().unwrap();
        assert!(!log.contains(id), "{place}");
    }
    // By id, by every route and with a body that it takes: not there. And nothing of it was changed.
    let contract = std::fs::read_to_string(repository().join("docs/openapi.json")).unwrap();
    let contract: Value = serde_json::from_str(&contract).unwrap();
    let state = |client: &Client, places: &[String]| -> Vec<Value> {
        places.iter().map(|p| client.get(p).expect(200)).collect()
    };
    let before = (state(&first, &of_first), state(&second, &of_second));
    let mut tried = 0;
    for (client, places, theirs) in [(&first, &of_second, &theirs), (&second, &of_first, &ours)] {
        for row in matrix().iter().filter(|r| r.path.contains('{')) {
            for path in paths_to(&row.path, places) {
                let body = example(&contract, row);
                let media = body.as_ref().map(|(m, _)| ("content-type", m.as_str()));
                let text = body.as_ref().map(|(_, b)| b.as_bytes());
                let answer = client.send(&row.method, &path, media.as_slice(), text);
                assert_eq!(answer.status, 404, "{} {path}: {}", row.method, answer.text);
                let mut told = BTreeSet::new();
                ids(&answer.json(), &mut told);
                told.retain(|id| theirs.contains(id));
                assert!(told.is_empty(), "{} {path}: {}", row.method, answer.text);
                tried += 1;
            }
        }
        for list in LISTS {
            let ids: Vec<&str> = places
                .iter()
                .filter(|p| p.starts_with(list))
                .filter_map(|p| p.rsplit('/').next())
                .collect();
            for action in ["delete", "restore"] {
                let bulk = json!({"action": action, "ids": ids});
                let done = client.post(&format!("{list}/bulk"), &bulk).expect(200);
                assert_eq!(done["done"], 0, "{done}");
            }
        }
    }
    assert!(tried > 100, "{tried} routes by id");
    assert_eq!(
        before,
        (state(&first, &of_first), state(&second, &of_second))
    );
    // What refers to another's things finds nothing.
    let id = |places: &[String], list: &str| {
        let place = places.iter().find(|p| p.starts_with(list)).unwrap();
        place.rsplit('/').next().unwrap().to_owned()
    };
    let campaign = json!({
        "name": "x", "agent_id": id(&of_first, "/api/v1/agents"), "dataset_id": id(&of_first, "/api/v1/datasets"),
        "metrics": [{"kind": "contains", "params": {"values": ["x"]}}],
    });
    let answer = second.post("/api/v1/campaigns", &campaign);
    assert!([404, 422].contains(&answer.status), "{}", answer.text);
    let persona = json!({"name": "x", "model": id(&of_first, "/api/v1/models")});
    let hook = json!({"name": "x", "provider": "generic", "secrets": [HOOK], "campaign": campaign});
    let schedule = json!({"name": "x", "cron": "0 3 * * *", "campaign": campaign});
    for (list, body, field) in [
        ("/api/v1/personas", persona, "/model"),
        ("/api/v1/hooks", hook, "/campaign/agent_id"),
        ("/api/v1/schedules", schedule, "/campaign/agent_id"),
    ] {
        let doc = second.post(list, &body).expect_problem(422, "validation");
        assert_eq!(doc["errors"][0]["field"], field, "{doc}");
    }
    let own = of_second
        .iter()
        .find(|p| p.starts_with("/api/v1/campaigns/"));
    let (own, others) = (own.unwrap(), id(&of_first, "/api/v1/campaigns/"));
    for question in ["compare", "changes"] {
        let answer = second.get(&format!("{own}/{question}?baseline={others}"));
        let doc = answer.expect_problem(422, "validation");
        assert_eq!(doc["errors"][0]["field"], "baseline", "{doc}");
    }
    for role in [
        id(&of_first, "/api/v1/roles"),
        format!("custom:{}", id(&of_first, "/api/v1/agents")),
    ] {
        let key = json!({"name": "x", "role": role});
        second
            .post("/api/v1/api-keys", &key)
            .expect_problem(422, "validation");
    }
    let key = json!({"name": "x", "service_account_id": id(&of_first, "/api/v1/service-accounts")});
    second
        .post("/api/v1/api-keys", &key)
        .expect_problem(422, "validation");
    // A header names a workspace for a person; for a key it changes nothing.
    let named = [("x-assay-workspace", workspace.as_str())];
    let answer = first.send("GET", "/api/v1/workspace", &named, None);
    assert!(answer.status == 404 || answer.json()["id"] != workspace.as_str());
}

#[test]
fn two_workspaces_see_nothing_of_each_other() {
    workspaces_see_nothing_of_each_other(&Stores::embedded());
}

#[test]
fn postgres_two_workspaces_see_nothing_of_each_other() {
    if let Some(stores) = Stores::postgres() {
        workspaces_see_nothing_of_each_other(&stores);
    }
}
