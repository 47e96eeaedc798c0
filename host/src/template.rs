//! `{{ name }}` in manifest values.

/// A string with references to application variables.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Variable(String),
}

impl Template {
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some((text, after)) = rest.split_once("{{") {
            let Some((name, tail)) = after.split_once("}}") else {
                return Err(format!("`{{{{` without `}}}}` in `{source}`"));
            };
            if !text.is_empty() {
                parts.push(Part::Text(text.to_owned()));
            }
            parts.push(Part::Variable(name.trim().to_owned()));
            rest = tail;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// Replaces every reference, or names the first that `lookup` does not know.
    pub(crate) fn resolve<'v>(
        &self,
        lookup: impl Fn(&str) -> Option<&'v str>,
    ) -> Result<String, String> {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Variable(name) => {
                    out.push_str(lookup(name).ok_or_else(|| format!("unknown variable `{name}`"))?);
                }
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced() {
        let lookup = |name: &str| (name == "host").then_some("api.example.com");
        for (source, expected) in [
            ("", Ok("")),
            ("plain", Ok("plain")),
            ("https://{{ host }}/x", Ok("https://api.example.com/x")),
            ("{{host}}{{ host}}", Ok("api.example.comapi.example.com")),
            ("{{ nope }}", Err("unknown variable `nope`")),
        ] {
            let got = Template::parse(source).unwrap().resolve(lookup);
            assert_eq!(got.as_deref().map_err(String::as_str), expected, "{source}");
        }
        assert!(Template::parse("{{ open").is_err());
    }
}
