//! What can be wrong or odd with an electronic health certificate.

use crate::finding::{self, reasons};

/// One thing that was found about a certificate.
pub type Finding = finding::Finding<Reason>;

reasons! {
    // The text.
    /// Does not begin with `HC1:`.
    NotHcert = "not_hcert", "this is not a health certificate: it does not begin with HC1:";
    /// Another version of the wrapping.
    ContextUnknown = "context_unknown", "the certificate's wrapping is of a version that is not known (not HC1:)";
    /// Longer than looked at, packed or unpacked.
    TooLarge {
        /// The limit in bytes.
        limit: usize
    } = "too_large", "it is larger than the {limit} bytes that are allowed here";
    /// A character that base45 does not have.
    Base45Character = "base45_character", "the code is damaged: it holds characters that cannot be there (base45)";
    /// A character is missing or too many.
    Base45Length = "base45_length", "the code is damaged: a character is missing or too many (base45)";
    /// Three characters that stand for no two bytes.
    Base45Overflow = "base45_overflow", "the code is damaged: characters in it stand for nothing (base45)";
    /// Not zlib.
    NotCompressed = "not_compressed", "the certificate is not compressed (zlib)";
    /// Damaged zlib.
    InflateFailed = "inflate_failed", "the certificate is damaged and cannot be unpacked (zlib)";
    /// Bytes after the stream.
    InflateTrailing = "inflate_trailing", "there are bytes after the certificate's compressed content";

    // The envelope.
    /// Not CBOR, or more after it.
    Cbor = "cbor", "the certificate is not valid CBOR";
    /// Not a COSE_Sign1.
    Cose = "cose", "the certificate is not signed in the way it has to be (COSE_Sign1)";
    /// No algorithm.
    AlgorithmMissing = "algorithm_missing", "the certificate does not say how it is signed (alg)";
    /// Neither ES256 nor PS256.
    AlgorithmUnknown = "algorithm_unknown", "the certificate is signed by a method that is not known (neither ES256 nor PS256)";
    /// The algorithm stands outside what is signed.
    AlgorithmUnprotected = "algorithm_unprotected", "the method of signing stands outside of what is signed (alg)";
    /// No key identifier.
    KeyIdMissing = "kid_missing", "the certificate does not name the key that signed it (kid)";
    /// Not 8 bytes.
    KeyIdLength = "kid_length", "the name of the key that signed the certificate does not have 8 bytes (kid)";
    /// Text instead of bytes.
    KeyIdText = "kid_text", "the name of the key is written as text (kid)";
    /// Something must be understood that certificates do not have.
    Critical = "critical", "the certificate asks for something that health certificates do not have (crit)";
    /// Not the length that the algorithm gives.
    SignatureLength {
        /// Bytes.
        length: usize
    } = "signature_length", "the signature has {length} bytes, which none of its kind has";
    /// ASN.1 instead of 64 bytes.
    SignatureDer = "signature_der", "the signature is in ASN.1 form (DER), not the 64 bytes that it must be";
    /// No list has the key.
    KeyUnknown = "key_unknown", "the key that signed the certificate is on no list that is known here, so the signature could not be checked";
    /// The key is of another kind than the algorithm.
    KeyAlgorithm = "key_algorithm", "the certificate is signed by another method than its key is for";
    /// It does not verify.
    SignatureInvalid = "signature_invalid", "the signature is not valid: the certificate was altered or is a forgery";

    // The claims.
    /// Not a CWT claims set with an hcert claim.
    Claims = "claims", "the certificate's claims cannot be read (CWT)";
    /// A claim twice, or a key that is neither number nor text.
    ClaimKeys = "claim_keys", "a claim of the certificate is there twice or has no name";
    /// `iss` is not an ISO 3166-1 alpha-2 country.
    IssuerNotCountry = "issuer_not_country", "the issuer is not named by the two letters of a country (iss)";
    /// `iss` is not the country of the key.
    IssuerOtherCountry = "issuer_other_country", "the issuer is another country than the one of the key (iss)";
    /// No `exp`.
    ExpiryMissing = "exp_missing", "the certificate does not say until when it is valid (exp)";
    /// `exp` or `iat` is not a whole number of seconds.
    TimeNotSeconds = "time_not_seconds", "a time in the certificate is not in whole seconds";
    /// `exp` is past.
    Expired = "expired", "the certificate has expired";
    /// `iat` missing.
    IssuedMissing = "iat_missing", "the certificate does not say when it was issued (iat)";
    /// `iat` is in the future.
    NotYetValid = "not_yet_valid", "the certificate is not valid yet: its time of issue is in the future";
    /// No `-260`, or nothing in it.
    ContentMissing = "hcert_missing", "the certificate has no content (claim -260)";
    /// Neither a certificate of the EU nor a link.
    ContentUnknown = "hcert_unknown", "the certificate's content is of a kind that is not known";
    /// Issued when its key was not valid.
    KeyNotValidThen = "key_not_valid_then", "the certificate was issued at a time at which its key was not valid";
    /// The key may not sign this kind.
    KeyUsage = "key_usage", "the certificate's key may not sign certificates of this kind (extended key usage)";
    /// On a list of revoked certificates.
    Revoked = "revoked", "the certificate was revoked";

    // The content (EU Digital COVID Certificate schema).
    /// Not an object.
    NotAnObject = "not_an_object", "the certificate's content is not what the schema asks for";
    /// A required member is missing.
    Missing = "missing", "the certificate lacks something that the schema asks for";
    /// A member is of the wrong kind or shape.
    Invalid = "invalid", "the certificate holds a value that the schema does not allow";
    /// A member that the schema knew only later or earlier, or that is a little off.
    Odd = "odd", "the certificate holds a value that is a little different from what the schema says";
    /// Neither vaccination, test nor recovery.
    NoStatement = "no_statement", "the certificate says nothing about a vaccination, a test or a recovery";
    /// More than one, as only releases before 1.3.0 allow, and only of one kind.
    SeveralStatements = "several_statements", "the certificate holds more than one statement, and should hold one";
    /// `dob` is after `iat`.
    BornLater = "born_later", "the person was born after the certificate was issued, if its date of birth is right (dob)";
}
