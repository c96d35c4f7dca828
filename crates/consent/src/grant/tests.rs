//! Tests of the grant's claims, its form and its signature, hostile ones included.

use super::*;
use crate::cbor::{self, Map, Value};
use crate::testkit::{self, NOW, key};
use crate::{Error, cose};
use coset::{CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use proptest::prelude::*;

#[test]
fn signing_then_verifying_is_identity() {
    for grant in [testkit::grant(), testkit::full()] {
        let signed = sign(&grant, &key()).unwrap();
        assert_eq!(SignedGrant::verify(signed.as_bytes()).unwrap(), grant);
    }
}

#[test]
fn a_usual_grant_is_small() {
    let len = sign(&testkit::grant(), &key()).unwrap().as_bytes().len();
    assert!((250..=360).contains(&len), "{len} bytes");
}

#[test]
fn a_full_grant_fits_its_limit() {
    let mut grant = testkit::full();
    let longest = "\u{fffd}".repeat(Name::MAX_CHARS);
    grant.recipient.name = Some(Name::new(&longest).unwrap());
    grant.request = Some(RequestRef { by: Name::new(&longest).unwrap(), sha256: [0; 32] });
    grant.what.codes = vec![Code { system: "s".repeat(200), code: "c".repeat(64) }; Scope::MAX_CODES];
    grant.what.pinned = vec![[0; 32]; Scope::MAX_PINNED];
    assert!(sign(&grant, &key()).unwrap().as_bytes().len() <= MAX_SIGNED_BYTES);
}

#[test]
fn every_altered_byte_is_refused() {
    let signed = sign(&testkit::full(), &key()).unwrap();
    for position in 0..signed.as_bytes().len() {
        for mask in [0x01, 0x20, 0x80] {
            let mut altered = signed.as_bytes().to_vec();
            altered[position] ^= mask;
            assert!(SignedGrant::verify(&altered).is_err(), "byte {position} mask {mask}");
        }
        assert!(SignedGrant::verify(&signed.as_bytes()[..position]).is_err());
    }
}

#[test]
fn another_key_cannot_sign_or_be_named() {
    assert_eq!(sign(&testkit::grant(), &GrantKey::from_seed([8; 32])), Err(Error::KeyMismatch));
    // A header that names another key than the one that signed.
    let payload = claims::to_bytes(&testkit::grant()).unwrap();
    let other = GrantKey::from_seed([8; 32]);
    let bytes = message(&payload, header(&other.public()), |data| key().sign_raw(data).to_vec());
    assert_eq!(SignedGrant::verify(&bytes), Err(Error::Signature));
}

#[test]
fn only_eddsa_with_the_exact_header() {
    let payload = claims::to_bytes(&testkit::grant()).unwrap();
    let public = key().public();
    let sign = |data: &[u8]| key().sign_raw(data).to_vec();
    let es256 = HeaderBuilder::new().algorithm(iana::Algorithm::ES256).key_id(public.to_vec());
    assert_eq!(SignedGrant::verify(&message(&payload, es256, sign)), Err(Error::Algorithm));
    let none = HeaderBuilder::new().key_id(public.to_vec());
    assert_eq!(SignedGrant::verify(&message(&payload, none, sign)), Err(Error::Algorithm));
    let untyped = HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).key_id(public.to_vec());
    assert_eq!(SignedGrant::verify(&message(&payload, untyped, sign)), Err(Error::UnknownClaim));
    let more = header(&public).text_value("x".into(), Value::from(1));
    assert_eq!(SignedGrant::verify(&message(&payload, more, sign)), Err(Error::UnknownClaim));
    // An unprotected header, an untagged message, and a second tag around it.
    let built = CoseSign1Builder::new()
        .protected(header(&public).build())
        .unprotected(HeaderBuilder::new().key_id(vec![1]).build())
        .payload(payload.clone())
        .create_signature(&[], sign)
        .build();
    assert_eq!(SignedGrant::verify(&built.to_tagged_vec().unwrap()), Err(Error::UnknownClaim));
    let good = message(&payload, header(&public), sign);
    assert!(SignedGrant::verify(&good).is_ok());
    assert_eq!(SignedGrant::verify(&good[1..]), Err(Error::Cbor));
    assert!(SignedGrant::verify(&[&[0xd8, 0x3d], good.as_slice()].concat()).is_err());
    assert_eq!(SignedGrant::verify(&[good.as_slice(), &[0]].concat()), Err(Error::NotDeterministic));
}

