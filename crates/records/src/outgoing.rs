//! What leaves the wallet: the records of a selection, gathered, made fit to travel, and told apart from what stays.
//!
//! Every output ([`ips`](crate::ips), [`ktc`](crate::ktc), NDJSON, PDF) is made from one [`OutRequest`] by the same steps:
//! sort the records, take in what they refer to, rewrite every reference so that it leads into the output or becomes
//! words, and leave behind what only said how a source kept the record. What is not in the request is not in the output,
//! and neither are the words by which a record of it refers to something that is not.

mod clean;
mod files;
mod gather;
mod ids;
mod references;
mod replaced;

pub(crate) use clean::{DATA_ABSENT_REASON, absent};
pub use files::has_file;
pub use gather::goes_along;
#[cfg(feature = "formats")]
pub(crate) use gather::is_supporting;
pub(crate) use gather::{Gathered, Ready};
pub(crate) use ids::{Ids, urn};
pub use references::may_be_named;
pub(crate) use replaced::is_replaced;

use serde_json::Value;

use crate::{
    display::{self, Banner, Description},
    import,
    sections::{Heading, SECTIONS},
    sensitivity::Sensitivity,
    summary_text::{self, Language},
};

/// A record that goes out, or that one which does may refer to.
#[derive(Debug, Clone, Copy, Default)]
pub struct OutRecord<'a> {
    /// The `fullUrl` it was imported with, by which others refer to it.
    pub full_url: Option<&'a str>,
    /// Its original JSON.
    pub original: &'a [u8],
    /// Its labels of sensitivity: what was found in it and in the documents within it, or what the person chose instead.
    /// They stand in the output beside those its source gave it.
    pub labels: &'a [Sensitivity],
    /// It was not chosen itself: it goes in only where one that was refers to it.
    pub support: bool,
    /// Whether the files in it travel though [not all](OutRequest::documents) do, for it was named.
    pub files: bool,
    /// It is known to be the patient's, whomever it names: typed by hand, or from a source whose Patient did not come along.
    pub own: bool,
}

impl<'a> From<&'a import::Record<'_>> for OutRecord<'a> {
    fn from(record: &'a import::Record<'_>) -> Self {
        let full_url = record.full_url.as_deref();
        OutRecord { full_url, original: record.original, labels: &record.index.sensitivity, ..OutRecord::default() }
    }
}

/// What to make an output of.
#[derive(Debug, Clone, Copy)]
pub struct OutRequest<'a> {
    /// The Patient's original JSON.
    pub patient: &'a [u8],
    /// The selected records, all of the one person, and no others: what is not here is not in the output.
    /// Practitioners, organisations, medications and the like among them are taken in only where another record refers
    /// to them. Patients may be among them (each source has its own): references to them lead to the one above. A record
    /// that names another person, or one who is not among them, is left out unless it is the patient's [own](OutRecord::own).
    pub records: &'a [OutRecord<'a>],
    /// Records that are held back: of references to them not even the words stay. (References to a clinical record that
    /// is in neither list lose their words too.) The originals are needed of the kinds that [`may_be_named`], such as
    /// the description of a medicine; of others the `fullUrl` will do, and the original may be empty.
    pub withheld: &'a [OutRecord<'a>],
    /// Whether the files of all records travel: what is in a selected report as a whole document (`presentedForm`, a picture
    /// or letter contained in it), and documents themselves. Nobody can see from codes what a document says, so none goes
    /// unless it was asked for, or the record was [named](OutRecord::files).
    pub documents: bool,
    /// Now, in seconds since 1970.
    pub now: i64,
    /// 16 random bytes: the output's identifier, from which those of its entries are derived, so that two outputs
    /// of one person share no identifier of ours.
    pub bundle_id: [u8; 16],
    /// The language of titles and headings (BCP 47): `en`, `de`, `es`, `fr`, `pt`; another falls back to `en`.
    pub language: &'a str,
}

/// An output and what became of each record that was asked for.
#[derive(Debug, Clone)]
pub struct Assembled {
    /// The Bundle.
    pub bundle: Value,
    /// Positions of the records that are in it, by themselves or because one of them refers to them.
    pub included: Vec<usize>,
    /// The others, each with the reason.
    pub left_out: Vec<LeftOut>,
    /// The same for people: every resource of the Bundle in words.
    pub readable: Readable,
}

/// A record that is not in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its position in the request.
    pub position: usize,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why a record is not in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LeftOutReason {
    /// The format has no place for this kind of record (a claim or a visit in a summary), or none where nothing in the
    /// output refers to it (a goal, a specimen).
    NoPlace,
    /// Nothing in the output refers to it (an organisation, a medication's description).
    NotReferredTo,
    /// It was entered in error.
    Error,
    /// It is about something other than a person (a location, a group).
    NotAboutAPerson,
    /// It names another person, or one of whom nothing is known.
    AnotherPerson,
    /// It is the Patient, who is in already.
    Patient,
}

/// What a person reads of an output; a page is printed from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readable {
    /// The document's title.
    pub title: String,
    /// BCP 47.
    pub language: &'static str,
    /// Who the patient is.
    pub patient: Banner,
    /// What the patient's record says: address, numbers, languages.
    pub about: Description,
    /// When it was made: FHIR instant in UTC.
    pub made: String,
    /// In reading order.
    pub sections: Vec<ReadableSection>,
}

impl Readable {
    /// Everything that goes out, heading by heading, then what it refers to.
    pub(crate) fn of(ready: &Ready, language: Language, made: &str) -> Readable {
        let mut sections = Vec::new();
        for spec in SECTIONS.iter().filter(|spec| spec.required) {
            let heading = Heading::Section(spec.section);
            if !ready.under.iter().any(|(under, _)| *under == heading) {
                sections.push((heading, Vec::new()));
            }
        }
        sections.extend(ready.under.iter().map(|(heading, positions)| (*heading, ready.described(positions))));
        sections.sort_by_key(|(heading, _)| *heading);
        let mut sections: Vec<ReadableSection> = sections
            .into_iter()
            .map(|(heading, records)| ReadableSection {
                title: heading.title(language).to_owned(),
                first: heading.comes_first(),
                empty: records.is_empty().then(|| summary_text::nothing_included(language).to_owned()),
                records,
            })
            .collect();
        let named = ready.described(&ready.supporting);
        if !named.is_empty() {
            let title = summary_text::named_in_records(language).to_owned();
            sections.push(ReadableSection { title, first: false, empty: None, records: named });
        }
        Readable {
            title: summary_text::document_title(language).to_owned(),
            language: language.tag(),
            patient: ready.banner.clone(),
            about: display::describe(&ready.patient),
            made: made.to_owned(),
            sections,
        }
    }
}

/// A heading and what stands below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadableSection {
    /// The heading.
    pub title: String,
    /// Whether a clinician looks here first.
    pub first: bool,
    /// What stands there where there is nothing to tell.
    pub empty: Option<String>,
    /// One for each record.
    pub records: Vec<Description>,
}

#[cfg(test)]
mod tests;
