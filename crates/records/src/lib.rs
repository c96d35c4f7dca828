//! Health records: from import formats to FHIR R4, to what a person reads, to an International Patient Summary.
