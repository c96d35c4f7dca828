//! The one place that speaks to SQLCipher's C interface: giving the key to a connection.
//!
//! `PRAGMA key` would do the same, but then the key stands in `Debug` of the connection options, in sqlx's log of
//! statements and in a `String` that nobody wipes.
#![allow(unsafe_code)]

use crate::secret::DbKey;
use sqlx::SqliteConnection;
use zeroize::Zeroizing;

/// SQLCipher's notation for a raw key, `x'<64 hexadecimal digits>'`: no key derivation of its own.
const RAW_KEY_LEN: usize = 67;

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
