//! A screen that nobody sees, its keyboard, and what stands on it: for what a WebDriver cannot reach, the system's own
//! dialogs above all. They are answered by keys, as a person without a mouse does, through Debian's `xdotool`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::camera::Picture;
use crate::carnet::Carnet;
use crate::group::Group;
use crate::{program, wait_for};

/// A window may take so long to come and to go; the tests' machines are slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A screen that nobody sees. Dropping it ends it.
#[derive(Debug)]
pub struct Screen {
    name: String,
    memory: PathBuf,
    _process: Group,
}

/// A window on a screen, with the keyboard.
#[derive(Debug)]
pub struct Dialog {
    screen: String,
    window: String,
}

impl Screen {
    /// Starts one; its files are kept in this folder.
    ///
    /// # Panics
    /// Where Xvfb is missing, or does not start within twenty seconds.
    pub fn start(folder: &Path) -> Self {
        let number = folder.join("display");
        let out = File::create(&number).unwrap();
        let mut command = Command::new("Xvfb");
        command
            .args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-fbdir"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(File::create(folder.join("xvfb.log")).unwrap());
        let process = Group::start_as_is(&mut command, &folder.join("xvfb.log"));
        let name = wait_for("a screen", PATIENCE, || {
            let text = std::fs::read_to_string(&number).unwrap_or_default();
            text.ends_with('\n').then(|| format!(":{}", text.trim()))
        });
        Self { name, memory: folder.join("Xvfb_screen0"), _process: process }
    }

    /// Lets a command open its windows here, whatever the desktop of the person who runs the tests.
    pub fn dress(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.name)
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
    }

    /// Waits until a window with these words in its title is open.
    ///
    /// # Panics
    /// Where none comes, or `xdotool` is missing.
    pub fn dialog(&self, title: &str) -> Dialog {
        let window = wait_for(&format!("a window \"{title}\""), PATIENCE, || {
            ask(&self.name, &["search", "--onlyvisible", "--name", title])?.lines().next().map(str::to_owned)
        });
        Dialog { screen: self.name.clone(), window }
    }

    /// The pointer into the corner: that of a new screen stands in its middle, over whatever is there.
    ///
    /// # Panics
    /// Where `xdotool` is missing.
    pub fn put_the_pointer_away(&self) {
        assert!(ask(&self.name, &["mousemove", "1599", "1199"]).is_some(), "the pointer does not move");
    }

    /// All that stands on it now, out of its memory, which is an X window dump.
    ///
    /// # Panics
    /// Where that is in another form than Xvfb writes.
    pub fn picture(&self) -> Picture {
        let dump = std::fs::read(&self.memory).unwrap();
        let field = |at: usize| u32::from_be_bytes(dump[at * 4..at * 4 + 4].try_into().unwrap()) as usize;
        let (header, width, height, bits, row, colours) =
            (field(0), field(4), field(5), field(11), field(12), field(19));
        assert_eq!((field(1), bits), (7, 32), "an X window dump of version 7 with four bytes a pixel");
        let pixels = &dump[header + colours * 12..];
        // Blue, green, red, nothing: green is nearest to what an eye sees.
        let luma = (0..height).flat_map(|y| (0..width).map(move |x| pixels[y * row + x * 4 + 1])).collect();
        Picture { width, height, luma }
    }
}

impl Dialog {
    /// Types over what its first field holds.
    ///
    /// # Panics
    /// Where the window is gone.
    pub fn fill(&self, text: &str) {
        self.send(&["key", "ctrl+a"]);
        self.send(&["type", "--delay", "20", text]);
    }

    /// Names the file that a dialog is to open: such a dialog has a field for it only once it is asked for.
    ///
    /// # Panics
    /// Where the window is gone, or no such file is opened.
    pub fn open(self, file: &str) {
        self.press(&["ctrl+l"]);
        self.fill(file);
        // The first may only take what the dialog suggests to complete it with.
        self.press(&["Return"]);
        std::thread::sleep(Duration::from_millis(500));
        if self.is_open() {
            self.press(&["Return"]);
        }
        self.wait_until_closed();
    }

    /// Presses keys one after the other, as X names them: `Tab`, `Return`, `Escape`.
    ///
    /// # Panics
    /// Where the window is gone.
    pub fn press(&self, keys: &[&str]) {
        for key in keys {
            self.send(&["key", key]);
            // Each may move the focus before the next.
            std::thread::sleep(Duration::from_millis(150));
        }
    }

    /// Waits until it is closed.
    ///
    /// # Panics
    /// Where it stays.
    pub fn wait_until_closed(self) {
        wait_for("the dialog to close", PATIENCE, || (!self.is_open()).then_some(()));
    }

    fn is_open(&self) -> bool {
        let open = ask(&self.screen, &["search", "--onlyvisible", "--name", "."]).unwrap_or_default();
        open.lines().any(|window| window == self.window)
    }

    /// To the keyboard, once it writes into this window: without a window manager nobody else sees to that.
    fn send(&self, what: &[&str]) {
        // Not where it does already: a page that loses the keyboard and has it again begins at its beginning.
        wait_for("the keyboard in the window", PATIENCE, || {
            if ask(&self.screen, &["getwindowfocus"]).is_some_and(|focused| focused.trim() == self.window) {
                return Some(());
            }
            // In vain while the window is only coming up.
            ask(&self.screen, &["windowfocus", &self.window]);
            None
        });
        assert!(ask(&self.screen, what).is_some(), "the keyboard does not press {what:?}");
    }
}

/// Opens the app as a person has it, without a driver, and gives it with its window. It ends when the first is dropped.
///
/// # Panics
/// Where the app is missing or opens no window.
pub fn open_without_driver(carnet: &Carnet, screen: &Screen) -> (Group, Dialog) {
    let mut command = Command::new(program("carnet-app"));
    carnet.dress(&mut command);
    screen.dress(&mut command);
    let app = Group::start(&mut command, &carnet.home().join("app.log"));
    screen.put_the_pointer_away();
    (app, screen.dialog("Carnet"))
}

fn ask(screen: &str, command: &[&str]) -> Option<String> {
    let ran = Command::new("xdotool").args(command).env("DISPLAY", screen).output();
    let ran = ran.unwrap_or_else(|error| panic!("xdotool (package xdotool): {error}"));
    ran.status.success().then(|| String::from_utf8_lossy(&ran.stdout).into_owned())
}
