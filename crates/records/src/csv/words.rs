//! Words in names which say that a column or a row is not what the name says besides: a goal, an extreme, a part, another time.

use std::{collections::HashMap, sync::LazyLock};

use super::{
    measures::Measure,
    names::{BESIDE_GLUCOSE, DATE, DATE_TIME, EVENT, TIME},
};

/// What nothing is taken from, whatever else the name says.
const IGNORED: &[&str] = &[
    "rate of change",
    "änderungsrate",
    "target",
    "goal",
    "ziel",
    "category",
    "risk",
    "status",
    "pulse pressure",
    "warning",
    "warnung",
    "pulsdruck",
    "mean arterial",
    "map",
    "variability",
    "insulin",
    "carb",
    "carbohydrates",
    "kohlenhydrate",
    "transmitter time",
    "time of day",
    "duration",
    "dauer",
    "subtype",
    "non-numeric",
    "nicht",
    "record type",
    "aufzeichnungstyp",
    "unit system",
];
/// Goals, limits and what several values came to: none is a value that was measured. English, German, French, Spanish,
/// Italian, Portuguese and Dutch.
const NOT_MEASURED: &[&str] = &[
    "ideal",
    "desired",
    "limit",
    "threshold",
    "alarm",
    "alert",
    "zone",
    "reserve",
    "zielgewicht",
    "zielwert",
    "idealgewicht",
    "wunschgewicht",
    "grenzwert",
    "cible",
    "objectif",
    "idéal",
    "souhaité",
    "limite",
    "seuil",
    "objetivo",
    "meta",
    "umbral",
    "obiettivo",
    "ideale",
    "soglia",
    "desejado",
    "doel",
    "doelgewicht",
    "streefgewicht",
    "streefwaarde",
    "ideaal",
    "min",
    "max",
    "avg",
    "average",
    "minimum",
    "maximum",
    "mean",
    "median",
    "minimal",
    "maximal",
    "lowest",
    "highest",
    "peak",
    "durchschnitt",
    "durchschnittlich",
    "durchschnittliche",
    "durchschnittlicher",
    "mittel",
    "mittelwert",
    "minimale",
    "maximale",
    "niedrigste",
    "höchste",
    "moyenne",
    "moyen",
    "médiane",
    "minimales",
    "maximales",
    "promedio",
    "media",
    "mínimo",
    "mínima",
    "máximo",
    "máxima",
    "minimo",
    "minima",
    "massimo",
    "massima",
    "medio",
    "média",
    "médio",
    "gemiddeld",
    "gemiddelde",
    "laagste",
    "hoogste",
    "wave velocity",
    "variation",
    "deviation",
    "difference",
    "change",
    "gain",
    "loss",
    "trend",
    "score",
];
/// Parts of the body's weight and fat which are not the whole.
const A_PART: &[&str] = &[
    "free",
    "lean",
    "visceral",
    "subcutaneous",
    "skeletal",
    "trunk",
    "arm",
    "leg",
    "birth",
    "fettfrei",
    "fettfreie",
    "fettfreies",
    "mager",
    "magermasse",
    "viszeral",
    "viszerales",
    "viszeralfett",
    "subkutan",
    "subkutanes",
    "unterhautfett",
    "skelettmuskel",
    "skelettmuskelmasse",
    "geburtsgewicht",
    "maigre",
    "viscérale",
    "viscéral",
    "sous-cutanée",
    "sous-cutané",
    "squelettique",
    "naissance",
    "magra",
    "magro",
    "libre",
    "visceraal",
    "viscerale",
    "subcutánea",
    "sottocutaneo",
    "sottocutanea",
    "subcutânea",
    "onderhuids",
    "vetvrij",
    "vetvrije",
    "esquelético",
    "esquelética",
    "scheletrica",
    "scheletrico",
    "nacimiento",
    "nascita",
    "nascimento",
    "geboortegewicht",
];
/// A weight of these is none of the body.
const NO_WEIGHT: &[&str] = &[
    "bone", "bones", "muscle", "fat", "water", "protein", "knochen", "muskel", "fett", "wasser", "os", "osseuse",
    "graisse", "grasse", "muscles", "eau", "hueso", "óseo", "grasa", "músculo", "agua", "osso", "ósseo", "gordura",
    "água", "ossa", "grasso", "muscoli", "acqua", "bot", "botten", "vet", "spieren", "vocht",
];
/// A temperature of these is none of the body.
const NO_TEMPERATURE: &[&str] = &[
    "wrist",
    "skin",
    "ambient",
    "room",
    "outdoor",
    "air",
    "water",
    "device",
    "sensor",
    "battery",
    "handgelenk",
    "haut",
    "umgebung",
    "raum",
    "poignet",
    "peau",
    "ambiante",
    "ambiente",
    "muñeca",
    "piel",
    "polso",
    "pelle",
    "pulso",
    "pele",
    "pols",
    "huid",
    "omgeving",
];
/// Times of the record and not of the measurement.
const OF_THE_RECORD: &[&str] = &[
    "update",
    "updated",
    "create",
    "created",
    "creation",
    "modify",
    "modified",
    "modification",
    "upload",
    "uploaded",
    "sync",
    "synced",
    "import",
    "imported",
    "export",
    "exported",
    "download",
    "erstellt",
    "geändert",
    "aktualisiert",
    "hochgeladen",
    "créé",
    "modifié",
    "creado",
    "modificado",
    "creato",
    "modificato",
    "criado",
    "aangemaakt",
    "gewijzigd",
];
/// Dates of a person's life.
const OF_LIFE: &[&str] = &["birth", "dob", "naissance", "nacimiento", "nascita", "nascimento", "geboorte"];
/// Which of several times is that of the measurement.
const OF_THE_MEASUREMENT: &[&str] = &[
    "start",
    "begin",
    "measured",
    "measurement",
    "measuring",
    "messung",
    "mesure",
    "medición",
    "misurazione",
    "meting",
];
/// A column with the zone of the row's time.
const ZONE: &[&str] = &[
    "time zone",
    "timezone",
    "zone",
    "tz",
    "time offset",
    "utc offset",
    "gmt offset",
    "zone offset",
    "zeitzone",
    "fuseau horaire",
    "zona horaria",
    "fuso horário",
    "fuso orario",
    "tijdzone",
];

