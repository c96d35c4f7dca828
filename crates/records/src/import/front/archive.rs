//! What archives of all kinds have in common: the names of their files, and what becomes of one that is no use.

use super::job::{Halt, Job, Part};
use crate::{
    Error,
    csv::TableReason,
    import::{Archive, SkipReason},
};

/// How many archives may lie in one another.
pub(super) const NESTED: usize = 2;

/// The most characters of a name that is shown.
const SHOWN: usize = 200;

/// The name of a file from its bytes: UTF-8 where it says so or is so, else the alphabet of the first PCs, as zip has it.
pub(super) fn decoded_name(raw: &[u8], utf8: bool) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) if utf8 => String::from_utf8_lossy(raw).into_owned(),
        Err(_) => raw
            .iter()
            .map(|byte| match byte.checked_sub(0x80) {
                None => char::from(*byte),
                Some(upper) => CP437.chars().nth(usize::from(upper)).unwrap_or('\u{FFFD}'),
            })
            .collect(),
    }
}

/// The upper half of IBM code page 437.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// A name that can be shown, with `/` between its folders; as the error where it leads out of the archive: `..`, from a
/// root, from a drive.
pub(super) fn checked_name(name: &str) -> Result<String, String> {
    let slashes = name.replace('\\', "/");
    let drive = slashes.get(1..2) == Some(":") && slashes.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let leads_out =
        slashes.starts_with('/') || drive || slashes.split('/').any(|part| part == "..") || slashes.contains('\0');
    // Letters that hide or turn around what follows are not shown.
    let hidden = |letter: &char| {
        letter.is_control()
            || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    let mut shown: String = slashes.chars().filter(|letter| !hidden(letter)).take(SHOWN).collect();
    if shown.is_empty() {
        shown.push('?');
    }
    if leads_out { Err(shown) } else { Ok(shown) }
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether a file of a bulk export holds Medications (`Medication.ndjson`, `Medication.000.ndjson`, `Medication-1.ndjson`).
pub(super) fn holds_medicines(name: &str) -> bool {
    let rest = last(name).strip_prefix("Medication").unwrap_or_default();
    rest.starts_with(['.', '-', '_']) && name.contains(".ndjson")
}

/// What an archive is by the names in it, if it is no export of a telephone: that is told by what is in its files alone.
pub(super) fn kind(names: &[&str], own_name: &str) -> Archive {
    let any = |test: &dyn Fn(&str) -> bool| names.iter().any(|name| test(name));
    let own_name = own_name.to_ascii_lowercase();
    if any(&|name| name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("IHE_XDM/"))) {
        Archive::Xdm
    } else if own_name.ends_with(".phr") || own_name.ends_with(".sphr") {
        Archive::Phr
    } else if any(&|name| name.ends_with(".ndjson") || name.ends_with(".ndjson.gz")) {
        Archive::BulkFhir
    } else {
        Archive::Files
    }
}

/// Whether this file may be the one of a telephone's export that holds the samples. It is called after the word in the
/// phone's language (`Export.xml`, `exportar.xml`, `Esportazione.xml`); Apple's clinical document lies beside it.
pub(super) fn may_be_export(name: &str) -> bool {
    let own = last(name).to_lowercase();
    own.ends_with(".xml") && !own.ends_with("_cda.xml")
}

/// The folder of a file, with its last `/`; empty for one at the top.
pub(super) fn folder(name: &str) -> &str {
    name.strip_suffix(last(name)).unwrap_or_default()
}

/// What an archive is that is a document of an office program.
pub(super) fn office(names: &[&str]) -> Option<&'static str> {
    match names.first() {
        Some(&"[Content_Types].xml") => Some("an Office document"),
        Some(&"mimetype") if names.contains(&"META-INF/container.xml") => Some("a book (EPUB)"),
        Some(&"mimetype") if names.contains(&"META-INF/manifest.xml") => Some("an Office document"),
        _ => None,
    }
}

/// Whether a file's name says that it holds no records: files of operating systems, style sheets, and the words that
/// come with an archive. Those of the second kind are looked at all the same (`certain` is false).
pub(super) fn is_quiet(name: &str, certain: bool) -> bool {
    let name = name.to_ascii_lowercase();
    let own = last(&name);
    let system = name.starts_with("__macosx/")
        || name.contains("/__macosx/")
        || own.starts_with("._")
        || matches!(own, ".ds_store" | "thumbs.db" | "desktop.ini");
    let words = ["readme", "index", "license", "licence", "copyright", "manifest"];
    let kinds = [".xsl", ".xslt", ".css", ".js", ".htm", ".html", ".gpx", ".ini", ".md", ".sig", ".sha256", ".md5"];
    let by_word =
        own.rsplit_once('.').is_some_and(|(stem, end)| words.contains(&stem) && end != "pdf") || words.contains(&own);
    system || (!certain && (by_word || kinds.iter().any(|end| own.ends_with(end))))
}

