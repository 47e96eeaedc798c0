//! Embeddings: requests of OpenAI's API, which most servers of embeddings speak, and their answers.

use crate::answer::parse_json;
use crate::chat::json_headers;
use crate::model::below;
use crate::{AnswerError, AuthSlot, HttpCall, cost, excerpt};
use assay_model::{ModelProvider, ModelSpec, TokenUsage};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a model made of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Embeddings {
    /// A vector a text, in their order; all have as many numbers.
    pub vectors: Vec<Vec<f64>>,
    /// Tokens spent, when the server says.
    pub usage: Option<TokenUsage>,
    /// Cost in US dollars, when usage and price are known.
    pub cost_usd: Option<f64>,
    /// The model, as the server names it.
    pub model: Option<String>,
}

/// Whether `model` is one of a server that is asked for embeddings in the way that is known here.
#[must_use]
pub fn embeds(model: &ModelSpec) -> bool {
    !matches!(
        model.provider,
        ModelProvider::Anthropic | ModelProvider::Gemini
    )
}

/// The request for the embeddings of `texts`.
#[must_use]
pub fn embeddings_call(model: &ModelSpec, texts: &[String]) -> HttpCall {
    HttpCall {
        method: "POST",
        url: below(&model.base_url, "/embeddings"),
        headers: json_headers(),
        secret_headers: Vec::new(),
        auth: Some(match model.provider {
            ModelProvider::AzureOpenai => AuthSlot::header("api-key"),
            _ => AuthSlot::bearer(),
        }),
        body: json!({"model": model.model, "input": texts, "encoding_format": "float"})
            .to_string()
            .into_bytes(),
        timeout_ms: model.timeout_ms,
    }
}

/// Reads the body of a successful answer for `count` texts.
///
/// # Errors
/// [`AnswerError`] when it is too large, not JSON, an error report, or has not one vector a text, all alike.
pub fn parse_embeddings(
    model: &ModelSpec,
    body: &[u8],
    count: usize,
) -> Result<Embeddings, AnswerError> {
    let body = parse_json(body)?;
    if let Some(error) = body.get("error").filter(|error| !error.is_null()) {
        let said = error.pointer("/message").and_then(Value::as_str);
        let said = said.map_or_else(|| error.to_string(), str::to_owned);
        return Err(AnswerError::Reported(excerpt(&said)));
    }
    let vectors = read(&body, count).ok_or(AnswerError::Shape(
        "it has not one vector of numbers for each text, all of one length",
    ))?;
    let tokens = |place: &str| body.pointer(place).and_then(Value::as_u64);
    let spent = tokens("/usage/prompt_tokens").or_else(|| tokens("/usage/total_tokens"));
    let usage = spent.map(|input| TokenUsage { input, output: 0 });
    Ok(Embeddings {
        vectors,
        usage,
        cost_usd: cost(model.price.as_ref(), usage.as_ref()),
        model: body.get("model").and_then(Value::as_str).map(str::to_owned),
    })
}

/// The vectors of an answer in the order of the texts, which `index` says and not the list.
fn read(body: &Value, count: usize) -> Option<Vec<Vec<f64>>> {
    let data = body.get("data")?.as_array()?;
    let mut vectors: Vec<Option<Vec<f64>>> = vec![None; count];
    for (at, one) in data.iter().enumerate() {
        let index = one.get("index").and_then(Value::as_u64);
        let index = index.map_or(Some(at), |index| usize::try_from(index).ok())?;
        let numbers = one.get("embedding")?.as_array()?.iter();
        let vector: Option<Vec<f64>> = numbers.map(Value::as_f64).collect();
        *vectors.get_mut(index)? = Some(vector?);
    }
    let vectors: Vec<Vec<f64>> = vectors.into_iter().collect::<Option<_>>()?;
    let length = vectors.first()?.len();
    let alike = length > 0 && vectors.iter().all(|vector| vector.len() == length);
    alike.then_some(vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(provider: &str) -> ModelSpec {
        serde_json::from_value(json!({
            "name": "e", "provider": provider, "base_url": "https://models.example/v1/", "model": "embed-1",
            "price": {"input_per_million": 2.0, "output_per_million": 0.0},
        }))
        .unwrap()
    }

    #[test]
    fn the_request_is_that_of_openai() {
        let call = embeddings_call(&model("openai"), &["a".to_owned(), "b".to_owned()]);
        assert_eq!(call.url, "https://models.example/v1/embeddings");
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(
            body,
            json!({"model": "embed-1", "input": ["a", "b"], "encoding_format": "float"})
        );
        assert!(embeds(&model("azure_openai")) && !embeds(&model("anthropic")));
    }

    #[test]
    fn vectors_go_by_their_index() {
        let body = json!({
            "model": "embed-1-2026", "usage": {"prompt_tokens": 500_000, "total_tokens": 500_000},
            "data": [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [0.5, -1.0]}],
        });
        let found = parse_embeddings(&model("openai"), body.to_string().as_bytes(), 2).unwrap();
        assert_eq!(found.vectors, [vec![0.5, -1.0], vec![0.0, 1.0]]);
        assert_eq!(found.cost_usd, Some(1.0));
        assert_eq!(found.model.as_deref(), Some("embed-1-2026"));
    }

    #[test]
    fn what_is_not_one_vector_a_text_is_refused() {
        for body in [
            json!({}),
            json!({"data": []}),
            json!({"data": [{"index": 0, "embedding": [1]}]}),
            json!({"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}),
            json!({"data": [{"index": 0, "embedding": [1]}, {"index": 7, "embedding": [1]}]}),
            json!({"data": [{"embedding": [1]}, {"embedding": [1, 2]}]}),
            json!({"data": [{"embedding": []}, {"embedding": []}]}),
            json!({"data": [{"embedding": "AACAPw=="}, {"embedding": [1]}]}),
            json!({"error": {"message": "no such model"}}),
        ] {
            let found = parse_embeddings(&model("openai"), body.to_string().as_bytes(), 2);
            assert!(found.is_err(), "{body}");
        }
    }
}
