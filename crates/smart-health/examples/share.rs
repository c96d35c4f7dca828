//! Makes a link to a file, encrypts the file and draws the QR code: `cargo run --example share -- bundle.json`.
//!
//! Writes the encrypted file beside the original; serve it as `application/jose` at the address in the link.
#![allow(clippy::print_stdout)] // an example talks to a terminal

use smart_health::{ContentKey, Flags, Label, ManifestUrl, QrCode, SmartHealthLink, jwe, manifest};
use std::io::Read;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a FHIR Bundle in JSON")?;
    let content = std::fs::read(&path)?;

    let id: String = random::<32>()?.iter().map(|byte| format!("{byte:02x}")).collect();
    let link = SmartHealthLink::new(
        ManifestUrl::new(format!("https://relay.example.org/{id}"))?,
        ContentKey::from_bytes(random()?),
        None,
        Flags { direct: true, ..Flags::default() },
        Some(Label::new("My records")?),
        None,
    )?;
    std::fs::write(format!("{path}.jwe"), jwe::encrypt(&link.key, random()?, manifest::FHIR_JSON, &content))?;
    println!("{}\n{}", QrCode::encode(&link.to_uri())?.to_terminal(), link.to_uri());
    Ok(())
}

/// Random bytes from the operating system; `getrandom` is the portable way.
fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
