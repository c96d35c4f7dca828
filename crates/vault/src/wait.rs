//! Waits for a future on the spot, without a runtime: for `Drop`, which is not asynchronous and may run anywhere, even
//! inside a runtime that is being shut down.
//!
//! What is waited for must be woken by a thread of its own (the database's, an import's), never by a task of the
//! caller's runtime, which would stand still meanwhile.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

/// Polls the future on this thread until it is done; the thread sleeps in between.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_for_another_thread_even_inside_a_runtime() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let other = thread::spawn(move || sender.send(7));
        assert_eq!(block_on(receiver), Ok(7));
        other.join().unwrap().unwrap();
    }
}
