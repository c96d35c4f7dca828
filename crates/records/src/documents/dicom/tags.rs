//! The tags that are read (PS3.6), and which of them are sequences: files in implicit VR do not say.

pub(super) const TRANSFER_SYNTAX_UID: u32 = 0x0002_0010;
pub(super) const SPECIFIC_CHARACTER_SET: u32 = 0x0008_0005;
pub(super) const SOP_CLASS_UID: u32 = 0x0008_0016;
pub(super) const SOP_INSTANCE_UID: u32 = 0x0008_0018;
pub(super) const STUDY_DATE: u32 = 0x0008_0020;
pub(super) const SERIES_DATE: u32 = 0x0008_0021;
pub(super) const ACQUISITION_DATE: u32 = 0x0008_0022;
pub(super) const CONTENT_DATE: u32 = 0x0008_0023;
pub(super) const STUDY_TIME: u32 = 0x0008_0030;
pub(super) const ACCESSION_NUMBER: u32 = 0x0008_0050;
pub(super) const MODALITY: u32 = 0x0008_0060;
pub(super) const INSTITUTION_NAME: u32 = 0x0008_0080;
pub(super) const REFERRING_PHYSICIAN: u32 = 0x0008_0090;
pub(super) const CODE_MEANING: u32 = 0x0008_0104;
pub(super) const TIMEZONE_OFFSET: u32 = 0x0008_0201;
pub(super) const STUDY_DESCRIPTION: u32 = 0x0008_1030;
pub(super) const SERIES_DESCRIPTION: u32 = 0x0008_103E;
pub(super) const PATIENT_NAME: u32 = 0x0010_0010;
pub(super) const PATIENT_ID: u32 = 0x0010_0020;
pub(super) const BODY_PART: u32 = 0x0018_0015;
pub(super) const STUDY_UID: u32 = 0x0020_000D;
pub(super) const SERIES_UID: u32 = 0x0020_000E;
pub(super) const SERIES_NUMBER: u32 = 0x0020_0011;
pub(super) const INSTANCE_NUMBER: u32 = 0x0020_0013;
pub(super) const SAMPLES: u32 = 0x0028_0002;
pub(super) const PHOTOMETRIC: u32 = 0x0028_0004;
pub(super) const PLANAR: u32 = 0x0028_0006;
pub(super) const FRAMES: u32 = 0x0028_0008;
pub(super) const ROWS: u32 = 0x0028_0010;
pub(super) const COLUMNS: u32 = 0x0028_0011;
pub(super) const BITS_ALLOCATED: u32 = 0x0028_0100;
pub(super) const BITS_STORED: u32 = 0x0028_0101;
pub(super) const PIXEL_REPRESENTATION: u32 = 0x0028_0103;
pub(super) const WINDOW_CENTER: u32 = 0x0028_1050;
pub(super) const WINDOW_WIDTH: u32 = 0x0028_1051;
pub(super) const RESCALE_INTERCEPT: u32 = 0x0028_1052;
pub(super) const RESCALE_SLOPE: u32 = 0x0028_1053;
/// Red; green and blue have the next two.
pub(super) const PALETTE_DESCRIPTOR: u32 = 0x0028_1101;
pub(super) const PALETTE_DATA: u32 = 0x0028_1201;
pub(super) const MEASUREMENT_UNITS: u32 = 0x0040_08EA;
pub(super) const VALUE_TYPE: u32 = 0x0040_A040;
pub(super) const CONCEPT_NAME: u32 = 0x0040_A043;
pub(super) const VERIFYING_OBSERVER: u32 = 0x0040_A073;
pub(super) const DATE_TIME: u32 = 0x0040_A120;
pub(super) const DATE: u32 = 0x0040_A121;
pub(super) const TIME: u32 = 0x0040_A122;
pub(super) const PERSON_NAME: u32 = 0x0040_A123;
pub(super) const TEXT_VALUE: u32 = 0x0040_A160;
pub(super) const CONCEPT_CODE: u32 = 0x0040_A168;
pub(super) const MEASURED_VALUE: u32 = 0x0040_A300;
pub(super) const NUMERIC_VALUE: u32 = 0x0040_A30A;
pub(super) const CONTENT: u32 = 0x0040_A730;
pub(super) const DOCUMENT_TITLE: u32 = 0x0042_0010;
pub(super) const ENCAPSULATED_DOCUMENT: u32 = 0x0042_0011;
pub(super) const PIXEL_DATA: u32 = 0x7FE0_0010;
pub(super) const ITEM: u32 = 0xFFFE_E000;
pub(super) const ITEM_END: u32 = 0xFFFE_E00D;
pub(super) const SEQUENCE_END: u32 = 0xFFFE_E0DD;

/// Whether a tag is a sequence that is read here.
pub(super) fn is_sequence(tag: u32) -> bool {
    matches!(tag, MEASUREMENT_UNITS | CONCEPT_NAME | VERIFYING_OBSERVER | CONCEPT_CODE | MEASURED_VALUE | CONTENT)
}
