//! The share being put together, as the four screens fill it in.

use crate::platform;
use carnet_bridge::{AskedShare, CategoryCount, ShareDraft, SharePreset, ShareRecord};
use carnet_records::index::Category;
use carnet_records::selection::Preset;

/// Digits of a suggested passcode: a million tries against a budget of a few.
pub const DIGITS: usize = 6;

/// The share being put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What the wallet is asked for.
    pub share: ShareDraft,
    /// The request it answers.
    pub asked: Option<AskedShare>,
    /// Records that the person ticked although they were held back, with the place where they stood, so that they stay
    /// there and can be unticked.
    pub picked: Vec<Picked>,
}

/// A record that was held back and is ticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// The record.
    pub record: ShareRecord,
    /// The key of the group it stood in, as in [`super::lists::group_key`].
    pub group: String,
}

impl Default for Draft {
    fn default() -> Self {
        Self { share: ShareDraft::new(SharePreset::Desk), asked: None, picked: Vec::new() }
    }
}

impl Draft {
    /// Gives what a request asks for, to be narrowed.
    pub fn answering(asked: AskedShare) -> Self {
        let mut draft = Self { share: asked.draft.clone(), asked: Some(asked), picked: Vec::new() };
        draft.suggest_passcode();
        draft
    }

    /// Begins anew for another occasion; whom it is for stays.
    pub fn choose(&mut self, preset: SharePreset) {
        let (recipient, request) = (self.share.recipient.clone(), self.share.request.clone());
        self.share = ShareDraft { recipient, request, ..ShareDraft::new(preset) };
        self.picked.clear();
        self.suggest_passcode();
    }

    fn suggest_passcode(&mut self) {
        if self.share.preset.suggests_passcode() && self.share.passcode.is_none() {
            self.share.passcode = Some(platform::random_digits(DIGITS));
        }
    }

    /// What the wallet is asked for, tidied.
    pub fn for_wallet(&self) -> ShareDraft {
        let mut share = self.share.clone();
        share.recipient = share.recipient.trim().to_owned();
        share.passcode =
            share.passcode.map(|passcode| passcode.trim().to_owned()).filter(|passcode| !passcode.is_empty());
        share
    }

    /// The categories that are ticked: the person's, else those that the occasion suggests.
    pub fn categories(&self) -> Vec<String> {
        self.share.choice.categories.clone().unwrap_or_else(|| suggested(self.share.preset))
    }

    /// Ticks or unticks a category. From then on only what the person sees ticked is: of the kinds that the occasion
    /// suggests, those that were not `shown`, because there are no such records, go.
    pub fn tick_category(&mut self, category: &str, on: bool, shown: &[String]) {
        let mut chosen = self.categories();
        chosen.retain(|one| one != category && shown.contains(one));
        if on {
            chosen.push(category.to_owned());
        }
        self.share.choice.categories = Some(chosen);
    }

    /// Ticks or unticks a sensitive subject.
    pub fn tick_sensitive(&mut self, label: &str, on: bool) {
        let ticked = &mut self.share.choice.sensitive;
        ticked.retain(|one| one != label);
        if on {
            ticked.push(label.to_owned());
        }
    }

    /// Takes a single record in although it is held back. `group`: where it stood.
    pub fn take_in(&mut self, record: &ShareRecord, group: &str) {
        let choice = &mut self.share.choice;
        choice.without.retain(|id| *id != record.id);
        if !choice.with.contains(&record.id) {
            choice.with.push(record.id.clone());
        }
        if !self.picked.iter().any(|picked| picked.record.id == record.id) {
            self.picked.push(Picked { record: record.clone(), group: group.to_owned() });
        }
    }

    /// Puts back a record that was taken in one by one.
    pub fn put_back(&mut self, id: &str) {
        self.share.choice.with.retain(|one| one != id);
    }

    /// Leaves a single record out, or no longer. One that was taken in by itself is put back instead.
    pub fn leave_out(&mut self, id: &str, out: bool) {
        let choice = &mut self.share.choice;
        if out && choice.with.iter().any(|one| one == id) {
            choice.with.retain(|one| one != id);
            return;
        }
        choice.without.retain(|one| one != id);
        if out {
            choice.without.push(id.to_owned());
        }
    }

    /// Whether a record was taken in one by one.
    pub fn takes_in(&self, id: &str) -> bool {
        self.share.choice.with.iter().any(|one| one == id)
    }
}

/// The categories that an occasion suggests, whether there are records of them or not.
pub fn suggested(preset: SharePreset) -> Vec<String> {
    let suggested = Preset::from_name(preset.as_str()).and_then(|preset| preset.selection().categories);
    let all = || Category::all().iter().copied().filter(|one| !matches!(one, Category::Person | Category::Document));
    suggested.unwrap_or_else(|| all().collect()).into_iter().map(|one| one.as_str().to_owned()).collect()
}

/// How many there are of a category.
pub fn count_of(counts: &[CategoryCount], category: &str) -> u64 {
    counts.iter().find(|count| count.category == category).map_or(0, |count| count.count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str) -> ShareRecord {
        ShareRecord { id: id.to_owned(), category: "problem".to_owned(), title: String::new(), date: None }
    }

    #[test]
    fn an_occasion_brings_its_span_and_its_passcode_and_keeps_the_name() {
        let mut draft = Draft::default();
        draft.share.recipient = " Dr Example ".to_owned();
        for preset in SharePreset::ALL {
            draft.choose(preset);
            assert_eq!(draft.share.seconds, preset.spans()[0]);
            assert_eq!(draft.share.passcode.is_some(), preset.suggests_passcode());
            assert_eq!(draft.for_wallet().recipient, "Dr Example");
        }
        draft.share.passcode = Some("  ".to_owned());
        assert_eq!(draft.for_wallet().passcode, None);
    }

    #[test]
    fn every_occasion_suggests_what_the_records_suggest_and_no_document() {
        for preset in SharePreset::ALL {
            let suggested = suggested(preset);
            assert!(Preset::from_name(preset.as_str()).is_some(), "both sides know {preset:?}");
            assert!(suggested.iter().any(|one| one == "allergy") && !suggested.iter().any(|one| one == "document"));
        }
    }

    #[test]
    fn unticking_a_kind_keeps_the_others_that_were_suggested() {
        let mut draft = Draft::default();
        draft.choose(SharePreset::Emergency);
        let shown = ["allergy", "medicine", "device"].map(str::to_owned);
        draft.tick_category("device", false, &shown);
        assert_eq!(draft.categories(), ["allergy", "medicine"], "and nothing that is not seen");
        draft.tick_category("device", true, &shown);
        assert_eq!(draft.categories(), ["allergy", "medicine", "device"]);
    }

    #[test]
    fn a_record_ticked_by_itself_goes_back_where_it_stood() {
        let mut draft = Draft::default();
        draft.take_in(&record("7"), "sensitive-MH");
        assert!(draft.takes_in("7") && draft.picked.len() == 1);
        // Unticked in the list of what goes in: it is held back as before, not left out for good.
        draft.leave_out("7", true);
        assert!(!draft.takes_in("7") && draft.share.choice.without.is_empty());
        draft.leave_out("8", true);
        assert_eq!(draft.share.choice.without, ["8"]);
        draft.leave_out("8", false);
        assert!(draft.share.choice.without.is_empty());
        draft.leave_out("9", true);
        draft.take_in(&record("9"), "unticked");
        assert!(draft.share.choice.without.is_empty() && draft.takes_in("9"));
    }
}
