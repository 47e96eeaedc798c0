//! Graphs as the oracles record them: `task(list)->[binary(all?){False:0,True:->nb}, nb(order?){right:10,wrong:4}]`.
//!
//! A node is a name, its words in brackets, its verdicts in braces and after an arrow what it leads to. The name begins with the
//! type of the node: `task`, `binary` or `nb`. A verdict leads to a score, to a node that stands elsewhere under that name, or to one
//! that is written on the spot; `geval(criteria)` is a metric.

use serde_json::{Map, Value, json};

/// The graph as the parameter `dag` has it.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    let mut parser = Parser {
        rest: text,
        nodes: Map::new(),
    };
    parser.nodes()?;
    match parser.rest.trim() {
        "" => Ok(json!({"nodes": parser.nodes})),
        rest => Err(format!("what is `{rest}`?")),
    }
}

struct Parser<'a> {
    rest: &'a str,
    nodes: Map<String, Value>,
}

impl<'a> Parser<'a> {
    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What stands before one of `ends`, which stays.
    fn until(&mut self, ends: &[char]) -> &'a str {
        let at = self.rest.find(ends).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(at);
        self.rest = rest;
        text.trim()
    }

    /// Nodes between commas; their ids.
    fn nodes(&mut self) -> Result<Vec<String>, String> {
        let mut ids = vec![self.node()?];
        while self.eat(",") {
            ids.push(self.node()?);
        }
        Ok(ids)
    }

    fn node(&mut self) -> Result<String, String> {
        let name = self.until(&['(', '{', '[', ',', ']', '}']);
        self.node_named(name)
    }

    /// A node whose name was read; what follows it is left.
    fn node_named(&mut self, name: &str) -> Result<String, String> {
        if !self.eat("(") {
            // It stands elsewhere.
            return Ok(name.to_owned());
        }
        let words = self.until(&[')']);
        if !self.eat(")") {
            return Err(format!("the words of `{name}` do not end"));
        }
        // A second node of the same name gets an id of its own.
        let taken = self.nodes.contains_key(name);
        let id = if taken {
            format!("{name}#{}", self.nodes.len())
        } else {
            name.to_owned()
        };
        self.nodes.insert(id.clone(), Value::Null);
        let mut children = if self.eat("{") {
            self.verdicts(&id)?
        } else {
            Vec::new()
        };
        if self.eat("->") {
            children.extend(if self.eat("[") {
                let all = self.nodes()?;
                if !self.eat("]") {
                    return Err(format!("the children of `{name}` do not end"));
                }
                all
            } else {
                vec![self.node()?]
            });
        }
        let fields = json!(["input", "actual_output"]);
        let node = match name {
            name if name.starts_with("task") => {
                json!({"type": "TaskNode", "instructions": words, "output_label": words,
                "evaluation_params": fields, "children": children})
            }
            name if name.starts_with("binary") => {
                json!({"type": "BinaryJudgementNode", "criteria": words,
                "evaluation_params": fields, "children": children})
            }
            name if name.starts_with("nb") || name.starts_with("non") => {
                json!({"type": "NonBinaryJudgementNode", "criteria": words, "evaluation_params": fields, "children": children})
            }
            name => return Err(format!("`{name}` is no type of node")),
        };
        self.nodes.insert(id.clone(), node);
        Ok(id)
    }

    /// The verdicts of node `of`, up to the closing brace; their ids.
    fn verdicts(&mut self, of: &str) -> Result<Vec<String>, String> {
        let mut ids = Vec::new();
        loop {
            let said = self.until(&[':', '}']);
            if !self.eat(":") {
                return Err(format!("the verdict `{said}` leads nowhere"));
            }
            let verdict = match said {
                "True" | "true" => json!(true),
                "False" | "false" => json!(false),
                said => json!(said),
            };
            let mut node = json!({"type": "VerdictNode", "verdict": verdict});
            if self.eat("->") {
                let name = self.until(&['(', ',', '}']);
                node["child"] = if name.eq_ignore_ascii_case("geval") && self.eat("(") {
                    let criteria = self.until(&[')']);
                    self.eat(")");
                    json!({"type": "metric", "metric": {"kind": "g_eval", "params": {"criteria": criteria}}})
                } else {
                    json!({"type": "node", "ref": self.node_named(name)?})
                };
            } else {
                let score = self.until(&[',', '}']);
                node["score"] =
                    serde_json::from_str(score).map_err(|_| format!("`{score}` is no score"))?;
            }
            let id = format!("{of}={said}");
            self.nodes.insert(id.clone(), node);
            ids.push(id);
            if self.eat("}") {
                return Ok(ids);
            }
            if !self.eat(",") {
                return Err(format!("the verdicts of `{of}` do not end"));
            }
        }
    }
}

#[test]
fn graphs_are_read() {
    let graph = parse(
        "task(a b)->[binary(all?){False:0,True:->nb}, nb(order?){right:10,two wrong:->binary(x){True:3,False:->geval(c)}}]",
    );
    let graph = graph.unwrap();
    let node = |id: &str| &graph["nodes"][id];
    assert_eq!(node("task")["children"], json!(["binary", "nb"]));
    assert_eq!(
        node("binary=True")["child"],
        json!({"type": "node", "ref": "nb"})
    );
    assert_eq!(node("nb=right")["score"], json!(10));
    let inner = node("nb=two wrong")["child"]["ref"].as_str().unwrap();
    assert_eq!(node(inner)["criteria"], json!("x"));
    assert_eq!(
        node(&format!("{inner}=False"))["child"]["metric"]["kind"],
        json!("g_eval")
    );
    for bad in [
        "task(a",
        "task(a)->[nb(b){c:1}",
        "nb(a){b}",
        "nb(a){b:x}",
        "what(a)",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}
