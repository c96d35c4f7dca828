//! The key slots: small age files in `keys/`, each holding the database's key, each replaceable without touching data.
//!
//! The content of every slot is 64 bytes: `carnet/slot/v1` and a zero byte, one byte for the kind of slot, the vault's
//! identifier (16), the database's key (32). The kind inside makes a file that was moved to another name useless.

use crate::error::{Error, Result, SlotFault};
use crate::files;
use crate::secret::{DbKey, Passphrase};
use age::{DecryptError, Decryptor, Encryptor};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use zeroize::Zeroizing;

const MAGIC: &[u8; 15] = b"carnet/slot/v1\0";
const CONTENT_LEN: usize = MAGIC.len() + 1 + 16 + 32;
/// An age header with one recipient and one chunk is about 300 bytes.
const MAX_FILE: u64 = 4096;
/// The most scrypt work that is done for a slot: N = 2^20, one gibibyte of memory.
const MAX_LOG_N: u8 = 20;
/// The least that is chosen for a person's passphrase, however slow the device: N = 2^16, 64 mebibytes.
const MIN_LOG_N: u8 = 16;

/// A clock that does not move for so long stands still.
const STANDS_STILL: Duration = Duration::from_millis(100);

/// Which slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Passphrase = 1,
    Recovery = 2,
}

impl Slot {
    fn file_name(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase.age",
            Self::Recovery => "recovery.age",
        }
    }

    pub(crate) fn path(self, folder: &Path) -> PathBuf {
        folder.join("keys").join(self.file_name())
    }

    fn fault(self, fault: SlotFault) -> Error {
        Error::Slot { slot: self.file_name(), fault }
    }
}

/// What a slot holds.
#[derive(Debug)]
pub(crate) struct SlotContent {
    pub(crate) vault_id: [u8; 16],
    pub(crate) key: DbKey,
}

/// Writes the passphrase slot. Takes about a second of one core unless `log_n` is given.
pub(crate) fn write_passphrase(
    folder: &Path,
    passphrase: Passphrase,
    log_n: Option<u8>,
    content: &SlotContent,
) -> Result<()> {
    clock_must_move(SystemTime::now)?;
    let log_n = log_n.unwrap_or_else(one_second_of_scrypt).clamp(1, MAX_LOG_N);
    let mut recipient = age::scrypt::Recipient::new(passphrase.into_inner());
    recipient.set_work_factor(log_n);
    write(folder, Slot::Passphrase, &recipient, content)
}

/// Writes the slot that the recovery phrase opens.
pub(crate) fn write_recovery(folder: &Path, recipient: &age::x25519::Recipient, content: &SlotContent) -> Result<()> {
    write(folder, Slot::Recovery, recipient, content)
}

/// Opens the passphrase slot. `WrongPassphrase` comes without a count; the caller counts.
pub(crate) fn open_passphrase(folder: &Path, passphrase: Passphrase) -> Result<SlotContent> {
    clock_must_move(SystemTime::now)?;
    let mut identity = age::scrypt::Identity::new(passphrase.into_inner());
    identity.set_max_work_factor(MAX_LOG_N);
    open(folder, Slot::Passphrase, &identity).map_err(|error| match error {
        OpenError::NotThisKey => Error::WrongPassphrase { refused: None },
        OpenError::Other(error) => error,
    })
}

/// Opens the slot of the recovery phrase.
pub(crate) fn open_recovery(folder: &Path, identity: &age::x25519::Identity) -> Result<SlotContent> {
    open(folder, Slot::Recovery, identity).map_err(|error| match error {
        OpenError::NotThisKey => Error::WrongPhrase,
        OpenError::Other(error) => error,
    })
}

enum OpenError {
    NotThisKey,
    Other(Error),
}

