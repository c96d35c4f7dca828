//! The seal of the viewer: the verification's outcomes as plain statements.

use super::signers::Attested;
use crate::format;
use crate::i18n;
use crate::kit::{Mark, SealView, Statement};
use carnet_consent::verify::{Outcome, Reason, Standing, Verification};
use dioxus::prelude::*;

/// What the seal says at once and when it is opened. `who` is what the reader called themself.
/// `attested` is what an app says of itself.
pub fn seal(
    verification: Option<&Verification>,
    checking: bool,
    attested: Option<&Attested>,
    who: &str,
    now: i64,
) -> Element {
    let (standing, title, subtitle) = heading(verification, checking, now);
    let mut statements = statements(verification, checking, who, now);
    statements.extend(attested.map(Attested::statement));
    rsx! { SealView { standing, title, subtitle, statements } }
}

fn heading(verification: Option<&Verification>, checking: bool, now: i64) -> (Mark, String, String) {
    let Some(checked) = verification else {
        return (Mark::NotChecked, t!("seal-none"), t!("seal-none-text"));
    };
    if !sealed(checked) {
        return (Mark::NotChecked, t!("seal-none"), t!("seal-none-text"));
    }
    match checked.standing() {
        Standing::Bad if checked.not_withdrawn.why() == Some(Reason::Withdrawn) => {
            (Mark::Failed, t!("seal-withdrawn"), t!("seal-withdrawn-text"))
        }
        Standing::Bad => (Mark::Failed, t!("seal-bad"), t!("seal-bad-text")),
        Standing::Good => {
            let when = checked.as_of.map(|at| format::moment(at, now)).unwrap_or_default();
            (Mark::Checked, t!("seal-good"), t!("seal-good-text", when = when))
        }
        Standing::Unsure if checking => (Mark::NotChecked, t!("seal-good"), t!("seal-checking")),
        Standing::Unsure => (Mark::NotChecked, t!("seal-good"), t!("seal-unsure-text")),
    }
}

fn statements(verification: Option<&Verification>, checking: bool, who: &str, now: i64) -> Vec<Statement> {
    let mut out = Vec::new();
    if let Some(checked) = verification.filter(|checked| !sealed(checked)) {
        out.push(statement(checked.signature, t!("statement-signature")));
    }
    if let Some(checked) = verification.filter(|checked| sealed(checked)) {
        let expires = checked.expires.map(|at| format::moment(at, now)).unwrap_or_default();
        let as_of = checked.as_of.map(format::full_moment);
        out.push(statement(checked.signature, t!("statement-signature")));
        out.push(statement(checked.entries_unaltered, t!("statement-entries")));
        out.push(statement(checked.consent_agrees, t!("statement-consent")));
        out.push(statement(
            checked.in_time,
            if expires.is_empty() { t!("statement-time") } else { t!("statement-time-until", when = expires) },
        ));
        out.push(statement(checked.named_by_link, t!("statement-link")));
        let waiting = |outcome: Outcome, says: String| {
            if checking && outcome.why() == Some(Reason::NoEvidence) {
                Statement { mark: Mark::NotChecked, says, why: t!("seal-checking") }
            } else {
                statement(outcome, says)
            }
        };
        out.push(waiting(checked.in_ledger, t!("statement-ledger")));
        out.push(waiting(
            checked.not_withdrawn,
            as_of.map_or_else(|| t!("statement-withdrawn"), |when| t!("statement-withdrawn-as-of", when = when)),
        ));
        if let Some(grant) = &checked.grant {
            let meant = grant.recipient.name.as_ref().map(|name| name.as_str().to_owned());
            let says = meant.map_or_else(|| t!("statement-anyone"), |name| t!("statement-meant", name = name));
            out.push(Statement { mark: Mark::NotChecked, says, why: t!("statement-you", who = who) });
        }
    }
    // What no check above touches, said so that nobody reads it into the seal.
    out.push(Statement { mark: Mark::NotChecked, says: t!("statement-patient"), why: t!("statement-patient-why") });
    out.push(Statement { mark: Mark::NotChecked, says: t!("statement-content"), why: t!("statement-content-why") });
    out
}

/// Whether the document carries something that is meant as a seal, be it good or bad.
fn sealed(checked: &Verification) -> bool {
    !matches!(checked.signature.why(), Some(Reason::NoGrant | Reason::NotADocument))
}

fn statement(outcome: Outcome, says: String) -> Statement {
    let mark = match outcome {
        Outcome::Checked => Mark::Checked,
        Outcome::NotChecked { .. } => Mark::NotChecked,
        Outcome::Failed { .. } => Mark::Failed,
    };
    Statement { mark, says, why: outcome.why().map(reason).unwrap_or_default() }
}

/// The reason in words.
pub(super) fn reason(reason: Reason) -> String {
    i18n::text(&format!("reason-{}", reason.code()), &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Face, has, start};
    use carnet_consent::verify;
    use serde_json::json;

    #[test]
    fn every_reason_has_words() {
        start("en", Face::Viewer);
        for reason in Reason::ALL {
            assert!(has(&format!("reason-{}", reason.code())), "{}", reason.code());
        }
    }

    #[test]
    fn nothing_is_claimed_of_a_document_without_a_grant() {
        start("en", Face::Viewer);
        let checked = verify::verify(&json!({"resourceType": "Bundle", "type": "collection", "entry": []}), 0);
        let (standing, title, _) = heading(Some(&checked), false, 0);
        assert_eq!((standing, title.as_str()), (Mark::NotChecked, "Not checked"));
        let statements = statements(Some(&checked), false, "Dr Example", 0);
        assert!(statements.iter().all(|statement| statement.mark == Mark::NotChecked));
        assert!(statements.iter().all(|statement| !statement.why.is_empty() && !statement.why.starts_with("reason-")));
    }

    #[test]
    fn the_patient_and_the_content_are_never_checked() {
        start("en", Face::Viewer);
        let statements = statements(None, false, "", 0);
        assert_eq!(statements.len(), 2);
        assert!(statements.iter().all(|statement| statement.mark == Mark::NotChecked));
    }
}
