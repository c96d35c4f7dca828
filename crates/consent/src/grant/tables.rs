//! The closed tables of a grant: each word has one number on the wire, for ever. Numbers are never used again.

use serde::{Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// A word of a closed table.
pub trait Member: Copy + Eq + fmt::Debug + 'static {
    /// All words, in the order of their numbers.
    const ALL: &'static [Self];
    /// Its number on the wire, 1 to 31.
    fn number(self) -> u8;
    /// Its word.
    fn as_str(self) -> &'static str;

    /// The word with this number.
    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|member| member.number() == number)
    }

    /// The member with this word.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|member| member.as_str() == word)
    }
}

macro_rules! table {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $number:literal $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name { $($(#[$doc])* $variant = $number,)+ }

        impl Member for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
            fn number(self) -> u8 { self as u8 }
            fn as_str(self) -> &'static str { match self { $(Self::$variant => $word,)+ } }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

table! {
    /// Who gives a grant.
    Granter {
        /// The patient.
        Patient = 1 "patient",
        /// A parent, for a child.
        Parent = 2 "parent",
        /// A legal guardian.
        Guardian = 3 "guardian",
        /// Somebody with power of attorney.
        Attorney = 4 "attorney",
    }
}

table! {
    /// The kind of recipient.
    RecipientClass {
        /// Whoever holds the link.
        Anyone = 1 "anyone",
        /// A named person.
        Person = 2 "person",
        /// An organisation.
        Organization = 3 "organization",
        /// A role, e.g. "the emergency department's nurse on duty".
        Role = 4 "role",
    }
}

table! {
    /// How the patient knows the recipient.
    IdentifiedBy {
        /// Not at all.
        Nothing = 1 "nothing",
        /// The patient says so.
        Patient = 2 "patient",
        /// A signed request.
        Request = 3 "request",
        /// A directory entry.
        Directory = 4 "directory",
    }
}

table! {
    /// The purpose of use, by its code in HL7 v3 ActReason.
    Purpose {
        /// Treatment.
        Treatment = 1 "TREAT",
        /// Emergency treatment.
        EmergencyTreatment = 2 "ETREAT",
        /// Break the glass.
        BreakGlass = 3 "BTG",
        /// Coordination of care.
        Coordination = 4 "COC",
        /// The patient asked for it.
        PatientRequest = 5 "PATRQT",
        /// The family asked for it.
        FamilyRequest = 6 "FAMRQT",
        /// Healthcare research.
        Research = 7 "HRESCH",
        /// Healthcare payment.
        Payment = 8 "HPAYMT",
        /// Healthcare operations.
        Operations = 9 "HOPERAT",
        /// Public health.
        PublicHealth = 10 "PUBHLTH",
    }
}

impl Purpose {
    /// What HL7 calls it.
    pub fn display(self) -> &'static str {
        match self {
            Self::Treatment => "treatment",
            Self::EmergencyTreatment => "Emergency Treatment",
            Self::BreakGlass => "break the glass",
            Self::Coordination => "coordination of care",
            Self::PatientRequest => "patient requested",
            Self::FamilyRequest => "family requested",
            Self::Research => "healthcare research",
            Self::Payment => "healthcare payment",
            Self::Operations => "healthcare operations",
            Self::PublicHealth => "public health",
        }
    }
}

table! {
    /// The categories that records are sorted into.
    Category {
        /// The patient themself.
        Person = 1 "person",
        /// Allergies and intolerances.
        Allergy = 2 "allergy",
        /// Problems and diagnoses.
        Problem = 3 "problem",
        /// Medicines.
        Medicine = 4 "medicine",
        /// Immunizations.
        Immunization = 5 "immunization",
        /// Laboratory and other results.
        Result = 6 "result",
        /// Vital signs.
        Vital = 7 "vital",
        /// Procedures.
        Procedure = 8 "procedure",
        /// Reports.
        Report = 9 "report",
        /// Visits and stays.
        Visit = 10 "visit",
        /// Documents.
        Document = 11 "document",
        /// Care plans and goals.
        CarePlan = 12 "care_plan",
        /// Devices and implants.
        Device = 13 "device",
        /// Social history.
        Social = 14 "social",
        /// Insurance.
        Insurance = 15 "insurance",
        /// Everything else.
        Other = 16 "other",
    }
}

table! {
    /// Sensitivity labels, by their code in HL7 v3 ActCode (the last: in HL7 v3 Confidentiality).
    Sensitivity {
        /// Substance use disorder.
        SubstanceUse = 1 "SUD",
        /// Substance abuse, including alcohol.
        SubstanceAbuse = 2 "ETH",
        /// Psychiatry.
        Psychiatry = 3 "PSY",
        /// Mental health.
        MentalHealth = 4 "MH",
        /// HIV and AIDS.
        Hiv = 5 "HIV",
        /// Sexually transmitted disease.
        SexuallyTransmitted = 6 "STD",
        /// Sexuality and reproductive health.
        Sexuality = 7 "SEX",
        /// Sexual assault, abuse or domestic violence.
        Violence = 8 "SDV",
        /// Genetic disease.
        Genetic = 9 "GDIS",
        /// Restricted, whatever the reason.
        Restricted = 10 "R",
    }
}

table! {
    /// What the reader is told about records left out.
    LeftOut {
        /// Nothing.
        NotStated = 1 "not_stated",
        /// That something was left out.
        Something = 2 "something",
        /// That nothing was left out.
        Nothing = 3 "nothing",
    }
}

table! {
    /// Whether a grant follows its records.
    Content {
        /// The records as they were when it was signed.
        Snapshot = 1 "snapshot",
        /// The records as they change; each state is signed anew.
        Live = 2 "live",
    }
}

table! {
    /// What a reader may do.
    Access {
        /// Look at the records.
        View = 1 "view",
        /// Keep a copy.
        Download = 2 "download",
    }
}

table! {
    /// The forms that records are given in.
    Format {
        /// International Patient Summary, a FHIR document Bundle.
        Ips = 1 "ips",
        /// CMS "Kill the Clipboard", a FHIR collection Bundle.
        Ktc = 2 "ktc",
        /// A PDF.
        Pdf = 3 "pdf",
    }
}

table! {
    /// What the recipient is bound to, by its code in HL7 v3 ActCode.
    Obligation {
        /// Not to pass it on without a consent that allows it.
        NoRedisclosure = 1 "NORDSCLCD",
        /// To delete it after use.
        DeleteAfterUse = 2 "DELAU",
    }
}

impl Obligation {
    /// The Fluent text that tells it to a person (`assets/i18n/<language>/notice.ftl`).
    pub fn key(self) -> &'static str {
        match self {
            Self::NoRedisclosure => "obligation-no-redisclosure",
            Self::DeleteAfterUse => "obligation-delete-after-use",
        }
    }

    /// What HL7 calls it.
    pub fn display(self) -> &'static str {
        match self {
            Self::NoRedisclosure => "no redisclosure without consent directive",
            Self::DeleteAfterUse => "delete after use",
        }
    }
}

/// Some words of one table. On the wire an integer whose bit `number - 1` is set for each.
pub struct Set<T>(u32, PhantomData<T>);

impl<T: Member> Set<T> {
    /// The empty set.
    pub const fn new() -> Self {
        Self(0, PhantomData)
    }

    /// All words of the table.
    pub fn all() -> Self {
        T::ALL.iter().copied().collect()
    }

    /// Whether the word is in it.
    pub fn contains(&self, member: T) -> bool {
        self.0 & bit(member) != 0
    }

    /// Whether no word is in it.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// The words in it, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        let bits = self.0;
        T::ALL.iter().copied().filter(move |member| bits & bit(*member) != 0)
    }

    /// The words in both.
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0, PhantomData)
    }

    /// The words in either.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0, PhantomData)
    }

    /// Whether each word of this one is in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(crate) fn bits(&self) -> u32 {
        self.0
    }

    /// The set with these bits, if each stands for a word of the table.
    pub(crate) fn from_bits(bits: u32) -> Option<Self> {
        (bits & !Self::all().0 == 0).then_some(Self(bits, PhantomData))
    }
}

fn bit<T: Member>(member: T) -> u32 {
    1_u32.checked_shl(u32::from(member.number()).wrapping_sub(1)).unwrap_or(0)
}

impl<T> Clone for Set<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Set<T> {}

impl<T> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Set<T> {}

impl<T: Member> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Member> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        Self(members.into_iter().fold(0, |bits, member| bits | bit(member)), PhantomData)
    }
}

impl<T: Member> fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<T: Member + Serialize> Serialize for Set<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
