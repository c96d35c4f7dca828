//! Signatures of others in what a link held: SMART Health Cards of issuers, and the attestation of an app. Their keys are
//! asked for where they are published, which tells whoever publishes them that somebody looks.

use super::fetch;
use crate::i18n;
use crate::kit::{Icon, IconView, Mark, Statement};
use crate::platform;
use carnet_consent::bundle;
use dioxus::prelude::*;
use serde_json::Value;
use smart_health::attestation::{self, Attestation};
use smart_health::card::{self, Candidate, Context, Finding, Issuer, Signature};
use smart_health::{OpenedFile, manifest};

/// The most issuers that are asked.
const MAX_ISSUERS: usize = 10;
/// The most bytes of an issuer's keys.
const MAX_KEY_SET: usize = 1 << 20;

/// A card that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The issuer's address, if it can be read.
    pub issuer: Option<String>,
    /// How its signature stands.
    pub signature: Signature,
    /// Why it is not to be used; none if it is good as far as could be checked.
    pub refusal: Option<Finding>,
    /// Its records; none of a card that is refused.
    pub bundle: Option<Value>,
}

/// Reads the cards among the files and asks their issuers for the keys.
pub async fn cards(files: &[OpenedFile]) -> Vec<Card> {
    let mut candidates = Vec::new();
    let mut cards = Vec::new();
    for file in files.iter().filter(|file| is_card(&file.content_type)) {
        let text = String::from_utf8_lossy(&file.bytes);
        match card::find(&text, &card::Limits::default()) {
            Ok(found) => {
                for one in found {
                    match one {
                        Ok(candidate) => candidates.push(candidate),
                        Err(unreadable) => cards.push(refused(unreadable.reason)),
                    }
                }
            }
            Err(reason) => cards.push(refused(reason)),
        }
    }
    let context = Context::new(platform::now());
    let mut issuers: Vec<String> = candidates
        .iter()
        .map(|candidate| looked_at(candidate, &context, &[]))
        .filter(|card| card.signature == Signature::NotChecked && card.refusal.is_none())
        .filter_map(|card| card.issuer)
        .collect();
    issuers.sort_unstable();
    issuers.dedup();
    let mut known = Vec::new();
    for url in issuers.into_iter().take(MAX_ISSUERS) {
        let asked = fetch::get(&format!("{url}/.well-known/jwks.json"), MAX_KEY_SET).await;
        if let Some(answer) = asked.ok().filter(|answer| answer.status == 200 && answer.body.len() <= MAX_KEY_SET) {
            let (keys, _) = card::check_key_set(&answer.body, Some(&url), Some(context.now));
            known.push(Issuer { url, keys: Some(keys), ..Issuer::default() });
        }
    }
    cards.extend(candidates.iter().map(|candidate| looked_at(candidate, &context, &known)));
    cards
}

/// Whether a file is one of cards.
pub fn is_card(content_type: &str) -> bool {
    manifest::media_type(content_type) == manifest::SMART_HEALTH_CARD
}

fn refused(reason: card::Reason) -> Card {
    Card { issuer: None, signature: Signature::Bad, refusal: Some(Finding::refused("card", reason)), bundle: None }
}

fn looked_at(candidate: &Candidate, context: &Context, issuers: &[Issuer]) -> Card {
    let checked = card::check(candidate, context, issuers);
    let refusal = checked.refusal().cloned();
    let issuer = checked.payload.as_ref().map(|payload| payload.issuer.clone());
    let bundle = checked.payload.filter(|_| refusal.is_none()).map(|payload| Value::Object(payload.bundle));
    Card { issuer, signature: checked.signature, refusal, bundle }
}

/// What an app attests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// The app's address; none if the attestation cannot be read.
    pub app: Option<String>,
    /// Why it says nothing: the code of a reason, or `no_keys` where it could not be checked; none if it holds.
    pub refused: Option<&'static str>,
}

/// Looks for an app's attestation in the files and holds it against the keys that the app publishes.
pub async fn attested(files: &[OpenedFile]) -> Option<Attested> {
    let fhir = files.iter().filter(|file| manifest::media_type(&file.content_type) == manifest::FHIR_JSON);
    let text = fhir
        .filter_map(|file| bundle::parse(&file.bytes, bundle::DEFAULT_MAX_BYTES).ok())
        .find_map(|content| attestation::find(&content).map(str::to_owned))?;
    let read = match Attestation::parse(&text, platform::now()) {
        Ok(read) => read,
        Err(reason) => return Some(Attested { app: None, refused: Some(reason.code()) }),
    };
    let refused = match fetch::get(&read.key_set_url(), attestation::MAX_KEY_SET).await {
        Ok(answer) if answer.status == 200 => read.verify(&answer.body).err().map(attestation::Reason::code),
        _ => Some("no_keys"),
    };
    Some(Attested { app: Some(read.app), refused })
}

