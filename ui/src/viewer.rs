//! The clinician's viewer.
