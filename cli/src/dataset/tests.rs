//! What each format accepts, and what it says of what it does not.

use super::*;
use assay_model::MetricKind;
use serde_json::json;

fn parse(format: Format, text: &str) -> Result<Vec<DatasetItem>> {
    Dataset::parse("t", format, text.as_bytes()).map(|d| d.items)
}

fn message(format: Format, text: &str) -> String {
    format!("{:#}", parse(format, text).unwrap_err())
}

const CSV: Format = Format::Delimited(b',');

#[test]
fn jsonl_with_byte_order_mark_crlf_and_blank_lines() {
    let items = parse(
        Format::Jsonl,
        "\u{feff}{\"input\":\"a\"}\r\n\r\n{\"key\":\"k\",\"turns\":[\"x\",\"y\"]}\r\n",
    )
    .unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].key.as_deref(), Some("item-1"));
    assert_eq!(items[1].user_turns(), ["x", "y"]);
}

#[test]
fn jsonl_errors_name_the_line() {
    for (text, expected) in [
        (
            "{\"input\":\"a\"}\n{\"input\":",
            "line 2: the JSON ends too early",
        ),
        (
            "\n\n{\"input\":\"a\",}",
            "line 3: trailing comma (column 14)",
        ),
        (
            "[1]",
            "line 1: invalid type: sequence, expected a map (column 0)",
        ),
        ("1", "line 1: must be a JSON object"),
        (
            "{\"inptu\":\"a\"}",
            "line 1: unknown field `inptu`; what is your own goes under `metadata`",
        ),
        (
            "{\"expected_output\":\"a\"}",
            "line 1: input: is required unless `turns` is given",
        ),
        (
            "{\"input\":\"a\",\"turns\":[\"b\"]}",
            "line 1: turns: cannot stand beside `input`",
        ),
        (
            "{\"input\":\"a\",\"key\":\"k\"}\n{\"input\":\"b\",\"key\":\"k\"}",
            "line 2: key `k` is used by line 1 already",
        ),
        ("", "no items in it"),
        ("\n \n", "no items in it"),
    ] {
        assert_eq!(message(Format::Jsonl, text), expected, "{text}");
    }
}

#[test]
fn json_errors_name_the_line_of_the_item() {
    let text = "[\n  {\"input\": \"a\"},\n  {\n    \"input\": 1,\n    \"nope\": 2\n  }\n]";
    assert_eq!(
        message(Format::Json, text),
        "line 3: unknown field `nope`; what is your own goes under `metadata`"
    );
    assert_eq!(
        message(Format::Json, "[\n {\"input\": \"a\"},\n"),
        "line 3: the JSON ends too early"
    );
    assert_eq!(
        parse(Format::Json, "{\"items\": [{\"input\": \"a\"}]}")
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn bytes_that_are_no_text_name_the_line() {
    let error = Dataset::parse(
        "t",
        Format::Jsonl,
        b"{\"input\":\"a\"}\n{\"input\":\"\xff\"}",
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "line 2: is not UTF-8");
    let error = Dataset::parse("t", Format::Jsonl, b"\xff\xfe{\0").unwrap_err();
    assert_eq!(error.to_string(), "is UTF-16; save it as UTF-8");
}

#[test]
fn csv_lists_are_json_or_separated() {
    let text = "key,turns,input,tags,context,expected_tools,metrics,channel\r\n\
        a,\"[\"\"one; two\"\",\"\"three\"\"]\",,x;y,c1|c2,lookup;create,,web\r\n\
        b,one;two,,,,\"[{\"\"name\"\":\"\"t\"\",\"\"inputParameters\"\":{\"\"q\"\":1}}]\",regex:pattern=^a;b$,\r\n\
        c,,\"two\nlines, and \"\"quotes\"\"\",,,,,\r\n";
    let items = parse(CSV, text).unwrap();
    assert_eq!(items[0].turns, ["one; two", "three"]);
    assert_eq!(items[0].tags, ["x", "y"]);
    assert_eq!(items[0].context, ["c1", "c2"]);
    assert_eq!(items[0].expected_tools.as_ref().unwrap().len(), 2);
    assert_eq!(items[0].metadata, json!({"channel": "web"}));
    assert_eq!(items[1].turns, ["one", "two"]);
    assert_eq!(
        items[1].expected_tools.as_ref().unwrap()[0].input_parameters,
        json!({"q": 1})
    );
    assert_eq!(items[1].metrics[0].kind, MetricKind::Regex);
    assert_eq!(items[1].metrics[0].params, json!({"pattern": "^a;b$"}));
    assert_eq!(
        items[2].input.as_deref(),
        Some("two\nlines, and \"quotes\"")
    );
}

#[test]
fn csv_errors_name_the_line() {
    for (text, expected) in [
        (
            "input,tags\na,b\nc\n",
            "line 3: has 1 fields, but the header has 2",
        ),
        (
            "question,answer\na,b\n",
            "line 1: no column is named `input` or `turns` (there are: question, answer)",
        ),
        (
            "input,input\na,b\n",
            "line 1: column `input` stands there twice",
        ),
        ("input,\na,b\n", "line 1: column 2 has no name"),
        (
            "input,expected_output\n\"a\nb\",x\n,y\n",
            "line 4: input: is required unless `turns` is given",
        ),
        (
            "input,tags\na,[x\n",
            "line 2: `tags` starts with `[` but is not a JSON array",
        ),
        (
            "input,tags\r\na,b\r\nc,[x\r\n",
            "line 3: `tags` starts with `[` but is not a JSON array",
        ),
        ("input\n", "no items in it"),
    ] {
        assert_eq!(message(CSV, text), expected, "{text}");
    }
}

#[test]
fn yaml_lists_and_mappings() {
    let items = parse(
        Format::Yaml,
        "- input: a\n  expected_output: 42\n  metrics: [exact_match]\n- turns: [b, c]\n",
    )
    .unwrap();
    assert_eq!(items[0].expected_output.as_deref(), Some("42"));
    assert_eq!(items[0].metrics[0].kind, MetricKind::ExactMatch);
    assert_eq!(items[1].turns, ["b", "c"]);
    assert_eq!(
        parse(Format::Yaml, "items:\n- input: a\n").unwrap().len(),
        1
    );
    assert_eq!(
        message(Format::Yaml, "- input: a\n- inpt: b\n"),
        "item 2: unknown field `inpt`; what is your own goes under `metadata`"
    );
    assert!(
        message(Format::Yaml, "- input: a\n  - b: [\n").starts_with("line "),
        "{}",
        message(Format::Yaml, "- input: a\n  - b: [\n")
    );
    assert_eq!(
        message(Format::Yaml, "input: a\n"),
        "must be a list of items, or a mapping with a list `items`"
    );
}

#[test]
fn deepeval_goldens_in_all_their_forms() {
    let json = r#"[{"input":"What is RAG?","actual_output":null,"expected_output":"Retrieval augmented generation",
        "retrieval_context":["ctx1","ctx2"],"context":["RAG combines."],"name":null,"comments":null,"source_file":"a.md",
        "expected_tools":[{"name":"search","type":"FUNCTION","inputParameters":{"q":"rag"}}],"token_cost":null,
        "additional_metadata":{"tier":"gold"},"custom_column_key_values":null,"expectations":null}]"#;
    let csv = "input,actual_output,expected_output,retrieval_context,context,name,source_file,expected_tools,additional_metadata\n\
        What is RAG?,,Retrieval augmented generation,ctx1|ctx2,RAG combines.,,a.md,\
        \"[{\"\"name\"\": \"\"search\"\", \"\"type\"\": \"\"FUNCTION\"\", \"\"inputParameters\"\": {\"\"q\"\": \"\"rag\"\"}}]\",\
        \"{\"\"tier\"\": \"\"gold\"\"}\"\n";
    for items in [parse(Format::Json, json).unwrap(), parse(CSV, csv).unwrap()] {
        let item = &items[0];
        assert_eq!(
            item.expected_output.as_deref(),
            Some("Retrieval augmented generation")
        );
        assert_eq!(item.context, ["RAG combines."]);
        assert_eq!(item.expected_tools.as_ref().unwrap()[0].name, "search");
        assert_eq!(
            item.expected_tools.as_ref().unwrap()[0].input_parameters,
            json!({"q": "rag"})
        );
        assert_eq!(item.metadata["tier"], "gold");
        assert_eq!(item.metadata["source_file"], "a.md");
    }
}