#[test]
fn keys_of_small_order_are_refused() {
    // The eight points of small order in their canonical encodings, and the two that are no canonical encoding.
    let points = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    let payload = claims::to_bytes(&testkit::grant()).unwrap();
    for point in points {
        let point: [u8; 32] = encoding::from_hex(point).unwrap();
        // R = the point, s = 0 fits any message for a lax verifier.
        let mut forged = point.to_vec();
        forged.extend([0; 32]);
        let bytes = message(&payload, header(&point), |_| forged.clone());
        assert_eq!(SignedGrant::verify(&bytes), Err(Error::WeakKey), "{point:?}");
        let mut grant = testkit::full();
        grant.recipient.key = Some(point);
        assert_eq!(sign(&grant, &key()).err(), Some(Error::WeakKey));
    }
}

#[test]
fn a_signature_cannot_be_shifted_by_the_groups_order() {
    let signed = sign(&testkit::grant(), &key()).unwrap();
    let order: [u8; 32] =
        encoding::from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut altered = signed.as_bytes().to_vec();
    let start = altered.len() - 32;
    let mut carry = 0;
    for (byte, add) in altered[start..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    assert_eq!(SignedGrant::verify(&altered), Err(Error::Signature));
}

#[test]
fn the_claim_set_is_closed_and_has_one_form() {
    let cases: [(Change, Error); 19] = [
        (|claims, _| claims.insert(0, (Value::from(1), Value::from("iss"))), Error::UnknownClaim),
        (|claims, _| claims.push((Value::from("x"), Value::from(1))), Error::UnknownClaim),
        (|_, own| own.push((Value::from(20), Value::from(1))), Error::UnknownClaim),
        (|_, own| set(own, 1, Value::from(2)), Error::UnknownClaim),
        (|_, own| set(own, 6, Value::from(31)), Error::UnknownClaim),
        (|_, own| set(own, 8, Value::from(1_u64 << 31)), Error::UnknownClaim),
        (|_, own| set(own, 8, Value::from(0)), Error::Invalid("way of sharing")),
        (|_, own| set(own, 12, Value::from(0)), Error::NotDeterministic),
        (|_, own| own.retain(|(key, _)| *key != Value::from(14)), Error::MissingClaim("withdrawal tag")),
        (|_, own| set(own, 14, cbor::bytes(&[0; 31])), Error::Invalid("withdrawal tag")),
        (|_, own| set(own, 17, Value::from("text")), Error::Invalid("root of entries")),
        (|_, own| set(own, 18, Value::from(0)), Error::Invalid("number of entries")),
        (|_, own| set(own, 18, Value::from(1.0)), Error::Invalid("number of entries")),
        (|_, own| own.insert(15, (Value::from(16), Value::from(DEFAULT_MAX_STALE))), Error::NotDeterministic),
        (|claims, _| claims.retain(|(key, _)| *key != Value::from(3)), Error::Invalid("name of the recipient")),
        (|claims, _| set(claims, 3, Value::from("x".repeat(2000))), Error::TooLarge { what: "name", limit: 120 }),
        (|claims, _| set(claims, 3, Value::from("a\u{202e}b")), Error::Invalid("name")),
        (|claims, _| set(claims, 4, Value::from(-1)), Error::Invalid("end of the grant")),
        (|claims, _| set(claims, 4, Value::from(NOW)), Error::Invalid("end of the grant")),
    ];
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        assert_eq!(SignedGrant::verify(&altered(change)), Err(expected), "case {number}");
    }
    // Unsorted and repeated claims: signed well, refused still.
    let swapped = altered(|claims, _| claims.swap(0, 1));
    assert_eq!(SignedGrant::verify(&swapped), Err(Error::NotDeterministic));
    let repeated = altered(|claims, _| claims.insert(1, (Value::from(3), Value::from("Dr Other"))));
    assert_eq!(SignedGrant::verify(&repeated), Err(Error::NotDeterministic));
    assert_eq!(SignedGrant::verify(&altered(|_, _| ())), Ok(testkit::grant()));
}

