//! The interface: the wallet app and the clinician's viewer, of one component kit.
