//! The desktop and mobile shell: one window, one command into the wallet, and what only a shell can do for it.
//!
//! Nothing here decides anything. The pages ask by the command `call`, the wallet answers; what the wallet reports in
//! between goes out as the event `carnet`.
#![forbid(unsafe_code)]

mod automation;
mod clipboard;
mod drop;
mod host;
mod window;

use carnet_bridge::{Failure, Reply, Request};
use carnet_wallet::{Wallet, WalletOptions};
use tauri::{AppHandle, Manager, RunEvent, State};

/// Opens the wallet's window and stays until it is closed.
///
/// # Errors
/// Where there is no display, no web view, or no folder to keep the vault in.
pub fn run() -> Result<(), Box<dyn std::error::Error>> {
    automation::refuse()?;
    let folder = carnet_wallet::default_dir()
        .ok_or("no folder for the vault: set CARNET_VAULT to the folder it should be kept in")?;
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(Wallet::new(folder, WalletOptions::default()))
        .invoke_handler(tauri::generate_handler![call])
        .on_window_event(|window, event| drop::on_window_event(window.app_handle(), event))
        .setup(|app| window::open(app))
        .build(tauri::generate_context!())?;
    app.run(|app, event| {
        if matches!(event, RunEvent::Exit) {
            lock(app);
        }
    });
    Ok(())
}

/// Carries one request of the pages to the wallet.
#[tauri::command]
async fn call(request: Request, wallet: State<'_, Wallet>, app: AppHandle) -> Result<Reply, Failure> {
    wallet.handle(request, &host::Shell::new(app)).await
}

/// Closes the vault properly before the program ends. Ending without it loses nothing; it only leaves the next start
/// to tidy up.
fn lock(app: &AppHandle) {
    let wallet = app.state::<Wallet>();
    let shell = host::Shell::new(app.clone());
    // A vault that was never opened answers with a failure, and there is nobody left to tell.
    let _ = tauri::async_runtime::block_on(wallet.handle(Request::Lock, &shell));
}