#[test]
fn fields_must_fit_together() {
    let refused = |change: fn(&mut Grant)| {
        let mut grant = testkit::grant();
        change(&mut grant);
        sign(&grant, &key()).unwrap_err()
    };
    assert_eq!(refused(|g| g.expires = g.not_before), Error::Invalid("end of the grant"));
    assert_eq!(refused(|g| g.expires = i64::MAX), Error::Invalid("end of the grant"));
    assert_eq!(refused(|g| g.issued_at = -1), Error::Invalid("time of signing"));
    assert_eq!(refused(|g| g.max_openings = Some(0)), Error::Invalid("number of openings"));
    assert_eq!(refused(|g| g.recipient.class = RecipientClass::Anyone), Error::Invalid("name of the recipient"));
    assert_eq!(refused(|g| g.recipient.name = None), Error::Invalid("name of the recipient"));
    assert_eq!(refused(|g| g.how.formats = Set::new()), Error::Invalid("way of sharing"));
    assert_eq!(refused(|g| g.what.categories = Some(Set::new())), Error::Invalid("choice of categories"));
    assert!(matches!(refused(|g| g.what.pinned = vec![[0; 32]; 65]), Error::TooLarge { limit: 64, .. }));
    assert_eq!(
        refused(|g| g.what.codes = vec![Code { system: "a\n".into(), code: "b".into() }]),
        Error::Invalid("code")
    );
}

#[test]
fn a_grant_is_extended_by_another_that_takes_its_place() {
    let first = sign(&testkit::full(), &key()).unwrap();
    let later = GrantKey::from_seed([2; 32]);
    let (id, end) = (GrantId::from_bytes([9; 16]), NOW + 7 * 86_400);
    let draft = GrantDraft::extending(&first, &testkit::full(), id, [5; 32], end);
    let grant = draft.into_grant(later.public(), NOW + 60, ([6; 32], 12));
    let read = SignedGrant::verify(sign(&grant, &later).unwrap().as_bytes()).unwrap();
    assert_eq!((read.supersedes, read.expires, read.id), (Some(first.sha256()), end, id));
    let (what, how, recipient) = (testkit::full().what, testkit::full().how, testkit::full().recipient);
    assert_eq!((read.what, read.how, read.recipient), (what, how, recipient));
}

#[test]
fn time_and_audience() {
    let grant = testkit::grant();
    for (now, expected) in [
        (i64::MIN, Timing::NotYet),
        (NOW - 1, Timing::NotYet),
        (NOW, Timing::Within),
        (NOW + 86_399, Timing::Within),
        (NOW + 86_400, Timing::Over),
        (i64::MAX, Timing::Over),
    ] {
        assert_eq!(grant.timing(now), expected, "{now}");
    }
}

#[test]
fn words_and_numbers_of_every_table_are_unique() {
    fn check<T: Member>() {
        for (position, member) in T::ALL.iter().enumerate() {
            assert!((1..=31).contains(&member.number()));
            assert_eq!(T::from_number(member.number()), Some(*member));
            assert_eq!(T::from_word(member.as_str()), Some(*member));
            assert!(T::ALL[..position].iter().all(|other| other.number() < member.number()));
        }
        let all = Set::<T>::all();
        assert_eq!(all.iter().count(), T::ALL.len());
        assert_eq!(Set::<T>::from_bits(all.bits()), Some(all));
        assert_eq!(Set::<T>::from_bits(1 << 31), None);
    }
    check::<Granter>();
    check::<RecipientClass>();
    check::<IdentifiedBy>();
    check::<Purpose>();
    check::<Category>();
    check::<Sensitivity>();
    check::<Access>();
    check::<Format>();
    check::<Obligation>();
    check::<LeftOut>();
    check::<Content>();
}

