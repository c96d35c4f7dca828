//! Words in names which say that a column or a row is not what the name says besides: a goal, an extreme, a part, another time.

use super::measures::{Measure, has_word};

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

fn has(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| has_word(name, word))
}

/// Whether nothing is taken from a column or a row of this name.
pub(super) fn is_ignored(name: &str) -> bool {
    has(name, IGNORED) || is_zone(name)
}

/// Whether a name holds words which make it that of something else than this measure, though it names it.
pub(super) fn is_another(name: &str, measure: Measure) -> bool {
    // "count/min" is no minimum.
    let words: Vec<&str> =
        name.split_whitespace().filter(|word| !Measure::is_unit(word.trim_matches(['(', ')']))).collect();
    let name = words.join(" ");
    let of_body = match measure {
        Measure::Weight => has(&name, A_PART) || has(&name, NO_WEIGHT),
        Measure::BodyFat
        | Measure::FatMass
        | Measure::MuscleMass
        | Measure::BoneMass
        | Measure::BodyWater
        | Measure::WaterMass => has(&name, A_PART),
        Measure::Temperature => has(&name, NO_TEMPERATURE),
        _ => false,
    };
    of_body || has(&name, NOT_MEASURED)
}

/// Whether a time or a date of this name says when the record was written, and not when was measured.
pub(super) fn is_of_the_record(name: &str) -> bool {
    has(name, OF_THE_RECORD)
}

/// Whether a date of this name is one of a person's life.
pub(super) fn is_of_life(name: &str) -> bool {
    has(name, OF_LIFE)
}

/// Whether a time of this name says that it is the one of the measurement.
pub(super) fn is_of_the_measurement(name: &str) -> bool {
    has(name, OF_THE_MEASUREMENT)
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
        assert!(!is_another("heart rate count/min", Measure::Pulse));
        assert!(!is_another("pulse (beats/min)", Measure::Pulse));
        assert!(is_another("heart rate [min] (count/min)", Measure::Pulse));
        assert!(is_another("min. puls", Measure::Pulse));
    }

    #[test]
    fn a_path_before_a_name_is_not_part_of_it() {
        assert_eq!(plain("com.samsung.health.blood_pressure.pulse"), "pulse");
        assert_eq!(plain("fat_mass_kg"), "fat mass kg");
    }
}
