//! Writing a request, for whoever asks for records.

use super::asked::request_text;
use super::terms::{SECONDS, obligations_of};
use crate::clock::{now, random};
use crate::{Error, Result};
use carnet_bridge::ShareObligation;
use carnet_consent::grant::{
    Category, Content, FhirDate, GrantKey, LeftOut, Member, Modes, Name, Purpose, RecipientClass, Scope, Set,
};
use carnet_consent::request::Request;
use carnet_records::datetime_is_readable;

/// What a clinician or a study asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// Who asks, in their own words.
    pub by: String,
    /// Whether that is an organisation, and not a person.
    pub organization: bool,
    /// What for (HL7 v3 ActReason).
    pub purpose: String,
    /// Which categories; none: all.
    pub categories: Option<Vec<String>>,
    /// Only records of this date or later.
    pub since: Option<String>,
    /// Only records of this date or earlier.
    pub until: Option<String>,
    /// For how long, in seconds: a minute to 365 days.
    pub seconds: i64,
    /// How often; none: no limit.
    pub max_openings: Option<u32>,
    /// What they bind themselves to.
    pub obligations: Vec<ShareObligation>,
    /// Whether later changes are asked for as well.
    pub live: bool,
}

impl NewRequest {
    /// The request as text, signed with a key (32 bytes, the seed of an Ed25519 key) or not.
    ///
    /// # Errors
    /// [`Error::NoSuchCategory`], [`Error::NoSuch`] for a purpose that is not one, [`Error::Date`], [`Error::Draft`],
    /// [`Error::Consent`] for a name or a number beyond its limits.
    pub fn write(&self, key: Option<[u8; 32]>) -> Result<String> {
        if !SECONDS.contains(&self.seconds) {
            return Err(Error::Draft("a minute at least and 365 days at most can be asked for"));
        }
        let category = |name: &String| Category::from_word(name).ok_or(Error::NoSuchCategory);
        let categories = self.categories.as_ref().map(|names| names.iter().map(category).collect::<Result<Set<_>>>());
        let date = |date: &Option<String>| match date {
            Some(date) if !datetime_is_readable(date) => Err(Error::Date),
            Some(date) => FhirDate::new(date).map(Some).map_err(|_| Error::Date),
            None => Ok(None),
        };
        let request = Request {
            by: Name::new(self.by.trim())?,
            class: if self.organization { RecipientClass::Organization } else { RecipientClass::Person },
            purpose: Purpose::from_word(&self.purpose.to_ascii_uppercase()).ok_or(Error::NoSuch("purpose"))?,
            what: Scope {
                categories: categories.transpose()?,
                since: date(&self.since)?,
                until: date(&self.until)?,
                left_out: LeftOut::NotStated,
                content: if self.live { Content::Live } else { Content::Snapshot },
                // What is sensitive is the patient's to offer.
                ..Scope::all_but_sensitive()
            },
            how: Modes { access: Set::all(), formats: Set::all() },
            seconds: u32::try_from(self.seconds).map_err(|_| Error::Draft("the time asked for is too long"))?,
            max_openings: self.max_openings,
            obligations: obligations_of(&self.obligations),
            asked_at: now(),
            nonce: random()?,
        };
        Ok(request_text(&request.write(key.map(GrantKey::from_seed).as_ref())?))
    }
}

/// A new key for signing requests.
///
/// # Errors
/// [`Error::Internal`] if the system gives no random numbers.
pub fn new_request_key() -> Result<[u8; 32]> {
    random()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::{differences, read_request};

    fn request() -> NewRequest {
        NewRequest {
            by: "Dr Example, Harbour Clinic".to_owned(),
            organization: false,
            purpose: "TREAT".to_owned(),
            categories: Some(vec!["allergy".to_owned(), "medicine".to_owned()]),
            since: Some("2020".to_owned()),
            until: None,
            seconds: 86_400,
            max_openings: Some(3),
            obligations: vec![ShareObligation::DeleteAfterUse],
            live: false,
        }
    }

    #[test]
    fn what_was_asked_is_read_and_a_draft_gives_it() {
        for key in [None, Some([7; 32])] {
            let text = request().write(key).unwrap();
            // As a mail program may break it.
            let broken: String =
                text.as_bytes().chunks(60).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect();
            let asked = read_request(&broken).unwrap();
            assert_eq!(
                (asked.by.as_str(), asked.signed, asked.seconds),
                ("Dr Example, Harbour Clinic", key.is_some(), 86_400)
            );
            assert_eq!(asked.categories, request().categories);
            assert_eq!((asked.since.as_deref(), asked.until), (Some("2020"), None));
            let draft = &asked.draft;
            assert_eq!((draft.max_openings, &draft.obligations), (Some(3), &request().obligations));
            assert!(draft.choice.sensitive.is_empty());
            let changes = differences(draft).unwrap();
            use carnet_consent::request::Direction;
            assert!(changes.iter().all(|change| change.direction == Direction::Narrower), "{changes:?}");
        }
    }

    #[test]
    fn giving_more_is_told() {
        use carnet_bridge::ShareDraft;
        use carnet_consent::request::{Change, Direction, Part};
        let draft = read_request(&request().write(None).unwrap()).unwrap().draft;
        let longer = ShareDraft { seconds: 2 * 86_400, ..draft.clone() };
        assert!(differences(&longer).unwrap().contains(&Change { part: Part::Time, direction: Direction::Wider }));
        let mut more = draft;
        more.choice.categories = None;
        assert!(differences(&more).unwrap().contains(&Change { part: Part::Categories, direction: Direction::Wider }));
        // What follows the records is more than what was asked, and what does not is less.
        for (asked, given, direction) in [(false, true, Direction::Wider), (true, false, Direction::Narrower)] {
            let request = NewRequest { live: asked, ..request() };
            let draft = read_request(&request.write(None).unwrap()).unwrap().draft;
            let draft = ShareDraft { live: given, ..draft };
            assert!(differences(&draft).unwrap().contains(&Change { part: Part::Content, direction }), "{direction:?}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in ["", "shlink:/abc", "carnet-request:", "carnet-request:!!", &"A".repeat(100_000)] {
            assert!(matches!(read_request(text), Err(Error::Asked | Error::Consent(_))), "{text:.20}");
        }
        let mut altered = request().write(Some([7; 32])).unwrap();
        altered.replace_range(60..61, if &altered[60..61] == "A" { "B" } else { "A" });
        assert!(read_request(&altered).is_err());
        assert!(NewRequest { purpose: "FUN".to_owned(), ..request() }.write(None).is_err());
        assert!(NewRequest { since: Some("yesterday".to_owned()), ..request() }.write(None).is_err());
        assert!(NewRequest { seconds: 1, ..request() }.write(None).is_err());
    }
}
