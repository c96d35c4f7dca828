//! How units are printed.

use super::Name;

/// The same in every language.
pub(super) const SYMBOLS: &[(&str, &str)] = &[
    ("mm[Hg]", "mmHg"),
    ("cm[H2O]", "cmH₂O"),
    ("Cel", "°C"),
    ("[degF]", "°F"),
    ("[pH]", "pH"),
    ("[lb_av]", "lb"),
    ("[oz_av]", "oz"),
    ("[in_i]", "in"),
    ("[in_us]", "in"),
    ("[ft_i]", "ft"),
    ("[mi_i]", "mi"),
    ("kg/m2", "kg/m²"),
    ("m2", "m²"),
    ("ug", "µg"),
    ("ug/L", "µg/L"),
    ("ug/dL", "µg/dL"),
    ("ug/mL", "µg/mL"),
    ("umol/L", "µmol/L"),
    ("10*3/uL", "× 10³/µL"),
    ("10*6/uL", "× 10⁶/µL"),
    ("10*9/L", "× 10⁹/L"),
    ("10*12/L", "× 10¹²/L"),
    ("/uL", "/µL"),
    ("[IU]/L", "IU/L"),
    ("m[IU]/L", "mIU/L"),
    ("m[IU]/mL", "mIU/mL"),
    ("u[IU]/mL", "µIU/mL"),
    ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
    ("mg/(24.h)", "mg/24 h"),
    ("g/(24.h)", "g/24 h"),
    ("meq/L", "mEq/L"),
    ("mosm/kg", "mOsm/kg"),
    ("{INR}", "INR"),
    ("{copies}/mL", "copies/mL"),
    ("/[HPF]", "/HPF"),
    ("/[LPF]", "/LPF"),
];

/// In words.
pub(super) const WORDS: &[(&str, Name)] = &[
    ("/min", ["per minute", "pro Minute", "par minute", "por minuto", "por minuto", "في الدقيقة"]),
    ("/d", ["per day", "pro Tag", "par jour", "al día", "por dia", "في اليوم"]),
    ("/wk", ["per week", "pro Woche", "par semaine", "por semana", "por semana", "في الأسبوع"]),
    ("a", ["years", "Jahre", "ans", "años", "anos", "سنوات"]),
    ("mo", ["months", "Monate", "mois", "meses", "meses", "أشهر"]),
    ("wk", ["weeks", "Wochen", "semaines", "semanas", "semanas", "أسابيع"]),
    ("d", ["days", "Tage", "jours", "días", "dias", "أيام"]),
    ("h", ["hours", "Stunden", "heures", "horas", "horas", "ساعات"]),
    ("min", ["minutes", "Minuten", "minutes", "minutos", "minutos", "دقائق"]),
    ("s", ["seconds", "Sekunden", "secondes", "segundos", "segundos", "ثوانٍ"]),
    ("{score}", ["points", "Punkte", "points", "puntos", "pontos", "نقاط"]),
    ("{tablet}", ["tablets", "Tabletten", "comprimés", "comprimidos", "comprimidos", "أقراص"]),
];