fn write(folder: &Path, slot: Slot, recipient: &dyn age::Recipient, content: &SlotContent) -> Result<()> {
    let mut plain = Zeroizing::new(Vec::with_capacity(CONTENT_LEN));
    plain.extend_from_slice(MAGIC);
    plain.push(slot as u8);
    plain.extend_from_slice(&content.vault_id);
    plain.extend_from_slice(content.key.expose_bytes());

    let encryptor = Encryptor::with_recipients(std::iter::once(recipient)).map_err(|_| Error::Internal("key slot"))?;
    let mut file = Vec::new();
    let mut writer = encryptor.wrap_output(&mut file).map_err(Error::io("Encrypting a key file"))?;
    writer.write_all(&plain).and_then(|()| writer.finish()).map_err(Error::io("Encrypting a key file"))?;
    files::replace(&slot.path(folder), &file).map_err(Error::io("Writing a key file"))
}

fn open(folder: &Path, slot: Slot, identity: &dyn age::Identity) -> Result<SlotContent, OpenError> {
    let damaged = || OpenError::Other(slot.fault(SlotFault::Damaged));
    let file = read_small(&slot.path(folder)).map_err(|error| {
        OpenError::Other(match error.kind() {
            std::io::ErrorKind::NotFound => slot.fault(SlotFault::Missing),
            std::io::ErrorKind::FileTooLarge => slot.fault(SlotFault::Damaged),
            _ => Error::io("Reading a key file")(error),
        })
    })?;
    let decryptor = Decryptor::new(file.as_slice()).map_err(|_| damaged())?;
    let mut reader = decryptor.decrypt(std::iter::once(identity)).map_err(|error| match error {
        // age tells a passphrase that does not fit as DecryptionFailed, a key that does not fit as NoMatchingKeys.
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
            OpenError::NotThisKey
        }
        DecryptError::ExcessiveWork { .. } => OpenError::Other(slot.fault(SlotFault::TooCostly)),
        _ => damaged(),
    })?;
    let mut plain = Zeroizing::new([0; CONTENT_LEN]);
    reader.read_exact(plain.as_mut()).map_err(|_| damaged())?;
    // The last chunk is only verified once the end was reached.
    if reader.read(&mut [0]).map_err(|_| damaged())? != 0 {
        return Err(damaged());
    }
    let rest = plain.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let (kind, rest) = rest.split_first().ok_or_else(damaged)?;
    let (vault_id, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (key, []) = rest.split_first_chunk().ok_or_else(damaged)? else { return Err(damaged()) };
    if *kind != slot as u8 {
        return Err(damaged());
    }
    Ok(SlotContent { vault_id: *vault_id, key: DbKey::from_slice(key) })
}

