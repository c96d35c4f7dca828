//! What the codes in an EU Digital COVID Certificate mean.

/// Member, code, system, name; a line each.
const VALUES: &str = include_str!("values.tsv");

/// A code's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The code system's URI.
    pub(super) system: &'static str,
    /// The name, in English.
    pub(super) name: &'static str,
}

/// The meaning of a code that stands in that member of a certificate (`tg`, `vp`, `mp`, `ma`, `tt`, `tr`).
pub(super) fn meaning(member: &str, code: &str) -> Option<Meaning> {
    VALUES.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut columns = line.split('\t');
        let found = columns.next() == Some(member) && columns.next() == Some(code);
        let (system, name) = (columns.next()?, columns.next()?);
        found.then_some(Meaning { system, name })
    })
}

/// The observation that a type of test is, in LOINC: the certificate's own code is the method's.
pub(super) fn test_code(test_type: &str) -> Option<(&'static str, &'static str)> {
    match test_type {
        // https://loinc.org/94500-6, https://loinc.org/94558-4
        "LP6464-4" => Some((
            "94500-6",
            "SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory system specimen by NAA with probe detection",
        )),
        "LP217198-3" => {
            Some(("94558-4", "SARS-CoV-2 (COVID-19) Ag [Presence] in Respiratory system specimen by Rapid immunoassay"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_meaning() {
        let lines: Vec<_> = VALUES.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 80);
        for line in lines {
            let columns: Vec<_> = line.split('\t').collect();
            let [member, code, system, name] = columns.as_slice() else { panic!("{line}") };
            assert_eq!(meaning(member, code), Some(Meaning { system, name }));
            assert!(system.starts_with("http") && !name.is_empty());
        }
        assert_eq!(meaning("mp", "EU/1/20/1528").unwrap().name, "Comirnaty");
        assert_eq!(meaning("tg", "EU/1/20/1528"), None);
    }
}
