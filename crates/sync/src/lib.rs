//! Talks to relays: publish, withdraw, collect receipts, fetch proofs; an outbox that survives being offline.
