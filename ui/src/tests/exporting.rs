//! Saving or printing a summary in its states: what goes in and what stays out is said before it is written.

use super::sharing::preview;
use super::*;
use crate::app::export::{ExportView, Saved};
use crate::app::share::Draft;

#[component]
fn Export(preview: SharePreview, format: ExportFormat) -> Element {
    let draft = use_signal(|| {
        let mut draft = Draft::default();
        draft.choose(SharePreset::Visit);
        draft
    });
    let format = use_signal(|| format);
    rsx! { ExportView { preview, draft, format } }
}

#[test]
fn before_a_file_is_written_it_says_what_goes_in_what_stays_out_and_that_nothing_locks_it() {
    let html = render("export", || rsx! { Export { preview: preview(), format: ExportFormat::Pdf } });
    for words in [
        "42 records go into the file",
        "3 sensitive records stay out, unless you tick them above.",
        "1176 other records stay out. The list above says why.",
        "The file is not locked.",
        "Mental health",
        "Pages to read or print (PDF)",
        "For another program (IPS)",
        "Save the file",
        "Save and open to print",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    // The forms that few people want are folded away, and each occasion can be begun with.
    assert!(!html.contains("NDJSON"));
    for preset in SharePreset::ALL {
        assert!(html.contains(&format!("id=\"preset-{}\"", preset.as_str())));
    }
    assert!(html.contains("aria-labelledby=\"export-form\"") && html.contains("role=\"status\""));
}

#[test]
fn what_is_for_programs_is_not_offered_to_be_printed() {
    let html = render_turned("export-turned", || rsx! { Export { preview: preview(), format: ExportFormat::Sphr } });
    assert!(html.contains("A package of records (SPHR)") && html.contains("One record a line (NDJSON)"));
    assert!(html.contains("id=\"save-export\"") && !html.contains("id=\"print-export\""));
}

#[test]
fn without_records_there_is_a_first_step_and_with_nothing_ticked_no_file() {
    let html = render("export-empty", || {
        let preview = SharePreview { records: 0, available: vec![], held_back: vec![], ..preview() };
        rsx! { Export { preview, format: ExportFormat::Pdf } }
    });
    assert!(html.contains("No records yet") && !html.contains("save-export"));
    let html = render("export-nothing", || {
        let preview = SharePreview { records: 0, categories: vec![], lines: vec![], more: 0, ..preview() };
        rsx! { Export { preview, format: ExportFormat::Pdf } }
    });
    assert!(html.contains("Choose at least one kind of record") && html.contains("aria-disabled=\"true\""));
}

#[test]
fn a_file_that_was_written_says_what_has_no_place_in_it() {
    let html = render("export-saved", || {
        rsx! { Saved { account: ExportAccount { records: 41, left_out: 1, missing_characters: 12 } } }
    });
    for words in ["41 records are in the file", "1 chosen record is not in it", "12 letters could not be printed"] {
        assert!(html.contains(words), "{words}: {html}");
    }
}
