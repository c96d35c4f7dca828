//! The clinician's side in a real browser: opens, reads, verifies, says what was not checked, and tells a dead link.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carnet_system_tests::browser::{Browser, LOOKS};
use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::look::LARGE;
use carnet_system_tests::published::{file, publish};
use carnet_system_tests::relay::Relay;
use carnet_system_tests::window::output;
use carnet_system_tests::{data, wait_for};
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use smart_health::attestation::EXTENSION;
use smart_health::card::{HEALTH_CARD, SigningKey, to_file};
use smart_health::manifest::{FHIR_JSON, SMART_HEALTH_CARD};
use std::time::Duration;

/// Somebody with made-up records and a relay that runs.
fn with_records() -> (Carnet, Relay, Value) {
    let relay = Relay::start();
    let carnet = Carnet::with_vault().using(&relay.url());
    let file = carnet.home().join("person.json");
    let bundle = data::person(&file, 31, 150);
    carnet.json(["import", file.to_str().unwrap()]);
    (carnet, relay, bundle)
}

/// The address of the viewer with this link behind it.
fn viewer(share: &Value) -> String {
    share["viewer"].as_str().unwrap().to_owned()
}

/// The same address as it stood in a code that said that it ends at `exp`.
fn ending(address: &str, exp: i64) -> String {
    let (page, payload) = address.rsplit_once('/').unwrap();
    let mut payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    payload["exp"] = exp.into();
    format!("{page}/{}", URL_SAFE_NO_PAD.encode(payload.to_string()))
}

/// Says who is looking, as the page asks first.
fn introduce(browser: &mut Browser, who: &str) {
    browser.wait("#who");
    browser.fill("#who", who);
    browser.click("#continue");
}

/// Waits until the seal has looked at everything, and reads it.
fn seal(browser: &mut Browser) -> String {
    wait_for("the seal's last check", Duration::from_secs(20), || {
        let text = browser.text("#seal summary");
        (!text.contains("Checking")).then_some(())
    });
    browser.click("#seal summary");
    browser.text("#seal")
}

#[test]
fn whoever_has_the_withdrawal_card_stops_the_share_from_a_browser_without_the_vault() {
    let (carnet, relay, _) = with_records();
    let share = carnet.json(["share", "--for", "Dr Example", "--expires", "15m"]);
    let card = carnet.json(["card", share["id"].as_str().unwrap()]);
    let (page, code) = (card["link"].as_str().unwrap(), card["code"].as_str().unwrap());

    // A slip of the pen is told before anything is sent.
    let mut browser = Browser::start(LOOKS[1]);
    let slip = if code.ends_with('7') { "8" } else { "7" };
    browser.go(&format!("{}{slip}", &page[..page.len() - 1]), "#trouble");
    assert!(browser.text("body").contains("Nothing was stopped"), "{}", browser.text("body"));
    assert!(browser.report().asked.iter().all(|asked| !asked.contains("withdrawals")));

    // Typed on the relay's page instead, the code leads to the same question.
    browser.open(LOOKS[3]);
    browser.go(&format!("{}/view", relay.url()), "#link");
    browser.fill("#link", &code.to_lowercase().replace('-', " "));
    browser.press("Enter");
    browser.wait("#stop");
    for look in [LOOKS[0], LOOKS[1], LOOKS[2], LOOKS[3], LARGE] {
        browser.open(look);
        browser.go(page, "#stop");
        browser.dress(look);
        let wide = browser.overflow();
        assert!(wide.is_empty(), "{}: {wide:#?}", look.name);
        browser.picture(&output().join(format!("viewer-stop-{}.png", look.name)));
    }

    // Looking at the page stops nothing; the button does.
    browser.open(LOOKS[0]);
    browser.go(page, "#stop");
    let still = carnet.json(["shares"]);
    assert_eq!(still[0]["status"], "live", "{still}");
    browser.click("#stop");
    wait_for("the word that it is stopped", Duration::from_secs(20), || {
        browser.text("#stop-outcome").contains("The share is stopped").then_some(())
    });
    assert_eq!(browser.count("#stop"), 0);
    let report = browser.report();
    assert!(report.complaints.is_empty(), "{:?}", report.complaints);
    assert!(report.asked.iter().all(|asked| asked.starts_with(&relay.url()) && !asked.contains(code)));
    let kept = browser.evaluate("location.href").to_string();
    assert!(!kept.contains(code), "the code is still in the address: {kept}");

    browser.open(LOOKS[2]);
    browser.go(&viewer(&share), "#who");
    introduce(&mut browser, "Dr Example");
    browser.wait("#trouble");
    // The patient's wallet learns of it.
    let shares = carnet.json(["shares"]);
    assert_eq!((&shares[0]["status"], &shares[0]["elsewhere"]), (&"stopped".into(), &"stopped".into()), "{shares}");
}

