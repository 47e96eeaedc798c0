//! Whole files: what they come to, and every note that they give.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code"
)]

use assay_import::{EvalsClass, Format, Imported, Source, import};
use assay_model::{AgentKind, DatasetItem, MetricKind, Role};
use serde_json::json;
use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

fn read(name: &str) -> Imported {
    import(&Source::new(name, &bytes(name))).unwrap()
}

fn recorded(name: &str) -> Imported {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors")
        .join(name);
    import(&Source::new(name, &std::fs::read(path).unwrap())).unwrap()
}

fn notes(done: &Imported) -> Vec<String> {
    done.notes.iter().map(ToString::to_string).collect()
}

fn inputs(done: &Imported) -> Vec<&str> {
    done.items
        .iter()
        .filter_map(|item| item.input.as_deref())
        .collect()
}

fn keys(done: &Imported) -> Vec<&str> {
    done.items
        .iter()
        .filter_map(|item| item.key.as_deref())
        .collect()
}

fn metrics(item: &DatasetItem) -> Vec<&str> {
    item.metrics.iter().map(|m| m.display_name()).collect()
}

#[test]
fn a_configuration_of_promptfoo() {
    let done = read("promptfooconfig.yaml");
    assert_eq!(
        (done.format, done.dataset.description.as_str()),
        (Format::Promptfoo, "Answers of a shop")
    );
    assert_eq!(
        keys(&done),
        ["test-000001", "test-000002.1", "test-000002.2"]
    );
    assert_eq!(
        inputs(&done)[2],
        "You work for a shop. Answer briefly: When does it come?"
    );
    // What `defaultTest` says is every item's.
    let common: Vec<&str> = done.metrics.iter().map(|m| m.display_name()).collect();
    assert_eq!(common, ["latency", "llm-rubric"]);
    assert_eq!(metrics(&done.items[0]), ["icontains", "not-contains"]);
    assert_eq!(
        done.items[0].metrics[1].params["none"],
        json!(["How long may I return a lamp?"])
    );
    assert_eq!(metrics(&done.items[1]), ["exact_match", "topic"]);
    assert_eq!(done.items[1].expected_output.as_deref(), Some("Tomorrow"));
    assert_eq!(
        done.items[0].metadata,
        json!({"description": "refunds", "team": "returns", "vars": {"question": "How long may I return a lamp?"}})
    );
    assert_eq!(done.prompts.len(), 1);
    assert_eq!(done.prompts[0].prompt.variables(), ["question"]);
    let agents: Vec<_> = done
        .agents
        .iter()
        .map(|a| (a.kind, a.model.as_deref(), a.url.as_deref()))
        .collect();
    assert_eq!(
        agents,
        [
            (Some(AgentKind::OpenaiChat), Some("gpt-4.1-mini"), None),
            (
                Some(AgentKind::Http),
                None,
                Some("https://shop.example/chat")
            ),
            (None, None, None),
        ]
    );
    assert_eq!(
        notes(&done),
        [
            "/outputPath: `outputPath`: it says how promptfoo runs",
            "/providers/2: provider `file://provider.py`: there is no agent of this kind; one that answers over HTTP can be created in its place",
            "/tests/0/assert/2: assertion `javascript`: code is not run",
            "/tests/1/threshold: the test's `threshold`: every metric must pass, where promptfoo asks for a mean score",
            "/tests/1/assert/1, /tests/1/assert/1: assertion `similar`: `embedding_similarity` needs a model of yours that makes embeddings",
            "/tests/1/assert/2, /tests/1/assert/2: the weight of assertion `icontains`: metrics have no weights: each must pass",
        ]
    );
}

