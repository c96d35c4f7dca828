//! An output as pages: one that a clinician reads in two minutes, then everything in full.
//!
//! The PDF is tagged and searchable (PDF/UA-1 as far as a program can check it): headings and paragraphs in reading order, the
//! document's language, its title, bookmarks. Scripts that are written from right to left, and scripts that join or
//! stack their letters, are shaped and set as they are read. Text of records is never markup, an address or a command
//! here; it is only ever drawn.
//!
//! What is about records rather than of them, such as a consent receipt, is a [`Sheet`].

mod fonts;
mod labels;
mod page;
mod text;

pub use fonts::Fonts;

use crate::{
    display::Description,
    outgoing::Readable,
    summary_text::{self, Language},
};
use page::{Cover, Paper, Style};

/// So many records of each section stand on the first page.
const FIRST: usize = 7;

/// A finished PDF.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The file.
    pub pdf: Vec<u8>,
    /// How many printed characters no font had; a box stands in their place, and the document says so.
    pub missing: usize,
}

/// The pages could not be made. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("The PDF could not be made ({0}). Nothing was written; export the records in another format.")]
pub struct RenderError(String);

/// Renders an output.
///
/// # Errors
/// A font cannot be used, or the PDF library refuses what it was given; both are faults of this program.
pub fn render(readable: &Readable, fonts: &Fonts) -> Result<Rendered, RenderError> {
    let language = Language::of(readable.language);
    let cover = Cover { title: &readable.title, language: readable.language, made: &readable.made };
    let mut paper = Paper::new(cover, fonts);
    first_page(&mut paper, readable, language);
    details(&mut paper, readable, language);
    paper.finish(language)
}

/// A page of labelled lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its title.
    pub title: String,
    /// What stands below the title; empty: nothing.
    pub lead: String,
    /// The language of its words (BCP 47).
    pub language: String,
    /// When it was made: FHIR instant in UTC.
    pub made: String,
    /// Its parts, in reading order.
    pub sections: Vec<SheetSection>,
}

/// A part of a [`Sheet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetSection {
    /// Its heading.
    pub title: String,
    /// Label and value of each line.
    pub lines: Vec<(String, String)>,
}

/// Renders a sheet, on as many pages as it takes, in the same form as [`render`].
///
/// # Errors
/// As [`render`].
pub fn render_sheet(sheet: &Sheet, fonts: &Fonts) -> Result<Rendered, RenderError> {
    let mut paper = Paper::new(Cover { title: &sheet.title, language: &sheet.language, made: &sheet.made }, fonts);
    paper.heading(Style::Title, 1, &sheet.title);
    if !sheet.lead.is_empty() {
        paper.paragraph(Style::Lead, 0.0, &sheet.lead);
    }
    for section in &sheet.sections {
        paper.bookmarked(&section.title);
        for (label, value) in &section.lines {
            paper.paragraph(Style::Body, 10.0, &format!("{label}: {value}"));
        }
    }
    paper.finish(Language::of(&sheet.language))
}

fn first_page(paper: &mut Paper<'_>, readable: &Readable, language: Language) {
    let name = if readable.patient.name.is_empty() { summary_text::unnamed(language) } else { &readable.patient.name };
    paper.heading(Style::Title, 1, name);
    let banner = [readable.patient.birth_date.as_deref(), readable.patient.sex.as_deref()];
    let banner: Vec<&str> = banner.into_iter().flatten().collect();
    paper.paragraph(Style::Lead, 0.0, &banner.join(" · "));
    let made =
        format!("{} · {} {}", readable.title, summary_text::made_on(language), summary_text::day(&readable.made));
    paper.paragraph(Style::Small, 0.0, &made);
    paper.paragraph(Style::Small, 0.0, summary_text::shared_by_patient(language));
    paper.gap(6.0);
    for section in readable.sections.iter().filter(|section| section.first) {
        paper.heading(Style::Section, 2, &section.title);
        if let Some(empty) = &section.empty {
            paper.paragraph(Style::Body, 0.0, empty);
        }
        for record in section.records.iter().take(FIRST) {
            paper.item(&record.title, &line(record, language));
        }
        let more = section.records.len().saturating_sub(FIRST);
        if more > 0 {
            paper.paragraph(Style::Small, 0.0, &format!("+ {more} · {}", summary_text::on_the_next_pages(language)));
        }
    }
    let others: Vec<String> = readable
        .sections
        .iter()
        .filter(|section| !section.first && !section.records.is_empty())
        .map(|section| format!("{} ({})", section.title, section.records.len()))
        .collect();
    if !others.is_empty() {
        paper.heading(Style::Section, 2, summary_text::on_the_next_pages(language));
        paper.paragraph(Style::Body, 0.0, &others.join(" · "));
    }
}

/// What stands beside a title on the first page.
fn line(record: &Description, language: Language) -> String {
    let details = summary_text::details(record, language);
    let date = record.date.as_deref().map(summary_text::day).unwrap_or_default();
    let parts = [details.as_str(), date, record.status.as_deref().unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn details(paper: &mut Paper<'_>, readable: &Readable, language: Language) {
    paper.new_page();
    for section in readable.sections.iter().filter(|section| !section.records.is_empty()) {
        paper.bookmarked(&section.title);
        for record in &section.records {
            describe(paper, record, language);
        }
    }
    paper.bookmarked(summary_text::about_the_patient(language));
    describe(paper, &readable.about, language);
}

fn describe(paper: &mut Paper<'_>, record: &Description, language: Language) {
    paper.heading(Style::Record, 3, &record.title);
    let date = record.date.as_deref().unwrap_or_default();
    let value = record.measurement.as_ref().map(|_| summary_text::details(record, language)).unwrap_or_default();
    let head = [value.as_str(), date, record.status.as_deref().unwrap_or_default()];
    let head: Vec<&str> = head.into_iter().filter(|part| !part.is_empty()).collect();
    if !head.is_empty() {
        paper.paragraph(Style::Body, 0.0, &head.join(" · "));
    }
    for fact in &record.facts {
        paper.paragraph(Style::Body, 10.0, &format!("{}: {}", labels::words(fact.label, language), fact.value));
    }
    if let Some(text) = &record.narrative_text {
        paper.paragraph(Style::Body, 10.0, text);
    }
    paper.gap(3.0);
}

#[cfg(test)]
mod tests;
