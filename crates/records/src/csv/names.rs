//! How tables name their columns, in the languages of the meters and apps that write them.

/// Day and time in one cell.
pub(super) const DATE_TIME: &[&str] = &[
    "timestamp",
    "datetime",
    "date time",
    "date/time",
    "date & time",
    "date and time",
    "measured at",
    "recorded at",
    "measurement time",
    "measurement date",
    "reading time",
    "taken at",
    "zeitstempel",
    "gerätezeitstempel",
    "messzeitpunkt",
    "datum/uhrzeit",
    "datum/zeit",
    "datum und uhrzeit",
    "horodatage",
    "horodateur",
    "marca temporal",
    "sello de tiempo",
    "fecha y hora",
    "fecha/hora",
    "marca de tempo",
    "data e hora",
    "data e ora",
    "timestamp dispositivo",
    "tijdstempel",
    "datum en tijd",
];
/// The day.
pub(super) const DATE: &[&str] = &["date", "datum", "fecha", "data", "day", "tag", "jour"];
/// The time of day.
pub(super) const TIME: &[&str] = &["time", "zeit", "uhrzeit", "heure", "hora", "ora", "tijd"];
/// What kind of event the row is.
pub(super) const EVENT: &[&str] = &[
    "event type",
    "ereignistyp",
    "type d'événement",
    "type d’événement",
    "tipo de evento",
    "tipo di evento",
    "type gebeurtenis",
    "gebeurtenistype",
];
/// What the row measures.
pub(super) const KIND: &[&str] = &[
    "type",
    "kind",
    "measurement",
    "metric",
    "measure",
    "parameter",
    "test",
    "analyte",
    "art",
    "typ",
    "messgröße",
    "messung",
    "tipo",
    "mesure",
    "name",
];
/// The value of what the row measures.
pub(super) const VALUE: &[&str] =
    &["value", "wert", "messwert", "result", "reading", "valeur", "valor", "valore", "waarde", "ergebnis"];
/// Its unit.
pub(super) const UNIT: &[&str] = &["unit", "units", "einheit", "unité", "unidad", "unidade", "unità", "eenheid"];
/// What stands beside the values of a meter for glucose, and of no other device.
pub(super) const BESIDE_GLUCOSE: &[&str] = &[
    "before meal",
    "after meal",
    "vor mahlzeit",
    "nach mahlzeit",
    "vor dem essen",
    "nach dem essen",
    "avant repas",
    "après repas",
    "antes de la comida",
    "prima del pasto",
    "voor de maaltijd",
];
/// A column that says that the value is of a control solution and of no person.
pub(super) const CONTROL: &[&str] =
    &["control test", "control solution", "control result", "kontrolltest", "kontrolllösung", "test de contrôle"];
/// A remark.
pub(super) const NOTE: &[&str] = &[
    "note",
    "notes",
    "comment",
    "comments",
    "remark",
    "remarks",
    "notiz",
    "notizen",
    "bemerkung",
    "bemerkungen",
    "kommentar",
    "remarque",
    "commentaire",
    "commentaires",
    "notas",
    "nota",
    "opmerking",
    "opmerkingen",
];
/// The device, or its number.
pub(super) const DEVICE: &[&str] = &[
    "device",
    "device info",
    "serial number",
    "source device id",
    "transmitter id",
    "meter",
    "gerät",
    "geräteinfo",
    "seriennummer",
    "quellgeräte-id",
    "appareil",
    "numéro de série",
    "dispositivo",
    "número de serie",
    "numero di serie",
    "apparaat",
    "serienummer",
];
