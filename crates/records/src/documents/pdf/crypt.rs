//! Files that are encrypted without a password to open them (ISO 32000-2, 7.6: the standard security handler), as many
//! laboratories and hospitals send them: it forbids printing, not reading.
//!
//! Only the empty password is ever tried. Objects are taken to be of generation 0, as nearly all are.

use aes::{
    Aes128, Aes256,
    cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};
use md5::Md5;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::lexer::{Dict, Object};

/// What stands in for a password (ISO 32000-2, 7.6.4.3.2).
const PADDING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00,
    0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    None,
    Rc4,
    AesV2,
    AesV3,
}

/// The key of a file that the empty password opens.
pub(super) struct Crypt {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
    metadata: bool,
    /// The encryption dictionary, whose own strings are plain.
    own_number: Option<u32>,
}

impl Crypt {
    /// The key by the empty password; `None` where that does not open the file.
    pub(super) fn without_password(dict: &Dict, id: &[u8], own_number: Option<u32>) -> Option<Crypt> {
        if dict.name(b"Filter") != Some(b"Standard") {
            return None;
        }
        let number = |key: &[u8]| dict.get(key).and_then(Object::number);
        let string = |key: &[u8]| match dict.get(key) {
            Some(Object::String(bytes)) => Some(bytes.as_slice()),
            _ => None,
        };
        let version = number(b"V").unwrap_or(0.0) as i64;
        let revision = number(b"R")? as i64;
        let (strings, streams) = match version {
            1 | 2 => (Method::Rc4, Method::Rc4),
            4 | 5 => (filter(dict, b"StrF"), filter(dict, b"StmF")),
            _ => return None,
        };
        let metadata = dict.get(b"EncryptMetadata") != Some(&Object::Bool(false));
        let (owner, user) = (string(b"O")?, string(b"U")?);
        let key = if version == 5 {
            key_of_256_bits(revision, user, string(b"UE")?)?
        } else {
            let length = match (version, number(b"Length")) {
                (1, _) => 5,
                (4, None) => 16,
                (_, length) => (length.unwrap_or(40.0) as usize / 8).clamp(5, 16),
            };
            let permissions = number(b"P")? as i64 as u32;
            key_of_128_bits(revision, length, owner, user, permissions, id, metadata)?
        };
        Some(Crypt { key, strings, streams, metadata, own_number })
    }

    /// Decrypts the strings of an object in place.
    pub(super) fn strings(&self, object: &mut Object, number: u32) {
        if self.own_number == Some(number) {
            return;
        }
        match object {
            Object::String(bytes) => *bytes = self.decrypt(self.strings, bytes, number),
            Object::Array(items) => items.iter_mut().for_each(|item| self.strings(item, number)),
            Object::Dict(dict) | Object::Stream(dict, _) => {
                dict.0.iter_mut().for_each(|(_, value)| self.strings(value, number));
            }
            _ => {}
        }
    }

    /// The plain bytes of a stream.
    pub(super) fn stream(&self, raw: &[u8], dict: &Dict, number: u32) -> Vec<u8> {
        if !self.metadata && dict.name(b"Type") == Some(b"Metadata") {
            return raw.to_vec();
        }
        self.decrypt(self.streams, raw, number)
    }

    fn decrypt(&self, method: Method, data: &[u8], number: u32) -> Vec<u8> {
        match method {
            Method::None => data.to_vec(),
            Method::Rc4 => rc4(&self.object_key(number, false), data),
            Method::AesV2 => Aes128::new_from_slice(&self.object_key(number, true))
                .map_or_else(|_| Vec::new(), |cipher| with_padding(&cipher, data)),
            Method::AesV3 => {
                Aes256::new_from_slice(&self.key).map_or_else(|_| Vec::new(), |cipher| with_padding(&cipher, data))
            }
        }
    }

    fn object_key(&self, number: u32, aes: bool) -> Vec<u8> {
        let mut hash = Md5::new();
        hash.update(&self.key);
        hash.update(number.to_le_bytes().get(..3).unwrap_or_default());
        hash.update([0, 0]);
        if aes {
            hash.update(b"sAlT");
        }
        let mut key = hash.finalize().to_vec();
        key.truncate((self.key.len() + 5).min(16));
        key
    }
}

/// The method of a crypt filter.
fn filter(dict: &Dict, which: &[u8]) -> Method {
    let Some(name) = dict.name(which).filter(|name| *name != b"Identity") else { return Method::None };
    let Some(Object::Dict(filters)) = dict.get(b"CF") else { return Method::None };
    let Some(Object::Dict(filter)) = filters.get(name) else { return Method::None };
    match filter.name(b"CFM") {
        Some(b"V2") => Method::Rc4,
        Some(b"AESV2") => Method::AesV2,
        Some(b"AESV3") => Method::AesV3,
        _ => Method::None,
    }
}