#[test]
fn a_key_shows_nothing() {
    assert_eq!(format!("{:?}", key()), "GrantKey(..)");
}

fn header(key: &[u8; 32]) -> HeaderBuilder {
    HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).key_id(key.to_vec()).value(16, Value::from(61))
}

fn message(payload: &[u8], header: HeaderBuilder, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let builder = CoseSign1Builder::new().protected(header.build()).payload(payload.to_vec());
    builder.create_signature(&[], sign).build().to_tagged_vec().unwrap()
}

/// Alters a grant's claims, and those in the map of its terms.
type Change = fn(&mut Vec<(Value, Value)>, &mut Vec<(Value, Value)>);

/// The usual grant with altered claims, signed by its key.
fn altered(change: Change) -> Vec<u8> {
    let payload = claims::to_bytes(&testkit::grant()).unwrap();
    let mut members = cbor::decode(&payload, "grant", MAX_SIGNED_BYTES).unwrap().into_map().unwrap();
    let (own_key, own) = members.pop().unwrap();
    let mut own = own.into_map().unwrap();
    change(&mut members, &mut own);
    members.push((own_key, Value::Map(own)));
    // A text key sorts behind the negative one.
    members.sort_by_key(|(key, _)| key.is_text());
    cose::sign(cbor::encode(&Value::Map(members)).unwrap(), &[], &key()).unwrap()
}

fn set(members: &mut [(Value, Value)], key: i64, value: Value) {
    members.iter_mut().find(|(candidate, _)| *candidate == Value::from(key)).unwrap().1 = value;
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = SignedGrant::verify(&bytes);
        let _ = claims::from_bytes(&bytes, [0; 32]);
    }

    #[test]
    fn never_panics_on_cbor_of_the_right_kind(keys in proptest::collection::vec((-3_i64..20, any::<i64>()), 0..20)) {
        let own = keys.iter().fold(Map::new(), |map, (key, value)| map.put(*key, *value)).into_value();
        let claims = Map::new().put(4, 1).put(5, 0).put(6, 0).put(7, cbor::bytes(&[0; 16])).put(-65_537, own);
        let _ = claims::from_bytes(&cbor::encode(&claims.into_value()).unwrap(), [0; 32]);
    }

    #[test]
    fn any_grant_survives_signing(
        id in any::<[u8; 16]>(), seed in any::<[u8; 32]>(), start in 0_i64..4_000_000_000, length in 1_i64..100_000_000,
        openings in proptest::option::of(1_u32..), categories in proptest::option::of(1_u32..1 << 16),
        leaves_out in 0_u32..1 << 10, stale in any::<u32>(), name in "[\\w\u{e9}\u{4e2d}]{1,40}",
        pinned in proptest::collection::vec(any::<[u8; 32]>(), 0..5), root in any::<[u8; 32]>(), entries in 1_u32..,
    ) {
        let key = GrantKey::from_seed(seed);
        let mut grant = testkit::grant();
        grant.id = GrantId::from_bytes(id);
        grant.key = key.public();
        (grant.issued_at, grant.not_before, grant.expires) = (start, start, start + length);
        grant.max_openings = openings;
        grant.recipient.name = Some(Name::new(&name).unwrap());
        grant.what.categories = categories.map(|bits| Set::from_bits(bits).unwrap());
        grant.what.leaves_out = Set::from_bits(leaves_out).unwrap();
        grant.what.pinned = pinned;
        (grant.max_stale, grant.entries_root, grant.entries) = (stale, root, entries);
        let signed = sign(&grant, &key).unwrap();
        prop_assert_eq!(SignedGrant::verify(signed.as_bytes()).unwrap(), grant);
    }
}
