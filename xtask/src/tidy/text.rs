//! Rules for the text of every file: headers, leftovers, paths of one machine, whitespace, length.

use super::{files, pass, text_of};

/// Data recorded from other programs, and text that is not ours to change.
const NOT_OURS: [&str; 5] = [
    "tests/oracles/",
    "tests/vectors/",
    "Cargo.lock",
    "LICENSE",
    "components/studio/assets/",
];
/// Folders whose content a build makes.
const MADE: [&str; 2] = ["/dist/", "/generated/"];
/// What people write by hand; only there does whitespace say something about care.
const WRITTEN: [&str; 14] = [
    "rs", "toml", "md", "sql", "yaml", "yml", "py", "ts", "tsx", "css", "sh", "wit", "html", "run",
];
/// Longer than this is worth a thought.
const LONG: usize = 500;
/// Longer than this is several ideas in one file.
const TOO_LONG: usize = 800;

/// Macros that mark unfinished work. Put together here, so that this file does not refuse itself.
const UNFINISHED: [&str; 3] = [
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("db", "g!("),
];
/// Beginnings of paths that exist on one machine only, likewise.
const PLACES: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
];
const WINDOWS_HOME: &str = concat!("C:\\", "Users");
/// Where packages may come from, when a lock file says so.
const REGISTRIES: [&str; 2] = [
    "https://registry.npmjs.org/",
    "registry+https://github.com/rust-lang/crates.io-index",
];

fn is_ours(path: &str) -> bool {
    !NOT_OURS.iter().any(|folder| path.starts_with(folder))
        && !MADE.iter().any(|folder| path.contains(folder))
}

fn extension(path: &str) -> &str {
    path.rsplit(['.', '/']).next().unwrap_or_default()
}

/// A Rust file says first what it is for.
fn header(path: &str, text: &str) -> Option<String> {
    let first = text.lines().next().unwrap_or_default();
    (!first.starts_with("//! ") && !first.starts_with("#![doc"))
        .then(|| format!("{path}: does not begin with `//! what it is for`"))
}

/// Leftovers in Rust code.
fn unfinished(path: &str, text: &str) -> Vec<String> {
    lines(text)
        .filter_map(|(number, line)| {
            let found = UNFINISHED
                .iter()
                .find(|leftover| line.contains(*leftover))?;
            Some(format!("{path}:{number}: {found}...)"))
        })
        .collect()
}

/// Paths that only one machine has. What stands before the slash tells a path from the middle of another one or of an address.
fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let begins = |line: &str, place: &str| {
        line.match_indices(place).any(|(at, _)| {
            let before = line.get(..at).and_then(|text| text.chars().next_back());
            !before.is_some_and(|c| c.is_alphanumeric() || "._-/)}]*".contains(c))
        })
    };
    lines(text)
        .filter(|(_, line)| {
            line.contains(WINDOWS_HOME) || PLACES.iter().any(|place| begins(line, place))
        })
        .map(|(number, line)| format!("{path}:{number}: a path of one machine: {}", line.trim()))
        .collect()
}

/// Lock files and settings must not send others to the registry of one network.
fn registries(path: &str, text: &str) -> Vec<String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let marker = match name {
        "Cargo.lock" => "source = \"",
        "package-lock.json" => "\"resolved\": \"",
        _ => return Vec::new(),
    };
    lines(text)
        .filter_map(|(number, line)| {
            let (_, source) = line.split_once(marker)?;
            let known = REGISTRIES
                .iter()
                .any(|registry| source.starts_with(registry));
            (!known).then(|| format!("{path}:{number}: packages from an unknown place"))
        })
        .collect()
}

/// Trailing whitespace anywhere, tabs in Rust, a missing end of line.
fn whitespace(path: &str, text: &str) -> Vec<String> {
    let mut problems: Vec<String> = lines(text)
        .filter_map(|(number, line)| {
            if line.ends_with([' ', '\t', '\r']) {
                Some(format!("{path}:{number}: trailing whitespace"))
            } else if extension(path) == "rs" && line.contains('\t') {
                Some(format!("{path}:{number}: a tab"))
            } else {
                None
            }
        })
        .collect();
    if !text.is_empty() && !text.ends_with('\n') {
        problems.push(format!("{path}: the last line does not end"));
    }
    problems
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n')
        .enumerate()
        .map(|(index, line)| (index + 1, line))
}

