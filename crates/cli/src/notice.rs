//! The notice that a person reads before sharing: its lines, and whether they agree to it.

use crate::error::{Error, Result};
use crate::out::Out;
use carnet_wallet::bridge::ShareNotice;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};

/// The words of every version, in the one language that a notice is shown in. A grant names what was really shown, so these are
/// the app's own.
const WORDS: &str = include_str!("../../../assets/i18n/en/notice.ftl");
const LANGUAGE: &str = "en";

/// The lines of a notice, its title first.
///
/// # Errors
/// [`Error::NoNotice`] if there are no words for it: then nothing can be agreed to.
pub(crate) fn lines(notice: &ShareNotice) -> Result<Vec<&'static str>> {
    let starting = format!("notice-v{}-", notice.version);
    let own = WORDS.lines().filter_map(|line| line.strip_prefix(&starting)?.split_once('='));
    let lines: Vec<&str> = own.map(|(_, words)| words.trim()).collect();
    if lines.is_empty() || notice.language != LANGUAGE { Err(Error::NoNotice) } else { Ok(lines) }
}

/// Prints a notice.
pub(crate) fn show(notice: &ShareNotice, out: &mut Out) -> Result<()> {
    let lines = lines(notice)?;
    let (title, lines) = lines.split_first().ok_or(Error::NoNotice)?;
    out.line(format!("\n{title} (notice, version {})", notice.version))?;
    lines.iter().try_for_each(|line| out.line(format!("  {line}")))
}

/// The same for programs.
pub(crate) fn as_json(notice: &ShareNotice) -> Result<Value> {
    Ok(json!({ "version": notice.version, "language": notice.language, "lines": lines(notice)? }))
}

/// Prints a notice, and asks the person at the terminal whether they agree, unless that was said already. Where nobody is at
/// a terminal it was shown by being printed, as a page shows it, and whoever ran the command goes on from there.
///
/// # Errors
/// [`Error::NotAgreed`] for any answer but yes.
pub(crate) fn agree(notice: &ShareNotice, agreed: bool, out: &mut Out) -> Result<()> {
    show(notice, out)?;
    if agreed || out.is_json() || !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Ok(());
    }
    let mut terminal = std::io::stdout();
    write!(terminal, "\nDo you agree, and share it? [y/N] ").and_then(|()| terminal.flush()).map_err(Error::Print)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|_| Error::NotAgreed)?;
    if is_yes(&answer) { Ok(()) } else { Err(Error::NotAgreed) }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_notice_that_grants_name_has_its_words_here() {
        let notice = |version, language: &str| ShareNotice { version, language: language.to_owned() };
        let lines = lines(&notice(1, "en")).unwrap();
        assert_eq!((lines.len(), lines.first().copied()), (10, Some("Before you share")));
        assert!(matches!(super::lines(&notice(0, "en")), Err(Error::NoNotice)));
        assert!(matches!(super::lines(&notice(1, "de")), Err(Error::NoNotice)));
    }

    #[test]
    fn only_a_yes_is_one() {
        assert!(is_yes("y\n") && is_yes(" Yes\r\n"));
        for no in ["", "\n", "n\n", "no\n", "yesterday\n"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }
}