#[test]
fn scenarios_and_chats_of_promptfoo() {
    let without = read("promptfoo_chat.yaml");
    assert_eq!(without.items.len(), 4);
    assert!(notes(&without).contains(
        &"/prompts/1: prompt `file://prompts/long.txt`: it is another file, which was not given".to_owned()
    ));
    let files = |name: &str| match name {
        "prompts/long.txt" => {
            Ok(b"In {{language}}, at length:\n{{text}}\n---\n{{text}}{{missing}}\n".to_vec())
        }
        _ => Err("it is not there".to_owned()),
    };
    let bytes = bytes("promptfoo_chat.yaml");
    let source = Source {
        files: Some(&files),
        ..Source::new("promptfoo_chat.yaml", &bytes)
    };
    let done = import(&source).unwrap();
    assert_eq!((done.items.len(), done.prompts.len()), (12, 3));
    let first = &done.items[0];
    assert_eq!(
        (first.key.as_deref(), first.tags.as_slice()),
        (Some("test-000001/1"), &["prompt: short".to_owned()][..])
    );
    assert_eq!(first.input.as_deref(), Some("Good \"morning\""));
    assert_eq!(
        (first.history[0].role, first.history[0].content.as_str()),
        (Role::System, "Speak German.")
    );
    assert_eq!(inputs(&done)[1], "In German, at length:\nGood \"morning\"");
    let night = &done.items[3];
    assert_eq!(metrics(night), ["factuality", "is-json"]);
    assert_eq!(
        night.expected_output.as_deref(),
        Some("Good night in German")
    );
    assert_eq!(done.agents[0].model.as_deref(), Some("gpt-4.1"));
    let all = notes(&done);
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(
        all[0],
        "/redteam: `redteam`: its tests are made when promptfoo runs it"
    );
    assert!(
        all[1].contains("`missing` in the prompt: no variable of the test has this name"),
        "{all:?}"
    );
    assert!(
        all[2].contains("assertion `assert-set`: each of its metrics must pass"),
        "{all:?}"
    );
}

#[test]
fn tests_of_promptfoo_in_cells() {
    let done = read("promptfoo_tests.csv");
    assert_eq!(
        inputs(&done),
        ["What is 2+2?", "Who are you?", "Is it late?"]
    );
    assert_eq!(metrics(&done.items[0]), ["arithmetic"]);
    assert_eq!(done.items[0].metrics[0].kind, MetricKind::ExactMatch);
    assert_eq!(metrics(&done.items[1]), ["contains-any", "llm-rubric"]);
    assert_eq!(
        done.items[1].metrics[0].params["values"],
        json!(["shop", "assistant"])
    );
    assert_eq!(done.items[0].metadata["topic"], "numbers");
    assert_eq!(done.items[2].expected_output.as_deref(), Some("no"));
    assert_eq!(
        notes(&done),
        [
            "line 2, line 3, line 4: the test, whose prompt is not known: its variable `question` is asked",
            "line 4, `__expected1`: assertion `python`: code is not run",
            "line 4, `__expected2`: assertion `similar`: `embedding_similarity` needs a model of yours that makes embeddings; its value is the expected output",
        ]
    );
}

#[test]
fn goldens_of_deepeval() {
    let done = read("deepeval_goldens.json");
    assert_eq!(done.format, Format::Deepeval);
    assert_eq!(keys(&done), ["guarantee", "hello"]);
    let item = &done.items[0];
    assert_eq!(item.context, ["The guarantee is two years."]);
    assert_eq!(
        item.expected_tools.as_ref().unwrap()[0].input_parameters,
        json!({"q": "guarantee"})
    );
    assert_eq!(
        item.metadata,
        json!({
            "actual_output": "Two years.", "comments": "checked", "name": "guarantee", "retrieval_context": ["terms.md"],
            "source_file": "terms.md", "tier": "gold",
        })
    );
    assert_eq!(
        notes(&done),
        [
            "/0/expected_tools: `reasoning` of a call: an expected call has a name and arguments",
            "/1: the golden: it has neither `input` nor `scenario`",
            "/2/mood: `mood`: DeepEval's goldens have no such field; it is kept as metadata",
        ]
    );
}

#[test]
fn what_deepeval_wrote_is_read_the_same_from_each_kind_of_file() {
    let whole = recorded("formats/deepeval_goldens.json");
    assert_eq!((whole.items.len(), notes(&whole)), (2, vec![]));
    assert_eq!(
        whole.items[0].metadata["retrieval_context"],
        json!(["ctx1", "ctx2"])
    );
    assert_eq!(
        whole.items[1].input.as_deref(),
        Some("quote \" and, comma\nnewline")
    );
    for name in [
        "formats/deepeval_goldens.jsonl",
        "formats/deepeval_goldens.csv",
    ] {
        assert_eq!(recorded(name).items, whole.items, "{name}");
    }
    let talk = recorded("formats/deepeval_conv.json");
    assert_eq!(talk.items[0].turns, ["I want a refund"]);
    assert_eq!(talk.items[0].metadata["expected_outcome"], "Refund issued");
    for name in ["formats/deepeval_conv.jsonl", "formats/deepeval_conv.csv"] {
        assert_eq!(recorded(name).items[0].turns, talk.items[0].turns, "{name}");
    }
}

