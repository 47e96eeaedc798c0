//! Files beside traces: announced, uploaded and read as Langfuse's clients do, on both relational stores.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{Answer, App, Client, Stores};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const PATH: &str = "/api/public/media";

fn on_sqlite(check: fn(&App)) {
    check(&App::start(&Stores::embedded()));
}

fn on_postgres(check: fn(&App)) {
    if let Some(stores) = Stores::postgres() {
        check(&App::start(&stores));
    }
}

#[test]
fn files_are_uploaded_and_read() {
    on_sqlite(files);
}

#[test]
fn postgres_files_are_uploaded_and_read() {
    on_postgres(files);
}

#[test]
fn uploads_that_are_refused_leave_nothing() {
    on_sqlite(refused);
}

#[test]
fn postgres_uploads_that_are_refused_leave_nothing() {
    on_postgres(refused);
}

#[test]
fn one_file_is_uploaded_by_many_at_once() {
    on_sqlite(race);
}

#[test]
fn postgres_one_file_is_uploaded_by_many_at_once() {
    on_postgres(race);
}

/// Bytes that are no text, and not the same everywhere.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn hash(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

fn announcement(bytes: &[u8], observation: &str) -> Value {
    json!({
        "traceId": "b8cc5937bc4ef0912b63541d1ac46914", "observationId": observation, "datasetId": null,
        "datasetItemId": null, "contentType": "image/png", "contentLength": bytes.len(), "sha256Hash": hash(bytes),
        "field": "input",
    })
}

/// The path of an absolute URL of this platform.
#[track_caller]
fn path(app: &App, url: &Value) -> String {
    let url = url.as_str().expect("a URL");
    let path = url.strip_prefix(&app.url);
    path.unwrap_or_else(|| panic!("{url} is not at {}", app.url))
        .to_owned()
}

/// Announces a file; gives its path, and that of the upload.
#[track_caller]
fn announce(app: &App, bytes: &[u8]) -> (String, String) {
    let made = app.client().post(PATH, &announcement(bytes, "o"));
    let made = made.expect(201);
    let id = made["mediaId"].as_str().unwrap();
    (format!("{PATH}/{id}"), path(app, &made["uploadUrl"]))
}

/// Sends bytes as Langfuse's clients do: without a key.
fn put(app: &App, path: &str, bytes: &[u8]) -> Answer {
    let headers = [
        ("content-type", "image/png"),
        ("x-ms-blob-type", "BlockBlob"),
        ("x-amz-checksum-sha256", &hash(bytes)),
    ];
    Client::anonymous(&app.url).send("PUT", path, &headers, Some(bytes))
}

/// The bytes at a link, with the headers of the answer.
fn download(url: &str) -> (Vec<u8>, ureq::http::HeaderMap) {
    let mut answer = ureq::get(url).call().unwrap();
    let bytes = answer
        .body_mut()
        .with_config()
        .limit(64 << 20)
        .read_to_vec();
    (bytes.unwrap(), answer.headers().clone())
}

