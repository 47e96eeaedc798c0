//! `assay import`: files of other evaluation tools, as datasets, metrics, prompts and scenarios of the server.

use super::blocking;
use super::server::{self, ServerArgs};
use crate::exit::Exit;
use crate::imported::{self, Made};
use crate::term;
use anyhow::{Context, Result, anyhow, bail};
use assay_import::{
    Effect, EvalHint, EvalsClass, Format, Imported, MAX_FILE, Note, Source, import as convert,
};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// Most notes that are shown at length.
const SHOWN: usize = 100;

/// Arguments of `assay import`.
///
/// Exit codes: 0 imported, 1 `--strict` and not everything can be carried over, 2 could not be imported.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// The file: a configuration of promptfoo, goldens of DeepEval, items of Langfuse, samples or a registry of OpenAI's
    /// evals, or a dataset of ragas.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whose file it is. Default: told by its contents.
    #[arg(long, value_name = "FORMAT")]
    format: Option<From>,
    /// The dataset's name. Default: the one in the file, else the file's. Items of the same keys are replaced.
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// How samples of OpenAI's evals are compared with their `ideal`: their eval's class, which they do not name.
    #[arg(long, value_name = "CLASS")]
    class: Option<Class>,
    /// Show what would be imported, and create nothing. No server is needed.
    #[arg(long)]
    dry_run: bool,
    /// Create nothing unless everything can be carried over.
    #[arg(long)]
    strict: bool,
    /// Write JSON to standard output; with `--dry-run` all that would be created.
    #[arg(long)]
    json: bool,
}

/// The formats, by their names on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    /// `promptfooconfig.yaml`, or tests in CSV, JSON, JSONL or YAML.
    Promptfoo,
    /// Goldens and conversational goldens.
    Deepeval,
    /// Dataset items of the API and of exports.
    Langfuse,
    /// Samples, rows of the Evals API, and the registry's YAML.
    OpenaiEvals,
    /// Evaluation datasets in CSV, JSONL or JSON.
    Ragas,
}

impl From {
    const fn format(self) -> Format {
        match self {
            Self::Promptfoo => Format::Promptfoo,
            Self::Deepeval => Format::Deepeval,
            Self::Langfuse => Format::Langfuse,
            Self::OpenaiEvals => Format::OpenaiEvals,
            Self::Ragas => Format::Ragas,
        }
    }
}

/// Classes of OpenAI's evals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Class {
    /// The answer begins with an ideal.
    Match,
    /// The answer contains an ideal.
    Includes,
    /// The same, in any case.
    IncludesIgnoreCase,
}

impl Class {
    const fn class(self) -> EvalsClass {
        match self {
            Self::Match => EvalsClass::Match,
            Self::Includes => EvalsClass::Includes,
            Self::IncludesIgnoreCase => EvalsClass::IncludesIgnoreCase,
        }
    }
}

/// Imports a file, and tells what came of it.
///
/// # Errors
/// When it cannot be imported; the message is one line.
pub(crate) async fn import(args: ImportArgs) -> Result<Exit> {
    let all = read(&args)?;
    let exact = all.iter().all(|one| one.notes.is_empty());
    let refused = args.strict && !exact;
    if args.dry_run || refused {
        tell(&all, &[], args.json)?;
        if refused {
            term::note("nothing was created: not everything can be carried over (--strict)");
        }
        return Ok(if refused { Exit::Quality } else { Exit::Pass });
    }
    if all.iter().all(is_empty) {
        tell(&all, &[], args.json)?;
        bail!("{}: there is nothing to create", args.file.display());
    }
    let (client, platform) = server::connect(&args.server).await?;
    let sent = blocking(move || {
        let made = all
            .iter()
            .map(|one| imported::send(&client, one))
            .collect::<Result<Vec<_>>>()?;
        Ok((all, made))
    })
    .await;
    if let Some(platform) = platform {
        platform.shutdown().await;
    }
    let (all, made) = sent?;
    tell(&all, &made, args.json)?;
    Ok(Exit::Pass)
}

fn is_empty(one: &Imported) -> bool {
    one.items.is_empty()
        && one.metrics.is_empty()
        && one.prompts.is_empty()
        && one.scenarios.is_empty()
}

