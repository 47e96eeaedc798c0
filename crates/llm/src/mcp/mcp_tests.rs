//! Tests of the MCP client: replies as servers of the official SDKs send them.

use super::*;

fn server(extra: Value) -> McpServer {
    let mut fields = json!({"url": "https://tools.example.com/mcp"});
    let all = fields.as_object_mut().unwrap();
    all.extend(extra.as_object().unwrap().clone());
    serde_json::from_value(fields).unwrap()
}

fn session() -> McpSession {
    let headers = Headers {
        plain: vec![("x-team".into(), "qa".into())],
        ..Headers::default()
    };
    McpSession::new(&server(json!({})), headers)
}

fn body(call: &HttpCall) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

fn header<'a>(call: &'a HttpCall, name: &str) -> Option<&'a str> {
    let found = call.headers.iter().find(|(n, _)| n == name);
    found.map(|(_, value)| value.as_str())
}

fn hear(
    session: &mut McpSession,
    status: u16,
    id: Option<&str>,
    body: &str,
) -> Result<McpNext, McpError> {
    session.hear(&McpReply {
        status,
        session_id: id,
        body: body.as_bytes(),
    })
}

fn next(session: &mut McpSession, status: u16, id: Option<&str>, body: &str) -> HttpCall {
    match hear(session, status, id, body).unwrap() {
        McpNext::Send(call) => call,
        other => panic!("{other:?}"),
    }
}

fn initialized(version: &str) -> String {
    json!({"jsonrpc": "2.0", "id": 1, "result": {"protocolVersion": version,
        "capabilities": {"tools": {"listChanged": true}}, "serverInfo": {"name": "s", "version": "1"}}})
    .to_string()
}

/// A session that has been opened, at the list of tools.
fn opened(id: Option<&str>) -> McpSession {
    let mut session = session();
    session.begin();
    next(&mut session, 200, id, &initialized("2025-06-18"));
    next(&mut session, 202, None, "");
    session
}

fn tool(name: &str) -> McpTool {
    McpTool {
        name: name.into(),
        description: String::new(),
        parameters: json!({"type": "object"}),
        headers: Vec::new(),
    }
}

#[test]
fn the_handshake_leads_to_the_tools() {
    let mut session = session();
    let first = session.begin();
    assert_eq!(
        (first.method, first.timeout_ms, &first.auth),
        ("POST", 30_000, &None)
    );
    assert_eq!(
        header(&first, "accept"),
        Some("application/json, text/event-stream")
    );
    assert_eq!(header(&first, "x-team"), Some("qa"));
    assert_eq!(header(&first, "mcp-protocol-version"), None);
    assert_eq!(body(&first)["method"], "initialize");
    assert_eq!(body(&first)["params"]["protocolVersion"], "2025-11-25");
    assert_eq!(body(&first)["params"]["clientInfo"]["name"], "assay");

    let note = next(
        &mut session,
        200,
        Some("1868a90c"),
        &initialized("2025-06-18"),
    );
    assert_eq!(
        body(&note),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"})
    );
    assert_eq!(header(&note, "mcp-session-id"), Some("1868a90c"));
    assert_eq!(header(&note, "mcp-protocol-version"), Some("2025-06-18"));

    let list = next(&mut session, 202, None, "");
    assert_eq!(
        body(&list),
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}})
    );
    assert_eq!(header(&list, "mcp-session-id"), Some("1868a90c"));

    let page = |id: u64, name: &str, cursor: Option<&str>| {
        let mut result = json!({"tools": [{"name": name, "description": "d",
            "inputSchema": {"type": "object", "properties": {"x": {"type": "string"}}}}]});
        if let Some(cursor) = cursor {
            result["nextCursor"] = json!(cursor);
        }
        json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string()
    };
    let more = next(&mut session, 200, None, &page(2, "a", Some("p2")));
    assert_eq!(body(&more)["params"], json!({"cursor": "p2"}));
    // The second page comes as events, behind one that only primes the client, and others.
    let events = format!(
        "id: 1\ndata: \n\n: ping\n\ndata: {}\n\nevent: message\ndata: {}\n\n",
        json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {}}),
        page(3, "b.c", None)
    );
    let McpNext::Ready(tools) = hear(&mut session, 200, None, &events).unwrap() else {
        panic!()
    };
    let names: Vec<&str> = tools.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["a", "b.c"]);
    assert_eq!(tools[0].parameters["properties"]["x"]["type"], "string");
}