fn each(extensions: &[&str], check: impl Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    files()
        .iter()
        .filter(|path| {
            is_ours(path) && (extensions.is_empty() || extensions.contains(&extension(path)))
        })
        .filter_map(|path| Some(check(path, &text_of(path)?)))
        .flatten()
        .collect()
}

#[test]
fn tidy_files_have_headers() {
    pass(&each(&["rs"], |path, text| {
        header(path, text).into_iter().collect()
    }));
}

#[test]
fn tidy_nothing_is_unfinished() {
    pass(&each(&["rs"], unfinished));
}

#[test]
fn tidy_no_machine_paths() {
    pass(&each(&[], machine_paths));
}

#[test]
fn tidy_locks_name_public_registries() {
    let locks = ["Cargo.lock", "package-lock.json"];
    let problems = files()
        .into_iter()
        .filter(|path| locks.iter().any(|lock| path.ends_with(lock)))
        .filter_map(|path| Some(registries(&path, &text_of(&path)?)))
        .flatten()
        .collect::<Vec<_>>();
    pass(&problems);
}

#[test]
fn tidy_whitespace() {
    pass(&each(&WRITTEN, whitespace));
}

#[test]
fn tidy_file_length() {
    let mut long: Vec<(usize, String)> = files()
        .into_iter()
        .filter(|path| is_ours(path) && extension(path) == "rs")
        .filter_map(|path| Some((text_of(&path)?.lines().count(), path)))
        .filter(|(count, _)| *count > LONG)
        .collect();
    long.sort();
    for (count, path) in &long {
        println!("{count} lines: {path}");
    }
    let problems: Vec<String> = long
        .iter()
        .filter(|(count, _)| *count > TOO_LONG)
        .map(|(count, path)| format!("{path}: {count} lines, the limit is {TOO_LONG}"))
        .collect();
    pass(&problems);
}

#[test]
fn bad_samples_are_refused() {
    assert!(header("a.rs", "use std::fs;\n").is_some());
    assert!(header("a.rs", "").is_some());
    assert!(header("a.rs", "//! Does a thing.\n").is_none());

    let leftovers = UNFINISHED
        .map(|leftover| format!("    {leftover}x)\n"))
        .concat();
    assert_eq!(unfinished("a.rs", &leftovers).len(), UNFINISHED.len());

    for place in PLACES {
        assert_eq!(
            machine_paths("a.md", &format!("cd {place}me/project")).len(),
            1,
            "{place}"
        );
        assert_eq!(
            machine_paths("a.md", &format!("\"{place}x\"")).len(),
            1,
            "{place}"
        );
        assert!(
            machine_paths(
                "a.md",
                &format!("https://example.com{place}x and docs{place}x")
            )
            .is_empty(),
            "{place}"
        );
    }
    assert_eq!(
        machine_paths("a.md", &format!("{WINDOWS_HOME}\\me")).len(),
        1
    );

    assert_eq!(
        registries(
            "Cargo.lock",
            "source = \"sparse+https://mirror.example/index/\"\n"
        )
        .len(),
        1
    );
    assert_eq!(
        registries(
            "studio/package-lock.json",
            "  \"resolved\": \"https://mirror.example/a.tgz\",\n"
        )
        .len(),
        1
    );
    assert!(
        registries(
            "a/package-lock.json",
            "\"resolved\": \"https://registry.npmjs.org/a.tgz\",\n"
        )
        .is_empty()
    );

    assert_eq!(whitespace("a.md", "one \ntwo\t\nthree\n").len(), 2);
    assert_eq!(whitespace("a.rs", "\tlet x;\n").len(), 1);
    assert_eq!(whitespace("a.md", "no end").len(), 1);
    assert!(whitespace("a.rs", "fn main() {}\n").is_empty());
}
