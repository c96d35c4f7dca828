//! C2SP transparency logs: Merkle tree, tiles, checkpoints, cosignatures, proofs.