#[test]
fn calls_and_their_results() {
    let mut session = opened(Some("s-1"));
    let call = session.call(&tool("get_weather"), &json!({"location": "New York"}));
    assert_eq!(
        body(&call),
        json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call",
            "params": {"name": "get_weather", "arguments": {"location": "New York"}}})
    );
    assert_eq!(header(&call, "mcp-session-id"), Some("s-1"));
    assert_eq!(header(&call, "mcp-name"), None);
    let check = |status: u16, body: String, value: Value, is_error: bool| {
        let reply = McpReply {
            status,
            session_id: None,
            body: body.as_bytes(),
        };
        match session.called(&reply) {
            McpCalled::Output(output) => {
                assert_eq!((output.value, output.is_error), (value, is_error), "{body}");
            }
            other => panic!("{other:?}"),
        }
    };
    let result = json!({"content": [{"type": "text", "text": "72\u{b0}F"}], "isError": false});
    let response = json!({"jsonrpc": "2.0", "id": 3, "result": result});
    check(200, response.to_string(), json!("72\u{b0}F"), false);
    check(
        200,
        format!("event: message\ndata: {response}\n\n"),
        json!("72\u{b0}F"),
        false,
    );
    // A batch, as 2025-03-26 had them, with the answer to something else in it.
    let other = json!({"jsonrpc": "2.0", "id": 2, "result": {"content": []}});
    check(
        200,
        json!([other, response]).to_string(),
        json!("72\u{b0}F"),
        false,
    );
    let error = |text: &str| json!({"error": text});
    check(
        200,
        json!({"jsonrpc": "2.0", "id": 3, "error": {"code": -32602, "message": "Unknown tool: get_weather"}}).to_string(),
        error("the tool's server refused: Unknown tool: get_weather"),
        true,
    );
    check(
        500,
        "boom".into(),
        error("the tool's server answered 500: boom"),
        true,
    );
    check(
        200,
        "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\n\n".into(),
        error(
            "the tool's server gave an answer that cannot be read: the answer has not the shape of its protocol: \
            the stream broke off",
        ),
        true,
    );
    check(
        200,
        other.to_string(),
        error(
            "the tool's server gave an answer that cannot be read: the answer has not the shape of its protocol: \
            there is no JSON-RPC response to the request",
        ),
        true,
    );
}

#[test]
fn sessions_end() {
    let session = opened(Some("s-1"));
    let end = session.end().unwrap();
    assert_eq!(
        (end.method, end.body.as_slice()),
        ("DELETE", b"".as_slice())
    );
    assert_eq!(header(&end, "mcp-session-id"), Some("s-1"));
    let gone = McpReply {
        status: 404,
        session_id: None,
        body: b"",
    };
    assert_eq!(session.called(&gone), McpCalled::Expired);
    // A server without sessions cannot have forgotten one.
    let without = opened(None);
    assert_eq!(without.end(), None);
    assert!(matches!(without.called(&gone), McpCalled::Output(o) if o.is_error));
    // One that begins anew names the old session no more.
    let mut again = opened(Some("s-1"));
    assert_eq!(header(&again.begin(), "mcp-session-id"), None);
    let mut odd = self::session();
    odd.begin();
    let note = next(&mut odd, 200, Some("a b\u{e9}"), &initialized("2025-03-26"));
    assert_eq!(header(&note, "mcp-session-id"), None);
}

