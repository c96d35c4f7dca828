//! ICD-10 (WHO, 2019 version), ICD-10-CM (CDC/NCHS, 2024), ICD-10-GM (BfArM), ICD-9-CM (CDC/NCHS, 2013), ICD-10-PCS (CMS).
//!
//! Whole blocks as their chapters define them, and single categories elsewhere that say the same. Codes are compared
//! without their point, by their beginning. Where the WHO's and a national version differ, a code means the same in both
//! or is used in one of them alone.

use super::{ETHUD, GDIS, HIV, Label, MH, OPIOIDUD, Rule, SDV, SEX, STD, SUD};

/// The rule for a code of ICD-10 or one of its clinical modifications.
pub(crate) fn icd10(code: &str) -> Option<Rule> {
    let has_point = code.contains('.');
    let plain = plain(code)?;
    let letter = plain.chars().next()?;
    // ICD-10-PCS codes have seven characters and stand in for diagnoses now and then: B20… there is an image of the
    // heart. ICD-10-CM has no codes of seven characters in these chapters.
    if plain.len() == 7 && !has_point && matches!(letter, 'B' | 'C' | 'D' | 'F' | 'G' | 'H') {
        return icd10_pcs(&plain);
    }
    if NOT_ICD10.iter().any(|(from, to)| within(&plain, from, to)) {
        return None;
    }
    if let Some(rule) = find(&plain, ICD10) {
        // T40: adverse effects (5) and underdosing (6) of a medicine that was prescribed are no misuse.
        let manner = plain.get(5..6);
        // B20-B24 have at most one more digit; anything longer is another system's code.
        if rule.of == "B20" && plain.len() > 4 {
            return None;
        }
        return (!(rule.of == "T40" && matches!(manner, Some("5" | "6")))).then_some(rule);
    }
    // ICD-10-CM T36-T65 and T71: the sixth character 2 is intentional self-harm.
    let poisoning = within(&plain, "T36", "T65") || within(&plain, "T71", "T71");
    (poisoning && plain.get(5..6) == Some("2") && plain.len() >= 6).then_some(Rule { label: MH, of: "T36-T65, T71" })
}

/// The rule for a code of ICD-9-CM.
pub(crate) fn icd9(code: &str) -> Option<Rule> {
    let plain = plain(code)?;
    // Procedures (volume 3) have their point after two digits: 30.40 is an operation, 304.0 an addiction. Category 94 is
    // "procedures related to the psyche", 94.6 of it rehabilitation from alcohol and drugs.
    if code.find('.') == Some(2) {
        let own = [("946", SUD), ("94", MH)].into_iter().find(|(start, _)| plain.starts_with(start));
        return own.map(|(of, label)| Rule { label, of });
    }
    if NOT_ICD9.iter().any(|(from, to)| within(&plain, from, to)) {
        return None;
    }
    find(&plain, ICD9)
}

/// The rule for a code of ICD-10-PCS: its sections for mental health (G) and substance abuse treatment (H).
pub(crate) fn icd10_pcs(code: &str) -> Option<Rule> {
    let plain = plain(code)?;
    [("GZ", MH), ("HZ", SUD)]
        .into_iter()
        .find(|(section, _)| plain.len() == 7 && plain.starts_with(section))
        .map(|(of, label)| Rule { label, of })
}

fn plain(code: &str) -> Option<String> {
    (3..=10).contains(&code.len()).then(|| {
        code.chars().filter(|letter| !matches!(letter, '.' | ' ')).map(|letter| letter.to_ascii_uppercase()).collect()
    })
}

fn within(code: &str, from: &str, to: &str) -> bool {
    let start = |width: usize| code.get(..width.min(code.len()));
    code.is_ascii() && code.len() >= from.len() && start(from.len()) >= Some(from) && start(to.len()) <= Some(to)
}

fn find(code: &str, table: &'static [(&'static str, &'static str, Label)]) -> Option<Rule> {
    table.iter().find(|(from, to, _)| within(code, from, to)).map(|(from, _, label)| Rule { label: *label, of: from })
}

