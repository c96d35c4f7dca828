//! Any text as a unit and as a reference range: never a panic, and a unit once understood stays what it is.
#![no_main]

use carnet_records::view::{Sex, parse_range, ucum_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let ucum = ucum_of(text).into_owned();
    assert_eq!(ucum_of(&ucum_of(&ucum)), ucum_of(&ucum));
    for sex in [None, Some(Sex::Female), Some(Sex::Male)] {
        if let Some(range) = parse_range(text, sex)
            && let (Some(low), Some(high)) = (range.low, range.high)
        {
            assert!(low.value <= high.value);
        }
    }
});