#[test]
fn a_share_opens_is_verified_and_is_refused_once_it_was_stopped() {
    let (carnet, relay, bundle) = with_records();
    let share = carnet.json(["share", "--for", "Dr Example", "--expires", "15m"]);
    let address = viewer(&share);

    let mut browser = Browser::start(LOOKS[2]);
    browser.go(&address, "#who");
    introduce(&mut browser, "Dr Example");
    browser.wait("#banner");
    let name = bundle["entry"][0]["resource"]["name"][0]["family"].as_str().unwrap();
    assert!(browser.text("#banner").contains(name), "{}", browser.text("#banner"));
    // A screen reader is led to it, and what the browser's history keeps of the page names nobody.
    let (focus, title) = (browser.evaluate("document.activeElement.id"), browser.evaluate("document.title"));
    assert_eq!(focus, "page");
    assert!(title.as_str().unwrap().starts_with("Opened") && !title.to_string().contains(name), "{title}");

    // Everything that can be checked was, and nothing failed.
    let words = seal(&mut browser);
    assert!(words.contains("public ledger"), "{words}");
    assert!(words.contains("not withdrawn"), "{words}");
    assert_eq!(browser.count("#seal .statement-stop"), 0, "{words}");
    assert!(browser.count("#seal .statement-ok") >= 5, "{words}");
    // What nobody checked is said to be so.
    assert!(words.contains("Not checked"), "{words}");

    // The page asked its own relay only, complained of nothing, and keeps the key out of sight.
    let report = browser.report();
    assert!(report.complaints.is_empty(), "{:?}", report.complaints);
    for asked in &report.asked {
        assert!(asked.starts_with(&relay.url()), "the page asked {asked}");
        assert!(!asked.contains("shlink"), "the key went over the network: {asked}");
    }
    let kept = browser.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])");
    let key = share["link"].as_str().unwrap().rsplit('/').next().unwrap();
    assert!(!kept.as_str().unwrap().contains(&key[..40]), "the link is still in the page's memory: {kept}");

    // A code from before the share was extended says that it ended. Then nothing is asked until the reader wants it so.
    browser.open(LOOKS[1]);
    browser.go(&ending(&address, 1_700_000_000), "#who");
    introduce(&mut browser, "Dr Late");
    browser.wait("#again");
    assert!(browser.text("body").contains("The link has ended"), "{}", browser.text("body"));
    assert_eq!(carnet.json(["opened"]).as_array().unwrap().len(), 1);
    browser.click("#again");
    browser.wait("#banner");

    // The patient sees both, and stops it.
    let openings = carnet.json(["opened"]);
    assert_eq!((&openings[0]["recipient"], &openings[1]["recipient"]), (&"Dr Late".into(), &"Dr Example".into()));
    carnet.done(["withdraw", share["id"].as_str().unwrap()]);

    browser.open(LOOKS[0]);
    browser.go(&address, "#who");
    introduce(&mut browser, "Dr Example");
    browser.wait("#trouble");
    let words = browser.text("body");
    assert!(words.contains("does not open now"), "{words}");
    assert!(words.contains("give you a new code"), "{words}");
}

