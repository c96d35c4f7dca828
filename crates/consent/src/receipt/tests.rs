//! Tests of the receipt's form and of sealing it to the patient.

use super::*;
use proptest::prelude::*;

fn served() -> Receipt {
    Receipt::new(1_795_353_572, "Dr Example", Outcome::Served { files: vec![[1; 32]] }, 1, "relay.example", [2; 32])
}

#[test]
fn reads_what_it_writes() {
    let refused = |reason| Receipt { outcome: Outcome::Refused { reason }, ..served() };
    for receipt in RefusalReason::ALL
        .into_iter()
        .chain([RefusalReason::Other(8), RefusalReason::Other(255)])
        .map(refused)
        .chain([served()])
    {
        assert_eq!(Receipt::from_cbor(&receipt.to_cbor().unwrap()).unwrap(), receipt);
    }
    assert_ne!(served().sha256().unwrap(), refused(RefusalReason::Paused).sha256().unwrap());
}

#[test]
fn the_first_six_reasons_are_for_every_wallet_and_keep_their_numbers() {
    let old = RefusalReason::ALL.into_iter().filter(|reason| reason.is_for_every_wallet());
    assert_eq!(old.map(RefusalReason::number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(RefusalReason::PasscodeMissing.number(), 7);
}

#[test]
fn a_readers_name_is_cut_not_refused() {
    let long = Receipt::new(0, &"é".repeat(2000), served().outcome, 1, "relay", [0; 32]);
    assert_eq!(long.recipient.len(), MAX_RECIPIENT_BYTES);
    assert!(long.to_cbor().is_ok());
    let fullest = Receipt { outcome: Outcome::Served { files: vec![[1; 32]; MAX_FILES] }, ..long };
    assert!(fullest.to_cbor().unwrap().len() <= MAX_BYTES);
}

#[test]
fn refuses_what_it_would_not_write() {
    for bad in [
        Receipt { version: 2, ..served() },
        Receipt { at: -1, ..served() },
        Receipt { relay: String::new(), ..served() },
        Receipt { recipient: "x".repeat(MAX_RECIPIENT_BYTES + 1), ..served() },
        Receipt { outcome: Outcome::Served { files: vec![] }, ..served() },
        Receipt { outcome: Outcome::Refused { reason: RefusalReason::Other(3) }, ..served() },
        Receipt { outcome: Outcome::Refused { reason: RefusalReason::Other(0) }, ..served() },
        Receipt { outcome: Outcome::Served { files: vec![[0; 32]; MAX_FILES + 1] }, ..served() },
    ] {
        assert!(bad.to_cbor().is_err());
    }
    // Both outcomes, none, and a reason that cannot be.
    let base = || Map::new().put(1, 1).put(2, 0).put(3, "a").put(4, 1).put(5, "b").put(8, cbor::bytes(&[0; 32]));
    for map in [
        base(),
        base().put(7, 0),
        base().put(7, 256),
        base().put(7, 1).put(9, 1),
        base().put(6, Value::Array(vec![cbor::bytes(&[0; 32])])).put(7, 1),
    ] {
        assert!(Receipt::from_cbor(&cbor::encode(&map.into_value()).unwrap()).is_err());
    }
    assert!(Receipt::from_cbor(&cbor::encode(&base().put(7, 1).into_value()).unwrap()).is_ok());
    // A reason that came later is read as its number, and hashed as it was.
    let later = cbor::encode(&base().put(7, 99).into_value()).unwrap();
    let receipt = Receipt::from_cbor(&later).unwrap();
    assert_eq!(receipt.outcome, Outcome::Refused { reason: RefusalReason::Other(99) });
    assert_eq!(receipt.to_cbor().unwrap(), later);
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Receipt::from_cbor(&bytes);
    }

    #[test]
    fn writing_then_reading_is_identity(at in 0..time::LAST, name in ".{0,300}", opening in any::<u32>(), tag in any::<[u8; 32]>()) {
        let receipt = Receipt::new(at, &name, served().outcome, opening, "relay", tag);
        prop_assert_eq!(Receipt::from_cbor(&receipt.to_cbor().unwrap()).unwrap(), receipt);
    }
}

#[cfg(feature = "age")]
mod sealed {
    use super::*;

    #[test]
    fn only_the_patient_opens_it() {
        let identity = age::x25519::Identity::generate();
        let envelope = Envelope::to(&identity.to_public().to_string()).unwrap();
        assert_eq!(envelope.recipient(), identity.to_public().to_string());
        let sealed = envelope.seal(&served(), &[5; 32]).unwrap();
        assert!(sealed.len() <= MAX_SEALED_BYTES);
        assert_eq!(decrypt(&identity, &sealed).unwrap(), (served(), [5; 32]));
        assert_eq!(decrypt(&age::x25519::Identity::generate(), &sealed), Err(Error::ReceiptSealed));
        for position in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[position] ^= 1;
            assert!(decrypt(&identity, &altered).is_err(), "byte {position}");
        }
        assert!(decrypt(&identity, &sealed[..sealed.len() - 1]).is_err());
        assert!(matches!(decrypt(&identity, &vec![0; MAX_SEALED_BYTES + 1]), Err(Error::TooLarge { .. })));
        assert!(Envelope::to("age1nonsense").is_err());
    }
}
