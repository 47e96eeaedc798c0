//! Validation that reports every wrong field, by JSON pointer (RFC 6901).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// JSON pointer to the field, e.g. `/metrics/0/threshold`.
    pub field: String,
    /// What is wrong, for a person.
    pub message: String,
}

/// A value that can check itself.
pub trait Validate {
    /// Adds what is wrong with `self` to `v`; field names are relative to `v`'s current path.
    fn check(&self, v: &mut Validator);

    /// All that is wrong, or `Ok`.
    ///
    /// # Errors
    /// The list of wrong fields, never empty.
    fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut v = Validator::default();
        self.check(&mut v);
        v.finish()
    }
}

/// Collects [`FieldError`]s while walking a value.
#[derive(Debug, Default)]
pub struct Validator {
    path: Vec<String>,
    errors: Vec<FieldError>,
}

impl Validator {
    /// Records an error at `field` below the current path; an empty `field` means the current path itself.
    pub fn error(&mut self, field: &str, message: impl Into<String>) {
        let mut pointer = String::new();
        for part in self
            .path
            .iter()
            .map(String::as_str)
            .chain((!field.is_empty()).then_some(field))
        {
            pointer.push('/');
            pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
        }
        self.errors.push(FieldError {
            field: pointer,
            message: message.into(),
        });
    }

    /// Records an error unless `ok`.
    pub fn require(&mut self, ok: bool, field: &str, message: impl Into<String>) {
        if !ok {
            self.error(field, message);
        }
    }

    /// Records errors whose fields are JSON pointers below the current path.
    pub fn pointers(&mut self, errors: Vec<FieldError>) {
        for e in errors {
            let depth = self.path.len();
            let parts = e.field.split('/').skip(1);
            self.path
                .extend(parts.map(|part| part.replace("~1", "/").replace("~0", "~")));
            self.error("", e.message);
            self.path.truncate(depth);
        }
    }

    /// Runs `f` one level below, at `field`.
    pub fn at(&mut self, field: impl ToString, f: impl FnOnce(&mut Self)) {
        self.path.push(field.to_string());
        f(self);
        self.path.pop();
    }

    /// Checks each element of a list below `field`.
    pub fn each<T: Validate>(&mut self, field: &str, items: &[T]) {
        self.at(field, |v| {
            for (i, item) in items.iter().enumerate() {
                v.at(i, |v| item.check(v));
            }
        });
    }

    /// A name shown to people: not blank, at most `max` characters, no control characters.
    pub fn name(&mut self, field: &str, value: &str, max: usize) {
        if value.trim().is_empty() {
            self.error(field, "must not be empty");
        } else if value.chars().count() > max {
            self.error(field, format!("must be at most {max} characters"));
        } else if value.chars().any(char::is_control) {
            self.error(field, "must not contain control characters");
        }
    }

    /// A text of at most `max` bytes.
    pub fn longest(&mut self, field: &str, value: &str, max: usize) {
        self.require(
            value.len() <= max,
            field,
            format!("must be at most {max} bytes"),
        );
    }

    /// A list of at most `most` names of at most `max` characters.
    pub fn texts(&mut self, field: &str, values: &[String], most: usize, max: usize) {
        self.require(
            values.len() <= most,
            field,
            format!("must have at most {most} entries"),
        );
        self.at(field, |v| {
            for (i, value) in values.iter().enumerate() {
                v.name(&i.to_string(), value, max);
            }
        });
    }

    /// An object, or nothing.
    pub fn object(&mut self, field: &str, value: &serde_json::Value) {
        self.require(
            value.is_null() || value.is_object(),
            field,
            "must be an object",
        );
    }

    /// A number within `[lo, hi]`; NaN is refused.
    pub fn range<T: PartialOrd + std::fmt::Display>(
        &mut self,
        field: &str,
        value: T,
        lo: T,
        hi: T,
    ) {
        if !(value >= lo && value <= hi) {
            self.error(field, format!("must be between {lo} and {hi}"));
        }
    }

    /// An absolute `http` or `https` URL without credentials in it.
    pub fn http_url(&mut self, field: &str, value: &str) {
        match url::Url::parse(value) {
            Ok(u) if !matches!(u.scheme(), "http" | "https") => {
                self.error(field, "must be an http or https URL")
            }
            Ok(u) if u.host_str().is_none_or(str::is_empty) => {
                self.error(field, "must name a host")
            }
            Ok(u) if !u.username().is_empty() || u.password().is_some() => {
                self.error(field, "must not carry credentials; use `auth`");
            }
            Ok(_) => {}
            Err(e) => self.error(field, format!("is not a URL: {e}")),
        }
    }

    /// The result of the walk.
    ///
    /// # Errors
    /// The list of wrong fields, when there are any.
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_json_pointers() {
        let mut v = Validator::default();
        v.at("metrics", |v| v.at(0, |v| v.error("a/b~c", "bad")));
        let errors = v.finish().unwrap_err();
        assert_eq!(errors[0].field, "/metrics/0/a~1b~0c");
    }

    #[test]
    fn urls() {
        for (url, ok) in [
            ("https://api.example.com/v1", true),
            ("http://127.0.0.1:8080", true),
            ("ftp://example.com", false),
            ("not a url", false),
            ("https://user:pw@example.com", false),
            ("http://", false),
        ] {
            let mut v = Validator::default();
            v.http_url("url", url);
            assert_eq!(v.finish().is_ok(), ok, "{url}");
        }
    }

    #[test]
    fn nan_is_out_of_range() {
        let mut v = Validator::default();
        v.range("x", f64::NAN, 0.0, 1.0);
        assert!(v.finish().is_err());
    }
}
