//! Medicines by ATC group (WHO Collaborating Centre for Drug Statistics Methodology, 2024), by RxNorm ingredient (NLM), and by
//! the words of their names.
//!
//! Left out is what is as often given for something else: bupropion (smoking), trazodone, amitriptyline, duloxetine (sleep,
//! pain), prochlorperazine and droperidol (nausea), tenofovir, lamivudine (hepatitis B), naloxone (beside pain medicine),
//! sildenafil (lungs), valproate and lamotrigine (epilepsy), benzodiazepines.

use super::{ETHUD, HIV, Label, MH, OPIOIDUD, Rule, SEX};

/// The rule for an ATC code: the longest group counts.
pub(crate) fn atc(code: &str) -> Option<Rule> {
    if NOT_ATC.contains(&code) {
        return None;
    }
    ATC.iter().find(|(group, _)| code.starts_with(group)).map(|(of, label)| Rule { label: *label, of })
}

const NOT_ATC: &[&str] = &["N06AA09", "N06AX05", "N06AX12", "N06AX21", "N05AB04", "N05AD08", "N05AA02", "N06BC01"];

/// N07BB alcohol dependence, N07BC opioid dependence; N05A antipsychotics (lithium among them), N06A antidepressants, N06BA
/// stimulants for attention deficit, N05BE buspirone; antivirals of HIV treatment: J05AE, J05AG, J05AJ, J05AR and single
/// ones; G03A, G02BA, G02BB hormonal, intrauterine and vaginal contraceptives, G03G fertility, G03XB progesterone receptor
/// modulators.
#[rustfmt::skip]
const ATC: &[(&str, Label)] = &[
    ("N07BB", ETHUD), ("N07BC", OPIOIDUD), ("N05A", MH), ("N06A", MH), ("N06BA", MH), ("N05BE", MH),
    ("J05AE", HIV), ("J05AG", HIV), ("J05AJ", HIV), ("J05AR", HIV), ("J05AF01", HIV), ("J05AF06", HIV), ("J05AF09", HIV),
    ("J05AX07", HIV), ("J05AX09", HIV), ("J05AX29", HIV), ("J05AX31", HIV),
    ("G03A", SEX), ("G02BA", SEX), ("G02BB", SEX), ("G03G", SEX), ("G03XB", SEX),
];

/// RxNorm ingredients (RXCUI). Products are found by the ingredient in their name.
#[rustfmt::skip]
pub(super) const RXNORM: &[(Label, &[&str])] = &[
    (ETHUD, &["3554", "82819"]),
    (OPIOIDUD, &["6813", "1819", "7243"]),
    (MH, &["36437", "4493", "2556", "321988", "32937", "42355", "39786", "15996", "6448", "5093", "61381", "51272", "35636", "89013",
        "115698", "2626"]),
    (HIV, &["1433868", "719872", "195085", "276237", "460132", "343047", "11413", "190521", "620216"]),
    (SEX, &["6373", "6916", "14584"]),
];

/// Substances by their international non-proprietary names, and brands whose name says no substance. They are compared by
/// [`stem`], so that Sertralin, sertralina and sertraline are one.
#[rustfmt::skip]
pub(super) const NAMES: &[(Label, &[&str])] = &[
    (ETHUD, &["disulfiram", "acamprosate", "nalmefene", "antabuse", "campral", "selincro"]),
    (OPIOIDUD, &["naltrexone", "buprenorphine", "methadone", "levomethadone", "lofexidine", "suboxone", "subutex", "zubsolv",
        "sublocade", "buvidal", "vivitrol", "methadose", "dolophine"]),
    (MH, &["sertraline", "fluoxetine", "citalopram", "escitalopram", "paroxetine", "fluvoxamine", "venlafaxine", "desvenlafaxine",
        "mirtazapine", "vortioxetine", "clomipramine", "agomelatine", "reboxetine", "milnacipran", "moclobemide", "tranylcypromine",
        "phenelzine", "esketamine", "lithium", "haloperidol", "olanzapine", "quetiapine", "risperidone", "paliperidone",
        "aripiprazole", "brexpiprazole", "ziprasidone", "lurasidone", "asenapine", "clozapine", "amisulpride", "cariprazine",
        "zuclopenthixol", "flupentixol", "fluphenazine", "perphenazine", "sertindole", "buspirone", "methylphenidate", "atomoxetine",
        "lisdexamfetamine", "prozac", "zoloft", "lexapro", "cipralex", "celexa", "seroplex", "paxil", "effexor", "efexor", "trevilor",
        "remeron", "seroquel", "zyprexa", "risperdal", "abilify", "invega", "latuda", "geodon", "haldol", "clozaril", "leponex",
        "ritalin", "concerta", "strattera", "vyvanse"]),
    (HIV, &["dolutegravir", "bictegravir", "raltegravir", "elvitegravir", "cabotegravir", "efavirenz", "rilpivirine", "etravirine",
        "nevirapine", "doravirine", "darunavir", "atazanavir", "lopinavir", "fosamprenavir", "saquinavir", "tipranavir", "zidovudine",
        "abacavir", "stavudine", "didanosine", "maraviroc", "enfuvirtide", "lenacapavir", "fostemsavir", "ibalizumab", "cobicistat",
        "emtricitabine", "biktarvy", "genvoya", "stribild", "triumeq", "dovato", "juluca", "tivicay", "isentress", "truvada",
        "descovy", "atripla", "complera", "eviplera", "odefsey", "symtuza", "prezista", "rezolsta", "prezcobix", "reyataz", "evotaz",
        "kaletra", "sustiva", "intelence", "edurant", "viramune", "pifeltro", "delstrigo", "selzentry", "celsentri", "fuzeon",
        "cabenuva", "vocabria", "apretude", "rukobia", "sunlenca", "combivir", "trizivir", "epzicom", "kivexa", "retrovir"]),
    (SEX, &["levonorgestrel", "drospirenone", "desogestrel", "etonogestrel", "norgestimate", "norelgestromin", "gestodene",
        "ulipristal", "mifepristone", "clomifene", "clomiphene", "follitropin", "mirena", "kyleena", "jaydess", "liletta", "nexplanon",
        "implanon", "nuvaring", "seasonique", "natazia", "qlaira", "yasmin", "errin", "camila"]),
];

/// A word as it is compared across languages: lower case without accents, `ph` as f, `th` as t, `y` as i, and without the
/// endings that languages give to a substance (-e, -a, -o, -um).
pub(super) fn stem(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for letter in word.chars().flat_map(char::to_lowercase) {
        out.push(match letter {
            'á' | 'à' | 'â' | 'ã' => 'a',
            'é' | 'è' | 'ê' => 'e',
            'í' | 'î' | 'ï' | 'y' => 'i',
            'ó' | 'ô' | 'õ' => 'o',
            'ú' | 'û' => 'u',
            other => other,
        });
    }
    let out = out.replace("ph", "f").replace("th", "t");
    let cut = ["um", "e", "a", "o"].iter().find_map(|ending| out.strip_suffix(ending));
    cut.map(str::to_owned).unwrap_or(out)
}
