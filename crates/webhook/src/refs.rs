//! Names of branches, tags and commits.

/// `refs/heads/main` or `refs/tags/v1`, without what stands before the name.
pub(crate) enum Ref<'a> {
    Branch(&'a str),
    Tag(&'a str),
}

/// The branch or tag that `text` names in full; a name without `refs/` is a branch.
pub(crate) fn read(text: &str) -> Option<Ref<'_>> {
    let named = |name: &'_ str| !name.is_empty() && !name.chars().any(char::is_control);
    if let Some(branch) = text.strip_prefix("refs/heads/") {
        named(branch).then_some(Ref::Branch(branch))
    } else if let Some(tag) = text.strip_prefix("refs/tags/") {
        named(tag).then_some(Ref::Tag(tag))
    } else {
        (named(text) && !text.starts_with("refs/")).then_some(Ref::Branch(text))
    }
}

/// Whether it is the id of a commit: SHA-1 or SHA-256 in hexadecimal.
pub(crate) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64)
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Whether it is all zeros, which stands for no commit.
pub(crate) fn is_none(sha: &str) -> bool {
    sha.bytes().all(|b| b == b'0')
}
