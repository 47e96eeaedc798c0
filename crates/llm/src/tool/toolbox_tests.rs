//! Tests of an agent's tools.

use super::*;

fn agent() -> AgentSpec {
    serde_json::from_value(json!({
        "name": "a", "kind": "openai_chat", "url": "https://example.com/",
        "tools": [
            {"name": "look", "does": {"type": "mock", "output": {"found": 1}}},
            {"name": "down", "does": {"type": "fail", "message": "out of order"}},
            {"name": "post", "description": "Posts.", "parameters": {"type": "object"},
                "does": {"type": "http", "url": "https://example.com/t", "headers": {"X-Run": "{{ run_id }}"}}},
        ],
        "mcp_servers": [{"url": "https://mcp.example.com/", "allowed_tools": ["admin.list", "look"]}],
    }))
    .unwrap()
}

fn mcp_tool(name: &str) -> McpTool {
    McpTool {
        name: name.into(),
        description: String::new(),
        parameters: json!({"type": "object"}),
        headers: Vec::new(),
    }
}

fn asked(name: &str, arguments: Value) -> AskedCall {
    AskedCall::new("1".into(), name.into(), arguments)
}

fn with(agent: &AgentSpec, mocks: &[ToolMock], f: impl FnOnce(Toolbox)) {
    let turn = Turn {
        agent,
        messages: &[],
        run_id: "run-1",
        session: &Value::Null,
    };
    f(Toolbox::new(&turn, &[], mocks).unwrap());
}

fn known(toolbox: &Toolbox, name: &str, arguments: Value) -> ToolOutput {
    match toolbox.plan(&asked(name, arguments)).1 {
        Plan::Known(output) => output,
        other => panic!("{other:?}"),
    }
}

#[test]
fn own_tools() {
    let agent = agent();
    with(&agent, &[], |toolbox| {
        assert_eq!(
            known(&toolbox, "look", Value::Null).value,
            json!({"found": 1})
        );
        let down = known(&toolbox, "down", json!({}));
        assert!(down.is_error && down.value["error"] == "out of order");
        let (name, plan) = toolbox.plan(&asked("post", json!({"x": 1})));
        let Plan::Http(call) = plan else { panic!() };
        assert_eq!(
            (name.as_str(), call.body.as_slice()),
            ("post", b"{\"x\":1}".as_slice())
        );
        assert!(call.headers.contains(&("x-run".into(), "run-1".into())));
        for (tool, arguments, says) in [
            ("nothing", json!({}), "no tool `nothing`"),
            ("post", json!("{broken"), "not a JSON object"),
            ("post", json!([1]), "not a JSON object"),
        ] {
            let fault = known(&toolbox, tool, arguments);
            assert!(fault.is_error && fault.value["error"].as_str().unwrap().contains(says));
        }
        let described: Vec<Value> = toolbox
            .tools()
            .iter()
            .map(|t| Value::Object(t.described()))
            .collect();
        assert_eq!(described[0], json!({"name": "look"}));
        assert_eq!(
            described[2],
            json!({"name": "post", "description": "Posts."})
        );
        assert_eq!(
            toolbox.tools()[0].parameters(),
            &json!({"type": "object", "properties": {}})
        );
    });
}

#[test]
fn servers_tools_get_names_that_apis_take() {
    let agent = agent();
    with(&agent, &[], |mut toolbox| {
        let tools = vec![
            mcp_tool("admin.list"),
            mcp_tool("look"),
            mcp_tool("unwanted"),
        ];
        toolbox.add_server(&agent, 0, tools).unwrap();
        let names: Vec<&str> = toolbox.tools().iter().map(|t| t.wire.as_str()).collect();
        assert_eq!(names, ["look", "down", "post", "admin_list", "look_2"]);
        let (name, plan) = toolbox.plan(&asked("admin_list", Value::Null));
        let Plan::Mcp {
            server,
            tool,
            arguments,
        } = plan
        else {
            panic!()
        };
        assert_eq!(
            (name.as_str(), server, tool.name.as_str()),
            ("admin.list", 0, "admin.list")
        );
        assert_eq!(arguments, json!({}));
    });
    with(&agent, &[], |mut toolbox| {
        let fault = toolbox
            .add_server(&agent, 0, vec![mcp_tool("look")])
            .unwrap_err();
        assert!(
            fault.to_string().contains("has no tool `admin.list`"),
            "{fault}"
        );
    });
}