/// Algorithm 2, checked with algorithms 4 and 5.
fn key_of_128_bits(
    revision: i64,
    length: usize,
    owner: &[u8],
    user: &[u8],
    permissions: u32,
    id: &[u8],
    metadata: bool,
) -> Option<Vec<u8>> {
    let mut hash = Md5::new();
    hash.update(PADDING);
    hash.update(owner.get(..32)?);
    hash.update(permissions.to_le_bytes());
    hash.update(id);
    if revision >= 4 && !metadata {
        hash.update([0xFF; 4]);
    }
    let mut key = hash.finalize().to_vec();
    if revision >= 3 {
        for _ in 0..50 {
            key = Md5::digest(key.get(..length)?).to_vec();
        }
    }
    key.truncate(length);
    if revision == 2 {
        return (rc4(&key, &PADDING) == user.get(..32)?).then_some(key);
    }
    let mut check = Md5::new();
    check.update(PADDING);
    check.update(id);
    let mut check = check.finalize().to_vec();
    for round in 0..20_u8 {
        let turned: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
        check = rc4(&turned, &check);
    }
    (check == user.get(..16)?).then_some(key)
}

/// Algorithm 2.A for the empty password.
fn key_of_256_bits(revision: i64, user: &[u8], user_key: &[u8]) -> Option<Vec<u8>> {
    let (hash, salt, key_salt) = (user.get(..32)?, user.get(32..40)?, user.get(40..48)?);
    let digest = |salt: &[u8]| if revision == 5 { Some(Sha256::digest(salt).to_vec()) } else { hardened(salt) };
    if digest(salt)? != hash {
        return None;
    }
    let cipher = Aes256::new_from_slice(&digest(key_salt)?).ok()?;
    Some(cbc(&cipher, [0; 16], user_key.get(..32)?))
}

/// Algorithm 2.B for the empty password.
fn hardened(salt: &[u8]) -> Option<Vec<u8>> {
    let mut key = Sha256::digest(salt).to_vec();
    for round in 1..=320_u32 {
        let cipher = Aes128::new_from_slice(key.get(..16)?).ok()?;
        let mut before: [u8; 16] = key.get(16..32)?.try_into().ok()?;
        let mut data = key.repeat(64);
        for block in data.chunks_exact_mut(16) {
            block.iter_mut().zip(before).for_each(|(byte, mask)| *byte ^= mask);
            let mut array = Array::try_from(&*block).ok()?;
            cipher.encrypt_block(&mut array);
            block.copy_from_slice(&array);
            before = array.into();
        }
        let rest = data.iter().take(16).map(|byte| u32::from(*byte)).sum::<u32>() % 3;
        key = match rest {
            0 => Sha256::digest(&data).to_vec(),
            1 => Sha384::digest(&data).to_vec(),
            _ => Sha512::digest(&data).to_vec(),
        };
        if round >= 64 && u32::from(*data.last()?) <= round - 32 {
            break;
        }
    }
    key.truncate(32);
    Some(key)
}

/// CBC after its initialisation vector, less its padding.
fn with_padding<C: BlockCipherDecrypt<BlockSize = aes::cipher::consts::U16>>(cipher: &C, data: &[u8]) -> Vec<u8> {
    let Some((iv, data)) = data.split_first_chunk::<16>() else { return Vec::new() };
    let mut out = cbc(cipher, *iv, data);
    if let Some(padding) = out.last().copied().filter(|padding| (1..=16).contains(padding)) {
        out.truncate(out.len() - usize::from(padding));
    }
    out
}

fn cbc<C: BlockCipherDecrypt<BlockSize = aes::cipher::consts::U16>>(cipher: &C, iv: [u8; 16], data: &[u8]) -> Vec<u8> {
    let mut before = iv;
    let mut out = Vec::with_capacity(data.len());
    for block in data.chunks_exact(16) {
        let Ok(mut array) = Array::try_from(block) else { break };
        let next: [u8; 16] = array.into();
        cipher.decrypt_block(&mut array);
        out.extend(array.iter().zip(before).map(|(byte, mask)| byte ^ mask));
        before = next;
    }
    out
}

fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|at| at as u8);
    let at = |state: &[u8; 256], index: u8| state.get(usize::from(index)).copied().unwrap_or_default();
    if key.is_empty() {
        return data.to_vec();
    }
    let mut j = 0_u8;
    for (i, key) in (0..=255_u8).zip(key.iter().cycle()) {
        j = j.wrapping_add(at(&state, i)).wrapping_add(*key);
        state.swap(usize::from(i), usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    let next = |byte: &u8| {
        i = i.wrapping_add(1);
        j = j.wrapping_add(at(&state, i));
        state.swap(usize::from(i), usize::from(j));
        byte ^ at(&state, at(&state, i).wrapping_add(at(&state, j)))
    };
    data.iter().map(next).collect()
}
