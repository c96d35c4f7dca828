//! To whom the receipts of links go that were published or served not long ago, so that the next one's envelope can be
//! begun while the transaction before it is still at work.
//!
//! A hint and no more: what counts is what the transaction reads of the link, and an envelope to anybody else is thrown
//! away there.

use super::LinkKey;
use carnet_consent::receipt::Envelope;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many links are remembered. Beyond that all are forgotten: those that are being opened are back in a moment.
const REMEMBERED: usize = 65_536;

/// The recipients of these links' receipts. Cheap to clone; all clones remember the same.
#[derive(Clone, Default)]
pub(super) struct Recipients(Arc<Mutex<HashMap<LinkKey, Arc<str>>>>);

impl Recipients {
    /// An envelope for the next receipt of this link, if it is remembered.
    pub(super) fn envelope(&self, link: &LinkKey) -> Option<Envelope> {
        let recipient = self.all().get(link).cloned()?;
        Envelope::to(&recipient).ok()
    }

    /// This link serves whoever asks.
    pub(super) fn remember(&self, link: &LinkKey, recipient: &str) {
        let mut all = self.all();
        if all.get(link).is_some_and(|known| **known == *recipient) {
            return;
        }
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(*link, recipient.into());
    }

    /// This link did not serve the last one who asked, and may not serve the next: no work is done ahead for it, which
    /// whoever floods it could cause.
    pub(super) fn forget(&self, link: &LinkKey) {
        self.all().remove(link);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<LinkKey, Arc<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_are_for_the_recipient_of_links_that_serve() {
        let recipients = Recipients::default();
        let to = |_| age::x25519::Identity::generate().to_public().to_string();
        let [first, second] = [1, 2].map(to);
        let link = LinkKey([7; 32]);
        let recipient =
            |recipients: &Recipients| recipients.envelope(&link).map(|envelope| envelope.recipient().to_owned());
        assert_eq!(recipient(&recipients), None);
        recipients.remember(&link, &first);
        assert_eq!(recipient(&recipients.clone()), Some(first));
        recipients.remember(&link, &second);
        assert_eq!(recipient(&recipients), Some(second));
        recipients.forget(&link);
        assert_eq!(recipient(&recipients), None);
    }

    #[test]
    fn memory_is_bounded() {
        let recipients = Recipients::default();
        for n in 0..=u32::try_from(REMEMBERED).unwrap() {
            let mut key = [0; 32];
            key[..4].copy_from_slice(&n.to_be_bytes());
            recipients.remember(&LinkKey(key), "age1");
        }
        assert!(recipients.all().len() <= REMEMBERED);
    }
}
