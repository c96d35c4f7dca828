//! Frames that are packed here, and damaged ones.

use super::*;
use proptest::prelude::*;

/// Bits as a scan has them.
#[derive(Default)]
struct Out {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Out {
    fn put(&mut self, value: u32, length: u32) {
        for at in (0..length).rev() {
            self.held = self.held << 1 | (value >> at & 1);
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.held as u8);
                if self.held == 0xFF {
                    self.bytes.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    fn end_interval(&mut self) {
        while self.count != 0 {
            self.put(1, 1);
        }
    }
}

/// How a frame is packed.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct How {
    pub(in super::super) predictor: u8,
    pub(in super::super) precision: u8,
    pub(in super::super) point_transform: u8,
    /// Rows of an interval; 0 for one interval.
    pub(in super::super) restart_rows: usize,
}

pub(in super::super) const PLAINLY: How = How { predictor: 1, precision: 16, point_transform: 0, restart_rows: 0 };

/// Packs a frame after annex H; every length of a difference has a code of five bits that says it.
pub(in super::super) fn pack(values: &[u16], columns: usize, samples: usize, how: How) -> Vec<u8> {
    let rows = values.len() / columns / samples;
    let two = |number: usize| u16::try_from(number).unwrap().to_be_bytes();
    let mut jpeg = b"\xFF\xD8\xFF\xFE\0\x04hi".to_vec();
    let mut segment = |marker: u8, content: &[u8]| {
        jpeg.extend([0xFF, marker]);
        jpeg.extend(two(content.len() + 2));
        jpeg.extend(content);
    };
    let mut counts = [0; 16];
    counts[4] = 17;
    segment(0xC4, &[&[0][..], &counts, &(0..=16).collect::<Vec<u8>>()].concat());
    let components: Vec<u8> = (1..=samples as u8).collect();
    let of_frame: Vec<u8> = components.iter().flat_map(|id| [*id, 0x11, 0]).collect();
    segment(0xC3, &[&[how.precision][..], &two(rows), &two(columns), &[samples as u8], &of_frame].concat());
    if how.restart_rows > 0 {
        segment(0xDD, &two(how.restart_rows * columns));
    }
    let of_scan: Vec<u8> = components.iter().flat_map(|id| [*id, 0]).collect();
    segment(0xDA, &[&[samples as u8][..], &of_scan, &[how.predictor, 0, how.point_transform]].concat());
    let value = |row: usize, column: usize, sample: usize| {
        i32::from(values[(row * columns + column) * samples + sample] >> how.point_transform)
    };
    let mut out = Out::default();
    let mut first_row = 0;
    for row in 0..rows {
        if how.restart_rows > 0 && row > 0 && row % how.restart_rows == 0 {
            out.end_interval();
            out.bytes.extend([0xFF, 0xD0 + ((row / how.restart_rows - 1) % 8) as u8]);
            first_row = row;
        }
        for column in 0..columns {
            for sample in 0..samples {
                let predicted = match (row == first_row, column) {
                    (true, 0) => 1 << (how.precision - how.point_transform - 1),
                    (true, _) => value(row, column - 1, sample),
                    (false, 0) => value(row - 1, column, sample),
                    (false, _) => {
                        let (a, b, c) = (
                            value(row, column - 1, sample),
                            value(row - 1, column, sample),
                            value(row - 1, column - 1, sample),
                        );
                        match how.predictor {
                            1 => a,
                            2 => b,
                            3 => c,
                            4 => a + b - c,
                            5 => a + ((b - c) >> 1),
                            6 => b + ((a - c) >> 1),
                            _ => (a + b) >> 1,
                        }
                    }
                };
                // Modulo 2^16, from -32767 to 32768.
                let difference = match (value(row, column, sample) - predicted) as i16 {
                    i16::MIN => 32768,
                    difference => i32::from(difference),
                };
                let length = if difference == 32768 { 16 } else { 32 - difference.unsigned_abs().leading_zeros() };
                out.put(length, 5);
                if (1..16).contains(&length) {
                    let bits = if difference < 0 { difference + (1 << length) - 1 } else { difference };
                    out.put(bits as u32, length);
                }
            }
        }
    }
    out.end_interval();
    jpeg.extend(out.bytes);
    jpeg.extend(b"\xFF\xD9");
    jpeg
}

#[test]
fn a_frame_that_is_cut_off_or_of_another_process_is_not_unpacked() {
    let values: Vec<u16> = (0..64).map(|at| at * 1000).collect();
    let whole = pack(&values, 8, 1, PLAINLY);
    assert_eq!(unpack(&whole, 64).map(|frame| frame.values), Some(values));
    assert!(unpack(&whole, 63).is_none(), "more than is wanted");
    for end in 0..whole.len() - 2 {
        assert!(unpack(&whole[..end], 64).is_none(), "{end}");
    }
    for marker in [0xC0, 0xC1, 0xC2, 0xC7, 0xD8] {
        let other: Vec<u8> = whole.iter().map(|byte| if *byte == 0xC3 { marker } else { *byte }).collect();
        assert!(unpack(&other, 64).is_none(), "{marker:x}");
    }
}

fn any_frame() -> impl Strategy<Value = (Vec<u16>, usize, usize, How)> {
    let how = (1_u8..=7, 2_u8..=16, 0_u8..=3, 0_usize..3).prop_map(
        |(predictor, precision, point_transform, restart_rows)| How {
            predictor,
            precision,
            point_transform: point_transform.min(precision - 1),
            restart_rows,
        },
    );
    (1_usize..9, 1_usize..7, prop_oneof![Just(1_usize), Just(3)], how).prop_flat_map(|(columns, rows, samples, how)| {
        let mask = (u32::from(u16::MAX) >> (16 - how.precision)) as u16 >> how.point_transform << how.point_transform;
        let values =
            proptest::collection::vec(any::<u16>().prop_map(move |value| value & mask), columns * rows * samples);
        (values, Just(columns), Just(samples), Just(how))
    })
}

proptest! {
    #[test]
    fn what_is_packed_is_unpacked((values, columns, samples, how) in any_frame()) {
        let frame = unpack(&pack(&values, columns, samples, how), values.len()).unwrap();
        prop_assert_eq!((frame.columns, frame.samples, frame.rows), (columns, samples, values.len() / columns / samples));
        prop_assert_eq!(frame.values, values);
    }

    #[test]
    fn damage_is_no_harm((values, columns, samples, how) in any_frame(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut packed = pack(&values, columns, samples, how);
        for (at, byte) in changes {
            let at = at.index(packed.len());
            packed[at] = byte;
        }
        if let Some(frame) = unpack(&packed, 1000) {
            prop_assert_eq!(frame.values.len(), frame.rows * frame.columns * frame.samples);
        }
    }
}
