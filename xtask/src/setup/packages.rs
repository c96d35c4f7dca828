//! The system packages, installed by apt where we have the right to.

use std::process::Command;

use crate::failure::Failure;
use crate::process;

/// What a package is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The wallet in a terminal and the relay: a C compiler and OpenSSL's library for SQLCipher.
    Terminal,
    /// The app's window: GTK 3 and WebKitGTK.
    Window,
    /// The tests: a browser, a screen that nobody sees and what types on it, the web view's driver, Go's own transparency
    /// log, which checks ours, and PostgreSQL for relays that share one.
    Tests,
}

impl Need {
    /// Debian's names.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Terminal => &["build-essential", "pkg-config", "libssl-dev"],
            Self::Window => &["libwebkit2gtk-4.1-dev", "libgtk-3-dev", "libsoup-3.0-dev", "librsvg2-dev"],
            Self::Tests => &[
                "xvfb",
                "xauth",
                "xdotool",
                "webkit2gtk-driver",
                "chromium",
                "fonts-noto-core",
                "poppler-utils",
                "golang-go",
                "golang-golang-x-mod-dev",
                "postgresql",
            ],
        }
    }
}

/// Installs what is missing for these needs.
///
/// # Errors
/// Says which packages are missing and the exact command, where we lack the right or the package manager to install.
pub(crate) fn install(needs: &[Need]) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        // macOS and Windows bring their web view and OpenSSL is asked for by the build itself.
        return Ok(());
    }
    let wanted: Vec<&str> = needs.iter().flat_map(|need| need.packages()).copied().collect();
    if process::ask("dpkg-query", &["--version"]).is_none() {
        println!(
            "xtask: this system has no dpkg, so its packages are not checked. Should the build miss something, install \
             what your system calls these Debian packages: {}",
            wanted.join(" ")
        );
        return Ok(());
    }
    let missing = missing(&wanted);
    if missing.is_empty() {
        return Ok(());
    }
    install_named(&missing)
}

/// Installs packages by name.
pub(super) fn install_named(missing: &[&str]) -> Result<(), Failure> {
    let Some(prefix) = rights() else {
        return Err(Failure::new(format!(
            "these system packages are missing and installing them needs rights this account does not have:\n  {}\nAsk \
             for, or run:\n  sudo apt-get update && sudo apt-get install --yes --no-install-recommends {}",
            missing.join(" "),
            missing.join(" ")
        )));
    };
    process::run(apt(prefix).args(["update", "--quiet=2"]))?;
    process::run(apt(prefix).args(["install", "--yes", "--quiet=2", "--no-install-recommends"]).args(missing))
}

/// Those of `wanted` that dpkg does not know as installed.
pub(super) fn missing<'a>(wanted: &[&'a str]) -> Vec<&'a str> {
    // dpkg-query fails when it does not know one of the names, but still prints the others.
    let known = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\\n"])
        .args(wanted)
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    wanted.iter().filter(|name| !known.lines().any(|line| line == format!("{name} installed"))).copied().collect()
}

/// How apt may be called: directly as root, or by sudo when that asks for no password.
fn rights() -> Option<&'static [&'static str]> {
    if process::ask("id", &["-u"]).as_deref() == Some("0") {
        return Some(&[]);
    }
    process::ask("sudo", &["-n", "true"]).map(|_| ["sudo", "-n"].as_slice())
}

fn apt(prefix: &[&str]) -> Command {
    let mut words = prefix.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    let mut command = Command::new(words.next().unwrap_or("env"));
    command.args(words);
    command
}
