//! The bridge to the wallet: one function for each request, through the shell's `invoke` and its event `carnet`.

use carnet_bridge::{
    AskedShare, AttachmentBytes, CardOutcome, EntryKind, Event, ExportAccount, ExportDraft, Failure, FailureCode,
    FileCheck, Home, ImportAnswer, ImportReport, ImportRun, ImportSource, Opening, OwnEntry, Passphrase, Pasted,
    ReceiptForm, ReceiptWords, RecordSheet, Reply, Request, RequestDraft, Settings, ShareDetail, ShareDraft,
    ShareFormat, ShareLine, SharePreview, Suggestion, SyncState, Timeline, TimelineFilter, VaultState, WithdrawalCard,
    WordsCheck, WrittenRequest,
};
use js_sys::{Function, JSON, Object, Promise, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;

/// An answer of the wallet.
pub type Answer<T> = Result<T, Failure>;

macro_rules! ask {
    ($request:expr, $reply:ident) => {
        match call(&$request).await? {
            Reply::$reply(with) => Ok(with),
            _ => Err(unexpected()),
        }
    };
    ($request:expr) => {
        match call(&$request).await? {
            Reply::Done => Ok(()),
            _ => Err(unexpected()),
        }
    };
}

/// Is there a vault, and is it open?
pub async fn vault() -> Answer<VaultState> {
    ask!(Request::Vault, Vault)
}

/// Makes a new vault, empty or with made-up people.
pub async fn create(passphrase: Passphrase, name: String, example: bool) -> Answer<VaultState> {
    if example {
        ask!(Request::CreateExample { passphrase }, Created)
    } else {
        ask!(Request::Create { passphrase, name }, Created)
    }
}

/// Opens the vault.
pub async fn unlock(passphrase: Passphrase) -> Answer<VaultState> {
    ask!(Request::Unlock { passphrase }, Vault)
}

/// What typed words come to as recovery words.
pub async fn check_words(words: Passphrase) -> Answer<WordsCheck> {
    ask!(Request::CheckWords { words }, Words)
}

/// Opens the vault with its recovery words and sets a new passphrase.
pub async fn unlock_with_words(words: Passphrase, new: Passphrase) -> Answer<VaultState> {
    ask!(Request::UnlockWithWords { words, new }, Vault)
}

/// Sets another passphrase.
pub async fn change_passphrase(present: Passphrase, new: Passphrase) -> Answer<()> {
    ask!(Request::ChangePassphrase { present, new })
}

/// Lets the person choose a backup, and gives its name.
pub async fn pick_backup() -> Answer<String> {
    ask!(Request::PickBackup, Backup)
}

/// Makes the vault anew from the backup that was chosen.
pub async fn restore(words: Passphrase, new: Passphrase) -> Answer<VaultState> {
    ask!(Request::Restore { words, new }, Created)
}

/// The same in the place of a damaged vault; gives where that is now.
pub async fn restore_over(words: Passphrase, new: Passphrase) -> Answer<String> {
    ask!(Request::RestoreOver { words, new }, SetAside)
}

/// Closes the vault.
pub async fn lock() -> Answer<VaultState> {
    ask!(Request::Lock, Vault)
}

/// The person is at it.
pub async fn used() -> Answer<()> {
    ask!(Request::Used)
}

/// The recovery words.
pub async fn recovery_words() -> Answer<Vec<String>> {
    ask!(Request::RecoveryWords, RecoveryWords)
}

/// Compares typed words with the true ones.
pub async fn confirm_recovery_words(words: Vec<(u8, String)>) -> Answer<()> {
    ask!(Request::ConfirmRecoveryWords { words })
}

/// The first screen.
pub async fn home() -> Answer<Home> {
    ask!(Request::Home, Home)
}

/// A page of the list.
pub async fn timeline(filter: TimelineFilter) -> Answer<Timeline> {
    ask!(Request::Timeline(filter), Timeline)
}

/// One record and what is around it.
pub async fn sheet(id: String) -> Answer<Box<RecordSheet>> {
    ask!(Request::Sheet { id }, Sheet)
}

/// Decides whether a record is held back under a label, or takes the decision back.
pub async fn set_label(id: String, label: String, on: Option<bool>) -> Answer<Box<RecordSheet>> {
    ask!(Request::SetLabel { id, label, on }, Sheet)
}

/// A picture for the page.
pub async fn attachment(record: String, attachment: String) -> Answer<AttachmentBytes> {
    ask!(Request::Attachment { record, attachment }, Attachment)
}

/// Writes an attachment where the person says.
pub async fn save_attachment(record: String, attachment: String, open: bool) -> Answer<()> {
    ask!(Request::SaveAttachment { record, attachment, open })
}

/// Writes a text where the person says.
pub async fn save_text(name: String, text: String) -> Answer<()> {
    ask!(Request::SaveText { name, text })
}

/// What to offer while something is typed in.
pub async fn suggest(kind: EntryKind, text: String) -> Answer<Vec<Suggestion>> {
    ask!(Request::Suggest { kind, text }, Suggestions)
}

/// Keeps what was typed in.
pub async fn save_entry(entry: OwnEntry) -> Answer<Box<RecordSheet>> {
    ask!(Request::SaveEntry(entry), Sheet)
}

/// Deletes what was typed in.
pub async fn delete_entry(id: String) -> Answer<()> {
    ask!(Request::DeleteEntry { id })
}

/// Imports.
pub async fn import_files(source: ImportSource) -> Answer<ImportRun> {
    ask!(Request::ImportFiles(source), ImportRun)
}

/// Answers what an import asked.
pub async fn answer_import(answers: Vec<ImportAnswer>) -> Answer<ImportRun> {
    ask!(Request::AnswerImport { answers }, ImportRun)
}

/// Stops the import that runs.
pub async fn cancel_import() -> Answer<()> {
    ask!(Request::CancelImport)
}

/// Former imports.
pub async fn import_reports() -> Answer<Vec<ImportReport>> {
    ask!(Request::ImportReports, ImportReports)
}

/// What a share would hold.
pub async fn preview_share(draft: ShareDraft) -> Answer<SharePreview> {
    ask!(Request::PreviewShare(draft), SharePreview)
}

/// Makes a share.
pub async fn share(draft: ShareDraft) -> Answer<Box<ShareDetail>> {
    ask!(Request::Share(draft), Share)
}

/// All shares.
pub async fn shares() -> Answer<Vec<ShareLine>> {
    ask!(Request::Shares, Shares)
}

/// One share.
pub async fn share_detail(id: String) -> Answer<Box<ShareDetail>> {
    ask!(Request::ShareDetail { id }, Share)
}

/// Stops a share.
pub async fn stop_sharing(id: String) -> Answer<Box<ShareDetail>> {
    ask!(Request::StopSharing { id }, Share)
}

/// What a file would hold.
pub async fn preview_export(draft: ExportDraft) -> Answer<SharePreview> {
    ask!(Request::PreviewExport(draft), SharePreview)
}

/// Writes a choice of records where the person says, and opens its pages if asked.
pub async fn export(draft: ExportDraft, open: bool) -> Answer<ExportAccount> {
    ask!(Request::Export { draft, open }, Exported)
}

/// Lets the person choose a file and holds it against rules.
pub async fn check_file(format: Option<ShareFormat>) -> Answer<FileCheck> {
    ask!(Request::CheckFile { format }, FileChecked)
}

/// What a request asks for.
pub async fn read_request(text: String) -> Answer<Box<AskedShare>> {
    ask!(Request::ReadRequest { text }, Asked)
}

/// Writes a request for somebody's records.
pub async fn write_request(draft: RequestDraft) -> Answer<Box<WrittenRequest>> {
    ask!(Request::WriteRequest(draft), Written)
}

/// Pauses a share, or lets it go on.
pub async fn pause_share(id: String, paused: bool) -> Answer<Box<ShareDetail>> {
    ask!(Request::PauseShare { id, paused }, Share)
}

/// Makes a share last so long from now.
pub async fn extend_share(id: String, seconds: i64) -> Answer<Box<ShareDetail>> {
    ask!(Request::ExtendShare { id, seconds }, Share)
}

/// What a share's receipt says.
pub async fn read_receipt(id: String) -> Answer<ReceiptWords> {
    ask!(Request::ReadReceipt { id }, Receipt)
}

/// Writes a share's receipt where the person says.
pub async fn save_receipt(id: String, form: ReceiptForm) -> Answer<()> {
    ask!(Request::SaveReceipt { id, form })
}

/// The withdrawal card of a share.
pub async fn withdrawal_card(id: String) -> Answer<Box<WithdrawalCard>> {
    ask!(Request::WithdrawalCard { id }, WithdrawalCard)
}

/// Stops what a withdrawal card is for.
pub async fn use_card(card: String) -> Answer<CardOutcome> {
    ask!(Request::UseCard { card: Pasted(card) }, CardUsed)
}

/// The same with a card that was found in a file.
pub async fn use_found_card(question: String) -> Answer<CardOutcome> {
    ask!(Request::UseFoundCard { question }, CardUsed)
}

/// Moves a share to the relay that shares go to now.
pub async fn move_share(id: String) -> Answer<Box<ShareDetail>> {
    ask!(Request::MoveShare { id }, Share)
}

/// Puts what this device has in the place of what readers of a share see.
pub async fn update_share(id: String) -> Answer<Box<ShareDetail>> {
    ask!(Request::UpdateShare { id }, Share)
}

/// The person has seen who looked.
pub async fn mark_openings_seen() -> Answer<()> {
    ask!(Request::MarkOpeningsSeen)
}

/// Who looked.
pub async fn openings() -> Answer<Vec<Opening>> {
    ask!(Request::Openings, Openings)
}

/// Sends what waits.
pub async fn sync() -> Answer<SyncState> {
    ask!(Request::Sync, Synced)
}

/// The settings.
pub async fn settings() -> Answer<Settings> {
    ask!(Request::Settings, Settings)
}

/// Changes the settings.
pub async fn change_settings(settings: Settings) -> Answer<Settings> {
    ask!(Request::ChangeSettings(settings), Settings)
}

/// Writes a backup where the person says.
pub async fn back_up() -> Answer<()> {
    ask!(Request::BackUp)
}

/// Puts text on the clipboard.
pub async fn copy(text: String) -> Answer<()> {
    ask!(Request::Copy { text })
}

/// Hears the wallet's events for as long as the page lives.
pub fn listen(hear: impl Fn(Event) + 'static) {
    if !cfg!(target_arch = "wasm32") {
        return;
    }
    let Some(listen) = shell_function("event", "listen") else { return };
    let closure = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let payload = Reflect::get(&event, &"payload".into()).ok();
        if let Some(event) = payload.and_then(|payload| from_js(&payload).ok()) {
            hear(event);
        }
    });
    // Subscribing can only fail when the shell does not grant it, and then the screens still ask for themselves.
    let _ = listen.call2(&JsValue::NULL, &"carnet".into(), closure.as_ref());
    closure.forget();
}

