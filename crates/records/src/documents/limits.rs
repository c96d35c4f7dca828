//! What reading a document may cost, whatever it is.

/// The most bytes of a document's text that are kept to find it by.
pub(super) const TEXT_BYTES: usize = crate::index::DOCUMENT_TEXT_BYTES;
/// The most bytes of a name or title that a file gives itself.
pub(super) const NAME_BYTES: usize = 300;

/// Work that may still be done: a budget that is spent and never refilled, so that no input takes for ever.
#[derive(Debug)]
pub(super) struct Budget(u64);

impl Budget {
    pub(super) fn new(units: u64) -> Budget {
        Budget(units)
    }

    /// Spends `units`; `None` when they are no longer there.
    pub(super) fn spend(&mut self, units: u64) -> Option<()> {
        match self.0.checked_sub(units) {
            Some(rest) => {
                self.0 = rest;
                Some(())
            }
            None => {
                self.0 = 0;
                None
            }
        }
    }

    /// What is left, at most `most`.
    pub(super) fn left(&self, most: usize) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX).min(most)
    }
}