impl Attested {
    /// What the seal says of it. One that fails is no warning: it takes nothing away from what was shared.
    pub fn statement(&self) -> Statement {
        let app = self.app.clone().unwrap_or_else(|| t!("app-unreadable"));
        let (mark, why) = match self.refused {
            None => (Mark::Checked, t!("app-not-recognised")),
            Some(code) => (Mark::NotChecked, i18n::text(&format!("reason-app-{}", code.replace('_', "-")), &[])),
        };
        Statement { mark, says: t!("statement-app", app = app), why }
    }
}

/// The cards, each with whose it is.
#[component]
pub fn Cards(cards: Vec<Card>) -> Element {
    rsx! {
        section { class: "group", id: "cards",
            h2 { IconView { icon: Icon::Seal } {t!("cards-title")} }
            ul { class: "signers",
                for (at, card) in cards.iter().enumerate() {
                    li { key: "{at}", class: "point",
                        IconView { icon: icon(card), class: tone(card) }
                        span { class: "grow",
                            span { class: "line-title", dir: "auto", {card.issuer.clone().unwrap_or_else(|| t!("card-issuer-unreadable"))} }
                            span { class: "line-detail", {standing(card)} }
                        }
                    }
                }
            }
        }
    }
}

fn icon(card: &Card) -> Icon {
    match (&card.refusal, &card.signature) {
        (Some(_), _) | (None, Signature::Bad) => Icon::Warn,
        (None, Signature::Verified { .. }) => Icon::Seal,
        (None, Signature::NotChecked) => Icon::Unchecked,
    }
}

fn tone(card: &Card) -> &'static str {
    match (&card.refusal, &card.signature) {
        (Some(_), _) | (None, Signature::Bad) => "signer-refused",
        (None, Signature::Verified { .. }) => "signer-known",
        (None, Signature::NotChecked) => "signer-unchecked",
    }
}

/// What is to be said of a card.
pub fn standing(card: &Card) -> String {
    match (&card.refusal, &card.signature) {
        // The keys were fetched just now: there is no list that could be older.
        (Some(Finding { reason: card::Reason::KeyNotPublished, .. }), _) => {
            t!("card-refused", why = t!("card-refused-key"))
        }
        (Some(finding), _) => t!("card-refused", why = finding.reason.to_string()),
        (None, Signature::Verified { .. }) => t!("card-verified"),
        (None, _) => t!("card-not-checked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Face, has, start};
    use serde_json::json;

    fn file(cards: &[&str]) -> OpenedFile {
        OpenedFile {
            content_type: manifest::SMART_HEALTH_CARD.to_owned(),
            bytes: card::to_file(cards).into_bytes(),
            ..OpenedFile::default()
        }
    }

    fn signed() -> (card::SigningKey, String) {
        let key = card::SigningKey::from_bytes([7; 32]).unwrap();
        let jws = key.sign(&json!({
            "iss": "https://clinic.example", "nbf": 1_700_000_000,
            "vc": {"type": ["https://smarthealth.cards#health-card"], "credentialSubject": {"fhirVersion": "4.0.1",
                "fhirBundle": {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "resource:0",
                    "resource": {"resourceType": "Patient", "birthDate": "1970-01-01"}}]}}}
        }));
        (key, jws)
    }

    #[test]
    fn a_card_is_the_issuers_only_where_its_key_says_so() {
        start("en", Face::Viewer);
        let (key, jws) = signed();
        let found = card::find(&jws, &card::Limits::default()).unwrap().remove(0).unwrap();
        let context = Context::new(1_780_000_000);
        let unknown = looked_at(&found, &context, &[]);
        assert_eq!((unknown.signature.clone(), unknown.bundle.is_some()), (Signature::NotChecked, true));
        let url = "https://clinic.example".to_owned();
        let issuer = |keys| Issuer { url: url.clone(), keys: Some(keys), ..Issuer::default() };
        let good = looked_at(&found, &context, &[issuer(vec![key.public()])]);
        assert!(matches!(good.signature, Signature::Verified { .. }) && good.bundle.is_some());
        let other = card::SigningKey::from_bytes([8; 32]).unwrap();
        let bad = looked_at(&found, &context, &[issuer(vec![other.public()])]);
        assert!(bad.refusal.is_some() && bad.bundle.is_none());
        assert!(standing(&bad).contains("not to be used"), "{}", standing(&bad));
        assert_ne!(standing(&good), standing(&unknown));
        assert!(is_card(&file(&[&jws]).content_type) && !is_card("application/fhir+json"));
    }

    #[test]
    fn every_reason_of_an_attestation_has_words() {
        start("en", Face::Viewer);
        let codes = attestation::Reason::ALL.iter().map(|reason| reason.code()).chain(["no_keys"]);
        for code in codes {
            assert!(has(&format!("reason-app-{}", code.replace('_', "-"))), "{code}");
            let said = Attested { app: None, refused: Some(code) }.statement();
            assert_eq!(said.mark, Mark::NotChecked);
        }
        let good = Attested { app: Some("https://app.example".to_owned()), refused: None }.statement();
        assert!(good.mark == Mark::Checked && good.says.contains("https://app.example"));
    }
}
