//! The real window of the real app, on a screen that nobody sees, steered by WebKit's own driver over WebDriver.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::carnet::{Carnet, PASSPHRASE};
use crate::group::Group;
use crate::look::{Look, OVERFLOW};
use crate::relay::free_address;
use crate::screen::{Dialog, Screen};
use crate::{http, program, wait_for};

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long a screen may take to show something; the tests' machines are slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// The open app. Dropping it closes the window, the driver and the screen.
#[derive(Debug)]
pub struct Window {
    session: String,
    // In this order: the session is closed, then the driver ends with the app, then the screen.
    driver: Group,
    screen: Screen,
}

impl Window {
    /// Opens the app for this user, light or dark.
    ///
    /// # Panics
    /// Where Xvfb, the driver or the app are missing, or no window opens.
    pub fn open(carnet: &Carnet, dark: bool) -> Self {
        let screen = Screen::start(carnet.home());
        let address = free_address();
        let mut command = Command::new("WebKitWebDriver");
        carnet.dress(&mut command);
        command
            .arg(format!("--port={}", address.port()))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("GTK_THEME", if dark { "Adwaita:dark" } else { "Adwaita" })
            // With another renderer than its own choice, WebKit never answers when asked for a picture.
            .env_remove("WEBKIT_DISABLE_DMABUF_RENDERER")
            .env_remove("WEBKIT_DISABLE_COMPOSITING_MODE");
        screen.dress(&mut command);
        let driver = Group::start(&mut command, &carnet.home().join("driver.log"));
        let base = format!("http://{address}");
        wait_for("the web view's driver", PATIENCE, || {
            http::send("GET", &format!("{base}/status"), None, Duration::from_secs(1))
        });
        let wanted = json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": {
            "binary": program("carnet-app"), "args": []}}}});
        let answer = http::send("POST", &format!("{base}/session"), Some(&wanted), Duration::from_secs(60))
            .expect("the driver opened no window within a minute");
        let id = answer.json()["value"]["sessionId"].as_str().map(str::to_owned);
        let id = id.unwrap_or_else(|| panic!("no window: {}\n{}", answer.body, driver.printed()));
        screen.put_the_pointer_away();
        Self { session: format!("{base}/session/{id}"), driver, screen }
    }

    /// Sets the window's size so that the page in it has this one, in CSS pixels.
    ///
    /// # Panics
    /// Where the page does not take it.
    pub fn resize_page(&self, width: u32, height: u32) {
        // Without a window manager the window has no frame; should there be one, the second round allows for it.
        let (mut outer_width, mut outer_height) = (width, height);
        for _ in 0..2 {
            self.post("window/rect", &json!({"width": outer_width, "height": outer_height}));
            std::thread::sleep(Duration::from_millis(200));
            let size = self.evaluate("return [innerWidth, innerHeight]");
            let is = |at: usize| u32::try_from(size[at].as_u64().unwrap_or_default()).unwrap_or_default();
            if (is(0), is(1)) == (width, height) {
                // Drawn at the new size, too: two frames, and what a busy machine needs for them.
                self.evaluate("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
                std::thread::sleep(Duration::from_secs(1));
                return;
            }
            outer_width += width.saturating_sub(is(0));
            outer_height += height.saturating_sub(is(1));
        }
        panic!("the page cannot be made {width} by {height}: {}", self.evaluate("return [innerWidth, innerHeight]"));
    }

    /// Gives the page this look's size, direction and size of text.
    pub fn dress(&self, look: Look) {
        self.evaluate(&format!("{} return null", look.script()));
        self.resize_page(look.width, look.height);
    }

    /// What reaches past the page's sides or is cut off.
    ///
    /// # Panics
    /// Where the page does not answer.
    pub fn overflow(&self) -> Vec<String> {
        serde_json::from_value(self.evaluate(OVERFLOW)).unwrap()
    }

    /// Loads the page again.
    pub fn reload(&self) {
        self.post("refresh", &json!({}));
    }

    /// Makes a vault of one's own, as a person does at the first start.
    pub fn make_vault(&self, name: &str) {
        self.describe_vault(name);
        self.click("#create");
        self.wait("#nav-home");
    }

    /// The same up to the last button.
    pub fn describe_vault(&self, name: &str) {
        self.click("#start-own");
        self.fill("#name", name);
        self.fill("#passphrase", PASSPHRASE);
        self.fill("#passphrase-again", PASSPHRASE);
    }

    /// Goes to an address of the app and waits until this can be seen.
    pub fn go(&self, fragment: &str, shows: &str) {
        self.evaluate(&format!("location.hash = {fragment:?}; return null"));
        self.wait(shows);
    }

    /// Waits until something can be seen at this CSS selector.
    pub fn wait(&self, selector: &str) {
        let begun = std::time::Instant::now();
        while !self.shows(selector) {
            assert!(begun.elapsed() < PATIENCE, "{selector} never came up in the window; it reads:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(40));
        }
    }

    /// Waits until the window's text holds these words.
    pub fn wait_text(&self, words: &str) {
        let mut last = String::new();
        let begun = std::time::Instant::now();
        while begun.elapsed() < PATIENCE {
            last = self.text();
            if last.contains(words) {
                return;
            }
            std::thread::sleep(Duration::from_millis(80));
        }
        panic!("\"{words}\" never stood in the window; it reads:\n{last}");
    }

    /// Clicks on the first element at this selector, once there is one that can be seen.
    pub fn click(&self, selector: &str) {
        self.wait(selector);
        self.centre(selector);
        let element = self.element(selector).expect("it was there a moment ago");
        self.post(&format!("element/{element}/click"), &json!({}));
    }

    /// Clicks by script: the driver stops where another part of the page lies over what is to be clicked.
    pub fn press(&self, selector: &str) {
        self.wait(selector);
        self.evaluate(&format!("document.querySelector({selector:?}).click(); return null"));
    }

    /// Types into the first element at this selector.
    pub fn fill(&self, selector: &str, text: &str) {
        self.wait(selector);
        self.centre(selector);
        let element = self.element(selector).expect("it was there a moment ago");
        self.post(&format!("element/{element}/clear"), &json!({}));
        self.post(&format!("element/{element}/value"), &json!({"text": text}));
    }

    /// Scrolls to it. The driver itself stops where its edge appears, which may be under the bar at the end of the page.
    fn centre(&self, selector: &str) {
        self.evaluate(&format!(
            "document.querySelector({selector:?})?.scrollIntoView({{block: 'center', behavior: 'instant'}}); return null"
        ));
    }

    /// Gives a file to a field that takes one, as if it had been chosen in the system's dialog.
    pub fn choose_file(&self, selector: &str, file: &Path) {
        self.wait(selector);
        let element = self.element(selector).expect("it was there a moment ago");
        self.post(&format!("element/{element}/value"), &json!({"text": file}));
    }

    /// Clicks there, and gives the system's dialog that this opens, by words in its title.
    pub fn opens_dialog(&self, selector: &str, title: &str) -> Dialog {
        self.wait(selector);
        // The page stands still while such a dialog is open, so the click must not be waited for.
        self.evaluate(&format!("setTimeout(() => document.querySelector({selector:?}).click(), 100); return null"));
        self.screen.dialog(title)
    }

    /// Can something be seen there now?
    pub fn shows(&self, selector: &str) -> bool {
        self.element(selector).is_some_and(|element| self.is_shown(&element))
    }

    /// All that can be read in the window.
    pub fn text(&self) -> String {
        let Some(body) = self.element("body") else { return String::new() };
        self.get(&format!("element/{body}/text"))["value"].as_str().unwrap_or_default().to_owned()
    }

    /// The value of a script's `return` in the page.
    pub fn evaluate(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({"script": script, "args": []}))["value"].clone()
    }

    /// Sends a request to the wallet as the pages do, by the shell's one command.
    ///
    /// # Panics
    /// Where the wallet refuses.
    pub fn call(&self, request: &Value) -> Value {
        let script = format!(
            "return window.__TAURI__.core.invoke('call', {{request: {request}}}).then(done => ({{done}}), failed => \
             ({{failed}}))"
        );
        let answer = self.evaluate(&script);
        assert!(answer["failed"].is_null(), "{request}: {}", answer["failed"]);
        answer["done"].clone()
    }

    /// Makes a share for a day, by the shell's one command. `with`: what differs from one without any conditions.
    ///
    /// # Panics
    /// Where the wallet refuses.
    pub fn share(&self, preset: &str, recipient: &str, with: &Value) -> Value {
        let mut draft = json!({"preset": preset, "recipient": recipient, "choice": {}, "format": null,
            "seconds": 86_400, "not_before": null, "passcode": null, "max_openings": null, "erase_by": null,
            "obligations": [], "live": false, "tell_left_out": false, "request": null});
        draft.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        self.call(&json!({"ask": "share", "with": draft}))["with"].clone()
    }

    /// Takes a picture of the window's page.
    pub fn picture(&self, path: &Path) {
        // The driver's pointer away from what was clicked last, or it would be drawn as touched.
        self.post(
            "actions",
            &json!({"actions": [{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
                "actions": [{"type": "pointerMove", "x": 0, "y": 0, "duration": 0}]}]}),
        );
        let answer = self.get("screenshot");
        let png = BASE64.decode(answer["value"].as_str().expect("the driver took no picture")).unwrap();
        std::fs::write(path, png).unwrap();
    }

    /// The app's and the driver's words.
    pub fn log(&self) -> String {
        self.driver.printed()
    }

    fn element(&self, selector: &str) -> Option<String> {
        let url = format!("{}/element", self.session);
        let body = json!({"using": "css selector", "value": selector});
        let answer = http::send("POST", &url, Some(&body), PATIENCE)?;
        answer.json()["value"][ELEMENT].as_str().map(str::to_owned)
    }

    fn is_shown(&self, element: &str) -> bool {
        self.get(&format!("element/{element}/displayed"))["value"] == true
    }

    fn get(&self, path: &str) -> Value {
        let url = format!("{}/{path}", self.session);
        http::send("GET", &url, None, Duration::from_secs(60))
            .unwrap_or_else(|| panic!("the driver is gone:\n{}", self.log()))
            .json()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = http::send("POST", &format!("{}/{path}", self.session), Some(body), Duration::from_secs(60))
            .unwrap_or_else(|| panic!("the driver is gone:\n{}", self.log()));
        assert_eq!(answer.status, 200, "{path}: {}\nThe window reads:\n{}", answer.body, self.text());
        answer.json()
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // Closing the session closes the window, and the app locks its vault.
        http::send("DELETE", &self.session, None, Duration::from_secs(5));
    }
}

/// Where pictures of failures and screens go that are only to be looked at.
///
/// # Panics
/// Where the folder cannot be made.
pub fn output() -> PathBuf {
    let folder = crate::package().join("output");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
