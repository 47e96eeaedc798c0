//! Files of the projects themselves, which are not kept here: every one of a folder is converted, or says why not.
//!
//! `ASSAY_IMPORT_FILES=dir cargo test -p assay-import --test real_files -- --ignored --nocapture`

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code"
)]

use assay_import::{Imported, Source, import};
use assay_model::Validate;
use std::path::{Path, PathBuf};

/// Endings of files that can be one of a format.
const ENDINGS: [&str; 6] = ["yaml", "yml", "json", "jsonl", "csv", "tsv"];

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.is_symlink() {
            files(&path, out);
        } else if path
            .extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| ENDINGS.contains(&e))
        {
            out.push(path);
        }
    }
}

/// Whatever comes out is what the API takes.
fn check(path: &Path, done: &Imported) {
    let at = path.display();
    done.dataset
        .validate()
        .unwrap_or_else(|e| panic!("{at}: {e:?}"));
    let mut keys = std::collections::HashSet::new();
    for item in &done.items {
        item.validate()
            .unwrap_or_else(|e| panic!("{at}: {:?}: {e:?}", item.key));
        assert!(
            keys.insert(item.key.clone().unwrap()),
            "{at}: {:?}",
            item.key
        );
        let mut names: Vec<&str> = item
            .metrics
            .iter()
            .chain(&done.metrics)
            .map(|m| m.display_name())
            .collect();
        names.sort_unstable();
        assert!(
            names.windows(2).all(|pair| pair[0] != pair[1]),
            "{at}: {names:?}"
        );
        for metric in &item.metrics {
            assay_metrics::check_spec(metric).unwrap_or_else(|e| panic!("{at}: {e:?}"));
        }
    }
    for metric in &done.metrics {
        assay_metrics::check_spec(metric).unwrap_or_else(|e| panic!("{at}: {e:?}"));
    }
    for prompt in &done.prompts {
        prompt.validate().unwrap_or_else(|e| panic!("{at}: {e:?}"));
    }
    for scenario in &done.scenarios {
        scenario
            .validate()
            .unwrap_or_else(|e| panic!("{at}: {e:?}"));
    }
    for note in &done.notes {
        let text = note.to_string();
        assert!(
            !text.contains('\n') && !note.at.is_empty() && !note.why.is_empty(),
            "{at}: {text}"
        );
    }
}

#[test]
#[ignore = "needs ASSAY_IMPORT_FILES, a folder of files of other projects"]
fn every_file_of_a_folder_converts_or_says_why_not() {
    let dir = std::env::var("ASSAY_IMPORT_FILES").unwrap();
    let mut paths = Vec::new();
    files(Path::new(&dir), &mut paths);
    assert!(!paths.is_empty(), "no files in {dir}");
    let (mut converted, mut refused) = (0, 0);
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let folder = path.parent().unwrap().to_owned();
        let read = move |name: &str| {
            std::fs::read(folder.join(name)).map_err(|_| "it is not there".to_owned())
        };
        let source = Source {
            files: Some(&read),
            ..Source::new(path.to_str().unwrap(), &bytes)
        };
        match import(&source) {
            Err(e) => {
                refused += 1;
                println!("NO {}: {e}", path.display());
            }
            Ok(done) => {
                converted += 1;
                check(&path, &done);
                println!(
                    "{} {}: {} items, {} metrics + {}, {} prompts, {} scenarios, {} agents, {} evals",
                    done.format.as_str(),
                    path.display(),
                    done.items.len(),
                    done.metrics.len(),
                    done.items.iter().map(|i| i.metrics.len()).sum::<usize>(),
                    done.prompts.len(),
                    done.scenarios.len(),
                    done.agents.len(),
                    done.evals.len(),
                );
                for note in &done.notes {
                    println!("    {:?} {note}", note.effect);
                }
                assert_eq!(
                    import(&source),
                    Ok(done),
                    "the same file is read the same twice"
                );
            }
        }
    }
    println!("{converted} converted, {refused} refused");
}