fn read_small(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// age measures this device whenever it takes a passphrase, whatever work factor it is then told, and doubles N until the
/// system's clock has moved: while that stands still (it is frozen in some sandboxes), until the memory is used up. So age
/// gets no passphrase before the clock was seen to move; until it does again, age's N stays far below [`MAX_LOG_N`].
fn clock_must_move(now: impl Fn() -> SystemTime) -> Result<()> {
    let (started, waiting) = (now(), Duration::from_millis(1));
    for _ in 0..=STANDS_STILL.as_millis() {
        if now() != started {
            return Ok(());
        }
        std::thread::sleep(waiting);
    }
    Err(Error::ClockStandsStill)
}

/// The scrypt work factor that takes this device about a second: measured at N = 2^14, which is past the caches, and
/// scaled, since the time grows with N.
fn one_second_of_scrypt() -> u8 {
    const PROBE: u8 = 14;
    let mut recipient = age::scrypt::Recipient::new(String::from("probe").into());
    recipient.set_work_factor(PROBE);
    let started = Instant::now();
    // The result is of no use; a failure only means that the time measured is short and the clamp below decides.
    let _ = age::encrypt(&recipient, &[]);
    let mut took = started.elapsed().max(Duration::from_millis(1));
    let mut log_n = PROBE;
    // Nearest to a second: doubling once more must not overshoot it by more than it is short of now.
    while took < Duration::from_millis(700) && log_n < MAX_LOG_N {
        took *= 2;
        log_n += 1;
    }
    log_n.max(MIN_LOG_N)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrase::RecoveryPhrase;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text.to_owned()).unwrap()
    }

    fn folder_with_slots() -> (tempfile::TempDir, RecoveryPhrase) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("keys")).unwrap();
        let content = SlotContent { vault_id: [7; 16], key: DbKey::from_slice(&[9; 32]) };
        let phrase = RecoveryPhrase::make().unwrap();
        write_passphrase(folder.path(), passphrase("right"), Some(4), &content).unwrap();
        write_recovery(folder.path(), &phrase.keys().recovery_recipient().unwrap(), &content).unwrap();
        (folder, phrase)
    }

    #[test]
    fn both_slots_give_the_key() {
        let (folder, phrase) = folder_with_slots();
        let by_passphrase = open_passphrase(folder.path(), passphrase("right")).unwrap();
        let by_phrase = open_recovery(folder.path(), &phrase.keys().recovery_identity().unwrap()).unwrap();
        for content in [by_passphrase, by_phrase] {
            assert_eq!((content.vault_id, *content.key.expose_bytes()), ([7; 16], [9; 32]));
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let (folder, _) = folder_with_slots();
        assert!(matches!(
            open_passphrase(folder.path(), passphrase("wrong")),
            Err(Error::WrongPassphrase { refused: None })
        ));
        let other = RecoveryPhrase::make().unwrap().keys().recovery_identity().unwrap();
        assert!(matches!(open_recovery(folder.path(), &other), Err(Error::WrongPhrase)));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let (folder, phrase) = folder_with_slots();
        let path = Slot::Recovery.path(folder.path());
        let good = std::fs::read(&path).unwrap();
        let identity = phrase.keys().recovery_identity().unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            assert!(open_recovery(folder.path(), &identity).is_err(), "byte {at}");
            std::fs::write(&path, &good[..at]).unwrap();
            assert!(open_recovery(folder.path(), &identity).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_slot_under_another_name_is_damaged() {
        let (folder, phrase) = folder_with_slots();
        let keys = phrase.keys();
        let content = SlotContent { vault_id: [7; 16], key: DbKey::from_slice(&[9; 32]) };
        write(folder.path(), Slot::Passphrase, &keys.recovery_recipient().unwrap(), &content).unwrap();
        std::fs::rename(Slot::Passphrase.path(folder.path()), Slot::Recovery.path(folder.path())).unwrap();
        let error = open_recovery(folder.path(), &keys.recovery_identity().unwrap());
        assert!(matches!(error, Err(Error::Slot { slot: "recovery.age", fault: SlotFault::Damaged })));
    }

    #[test]
    fn hostile_slots_cost_little() {
        let (folder, _) = folder_with_slots();
        let path = Slot::Passphrase.path(folder.path());
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let greedy = text.replacen(" 4\n", " 40\n", 1);
        assert_ne!(greedy, text);
        // The header is what counts; its MAC is only looked at once the passphrase was tried.
        std::fs::write(&path, greedy.as_bytes()).unwrap();
        let error = open_passphrase(folder.path(), passphrase("right"));
        assert!(matches!(error, Err(Error::Slot { .. })), "{error:?}");
        std::fs::write(&path, vec![b'a'; 1 << 20]).unwrap();
        let error = open_passphrase(folder.path(), passphrase("right"));
        assert!(matches!(error, Err(Error::Slot { fault: SlotFault::Damaged, .. })), "{error:?}");
        std::fs::remove_file(&path).unwrap();
        let error = open_passphrase(folder.path(), passphrase("right"));
        assert!(matches!(error, Err(Error::Slot { fault: SlotFault::Missing, .. })), "{error:?}");
    }

    #[test]
    fn a_clock_that_stands_still_is_noticed_before_it_costs_memory() {
        let still = SystemTime::now();
        assert!(matches!(clock_must_move(|| still), Err(Error::ClockStandsStill)));
        assert!(clock_must_move(SystemTime::now).is_ok());
        // Set back is not still.
        let calls = std::cell::Cell::new(0);
        let back = || still - Duration::from_secs(calls.replace(calls.get() + 1));
        assert!(clock_must_move(back).is_ok());
    }

    #[test]
    fn the_measured_work_factor_is_within_bounds() {
        assert!((MIN_LOG_N..=MAX_LOG_N).contains(&one_second_of_scrypt()));
    }
}
