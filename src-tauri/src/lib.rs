//! The desktop and mobile shell: one window, one command into the wallet, and what only a shell can do for it.
//!
//! Nothing here decides anything. The pages ask by the command `call`, the wallet answers; what the wallet reports in
//! between goes out as the event `carnet`.
#![forbid(unsafe_code)]

mod automation;
mod clipboard;
mod drop;
mod host;
mod opener;
mod window;

use std::error::Error;
use std::sync::Arc;

use carnet_bridge::{Failure, Reply, Request};
use carnet_wallet::{Wallet, WalletOptions};
use tauri::{App, AppHandle, Manager, RunEvent, State};

use host::Shell;

/// Opens the wallet's window and stays until it is closed.
///
/// # Errors
/// Where there is no display, no web view, or no folder to keep the vault in.
pub fn run() -> Result<(), Box<dyn Error>> {
    automation::refuse()?;
    let folder = carnet_wallet::default_dir()
        .ok_or("no folder for the vault: set CARNET_VAULT to the folder it should be kept in")?;
    let options = WalletOptions {
        language: carnet_wallet::system_language(),
        // The relays of a test are on this machine.
        loopback_links: cfg!(feature = "automation"),
        ..WalletOptions::default()
    };
    tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(Wallet::new(folder, options))
        .invoke_handler(tauri::generate_handler![call])
        .on_window_event(|window, event| drop::on_window_event(window.app_handle(), event))
        .setup(set_up)
        .build(tauri::generate_context!())?
        .run(|app, event| {
            if matches!(event, RunEvent::Exit) {
                lock(app);
            }
        });
    Ok(())
}

/// The phone's entry: like [`run`], where there is nobody to return an error to but the system's log.
#[cfg(mobile)]
#[tauri::mobile_entry_point]
fn run_on_a_phone() {
    #[allow(clippy::print_stderr, reason = "the system's log is where a phone's programs speak")]
    if let Err(error) = run() {
        eprintln!("Carnet could not open its window: {error}");
    }
}

/// Carries one request of the pages to the wallet.
#[tauri::command]
async fn call(request: Request, wallet: State<'_, Wallet>, app: AppHandle) -> Result<Reply, Failure> {
    wallet.handle(request, &Shell::new(app)).await
}

fn set_up(app: &mut App) -> Result<(), Box<dyn Error>> {
    app.state::<Wallet>().attach(Arc::new(Shell::new(app.handle().clone())));
    window::open(app)
}

/// Closes the vault properly before the program ends. Ending without it loses nothing; it only leaves the next start
/// to tidy up.
fn lock(app: &AppHandle) {
    let wallet = app.state::<Wallet>();
    // A vault that was never opened answers with a failure, and there is nobody left to tell.
    let _ = tauri::async_runtime::block_on(wallet.handle(Request::Lock, &Shell::new(app.clone())));
}
