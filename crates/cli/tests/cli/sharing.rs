//! Sharing with a relay at hand.

use crate::carnet::{Carnet, DONE, FAILED, Relay, USAGE, run_bare};

fn share_with(carnet: &Carnet, relay: &Relay, more: &[&str]) -> serde_json::Value {
    let args = [&["share", "--relay", relay.url.as_str(), "--for", "Dr Example", "--expires", "15m"], more].concat();
    carnet.run(&args).expect(DONE).json()
}

#[test]
fn a_share_from_its_beginning_to_its_end() {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    // Nothing leaves a wallet that was told of no relay.
    carnet.run(&["share", "--for", "Dr Example"]).expect(USAGE);
    let share = share_with(&carnet, &relay, &["--openings", "50"]);
    let (id, link) = (share["id"].as_str().unwrap(), share["link"].as_str().unwrap());
    assert!(link.starts_with("shlink:/"), "{link}");
    assert_eq!(share["viewer"], format!("{}/view#{link}", relay.url));
    assert_eq!(share["status"], "live");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(share["expires"].as_u64().unwrap().abs_diff(now + 900) < 60);

    carnet.wait_for_proof(id, &carnet.text_path("proof"));
    let read = run_bare(&["open", link, "--as", "Dr Example", "--json"]).expect(DONE).json();
    assert_eq!(read["standing"], "good", "{read:#}");
    assert!(read["entries"].as_u64().unwrap() > 3);
    for statement in ["signature", "entries_unaltered", "in_time", "named_by_link", "in_ledger", "not_withdrawn"] {
        assert_eq!(read["verification"][statement], "checked", "{statement}");
    }
    // Behind the viewer's address it does as well.
    run_bare(&["open", share["viewer"].as_str().unwrap(), "--as", "Nurse Sample", "--json"]).expect(DONE);

    let opened = carnet.run(&["opened"]).expect(DONE).json();
    let openings = opened.as_array().unwrap();
    assert!(openings.iter().any(|opening| opening["recipient"] == "Nurse Sample"));
    assert!(openings.iter().all(|opening| opening["id"] == id && opening["at"].as_u64().unwrap().abs_diff(now) < 300));
    let shares = carnet.run(&["shares"]).expect(DONE).json();
    assert_eq!((&shares[0]["id"], &shares[0]["recipient"]), (&share["id"], &"Dr Example".into()));
    assert_eq!(shares[0]["openings"].as_u64().unwrap(), openings.len() as u64);

    assert_eq!(carnet.run(&["withdraw", id]).expect(DONE).json()["status"], "stopped");
    carnet.run(&["withdraw", id]).expect(DONE);
    run_bare(&["open", link, "--as", "Dr Example", "--json"]).expect(FAILED);
    assert_eq!(carnet.run(&["shares"]).expect(DONE).json()[0]["status"], "stopped");
    assert_eq!(carnet.run(&["withdraw", &"0".repeat(32)]).expect(FAILED).error(), "not_found");
}

#[test]
fn whoever_has_the_card_can_stop_the_share_and_nothing_else() {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    let share = share_with(&carnet, &relay, &[]);
    let (id, link) = (share["id"].as_str().unwrap(), share["link"].as_str().unwrap());
    let png = carnet.text_path("card.png");
    let card = carnet.run(&["card", id, "--qr-png", &png]).expect(DONE).json();
    assert!(std::path::Path::new(&png).is_file());
    let (page, code) = (card["link"].as_str().unwrap(), card["code"].as_str().unwrap());
    assert!(page.ends_with(&format!("/view#carnet-stop:{code}")), "{page}");

    // It opens nothing, a slip of the pen stops nothing, and the code alone must say where.
    run_bare(&["open", page, "--as", "Somebody", "--json"]).expect(FAILED);
    let slip = code.replacen(code.chars().next().unwrap(), if code.starts_with('7') { "8" } else { "7" }, 1);
    assert!(run_bare(&["withdraw", "--card", &slip, "--json"]).expect(FAILED).stderr.contains("Nothing was stopped"));
    run_bare(&["withdraw", "--card", code, "--json"]).expect(FAILED);
    let other = Relay::start(&carnet.path("other-relay"), "127.0.0.1:0");
    let wrong = run_bare(&["--relay", &other.url, "withdraw", "--card", code, "--json"]).expect(FAILED);
    assert_eq!(wrong.json()["ended"], false);
    run_bare(&["open", link, "--as", "Dr Example", "--json"]).expect(DONE);

    let stopped = run_bare(&["withdraw", "--card", &page.to_lowercase(), "--json"]);
    assert_eq!(stopped.expect(DONE).json()["ended"], true);
    run_bare(&["withdraw", "--card", page, "--json"]).expect(DONE);
    run_bare(&["open", link, "--as", "Dr Example", "--json"]).expect(FAILED);
    // The patient's wallet learns of it.
    let shares = carnet.run(&["shares"]).expect(DONE).json();
    assert_eq!((&shares[0]["status"], &shares[0]["elsewhere"]), (&"stopped".into(), &"stopped".into()));
    carnet.run(&["card", id]).expect(FAILED);
}

