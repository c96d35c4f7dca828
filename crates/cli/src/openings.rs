//! `opened`: who looked, and what relays say of it that cannot be.

use crate::clock::local_time;
use crate::error::{Exit, Result};
use crate::out::{Out, clean};
use crate::shares::name_or;
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{Opening, RelayFault};
use serde_json::{Value, json};

pub(crate) async fn opened(wallet: &Wallet, out: &mut Out) -> Result<Exit> {
    let openings = wallet.openings().await?;
    for opening in &openings {
        let why = opening.reason.as_deref().map(|reason| format!(": {}", refused(reason))).unwrap_or_default();
        out.line(format!(
            "{}{}  {}  {}  share {} for {}{why}{}",
            if opening.seen { "  " } else { "* " },
            local_time(opening.at),
            match opening.reason.as_deref() {
                Some(ASKED) => "asked by  ",
                _ if opening.served => "opened by ",
                _ => "refused to",
            },
            name_or(&opening.recipient, "(no name given)"),
            opening.id,
            name_or(&opening.shared_with, "anyone"),
            if opening.contradicted { " (THE LEDGER SAYS OTHERWISE: do not rely on this relay)" } else { "" }
        ))?;
    }
    if openings.is_empty() {
        out.line("Nobody has looked, as far as the relays that could be reached know.")?;
    }
    for line in wallet.shares().await? {
        if let Some(fault) = &line.fault {
            out.line(format!("Share {} for {}: {}", line.id, name_or(&line.recipient, "anyone"), faulty(fault)))?;
        }
    }
    out.json(&openings.iter().map(opening_json).collect())?;
    // Whoever ran this saw them.
    wallet.mark_openings_seen().await?;
    Ok(Exit::Done)
}

/// What is wrong with what a relay says of who looked.
pub(crate) fn faulty(fault: &RelayFault) -> String {
    match fault {
        RelayFault::False(what) => format!(
            "THE RELAY GAVE AN ANSWER THAT CANNOT BE: do not rely on it; somebody may have looked who is not in this list. \
             What was found: {}",
            clean(what)
        ),
        RelayFault::Untold(why) => format!(
            "its relay did not say who looked, so somebody may have who is not in this list. It is asked again. What was \
             found: {}",
            clean(why)
        ),
    }
}

/// The reason of who only asked, as some readers do first: nobody was turned away yet.
const ASKED: &str = "passcode_missing";

/// Why nobody got anything.
fn refused(reason: &str) -> &'static str {
    match reason {
        "passcode" => "the passcode was wrong",
        "passcode_used_up" => "the passcode was wrong, for the last time that was allowed",
        "exhausted" => "it was opened as often as allowed",
        "paused" => "it was paused",
        "time" => "its time had not begun or was over",
        "withdrawn" => "it was stopped",
        ASKED => "it gave no passcode, and was told that one is needed",
        _ => "for another reason",
    }
}

fn opening_json(opening: &Opening) -> Value {
    json!({
        "id": opening.id,
        "recipient": opening.recipient,
        "at": opening.at,
        "outcome": if opening.served { "served" } else { "refused" },
        "shared_with": opening.shared_with,
        "reason": opening.reason,
        "new": !opening.seen,
        "proven": opening.proven,
        "contradicted": opening.contradicted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_steers_no_terminal() {
        let said = || "\x1b[2Jtoo large".to_owned();
        for told in [faulty(&RelayFault::False(said())), faulty(&RelayFault::Untold(said()))] {
            assert!(told.contains("too large") && !told.contains('\x1b'), "{told}");
        }
    }
}
