//! JSON: all of it, for programs. `docs/reports.md` has the schema.
//!
//! Runs are written as they come; what is made of them stands behind them.

use super::summary::Summary;
use super::{Compared, GENERATOR, Head};
use anyhow::Result;
use assay_model::ItemOutcome;
use serde::Serialize;
use std::io::Write;

/// Rises when a field goes away or means something else. Fields may be added without that.
const SCHEMA_VERSION: u32 = 1;

/// Writes a document as runs come.
pub(crate) struct Document<W: Write> {
    out: W,
    runs: u64,
}

impl<W: Write> Document<W> {
    /// With all that is known before the runs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn begin(mut out: W, head: &Head, generated_at: &str) -> Result<Self> {
        write!(out, "{{\"schema_version\":{SCHEMA_VERSION}")?;
        field(&mut out, "generator", &GENERATOR)?;
        field(&mut out, "generated_at", &generated_at)?;
        field(&mut out, "campaign", head)?;
        write!(out, ",\n\"runs\":[")?;
        Ok(Self { out, runs: 0 })
    }

    /// A run.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn run(&mut self, run: &ItemOutcome) -> Result<()> {
        let between: &[u8] = if self.runs == 0 { b"\n" } else { b",\n" };
        self.out.write_all(between)?;
        serde_json::to_writer(&mut self.out, run)?;
        self.runs += 1;
        Ok(())
    }

    /// What is made of the runs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn end(mut self, summary: &Summary, compared: Option<&Compared>) -> Result<()> {
        write!(self.out, "\n]")?;
        field(&mut self.out, "summary", summary)?;
        field(&mut self.out, "comparison", &compared)?;
        writeln!(self.out, "\n}}")?;
        self.out.flush()?;
        Ok(())
    }
}

fn field(out: &mut impl Write, name: &str, value: &impl Serialize) -> Result<()> {
    write!(out, ",\n\"{name}\":")?;
    serde_json::to_writer(out, value)?;
    Ok(())
}