#[test]
fn a_passcode_is_asked_for_and_openings_are_counted() {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    let share = share_with(&carnet, &relay, &["--passcode", "4711", "--openings", "1"]);
    let link = share["link"].as_str().unwrap();
    assert_eq!(share["passcode"], true);
    let open = |more: &[&str]| run_bare(&[&["open", link, "--as", "Dr Example", "--json"], more].concat());
    open(&[]).expect(FAILED);
    open(&["--passcode", ""]).expect(FAILED);
    assert!(open(&["--passcode", "0000"]).expect(FAILED).stderr.contains("tries are left"));
    open(&["--passcode", "4711"]).expect(DONE);
    open(&["--passcode", "4711"]).expect(FAILED);
    let opened = carnet.run(&["opened"]).expect(DONE).json();
    let served = opened.as_array().unwrap().iter().filter(|opening| opening["outcome"] == "served").count();
    assert_eq!(served, 1);
    let asked = opened.as_array().unwrap().iter().filter(|opening| opening["reason"] == "passcode_missing").count();
    assert_eq!(asked, 1, "who asked without the passcode is there too: {opened}");
}

#[test]
fn a_passcode_is_shown_again_with_the_link_and_only_then() {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    let share = share_with(&carnet, &relay, &["--preset", "visit"]);
    let (id, made) = (share["id"].as_str().unwrap(), share["made_passcode"].as_str().unwrap());
    assert_eq!(made.len(), 6);
    assert_eq!(carnet.run(&["show-link", id]).expect(DONE).json()["known_passcode"], made);
    let shown = carnet.run_as_person(&["show-link", id]).expect(DONE).stdout;
    assert!(shown.contains(&format!("Passcode: {made}")), "{shown}");
    for asked in [&["pause", id], &["resume", id]] {
        assert!(carnet.run(asked).expect(DONE).json().get("known_passcode").is_none());
    }
}

#[test]
fn a_relay_on_this_device_is_said_to_lead_nobody_else_anywhere() {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    assert_eq!(share_with(&carnet, &relay, &[])["only_here"], true);
    let told = carnet.run_as_person(&["share", "--for", "Dr Example"]).expect(DONE).stdout;
    assert!(told.contains("works on this device only"), "{told}");
}

#[test]
fn who_does_not_say_a_name_opens_under_the_wallets_or_none() {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    let share = share_with(&carnet, &relay, &["--passcode", "4711"]);
    let open = ["open", share["link"].as_str().unwrap(), "--passcode", "4711"];
    assert!(run_bare(&open).expect(DONE).stdout.contains("opened by Carnet in a terminal"));
    let reader = Carnet::new();
    assert!(reader.run(&open).expect(DONE).json()["entries"].as_u64().unwrap() > 3);
    // A wallet that cannot be opened keeps nobody from reading.
    std::fs::write(carnet.path("other"), "another passphrase\n").unwrap();
    reader.run_with(&carnet.path("other"), &open).expect(DONE);
    let opened = carnet.run(&["opened"]).expect(DONE).json();
    let mut names: Vec<&str> =
        opened.as_array().unwrap().iter().map(|opening| opening["recipient"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Ana Example", "Carnet in a terminal", "Carnet in a terminal"]);
}

#[test]
fn blanks_around_a_passcode_do_not_count() {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    for short in ["    ", " 47 ", "\t471\n"] {
        let refused = carnet.run(&["share", "--relay", &relay.url, "--passcode", short]).expect(FAILED);
        assert_eq!(refused.error(), "invalid");
    }
    // The viewer leaves away the blanks around what is typed, so the passcode has none.
    let share = share_with(&carnet, &relay, &["--passcode", " 47 11 "]);
    for typed in ["47 11", " 47 11 ", "47 11\n"] {
        let link = share["link"].as_str().unwrap();
        run_bare(&["open", link, "--as", "Dr Example", "--passcode", typed, "--json"]).expect(DONE);
    }
}

#[test]
fn the_qr_codes_hold_the_link() {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    let (png, svg) = (carnet.text_path("qr.png"), carnet.text_path("qr.svg"));
    let share = share_with(&carnet, &relay, &["--qr-png", &png, "--qr-svg", &svg]);
    let mut reader = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(png).unwrap())).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (info.width as usize, info.height as usize);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let (_, content) = image.detect_grids()[0].decode().unwrap();
    assert_eq!(content, share["viewer"].as_str().unwrap());
    assert!(std::fs::read_to_string(svg).unwrap().starts_with("<svg"));
    let shown = carnet.run_as_person(&["share", "--for", "Dr Example"]).expect(DONE).stdout;
    assert!(shown.contains('█') && shown.contains("#shlink:/"));
}