#[test]
fn conversations_of_deepeval() {
    let done = read("deepeval_conversations.jsonl");
    assert_eq!((done.scenarios.len(), done.items.len()), (1, 1));
    let scenario = &done.scenarios[0];
    assert_eq!(
        (scenario.name.as_str(), scenario.goal.as_str()),
        ("refund", "A refund is promised.")
    );
    let persona = scenario.persona.as_ref().unwrap();
    assert_eq!(
        (persona.name.as_str(), persona.description.as_str()),
        ("Ida", "annoyed and short")
    );
    assert_eq!(done.items[0].turns, ["Open today?", "Until when?"]);
    assert_eq!(
        done.items[0].metadata["recorded_turns"][1]["content"],
        "Yes."
    );
    assert_eq!(
        notes(&done),
        [
            "line 4: the line: it is not JSON: expected ident (column 2)",
            "line 1, `persona`: `voice` of the persona: personas here do not speak by voice",
            "line 1, `context`: `context`: a scenario has no such field",
            "line 2, `turns`: turns: the user's are said word for word; the agent's are kept as `metadata.recorded_turns`",
            "line 3: the golden: it has neither `input` nor `scenario`",
        ]
    );
}

#[test]
fn items_of_langfuse() {
    let done = read("langfuse_page.json");
    assert_eq!(
        (done.format, done.dataset.name.as_str()),
        (Format::Langfuse, "shop/qa")
    );
    assert_eq!(keys(&done), ["i-1", "i-3", "i-4"]);
    assert_eq!(inputs(&done), ["Open?", "Hi", "{\"a\":1,\"b\":2}"]);
    assert_eq!(done.items[0].expected_output.as_deref(), Some("Yes"));
    assert_eq!(done.items[0].metadata["langfuse"]["sourceTraceId"], "t-1");
    assert_eq!(done.items[0].metadata["input"]["locale"], "de");
    assert_eq!(
        (
            done.items[1].history.len(),
            done.items[1].expected_output.as_deref()
        ),
        (1, Some("[\"a\",\"b\"]"))
    );
    assert_eq!(
        notes(&done),
        [
            "/meta: the other pages: this is page 1 of 2; the others are files of their own",
            "/data/0/input: the input's other fields: `question` is what is asked; all of it is kept as `metadata.input`",
            "/data/1: the item: it is archived, and runs of Langfuse leave it out",
            "/data/3/input: the input: it is an object, and is asked as JSON",
            "/data/3/mediaReferences: media: items have texts only",
            "/data/4: the item: it has no `input`",
        ]
    );
    let cells = read("langfuse_export.csv");
    assert_eq!(
        (inputs(&cells), notes(&cells)),
        (vec!["Open?", "plain text"], vec![])
    );
    let expected: Vec<_> = cells
        .items
        .iter()
        .filter_map(|i| i.expected_output.as_deref())
        .collect();
    assert_eq!(expected, ["Yes", "42"]);
    let page = recorded("dataset_items_list_page1.response.json");
    assert_eq!(
        (page.format, inputs(&page)),
        (Format::Langfuse, vec!["0+1", "1+1"])
    );
}

#[test]
fn evals_of_openai() {
    let done = read("openai_samples.jsonl");
    assert_eq!(done.format, Format::OpenaiEvals);
    assert_eq!(inputs(&done), ["2+2", "The capital of France is"]);
    assert_eq!(keys(&done), ["item-000001", "item-000002"]);
    assert_eq!(done.items[0].history.len(), 3);
    assert_eq!(
        done.items[1].metadata,
        json!({"ideal": ["Paris", "paris"], "topic": "cities"})
    );
    assert_eq!(
        notes(&done),
        [
            "line 1, `input`: names of speakers: messages have a role and no name",
            "line 2, `ideal`: several ideals: an item expects one answer, the first; all are kept as `metadata.ideal`",
            "line 3: the sample: it has neither `input` nor `item`",
            "line 4: the sample: a message has a part that is no text",
            "the file: the metric: the samples do not say how answers are compared: the eval's class does, in the registry; name it to get a metric",
        ]
    );
    let bytes = bytes("openai_samples.jsonl");
    let done = import(&Source {
        class: Some(EvalsClass::Match),
        ..Source::new("x.jsonl", &bytes)
    })
    .unwrap();
    assert_eq!(
        done.items[1].metrics[0].params["pattern"],
        "\\A(?:Paris|paris)"
    );
    assert_eq!(notes(&done).len(), 3);
}

