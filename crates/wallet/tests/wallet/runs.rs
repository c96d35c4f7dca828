//! Runs of the interface: many kinds of files, questions and their answers, pasted codes, links of others.

use crate::support::{Listener, Operator, draft, eventually, filled, options, passphrase};
use carnet_wallet::bridge::{
    Answer, ColumnRole, DateOrder, Event, FailureCode, FileState, ImportAnswer, ImportRun, ImportSource, Passphrase,
    Pasted, QuestionAbout, RecordFilter, Reply, Request, Settings, ShareDraft, SharePreset, TableAnswer,
};
use carnet_wallet::{Host, Quiet, Wallet, WalletOptions};
use std::path::{Path, PathBuf};

async fn empty(folder: &Path) -> Wallet {
    let wallet = Wallet::new(folder.join("wallet"), options());
    wallet.create(&passphrase(), "").await.unwrap();
    wallet
}

async fn run(wallet: &Wallet, from: ImportSource, host: &dyn Host) -> ImportRun {
    match wallet.handle(Request::ImportFiles(from), host).await.unwrap() {
        Reply::ImportRun(run) => run,
        other => panic!("{other:?}"),
    }
}

async fn answer(wallet: &Wallet, question: &str, answer: Answer) -> ImportRun {
    let answers = vec![ImportAnswer { question: question.to_owned(), answer }];
    match wallet.handle(Request::AnswerImport { answers }, &Quiet).await.unwrap() {
        Reply::ImportRun(run) => run,
        other => panic!("{other:?}"),
    }
}

fn paths(files: &[PathBuf]) -> ImportSource {
    ImportSource::Paths(files.iter().map(|path| path.to_string_lossy().into_owned()).collect())
}

