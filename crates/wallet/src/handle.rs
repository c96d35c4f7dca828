//! The interface's requests, each answered by one use case.

use crate::export::place;
use crate::{Error, Host, Result, Wallet};
use carnet_bridge::{Event, Failure, ImportSource, Reply, Request, SAVED_TEXT_BYTES};

impl Wallet {
    /// Answers one request of the interface. Events of what runs meanwhile go to `host`.
    ///
    /// # Errors
    /// A [`Failure`] with a code that chooses the interface's words, and a sentence of the wallet's own.
    pub async fn handle(&self, request: Request, host: &dyn Host) -> Result<Reply, Failure> {
        let person = !only_reads(&request);
        if person {
            self.touch();
        }
        let reply = self.answer(request, host).await;
        if person {
            self.touch();
        }
        reply.map_err(Failure::from)
    }

    /// Imports files and folders that were dropped on the window. Nobody waits for a reply, so a failure goes to `host` as
    /// [`Event::DropRefused`].
    pub async fn import_dropped(&self, paths: Vec<String>, host: &dyn Host) {
        if let Err(failure) = self.handle(Request::ImportFiles(ImportSource::Paths(paths)), host).await {
            host.emit(Event::DropRefused(failure));
        }
    }

    async fn answer(&self, request: Request, host: &dyn Host) -> Result<Reply> {
        Ok(match request {
            Request::Vault => Reply::Vault(self.state().await),
            Request::Create { passphrase, name } => Reply::Created(self.create(&passphrase, &name).await?),
            Request::CreateExample { passphrase } => Reply::Created(self.create_example(&passphrase).await?),
            Request::Unlock { passphrase } => Reply::Vault(self.unlock(&passphrase).await?),
            Request::CheckWords { words } => Reply::Words(Self::check_words(words.expose_str())),
            Request::UnlockWithWords { words, new } => {
                Reply::Vault(self.unlock_with_words(words.expose_str(), &new).await?)
            }
            Request::ChangePassphrase { present, new } => {
                self.change_passphrase(&present, &new).await?;
                Reply::Done
            }
            Request::PickBackup => Reply::Backup(self.pick_backup(host).await?),
            Request::Restore { words, new } => Reply::Created(self.restore_picked(words.expose_str(), &new).await?),
            Request::RestoreOver { words, new } => {
                let aside = self.restore_picked_over(words.expose_str(), &new).await?;
                Reply::SetAside(aside.to_string_lossy().into_owned())
            }
            Request::Lock => Reply::Vault(self.lock().await?),
            Request::Used => Reply::Done,
            Request::RecoveryWords => Reply::RecoveryWords(self.recovery_words().await?),
            Request::ConfirmRecoveryWords { words } => {
                self.confirm_recovery_words(&words).await?;
                Reply::Done
            }
            Request::Home => Reply::Home(self.home().await?),
            Request::Timeline(filter) => Reply::Timeline(self.timeline(&filter).await?),
            Request::Sheet { id } => Reply::Sheet(Box::new(self.sheet(&id).await?)),
            Request::SetLabel { id, label, on } => {
                self.set_label(&id, &label, on).await?;
                Reply::Sheet(Box::new(self.sheet(&id).await?))
            }
            Request::Attachment { record, attachment } => Reply::Attachment(self.preview(&record, &attachment).await?),
            Request::SaveAttachment { record, attachment, open } => {
                self.save_attachment(&record, &attachment, open, host).await?;
                Reply::Done
            }
            Request::Suggest { kind, text } => Reply::Suggestions(self.suggest(kind, &text).await?),
            Request::SaveEntry(entry) => Reply::Sheet(Box::new(self.save_entry(&entry).await?)),
            Request::DeleteEntry { id } => {
                self.delete_entry(&id).await?;
                Reply::Done
            }
            Request::ImportFiles(from) => Reply::ImportRun(self.import_run(from, host).await?),
            Request::AnswerImport { answers } => Reply::ImportRun(self.answer_import(answers, host).await?),
            Request::ImportReports => {
                let mut reports = self.import_reports().await?;
                // What was typed is kept as an import too, and came in no file.
                reports.retain(|report| report.account.format != crate::facts::TYPED_NAME);
                Reply::ImportReports(reports)
            }
            Request::SaveText { name, text } => {
                if text.len() > SAVED_TEXT_BYTES {
                    return Err(Error::TextTooLong);
                }
                let path = host.pick_save_path(&name).await.ok_or(Error::Cancelled)?;
                place::write(path, text.into_bytes()).await?;
                Reply::Done
            }
            Request::CancelImport => {
                self.cancel_import();
                Reply::Done
            }
            Request::PreviewExport(draft) => Reply::SharePreview(self.preview_export(&draft).await?),
            Request::Export { draft, open } => Reply::Exported(self.save_export(&draft, open, host).await?),
            Request::CheckFile { format } => Reply::FileChecked(self.check_picked(format, host).await?),
            Request::PreviewShare(draft) => Reply::SharePreview(self.preview_share(&draft).await?),
            Request::Share(draft) => Reply::Share(Box::new(self.share(&draft).await?)),
            Request::Shares => Reply::Shares(self.shares().await?),
            Request::ShareDetail { id } => Reply::Share(Box::new(self.share_detail(&id).await?)),
            Request::StopSharing { id } => Reply::Share(Box::new(self.stop_sharing(&id).await?)),
            Request::ReadRequest { text } => Reply::Asked(Box::new(self.read_request(&text)?)),
            Request::WriteRequest(draft) => Reply::Written(Box::new(self.write_request(&draft).await?)),
            Request::PauseShare { id, paused } => Reply::Share(Box::new(self.pause_share(&id, paused).await?)),
            Request::ExtendShare { id, seconds } => Reply::Share(Box::new(self.extend_share(&id, seconds).await?)),
            Request::ReadReceipt { id } => Reply::Receipt(self.receipt_in_words(&id).await?),
            Request::SaveReceipt { id, form } => {
                self.save_receipt(&id, form, host).await?;
                Reply::Done
            }
            Request::WithdrawalCard { id } => Reply::WithdrawalCard(Box::new(self.withdrawal_card(&id).await?)),
            Request::UseCard { card } => Reply::CardUsed(self.use_card(&card.0).await?),
            Request::UseFoundCard { question } => Reply::CardUsed(self.use_found_card(&question).await?),
            Request::MoveShare { id } => Reply::Share(Box::new(self.move_share(&id).await?)),
            Request::UpdateShare { id } => Reply::Share(Box::new(self.update_share(&id).await?)),
            Request::MarkOpeningsSeen => {
                self.mark_openings_seen().await?;
                Reply::Done
            }
            Request::Openings => Reply::Openings(self.openings().await?),
            Request::Sync => Reply::Synced(self.sync().await?),
            Request::Settings => Reply::Settings(self.settings().await?),
            Request::ChangeSettings(settings) => Reply::Settings(self.change_settings(settings).await?),
            Request::BackUp => {
                let path = host.pick_save_path("carnet-backup.age").await.ok_or(Error::Cancelled)?;
                self.back_up(&path).await?;
                Reply::Done
            }
            Request::Copy { text } => {
                host.copy(&text).map_err(Error::Host)?;
                Reply::Done
            }
        })
    }
}

