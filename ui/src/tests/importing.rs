//! Imports while they run, what they ask, and what became of every entry.

use super::*;
use crate::app::add::{AddPage, CodePage};
use crate::app::import::run::{RunView, Running};
use crate::app::import::{Finished, Now};

fn account() -> ImportAccount {
    ImportAccount {
        file: "hospital-export.json".to_owned(),
        format: "Download of a patient portal (FHIR)".to_owned(),
        entries: 318,
        imported: 312,
        already_present: 3,
        narrative_only: 1,
        skipped: vec![
            SkippedEntry {
                path: "Bundle.entry[17].resource".to_owned(),
                reason: "The entry holds no record (a deletion, or a server's bare answer).".to_owned(),
            },
            SkippedEntry {
                path: "Bundle.entry[204].resource".to_owned(),
                reason: "The entry does not say what kind of record it is (resourceType).".to_owned(),
            },
        ],
        error: None,
        at: 1_777_820_000,
    }
}

fn report() -> ImportReport {
    ImportReport {
        id: "7".to_owned(),
        folder: "downloads/2026".to_owned(),
        categories: counts(&[("result", 250), ("medicine", 40), ("problem", 22)]),
        attachments: 4,
        as_text: vec![SkippedEntry {
            path: "Bundle.entry[9].resource".to_owned(),
            reason: "It has no code or name, only a text; it was kept with its text.".to_owned(),
        }],
        notes: vec!["Where 3 pictures were taken was left out.".to_owned()],
        ..ImportReport::from(account())
    }
}

fn refused() -> ImportReport {
    let error = Some("The file is cut short. Nothing of it was imported. Download it again.".to_owned());
    ImportReport::from(ImportAccount {
        file: "broken.zip".to_owned(),
        format: String::new(),
        entries: 0,
        imported: 0,
        already_present: 0,
        narrative_only: 0,
        skipped: vec![],
        error,
        at: 1_777_820_000,
    })
}

/// An account of which every text is hostile.
pub(super) fn hostile() -> ImportReport {
    let text = || HOSTILE.to_owned();
    let entry = SkippedEntry { path: text(), reason: text() };
    ImportReport {
        folder: text(),
        as_text: vec![entry.clone()],
        notes: vec![text()],
        ..ImportReport::from(ImportAccount { file: text(), format: text(), skipped: vec![entry], ..account() })
    }
}

fn file(name: &str, folder: &str, bytes: u64) -> ImportFile {
    ImportFile { name: name.to_owned(), folder: folder.to_owned(), bytes }
}

fn running() -> Running {
    let mut running = Running::new(vec![
        file("hospital-export.json", "downloads/2026", 5_200_000),
        file("broken.zip", "downloads", 90_000),
        file("glucose.csv", "downloads", 12_000),
        file("export.zip", "downloads/apple", 812_000_000),
        file("letter.pdf", "downloads", 345_000),
        file("scan.jpg", "downloads", 2_300_000),
        file("IMG_0815.jpg", "downloads", 2_300_000),
    ]);
    let states = [
        FileState::Ended(Box::new(report())),
        FileState::Ended(Box::new(refused())),
        FileState::Asks(Box::new(table())),
        FileState::Reading { done: 310_000_000, total: 812_000_000, unit: CountUnit::Bytes },
    ];
    for (number, state) in states.into_iter().enumerate() {
        running.hear(FileProgress { number: u32::try_from(number).unwrap(), state });
    }
    running
}

fn table() -> ImportQuestion {
    let column = |title: &str, role| TableColumn { title: title.to_owned(), role };
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    ImportQuestion {
        id: "q1".to_owned(),
        file: file("glucose.csv", "downloads", 12_000),
        about: QuestionAbout::Table(TableQuestion {
            columns: vec![
                column("Datum", ColumnRole::Date),
                column("Zeit", ColumnRole::Time),
                column("Wert", ColumnRole::Value),
                column("", ColumnRole::Ignore),
            ],
            rows: vec![row(["03.05.2026", "07:10", "5,4", "x"]), row(["04.05.2026", "07:25", "5,9", ""])],
            total: 412,
            dates: DateOrder::DayMonthYear,
            dates_certain: false,
        }),
    }
}