/// A name with its words parted by spaces: makers write `fat_mass_kg`, and before a name the path of their own
/// `com.samsung.health.blood_pressure.systolic`.
pub(super) fn plain(name: &str) -> String {
    let own = if name.starts_with("com.") { name.rsplit('.').next().unwrap_or(name) } else { name };
    own.replace('_', " ")
}

/// What names are searched for, besides the names of measures.
const LISTS: &[&[&str]] = &[
    DATE_TIME,
    DATE,
    TIME,
    EVENT,
    BESIDE_GLUCOSE,
    IGNORED,
    NOT_MEASURED,
    A_PART,
    NO_WEIGHT,
    NO_TEMPERATURE,
    OF_THE_RECORD,
    OF_LIFE,
    OF_THE_MEASUREMENT,
];
/// All of them by their first word: a name is gone over once, however many are known.
static BY_FIRST_WORD: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut by_first: HashMap<&str, Vec<&str>> = HashMap::new();
    let measures = Measure::ALL.iter().map(|measure| measure.names());
    for known in LISTS.iter().copied().chain(measures).flatten() {
        by_first.entry(first_word(known)).or_default().push(known);
    }
    by_first
});

/// Letters and digits at the beginning of a text.
fn first_word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default()
}

/// A name with the known words and phrases that stand in it between word borders.
pub(super) struct Words<'n> {
    name: &'n str,
    known: Vec<&'static str>,
}