#[test]
fn a_passcode_is_asked_for_and_a_wrong_one_is_told() {
    let (carnet, _relay, _) = with_records();
    let share = carnet.json(["share", "--for", "Dr Example", "--expires", "1h", "--passcode", "4711-heron"]);
    let mut browser = Browser::start(LOOKS[0]);
    browser.go(&viewer(&share), "#who");
    introduce(&mut browser, "Nurse Example");
    browser.wait("#passcode");
    browser.click("#continue");
    browser.wait("#passcode-error");
    browser.fill("#passcode", "0815");
    browser.click("#continue");
    wait_for("the wrong passcode's answer", Duration::from_secs(15), || {
        browser.text("body").contains("This passcode is wrong").then_some(())
    });
    browser.fill("#passcode", "4711-heron");
    browser.click("#continue");
    browser.wait("#banner");
    let words = seal(&mut browser);
    assert_eq!(browser.count("#seal .statement-stop"), 0, "{words}");

    // A refused try is told to the patient, too.
    let openings = carnet.json(["opened"]);
    assert_eq!(openings.as_array().unwrap().len(), 2, "{openings}");
}

#[test]
fn without_a_link_and_without_scripts_the_page_says_what_it_needs() {
    let relay = Relay::start();
    let mut browser = Browser::start(LOOKS[0]);
    browser.go(&format!("{}/view", relay.url()), "#link");
    browser.fill("#link", "  ");
    browser.press("Enter");
    browser.wait("#link-error");
    browser.fill("#link", "shlink:/this-is-no-link");
    browser.press("Enter");
    browser.wait("#trouble");

    browser.open_without_scripts(LOOKS[0]);
    browser.go(&format!("{}/view", relay.url()), "noscript .crash");
    assert!(browser.text("body").contains("needs JavaScript"), "{}", browser.text("body"));
}

/// A card of that issuer, signed with that key, with one vaccination.
fn card(issuer: &str, key: u8, vaccine: &str) -> String {
    SigningKey::from_bytes([key; 32]).unwrap().sign(&json!({
        "iss": issuer, "nbf": 1_700_000_000,
        "vc": {"type": [HEALTH_CARD], "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": {
            "resourceType": "Bundle", "type": "collection", "entry": [
                {"fullUrl": "resource:0", "resource": {"resourceType": "Patient", "name": [{"family": "Example"}], "birthDate": "1970-01-01"}},
                {"fullUrl": "resource:1", "resource": {"resourceType": "Immunization", "status": "completed",
                    "patient": {"reference": "resource:0"}, "occurrenceDateTime": "2021-01-01",
                    "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": vaccine}]}}},
            ]}}},
    }))
}

