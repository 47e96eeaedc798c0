//! Images in what agents answer: in lists of parts, beside the text, as data URLs, and as what a provider's own tool made.

use crate::answer::text_at;
use assay_model::{Image, MAX_IMAGES};
use serde_json::Value;

/// What an answer says and shows.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Pictured {
    /// The words.
    pub(crate) text: String,
    /// The images, in their order.
    pub(crate) images: Vec<Image>,
}

impl Pictured {
    /// Takes an image, or its address as words where no judge could be shown it.
    fn show(&mut self, url: &str) {
        let image = Image::new(url);
        if self.images.len() < MAX_IMAGES && image.check().is_ok() {
            self.images.push(image);
        } else if !url.starts_with("data:") {
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            self.text.push_str(url);
        }
    }
}

/// The address in a part that is an image, of `{"image_url": {"url": ...}}` or `{"image_url": ...}`.
fn address(part: &Value) -> Option<&str> {
    let image = part.get("image_url")?;
    image.get("url").unwrap_or(image).as_str()
}

/// The images among parts.
pub(crate) fn images<'v>(parts: impl IntoIterator<Item = &'v Value>) -> Vec<Image> {
    let mut shown = Pictured::default();
    for url in parts.into_iter().filter_map(address) {
        shown.show(url);
    }
    shown.images
}

/// A value that an agent with a protocol of its own answers by: a text, an image's data URL, or a list of parts. Anything else
/// is none of these.
pub(crate) fn read(value: &Value) -> Option<Pictured> {
    let mut shown = Pictured::default();
    match value {
        Value::String(url) if url.starts_with("data:image/") => {
            shown.show(url);
            if shown.images.is_empty() {
                shown.text.clone_from(url);
            }
        }
        Value::String(text) => shown.text.clone_from(text),
        Value::Array(parts) if !parts.is_empty() => {
            for part in parts {
                match (part.get("type")?.as_str()?, address(part)) {
                    ("text", _) => shown.text.push_str(part.get("text")?.as_str()?),
                    ("image_url", Some(url)) => shown.show(url),
                    _ => return None,
                }
            }
        }
        _ => return None,
    }
    Some(shown)
}

/// The image that a call of OpenAI's tool for making them came to.
pub(crate) fn generated(item: &Value) -> Option<Image> {
    let data = item.get("result")?.as_str()?;
    let format = text_at(item, "output_format").unwrap_or_else(|| "png".to_owned());
    let image = Image::new(format!("data:image/{format};base64,{data}"));
    image.check().is_ok().then_some(image)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

    fn part(url: &str) -> Value {
        json!({"type": "image_url", "image_url": {"url": url}})
    }

    #[test]
    fn what_is_said_and_shown() {
        let check = |value: Value, text: &str, images: &[&str]| {
            let found = read(&value).unwrap();
            let urls: Vec<&str> = found.images.iter().map(|i| i.url.as_str()).collect();
            assert_eq!(
                (found.text.as_str(), urls.as_slice()),
                (text, images),
                "{value}"
            );
        };
        check(json!("words"), "words", &[]);
        check(json!(PNG), "", &[PNG]);
        check(
            json!("data:image/png;base64,AAAA"),
            "data:image/png;base64,AAAA",
            &[],
        );
        check(
            json!([{"type": "text", "text": "Here:"}, part(PNG)]),
            "Here:",
            &[PNG],
        );
        check(
            json!([{"type": "image_url", "image_url": "https://example.com/a.png"}]),
            "",
            &["https://example.com/a.png"],
        );
        // A judge is not sent to where nobody may look; what the agent answered is not lost.
        check(
            json!([part("http://10.0.0.1/a.png")]),
            "http://10.0.0.1/a.png",
            &[],
        );
        for other in [
            json!([]),
            json!([1, 2]),
            json!({"a": 1}),
            json!(5),
            json!([{"type": "audio"}]),
        ] {
            assert_eq!(read(&other), None, "{other}");
        }
    }

    #[test]
    fn what_a_tool_made() {
        let made = generated(&json!({"type": "image_generation_call", "result": "iVBORw0KGgo="}));
        assert_eq!(made.unwrap().url, PNG);
        assert_eq!(generated(&json!({"result": null})), None);
        assert_eq!(
            generated(&json!({"result": "AAAA", "output_format": "png"})),
            None
        );
    }
}
