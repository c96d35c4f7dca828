//! Decrypting: any text, and any header and content that somebody who holds the key sealed.
#![no_main]

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use smart_health::{ContentKey, jwe};

fuzz_target!(|bytes: &[u8]| {
    decrypt(&String::from_utf8_lossy(bytes));
    // Nothing made up passes the authentication: what lies behind it is reached by sealing the input, which is a header
    // and a content parted by a line break.
    if let Some(at) = bytes.iter().position(|byte| *byte == b'\n') {
        decrypt(&seal(&bytes[..at], &bytes[at + 1..]));
    }
});

fn decrypt(compact: &str) {
    if let Ok(plaintext) = jwe::decrypt(&ContentKey::from_bytes([0; 32]), compact, 1024) {
        assert!(plaintext.bytes.len() <= 1024);
    }
}

fn seal(header: &[u8], content: &[u8]) -> String {
    let header = URL_SAFE_NO_PAD.encode(header);
    let payload = Payload { msg: content, aad: header.as_bytes() };
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from([0; 32]));
    let sealed = cipher.encrypt(&Nonce::from([0; 12]), payload).expect("content of less than 64 GiB");
    let [iv, ciphertext, tag] =
        [&[0; 12], &sealed[..content.len()], &sealed[content.len()..]].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}..{iv}.{ciphertext}.{tag}")
}