/// What lies inside a block of the table and is no secret of it: F17 and the like is tobacco, which 42 CFR 2.11 leaves
/// out; F80-F83, F88, F89 disorders of speech and learning; Z81.0 intellectual disability, Z81.2 tobacco in the family.
#[rustfmt::skip]
const NOT_ICD10: &[(&str, &str)] = &[
    ("F17", "F17"), ("F80", "F83"), ("F88", "F89"), ("Z810", "Z810"), ("Z812", "Z812"),
];

/// 305.1 tobacco; 995.86 malignant hyperthermia and 995.89; 315 delays in development; 290, 293, 294, 310 organic states.
#[rustfmt::skip]
const NOT_ICD9: &[(&str, &str)] = &[
    ("3051", "3051"), ("99586", "99589"), ("290", "290"), ("293", "294"), ("310", "310"), ("315", "315"), ("317", "319"),
];

/// From, to (both inclusive, compared by their own length), label. The narrower lines come first.
#[rustfmt::skip]
const ICD10: &[(&str, &str, Label)] = &[
    // Alcohol: F10 disorders due to its use; E24.4, G31.2, G62.1, G72.1, I42.6, K29.2, K70, K85.2, K86.0 what it did to the
    // body; O99.31 in pregnancy; Q86.0 fetal alcohol syndrome; R78.0 in the blood; T51.0 and X45, X65, Y15 poisoning; Y90,
    // Y91 evidence of it; Z50.2, Z71.4 rehabilitation and counselling; Z72.1 use; Z81.1 in the family.
    ("F10", "F10", ETHUD), ("E244", "E244", ETHUD), ("G312", "G312", ETHUD), ("G621", "G621", ETHUD), ("G721", "G721", ETHUD),
    ("I426", "I426", ETHUD), ("K292", "K292", ETHUD), ("K70", "K70", ETHUD), ("K852", "K852", ETHUD), ("K860", "K860", ETHUD),
    ("O9931", "O9931", ETHUD), ("Q860", "Q860", ETHUD), ("R780", "R780", ETHUD), ("T510", "T510", ETHUD), ("X45", "X45", ETHUD),
    ("X65", "X65", ETHUD), ("Y15", "Y15", ETHUD), ("Y90", "Y91", ETHUD), ("Z502", "Z502", ETHUD), ("Z714", "Z714", ETHUD),
    ("Z721", "Z721", ETHUD), ("Z811", "Z811", ETHUD),
    // Opioids: F11; R78.1 in the blood.
    ("F11", "F11", OPIOIDUD), ("R781", "R781", OPIOIDUD),
    // Other substances: F12-F19; F55 is of substances that do not make dependent and stands under mental health; O99.32 in
    // pregnancy; P04.4 and P96.1 in the newborn; R78.2-R78.4 in the blood; T40 poisoning by narcotics and hallucinogens; X42,
    // X62, Y12 the same by its cause; Z50.3, Z71.5 rehabilitation and counselling; Z72.2 use; Z81.3, Z81.4 in the family;
    // Z86.4 in the past (WHO).
    ("F12", "F19", SUD), ("O9932", "O9932", SUD), ("P044", "P044", SUD), ("P961", "P961", SUD), ("R782", "R784", SUD),
    ("T40", "T40", SUD), ("X42", "X42", SUD), ("X62", "X62", SUD), ("Y12", "Y12", SUD), ("Z503", "Z503", SUD), ("Z715", "Z715", SUD),
    ("Z722", "Z722", SUD), ("Z813", "Z814", SUD), ("Z864", "Z864", SUD),
    // Sexuality and reproduction: F52 sexual dysfunction; F64-F66 identity, preference, development; O04, O05, O07 induced and
    // attempted abortion, Z33.2, Z64.0; N46, N97 infertility, N48.4, N52 erectile dysfunction, R37; Z30, Z31, Z79.3, Z97.5,
    // Z98.51, Z98.52 contraception, procreation, sterilisation; Z70, Z72.5 counselling, behaviour; Z87.890 sex reassignment.
    ("F52", "F52", SEX), ("F64", "F66", SEX), ("O04", "O05", SEX), ("O07", "O07", SEX), ("Z332", "Z332", SEX), ("Z640", "Z640", SEX),
    ("N46", "N46", SEX), ("N97", "N97", SEX), ("N484", "N484", SEX), ("N52", "N52", SEX), ("R37", "R37", SEX), ("Z30", "Z31", SEX),
    ("Z793", "Z793", SEX), ("Z975", "Z975", SEX), ("Z9851", "Z9852", SEX), ("Z70", "Z70", SEX), ("Z725", "Z725", SEX),
    ("Z87890", "Z87890", SEX),
    // HIV: B20-B24; F02.4 dementia; R75 laboratory evidence; Z21 status; B97.35 HIV 2; O98.7 in pregnancy; Z11.4, Z20.6, Z71.7,
    // Z29.81, Z83.0 screening, contact, counselling, prophylaxis, in the family.
    ("B20", "B24", HIV), ("F024", "F024", HIV), ("R75", "R75", HIV), ("Z21", "Z21", HIV), ("B9735", "B9735", HIV),
    ("O987", "O987", HIV), ("Z114", "Z114", HIV), ("Z206", "Z206", HIV), ("Z717", "Z717", HIV), ("Z2981", "Z2981", HIV),
    ("Z830", "Z830", HIV),
    // Mental health: F20-F69, F84-F98 (F00-F09 organic states and F70-F79 intellectual disability are no secrets of psychiatry);
    // R45.851, R45.88, T14.91, X60-X84 suicidal thoughts and self-harm; Z91.5 in the past; Z04.6 psychiatric examination; Z13.3
    // screening; Z50.4 psychotherapy; Z81.8 in the family; Z86.5 in the past.
    ("F20", "F69", MH), ("F84", "F99", MH), ("R45851", "R45851", MH), ("R4588", "R4588", MH), ("T1491", "T1491", MH),
    ("X60", "X84", MH), ("Z915", "Z915", MH), ("Z046", "Z046", MH), ("Z133", "Z133", MH), ("Z504", "Z504", MH), ("Z818", "Z818", MH),
    ("Z865", "Z865", MH),
    // Sexually transmitted infections: A50-A64; K67.0-K67.2, N74.2-N74.4 of the abdomen and pelvis; O98.1-O98.3 in pregnancy;
    // Z11.3, Z20.2, Z22.4 screening, contact, carrier.
    ("A50", "A64", STD), ("K670", "K672", STD), ("N742", "N744", STD), ("O981", "O983", STD), ("Z113", "Z113", STD),
    ("Z202", "Z202", STD), ("Z224", "Z224", STD),
    // Violence and abuse: T74, T76 maltreatment (confirmed, suspected); O9A.3-O9A.5 in pregnancy; Y05 sexual assault, Y06, Y07
    // neglect and its perpetrator; Z04.4, Z04.7, Z04.81 examination after it; Z61.4-Z61.6, Z62.81 in childhood; Z69 encounters
    // for it; Z91.41 in the past.
    ("T74", "T74", SDV), ("T76", "T76", SDV), ("O9A3", "O9A5", SDV), ("Y05", "Y07", SDV), ("Z044", "Z044", SDV), ("Z047", "Z047", SDV),
    ("Z0481", "Z0481", SDV), ("Z614", "Z616", SDV), ("Z6281", "Z6281", SDV), ("Z69", "Z69", SDV), ("Z9141", "Z9141", SDV),
    // Genetic disease: Q90-Q99 chromosomes; D56, D57 thalassaemia and sickle-cell disorders; E70-E72, E75-E77 inborn errors of
    // metabolism; E84 cystic fibrosis; G10, G11, G12.0, G12.1, G60.0, G71.0, G71.1 of nerve and muscle; Q61.1-Q61.3 polycystic
    // kidneys; Q79.6, Q85.0, Q87.4 Ehlers-Danlos, neurofibromatosis, Marfan; Z13.7 screening; Z14, Z15 carrier, susceptibility;
    // Z84.81 in the family. Left out is what an emergency must know: bleeding disorders (D66-D68), porphyria (E80), G6PD (D55),
    // adrenal hyperplasia (E25), malignant hyperthermia.
    ("Q90", "Q99", GDIS), ("D56", "D57", GDIS), ("E70", "E72", GDIS), ("E75", "E77", GDIS), ("E84", "E84", GDIS), ("G10", "G11", GDIS),
    ("G120", "G121", GDIS), ("G600", "G600", GDIS), ("G710", "G711", GDIS), ("Q611", "Q613", GDIS), ("Q796", "Q796", GDIS),
    ("Q850", "Q850", GDIS), ("Q874", "Q874", GDIS), ("Z137", "Z137", GDIS), ("Z14", "Z15", GDIS), ("Z8481", "Z8481", GDIS),
];