/// Reads one file of an archive by `read`, and tells of it where it is no use: a bad file never fails the archive.
pub(super) fn member(
    job: &Job<'_>,
    archive: &Part<'_>,
    name: &str,
    read: &mut dyn FnMut(&Part<'_>) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let part = archive.member(last(name), name);
    if is_quiet(name, true) {
        job.skip(part.place(), SkipReason::NotARecordFile)
    } else {
        let outcome = read(&part);
        or_skip(job, &part, outcome)
    }
}

/// Tells of a part of a file that was no use, unless the whole is to end with it.
pub(super) fn or_skip(job: &Job<'_>, part: &Part<'_>, outcome: Result<(), Halt>) -> Result<(), Halt> {
    let reason = match outcome {
        Ok(()) => return Ok(()),
        Err(Halt::Stopped) => return Err(Halt::Stopped),
        Err(Halt::Refused { reason, .. }) => reason,
        Err(Halt::Failed(error)) if job.is_full() => return Err(error.into()),
        Err(Halt::Failed(error)) => reason_for(error)?,
    };
    job.skip(part.place(), reason)
}

/// What an error with a file of an archive means for it, unless it is one of the whole.
fn reason_for(error: Error) -> Result<SkipReason, Halt> {
    Ok(match error {
        error @ (Error::Io(_) | Error::TooMuch { .. }) => return Err(error.into()),
        Error::TooLarge { limit_mib } => {
            SkipReason::TooLarge { limit_mib: usize::try_from(limit_mib).unwrap_or(usize::MAX) }
        }
        Error::Inflates { ratio } => SkipReason::Inflates { ratio },
        Error::Empty => SkipReason::Empty,
        Error::NotFhir { what } => SkipReason::Unsupported { what },
        Error::OnlyLink => SkipReason::OnlyLink,
        Error::NotJson { .. } => SkipReason::NotJson,
        Error::NotXml { .. } => SkipReason::NotXml,
        Error::CutShort => SkipReason::CutShort,
        Error::TooDeep { limit } => SkipReason::TooDeep { limit },
        Error::TooManyEntries { limit } => SkipReason::TooMany { limit },
        Error::TooManyFiles { limit } => SkipReason::TooMany { limit },
        Error::TableUnclear => SkipReason::Table(TableReason::Unclear),
        Error::NotRecognised { .. } => SkipReason::Unsupported { what: "another kind of file" },
        Error::Overlaps => SkipReason::Contradicts,
        _ => SkipReason::Damaged,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_are_told_apart() {
        for name in ["../x", "a/../../x", "/etc/passwd", "C:\\x", "c:x", "..\\x", "\\\\server\\x", "a/..", "x\0y"] {
            assert!(checked_name(name).is_err(), "{name}");
        }
        for name in ["a/b.json", "a\\b.json", "..a/b..", "ab:c", "...", "ä/ü.xml"] {
            assert_eq!(checked_name(name), Ok(name.replace('\\', "/")), "{name}");
        }
        assert_eq!(checked_name("a\u{202E}gpj.exe\u{1B}[2J"), Ok("agpj.exe[2J".to_owned()));
        assert_eq!(checked_name(""), Ok("?".to_owned()));
    }

    #[test]
    fn the_files_of_a_telephones_export_are_told_from_others() {
        for name in ["apple_health_export/Esportazione.xml", "Datos exportados/exportar.xml", "Export.xml"] {
            assert!(may_be_export(name), "{name}");
        }
        assert!(!may_be_export("apple_health_export/export_cda.xml"));
        assert_eq!((folder("a/b/export.xml"), folder("export.xml")), ("a/b/", ""));
        assert_eq!(kind(&["IHE_XDM/SUBSET01/METADATA.XML", "IHE_XDM/SUBSET01/DOC1_CDA.xml"], "x.zip"), Archive::Xdm);
        assert_eq!(kind(&["Ada_2020_CDA.xml", "index.xml"], "x.zip"), Archive::Files);
    }

    #[test]
    fn old_names_are_read_in_their_alphabet() {
        assert_eq!(decoded_name(b"M\x81ller.xml", false), "Müller.xml");
        assert_eq!(decoded_name("Müller.xml".as_bytes(), false), "Müller.xml");
        assert_eq!(CP437.chars().count(), 128);
    }

    #[test]
    fn what_nobody_misses_is_quiet() {
        for name in ["__MACOSX/a/._b.json", "a/.DS_Store", "._x", "Thumbs.db"] {
            assert!(is_quiet(name, true), "{name}");
        }
        for name in ["README.TXT", "INDEX.HTM", "IHE_XDM/style.xsl", "LICENSE"] {
            assert!(is_quiet(name, false) && !is_quiet(name, true), "{name}");
        }
        assert!(!is_quiet("Patient.ndjson", false));
        assert!(!is_quiet("letters/index.pdf", false));
    }
}