#[test]
fn deepeval_conversations_replay_the_users_turns() {
    let line = r#"{"scenario":"User wants refund","turns":[{"role":"user","content":"I want a refund","user_id":null},
        {"role":"assistant","content":"Sure","metadata":null}],"expected_outcome":"Refund issued","user_description":"angry",
        "persona":{"characteristics":"angry"},"context":["policy"],"name":null}"#
        .replace('\n', " ");
    let item = parse(Format::Jsonl, &line).unwrap().remove(0);
    assert_eq!(item.turns, ["I want a refund"]);
    assert_eq!(item.expected_output.as_deref(), Some("Refund issued"));
    assert_eq!(item.metadata["recorded_turns"][1]["content"], "Sure");
    assert_eq!(
        message(Format::Jsonl, r#"{"scenario":"x"}"#),
        "line 1: a `scenario` without `turns` has no user to play"
    );
}

#[test]
fn the_fingerprint_follows_the_contents() {
    let of = |text: &str| {
        Dataset::parse("t", Format::Jsonl, text.as_bytes())
            .unwrap()
            .fingerprint()
    };
    assert_eq!(of("{\"input\":\"a\"}"), of("{ \"input\" : \"a\" }\r\n"));
    assert_ne!(of("{\"input\":\"a\"}"), of("{\"input\":\"b\"}"));
}

#[test]
fn the_name_of_the_file_tells_the_format() {
    assert_eq!(Format::of(Path::new("a.JSONL")).unwrap(), Format::Jsonl);
    assert!(Format::of(Path::new("a.txt")).is_err());
    let error = Dataset::read(Path::new("/nonexistent/a.csv")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/nonexistent/a.csv: No such file or directory"
    );
}

#[test]
fn names_are_keys_where_they_tell_items_apart() {
    let keys = |text: &str| -> Vec<String> {
        let items = parse(Format::Jsonl, text).unwrap();
        items.into_iter().map(|i| i.key.unwrap()).collect()
    };
    assert_eq!(
        keys(
            "{\"input\":\"a\",\"name\":\"x\"}\n{\"input\":\"b\",\"name\":\"y\",\"key\":\"k\",\"id\":\"i\"}"
        ),
        ["x", "k"]
    );
    assert_eq!(
        keys(
            "{\"input\":\"a\",\"name\":\"x\"}\n{\"input\":\"b\",\"name\":\"x\"}\n{\"input\":\"c\",\"id\":\"i\"}"
        ),
        ["item-1", "item-2", "i"]
    );
}