#[rustfmt::skip]
const ICD9: &[(&str, &str, Label)] = &[
    // Alcohol: 291, 303, 305.0; 357.5, 425.5, 535.3, 571.0-571.3 what it did; 760.71 to the unborn; 790.3 in the blood; 980.0,
    // E860 poisoning; V11.3 in the past; V79.1 screening.
    ("291", "291", ETHUD), ("303", "303", ETHUD), ("3050", "3050", ETHUD), ("3575", "3575", ETHUD), ("4255", "4255", ETHUD),
    ("5353", "5353", ETHUD), ("5710", "5713", ETHUD), ("76071", "76071", ETHUD), ("7903", "7903", ETHUD), ("9800", "9800", ETHUD),
    ("E860", "E860", ETHUD), ("V113", "V113", ETHUD), ("V791", "V791", ETHUD),
    // Opioids: 304.0, 304.7 dependence, 305.5 abuse, 965.0 poisoning.
    ("3040", "3040", OPIOIDUD), ("3047", "3047", OPIOIDUD), ("3055", "3055", OPIOIDUD), ("9650", "9650", OPIOIDUD),
    // Other substances: 292, 304, 305; 648.3 in pregnancy; V65.42 counselling.
    ("292", "292", SUD), ("304", "305", SUD), ("6483", "6483", SUD), ("V6542", "V6542", SUD),
    // Sexuality: 302; 606, 628 infertility, 607.84; 635, 636, 638 abortion; V25, V26, V45.5 contraception, procreation; V61.7;
    // V69.2.
    ("302", "302", SEX), ("606", "606", SEX), ("628", "628", SEX), ("60784", "60784", SEX), ("635", "636", SEX), ("638", "638", SEX),
    ("V25", "V26", SEX), ("V455", "V455", SEX), ("V617", "V617", SEX), ("V692", "V692", SEX),
    // HIV: 042-044; 079.53 HIV 2; 795.71; V08 status; V65.44 counselling.
    ("042", "044", HIV), ("07953", "07953", HIV), ("79571", "79571", HIV), ("V08", "V08", HIV), ("V6544", "V6544", HIV),
    // Mental health: 295-301, 306-316; E950-E959 self-harm; V62.84 suicidal thoughts; V11, V79.0.
    ("295", "301", MH), ("306", "316", MH), ("E950", "E959", MH), ("V6284", "V6284", MH), ("V11", "V11", MH), ("V790", "V790", MH),
    // Sexually transmitted infections: 054.1 genital herpes, 078.11, 090-099, 131; 647.0-647.2 in pregnancy; V01.6, V02.7, V02.8,
    // V74.5.
    ("0541", "0541", STD), ("07811", "07811", STD), ("090", "099", STD), ("131", "131", STD), ("6470", "6472", STD),
    ("V016", "V016", STD), ("V027", "V028", STD), ("V745", "V745", STD),
    // Violence: 995.5, 995.8 maltreatment; E960.1, E967; V15.41, V15.42; V61.11, V61.12, V61.21, V61.22; V71.5, V71.81.
    ("9955", "9955", SDV), ("99580", "99585", SDV), ("E9601", "E9601", SDV), ("E967", "E967", SDV), ("V1541", "V1542", SDV),
    ("V6111", "V6112", SDV), ("V6121", "V6122", SDV), ("V715", "V715", SDV), ("V7181", "V7181", SDV),
    // Genetic disease: 270, 277.0, 282.4-282.6, 333.4, 335.0, 335.1, 237.7, 359.0-359.2, 753.12, 753.13, 756.51, 758, 759.82; V82.7,
    // V83, V84.
    ("270", "270", GDIS), ("2770", "2770", GDIS), ("2824", "2826", GDIS), ("3334", "3334", GDIS), ("3350", "3351", GDIS),
    ("2377", "2377", GDIS), ("3590", "3592", GDIS), ("75312", "75313", GDIS), ("75651", "75651", GDIS), ("758", "758", GDIS),
    ("75982", "75982", GDIS), ("V827", "V827", GDIS), ("V83", "V84", GDIS),
];
