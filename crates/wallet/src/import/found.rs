//! Links that were found in files, to records or on withdrawal cards: held in memory, for the person to open or to put aside.
//! No vault, account or log has them.

use carnet_bridge::{FoundKind, FoundLink};
use carnet_consent::withdrawal::WithdrawalCard;
use smart_health::SmartHealthLink;
use zeroize::Zeroizing;

/// The most links of one file that are held.
const MOST: usize = 32;
/// What is said of the others.
const MORE: &str = "It holds more links than are named here. Open some of them, or take them out of it one by one.";

/// A link as text; it holds the key.
pub(super) type LinkText = Zeroizing<String>;

/// A link that was found.
pub(super) struct Held {
    /// What may be told of it.
    pub(super) about: FoundLink,
    /// The link itself.
    pub(super) link: LinkText,
}

impl Held {
    /// A link of that file of an archive; `path` is empty where it is in the file itself.
    pub(super) fn new(path: String, link: &SmartHealthLink) -> Self {
        let (label, host) = told(link);
        let about = FoundLink { path, label, host, ..FoundLink::default() };
        Self { about, link: Zeroizing::new(link.to_uri()) }
    }

    /// A withdrawal card, if that is what the code says.
    pub(super) fn card(path: String, text: &str) -> Option<Self> {
        let card = WithdrawalCard::is_meant(text).then(|| text.parse::<WithdrawalCard>().ok()).flatten()?;
        let host = card.relay().map(host).unwrap_or_default();
        let about = FoundLink { kind: FoundKind::Card, path, host, ..FoundLink::default() };
        Some(Self { about, link: Zeroizing::new(card.expose_link()) })
    }
}

/// The links of a file.
#[derive(Default)]
pub(super) struct Links {
    held: Vec<Held>,
    more: bool,
}

impl Links {
    /// Holds one more, once, as long as there are not too many.
    pub(super) fn push(&mut self, held: Held) {
        if self.held.iter().any(|other| other.link == held.link) {
            return;
        }
        if self.held.len() < MOST { self.held.push(held) } else { self.more = true }
    }

    /// Holds those of another file as well.
    pub(super) fn append(&mut self, other: Self) {
        self.more |= other.more;
        other.held.into_iter().for_each(|held| self.push(held));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What may be told of them.
    pub(super) fn told(&self) -> Vec<FoundLink> {
        self.held.iter().map(|held| held.about.clone()).collect()
    }

    /// What is to be said where there are more.
    pub(super) fn note(&self) -> Option<String> {
        self.more.then(|| MORE.to_owned())
    }

    pub(super) fn into_held(self) -> Vec<Held> {
        self.held
    }
}

/// What a link says of itself, and the computer it leads to; strangers' texts both.
pub(super) fn told(link: &SmartHealthLink) -> (String, String) {
    let label = link.label.as_ref().map(|label| label.as_str().to_owned()).unwrap_or_default();
    (label, host(link.url.as_str()))
}

fn host(url: &str) -> String {
    let after = url.split("://").nth(1).unwrap_or_default();
    after.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(number: usize) -> Held {
        let held = Held { about: FoundLink::default(), link: Zeroizing::new(format!("shlink:/{number}")) };
        Held { about: FoundLink { host: format!("{number}.example.org"), ..FoundLink::default() }, ..held }
    }

    #[test]
    fn each_link_is_held_once_and_a_flood_of_them_is_told() {
        let mut links = Links::default();
        links.push(held(1));
        links.push(held(1));
        assert_eq!((links.told().len(), links.note()), (1, None));
        let mut more = Links::default();
        (0..MOST + 1).for_each(|number| more.push(held(number)));
        links.append(more);
        assert_eq!(links.told().len(), MOST);
        assert!(links.note().is_some());
        assert!(links.told().iter().all(|about| !format!("{about:?}").contains("shlink")));
    }
}
