//! An account as a file of its own: as text for people, as JSON for programs.

use super::report::sentences;
use crate::format;
use carnet_bridge::{FoundKind, ImportReport, SkippedEntry};
use std::fmt::Write;

/// All of it as plain text, every entry that was not taken included.
pub fn plain(reports: &[ImportReport]) -> String {
    let mut out = format!("{}\n", t!("imports-title"));
    if reports.len() > 1 {
        line(&mut out, &t!("report-files", count = reports.iter().filter(|report| !report.stopped).count()));
        line(&mut out, &sentences(reports).join(" "));
    }
    for report in reports {
        out.push('\n');
        line(&mut out, &report.account.file);
        if !report.folder.is_empty() {
            line(&mut out, &report.folder);
        }
        line(&mut out, &format!("{} · {}", report.account.format, format::full_moment(report.account.at)));
        match &report.account.error {
            Some(error) => {
                line(&mut out, &t!("account-refused"));
                line(&mut out, error);
                line(&mut out, &t!("account-refused-safe"));
            }
            None if report.stopped => line(&mut out, &t!("file-stopped")),
            None => line(&mut out, &sentences(std::slice::from_ref(report)).join(" ")),
        }
        for note in &report.notes {
            line(&mut out, note);
        }
        for link in &report.links {
            let (what, host) = match link.kind {
                FoundKind::Records => (t!("found-link-title"), t!("found-link-host", host = &link.host)),
                FoundKind::Card => (t!("use-card-title"), t!("use-card-host", host = &link.host)),
            };
            let parts = [link.path.clone(), what, host];
            line(&mut out, &parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "));
        }
        entries(&mut out, &t!("account-why", count = report.account.skipped.len()), &report.account.skipped);
        entries(&mut out, &t!("account-texts", count = report.as_text.len()), &report.as_text);
    }
    out
}

/// All of it as JSON, an array of reports in the order shown.
pub fn json(reports: &[ImportReport]) -> String {
    // Strings, numbers and lists only: nothing in it can fail to be written.
    serde_json::to_string_pretty(reports).unwrap_or_default()
}

fn entries(out: &mut String, title: &str, entries: &[SkippedEntry]) {
    if entries.is_empty() {
        return;
    }
    line(out, &format!("{title}:"));
    for entry in entries {
        line(out, &format!("  {}  {}", entry.path, entry.reason));
    }
}

/// One line, whatever line breaks a hostile text brings along.
fn line(out: &mut String, text: &str) {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Face, start};
    use carnet_bridge::ImportAccount;

    #[test]
    fn a_saved_account_has_every_entry_and_each_on_a_line_of_its_own() {
        start("en", Face::App);
        let skipped = (0..300)
            .map(|at| SkippedEntry { path: format!("[{at}]"), reason: "One\r\ntwo".to_owned() })
            .collect::<Vec<_>>();
        let account = ImportAccount {
            file: "a\nb.json".to_owned(),
            format: "FHIR".to_owned(),
            entries: 301,
            imported: 1,
            already_present: 0,
            narrative_only: 0,
            skipped,
            error: None,
            at: 0,
        };
        let text = plain(&[account.clone().into()]);
        assert_eq!(text.lines().filter(|line| line.ends_with("One  two")).count(), 300);
        assert!(text.contains("\na b.json\n") && text.contains("1 record was added."), "{text}");
        let back: Vec<ImportReport> = serde_json::from_str(&json(&[account.into()])).unwrap();
        assert_eq!(back[0].account.skipped.len(), 300);
    }
}
