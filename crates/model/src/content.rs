//! Text in which images may stand.
//!
//! On the wire a content is a string, as it always was; where it has images, it is a list of parts, in the order in which they are
//! seen, as OpenAI's chat API writes them:
//!
//! ```json
//! [{"type": "text", "text": "Which way?"}, {"type": "image_url", "image_url": {"url": "https://example.com/map.png"}}]
//! ```

use crate::{Image, Validate, Validator};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::ops::Deref;

/// A piece of a content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Part {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// An image.
    ImageUrl {
        /// Where it is.
        image_url: Image,
    },
}

/// Text in which images may stand. To whoever reads text alone it is a `str`: its words, without the images.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    text: String,
    /// The pieces in their order; empty where there is no image.
    parts: Vec<Part>,
}

impl Content {
    /// The content that `parts` make.
    #[must_use]
    pub fn of(parts: Vec<Part>) -> Self {
        let mut text = String::new();
        let mut pictured = false;
        let mut parted = false;
        for part in &parts {
            match part {
                Part::Text { text: words } if words.is_empty() => {}
                Part::Text { text: words } => {
                    // What stands on either side of an image is no one word.
                    if parted && !text.is_empty() {
                        text.push('\n');
                    }
                    parted = false;
                    text.push_str(words);
                }
                Part::ImageUrl { .. } => {
                    pictured = true;
                    parted = true;
                }
            }
        }
        Self {
            text,
            parts: if pictured { parts } else { Vec::new() },
        }
    }

    /// What a cell of a table holds: parts with an image among them as JSON, else words.
    #[must_use]
    pub fn of_cell(cell: &str) -> Self {
        let parts = cell.trim_start().starts_with('[').then_some(cell);
        let parts: Option<Vec<Part>> = parts.and_then(|json| serde_json::from_str(json).ok());
        let content = parts.map(Self::of);
        content
            .filter(|content| !content.parts.is_empty())
            .unwrap_or_else(|| cell.into())
    }

    /// The words alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is neither a word nor an image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.parts.is_empty()
    }

    /// The pieces, in their order, where there is an image; none where there are only words.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The images, in their order.
    pub fn images(&self) -> impl Iterator<Item = &Image> {
        self.parts.iter().filter_map(|part| match part {
            Part::ImageUrl { image_url } => Some(image_url),
            Part::Text { .. } => None,
        })
    }
}

impl Deref for Content {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self {
            text,
            parts: Vec::new(),
        }
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<&String> for Content {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

impl From<&Self> for Content {
    fn from(content: &Self) -> Self {
        content.clone()
    }
}

impl From<Cow<'_, str>> for Content {
    fn from(text: Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

impl PartialEq<str> for Content {
    fn eq(&self, text: &str) -> bool {
        self.parts.is_empty() && self.text == text
    }
}

impl PartialEq<&str> for Content {
    fn eq(&self, text: &&str) -> bool {
        self == *text
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.parts.is_empty() {
            s.serialize_str(&self.text)
        } else {
            self.parts.serialize(s)
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Reader)
    }
}

/// Not an untagged enum, whose errors say nothing of which part is wrong.
struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Content;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string or a list of parts")
    }

    fn visit_str<E>(self, text: &str) -> Result<Content, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Content, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = seq.next_element()? {
            parts.push(part);
        }
        Ok(Content::of(parts))
    }
}

impl JsonSchema for Content {
    fn schema_name() -> Cow<'static, str> {
        "Content".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let part = generator.subschema_for::<Part>();
        json_schema!({
            "description": "Text, or a list of texts and images in the order in which they are seen.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": part}],
        })
    }
}

impl Validate for Content {
    fn check(&self, v: &mut Validator) {
        for (i, part) in self.parts.iter().enumerate() {
            if let Part::ImageUrl { image_url } = part
                && let Err(fault) = image_url.check()
            {
                v.at(i, |v| v.at("image_url", |v| v.error("url", fault)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn image(url: &str) -> Value {
        json!({"type": "image_url", "image_url": {"url": url}})
    }

    #[test]
    fn wire_form_stays_as_it_is() {
        let check = |wire: Value, text: &str, images: usize| {
            let content: Content = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(content.as_str(), text, "{wire}");
            assert_eq!(content.images().count(), images, "{wire}");
            assert_eq!(serde_json::to_value(&content).unwrap(), wire);
        };
        check(json!(""), "", 0);
        check(json!("plain"), "plain", 0);
        let picture = image("https://example.com/a.png");
        let text = |words: &str| json!({"type": "text", "text": words});
        check(
            json!([text("above"), picture, text("below")]),
            "above\nbelow",
            1,
        );
        check(json!([picture, text("a"), text("b"), picture]), "ab", 2);
        check(
            json!([text("a"), picture, text(""), picture, text("b")]),
            "a\nb",
            2,
        );
        let close = json!({"type": "image_url", "image_url": {"url": "https://e.com/a.png", "detail": "high"}});
        check(json!([close]), "", 1);
    }

    #[test]
    fn a_cell_holds_words_or_parts() {
        let parts = json!([{"type": "text", "text": "Look"}, image("https://example.com/a.png")]);
        let content = Content::of_cell(&parts.to_string());
        assert_eq!(serde_json::to_value(&content).unwrap(), parts);
        for words in [
            "Hello",
            "[1, 2]",
            "[not JSON",
            "",
            r#"[{"type": "text", "text": "a"}]"#,
        ] {
            assert_eq!(Content::of_cell(words), words);
        }
    }

    #[test]
    fn parts_without_images_are_text() {
        let wire = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]);
        let content: Content = serde_json::from_value(wire).unwrap();
        assert_eq!(content, "ab");
        assert_eq!(serde_json::to_value(&content).unwrap(), json!("ab"));
        let none: Content = serde_json::from_value(json!([])).unwrap();
        assert!(none.is_empty());
    }

    #[test]
    fn an_image_alone_is_something() {
        let content: Content =
            serde_json::from_value(json!([image("https://e.com/a.png")])).unwrap();
        assert!(!content.is_empty());
        assert_ne!(content, "");
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for wire in [
            json!(5),
            json!(null),
            json!({"type": "text", "text": "a"}),
            json!([5]),
            json!(["a"]),
            json!([{"type": "audio", "text": "a"}]),
            json!([{"type": "image_url", "image_url": "https://e.com/a.png"}]),
            json!([{"type": "image_url", "image_url": {"url": "https://e.com/a.png", "detail": "best"}}]),
            json!([{"type": "text", "text": "a", "cache": true}]),
        ] {
            assert!(
                serde_json::from_value::<Content>(wire.clone()).is_err(),
                "{wire}"
            );
        }
    }

    #[test]
    fn a_wrong_image_is_named() {
        let wire = json!([{"type": "text", "text": "a"}, image("ftp://e.com/a.png")]);
        let content: Content = serde_json::from_value(wire).unwrap();
        let errors = content.validate().unwrap_err();
        assert_eq!(errors[0].field, "/1/image_url/url");
    }
}