/// What the file comes to: one dataset, or of a registry one for each of its evals.
fn read(args: &ImportArgs) -> Result<Vec<Imported>> {
    let shown = args.file.display();
    let bytes = contents(&args.file).map_err(|why| anyhow!("{shown} cannot be read: {why}"))?;
    let folder = args
        .file
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let beside = |name: &str| within(folder, name);
    let name = args.file.to_string_lossy();
    let mut first = convert(&Source {
        name: &name,
        bytes: &bytes,
        format: args.format.map(From::format),
        class: args.class.map(Class::class),
        files: Some(&beside),
    })
    .with_context(|| shown.to_string())?;
    let mut rest = Vec::new();
    for eval in std::mem::take(&mut first.evals) {
        match samples(folder, &eval) {
            Ok(one) => rest.push(one),
            Err(why) => first.notes.push(Note {
                at: vec![format!("/{}/args/samples_jsonl", eval.name)],
                times: 1,
                effect: Effect::Dropped,
                what: format!("samples `{}`", eval.samples),
                why: format!("{why}; import them by themselves with --class"),
            }),
        }
    }
    if let Some(name) = &args.dataset {
        match rest.len() {
            0 => first.dataset.name.clone_from(name),
            _ => bail!(
                "--dataset names one dataset, and {shown} has {}",
                rest.len()
            ),
        }
    }
    // A registry has no items of its own, but may have notes.
    if rest.is_empty() || !first.notes.is_empty() {
        rest.insert(0, first);
    }
    Ok(rest)
}

/// The samples of an eval, beside the registry's file or in the registry's folder for data.
fn samples(folder: &Path, eval: &EvalHint) -> Result<Imported, String> {
    let data = folder.join("..").join("data");
    let bytes = within(folder, &eval.samples).or_else(|_| within(&data, &eval.samples))?;
    let mut one = convert(&Source {
        name: &eval.samples,
        bytes: &bytes,
        format: Some(Format::OpenaiEvals),
        class: Some(eval.class),
        files: None,
    })
    .map_err(|e| e.to_string())?;
    one.dataset.name.clone_from(&eval.name);
    Ok(one)
}

/// A file that a file names: nothing outside of its folder, wherever links lead.
fn within(folder: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path = Path::new(name);
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !path.components().all(inside) {
        return Err("it is outside of the file's folder".to_owned());
    }
    let real = |path: &Path| path.canonicalize().map_err(|e| crate::files::plain(&e));
    let (folder, path) = (real(folder)?, real(&folder.join(path))?);
    if !path.starts_with(&folder) {
        return Err("it is outside of the file's folder".to_owned());
    }
    contents(&path)
}

fn contents(path: &Path) -> Result<Vec<u8>, String> {
    let plain = |e: std::io::Error| crate::files::plain(&e);
    let file = std::fs::File::open(path).map_err(plain)?;
    if !file.metadata().map_err(plain)?.is_file() {
        return Err("it is no file".to_owned());
    }
    let mut bytes = Vec::new();
    // A byte more than may be, so that what is too large is told as such.
    let most = u64::try_from(MAX_FILE)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    file.take(most).read_to_end(&mut bytes).map_err(plain)?;
    Ok(bytes)
}

/// One import as JSON.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    one: Counted<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<&'a Made>,
}

/// All of it before it is created, its numbers afterwards.
#[derive(Serialize)]
#[serde(untagged)]
enum Counted<'a> {
    All(&'a Imported),
    Numbers {
        format: Format,
        items: usize,
        agents: &'a [assay_import::AgentHint],
        notes: &'a [Note],
    },
}

fn tell(all: &[Imported], made: &[Made], json: bool) -> Result<()> {
    if json {
        let told = all.iter().enumerate().map(|(i, one)| {
            let created = made.get(i);
            let numbers = Counted::Numbers {
                format: one.format,
                items: one.items.len(),
                agents: &one.agents,
                notes: &one.notes,
            };
            let one = if created.is_some() {
                numbers
            } else {
                Counted::All(one)
            };
            Told { one, created }
        });
        let told: Vec<Told<'_>> = told.collect();
        term::out(serde_json::to_string_pretty(
            &serde_json::json!({ "imports": told }),
        )?);
        return Ok(());
    }
    for (i, one) in all.iter().enumerate() {
        for line in lines(one, made.get(i)) {
            term::out(line);
        }
    }
    Ok(())
}

