//! Variables of tests: what they are, and the tests that lists of them stand for.

use super::files;
use crate::{ImportError, MAX_ITEMS, Source, template, value};
use serde_json::{Map, Value};

/// Every combination of the elements of lists of texts, as promptfoo makes tests of them.
///
/// # Errors
/// When there are too many.
pub(super) fn combinations(
    vars: Map<String, Value>,
    expand: bool,
) -> Result<Vec<Map<String, Value>>, ImportError> {
    let mut out = vec![Map::new()];
    for (name, value) in vars {
        let values = match value {
            Value::Array(list) if expand && list.first().is_some_and(Value::is_string) => list,
            one => vec![one],
        };
        if out.len().saturating_mul(values.len()) > MAX_ITEMS {
            return Err(ImportError::TooMany);
        }
        if let [one] = values.as_slice() {
            for vars in &mut out {
                vars.insert(name.clone(), one.clone());
            }
            continue;
        }
        let mut next = Vec::with_capacity(out.len() * values.len());
        for vars in &out {
            for value in &values {
                let mut vars = vars.clone();
                vars.insert(name.clone(), value.clone());
                next.push(vars);
            }
        }
        out = next;
    }
    Ok(out)
}

/// Puts the contents of files in place of their names, and renders what is a template itself.
///
/// # Errors
/// The variable that cannot be known, and why.
pub(super) fn settle(
    vars: &mut Map<String, Value>,
    source: &Source<'_>,
) -> Result<(), (String, String)> {
    for (name, value) in vars.iter_mut() {
        let Value::String(text) = value else { continue };
        if !text.starts_with("file://") {
            continue;
        }
        let found = match files::ending(text).as_str() {
            "yaml" | "yml" => files::tree(text, source).map(|tree| tree.to_string()),
            _ => files::text(text, source).map(|text| text.trim().to_owned()),
        };
        *value =
            Value::String(found.map_err(|why| (format!("`{text}` of variable `{name}`"), why))?);
    }
    let templates: Vec<String> = vars
        .iter()
        .filter(|(_, v)| v.as_str().is_some_and(template::is_template))
        .map(|(name, _)| name.clone())
        .collect();
    if templates.is_empty() {
        return Ok(());
    }
    let names = Value::Object(vars.clone());
    for name in templates {
        // What is in braces and no template stays as it is.
        if let Some(Value::String(text)) = vars.get_mut(&name)
            && let Ok(rendered) = template::render(text, &names)
        {
            *text = rendered.text;
        }
    }
    Ok(())
}

/// Names of variables that hold what the user says, the surest first.
const QUESTIONS: [&str; 14] = [
    "prompt",
    "question",
    "query",
    "input",
    "message",
    "user_input",
    "userInput",
    "user_message",
    "user_query",
    "body",
    "text",
    "content",
    "request",
    "task",
];

/// What is asked where no prompt is known: a variable that is called like a question, the only one, or all as JSON. Says
/// which it is.
pub(super) fn question(vars: &Map<String, Value>) -> Option<(String, String)> {
    let named = QUESTIONS
        .iter()
        .find_map(|name| Some((*name, vars.get(*name)?)));
    let lone = vars.iter().next().filter(|_| vars.len() == 1);
    let lone = lone.map(|(name, value)| (name.as_str(), value));
    match named.or(lone) {
        Some((name, found)) => Some((
            value::text(found),
            format!("its variable `{name}` is asked"),
        )),
        None if vars.is_empty() => None,
        None => Some((
            Value::Object(vars.clone()).to_string(),
            "its variables are asked as JSON".to_owned(),
        )),
    }
}

/// Renders every text within `value`.
///
/// # Errors
/// What is wrong with a template.
pub(super) fn render(value: &Value, vars: &Value) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(template::render(text, vars)?.text),
        Value::Array(list) => Value::Array(
            list.iter()
                .map(|one| render(one, vars))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(object) => Value::Object(
            object
                .iter()
                .map(|(name, one)| Ok((name.clone(), render(one, vars)?)))
                .collect::<Result<_, String>>()?,
        ),
        other => other.clone(),
    })
}

#[cfg(test)]
mod unit {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn lists_of_texts_are_tests() {
        let vars = object(json!({"a": ["x", "y"], "b": [1, 2], "c": ["z", "w"], "d": "e"}));
        let all = combinations(vars.clone(), true).unwrap();
        let seen: Vec<String> = all
            .iter()
            .map(|v| format!("{}{}", v["a"], v["c"]))
            .collect();
        assert_eq!(
            seen,
            ["\"x\"\"z\"", "\"x\"\"w\"", "\"y\"\"z\"", "\"y\"\"w\""]
        );
        assert_eq!(all[0]["b"], json!([1, 2]));
        assert_eq!(combinations(vars, false).unwrap().len(), 1);
        let names: Vec<String> = (0..20).map(|i| i.to_string()).collect();
        let many = names
            .into_iter()
            .map(|name| (name, json!(["1", "2", "3"])))
            .collect();
        assert_eq!(combinations(many, true), Err(ImportError::TooMany));
    }

    #[test]
    fn variables_name_variables_and_files() {
        let read = |path: &str| match path {
            "a.txt" => Ok(b" hello\n".to_vec()),
            "b.yaml" => Ok(b"k: v".to_vec()),
            _ => Err("it is not there".to_owned()),
        };
        let source = Source {
            files: Some(&read),
            ..Source::new("x", b"")
        };
        let mut vars =
            object(json!({"a": "file://a.txt", "b": "file://b.yaml", "c": "{{a}}!", "d": "{{"}));
        settle(&mut vars, &source).unwrap();
        assert_eq!(
            Value::Object(vars),
            json!({"a": "hello", "b": "{\"k\":\"v\"}", "c": "hello!", "d": "{{"})
        );
        let mut vars = object(json!({"x": "file://none.txt"}));
        let (what, why) = settle(&mut vars, &source).unwrap_err();
        assert_eq!(
            (what.as_str(), why.as_str()),
            ("`file://none.txt` of variable `x`", "it is not there")
        );
    }

    #[test]
    fn a_question_is_found() {
        let is = |vars: Value, text: &str| assert_eq!(question(&object(vars)).unwrap().0, text);
        is(json!({"lang": "de", "question": "q"}), "q");
        is(json!({"topic": 7}), "7");
        is(json!({"a": 1, "b": 2}), "{\"a\":1,\"b\":2}");
        assert_eq!(question(&Map::new()), None);
    }
}
