//! How fast one client may go. Kept in memory, under hashes that mean nothing after a restart.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many clients are remembered; beyond that those with a full allowance are forgotten, which changes nothing for them.
const REMEMBERED: usize = 65_536;

/// A bucket of allowances for each client, refilled steadily.
pub(crate) struct Pace {
    /// How many may come at once, and in one period; 0 is without limit.
    most: u32,
    period: Duration,
    buckets: Mutex<HashMap<u64, Bucket>>,
    hasher: RandomState,
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl Pace {
    pub(crate) fn new(most: u32, period: Duration) -> Self {
        Self { most, period, buckets: Mutex::default(), hasher: RandomState::new() }
    }

    /// Takes one allowance.
    ///
    /// # Errors
    /// When there is none: how long until there is one, in whole seconds, at least 1.
    pub(crate) fn take(&self, client: &impl Hash, now: Instant) -> Result<(), u64> {
        if self.most == 0 {
            return Ok(());
        }
        let most = f64::from(self.most);
        let a_second = most / self.period.as_secs_f64();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= REMEMBERED {
            let period = self.period;
            buckets.retain(|_, bucket| now.saturating_duration_since(bucket.at) < period);
            if buckets.len() >= REMEMBERED {
                // A flood from many sides: better to forget than to fill the memory or refuse everybody.
                buckets.clear();
            }
        }
        let bucket = buckets.entry(self.hasher.hash_one(client)).or_insert(Bucket { left: most, at: now });
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + since * a_second).min(most);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive, small number of seconds"
        )]
        let wait = ((1.0 - bucket.left) / a_second).ceil().max(1.0) as u64;
        Err(wait)
    }
}

/// Who a client is for counting: the address, or for IPv6 the network of 64 bits that one customer gets.
pub(crate) fn client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_steady_pace_then_the_wait() {
        let pace = Pace::new(60, Duration::from_secs(60));
        let start = Instant::now();
        assert!((0..60).all(|_| pace.take(&"a", start).is_ok()));
        assert_eq!(pace.take(&"a", start), Err(1));
        assert_eq!(pace.take(&"b", start), Ok(()), "another client has its own allowance");
        assert_eq!(pace.take(&"a", start + Duration::from_secs(1)), Ok(()));
        assert_eq!(pace.take(&"a", start + Duration::from_secs(1)), Err(1));
        let slow = Pace::new(1, Duration::from_secs(3600));
        assert_eq!(slow.take(&1, start), Ok(()));
        assert_eq!(slow.take(&1, start), Err(3600));
        let none = Pace::new(0, Duration::from_secs(1));
        assert!((0..1000).all(|_| none.take(&1, start).is_ok()));
    }

    #[test]
    fn memory_is_bounded() {
        let pace = Pace::new(5, Duration::from_secs(60));
        let now = Instant::now();
        for client in 0..2 * REMEMBERED {
            pace.take(&client, now).unwrap();
        }
        assert!(pace.buckets.lock().unwrap().len() <= REMEMBERED);
    }

    #[test]
    fn one_customer_is_one_client() {
        let a: IpAddr = "2001:db8::1".parse().unwrap();
        let b: IpAddr = "2001:db8::ffff:2".parse().unwrap();
        let c: IpAddr = "2001:db8:0:1::1".parse().unwrap();
        assert_eq!(client(a), client(b));
        assert_ne!(client(a), client(c));
        assert_eq!(client("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1".parse::<IpAddr>().unwrap());
    }
}