/// Whether a request only shows something. Pages ask such by themselves whenever something changed, so it is no sign of a
/// person: that is [`Request::Used`], and what changes something.
fn only_reads(request: &Request) -> bool {
    use Request::{
        Attachment, Home, ImportReports, MarkOpeningsSeen, Openings, PreviewExport, PreviewShare, ReadReceipt,
        Settings, ShareDetail, Shares, Sheet, Suggest, Sync, Timeline, Vault, WithdrawalCard,
    };
    matches!(
        request,
        Vault
            | Home
            | Timeline(_)
            | Sheet { .. }
            | Attachment { .. }
            | Suggest { .. }
            | ImportReports
            | PreviewExport(_)
            | PreviewShare(_)
            | Shares
            | ShareDetail { .. }
            | ReadReceipt { .. }
            | WithdrawalCard { .. }
            | Openings
            | MarkOpeningsSeen
            | Sync
            | Settings
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wallet::lock;
    use crate::{Quiet, WalletOptions};
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn what_a_page_asks_by_itself_is_no_use() {
        let wallet = Wallet::new("unused", WalletOptions::default());
        let before = Instant::now().checked_sub(Duration::from_secs(300)).unwrap();
        for (request, used) in [
            (Request::Home, false),
            (Request::Sync, false),
            (Request::ShareDetail { id: String::new() }, false),
            (Request::Used, true),
            (Request::CancelImport, true),
        ] {
            *lock(&wallet.inner.used) = before;
            let asked = format!("{request:?}");
            // Locked or not: only whether it counts is asked here.
            let _ = wallet.handle(request, &Quiet).await;
            assert_eq!(wallet.inner.idle() < Duration::from_secs(300), used, "{asked}");
        }
    }

    /// A shell answers each request in a task of its own, on whatever thread is free.
    #[test]
    fn requests_are_answered_on_any_thread() {
        fn on_any_thread<T: Send>(_: T) {}
        let wallet = Wallet::new("unused", WalletOptions::default());
        on_any_thread(wallet.handle(Request::Vault, &Quiet));
        on_any_thread(wallet);
    }
}