async fn total(wallet: &Wallet) -> u64 {
    wallet.records(&RecordFilter::default()).await.unwrap().total
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_anything_ends_file_by_file_and_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let files = folder.path().join("from the hospital");
    std::fs::create_dir_all(files.join("letters")).unwrap();
    let spec = carnet_records::generator::PatientSpec { seed: 3, resources: 60, ..Default::default() };
    let patient = carnet_records::generator::patient(&spec);
    std::fs::write(files.join("a.json"), patient.to_string()).unwrap();
    std::fs::write(files.join("letters/b.xml"), carnet_records::generator::ccda::document(&patient)).unwrap();
    std::fs::write(files.join("c.png"), b"\x89PNG\r\n\x1a\nno picture at all").unwrap();
    std::fs::write(files.join("d.txt"), "nothing that could be read").unwrap();

    let listener = Listener::new(|_: &Event| {});
    let run = run(&wallet, paths(&[files]), &listener).await;
    let told: Vec<_> = run
        .reports
        .iter()
        .map(|report| (report.folder.as_str(), report.account.file.as_str(), report.account.error.is_some()))
        .collect();
    assert_eq!(
        told,
        [("", "a.json", false), ("", "c.png", false), ("", "d.txt", true), ("letters", "letters/b.xml", false)]
    );
    assert_eq!(run.reports[0].categories.iter().map(|count| count.count).sum::<u64>(), run.reports[0].account.imported);
    assert!(run.reports[3].account.imported > 20, "{:?}", run.reports[3]);
    assert!(run.questions.is_empty() && !run.stopped && run.not_begun == 0);

    let heard = listener.heard();
    assert!(matches!(&heard[0], Event::ImportStarted { files } if files.len() == 4));
    assert!(matches!(heard.last(), Some(Event::ImportEnded(ended)) if *ended == run));
    let ended = heard
        .iter()
        .filter(|event| matches!(event, Event::ImportFile(progress) if matches!(progress.state, FileState::Ended(_))));
    assert_eq!(ended.count(), 4);

    let Reply::ImportReports(kept) = wallet.handle(Request::ImportReports, &Quiet).await.unwrap() else { panic!() };
    assert_eq!(kept.len(), 3, "what was refused is in no vault");
    assert!(kept.iter().all(|report| !report.id.is_empty()));
    assert_eq!(kept[2].id, run.reports[0].id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_can_be_read_in_two_ways_is_asked_about_once() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let table = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("taken,reading\n{rows}")).unwrap();
        path
    };
    let first = table("first.csv", "01/02/2026,72.5\n03/04/2026,71.0\n");
    let asked = run(&wallet, paths(&[first]), &Quiet).await;
    assert!(asked.reports.is_empty());
    let question = &asked.questions[0];
    let QuestionAbout::Table(about) = &question.about else { panic!("{question:?}") };
    assert_eq!(about.columns.len(), 2);
    assert!(!about.dates_certain);
    assert_eq!(total(&wallet).await, 0);

    let explained = |unit: &str, roles: Vec<ColumnRole>| {
        Answer::Table(TableAnswer {
            roles,
            dates: DateOrder::DayMonthYear,
            unit: unit.to_owned(),
            kind: "weight".to_owned(),
            remember: true,
        })
    };
    let no_date = explained("kg", vec![ColumnRole::Ignore, ColumnRole::Value]);
    let answers = vec![ImportAnswer { question: question.id.clone(), answer: no_date }];
    let refused = wallet.handle(Request::AnswerImport { answers }, &Quiet).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::Invalid);

    let run_of_answer = answer(&wallet, &question.id, explained("kg", vec![ColumnRole::Date, ColumnRole::Value])).await;
    assert_eq!(run_of_answer.reports[0].account.imported, 2, "{run_of_answer:?}");
    let lines = wallet.records(&RecordFilter::default()).await.unwrap().lines;
    assert_eq!(lines[0].date.as_deref().map(|date| &date[..10]), Some("2026-04-03"));
    assert!(lines[0].detail.starts_with("71.0"), "{:?}", lines[0]);

    let second = table("second.csv", "05/06/2026,70.2\n");
    let again = run(&wallet, paths(&[second]), &Quiet).await;
    assert!(again.questions.is_empty(), "its columns were explained before");
    assert_eq!(again.reports[0].account.imported, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_gone_once_it_was_answered_or_the_vault_was_locked() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let path = folder.path().join("table.csv");
    std::fs::write(&path, "taken,reading\n01/02/2026,72.5\n").unwrap();
    let id = run(&wallet, paths(std::slice::from_ref(&path)), &Quiet).await.questions.remove(0).id;
    assert_eq!(answer(&wallet, &id, Answer::Dismiss).await, ImportRun::default());
    let dismiss =
        |question: String| Request::AnswerImport { answers: vec![ImportAnswer { question, answer: Answer::Dismiss }] };
    assert_eq!(wallet.handle(dismiss(id), &Quiet).await.unwrap_err().code, FailureCode::NotFound);

    let id = run(&wallet, paths(&[path]), &Quiet).await.questions.remove(0).id;
    wallet.lock().await.unwrap();
    wallet.unlock(&passphrase()).await.unwrap();
    assert_eq!(wallet.handle(dismiss(id), &Quiet).await.unwrap_err().code, FailureCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn pasted_codes_are_files_and_what_is_no_code_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let text = "HC1:NOT A CERTIFICATE\nshc:/567629095243206034602924374044603122295953265460346029254077280433602870286471674522280928613331456437653141590640220306450459085643550341424541364037063665417137241236380304375622046737407532323925433443326057360104\nsomething else";
    let run = run(&wallet, ImportSource::Pasted(Pasted(text.to_owned())), &Quiet).await;
    let names: Vec<_> = run.reports.iter().map(|report| report.account.file.as_str()).collect();
    assert_eq!(names, ["Health certificate", "Pasted text", "SMART Health Card"]);
    assert_eq!(run.reports[0].account.skipped.len(), 1);
    assert!(run.reports[1].account.error.is_some());
    assert_eq!(run.reports[2].account.skipped.len(), 1);
    assert_eq!(total(&wallet).await, 0);

    let long = "x".repeat(carnet_wallet::bridge::PASTED_BYTES + 1);
    let request = Request::ImportFiles(ImportSource::Pasted(Pasted(long)));
    assert_eq!(wallet.handle(request, &Quiet).await.unwrap_err().code, FailureCode::File);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_import_runs_at_a_time_and_what_is_refused_meanwhile_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = std::sync::Arc::new(empty(folder.path()).await);
    let (table, letter) = (folder.path().join("table.csv"), folder.path().join("letter.txt"));
    std::fs::write(&table, "taken,reading\n01/02/2026,72.5\n").unwrap();
    std::fs::write(
        &letter,
        "Dear Ada, all is well: your blood and your heart are as they should be. Come again in a year.",
    )
    .unwrap();
    let id = run(&wallet, paths(std::slice::from_ref(&table)), &Quiet).await.questions.remove(0).id;

    // One that stands still at its beginning.
    let (began, begun) = std::sync::mpsc::channel();
    let (go_on, wait) = std::sync::mpsc::channel();
    let wait = std::sync::Mutex::new(wait);
    let listener = Listener::new(move |event: &Event| {
        if matches!(event, Event::ImportStarted { .. }) {
            began.send(()).unwrap();
            wait.lock().unwrap().recv().unwrap();
        }
    });
    let (running, from) = (std::sync::Arc::clone(&wallet), paths(std::slice::from_ref(&letter)));
    let first = tokio::spawn(async move { run(&running, from, &listener).await });
    tokio::task::spawn_blocking(move || begun.recv().unwrap()).await.unwrap();

    let second = wallet.handle(Request::ImportFiles(paths(std::slice::from_ref(&table))), &Quiet).await.unwrap_err();
    assert_eq!(second.code, FailureCode::Busy);
    let pasted = Request::ImportFiles(ImportSource::Pasted(Pasted("shc:/1".to_owned())));
    assert_eq!(wallet.handle(pasted, &Quiet).await.unwrap_err().code, FailureCode::Busy);
    let hears = Listener::new(|_: &Event| {});
    wallet.import_dropped(vec![table.to_string_lossy().into_owned()], &hears).await;
    assert_eq!(hears.heard(), [Event::DropRefused(second)], "nobody waits for a reply");
    let answers = vec![ImportAnswer { question: id.clone(), answer: Answer::Dismiss }];
    let early = wallet.handle(Request::AnswerImport { answers }, &Quiet).await.unwrap_err();
    assert_eq!(early.code, FailureCode::Busy);

    go_on.send(()).unwrap();
    assert_eq!(first.await.unwrap().reports[0].account.imported, 1);
    answer(&wallet, &id, Answer::Dismiss).await;
}

/// Somebody with records and a relay, and a visit to be shared behind the passcode 4711.
async fn giver(folder: &Path) -> (Wallet, Operator, ShareDraft) {
    let giver_folder = folder.join("giver");
    std::fs::create_dir_all(&giver_folder).unwrap();
    let giver = filled(&giver_folder, 120).await;
    let relay = Operator::of(&giver, folder).await;
    let passcode = Some("4711".to_owned());
    (giver, relay, ShareDraft { passcode, ..draft(SharePreset::Visit) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_somebody_else_is_opened_with_its_passcode_and_imported() {
    let folder = tempfile::tempdir().unwrap();
    let (giver, mut relay, with_passcode) = giver(folder.path()).await;
    let share = giver.share(&with_passcode).await.unwrap();

    let taker = empty(folder.path()).await;
    let asked = run(&taker, ImportSource::Pasted(Pasted(share.link.clone())), &Quiet).await;
    let QuestionAbout::Link(about) = &asked.questions[0].about else { panic!("{asked:?}") };
    assert!(!about.wrong && about.host.starts_with("127.0.0.1"));

    let wrong = answer(&taker, &asked.questions[0].id, Answer::Passcode(Passphrase::new("0000".to_owned()))).await;
    let QuestionAbout::Link(about) = &wrong.questions[0].about else { panic!("{wrong:?}") };
    assert!(about.wrong && about.tries_left.is_some());

    let right = answer(&taker, &wrong.questions[0].id, Answer::Passcode(Passphrase::new("4711".to_owned()))).await;
    let account = &right.reports[0].account;
    assert!(account.error.is_none() && account.imported > 10, "{account:?}");
    assert!(account.format.starts_with("SMART Health Link"), "{}", account.format);
    assert!(total(&taker).await > 10);
    eventually("the giver sees who looked", || async {
        giver.openings().await.unwrap().iter().any(|opening| opening.served).then_some(())
    })
    .await;
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_link_to_this_machine_is_opened_by_who_typed_it_and_ones_own_relays_anyway() {
    let folder = tempfile::tempdir().unwrap();
    let (giver, mut relay, _) = giver(folder.path()).await;
    let link = giver.share(&draft(SharePreset::Desk)).await.unwrap().shlink;
    let options = WalletOptions { loopback_links: false, ..options() };
    let taker = Wallet::new(folder.path().join("careful"), options);
    taker.create(&passphrase(), "").await.unwrap();
    let refused = taker.import_shared(&link, None, false).await.unwrap_err().to_string();
    assert!(refused.contains("https is needed"), "{refused}");
    assert!(giver.openings().await.unwrap().is_empty(), "nothing was asked");
    assert!(taker.import_shared(&link, None, true).await.unwrap().imported > 10);
    let own = giver.settings().await.unwrap().relay;
    assert!(own.starts_with("http://127.0.0.1"), "{own}");
    taker.change_settings(Settings { relay: own, ..taker.settings().await.unwrap() }).await.unwrap();
    taker.import_shared(&link, None, false).await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_a_file_is_asked_about_and_opened_only_when_the_person_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (giver, mut relay, with_passcode) = giver(folder.path()).await;
    let link = giver.share(&with_passcode).await.unwrap().shlink;

    // A letter is kept; a note that holds the link alone is nothing to keep.
    let (letter, note) = (folder.path().join("letter.rtf"), folder.path().join("note.txt"));
    std::fs::write(&letter, format!("{{\\rtf1 Dear Ada,\\par your records: {link}\\par }}")).unwrap();
    std::fs::write(&note, format!("{link}\n")).unwrap();
    assert_eq!(carnet_wallet::link_in_file(&letter).unwrap().as_str(), link);

    let taker = empty(folder.path()).await;
    let asked = run(&taker, paths(&[letter.clone(), note.clone()]), &Quiet).await;
    assert_eq!((asked.reports.len(), asked.questions.len()), (1, 1), "the same link is one question: {asked:?}");
    let (report, question) = (&asked.reports[0], &asked.questions[0]);
    assert!(report.account.imported == 1 && report.links.len() == 1, "{report:?}");
    assert_eq!(report.links[0].question, question.id);
    assert!(report.links[0].host.starts_with("127.0.0.1"));
    assert!(matches!(&question.about, QuestionAbout::FoundLink(about) if about.question == question.id));
    assert!(!giver.openings().await.unwrap().iter().any(|opening| opening.served), "nothing was opened by itself");
    let secret = link.strip_prefix("shlink:/").unwrap();
    assert!(!serde_json::to_string(&asked).unwrap().contains(secret), "the interface is not given the link");

    // What the vault keeps of the import names where the link leads, not the link, and no question.
    let Reply::ImportReports(kept) = taker.handle(Request::ImportReports, &Quiet).await.unwrap() else { panic!() };
    assert_eq!(kept[0].links[0].host, report.links[0].host);
    assert!(kept[0].links[0].question.is_empty() && !serde_json::to_string(&kept).unwrap().contains(secret));

    // An answer that does not fit leaves the question open; the right one asks for the passcode.
    let answers = vec![ImportAnswer { question: question.id.clone(), answer: Answer::KeepLocation }];
    let refused = taker.handle(Request::AnswerImport { answers }, &Quiet).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::Invalid);
    let wants = answer(&taker, &question.id, Answer::OpenLink).await;
    assert!(matches!(&wants.questions[0].about, QuestionAbout::Link(about) if !about.wrong), "{wants:?}");
    let passcode = Answer::Passcode(Passphrase::new("4711".to_owned()));
    let opened = answer(&taker, &wants.questions[0].id, passcode).await;
    let account = &opened.reports[0].account;
    assert!(account.error.is_none() && account.imported > 10, "{account:?}");

    // A network that is away is no answer: the question stays.
    let asked = run(&taker, paths(&[note]), &Quiet).await;
    assert!(asked.reports.is_empty() && asked.questions.len() == 1);
    relay.away().await;
    let wants = answer(&taker, &asked.questions[0].id, Answer::OpenLink).await;
    let passcode = Answer::Passcode(Passphrase::new("4711".to_owned()));
    let away = answer(&taker, &wants.questions[0].id, passcode).await;
    assert!(away.reports[0].account.error.is_some(), "{away:?}");
    assert_eq!(away.reports[0].links[0].question, away.questions[0].id);
    taker.lock().await.unwrap();
    taker.unlock(&passphrase()).await.unwrap();
    let answers = vec![ImportAnswer { question: away.questions[0].id.clone(), answer: Answer::OpenLink }];
    let forgotten = taker.handle(Request::AnswerImport { answers }, &Quiet).await.unwrap_err();
    assert_eq!(forgotten.code, FailureCode::NotFound, "a locked wallet knows no link");
}
