//! The QR code of a link, as a camera sees it, read by two decoders that none of us wrote.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carnet_system_tests::camera::Picture;
use carnet_system_tests::node;
use serde_json::{Value, json};
use smart_health::{ContentKey, Flags, Label, ManifestUrl, QrCode, SmartHealthLink};

/// The shortest and the longest of the links that are shared, behind the viewer's address, as they are shown.
fn links() -> Vec<String> {
    let id = "Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM";
    ["U", "LP"]
        .into_iter()
        .map(|flags| {
            let link = SmartHealthLink::new(
                ManifestUrl::new(format!("https://relay.example.org/shl/{id}")).unwrap(),
                ContentKey::from_bytes([0xa7; 32]),
                Some(1_800_000_000),
                Flags::parse(flags).unwrap(),
                Some(Label::new("Summary for Dr Example").unwrap()),
                Some([0x3c; 32]),
            );
            link.unwrap().to_viewer_uri("https://relay.example.org/view")
        })
        .collect()
}

fn read_by_jsqr(pictures: &[Picture]) -> Vec<Option<String>> {
    let images: Vec<Value> = pictures
        .iter()
        .map(|picture| json!({ "width": picture.width, "height": picture.height, "luma": STANDARD.encode(&picture.luma) }))
        .collect();
    let answer = node::run("scan.mjs", &json!({ "images": images }));
    answer.as_array().unwrap().iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

/// Several pictures of each link, as a camera sees one after the other: each decoder reads at least one of them. jsQR
/// reads nearly all; rqrr gives up sooner.
fn check(what: &str, frames: &[&dyn Fn(&QrCode) -> Picture]) {
    let links = links();
    let codes: Vec<QrCode> = links.iter().map(|link| QrCode::encode(link).unwrap()).collect();
    let pictures: Vec<Picture> = codes.iter().flat_map(|code| frames.iter().map(move |frame| frame(code))).collect();
    let by_jsqr = read_by_jsqr(&pictures);
    for (at, link) in links.iter().enumerate() {
        let version = codes[at].version();
        let frames = at * frames.len()..(at + 1) * frames.len();
        assert!(
            by_jsqr[frames.clone()].iter().any(|text| text.as_ref() == Some(link)),
            "jsQR, {what}, version {version}"
        );
        let by_rqrr = pictures[frames].iter().any(|picture| picture.read().as_ref() == Some(link));
        assert!(by_rqrr, "rqrr, {what}, version {version}");
    }
}

#[test]
fn a_picture_of_200_pixels_is_read() {
    check("200 px", &[&|code| Picture::file(code, 200)]);
}

#[test]
fn a_turned_picture_is_read() {
    let turned = |degrees: f64| move |code: &QrCode| Picture::of(code, 420).turned(degrees);
    check("turned a little", &[&turned(7.0), &turned(9.0), &turned(11.0), &turned(13.0)]);
    check("turned half", &[&turned(43.0), &turned(45.0), &turned(47.0), &turned(50.0)]);
    check("upside down", &[&turned(90.0), &turned(171.0), &turned(173.0), &turned(180.0)]);
}

#[test]
fn a_picture_out_of_focus_is_read() {
    let blurred = |side: usize, sigma: f64| move |code: &QrCode| Picture::of(code, side).blurred(sigma);
    check("blurred", &[&blurred(400, 1.8), &blurred(400, 1.5), &blurred(425, 1.5), &blurred(450, 1.8)]);
}

#[test]
fn a_photo_of_a_screen_is_read() {
    let photo = |side: usize, seed: u64| move |code: &QrCode| Picture::of(code, side).photographed(seed);
    check("photo", &[&photo(520, 1), &photo(580, 2), &photo(640, 3), &photo(680, 4)]);
}
