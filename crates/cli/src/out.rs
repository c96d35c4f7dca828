//! What is printed: text for people, JSON for programs, and nothing of a stranger's that could steer the terminal.

use crate::error::{Error, Exit, Result};
use serde_json::{Value, json};
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// Standard output, in the form that was asked for.
pub(crate) struct Out {
    json: bool,
}

impl Out {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether a program reads it.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a line for a person; nothing if JSON was asked for.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> Result<()> {
        if self.json { Ok(()) } else { print(text.as_ref()) }
    }

    /// Prints JSON, if that was asked for.
    pub(crate) fn json(&mut self, value: &Value) -> Result<()> {
        if self.json { print(&format!("{value:#}")) } else { Ok(()) }
    }

    /// Prints bytes as they are, whatever was asked for.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(Error::Print)
    }

    /// Says on standard error what went wrong, if anything did, and gives the exit code.
    pub(crate) fn finish(&self, result: Result<Exit>) -> ExitCode {
        let exit = match result {
            Ok(exit) => exit,
            // Whoever was reading has seen enough.
            Err(Error::Print(error)) if error.kind() == ErrorKind::BrokenPipe => Exit::Done,
            Err(error) => {
                let said = if self.json {
                    json!({ "error": error.code(), "message": error.to_string() }).to_string()
                } else {
                    format!("carnet: {}", clean(&error.to_string()))
                };
                // If standard error is closed, nobody is listening.
                let _ = writeln!(std::io::stderr(), "{said}");
                error.exit()
            }
        };
        ExitCode::from(exit as u8)
    }
}

fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(Error::Print)
}

/// A stranger's text without what a terminal would obey: control characters, and those that turn the text's direction.
pub(crate) fn clean(text: &str) -> String {
    let harmless = |c: &char| {
        !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).filter(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_cannot_steer_the_terminal() {
        assert_eq!(clean("Dr\u{1b}[2J Evil\u{7}\r\nnext\u{202e}line"), "Dr[2J Evil  nextline");
        assert_eq!(clean("Zoë 李 🧪"), "Zoë 李 🧪");
    }
}
