//! Says of a card or a certificate in a file what is in it and whether its signature holds.
//!
//! ```text
//! cargo run -p smart-health --features trust --example verify -- FILE [KEYS]
//! ```
//!
//! KEYS is an issuer's key set (`jwks.json`) for a health card, taken as the keys of the issuer that the card names, or a
//! list of document signers' keys (`did.json` and others) for a certificate.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::SystemTime;

use smart_health::card::{self, Issuer};
use smart_health::hcert;
use smart_health::trust::TrustStore;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("which file?")?;
    let text = std::fs::read_to_string(file)?;
    let keys = arguments.next().map(std::fs::read).transpose()?;
    let now = i64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs())?;
    if hcert::looks_like_hcert(&text) {
        certificate(&text, keys.as_deref(), now)
    } else {
        cards(&text, keys.as_deref(), now)
    }
}

fn certificate(text: &str, keys: Option<&[u8]>, now: i64) -> Result<(), Box<dyn Error>> {
    let mut trust = TrustStore::default();
    if let Some(keys) = keys {
        let added = trust.add_document_keys("KEYS", keys, now)?;
        println!("{} keys, {} passed over", added.taken, added.passed_over);
    }
    let certificate = hcert::check(text, &hcert::Context::new(now), &trust);
    println!("signature: {:?}", certificate.signature);
    for finding in &certificate.findings {
        println!("{:?} {finding}", finding.severity);
    }
    if let Some(content) = certificate.claims.and_then(|claims| claims.certificate) {
        println!("{content:#}");
    }
    Ok(())
}

fn cards(text: &str, keys: Option<&[u8]>, now: i64) -> Result<(), Box<dyn Error>> {
    for found in card::find(text, &card::Limits::default())? {
        let candidate = match found {
            Ok(candidate) => candidate,
            Err(unreadable) => {
                println!("{}: {}", unreadable.place, unreadable.reason);
                continue;
            }
        };
        let context = card::Context::new(now);
        let mut looked = card::check(&candidate, &context, &[][..]);
        if let (Some(keys), Some(payload)) = (keys, &looked.payload) {
            let (keys, findings) = card::check_key_set(keys, Some(&payload.issuer), Some(now));
            for finding in findings {
                println!("{:?} {finding}", finding.severity);
            }
            let issuer = Issuer { url: payload.issuer.clone(), keys: Some(keys), ..Issuer::default() };
            looked = card::check(&candidate, &context, &[issuer][..]);
        }
        println!("{}: signature: {:?}", candidate.place, looked.signature);
        for finding in &looked.findings {
            println!("{:?} {finding}", finding.severity);
        }
        if let Some(payload) = looked.payload {
            println!("issued by {}\n{:#}", payload.issuer, serde_json::Value::Object(payload.bundle));
        }
    }
    Ok(())
}
