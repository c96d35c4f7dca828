//! The document of a share: put together from a choice, and, as a collection, with its pages inside.

use crate::output::{Material, pages};
use crate::{Error, Result};
use carnet_bridge::ShareFormat;
use carnet_consent::bundle::in_words;
use carnet_consent::grant::GrantDraft;
use carnet_records::display::Description;
use carnet_records::index::Category;
use carnet_records::outgoing::{Assembled, OutRecord, OutRequest, Readable, ReadableSection};
use carnet_records::{ips, ktc};
use serde_json::Value;

/// Puts a document together, without pages and without a grant.
///
/// # Errors
/// [`Error::NothingSelected`]; those of the records.
pub(super) fn assemble(material: &Material, format: ShareFormat) -> Result<Assembled> {
    match format {
        ShareFormat::Ips => material.assemble(ips::assemble),
        ShareFormat::Ktc => material.assemble(ktc::assemble),
    }
}

/// Adds to a collection its pages, which show every resource in it: what the grant will say in its Consent, too, for that
/// is one of them. `id` is that of the pages.
///
/// # Errors
/// [`Error::Internal`]: a fault of this program.
pub(super) fn add_pages(bundle: Value, mut readable: Readable, grant: &GrantDraft, id: [u8; 16]) -> Result<Value> {
    readable.sections.push(ReadableSection {
        title: "Consent".to_owned(),
        first: false,
        empty: None,
        records: vec![Description {
            category: Category::Other,
            title: "Consent".to_owned(),
            date: None,
            status: None,
            facts: Vec::new(),
            measurement: None,
            narrative_text: Some(in_words(grant)),
        }],
    });
    let mut assembled = Assembled { bundle, included: Vec::new(), left_out: Vec::new(), readable };
    let rendered = pages(&assembled)?;
    ktc::attach_rendered(&mut assembled, &rendered.pdf, id);
    Ok(assembled.bundle)
}

/// A collection in words, read from the collection itself and not from the records: when it is sealed anew it still says
/// what it said, though the records may have changed. `now` in Unix seconds.
///
/// # Errors
/// [`Error::Internal`]: a fault of this program; those of the records.
pub(super) fn readable_of(bundle: &Value, language: &str, now: i64) -> Result<Readable> {
    let entries = bundle.get("entry").and_then(Value::as_array).ok_or(NO_PAGES)?;
    let is_patient = |entry: &&Value| entry.pointer("/resource/resourceType").is_some_and(|kind| kind == "Patient");
    let bytes = |entry: &Value| entry.get("resource").map(|resource| resource.to_string().into_bytes());
    let url = |entry: &Value| entry.get("fullUrl").and_then(Value::as_str).map(str::to_owned);
    let patient = entries.iter().find(is_patient).and_then(bytes).ok_or(NO_PAGES)?;
    let others: Vec<(Option<String>, Vec<u8>)> = entries
        .iter()
        .filter(|entry| !is_patient(entry))
        .filter_map(|entry| Some((url(entry), bytes(entry)?)))
        .collect();
    let records: Vec<OutRecord<'_>> = others
        .iter()
        .map(|(url, bytes)| OutRecord { full_url: url.as_deref(), original: bytes, ..OutRecord::default() })
        .collect();
    let request = OutRequest {
        patient: &patient,
        records: &records,
        withheld: &[],
        documents: true,
        now,
        // Of what is made here only the words are used.
        bundle_id: [0; 16],
        language,
    };
    Ok(ktc::assemble(&request)?.readable)
}

const NO_PAGES: Error = Error::Internal("the pages of a share");