/// One import as lines for a person.
fn lines(one: &Imported, made: Option<&Made>) -> Vec<String> {
    let mut out = vec![format!(
        "{}: {}, {}, {}, {}",
        one.format.as_str(),
        count(one.items.len(), "item"),
        count(one.metrics.len(), "metric"),
        count(one.prompts.len(), "prompt"),
        count(one.scenarios.len(), "scenario"),
    )];
    match made {
        Some(made) => out.extend(made.lines()),
        None if !one.items.is_empty() => out.push(format!("dataset `{}`", one.dataset.name)),
        None => {}
    }
    for agent in &one.agents {
        let kind = agent
            .kind
            .map_or("no kind of agent here", |kind| kind.as_str());
        out.push(term::one_line(
            &format!("agent to create: `{}` ({kind})", agent.provider),
            200,
        ));
    }
    if !one.notes.is_empty() {
        out.push(format!("{}:", count(one.notes.len(), "note")));
    }
    for note in one.notes.iter().take(SHOWN) {
        let effect = match note.effect {
            Effect::Dropped => "dropped",
            Effect::Changed => "changed",
        };
        out.push(format!("  {effect} {note}"));
    }
    if one.notes.len() > SHOWN {
        out.push(format!(
            "  and {} more; --json has all",
            one.notes.len() - SHOWN
        ));
    }
    out
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(file: PathBuf) -> ImportArgs {
        #[derive(clap::Parser)]
        struct Cli {
            #[command(flatten)]
            args: ImportArgs,
        }
        let cli: Cli = clap::Parser::parse_from([PathBuf::from("assay"), file]);
        cli.args
    }

    #[test]
    fn files_beside_the_file_are_read_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("in")).unwrap();
        std::fs::write(at("secret.csv"), "q,__expected\nx,y\n").unwrap();
        std::fs::write(at("in/tests.csv"), "q,__expected\nhow,contains:so\n").unwrap();
        std::fs::write(at("in/p.txt"), "Say {{q}}").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("secret.csv"), at("in/link.csv")).unwrap();
        let config = "prompts: [file://p.txt]\nproviders: [openai:x]\ntests: [tests.csv, ../secret.csv, link.csv, /etc/passwd.csv]\n";
        std::fs::write(at("in/c.yaml"), config).unwrap();
        let all = read(&args(at("in/c.yaml"))).unwrap();
        assert_eq!(all[0].items.len(), 1, "{:?}", all[0].notes);
        assert_eq!(all[0].items[0].input.as_deref(), Some("Say how"));
        let whys: Vec<&str> = all[0].notes.iter().map(|n| n.why.as_str()).collect();
        assert_eq!(whys, ["it is outside of the file's folder"; 3]);
    }

    #[test]
    fn a_registry_finds_its_samples() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir_all(at("evals")).unwrap();
        std::fs::create_dir_all(at("data/a")).unwrap();
        std::fs::write(
            at("data/a/s.jsonl"),
            "{\"input\":\"2+2\",\"ideal\":\"4\"}\n",
        )
        .unwrap();
        let registry = "a:\n  id: a.v0\na.v0:\n  class: evals.elsuite.basic.match:Match\n  args: {samples_jsonl: a/s.jsonl}\n\
            b.v0:\n  class: evals.elsuite.basic.includes:Includes\n  args: {samples_jsonl: b/s.jsonl}\n";
        std::fs::write(at("evals/r.yaml"), registry).unwrap();
        let all = read(&args(at("evals/r.yaml"))).unwrap();
        assert_eq!(all.len(), 2);
        assert!(
            all[0].notes[0].to_string().contains("samples `b/s.jsonl`"),
            "{:?}",
            all[0].notes
        );
        assert_eq!(
            (all[1].dataset.name.as_str(), all[1].items.len()),
            ("a.v0", 1)
        );
        assert_eq!(all[1].metrics.len() + all[1].items[0].metrics.len(), 1);
    }

    #[test]
    fn what_is_told_is_a_line_each() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.json");
        std::fs::write(
            &path,
            r#"[{"vars":{"q":"a"},"assert":[{"type":"python","value":"x\ny"}]}]"#,
        )
        .unwrap();
        let all = read(&args(path)).unwrap();
        let said = lines(&all[0], None);
        assert_eq!(
            said[0],
            "promptfoo: 1 item, 0 metrics, 0 prompts, 0 scenarios"
        );
        assert_eq!(said[1], "dataset `x`");
        assert!(
            said.iter()
                .any(|l| l.contains("dropped /0/assert/0: assertion `python`: code is not run")),
            "{said:?}"
        );
        assert!(said.iter().all(|line| !line.contains('\n')));
    }
}
