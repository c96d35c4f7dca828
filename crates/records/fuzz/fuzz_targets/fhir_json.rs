//! Any bytes as FHIR JSON: never a panic, the account adds up, and every record comes back from its slim form.
#![no_main]

use carnet_records::{
    display,
    import::{Entry, Limits, attachments, import},
    references,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut file) = import(bytes, &Limits::default()) else { return };
    let mut entries = 0;
    while let Some(entry) = file.next_entry() {
        entries += 1;
        if let Entry::Record(record) | Entry::NarrativeOnly { record, .. } = entry {
            let detached = attachments::detach(record.original);
            let mut parts = detached.parts.into_iter().map(|part| part.bytes);
            let whole = attachments::attach(&detached.slim, &mut |_| parts.next());
            assert_eq!(whole.as_deref(), Ok(record.original));
            let value: serde_json::Value = serde_json::from_slice(record.original).expect("a record is JSON");
            let _ = display::describe(&value);
            let _ = references::references(record.original, record.full_url.as_deref());
            let _ = references::names(&value, record.full_url.as_deref());
        }
    }
    assert_eq!(entries, file.total());
});
