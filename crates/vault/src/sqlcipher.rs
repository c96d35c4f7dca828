//! The one place that speaks to SQLCipher's C interface, and to that of OpenSSL below it: giving the key to a connection.
//!
//! `PRAGMA key` would do the same, but then the key stands in `Debug` of the connection options, in sqlx's log of
//! statements and in a `String` that nobody wipes.
#![allow(unsafe_code)]

use crate::secret::DbKey;
use sqlx::SqliteConnection;
use zeroize::Zeroizing;

/// SQLCipher's notation for a raw key, `x'<64 hexadecimal digits>'`: no key derivation of its own.
const RAW_KEY_LEN: usize = 67;

/// Keeps OpenSSL from cleaning up at the program's exit, if nothing in the program used it before. It would do so under a
/// thread of sqlx's that has closed its connection and is just ending, and each thread that used OpenSSL cleans up after
/// itself: now and then both freed the same memory (openssl/openssl#6214). The system takes the memory back in any case.
#[cfg(not(target_vendor = "apple"))] // there SQLCipher uses the system's own cryptography
pub(crate) fn outlive_exit() {
    /// `OPENSSL_INIT_NO_ATEXIT` of `openssl/crypto.h`.
    const NO_ATEXIT: u64 = 0x0008_0000;
    unsafe extern "C" {
        fn OPENSSL_init_crypto(options: u64, settings: *const std::ffi::c_void) -> std::ffi::c_int;
    }
    // SAFETY: the function may be called at any time, by any number of threads, and takes no settings as a null pointer.
    // It can only fail where OpenSSL was shut down, which nothing here does; then the first read fails as well.
    unsafe { OPENSSL_init_crypto(NO_ATEXIT, std::ptr::null()) };
}

/// Nothing to do: SQLCipher uses the system's own cryptography.
#[cfg(target_vendor = "apple")]
pub(crate) fn outlive_exit() {}

/// Gives the key to a connection that has not read or written anything yet.
pub(crate) async fn give_key(connection: &mut SqliteConnection, key: &DbKey) -> Result<(), sqlx::Error> {
    let raw = raw_key(key);
    let code = {
        let mut handle = connection.lock_handle().await?;
        // SAFETY: `lock_handle` gives the pointer of an open connection and keeps sqlx's worker thread away from it until
        // `handle` is dropped at the end of this block. `raw` holds RAW_KEY_LEN initialised bytes and outlives the call;
        // SQLCipher copies them and keeps no pointer.
        unsafe {
            libsqlite3_sys::sqlite3_key(
                handle.as_raw_handle().as_ptr(),
                raw.as_ptr().cast(),
                RAW_KEY_LEN as std::ffi::c_int,
            )
        }
    };
    if code == libsqlite3_sys::SQLITE_OK {
        Ok(())
    } else {
        Err(sqlx::Error::Configuration("the encrypted database did not take its key".into()))
    }
}

fn raw_key(key: &DbKey) -> Zeroizing<[u8; RAW_KEY_LEN]> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut raw = Zeroizing::new([b'\''; RAW_KEY_LEN]);
    let (head, tail) = raw.split_at_mut(2);
    head.copy_from_slice(b"x'");
    for (pair, byte) in tail.chunks_exact_mut(2).zip(key.expose_bytes()) {
        let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_raw_key_notation() {
        let key = DbKey::from_slice(&std::array::from_fn(|i| (i * 8 + 3) as u8));
        let raw = raw_key(&key);
        assert_eq!(
            std::str::from_utf8(&*raw).unwrap(),
            "x'030b131b232b333b434b535b636b737b838b939ba3abb3bbc3cbd3dbe3ebf3fb'"
        );
    }
}
