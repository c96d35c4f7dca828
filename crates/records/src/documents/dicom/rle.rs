//! Run lengths (PS3.5, annex G): the bytes of each place in a sample by themselves, the highest first, packed.

/// The most segments that a frame has.
const SEGMENTS: usize = 15;

/// Unpacks a frame of so many pixels; each sample has so many bytes, 1 or 2. Gives the samples one after another (planes),
/// little endian. `None` where it is damaged or not whole.
pub(super) fn unpack(frame: &[u8], pixels: usize, samples: usize, bytes: usize) -> Option<Vec<u8>> {
    let number = |at: usize| -> Option<usize> {
        let four: [u8; 4] = frame.get(at * 4..at * 4 + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(four)).ok()
    };
    let segments = number(0)?;
    if segments > SEGMENTS || segments != samples.checked_mul(bytes)? {
        return None;
    }
    let mut out = vec![0; pixels.checked_mul(segments)?];
    for (plane, sample) in out.chunks_exact_mut(pixels.checked_mul(bytes)?.max(1)).enumerate() {
        for byte in 0..bytes {
            let segment = plane * bytes + byte;
            let end = if segment + 1 < segments { number(segment + 2)? } else { frame.len() };
            let packed = frame.get(number(segment + 1)?..end)?;
            fill(packed, sample.iter_mut().skip(bytes - 1 - byte).step_by(bytes))?;
        }
    }
    Some(out)
}

/// Unpacks a segment into these places; `None` if it ends before they do.
fn fill<'o>(mut packed: &[u8], mut places: impl ExactSizeIterator<Item = &'o mut u8>) -> Option<()> {
    while places.len() > 0 {
        let (&length, rest) = packed.split_first()?;
        let length = usize::from(length);
        packed = if length < 128 {
            let (bytes, rest) = rest.split_at_checked(length + 1)?;
            bytes.iter().zip(places.by_ref()).for_each(|(byte, to)| *to = *byte);
            rest
        } else if length == 128 {
            rest
        } else {
            let (&byte, rest) = rest.split_first()?;
            places.by_ref().take(257 - length).for_each(|to| *to = byte);
            rest
        };
    }
    Some(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A frame of these planes, each byte of a sample by itself.
    pub(in super::super) fn pack(planes: &[Vec<u8>]) -> Vec<u8> {
        let mut out = u32::try_from(planes.len()).unwrap().to_le_bytes().to_vec();
        let mut packed: Vec<u8> = Vec::new();
        for segment in 0..15 {
            let Some(plane) = planes.get(segment) else {
                out.extend([0; 4]);
                continue;
            };
            out.extend(u32::try_from(64 + packed.len()).unwrap().to_le_bytes());
            for run in plane.chunk_by(|one, other| one == other).flat_map(|run| run.chunks(128)) {
                match run {
                    [one] => packed.extend([0, *one]),
                    [one, ..] => packed.extend([(257 - run.len()) as u8, *one]),
                    [] => {}
                }
            }
            packed.push(128);
        }
        out.extend(packed);
        out
    }

    #[test]
    fn literals_runs_and_nothing() {
        let mut out = [0; 6];
        fill(&[2, 1, 2, 3, 128, 254, 9], out.iter_mut()).unwrap();
        assert_eq!(out, [1, 2, 3, 9, 9, 9]);
        assert_eq!(fill(&[2, 1, 2, 3, 254], out.iter_mut()), None, "a run of nothing");
        assert_eq!(fill(&[5, 1], out.iter_mut()), None, "fewer than it says");
        // More than there is room for does no harm.
        fill(&[127; 129], out.iter_mut()).unwrap();
    }

    #[test]
    fn a_frame_says_how_many_segments_it_has() {
        let frame = pack(&[vec![1, 1], vec![2, 3]]);
        assert_eq!(unpack(&frame, 2, 1, 2), Some(vec![2, 1, 3, 1]), "little endian");
        assert_eq!(unpack(&frame, 2, 2, 1), Some(vec![1, 1, 2, 3]), "planes");
        for (samples, bytes) in [(1, 1), (3, 1), (2, 2), (0, 0)] {
            assert_eq!(unpack(&frame, 2, samples, bytes), None);
        }
        assert_eq!(unpack(&frame, 3, 1, 2), None, "not whole");
        assert_eq!(unpack(&frame, usize::MAX, 1, 2), None);
        assert_eq!(unpack(b"", 1, 1, 1), None);
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(plane in proptest::collection::vec(0_u8..3, 1..600)) {
            prop_assert_eq!(unpack(&pack(std::slice::from_ref(&plane)), plane.len(), 1, 1), Some(plane));
        }

        #[test]
        fn any_bytes_are_no_harm(frame in proptest::collection::vec(any::<u8>(), 0..200), samples in 0_usize..4) {
            let _ = unpack(&frame, 40, samples, 2);
            let head = [&1_u32.to_le_bytes()[..], &64_u32.to_le_bytes(), &[0; 56], &frame].concat();
            let _ = unpack(&head, 40, 1, 1);
        }
    }
}
