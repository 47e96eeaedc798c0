//! Images as they stand in contents: where one is, and whether that can be shown to a model.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most images that a case, or one question to a judge, may have.
pub const MAX_IMAGES: usize = 20;

/// Most bytes that the images of a case, or of one question to a judge, may have together where they travel as data: 5 MiB.
pub const MAX_IMAGE_BYTES: usize = 5 << 20;

/// Most characters of an image's `https` address.
const MAX_URL: usize = 8192;

/// How closely a model is to look, where it can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImageDetail {
    /// As the model sees fit.
    Auto,
    /// A rough look, for fewer tokens.
    Low,
    /// A close look.
    High,
}

/// An image. The platform never fetches one: an address is passed on to the model as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// `data:image/png;base64,…` (or `jpeg`, `gif`, `webp`), or an `https` address.
    #[schemars(regex(pattern = r"^(data:image/(png|jpeg|gif|webp);base64,|https://)"))]
    pub url: String,
    /// How closely the model is to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<ImageDetail>,
}

impl Image {
    /// The image at `url`, unchecked.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            detail: None,
        }
    }

    /// The media type and the data in base64 of an image that travels as data.
    #[must_use]
    pub fn data(&self) -> Option<(&str, &str)> {
        self.url.strip_prefix("data:")?.split_once(";base64,")
    }

    /// Bytes of the image itself; 0 where it travels as an address.
    #[must_use]
    pub fn size(&self) -> usize {
        self.data().map_or(0, |(_, data)| {
            data.trim_end_matches('=').len().saturating_mul(3) / 4
        })
    }

    /// Whether a model can be shown it.
    ///
    /// # Errors
    /// What is wrong with `url`, for a person.
    pub fn check(&self) -> Result<(), String> {
        if self.url.starts_with("data:") {
            self.check_data()
        } else {
            check_address(&self.url)
        }
    }

    fn check_data(&self) -> Result<(), String> {
        let form = "must be `data:image/<type>;base64,<data>`";
        let (media, data) = self.data().ok_or(form)?;
        if self.size() > MAX_IMAGE_BYTES {
            return Err(format!("must have at most {MAX_IMAGE_BYTES} bytes"));
        }
        let begins: &[&[u8]] = match media {
            "image/png" => &[b"\x89PNG\r\n\x1a\n"],
            "image/jpeg" => &[b"\xff\xd8\xff"],
            "image/gif" => &[b"GIF87a", b"GIF89a"],
            "image/webp" => &[b"RIFF"],
            _ => return Err("must be of image/png, image/jpeg, image/gif or image/webp".into()),
        };
        let bytes = STANDARD
            .decode(data)
            .map_err(|fault| format!("is not base64: {fault}"))?;
        let webp = media != "image/webp" || bytes.get(8..12) == Some(b"WEBP".as_slice());
        if webp && begins.iter().any(|begin| bytes.starts_with(begin)) {
            Ok(())
        } else {
            Err(format!(
                "is no {media}: its first bytes are of something else"
            ))
        }
    }
}

fn check_address(text: &str) -> Result<(), String> {
    if text.len() > MAX_URL {
        return Err(format!("must have at most {MAX_URL} characters"));
    }
    let url = url::Url::parse(text).map_err(|fault| format!("is not a URL: {fault}"))?;
    if url.scheme() != "https" {
        Err("must be a data URL of an image, or an https URL".into())
    } else if !url.username().is_empty() || url.password().is_some() {
        Err("must not carry credentials".into())
    } else {
        Ok(())
    }
}

/// Whether so many images, of so many bytes, can be shown at once.
///
/// # Errors
/// Which bound they break, for a person.
pub fn check_images<'a>(images: impl IntoIterator<Item = &'a Image>) -> Result<(), String> {
    let (mut count, mut bytes) = (0_usize, 0_usize);
    for image in images {
        count += 1;
        bytes = bytes.saturating_add(image.size());
    }
    if count > MAX_IMAGES {
        return Err(format!(
            "must have at most {MAX_IMAGES} images, not {count}"
        ));
    }
    if bytes > MAX_IMAGE_BYTES {
        return Err(format!(
            "must have images of at most {MAX_IMAGE_BYTES} bytes together, not {bytes}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_images_are_taken() {
        let data =
            |media: &str, bytes: &[u8]| format!("data:{media};base64,{}", STANDARD.encode(bytes));
        let check = |url: String, ok: bool| {
            let found = Image::new(url.clone()).check();
            assert_eq!(found.is_ok(), ok, "{url} {found:?}");
        };
        check(data("image/png", b"\x89PNG\r\n\x1a\n...."), true);
        check(data("image/jpeg", b"\xff\xd8\xff\xe0"), true);
        check(data("image/gif", b"GIF89a.."), true);
        check(data("image/webp", b"RIFF0000WEBPVP8 "), true);
        check(data("image/webp", b"RIFF0000WAVEfmt "), false);
        check(data("image/png", b"GIF89a.."), false);
        check(data("image/svg+xml", b"<svg/>"), false);
        check(data("text/html", b"<p>"), false);
        check("data:image/png,abc".into(), false);
        check("data:image/png;base64,%%%".into(), false);
        check("data:image/png;base64,".into(), false);
        check("data:".into(), false);
        check("https://example.com/a.png?x=1".into(), true);
        check("http://example.com/a.png".into(), false);
        check("https://user:pw@example.com/a.png".into(), false);
        check("file:///etc/passwd".into(), false);
        check("".into(), false);
        check("https://".into(), false);
        check(format!("https://example.com/{}", "a".repeat(9000)), false);
    }

    #[test]
    fn sizes_are_bounded() {
        let mut bytes = b"\xff\xd8\xff".to_vec();
        for (len, ok) in [
            (3, true),
            (MAX_IMAGE_BYTES, true),
            (MAX_IMAGE_BYTES + 1, false),
        ] {
            bytes.resize(len, 0);
            let image = Image::new(format!(
                "data:image/jpeg;base64,{}",
                STANDARD.encode(&bytes)
            ));
            assert_eq!(image.size(), len);
            assert_eq!(image.check().is_ok(), ok, "{len}");
        }
        let small = Image::new("https://example.com/a.png");
        assert!(check_images(vec![&small; MAX_IMAGES]).is_ok());
        assert!(check_images(vec![&small; MAX_IMAGES + 1]).is_err());
        let large = Image::new(format!("data:image/jpeg;base64,{}", "A".repeat(4 << 20)));
        assert!(check_images([&large]).is_ok());
        assert!(check_images([&large, &large]).is_err());
    }
}