fn files(app: &App) {
    let client = app.client();
    // Of one part, of a whole number of parts, and of several with a rest.
    for length in [1, 2 * (384 << 10), 2_000_003] {
        let bytes = noise(length);
        let (one, upload) = announce(app, &bytes);
        let id = &URL_SAFE_NO_PAD.encode(Sha256::digest(&bytes))[..22];
        assert_eq!(one, format!("{PATH}/{id}"), "as clients compute it");
        client.get(&one).expect_problem(404, "not-found");
        let done = put(app, &upload, &bytes);
        assert_eq!((done.status, done.text.as_str()), (200, ""));
        assert_eq!(put(app, &upload, &bytes).status, 200, "again");
        let report = json!({
            "uploadedAt": "2026-11-24T04:19:58.038275Z", "uploadHttpStatus": 200, "uploadHttpError": "", "uploadTimeMs": 1,
        });
        assert_eq!(client.patch(&one, &report).status, 204);

        let shown = client.get(&one).expect(200);
        assert_eq!(shown["mediaId"], id);
        assert_eq!(shown["contentType"], "image/png");
        assert_eq!(shown["contentLength"], length);
        assert!(shown["uploadedAt"].is_string() && shown["urlExpiry"].is_string());
        let (read, headers) = download(shown["url"].as_str().unwrap());
        assert!(read == bytes, "{length} bytes come back as they were");
        for (name, value) in [
            ("content-type", "image/png"),
            ("content-disposition", "attachment"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
        ] {
            assert_eq!(headers[name], value, "{name}");
        }

        let again = client
            .post(PATH, &announcement(&bytes, "other"))
            .expect(201);
        assert_eq!(again, json!({"mediaId": id, "uploadUrl": null}));
    }
    // A file of an item of a dataset.
    let mut item = announcement(b"item", "");
    for (name, value) in [
        ("traceId", Value::Null),
        ("observationId", Value::Null),
        ("datasetId", json!("d")),
        ("datasetItemId", json!("i")),
        ("field", json!("expectedOutput")),
    ] {
        item[name] = value;
    }
    let made = client.post(PATH, &item).expect(201);
    assert_eq!(
        put(app, &path(app, &made["uploadUrl"]), b"item").status,
        200
    );
    // With a trace go the files that only it has.
    let item_file = format!("{PATH}/{}", made["mediaId"].as_str().unwrap());
    let noted = client.post(PATH, &announcement(b"item", "o")).expect(201);
    assert_eq!(noted["uploadUrl"], Value::Null);
    let id = URL_SAFE_NO_PAD.encode(Sha256::digest(noise(1)));
    let of_trace = format!("{PATH}/{}", &id[..22]);
    let _ = client.get(&of_trace).expect(200);
    let trace = "/api/public/traces/b8cc5937bc4ef0912b63541d1ac46914";
    let _ = client.delete(trace).expect(200);
    client.get(&of_trace).expect_problem(404, "not-found");
    let _ = client.get(&item_file).expect(200);
    // Without a trace there is nothing that has it.
    item["datasetId"] = Value::Null;
    let doc = client.post(PATH, &item).expect_problem(400, "validation");
    assert_eq!(doc["errors"][0]["field"], "/datasetId");
    Client::anonymous(&app.url)
        .post(PATH, &item)
        .expect_problem(401, "unauthenticated");
}

fn refused(app: &App) {
    let client = app.client();
    let bytes = noise(1_000_000);
    let (one, upload) = announce(app, &bytes);
    let anonymous = Client::anonymous(&app.url);
    let send = |path: &str, headers: &[(&str, &str)], body: &[u8]| {
        anonymous.send("PUT", path, headers, Some(body))
    };

    let short = &bytes[..999_999];
    send(&upload, &[], short).expect_problem(400, "malformed-body");
    let long = [&bytes[..], b"x"].concat();
    send(&upload, &[], &long).expect_problem(413, "body-too-large");
    let mut other = bytes.clone();
    other[0] ^= 1;
    send(&upload, &[], &other).expect_problem(400, "malformed-body");
    let wrong = hash(&other);
    send(&upload, &[("x-amz-checksum-sha256", &wrong)], &bytes)
        .expect_problem(400, "malformed-body");

    // Links for another file, of another workspace, that were made longer, or that are none.
    let (another, foreign) = announce(app, b"another");
    let foreign = foreign.replace(&another, &one);
    let (start, token) = upload.split_once("token=").unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let [workspace, expires, random] = parts[..] else {
        panic!("{token}")
    };
    let later = expires.parse::<i64>().unwrap() + 1;
    let nobody = uuid::Uuid::nil();
    for path in [
        foreign,
        format!("{start}token={nobody}.{expires}.{random}"),
        format!("{start}token={workspace}.{later}.{random}"),
        format!("{start}token={workspace}.1.{random}"),
        format!("{start}token={workspace}.{expires}."),
        format!("{start}token="),
        format!("{one}/upload"),
    ] {
        put(app, &path, &bytes).expect_problem(403, "forbidden");
    }
    client.get(&one).expect_problem(404, "not-found");

    // That it was reported as uploaded makes nothing be here; an unknown file has no report.
    let report = json!({"uploadedAt": "2026-11-24T04:19:58Z", "uploadHttpStatus": 200});
    assert_eq!(client.patch(&one, &report).status, 204);
    client.get(&one).expect_problem(404, "not-found");
    client
        .patch(&format!("{PATH}/none"), &report)
        .expect_problem(404, "not-found");

    // After all of this it can be uploaded.
    assert_eq!(put(app, &upload, &bytes).status, 200);
    let url = client.get(&one).expect(200)["url"].clone();
    let link = path(app, &url);
    assert_eq!(download(url.as_str().unwrap()).0.len(), bytes.len());
    let (start, query) = link.split_once('?').unwrap();
    assert_eq!(
        put(app, &announce(app, b"another").1, b"another").status,
        200
    );
    let at = link.find("expires=").unwrap() + "expires=".len();
    for path in [
        format!("{another}/content?{query}"),
        link.replace(workspace, &nobody.to_string()),
        format!("{}9{}", &link[..at], &link[at..]),
        format!(
            "{}{}",
            &link[..link.len() - 1],
            if link.ends_with('0') { '1' } else { '0' }
        ),
        start.to_owned(),
    ] {
        anonymous.get(&path).expect_problem(403, "forbidden");
    }

    let most = 32 << 20;
    for (field, value) in [
        ("contentType", json!("png")),
        ("contentType", json!("image/png\r\nset-cookie: a=b")),
        ("contentLength", json!(0)),
        ("contentLength", json!(most + 1)),
        ("sha256Hash", json!("abc")),
        ("field", json!("comment")),
        ("traceId", Value::Null),
    ] {
        let mut body = announcement(b"x", "o");
        body[field] = value;
        let doc = client.post(PATH, &body).expect_problem(400, "validation");
        assert_eq!(doc["errors"][0]["field"], format!("/{field}"));
    }
}

/// Every observation that names a file announces it: all their uploads end well, and the file is there once.
fn race(app: &App) {
    let bytes = noise(1_500_000);
    let links: Vec<(String, String)> = (0..4).map(|_| announce(app, &bytes)).collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let uploads: Vec<_> = links
            .iter()
            .map(|(_, upload)| scope.spawn(|| put(app, upload, &bytes).status))
            .collect();
        uploads.into_iter().map(|u| u.join().unwrap()).collect()
    });
    assert_eq!(statuses, [200; 4]);
    let shown = app.client().get(&links[0].0).expect(200);
    assert!(download(shown["url"].as_str().unwrap()).0 == bytes);
}
