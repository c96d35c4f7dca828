//! The grant: its model, signature, verification, receipts and withdrawal.