impl<'n> Words<'n> {
    /// Of a name in lower case.
    pub(super) fn of(name: &'n str) -> Words<'n> {
        let mut known = Vec::new();
        let mut rest = name;
        loop {
            rest = rest.trim_start_matches(|letter: char| !letter.is_alphanumeric());
            let first = first_word(rest);
            if first.is_empty() {
                return Words { name, known };
            }
            let begin_so = BY_FIRST_WORD.get(first).map(Vec::as_slice).unwrap_or_default();
            let ends =
                |text: &&&str| rest.strip_prefix(**text).is_some_and(|after| !after.starts_with(char::is_alphanumeric));
            known.extend(begin_so.iter().filter(ends));
            rest = rest.strip_prefix(first).unwrap_or_default();
        }
    }

    /// Whether one of a list stands in it; of a list in [`LISTS`] or of a measure's names.
    pub(super) fn any(&self, list: &[&str]) -> bool {
        let first = list.first().copied().unwrap_or_default();
        debug_assert!(BY_FIRST_WORD.contains_key(first_word(first)), "not in LISTS: {list:?}");
        self.known.iter().any(|known| list.contains(known))
    }

    /// Whether nothing is taken from a column or a row of this name.
    pub(super) fn are_ignored(&self) -> bool {
        self.any(IGNORED) || is_zone(self.name)
    }

    /// Whether they make it the name of something else than this measure, though it names it.
    pub(super) fn are_of_another(&self, measure: Measure) -> bool {
        // "count/min" is no minimum.
        let is_unit = |word: &&str| Measure::is_unit(word.trim_matches(['(', ')']));
        let name = self.name.split_whitespace().filter(|word| !is_unit(word)).collect::<Vec<_>>().join(" ");
        let words = Words::of(&name);
        let of_body = match measure {
            Measure::Weight => words.any(A_PART) || words.any(NO_WEIGHT),
            Measure::BodyFat
            | Measure::FatMass
            | Measure::MuscleMass
            | Measure::BoneMass
            | Measure::BodyWater
            | Measure::WaterMass => words.any(A_PART),
            Measure::Temperature => words.any(NO_TEMPERATURE),
            _ => false,
        };
        of_body || words.any(NOT_MEASURED)
    }

    /// Whether a time or a date of this name says when the record was written, and not when was measured.
    pub(super) fn are_of_the_record(&self) -> bool {
        self.any(OF_THE_RECORD)
    }

    /// Whether a date of this name is one of a person's life.
    pub(super) fn are_of_life(&self) -> bool {
        self.any(OF_LIFE)
    }

    /// Whether a time of this name says that it is the one of the measurement.
    pub(super) fn are_of_the_measurement(&self) -> bool {
        self.any(OF_THE_MEASUREMENT)
    }
}

/// Whether a column of this name holds zones.
pub(super) fn is_zone(name: &str) -> bool {
    ZONE.contains(&name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_no_minimum() {
        let is_another = |name: &str| Words::of(name).are_of_another(Measure::Pulse);
        assert!(!is_another("heart rate count/min"));
        assert!(!is_another("pulse (beats/min)"));
        assert!(is_another("heart rate [min] (count/min)"));
        assert!(is_another("min. puls"));
    }

    #[test]
    fn every_known_word_is_found_between_borders_and_nowhere_else() {
        let measures = Measure::ALL.iter().map(|measure| measure.names());
        for list in LISTS.iter().copied().chain(measures) {
            for known in list {
                for name in [(*known).to_owned(), format!("x {known}"), format!("é.{known}) ü"), format!("{known},x")]
                {
                    assert!(Words::of(&name).any(&[known]), "{name}");
                }
                for name in
                    [format!("x{known}"), format!("{known}é"), format!("4{known} 4"), known.replacen(' ', "", 1)]
                {
                    assert!(name == *known || !Words::of(&name).any(&[known]), "{name}");
                }
            }
        }
        assert!(Words::of("").known.is_empty());
    }

    #[test]
    fn a_path_before_a_name_is_not_part_of_it() {
        assert_eq!(plain("com.samsung.health.blood_pressure.pulse"), "pulse");
        assert_eq!(plain("fat_mass_kg"), "fat mass kg");
    }
}