async fn call(request: &Request) -> Answer<Reply> {
    let Some(invoke) = shell_function("core", "invoke") else { return Err(outside_the_window()) };
    let arguments = Object::new();
    let request = serde_json::to_string(request).map_err(|_| unexpected())?;
    let request = JSON::parse(&request).map_err(|_| unexpected())?;
    Reflect::set(&arguments, &"request".into(), &request).map_err(|_| unexpected())?;
    let promise: Promise = invoke
        .call2(&JsValue::NULL, &"call".into(), &arguments)
        .ok()
        .and_then(|promise| promise.dyn_into().ok())
        .ok_or_else(unexpected)?;
    match JsFuture::from(promise).await {
        Ok(reply) => from_js(&reply).map_err(|()| unexpected()),
        Err(failure) => Err(from_js(&failure).unwrap_or_else(|()| unexpected())),
    }
}

/// A function of the shell's global object; none in a plain browser.
fn shell_function(module: &str, name: &str) -> Option<Function> {
    if !cfg!(target_arch = "wasm32") {
        return None;
    }
    let tauri = Reflect::get(&js_sys::global(), &"__TAURI__".into()).ok()?;
    let module = Reflect::get(&tauri, &module.into()).ok()?;
    Reflect::get(&module, &name.into()).ok()?.dyn_into().ok()
}

/// Through JSON text and a `Value`: numbers that keep their text cannot be buffered by serde's tagged enums otherwise.
fn from_js<T: DeserializeOwned>(value: &JsValue) -> Result<T, ()> {
    let text = JSON::stringify(value).ok().and_then(|text| text.as_string()).ok_or(())?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|_| ())?;
    serde_json::from_value(value).map_err(|_| ())
}

fn unexpected() -> Failure {
    Failure { code: FailureCode::Other, message: t!("failure-unexpected") }
}

fn outside_the_window() -> Failure {
    Failure { code: FailureCode::Other, message: t!("failure-outside") }
}