#[test]
fn a_server_without_handshakes_is_spoken_to_without() {
    for refusal in [
        json!({"code": -32022, "message": "Unsupported protocol version", "data": {"supported": ["2026-07-28"]}}),
        json!({"code": -32020, "message": "Header mismatch"}),
        json!({"code": -32601, "message": "Method not found"}),
    ] {
        let mut session = session();
        session.begin();
        let refused = json!({"jsonrpc": "2.0", "id": 1, "error": refusal}).to_string();
        let list = next(&mut session, 400, None, &refused);
        assert_eq!(header(&list, "mcp-protocol-version"), Some("2026-07-28"));
        assert_eq!(header(&list, "mcp-method"), Some("tools/list"));
        let meta = &body(&list)["params"]["_meta"];
        assert_eq!(
            meta["io.modelcontextprotocol/protocolVersion"],
            "2026-07-28"
        );
        assert_eq!(
            meta["io.modelcontextprotocol/clientCapabilities"],
            json!({})
        );
        let tools = json!({"jsonrpc": "2.0", "id": 2, "result": {"resultType": "complete", "tools": [
            {"name": "execute_sql", "inputSchema": {"type": "object", "properties": {
                "region": {"type": "string", "x-mcp-header": "Region"}, "query": {"type": "string"}}}},
            {"name": "broken", "inputSchema": {"type": "object", "properties": {"x": {"type": "number", "x-mcp-header": "X"}}}},
        ]}});
        let next = hear(&mut session, 200, None, &tools.to_string()).unwrap();
        let McpNext::Ready(tools) = next else {
            panic!()
        };
        assert_eq!(tools.len(), 1);
        let call = session.call(
            &tools[0],
            &json!({"region": "us-west1", "query": "SELECT 1"}),
        );
        assert_eq!(header(&call, "mcp-method"), Some("tools/call"));
        assert_eq!(header(&call, "mcp-name"), Some("execute_sql"));
        assert_eq!(header(&call, "mcp-param-region"), Some("us-west1"));
        assert_eq!(body(&call)["params"]["arguments"]["query"], "SELECT 1");
        assert_eq!(session.end(), None);
    }
}

#[test]
fn servers_that_cannot_be_used() {
    let check = |status: u16, body: &str, says: &str, again: bool| {
        let mut session = session();
        session.begin();
        let fault = hear(&mut session, status, None, body).unwrap_err();
        assert!(fault.to_string().contains(says), "{fault}");
        assert_eq!(fault.may_pass(), again, "{fault}");
    };
    check(401, "{\"error\": \"invalid_token\"}", "answered 401", false);
    check(503, "busy", "answered 503: busy", true);
    check(429, "", "answered 429", true);
    check(200, "<html>", "not JSON", true);
    check(200, "", "not JSON", true);
    check(
        200,
        &initialized("2024-11-05"),
        "version `2024-11-05`",
        false,
    );
    check(
        200,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
        "version ``",
        false,
    );
    check(
        200,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":\"no\"}}",
        "refused: no",
        false,
    );
    let mut session = self::session();
    session.begin();
    next(&mut session, 200, None, &initialized("2025-11-25"));
    let fault = hear(&mut session, 400, None, "no session").unwrap_err();
    assert!(fault.to_string().contains("answered 400"), "{fault}");
    let mut session = opened(None);
    let fault = hear(
        &mut session,
        200,
        None,
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}",
    )
    .unwrap_err();
    assert!(fault.to_string().contains("no `tools`"), "{fault}");
}

#[test]
fn lists_that_do_not_end_are_left() {
    let page = |id: usize, cursor: &str| {
        json!({"jsonrpc": "2.0", "id": id, "result": {"tools": [], "nextCursor": cursor}})
            .to_string()
    };
    let mut session = opened(None);
    next(&mut session, 200, None, &page(2, "same"));
    assert_eq!(
        hear(&mut session, 200, None, &page(3, "same")),
        Err(McpError::TooMany)
    );
    let mut session = opened(None);
    let mut pages = 0;
    let fault = loop {
        match hear(
            &mut session,
            200,
            None,
            &page(2 + pages, &format!("p{pages}")),
        ) {
            Ok(_) => pages += 1,
            Err(fault) => break fault,
        }
    };
    assert_eq!((fault, pages), (McpError::TooMany, MAX_PAGES - 1));
}