fn link(wrong: bool) -> ImportQuestion {
    let about = LinkQuestion {
        label: "Vaccinations".to_owned(),
        host: "health.example.org".to_owned(),
        wrong,
        tries_left: wrong.then_some(2),
    };
    ImportQuestion { id: "q2".to_owned(), file: file("SMART Health Link", "", 0), about: QuestionAbout::Link(about) }
}

fn picture(name: &str) -> ImportQuestion {
    ImportQuestion { id: name.to_owned(), file: file(name, "downloads", 2_300_000), about: QuestionAbout::Location }
}

#[test]
fn every_file_of_a_run_says_how_far_it_is() {
    let html = render("importing", || rsx! { RunView { running: running() } });
    for words in [
        "Adding file 4 of 7",
        "312 new records so far",
        "Could not be added",
        "Needs an answer from you",
        "310.0 MB of 812.0 MB",
        "Waiting",
        "files that are done stay",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let one = render("importing-one", || {
        let mut running = Running::new(vec![file("a.json", "", 5_000)]);
        running.hear(FileProgress {
            number: 0,
            state: FileState::Reading { done: 700, total: 2_000, unit: CountUnit::Entries },
        });
        rsx! { RunView { running } }
    });
    assert!(one.contains("Adding a.json") && one.contains("700 of 2000 entries"));
    let stopping =
        render("importing-stopping", || rsx! { RunView { running: Running { stopping: true, ..running() } } });
    assert!(stopping.contains("Stopping. The file being read is undone"));
}

#[test]
fn every_entry_of_a_file_is_accounted_for_in_plain_words() {
    let html = render("imports", || {
        let run = ImportRun { reports: vec![report()], others: 3, ..ImportRun::default() };
        rsx! { Finished { run } Former { reports: vec![refused()], alone: false } }
    });
    for words in [
        "3 new records may be about somebody else",
        "312 records were added.",
        "3 were there already.",
        "1 was kept as text only.",
        "4 documents and pictures were kept.",
        "2 could not be read.",
        "What 2 entries could not be read, and why",
        "Bundle.entry[204].resource",
        "Where 3 pictures were taken was left out.",
        "Save this account",
        "Your records are as they were before.",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn several_files_have_their_sums() {
    let html = render("imports-many", || {
        let run = ImportRun { reports: vec![report(), report(), refused()], ..ImportRun::default() };
        rsx! { Finished { run } }
    });
    assert!(html.contains("3 files together") && html.contains("624 records were added."));
    assert!(html.contains("1 file could not be added") && html.contains("500"));
}

#[test]
fn a_stopped_run_says_what_stays_and_what_was_undone() {
    let html = render("imports-stopped", || {
        let undone = ImportReport {
            stopped: true,
            ..ImportReport::from(ImportAccount { file: "export.zip".to_owned(), ..account() })
        };
        let run = ImportRun { reports: vec![report(), undone], stopped: true, not_begun: 3, ..ImportRun::default() };
        rsx! { Finished { run } }
    });
    for words in [
        "You stopped",
        "1 file was finished. It stays.",
        "export.zip was undone as a whole.",
        "3 files were not begun.",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("624"), "what was undone is in no sum");
}

#[test]
fn questions_have_all_that_is_needed_to_answer_them() {
    let html = render("imports-questions", || {
        let questions = vec![table(), link(true), picture("IMG_1.jpg"), picture("IMG_2.jpg")];
        rsx! { Now { running: None, questions, finished: None } }
    });
    for words in [
        "It has 412 rows.",
        "03.05.2026",
        "Column 4",
        "How are the dates written?",
        "What was measured?",
        "In which unit?",
        "health.example.org",
        "2 tries are left",
        "2 pictures say where they were taken",
        "Leave out where it was taken",
        "Leave this file out",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(html.contains("type=\"password\""), "a passcode is not shown");
    // What the rows do not prove is left to be chosen.
    let choose = html.find("Choose…").unwrap();
    assert!(
        choose < html.find("Day, month, year").unwrap() && html.contains("whether the day or the month comes first")
    );
    let dates = &html[html.find("id=\"q1-dates\"").unwrap()..];
    let chosen = dates.find("selected").unwrap();
    assert!(chosen < dates.find("Choose…").unwrap(), "{dates}");
    // Several questions stand on one page.
    for id in ["q1-table-kind", "q1-table-unit", "q1-table-remember", "q2-link-passcode"] {
        assert_eq!(html.matches(&format!("id=\"{id}\"")).count(), 1, "{id}: {html}");
    }
}

fn found(question: &str) -> FoundLink {
    FoundLink {
        question: question.to_owned(),
        kind: FoundKind::Records,
        path: String::new(),
        label: "Vaccinations".to_owned(),
        host: "health.example.org".to_owned(),
    }
}

fn offered() -> Vec<ImportQuestion> {
    let about = QuestionAbout::FoundLink(found("q3"));
    vec![ImportQuestion { id: "q3".to_owned(), file: file("letter.pdf", "downloads", 345_000), about }]
}

#[test]
fn a_link_in_a_file_is_offered_beside_its_account_and_never_opened_by_itself() {
    let beside = render("imports-link", || {
        let held = ImportReport { links: vec![found("q3")], ..report() };
        let finished = Some(ImportRun { reports: vec![held], ..ImportRun::default() });
        rsx! { Now { running: None, questions: offered(), finished } }
    });
    for words in ["There is a link to more records in it", "health.example.org", "Vaccinations", "Nothing was opened"] {
        assert!(beside.contains(words), "{words}");
    }
    assert_eq!(beside.matches("Open the link").count(), 1, "once, beside its file");
    // Where the account is gone from the screen, or a file was nothing but a link, it is a question as others are.
    let alone = render("imports-link-alone", || {
        rsx! { Now { running: None, questions: offered(), finished: None } }
    });
    assert!(alone.contains("letter.pdf") && alone.contains("Open the link") && alone.contains("Not now"));
    // A withdrawal card is no link to records: it is offered as what it is.
    let card = render("imports-card", || {
        let card = FoundLink { kind: FoundKind::Card, ..found("q3") };
        let about = QuestionAbout::FoundLink(card);
        let file = file("card.png", "downloads", 9_000);
        let questions = vec![ImportQuestion { id: "q3".to_owned(), file, about }];
        rsx! { Now { running: None, questions, finished: None } }
    });
    assert!(card.contains("A withdrawal card") && card.contains("Stop this share") && !card.contains("Open the link"));
    assert!(card.contains("id=\"q3-stop\"") && card.contains("id=\"q3-stop-outcome\""), "{card}");
    // An account of long ago only says how to be asked again.
    let former = render("imports-link-former", || {
        rsx! { Former { reports: vec![ImportReport { links: vec![found("")], ..report() }], alone: true } }
    });
    assert!(!former.contains("Open the link") && former.contains("Add the file again"));
}

#[test]
fn what_can_be_added_and_how_is_said_without_a_file() {
    let html = render("add", || rsx! { AddPage {} });
    for words in ["Choose files", "Choose a folder", "Add from a code", "Add something myself", "Vaccination", "CSV"] {
        assert!(html.contains(words), "{words}");
    }
    let code = render("add-code", || rsx! { CodePage {} });
    assert!(code.contains("shc:/") && code.contains("knows that somebody opened it"));
}

#[test]
fn no_import_yet_offers_the_first_step() {
    let html = render("imports-empty", || rsx! { Former { reports: vec![], alone: true } });
    assert!(html.contains("No files yet") && html.contains("#/add"));
}
