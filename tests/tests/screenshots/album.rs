//! One window or browser and the pictures that are taken of it.

use std::path::PathBuf;
use std::time::Duration;

use carnet_system_tests::browser::Browser;
use carnet_system_tests::look::{LOOKS, Look};
use carnet_system_tests::package;
use carnet_system_tests::small::make_small;
use carnet_system_tests::window::Window;

/// Where the picture of a screen in a look is kept.
pub(crate) fn file(screen: &str, look: &str) -> PathBuf {
    let folder = package().join("../docs/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{screen}-{look}.png"))
}

/// The looks of one scheme, at both sizes.
pub(crate) fn looks(dark: bool) -> Vec<Look> {
    LOOKS.into_iter().filter(|look| look.dark == dark).collect()
}

/// Lets animations, counts and pictures settle: nothing on these screens takes longer.
fn settle() {
    std::thread::sleep(Duration::from_millis(600));
}

/// The app's window, seen in these looks.
pub(crate) struct Album<'a> {
    pub(crate) window: &'a Window,
    pub(crate) looks: Vec<Look>,
}

impl Album<'_> {
    /// Goes to an address of the app, waits for it, and takes its picture.
    pub(crate) fn at(&self, screen: &str, address: &str, shows: &str) {
        self.window.go(address, shows);
        self.here(screen);
    }

    /// Takes the picture of what is there.
    pub(crate) fn here(&self, screen: &str) {
        self.from(screen, "body");
    }

    /// The same, scrolled until this is at the top.
    pub(crate) fn from(&self, screen: &str, selector: &str) {
        self.window.wait(selector);
        for look in &self.looks {
            self.window.dress(*look);
            self.window.evaluate(&format!(
                "document.querySelector({selector:?}).scrollIntoView({{block: 'start', behavior: 'instant'}}); return null"
            ));
            settle();
            let wide = self.window.overflow();
            assert!(wide.is_empty(), "{screen} in {}: {wide:#?}", look.name);
            self.window.picture(&file(screen, look.name));
            make_small(&file(screen, look.name));
        }
    }
}

/// Takes the picture of what the browser shows, scrolled until this is at the top.
pub(crate) fn snap(browser: &mut Browser, look: Look, screen: &str, selector: &str) {
    browser.wait(selector);
    browser.dress(look);
    browser.show(selector);
    settle();
    let wide = browser.overflow();
    assert!(wide.is_empty(), "{screen} in {}: {wide:#?}", look.name);
    browser.picture(&file(screen, look.name));
    make_small(&file(screen, look.name));
}