#[test]
fn too_many_tools_are_not_offered() {
    let mut agent = agent();
    agent.mcp_servers[0].allowed_tools.clear();
    let tools = |n: usize| (0..n).map(|i| mcp_tool(&format!("t{i}"))).collect();
    with(&agent, &[], |mut toolbox| {
        toolbox
            .add_server(&agent, 0, tools(MAX_OFFERED - 3))
            .unwrap();
        assert_eq!(
            toolbox.add_server(&agent, 1, tools(1)),
            Err(ToolboxError::TooMany(MAX_OFFERED + 1))
        );
    });
}

#[test]
fn mocks_win() {
    let agent = agent();
    let mock = |tool: &str| ToolMock {
        tool: tool.into(),
        output: json!("mocked"),
    };
    with(&agent, &[mock("post"), mock("down")], |toolbox| {
        toolbox.check_mocks().unwrap();
        assert_eq!(
            known(&toolbox, "post", json!({})),
            ToolOutput::of(json!("mocked"))
        );
        assert_eq!(
            known(&toolbox, "down", json!({})),
            ToolOutput::of(json!("mocked"))
        );
    });
    with(&agent, &[mock("else")], |toolbox| {
        assert_eq!(
            toolbox.check_mocks(),
            Err(ToolboxError::UnknownMock("else".into()))
        );
    });
}

#[test]
fn an_environment_stands_before_what_it_stands_for() {
    let tool = |name: &str| -> EnvTool {
        serde_json::from_value(json!({"name": name, "description": "Ours."})).unwrap()
    };
    let tools = [tool("post"), tool("else")];
    let mut agent = agent();
    let turn = |agent: &AgentSpec, mocks: &[ToolMock], f: &dyn Fn(Toolbox)| {
        let turn = Turn {
            agent,
            messages: &[],
            run_id: "run-1",
            session: &Value::Null,
        };
        f(Toolbox::new(&turn, &tools, mocks).unwrap());
    };
    turn(&agent, &[], &|mut toolbox| {
        let servers = vec![mcp_tool("admin.list"), mcp_tool("look"), mcp_tool("else")];
        let mut all = agent.clone();
        all.mcp_servers[0].allowed_tools.clear();
        toolbox.add_server(&all, 0, servers).unwrap();
        let names: Vec<&str> = toolbox.tools().iter().map(|t| t.wire.as_str()).collect();
        assert_eq!(
            names,
            ["post", "else", "look", "down", "admin_list", "look_2"]
        );
        let (name, plan) = toolbox.plan(&asked("post", Value::Null));
        let Plan::Environment { tool, arguments } = plan else {
            panic!("{plan:?}")
        };
        assert_eq!(
            (name.as_str(), tool, arguments),
            ("post", "post", json!({}))
        );
    });
    let mock = ToolMock {
        tool: "else".into(),
        output: json!("mocked"),
    };
    turn(&agent, &[mock], &|toolbox| {
        toolbox.check_mocks().unwrap();
        assert_eq!(
            known(&toolbox, "else", json!({})),
            ToolOutput::of(json!("mocked"))
        );
    });
    // Who runs its tools itself cannot be offered any.
    agent.kind = assay_model::AgentKind::Http;
    agent.tools.clear();
    turn(&agent, &[], &|toolbox| assert!(toolbox.tools().is_empty()));
}

#[test]
fn an_environment_cannot_offer_too_much() {
    let tools: Vec<EnvTool> = (0..MAX_OFFERED)
        .map(|n| serde_json::from_value(json!({"name": format!("t{n}")})).unwrap())
        .collect();
    let agent = agent();
    let turn = Turn {
        agent: &agent,
        messages: &[],
        run_id: "run-1",
        session: &Value::Null,
    };
    let refused = Toolbox::new(&turn, &tools, &[]).err();
    assert_eq!(refused, Some(ToolboxError::TooMany(MAX_OFFERED + 3)));
}

proptest::proptest! {
    #[test]
    fn every_wire_name_is_plain_and_its_own(names in proptest::collection::vec(".{0,80}", 0..20)) {
        let mut agent = agent();
        agent.mcp_servers[0].allowed_tools.clear();
        with(&agent, &[], |mut toolbox| {
            let tools = names.iter().map(|n| mcp_tool(n)).collect();
            toolbox.add_server(&agent, 0, tools).unwrap();
            let mut seen = std::collections::BTreeSet::new();
            for tool in toolbox.tools() {
                assert!(tool.wire.len() <= MAX_NAME, "{}", tool.wire);
                assert!(tool.wire.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
                assert!(seen.insert(tool.wire.clone()), "{}", tool.wire);
            }
        });
    }
}
