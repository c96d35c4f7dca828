//! What can be wrong or odd with a card, its issuer's keys or its issuer's list of revoked cards.

use crate::finding::{self, Severity, reasons};

/// One thing that was found about a card, its issuer's keys or its issuer's list of revoked cards.
pub type Finding = finding::Finding<Reason>;

/// Why a card, a key or a list is to be refused: of all findings that refuse it, the one that says the most about it. Of
/// those that say as much, the first.
pub fn refusal(findings: &[Finding]) -> Option<&Finding> {
    findings.iter().filter(|finding| finding.severity == Severity::Refused).min_by_key(|finding| rank(finding))
}

/// What is not compressed says nothing of how it is; who signed a card, and until when it is good, weighs more than the form of
/// its records, and that one is missing more than how it is called.
fn rank(finding: &Finding) -> u8 {
    match finding.reason {
        Reason::NotCompressed => 0,
        _ if !finding.path.starts_with("fhirBundle") => 1,
        Reason::BundleMissing | Reason::NotABundle | Reason::BundleEmpty | Reason::NoResource => 2,
        _ => 3,
    }
}

reasons! {
    // The text that carries cards.
    /// No card is in the text.
    NotACard = "not_a_card", "this is not a SMART Health Card";
    /// White space or other characters before or after what counts.
    TrailingCharacters = "trailing_characters", "there are characters before or after the content that do not belong to it";
    /// More bytes than are looked at.
    TooLarge {
        /// The limit in bytes.
        limit: usize
    } = "too_large", "it is larger than the {limit} bytes that are allowed here";
    /// More cards in one file than are looked at.
    TooManyCards {
        /// The limit.
        limit: usize
    } = "too_many_cards", "there are more than {limit} cards in it";
    /// The JSON around the cards is broken.
    FileNotJson = "file_not_json", "the file is not valid JSON";
    /// `verifiableCredential` is missing, empty or not an array.
    FileWithoutCards = "file_without_cards", "the file holds no card (\"verifiableCredential\" is missing or empty)";
    /// A member of `verifiableCredential` is not a text.
    CardNotText = "card_not_text", "something other than a card stands in the file's list of cards";

    // QR codes.
    /// Larger than the codes of cards may be (version 22).
    QrVersion {
        /// Its version.
        version: u8
    } = "qr_version", "the QR code is larger than the codes of health cards may be (version {version}, and 22 is the most)";
    /// Not the two segments of a card: `shc:/` in byte mode, digits in numeric mode.
    QrSegments = "qr_segments", "the QR code is not put together as the codes of health cards are (a text and one number)";
    /// Something other than digits after `shc:/`.
    NumericNotDigits = "numeric_not_digits", "the code holds something other than digits";
    /// `shc:` and digits, without the slash.
    NumericHeader = "numeric_header", "the code does not begin as the codes of health cards do (shc:/)";
    /// An odd number of digits.
    NumericOdd = "numeric_odd", "a digit of the code is missing or is too many";
    /// A pair of digits that stands for no character of a card.
    NumericOutOfRange = "numeric_out_of_range", "the code holds a number that stands for no character of a card";
    /// The chunk's numbers make no sense (0, beyond the total, not numbers).
    ChunkNumber = "chunk_number", "the part's number or the number of parts makes no sense";
    /// Chunks are missing.
    ChunkMissing {
        /// How many of them.
        missing: usize,
        /// Of how many.
        total: usize
    } = "chunk_missing", "{missing} of the card's {total} codes are missing; scan all of them";
    /// The same chunk number twice.
    ChunkRepeated {
        /// Which.
        number: usize
    } = "chunk_repeated", "code {number} of the card is there more than once";
    /// Chunks that name different totals.
    ChunkTotals = "chunk_totals", "the codes belong to different cards: they name different numbers of parts";
    /// Split although one code is enough.
    ChunkTooSmall = "chunk_too_small", "the card is split into parts that are smaller than need be: it fits into one code";
    /// Longer than a chunk may be.
    ChunkTooLong {
        /// Characters.
        length: usize
    } = "chunk_too_long", "a part of the card has {length} characters and may have 1191";
    /// One far larger than another.
    ChunksUnbalanced = "chunks_unbalanced", "the parts of the card differ much in size";
    /// Chunks are not written any more.
    ChunksDeprecated = "chunks_deprecated", "the card is split over several codes, which is not done any more";
    /// `shc:/1/1/`.
    ChunkOfOne = "chunk_of_one", "the code is marked as a part although it is the whole";

    // The signed envelope.
    /// Not three parts with dots between them.
    NotAJws = "not_a_jws", "the card is incomplete or damaged: it does not consist of three parts";
    /// Longer than fits one QR code (1195 characters).
    JwsTooLong {
        /// Characters.
        length: usize
    } = "jws_too_long", "the card has {length} characters and a single QR code can hold 1195";
    /// A part is not base64url.
    NotBase64Url = "not_base64url", "it is damaged: there are characters in it that cannot be there";
    /// The header is not a JSON object.
    HeaderNotJson = "header_not_json", "the card's header cannot be read";
    /// `alg` is missing.
    HeaderWithoutAlg = "header_without_alg", "the card does not say how it is signed (alg)";
    /// `alg` is not ES256.
    HeaderAlg = "header_alg", "the card is signed in another way than health cards are (alg is not ES256)";
    /// `zip` is missing.
    HeaderWithoutZip = "header_without_zip", "the card does not say how it is compressed (zip)";
    /// `zip` is not DEF.
    HeaderZip = "header_zip", "the card is compressed in another way than health cards are (zip is not DEF)";
    /// `kid` is missing.
    HeaderWithoutKid = "header_without_kid", "the card does not name the key that signed it (kid)";
    /// `kid` is no SHA-256 thumbprint.
    HeaderKid = "header_kid", "the name of the key that signed the card is not a key's thumbprint (kid)";
    /// `crit`: something must be understood that no health card has.
    HeaderCritical = "header_critical", "the card asks for something that health cards do not have (crit)";
    /// The payload is not compressed.
    NotCompressed = "not_compressed", "the card's content is not compressed";
    /// The payload cannot be inflated as raw DEFLATE.
    InflateFailed = "inflate_failed", "the card's content is damaged and cannot be unpacked";
    /// Bytes after the end of the DEFLATE stream.
    InflateTrailing = "inflate_trailing", "there are bytes after the card's compressed content";

    // The payload.
    /// Not JSON.
    PayloadNotJson = "payload_not_json", "the card's content is not valid JSON";
    /// A byte order mark stands before the JSON.
    ByteOrderMark = "byte_order_mark", "there is an invisible mark (a byte order mark) before the content";
    /// There is white space in it.
    NotMinified = "not_minified", "the card's content holds white space that could be left out";
    /// `iss` missing or not a text.
    IssuerMissing = "issuer_missing", "the card does not say who issued it (iss)";
    /// `iss` is not a URL.
    IssuerNotUrl = "issuer_not_url", "the issuer's address is not a web address (iss)";
    /// `iss` is not https.
    IssuerNotHttps = "issuer_not_https", "the issuer's address is not encrypted (iss is not https)";
    /// `iss` ends with `/`.
    IssuerTrailingSlash = "issuer_trailing_slash", "the issuer's address ends with a slash (iss)";
    /// `nbf` missing or not a number.
    NotBeforeMissing = "nbf_missing", "the card does not say when it was issued (nbf)";
    /// `nbf` in milliseconds.
    NotBeforeMilliseconds = "nbf_milliseconds", "the time of issue is in milliseconds instead of seconds (nbf)";
    /// `nbf` in the future.
    NotYetValid = "not_yet_valid", "the card is not valid yet: its time of issue is in the future";
    /// `exp` not a number.
    ExpiryNotNumber = "exp_not_number", "the time at which the card expires is not a number (exp)";
    /// `exp` in milliseconds.
    ExpiryMilliseconds = "exp_milliseconds", "the time of expiry is in milliseconds instead of seconds (exp)";
    /// `exp` is past.
    Expired = "expired", "the card has expired";
    /// `exp` before `nbf`.
    ExpiresBeforeIssue = "expires_before_issue", "the card expires before it was issued";
    /// `vc` missing or not an object.
    CredentialMissing = "vc_missing", "the card holds no credential (vc)";
    /// `vc.type` missing or not an array of texts.
    TypeMissing = "vc_type_missing", "the card does not say what it is (vc.type)";
    /// `vc.type` lacks the required one.
    TypeNotHealthCard = "vc_type_not_health_card", "the card does not call itself a health card (vc.type lacks https://smarthealth.cards#health-card)";
    /// A type that ought to be there for what the card holds.
    TypeAdvised {
        /// Its name after the `#`.
        name: &'static str
    } = "vc_type_advised", "the card's types lack #{name}, which its content suggests";
    /// A type that is not needed any more.
    TypeUnneeded = "vc_type_unneeded", "the card has a type that is not needed (VerifiableCredential)";
    /// A type that is not known.
    TypeUnknown = "vc_type_unknown", "the card has a type that is not known";
    /// `credentialSubject` missing or not an object.
    SubjectMissing = "subject_missing", "the card has no content (credentialSubject)";
    /// `fhirVersion` missing or not of the form `4.0.1`.
    FhirVersion = "fhir_version", "the card does not say which version of FHIR it uses (fhirVersion)";
    /// Another FHIR than R4 or R4B.
    FhirVersionUnknown = "fhir_version_unknown", "the card uses another version of FHIR than R4";
    /// `vc.rid` is not up to 24 characters of base64url.
    RevocationId = "rid_invalid", "the card's revocation identifier is not valid (rid)";

    // The Bundle.
    /// `fhirBundle` missing.
    BundleMissing = "bundle_missing", "the card holds no records (fhirBundle)";
    /// Not a Bundle.
    NotABundle = "not_a_bundle", "the card's content is not a FHIR Bundle";
    /// Not valid JSON.
    BundleNotJson = "bundle_not_json", "the Bundle is not valid JSON";
    /// No entries.
    BundleEmpty = "bundle_empty", "the card holds no records (entry is missing or empty)";
    /// More entries than are looked at.
    TooManyEntries {
        /// The limit.
        limit: usize
    } = "too_many_entries", "the card holds more than {limit} records";
    /// `entry.resource` is missing or not an object with a resourceType.
    NoResource = "no_resource", "an entry of the card holds no record";
    /// A required element is missing.
    ElementMissing {
        /// Which.
        element: &'static str
    } = "element_missing", "the record lacks what it must have: {element}";
    /// A code is required and there is none.
    CodingMissing = "coding_missing", "the record has no code where one must be (coding)";
    /// `occurrenceDateTime` and `occurrenceString`, and the like.
    ChoiceTwice {
        /// Which choice.
        element: &'static str
    } = "choice_twice", "the record says the same thing twice in different forms: {element}[x]";
    /// An Immunization that is not `completed`.
    StatusNotCompleted = "status_not_completed", "the vaccination is not marked as completed (status)";
    /// A status that FHIR does not have.
    StatusUnknown = "status_unknown", "the record's status is none that FHIR has";
    /// An empty text, array or object.
    EmptyValue = "empty_value", "there is an empty value, which FHIR forbids";
    /// `Resource.id`.
    ResourceId = "resource_id", "the record has an id, which a card need not have";
    /// `meta` without `security`.
    MetaNotSecurity = "meta_not_security", "the record's meta holds something other than security labels";
    /// `meta` with `security` and something else.
    MetaExtra = "meta_extra", "the record's meta holds more than security labels";
    /// `meta.security` is not an array of Codings with a code.
    MetaSecurity = "meta_security", "the record's security label is not a valid code (meta.security)";
    /// `DomainResource.text`.
    Narrative = "narrative", "the record has a narrative, which a card need not have";
    /// `CodeableConcept.text`.
    ConceptText = "concept_text", "a code has a text beside it, which a card need not have";
    /// `Coding.display`.
    CodingDisplay = "coding_display", "a code has its meaning beside it (display), which a card need not have";
    /// `fullUrl` is not `resource:N`.
    FullUrl = "full_url", "the entry's fullUrl is not a short one (resource:0)";
    /// Two entries with the same `fullUrl`.
    FullUrlTwice = "full_url_twice", "two entries have the same fullUrl";
    /// A reference that is not `resource:N`.
    Reference = "reference", "a reference is not a short one (resource:0)";
    /// A reference to nothing in the card.
    ReferenceDangling = "reference_dangling", "a reference points to nothing in the card";

    // The signature.
    /// ASN.1 instead of 64 bytes.
    SignatureDer = "signature_der", "the signature is in ASN.1 form (DER), not the 64 bytes that it must be";
    /// ASN.1 with a number that is negative, or would be without the zero before it.
    SignatureDerNegative = "signature_der_negative", "the signature is in ASN.1 form (DER) and one of its numbers has the sign's bit set; it must be 64 bytes";
    /// Not 64 bytes.
    SignatureLength {
        /// Bytes.
        length: usize
    } = "signature_length", "the signature has {length} bytes and must have 64";
    /// It does not verify.
    SignatureInvalid = "signature_invalid", "the signature is not valid: the card was altered or is a forgery";
    /// The issuer is not known here.
    IssuerUnknown = "issuer_unknown", "the issuer is not known here, so the signature could not be checked";
    /// The issuer is known and its published keys do not have this one.
    KeyNotPublished = "key_not_published", "the issuer's published keys do not hold the one that signed the card; if the card is new, update the list of issuers and try again";
    /// It is on the issuer's list of revoked cards.
    Revoked = "revoked", "the issuer has revoked the card";
    /// It could not be looked up whether it is revoked.
    RevocationUnchecked = "revocation_unchecked", "the issuer's list of revoked cards is not at hand or too old, so revocation was not checked";

    // Keys.
    /// Not a JWK set.
    KeySetNotJson = "key_set_not_json", "this is not a set of keys (JSON with \"keys\")";
    /// More keys than are looked at.
    TooManyKeys {
        /// The limit.
        limit: usize
    } = "too_many_keys", "the issuer publishes more than {limit} keys";
    /// `kty` is not EC.
    KeyType = "key_type", "the key is of another kind than health cards use (kty is not EC)";
    /// `use` is not sig.
    KeyUse = "key_use", "the key is not for signing (use is not sig)";
    /// `alg` is not ES256.
    KeyAlg = "key_alg", "the key is for another method of signing (alg is not ES256)";
    /// `crv` is not P-256.
    KeyCurve = "key_curve", "the key is on another curve than health cards use (crv is not P-256)";
    /// `x` or `y` are missing or no point of the curve.
    KeyPoint = "key_point", "the key's numbers are missing or are no point of the curve";
    /// A number has lost zeros at its start.
    KeyShort = "key_short", "a number of the key is written without the zeros at its start (x, y)";
    /// `kid` is missing or not the thumbprint.
    KeyThumbprint = "key_thumbprint", "the key's name is not its thumbprint (kid)";
    /// The private key is published.
    KeyPrivate = "key_private", "the issuer has published its private key (d): nothing signed with it can be believed";
    /// `x5c` is not an array of DER certificates.
    CertificateUnreadable = "x5c_unreadable", "the key's certificate cannot be read (x5c)";
    /// The first certificate is for another key.
    CertificateKey = "x5c_key", "the key's certificate is for another key (x5c)";
    /// The first certificate has no subject alternative name.
    CertificateWithoutSan = "x5c_without_san", "the key's certificate names no address (no subject alternative name)";
    /// It has one that is no URI.
    CertificateSanKind = "x5c_san_not_uri", "the key's certificate names a host instead of the issuer's address (subject alternative name is not a URI)";
    /// It has URIs, and none is the issuer.
    CertificateSanMismatch = "x5c_san_mismatch", "the key's certificate is for another issuer (subject alternative name)";
    /// The chain does not hang together.
    CertificateChain = "x5c_chain", "the key's certificates do not belong together (x5c)";
    /// The certificate is expired or not valid yet.
    CertificateExpired = "x5c_expired", "the key's certificate is not valid at this time (x5c)";

    // Lists of revoked cards.
    /// Not a list of revoked cards.
    ListNotJson = "crl_not_json", "this is not a list of revoked cards";
    /// For another key.
    ListKid = "crl_kid", "the list of revoked cards is for another key (kid)";
    /// `method` is not rid.
    ListMethod = "crl_method", "the list of revoked cards is of an unknown kind (method is not rid)";
    /// `ctr` is not what the key's `crlVersion` says.
    ListVersion = "crl_version", "the list of revoked cards is not the version that the key names (ctr)";
    /// An identifier that is not up to 24 characters of base64url with an optional time.
    ListRid = "crl_rid", "an identifier in the list of revoked cards is not valid (rids)";
    /// An identifier twice.
    ListRidTwice = "crl_rid_twice", "an identifier is in the list of revoked cards twice (rids)";
    /// More identifiers than are looked at.
    ListTooLong {
        /// The limit.
        limit: usize
    } = "crl_too_long", "the list of revoked cards has more than {limit} entries";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_what_says_the_most() {
        let shown = |findings: &[(&str, Reason)]| {
            let all: Vec<_> = findings.iter().map(|(path, reason)| Finding::refused(*path, reason.clone())).collect();
            refusal(&all).map(|finding| finding.reason.code())
        };
        let (zip, url) = (("header.zip", Reason::HeaderWithoutZip), ("fhirBundle.entry[0].fullUrl", Reason::FullUrl));
        let (empty, forged) =
            (("fhirBundle.entry[0].resource", Reason::NoResource), ("signature", Reason::SignatureInvalid));
        assert_eq!(shown(&[]), None);
        assert_eq!(shown(&[zip.clone(), ("payload", Reason::NotCompressed)]), Some("not_compressed"));
        assert_eq!(shown(&[url.clone(), forged.clone()]), Some("signature_invalid"));
        assert_eq!(shown(&[url.clone(), empty]), Some("no_resource"));
        assert_eq!(shown(&[zip, url, forged]), Some("header_without_zip"));
        assert_eq!(refusal(&[Finding::noted("card", Reason::NotCompressed)]), None);
    }
}
