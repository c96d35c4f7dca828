//! `init`, `unlock`, `backup`, `restore`, `phrase`.

use crate::args::Phrase;
use crate::error::{Error, Exit, Result, state_word};
use crate::out::Out;
use crate::session::{self, Session};
use carnet_wallet::Wallet;
use carnet_wallet::bridge::ShareStatus;
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
    out.json(&json!({
        "state": "open",
        "records": home.records,
        "live_shares": live,
        "sent": synced.sent,
        "waiting": synced.waiting,
        "new_openings": synced.new_openings,
    }))?;
    Ok(if synced.waiting == 0 { Exit::Done } else { Exit::RelayAway })
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
