//! LOINC: tests, questionnaires and their questions, by their codes (check digits are tested).
//!
//! Left out on purpose: glucose and everything of the basic and lipid panels, CD4 cells (transplants too), HPV and
//! hepatitis tests, pregnancy tests, smoking, "drinks per day" and the other questions of PRAPARE.
//!
//! LOINC is copyright © Regenstrief Institute, Inc. and is used under the license at <https://loinc.org/license/>.

use super::{ETHUD, GDIS, HIV, Label, MH, OPIOIDUD, SDV, SEX, STD, SUD};

#[rustfmt::skip]
pub(super) const TERMS: &[(Label, &[&str])] = &[
    // AUDIT: total score, panel.
    (ETHUD, &["75624-7", "72110-0"]),
    // AUDIT-C: total score, panel, its three questions.
    (ETHUD, &["75626-2", "72109-2", "68518-0", "68519-8", "68520-6"]),
    // How often so many drinks in a day.
    (ETHUD, &["68517-2", "88037-7"]),
    // Ethanol in blood, in serum or plasma.
    (ETHUD, &["5640-8", "5643-2"]),
    // Methadone in urine, by screen; buprenorphine in urine.
    (OPIOIDUD, &["3773-9", "19550-3", "3414-0"]),
    // DAST-10: panel, total score.
    (SUD, &["82666-9", "82667-7"]),
    // TAPS: panel, use of drugs.
    (SUD, &["96841-2", "96843-8"]),
    // Drugs of abuse 5 panel, urine by screen.
    (SUD, &["65750-2"]),
    // Tetrahydrocannabinol, cannabinoids in urine.
    (SUD, &["3426-4", "18282-4"]),
    // Cocaine in urine, by screen.
    (SUD, &["3397-7", "19359-9"]),
    // Amphetamines in urine, by screen.
    (SUD, &["3349-8", "19261-7"]),
    // Opiates in urine, by screen.
    (SUD, &["3879-4", "19295-5"]),
    // Phencyclidine in urine by screen.
    (SUD, &["19659-2"]),
    // PHQ-9: panel, total score, modified for teens.
    (MH, &["44249-1", "44261-6", "89204-2"]),
    // PHQ-9: its questions.
    (MH, &["44250-9", "44251-7", "44252-5", "44253-3", "44254-1", "44255-8", "44256-6", "44257-4", "44258-2", "44259-0", "44260-8", "69722-7"]),
    // PHQ-2: panel, total score.
    (MH, &["55757-9", "55758-7"]),
    // GAD-7: panel, total score.
    (MH, &["69737-5", "70274-6"]),
    // GAD-7: its questions.
    (MH, &["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"]),
    // Depression severity.
    (MH, &["94023-9"]),
    // Edinburgh Postnatal Depression Scale.
    (MH, &["71354-5"]),
    // Psychiatry consult note.
    (MH, &["34788-0"]),
    // HIV antibodies.
    (HIV, &["7917-8", "7918-6", "29893-5", "30361-0", "31201-7", "43010-8", "48345-3", "49580-4", "68961-2", "69668-2", "5221-7"]),
    // HIV antibodies and p24 antigen.
    (HIV, &["56888-1"]),
    // HIV 1 and 2 tests.
    (HIV, &["75622-1"]),
    // HIV 1 RNA (viral load).
    (HIV, &["20447-9", "25836-8", "25835-0", "29541-0", "70241-5"]),
    // Syphilis: reagin antibodies (RPR, VDRL).
    (STD, &["20507-0", "20508-8", "31147-2", "22461-8", "11084-1", "5292-8"]),
    // Syphilis: Treponema pallidum antibodies.
    (STD, &["24312-1", "22587-0", "5393-4"]),
    // Chlamydia trachomatis DNA, RNA.
    (STD, &["21613-5", "43304-5", "21190-4"]),
    // Neisseria gonorrhoeae DNA, RNA; both.
    (STD, &["24111-7", "43305-2", "36902-5"]),
    // HARK: panel, its questions, total score.
    (SDV, &["76499-3", "76500-8", "76501-6", "76502-4", "76503-2", "76504-0"]),
    // HITS: total score, its questions.
    (SDV, &["95614-4", "95615-1", "95616-9", "95617-7", "95618-5"]),
    // PRAPARE: feeling safe where one lives.
    (SDV, &["93026-3"]),
    // Sexual orientation, gender identity.
    (SEX, &["76690-7", "76691-5"]),
    // Pregnancy intention in the next year.
    (SEX, &["86645-9"]),
    // Genetic variant reporting panel, genetic analysis summary report, master panel.
    (GDIS, &["81247-9", "51969-4", "55233-1"]),
    // BRCA1, CFTR, FMR1 gene mutations.
    (GDIS, &["21636-6", "21654-9", "36913-2"]),
];
