//! Files by people who mean harm, and files that were damaged: never a panic, and never more than is allowed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code"
)]

use assay_import::{Format, ImportError, Imported, MAX_ITEMS, Source, import};
use assay_model::Validate;
use std::path::PathBuf;

/// Numbers that look random and are the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }
}

fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut all: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e != "md"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    all.sort();
    assert!(all.len() > 10);
    all
}

/// What stands in for a piece of a file.
const PIECES: [&str; 24] = [
    "\"",
    "'",
    "{{",
    "}}",
    "{%",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\n",
    "\n- ",
    "&a ",
    "*a",
    "<<: ",
    "\\u0000",
    "null",
    "-1e999",
    "file://../x",
    "\u{feff}",
    "\u{0}",
    "not-",
    "é",
];

fn damage(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(out.len() + 1);
        match dice.below(5) {
            0 => out.truncate(at),
            1 => {
                let end = (at + dice.below(40)).min(out.len());
                out.drain(at..end);
            }
            2 => {
                let from = dice.below(out.len() + 1);
                let copy = out[from..(from + dice.below(80)).min(out.len())].to_vec();
                out.splice(at..at, copy);
            }
            3 => {
                if let Some(byte) = out.get_mut(at) {
                    *byte = u8::try_from(dice.below(256)).unwrap();
                }
            }
            _ => {
                let piece = PIECES[dice.below(PIECES.len())].bytes();
                out.splice(at..at, piece);
            }
        }
    }
    out
}

fn is_sound(done: &Imported) {
    done.dataset.validate().unwrap();
    for item in &done.items {
        item.validate().unwrap();
        assert!(item.key.is_some());
    }
    for metric in done
        .items
        .iter()
        .flat_map(|i| &i.metrics)
        .chain(&done.metrics)
    {
        assay_metrics::check_spec(metric).unwrap();
    }
    for scenario in &done.scenarios {
        scenario.validate().unwrap();
    }
    for prompt in &done.prompts {
        prompt.validate().unwrap();
    }
    for note in &done.notes {
        assert!(!note.to_string().contains(['\n', '\r', '\0']), "{note}");
    }
}

#[test]
fn damaged_files_convert_or_are_refused() {
    let mut dice = Dice(7);
    let (mut converted, mut refused) = (0, 0);
    for (name, bytes) in samples() {
        for round in 0..150 {
            let damaged = damage(&bytes, &mut dice);
            let format = (round % 3 == 0).then(|| Format::ALL[dice.below(5)]);
            // Sometimes under a name that does not tell how it is written.
            let name = if round % 5 == 0 {
                "file"
            } else {
                name.as_str()
            };
            match import(&Source {
                format,
                ..Source::new(name, &damaged)
            }) {
                Ok(done) => {
                    is_sound(&done);
                    converted += 1;
                }
                Err(e) => {
                    assert!(!e.to_string().is_empty());
                    refused += 1;
                }
            }
        }
    }
    assert!(converted > 300 && refused > 100, "{converted} {refused}");
}

fn of(name: &str, text: &str) -> Result<Imported, ImportError> {
    import(&Source::new(name, text.as_bytes()))
}

#[test]
fn what_a_small_file_comes_to_is_bounded() {
    // A billion texts by aliases.
    let mut bomb = "prompts: [x]\na: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (one, next) in ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"]
        .iter()
        .map(|p| p.split_at(1))
    {
        bomb += &format!(
            "{next}: &{next} [{}]\n",
            [format!("*{one}").as_str(); 10].join(",")
        );
    }
    assert!(matches!(of("x.yaml", &bomb), Err(ImportError::Syntax(_))));
    // Tests by combination.
    let vars: String = (0..9)
        .map(|i| format!("v{i}: [a,b,c,d,e,f,g,h,i,j]\n      "))
        .collect();
    let combined = format!("prompts: ['{{{{v1}}}}']\ntests:\n  - vars:\n      {vars}\n");
    assert_eq!(of("x.yaml", &combined), Err(ImportError::TooMany));
    // A long text in each of many items.
    let long = format!(
        "prompts: ['{{{{x}}}} {}']\ndefaultTest: {{vars: {{x: 1}}}}\ntests:\n{}",
        "y".repeat(900_000),
        "  - {}\n".repeat(300)
    );
    assert_eq!(of("x.yaml", &long), Err(ImportError::Expands));
    let lines = "{\"user_input\":\"a\"}\n".repeat(MAX_ITEMS + 1);
    assert_eq!(of("x.jsonl", &lines), Err(ImportError::TooMany));
    let deep = format!(
        "[{{\"vars\": {}{}}}]",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(matches!(of("x.json", &deep), Err(ImportError::Syntax(_))));
    let cell = format!(
        "user_input,retrieved_contexts\nq,\"{}\"\n",
        "[".repeat(100_000)
    );
    assert_eq!(of("x.csv", &cell).unwrap().items.len(), 1);
}

#[test]
fn templates_of_strangers_are_bounded() {
    let done = of(
        "x.yaml",
        "prompts:\n  - '{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}'\n  - '{{ x'\ntests: [{vars: {x: 1}}]\n",
    )
    .unwrap();
    assert!(done.items.is_empty());
    let whys: Vec<&str> = done.notes.iter().map(|n| n.why.as_str()).collect();
    assert_eq!(whys.len(), 2, "{whys:?}");
    assert!(
        whys.iter()
            .all(|why| why.starts_with("its prompt cannot be rendered")),
        "{whys:?}"
    );
}

#[test]
fn references_in_circles_and_into_nothing() {
    let done = of(
        "x.yaml",
        "prompts: ['{{q}}']\na: {$ref: '#/b'}\nb: {$ref: '#/a'}\ntests:\n  - vars: {q: x}\n    assert: [{$ref: '#/a'}, {$ref: '#/none'}, 7]\n",
    )
    .unwrap();
    let whys: Vec<&str> = done
        .notes
        .iter()
        .filter(|n| n.what == "an assertion")
        .map(|n| n.why.as_str())
        .collect();
    assert_eq!(
        whys,
        [
            "its references lead in a circle",
            "`#/none` leads nowhere",
            "it has no `type`"
        ]
    );
}
