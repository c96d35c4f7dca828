//! `init`, `unlock`, `passphrase`, `backup`, `restore`, `phrase`.

use crate::args::Phrase;
use crate::error::{Error, Exit, Result, state_word};
use crate::out::Out;
use crate::session::{self, Session};
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{Attention, ShareStatus};
use serde_json::json;
use std::path::Path;

pub(crate) async fn init(session: &Session, name: &str, out: &mut Out) -> Result<Exit> {
    let wallet = session.wallet();
    if wallet.state().await != carnet_wallet::bridge::VaultState::None {
        // Said before anybody thinks of a passphrase.
        return Err(Error::VaultExists);
    }
    let state = wallet.create(&session.new_passphrase()?, name).await?;
    session.remember_relay(&wallet).await?;
    out.line(format!("A new vault is in {}.", session.folder.display()))?;
    out.line("\nThese words open it when the passphrase is lost, and its backups. Write them down, on paper:\n")?;
    print_words(&wallet.recovery_words().await?, out)?;
    out.json(&json!({ "vault": session.folder, "state": state_word(state) }))?;
    wallet.shutdown().await?;
    Ok(Exit::Done)
}

pub(crate) async fn unlock(wallet: &Wallet, out: &mut Out) -> Result<Exit> {
    let synced = wallet.sync().await?;
    let home = wallet.home().await?;
    let live = home.open_shares.iter().filter(|share| share.status == ShareStatus::Live).count();
    out.line(format!(
        "The vault opens. {} records, {} live shares. Sent {}, waiting {}, {} new openings.",
        home.records, live, synced.sent, synced.waiting, synced.new_openings
    ))?;
    let fault = home.attention.iter().find_map(|about| match about {
        Attention::Journal { fault } => Some(fault),
        _ => None,
    });
    if let Some(fault) = fault {
        out.line(format!(
            "The history of this vault was changed by something else than Carnet: {fault}. The records are still here. Keep \
             your backups, and see with `carnet check vault` what else is not as it was."
        ))?;
    }
    out.json(&json!({
        "state": "open",
        "records": home.records,
        "live_shares": live,
        "sent": synced.sent,
        "waiting": synced.waiting,
        "new_openings": synced.new_openings,
        "journal_fault": fault,
    }))?;
    Ok(if synced.waiting == 0 { Exit::Done } else { Exit::RelayAway })
}

/// Opens the vault with its recovery words and sets a new passphrase.
pub(crate) async fn unlock_with_words(session: &Session, words_file: Option<&Path>, out: &mut Out) -> Result<Wallet> {
    let wallet = session.wallet();
    session::must_be_there(&wallet).await?;
    let words = session::recovery_words(words_file)?;
    wallet.unlock_with_words(&words, &session.new_passphrase()?).await?;
    session.remember_relay(&wallet).await?;
    out.line("The words are right. The new passphrase opens the vault from now on.")?;
    Ok(wallet)
}

pub(crate) async fn passphrase(session: &Session, new_file: Option<&Path>, out: &mut Out) -> Result<Exit> {
    session::must_be_there(&session.wallet()).await?;
    let present = session.passphrase()?;
    let wallet = session.open_with(&present).await?;
    let changed = async {
        let new = session::new_passphrase(new_file)?;
        Ok(wallet.change_passphrase(&present, &new).await?)
    };
    let changed: Result<()> = changed.await;
    let closed = wallet.shutdown().await;
    changed?;
    closed?;
    out.line("The new passphrase opens the vault from now on. The recovery words are the same as before.")?;
    out.json(&json!({ "changed": true }))?;
    Ok(Exit::Done)
}

pub(crate) async fn backup(wallet: &Wallet, file: &Path, out: &mut Out) -> Result<Exit> {
    wallet.back_up(file).await?;
    out.line(format!("Everything is in {}. The recovery words open it.", file.display()))?;
    out.json(&json!({ "file": file }))?;
    Ok(Exit::Done)
}

pub(crate) async fn restore(session: &Session, file: &Path, words_file: Option<&Path>, out: &mut Out) -> Result<Exit> {
    let wallet = session.wallet();
    let words = session::recovery_words(words_file)?;
    let state = wallet.restore(file, &words, &session.new_passphrase()?).await?;
    session.remember_relay(&wallet).await?;
    let records = wallet.home().await?.records;
    out.line(format!("The vault is back in {}, with {records} records.", session.folder.display()))?;
    out.json(&json!({ "vault": session.folder, "state": state_word(state), "records": records }))?;
    wallet.shutdown().await?;
    Ok(Exit::Done)
}

pub(crate) async fn phrase(wallet: &Wallet, form: Phrase, out: &mut Out) -> Result<Exit> {
    match form {
        Phrase::Words => {
            let words = wallet.recovery_words().await?;
            print_words(&words, out)?;
            out.json(&json!({ "words": words }))?;
        }
        Phrase::Identity => {
            let identity = wallet.recovery_identity().await?;
            // The one line that `age --decrypt --identity FILE` takes.
            out.line(identity.as_str())?;
            out.json(&json!({ "identity": identity.as_str() }))?;
        }
    }
    Ok(Exit::Done)
}

/// Six lines of four, numbered as on paper.
fn print_words(words: &[String], out: &mut Out) -> Result<()> {
    for (row, line) in words.chunks(4).enumerate() {
        let numbered = line.iter().enumerate().map(|(at, word)| format!("{:>2} {word:<9}", row * 4 + at + 1));
        out.line(numbered.collect::<Vec<_>>().join("  "))?;
    }
    Ok(())
}