#[test]
fn a_picture_of_a_code_and_a_letter_with_a_link_are_opened_only_when_asked() {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    let png = carnet.text_path("qr.png");
    let share = share_with(&carnet, &relay, &["--qr-png", &png]);
    let link = share["link"].as_str().unwrap();
    let (letter, both, none) =
        (carnet.text_path("letter.txt"), carnet.text_path("page.html"), carnet.text_path("no.txt"));
    std::fs::write(&letter, format!("Dear Dr Example,\nplease see {}\nAna", share["viewer"].as_str().unwrap()))
        .unwrap();
    std::fs::write(&both, format!("<!doctype html><a href=\"{}\">{link}</a>", share["viewer"].as_str().unwrap()))
        .unwrap();
    std::fs::write(&none, "Dear Dr Example").unwrap();

    // The picture is kept, the link is told and not opened.
    let taker = Carnet::new();
    let account = taker.run(&["import", &png]).expect(DONE).json();
    let found = &account["files"][0]["links"][0];
    assert_eq!((&found["kind"], &found["host"]), (&"records".into(), &relay.address().into()));
    assert!(!account.to_string().contains(&link[10..40]), "the link is a key");
    assert_eq!(account["imported"], 1);
    assert_eq!(taker.run(&["records"]).expect(DONE).json()["records"][0]["category"], "document");
    let person = taker.run_as_person(&["import", "--dry-run", &png]).expect(DONE).stdout;
    assert!(person.contains("SMART Health Link") && person.contains("carnet open FILE --import"), "{person}");
    assert!(!person.contains(&link[10..40]), "{person}");
    for (file, told) in [(&letter, "SMART Health Link"), (&none, "not a health record")] {
        let refused = taker.run(&["import", file]).expect(FAILED).json();
        assert!(refused["files"][0]["error"].as_str().unwrap().contains(told), "{refused}");
    }
    assert_eq!(carnet.run(&["opened"]).expect(DONE).json(), serde_json::json!([]));

    for file in [&png, &letter, &both] {
        // A stranger's picture could name whatever listens on this machine.
        run_bare(&["open", file, "--as", "Dr Example", "--json"]).expect(FAILED);
        let opened = run_bare(&["open", file, "--this-machine", "--as", "Dr Example", "--json"]).expect(DONE).json();
        assert!(opened["entries"].as_u64().unwrap() > 3);
    }
    run_bare(&["open", &none, "--as", "Dr Example", "--json"]).expect(FAILED);
    // Only who asks for the link is shown it.
    assert_eq!(run_bare(&["open", &png, "--links", "--json"]).expect(DONE).json()["links"][0], link);
    run_bare(&["open", &none, "--links"]).expect(FAILED);
    assert!(
        taker.run(&["open", &png, "--import", "--this-machine"]).expect(DONE).json()["imported"].as_u64().unwrap() > 3
    );
    assert_eq!(carnet.run(&["opened"]).expect(DONE).json().as_array().unwrap().len(), 4);
}

#[test]
fn a_proof_is_checked_without_network_and_vault() {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    let share = share_with(&carnet, &relay, &[]);
    let id = share["id"].as_str().unwrap();
    let folder = carnet.text_path("proof");
    carnet.wait_for_proof(id, &folder);
    drop(relay);
    let verify = || run_bare(&["verify", &folder, "--json"]);
    let verified = verify().expect(DONE).json();
    assert_eq!(verified["standing"], "good", "{verified:#}");

    // Without the list of withdrawals nothing is claimed about them.
    let withdrawals = carnet.path("proof/withdrawals.json");
    let kept = std::fs::read(&withdrawals).unwrap();
    std::fs::remove_file(&withdrawals).unwrap();
    let unsure = verify().expect(FAILED).json();
    assert_eq!((&unsure["standing"], &unsure["verification"]["in_ledger"]), (&"unsure".into(), &"checked".into()));
    std::fs::write(&withdrawals, kept).unwrap();

    // One changed character anywhere in the document.
    let document = carnet.path("proof/bundle.json");
    let text = std::fs::read_to_string(&document).unwrap();
    std::fs::write(&document, text.replacen("\"final\"", "\"amended\"", 1).replacen("\"active\"", "\"resolved\"", 1))
        .unwrap();
    let altered = verify().expect(FAILED).json();
    assert_eq!(altered["standing"], "bad", "{altered:#}");
    // The document alone, and something else altogether.
    std::fs::write(&document, text).unwrap();
    run_bare(&["verify", &carnet.text_path("proof/bundle.json"), "--json"]).expect(FAILED);
    run_bare(&["verify", &carnet.text_path("passphrase"), "--json"]).expect(FAILED);
    run_bare(&["verify", &carnet.text_path("absent"), "--json"]).expect(FAILED);
}
