//! Shell scripts stop at the first failure, and can be run.

use super::{files, pass, text_of};
use crate::shell::is_program;
use crate::workspace;

fn check(path: &str, text: &str, executable: bool) -> Vec<String> {
    let mut problems = Vec::new();
    if !text.contains("\nset -euo pipefail\n") {
        problems.push(format!("{path}: no `set -euo pipefail`"));
    }
    if !executable {
        problems.push(format!("{path}: not executable"));
    }
    problems
}

#[test]
fn tidy_scripts_stop_at_the_first_failure() {
    let scripts: Vec<(String, String)> = files()
        .into_iter()
        .filter_map(|path| {
            let text = text_of(&path)?;
            (text.starts_with("#!") && text.lines().next()?.contains("sh")).then_some((path, text))
        })
        .collect();
    assert!(scripts.iter().any(|(path, _)| path == ".ci/run"));
    let problems: Vec<String> = scripts
        .iter()
        .flat_map(|(path, text)| check(path, text, is_program(&workspace::root().join(path))))
        .collect();
    pass(&problems);
}

#[test]
fn careless_scripts_are_refused() {
    assert_eq!(check("a.sh", "#!/bin/bash\nset -e\n", false).len(), 2);
    assert!(check("a.sh", "#!/bin/bash\nset -euo pipefail\n", true).is_empty());
}