#[test]
fn cards_behind_a_link_are_shown_with_who_signed_them_and_a_refused_one_with_why() {
    let relay = Relay::start();
    let (known, unknown) = ("https://clinic.example", "https://nobody.example");
    let (verified, unchecked) = (card(known, 7, "05"), card(unknown, 8, "06"));
    // Of the issuer whose keys are known, and signed with another.
    let forged = card(known, 9, "07");
    let cards = [&verified, &unchecked, &forged];
    let link = publish(&relay, 1, "U", |publish| {
        publish.files = vec![file(1, SMART_HEALTH_CARD, to_file(&cards.map(String::as_str)).as_bytes())];
    });
    let mut browser = Browser::start(LOOKS[0]);
    for look in [LOOKS[0], LOOKS[3], LARGE] {
        browser.open(look);
        browser.answer(
            &format!("{known}/.well-known/jwks.json"),
            &json!({"keys": [SigningKey::from_bytes([7; 32]).unwrap().public().to_jwk()]}),
        );
        browser.go(&format!("{}/view#{}", relay.url(), link.uri), "#who");
        introduce(&mut browser, "Harbour Clinic");
        browser.wait("#cards li:nth-child(3)");
        browser.dress(look);
        let shown: Vec<String> = (1..=3).map(|at| browser.text(&format!("#cards li:nth-child({at})"))).collect();
        let of = |words: &str| shown.iter().find(|card| card.contains(words)).cloned().unwrap_or_default();
        assert!(of("Signed with a key that this issuer publishes").contains(known), "{shown:?}");
        assert!(of("Not checked").contains(unknown), "{shown:?}");
        let refused = of("Refused:");
        assert!(refused.contains(known) && refused.contains("not signed with any of the keys"), "{shown:?}");
        // The records of the first two can be read, those of the refused one cannot.
        let page = browser.text("main");
        let vaccinations = page.lines().find(|line| line.starts_with("Vaccinations")).unwrap_or_default();
        assert_eq!(vaccinations, "Vaccinations2", "{page}");
        let wide = browser.overflow();
        assert!(wide.is_empty(), "{}: {wide:#?}", look.name);
        let asked = browser.report().asked;
        for issuer in [known, unknown] {
            assert_eq!(
                asked.iter().filter(|url| url.starts_with(issuer)).count(),
                1,
                "each issuer is asked once: {asked:?}"
            );
        }
        browser.picture(&output().join(format!("viewer-cards-{}.png", look.name)));
    }
}

/// What an app attests of a document, signed with its key; and that key as it publishes it.
fn attestation(app: &str) -> (String, Value) {
    let key = p256::ecdsa::SigningKey::from_slice(&[5; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let coordinate = |from: usize| URL_SAFE_NO_PAD.encode(&point.as_bytes()[from..from + 32]);
    let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "2026", "x": coordinate(1), "y": coordinate(33)}]});
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"iss": app, "iat": 1_767_225_600, "jti": "6f1f47a3-0d0e-4b3a-9a44-1b2c3d4e5f60"});
    let signed = format!("{}.{}", part(json!({"alg": "ES256", "kid": "2026"})), part(claims));
    let signature: p256::ecdsa::Signature = key.sign(signed.as_bytes());
    (format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())), keys)
}

#[test]
fn an_apps_attestation_is_told_in_the_seal_as_far_as_it_holds() {
    let relay = Relay::start();
    let app = "https://app.example";
    let (good, keys) = attestation(app);
    let broken = format!("{}.{}", good.rsplit_once('.').unwrap().0, URL_SAFE_NO_PAD.encode([1; 64]));
    let document = |jws: &str| {
        json!({"resourceType": "Bundle", "type": "collection", "timestamp": "2026-01-30T12:00:00Z",
            "meta": {"extension": [{"url": EXTENSION, "valueString": jws}]},
            "entry": [{"fullUrl": "urn:uuid:0b6d7c1e-51a2-4c39-8f0a-3d2b1c4e5f60",
                "resource": {"resourceType": "Patient", "name": [{"family": "Example"}]}}]})
    };
    let mut browser = Browser::start(LOOKS[0]);
    let cases = [
        (&good, true, "made with the app https://app.example", "The app signed this itself"),
        (&good, false, "https://app.example", "The app’s keys could not be had"),
        (&broken, true, "https://app.example", "The signature does not fit the app’s key"),
    ];
    for (number, (jws, published, says, why)) in (1..).zip(cases) {
        let link = publish(&relay, number, "U", |publish| {
            publish.files = vec![file(number, FHIR_JSON, document(jws).to_string().as_bytes())];
        });
        browser.open(LOOKS[0]);
        if published {
            browser.answer(&format!("{app}/.well-known/jwks.json"), &keys);
        }
        browser.go(&format!("{}/view#{}", relay.url(), link.uri), "#who");
        introduce(&mut browser, "Harbour Clinic");
        browser.wait("#banner");
        let words = seal(&mut browser);
        assert!(words.contains(says) && words.contains(why), "{why}: {words}");
        // It touches nothing that was shared: one that fails is no warning.
        assert_eq!(browser.count("#seal .statement-stop"), 0, "{words}");
    }
}