#[test]
fn rows_and_a_registry_of_openai() {
    let done = read("openai_rows.jsonl");
    assert_eq!(inputs(&done), ["Is it open?", "{\"a\":1}"]);
    assert_eq!(done.items[0].expected_output.as_deref(), Some("yes"));
    assert_eq!(done.items[0].metadata["item"]["locale"], "de");
    let done = read("openai_registry.yaml");
    let evals: Vec<_> = done
        .evals
        .iter()
        .map(|e| (e.name.as_str(), e.samples.as_str(), e.class))
        .collect();
    assert_eq!(
        evals,
        [
            (
                "cities.dev.v0",
                "cities/samples.jsonl",
                EvalsClass::IncludesIgnoreCase
            ),
            ("sums.dev.v0", "sums/samples.jsonl", EvalsClass::Match),
        ]
    );
    assert_eq!(
        notes(&done),
        [
            "/jokes.dev.v0/class: eval `evals.elsuite.modelgraded.classify:ModelBasedClassify`: its prompt to the judge is a file of its own; write it as `g_eval`",
            "/sums.dev.v0/args/num_few_shot: `num_few_shot`: samples are asked as they stand",
        ]
    );
}

#[test]
fn datasets_of_ragas() {
    let done = read("ragas.csv");
    assert_eq!(done.format, Format::Ragas);
    let item = &done.items[0];
    assert_eq!(
        item.expected_output.as_deref(),
        Some("Two years from delivery.")
    );
    assert_eq!(item.context, ["The guarantee is two years."]);
    assert_eq!(
        item.metadata["retrieval_context"],
        json!(["Two years.", "It's long."])
    );
    assert_eq!(
        (item.metrics[0].kind, item.metrics[0].display_name()),
        (MetricKind::GEval, "rubrics")
    );
    assert_eq!((done.items.len(), notes(&done)), (2, vec![]));

    let done = read("ragas_turns.jsonl");
    assert_eq!(done.items[0].turns, ["Cancel order 7", "Thanks"]);
    assert_eq!(
        done.items[0].expected_tools.as_ref().unwrap()[0].name,
        "cancel"
    );
    assert_eq!(
        done.items[0].metrics[0].params,
        json!({"relevant_topics": ["orders"]})
    );
    assert_eq!(
        notes(&done),
        [
            "line 1, `user_input`: turns: the user's are said word for word; the agent's are kept as `metadata.recorded_turns`",
            "line 2: the sample: nobody says anything to the agent in it",
        ]
    );

    let done = read("ragas_first.jsonl");
    assert_eq!(
        done.items[0].expected_output.as_deref(),
        Some("It scatters blue most.")
    );
    assert_eq!(done.items[0].metadata["faithfulness"], 0.9);
    assert_eq!(
        notes(&done),
        ["line 1, `ground_truths`: further references: an item expects one answer, the first"]
    );
}

#[test]
fn what_promptfoo_ran_is_read() {
    let done = recorded("formats/promptfoo_config.yaml");
    // Two prompts, and tests of one and of two variables' values.
    assert_eq!(done.items.len(), 6);
    assert_eq!(inputs(&done)[0], "Answer briefly: capital of France Paris");
    assert_eq!(done.metrics[0].kind, MetricKind::Latency);
    assert_eq!(metrics(&done.items[0]), ["correctness", "not-contains"]);
}

#[test]
fn a_file_of_another_kind_says_what_was_looked_for() {
    let fails = |name: &str, text: &str, format: Option<Format>| {
        let source = Source {
            format,
            ..Source::new(name, text.as_bytes())
        };
        import(&source).unwrap_err().to_string()
    };
    assert!(fails("x.csv", "a,b\n1,2\n", None).contains("it has `a`, `b`; looked for promptfoo"));
    assert!(fails("x.yaml", "", None).contains("no names at all"));
    for format in Format::ALL {
        let said = fails("x.json", "{\"a\": [1]}", Some(format));
        assert!(said.contains(format.as_str()), "{said}");
    }
}
