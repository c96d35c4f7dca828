//! The use cases of the wallet: the only door to the vault, the records and the relays.
