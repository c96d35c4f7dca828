//! An opened wallet: which folder, which passphrase, which relay.

use crate::args::Args;
use crate::error::{Error, Result};
use carnet_wallet::bridge::{Passphrase, Settings};
use carnet_wallet::{Wallet, WalletOptions};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How a command line reaches its wallet.
pub(crate) struct Session {
    pub(crate) folder: PathBuf,
    passphrase_file: Option<PathBuf>,
    relay: Option<String>,
    language: String,
}

impl Session {
    pub(crate) fn new(args: &Args) -> Result<Self> {
        let folder = args.vault.clone().or_else(carnet_wallet::default_dir).ok_or(Error::NoFolder)?;
        let language = args.language.clone().unwrap_or_else(carnet_wallet::system_language);
        Ok(Self { folder, passphrase_file: args.passphrase_file.clone(), relay: args.relay.clone(), language })
    }

    /// The wallet, locked.
    pub(crate) fn wallet(&self) -> Wallet {
        // A command is over before anything could happen by itself.
        let language = self.language.clone();
        Wallet::new(&self.folder, WalletOptions { sync_every: None, language, ..WalletOptions::default() })
    }

    /// The wallet, open, with the relay that was named.
    pub(crate) async fn open(&self) -> Result<Wallet> {
        must_be_there(&self.wallet()).await?;
        self.open_with(&self.passphrase()?).await
    }

    /// The same with this passphrase.
    pub(crate) async fn open_with(&self, passphrase: &Passphrase) -> Result<Wallet> {
        let wallet = self.wallet();
        wallet.unlock(passphrase).await?;
        self.remember_relay(&wallet).await?;
        Ok(wallet)
    }

    /// The name in the wallet's settings, where a wallet is there and can be opened without asking anybody; empty: none.
    pub(crate) async fn name_at_hand(&self) -> Result<String> {
        let wallet = self.wallet();
        if self.passphrase_file.is_none() || wallet.state().await == carnet_wallet::bridge::VaultState::None {
            return Ok(String::new());
        }
        wallet.unlock(&self.passphrase()?).await?;
        let settings = wallet.settings().await;
        wallet.shutdown().await?;
        Ok(settings?.name.trim().to_owned())
    }

    /// Keeps the relay that was named.
    pub(crate) async fn remember_relay(&self, wallet: &Wallet) -> Result<()> {
        if let Some(relay) = &self.relay {
            let settings = wallet.settings().await?;
            if settings.relay != relay.trim().trim_end_matches('/') {
                wallet.change_settings(Settings { relay: relay.clone(), ..settings }).await?;
            }
        }
        Ok(())
    }

    /// The passphrase, from its file or the person.
    pub(crate) fn passphrase(&self) -> Result<Passphrase> {
        match &self.passphrase_file {
            Some(file) => read_passphrase(file),
            None => ask("Passphrase: ").map(Passphrase::new),
        }
    }

    /// A passphrase that is being set: asked for twice.
    pub(crate) fn new_passphrase(&self) -> Result<Passphrase> {
        new_passphrase(self.passphrase_file.as_deref())
    }
}

/// A passphrase that is being set: from its file, or asked for twice.
pub(crate) fn new_passphrase(file: Option<&Path>) -> Result<Passphrase> {
    if let Some(file) = file {
        return read_passphrase(file);
    }
    let first = Zeroizing::new(ask("New passphrase: ")?);
    let second = Zeroizing::new(ask("The same again: ")?);
    if *first == *second { Ok(Passphrase::new(first.to_string())) } else { Err(Error::PassphrasesDiffer) }
}

/// There must be a vault; said before anybody is asked for a secret.
pub(crate) async fn must_be_there(wallet: &Wallet) -> Result<()> {
    if wallet.state().await == carnet_wallet::bridge::VaultState::None {
        return Err(carnet_wallet::Error::NoVault.into());
    }
    Ok(())
}

/// The recovery words, from their file or the person.
pub(crate) fn recovery_words(file: Option<&Path>) -> Result<Zeroizing<String>> {
    match file {
        Some(file) => std::fs::read_to_string(file).map(Zeroizing::new).map_err(Error::file("read", file)),
        None => ask("Recovery words: ").map(Zeroizing::new).map_err(|_| Error::NoWords),
    }
}

/// The first line of a file.
fn read_passphrase(file: &Path) -> Result<Passphrase> {
    let text = Zeroizing::new(std::fs::read_to_string(file).map_err(Error::file("read", file))?);
    Ok(Passphrase::new(text.lines().next().unwrap_or_default().to_owned()))
}

/// Asks at the terminal, without showing what is typed.
fn ask(prompt: &str) -> Result<String> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::NoPassphrase);
    }
    rpassword::prompt_password(prompt).map_err(|_| Error::NoPassphrase)
}
