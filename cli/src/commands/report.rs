//! `assay report`: a campaign as a file for people, spreadsheets or programs.

use super::blocking;
use super::run::{cannot_write, probe};
use super::server::{self, ServerArgs};
use crate::api::Client;
use crate::exit::Exit;
use crate::named::find;
use crate::report::campaign::html::{self, Conversations, Parts};
use crate::report::campaign::select::{Selection, Shown};
use crate::report::campaign::source::Source;
use crate::report::campaign::summary::Summary;
use crate::report::campaign::tally::Tally;
use crate::report::campaign::{Compared, Head, csv, json, markdown};
use crate::term;
use anyhow::{Context, Result, bail};
use assay_model::Timestamp;
use assay_stats::Level;
use clap::{Args, ValueEnum};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Arguments of `assay report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// The campaign: its id, or `name:NAME` for the newest of that name that has ended.
    #[arg(value_name = "CAMPAIGN")]
    campaign: String,
    /// A campaign that it is compared with, named in the same way.
    #[arg(long, value_name = "CAMPAIGN")]
    baseline: Option<String>,
    /// Only runs of this agent, by its id.
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// The agent of the baseline, where that has several.
    #[arg(long, value_name = "ID", requires = "baseline")]
    baseline_agent: Option<String>,
    /// The form. Default: what the name of the file ends in, else HTML.
    #[arg(long)]
    format: Option<Format>,
    /// The file to write. Default: standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Most runs that HTML shows; its figures are of all.
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=20_000))]
    max_runs: u32,
    /// How many of the worst items HTML and Markdown show.
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=200))]
    worst: u32,
    /// How sure intervals are.
    #[arg(long, default_value_t = 0.95, value_parser = level)]
    level: f64,
}

/// The form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One file for reading and printing.
    Html,
    /// Everything, for programs.
    Json,
    /// A row a run and metric.
    Csv,
    /// Markdown, for a comment or a wiki.
    Md,
}

impl Format {
    /// By the end of a file's name.
    fn of(file: Option<&Path>) -> Self {
        let end = file.and_then(|f| f.extension()?.to_str().map(str::to_lowercase));
        match end.as_deref() {
            Some("json") => Self::Json,
            Some("csv") => Self::Csv,
            Some("md" | "markdown") => Self::Md,
            _ => Self::Html,
        }
    }
}

/// As the API takes it.
fn level(text: &str) -> Result<f64, String> {
    let level: f64 = text.parse().map_err(|_| "is not a number".to_owned())?;
    if (0.5..1.0).contains(&level) {
        Ok(level)
    } else {
        Err("must be at least 0.5 and below 1".to_owned())
    }
}

/// Writes the report.
///
/// # Errors
/// When it could not be made or written; the message is one line.
pub(crate) async fn report(args: ReportArgs) -> Result<Exit> {
    let format = args
        .format
        .unwrap_or_else(|| Format::of(args.output.as_deref()));
    if format == Format::Csv && args.baseline.is_some() {
        bail!("--baseline has no place in CSV: the rows are runs");
    }
    if let Some(path) = &args.output {
        let new = !path.exists();
        probe(path)?;
        if new {
            let _ = std::fs::remove_file(path);
        }
    }
    let (client, platform) = server::connect(&args.server).await?;
    let done = blocking(move || write(client, &args, format)).await;
    if let Some(platform) = platform {
        platform.shutdown().await;
    }
    done.map(|()| Exit::Pass)
}

fn write(client: Client, args: &ReportArgs, format: Format) -> Result<()> {
    let id = find(&client, &args.campaign)?;
    let baseline = args
        .baseline
        .as_deref()
        .map(|b| find(&client, b))
        .transpose()?;
    let source = Source::new(client, id, args.agent.clone());
    let head = source.head()?;
    let compared = match &baseline {
        Some(b) => Some(source.compared(b, args.baseline_agent.as_deref(), args.level)?),
        None => None,
    };
    let Some(path) = &args.output else {
        let out = BufWriter::new(io::stdout().lock());
        return ignoring_closed(body(&source, &head, compared.as_ref(), args, format, out));
    };
    if std::fs::symlink_metadata(path).is_ok_and(|m| !m.is_file()) {
        // A pipe, a device or a link: nothing may take its place.
        let file = std::fs::OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(path);
        let file = file.map_err(|e| cannot_write(path, &e))?;
        return body(
            &source,
            &head,
            compared.as_ref(),
            args,
            format,
            BufWriter::new(file),
        );
    }
    // A report takes its place when it is whole.
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".assay-report-");
    // As any file that a program makes; temporary files are private.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder
        .tempfile_in(folder)
        .map_err(|e| cannot_write(path, &e))?;
    body(
        &source,
        &head,
        compared.as_ref(),
        args,
        format,
        BufWriter::new(file.as_file()),
    )?;
    file.persist(path)
        .map_err(|e| cannot_write(path, &e.error))?;
    term::note(format!("report written to {}", path.display()));
    Ok(())
}

/// Whoever reads standard output may have read enough.
fn ignoring_closed(done: Result<()>) -> Result<()> {
    match done {
        Err(e) if closed(&e) => Ok(()),
        other => other,
    }
}

fn closed(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let direct = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind);
        let csv = cause
            .downcast_ref::<::csv::Error>()
            .and_then(|e| match e.kind() {
                ::csv::ErrorKind::Io(e) => Some(e.kind()),
                _ => None,
            });
        direct.or(json).or(csv) == Some(io::ErrorKind::BrokenPipe)
    })
}

fn body<W: Write>(
    source: &Source,
    head: &Head,
    compared: Option<&Compared>,
    args: &ReportArgs,
    format: Format,
    mut out: W,
) -> Result<()> {
    let level = Level::new(args.level).context("--level")?;
    let now = now();
    match format {
        Format::Csv => {
            let mut rows = csv::Rows::new(out, &head.id)?;
            source.each_run(|run| rows.run(&run))?;
            rows.finish()
        }
        Format::Json => {
            let mut tally = Tally::new(level);
            let mut document = json::Document::begin(out, head, &now)?;
            source.each_run(|run| {
                tally.add(&run);
                document.run(&run)
            })?;
            document.end(&tally.finish(head), compared)
        }
        Format::Html | Format::Md => {
            let most = if format == Format::Html {
                args.max_runs
            } else {
                0
            };
            let (summary, shown) = look(source, head, level, most as usize, args.worst as usize)?;
            let conversations = conversations(source, &shown, format)?;
            let parts = Parts {
                head,
                summary: &summary,
                compared,
                shown: &shown,
                conversations: &conversations,
                generated_at: &now,
            };
            let text = match format {
                Format::Html => html::render(&parts)?,
                _ => markdown::render(&parts),
            };
            out.write_all(text.as_bytes())?;
            out.flush()?;
            Ok(())
        }
    }
}

/// Looks at every run once.
fn look(
    source: &Source,
    head: &Head,
    level: Level,
    most: usize,
    worst: usize,
) -> Result<(Summary, Shown)> {
    let mut tally = Tally::new(level);
    let mut selection = Selection::new(most, worst);
    source.each_run(|run| {
        tally.add(&run);
        selection.add(run);
        Ok(())
    })?;
    Ok((tally.finish(head), selection.finish()))
}

/// What the worst runs said, which lists leave out.
fn conversations(source: &Source, shown: &Shown, format: Format) -> Result<Conversations> {
    let mut out = Conversations::new();
    if format == Format::Html {
        for (run, ..) in &shown.worst {
            let talk = source
                .conversation(&run.run_id)
                .context("a run's conversation")?;
            out.insert(run.run_id.clone(), talk);
        }
    }
    Ok(out)
}

fn now() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or_default();
    Timestamp::from_micros(micros).to_rfc3339()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_the_name() {
        for (name, form) in [
            ("a.JSON", Format::Json),
            ("a.csv", Format::Csv),
            ("a.md", Format::Md),
            ("a.html", Format::Html),
            ("a", Format::Html),
        ] {
            assert_eq!(Format::of(Some(Path::new(name))), form, "{name}");
        }
        assert_eq!(Format::of(None), Format::Html);
    }

    #[test]
    fn levels_are_those_of_the_api() {
        assert_eq!(level("0.9"), Ok(0.9));
        for wrong in ["1", "0.4", "NaN", "sure"] {
            assert!(level(wrong).is_err(), "{wrong}");
        }
    }
}
