//! Contents as the APIs write them: a text where there are only words, else a list of texts and images in their order.
//!
//! The APIs take images from the user alone. Of what others have said the words are sent; where there are none, a word that an image
//! stood there, since an empty message is refused.

use assay_model::{Content, Image, Part, Role};
use serde_json::{Value, json};

/// Stands for an image that cannot be sent.
const IMAGE: &str = "(an image)";

/// The words of a content, for an API that takes no images where it stands.
pub(crate) fn words(content: &Content) -> &str {
    if content.as_str().is_empty() && !content.is_empty() {
        IMAGE
    } else {
        content
    }
}

/// As OpenAI's chat completions have it.
pub(crate) fn openai_chat(role: Role, content: &Content) -> Value {
    listed(role, content, |part| json!(part))
}

/// As OpenAI's Responses API has it.
pub(crate) fn openai_responses(role: Role, content: &Content) -> Value {
    listed(role, content, |part| match part {
        Part::Text { text } => json!({"type": "input_text", "text": text}),
        Part::ImageUrl { image_url } => match image_url.detail {
            Some(detail) => {
                json!({"type": "input_image", "image_url": image_url.url, "detail": detail})
            }
            None => json!({"type": "input_image", "image_url": image_url.url}),
        },
    })
}

/// As Anthropic's Messages API has it.
pub(crate) fn anthropic(role: Role, content: &Content) -> Value {
    listed(role, content, |part| match part {
        Part::Text { text } => json!({"type": "text", "text": text}),
        Part::ImageUrl { image_url } => json!({"type": "image", "source": match image_url.data() {
            Some((media, data)) => json!({"type": "base64", "media_type": media, "data": data}),
            None => json!({"type": "url", "url": image_url.url}),
        }}),
    })
}

/// As Gemini's API has it. An image that is elsewhere is fetched by Google.
pub(crate) fn gemini(role: Role, content: &Content) -> Value {
    listed(role, content, |part| match part {
        Part::Text { text } => json!({"text": text}),
        Part::ImageUrl { image_url } => match image_url.data() {
            Some((media, data)) => json!({"inlineData": {"mimeType": media, "data": data}}),
            None => json!({"fileData": {"fileUri": image_url.url}}),
        },
    })
}

/// The images of a content as parts of an A2A message, of version 1.0 or of 0.3.
pub(crate) fn a2a_images(content: &Content, v1: bool) -> Vec<Value> {
    let part = |image: &Image| match (image.data(), v1) {
        (Some((media, data)), true) => json!({"raw": data, "mediaType": media}),
        (None, true) => json!({"url": image.url}),
        (Some((media, data)), false) => {
            json!({"kind": "file", "file": {"bytes": data, "mimeType": media}})
        }
        (None, false) => json!({"kind": "file", "file": {"uri": image.url}}),
    };
    content.images().map(part).collect()
}

fn listed(role: Role, content: &Content, write: impl Fn(&Part) -> Value) -> Value {
    if role != Role::User || content.parts().is_empty() {
        return json!(words(content));
    }
    // Empty texts are refused by some.
    let filled = |part: &&Part| !matches!(part, Part::Text { text } if text.is_empty());
    content.parts().iter().filter(filled).map(write).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        let image =
            |url: &str| json!({"type": "image_url", "image_url": {"url": url, "detail": "low"}});
        let parts = json!([
            {"type": "text", "text": "What is"},
            image("https://example.com/a.png"),
            {"type": "text", "text": ""},
            image("data:image/png;base64,aGk="),
            {"type": "text", "text": "this?"},
        ]);
        serde_json::from_value(parts).unwrap()
    }

    #[test]
    fn as_each_api_has_it() {
        let user = Role::User;
        assert_eq!(
            openai_chat(user, &content()),
            json!([
                {"type": "text", "text": "What is"},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk=", "detail": "low"}},
                {"type": "text", "text": "this?"},
            ])
        );
        assert_eq!(
            openai_responses(user, &content()),
            json!([
                {"type": "input_text", "text": "What is"},
                {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
                {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "low"},
                {"type": "input_text", "text": "this?"},
            ])
        );
        assert_eq!(
            anthropic(user, &content()),
            json!([
                {"type": "text", "text": "What is"},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                {"type": "text", "text": "this?"},
            ])
        );
        assert_eq!(
            gemini(user, &content()),
            json!([
                {"text": "What is"},
                {"fileData": {"fileUri": "https://example.com/a.png"}},
                {"inlineData": {"mimeType": "image/png", "data": "aGk="}},
                {"text": "this?"},
            ])
        );
        assert_eq!(
            a2a_images(&content(), false),
            [
                json!({"kind": "file", "file": {"uri": "https://example.com/a.png"}}),
                json!({"kind": "file", "file": {"bytes": "aGk=", "mimeType": "image/png"}}),
            ]
        );
        assert_eq!(
            a2a_images(&content(), true),
            [
                json!({"url": "https://example.com/a.png"}),
                json!({"raw": "aGk=", "mediaType": "image/png"}),
            ]
        );
    }

    #[test]
    fn only_the_user_sends_images() {
        let alone: Content = Content::of(vec![Part::ImageUrl {
            image_url: Image::new("https://example.com/a.png"),
        }]);
        for write in [openai_chat, openai_responses, anthropic] {
            assert_eq!(write(Role::Assistant, &content()), json!("What is\nthis?"));
            assert_eq!(write(Role::System, &content()), json!("What is\nthis?"));
            assert_eq!(write(Role::Assistant, &alone), json!("(an image)"));
            assert_eq!(write(Role::User, &"hi".into()), json!("hi"));
            assert_eq!(write(Role::User, &"".into()), json!(""));
        }
    }
}
