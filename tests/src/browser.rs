//! A real browser: Chromium without a window, steered through `tests/npm/browser.mjs`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::group::Group;
use crate::look::OVERFLOW;
pub use crate::look::{LOOKS, Look};
use crate::package;

/// A browser with one page, once [`Browser::open`] was called.
#[derive(Debug)]
pub struct Browser {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _process: Group,
}

/// What a page complained about and whom it asked.
#[derive(Debug)]
pub struct Report {
    /// Errors and warnings on the console, uncaught errors, refusals by the content security policy.
    pub complaints: Vec<String>,
    /// Every address that was requested.
    pub asked: Vec<String>,
}

impl Browser {
    /// Starts a browser with a page of this look.
    ///
    /// # Panics
    /// Where Node, its packages or Chromium are missing: `cargo xtask setup` installs them.
    pub fn start(look: Look) -> Self {
        let folder = package().join("npm");
        assert!(folder.join("node_modules").is_dir(), "the npm packages are missing; run `cargo xtask setup`");
        let mut process = Group::start_as_is(
            Command::new("node").arg("browser.mjs").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()),
            Path::new(""),
        );
        let input = process.child().stdin.take().unwrap();
        let output = BufReader::new(process.child().stdout.take().unwrap());
        let mut browser = Self { input, output, _process: process };
        browser.open(look);
        browser
    }

    /// A fresh profile with an empty page of this look.
    pub fn open(&mut self, look: Look) {
        self.open_with(look, true);
    }

    /// The same, with scripts switched off.
    pub fn open_without_scripts(&mut self, look: Look) {
        self.open_with(look, false);
    }

    fn open_with(&mut self, look: Look, scripts: bool) {
        let scheme = if look.dark { "dark" } else { "light" };
        self.ask(&json!({"command": "open", "width": look.width, "height": look.height, "scheme": scheme,
            "scripts": scripts}));
    }

    /// Goes to `url` and waits until `readable` can be seen; gives the milliseconds that took.
    pub fn go(&mut self, url: &str, readable: &str) -> f64 {
        self.ask(&json!({"command": "go", "url": url, "readable": readable})).as_f64().unwrap_or_default()
    }

    /// Answers for an address of the network, with JSON that any page may read; until another profile is opened.
    pub fn answer(&mut self, url: &str, body: &Value) {
        let headers = json!({"content-type": "application/json", "access-control-allow-origin": "*"});
        self.ask(
            &json!({"command": "answer", "url": url, "status": 200, "headers": headers, "body": body.to_string()}),
        );
    }

    /// Loads the page again.
    pub fn reload(&mut self) {
        self.ask(&json!({"command": "reload"}));
    }

    /// Waits until `selector` can be seen.
    pub fn wait(&mut self, selector: &str) {
        self.ask(&json!({"command": "wait", "selector": selector}));
    }

    /// Clicks on the first that matches.
    pub fn click(&mut self, selector: &str) {
        self.ask(&json!({"command": "click", "selector": selector}));
    }

    /// Types into the first that matches.
    pub fn fill(&mut self, selector: &str, value: &str) {
        self.ask(&json!({"command": "fill", "selector": selector, "value": value}));
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str) {
        self.ask(&json!({"command": "press", "key": key}));
    }

    /// The text that can be read in the first that matches.
    pub fn text(&mut self, selector: &str) -> String {
        self.ask(&json!({"command": "text", "selector": selector})).as_str().unwrap_or_default().to_owned()
    }

    /// How many match.
    pub fn count(&mut self, selector: &str) -> u64 {
        self.ask(&json!({"command": "count", "selector": selector})).as_u64().unwrap_or_default()
    }

    /// The value of a JavaScript expression in the page.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        self.ask(&json!({"command": "evaluate", "expression": expression}))
    }

    /// Gives the page this look's direction and size of text.
    pub fn dress(&mut self, look: Look) {
        self.evaluate(&format!("(() => {{ {} }})()", look.script()));
    }

    /// What reaches past the page's sides or is cut off.
    pub fn overflow(&mut self) -> Vec<String> {
        let found = self.evaluate(&format!("(() => {{ {OVERFLOW} }})()"));
        serde_json::from_value(found).unwrap()
    }

    /// Scrolls until this is at the top.
    pub fn show(&mut self, selector: &str) {
        self.evaluate(&format!("document.querySelector({selector:?}).scrollIntoView({{block: 'start'}})"));
    }

    /// Prints the page, on A4, to a PDF.
    pub fn print(&mut self, path: &Path) {
        self.ask(&json!({"command": "print", "path": path}));
    }

    /// Takes a picture of what can be seen.
    pub fn picture(&mut self, path: &Path) {
        self.ask(&json!({"command": "picture", "path": path, "whole": false}));
    }

    /// What the page complained about and whom it asked.
    pub fn report(&mut self) -> Report {
        let report = self.ask(&json!({"command": "report"}));
        let list = |name: &str| {
            report[name].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
        };
        Report { complaints: list("complaints"), asked: list("asked") }
    }

    /// Sends a command and waits for its answer.
    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.input, "{command}").expect("the browser's driver is gone");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the browser's driver is gone");
        let mut answer: Value = serde_json::from_str(&line).expect("the browser's driver ended; its words are above");
        if let Some(why) = answer["failed"].as_str() {
            let page = if command["command"] == "text" { String::new() } else { self.page_text() };
            panic!("the browser could not: {why}\nThe page reads:\n{page}");
        }
        answer["done"].take()
    }

    /// The page's text, for a failure's message.
    fn page_text(&mut self) -> String {
        if writeln!(self.input, "{}", json!({"command": "evaluate", "expression": "document.body?.innerText"})).is_err()
        {
            return String::new();
        }
        let mut line = String::new();
        let _ = self.output.read_line(&mut line);
        serde_json::from_str::<Value>(&line).map(|answer| answer["done"].to_string()).unwrap_or_default()
    }
}
