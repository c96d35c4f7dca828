//! The wallet's interface, for the Tauri window.

fn main() {
    carnet_ui::app::launch();
}
