//! The clinician's viewer, for any browser.

fn main() {
    carnet_ui::viewer::launch();
}
