//! JPEG's lossless process with Huffman codes (ITU-T T.81, annex H): what most archives pack the pictures of scanners with.

/// The most bits of a sample, and the most that two can differ in.
const BITS: u8 = 16;

/// A frame that was unpacked.
pub(super) struct Unpacked {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Samples of a pixel.
    pub(super) samples: usize,
    /// Pixel after pixel, row after row.
    pub(super) values: Vec<u16>,
}

/// Unpacks a frame of at most so many samples. `None` where it is damaged, not whole, or of another process.
pub(super) fn unpack(jpeg: &[u8], most: usize) -> Option<Unpacked> {
    let mut rest = jpeg.strip_prefix(b"\xFF\xD8")?;
    let mut tables: [Option<Huffman>; 4] = Default::default();
    let mut frame = None;
    let mut restart = 0;
    loop {
        // Any number of fill bytes may stand before a marker.
        rest = rest.get(rest.iter().position(|byte| *byte != 0xFF)?..)?;
        let (&marker, after) = rest.split_first()?;
        let (length, after) = after.split_first_chunk::<2>()?;
        let (segment, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)).checked_sub(2)?)?;
        match marker {
            0xC3 => frame = Some(Frame::read(segment, most)?),
            0xC4 => read_tables(segment, &mut tables)?,
            0xDD => restart = usize::from(u16::from_be_bytes(*segment.first_chunk()?)),
            0xDA => return Scan::read(segment, frame?, &tables)?.unpack(after, restart),
            // Application data and comments.
            0xE0..=0xEF | 0xFE => {}
            _ => return None,
        }
        rest = after.strip_prefix(b"\xFF")?;
    }
}

/// The head of a frame (B.2.2).
struct Frame {
    precision: u8,
    rows: usize,
    columns: usize,
    components: Vec<u8>,
}

impl Frame {
    fn read(segment: &[u8], most: usize) -> Option<Frame> {
        let (head, components) = segment.split_first_chunk::<6>()?;
        let [precision, rows1, rows2, columns1, columns2, count] = *head;
        let side = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
        let (rows, columns) = (side(rows1, rows2), side(columns1, columns2));
        let components: Vec<u8> = components
            .chunks_exact(3)
            // Each sampled at every pixel.
            .map(|component| component.get(1).filter(|factors| **factors == 0x11).and(component.first()).copied())
            .collect::<Option<_>>()?;
        let samples = rows.checked_mul(columns)?.checked_mul(components.len())?;
        let is_known = (2..=BITS).contains(&precision) && matches!(components.len(), 1 | 3);
        (is_known && usize::from(count) == components.len() && (1..=most).contains(&samples)).then_some(Frame {
            precision,
            rows,
            columns,
            components,
        })
    }
}

/// Codes of one table (annex C), by their length.
#[derive(Default)]
struct Huffman {
    /// For each length from 1: the first code, how many there are, and where their values begin.
    lengths: [(u32, u32, usize); 16],
    values: Vec<u8>,
}

fn read_tables(mut segment: &[u8], tables: &mut [Option<Huffman>; 4]) -> Option<()> {
    while let Some((&which, rest)) = segment.split_first() {
        let (counts, rest) = rest.split_first_chunk::<16>()?;
        let mut table = Huffman::default();
        let (mut code, mut begin) = (0_u32, 0);
        for (length, count) in table.lengths.iter_mut().zip(counts) {
            *length = (code, u32::from(*count), begin);
            code = (code + u32::from(*count)) << 1;
            begin += usize::from(*count);
        }
        let (values, rest) = rest.split_at_checked(begin)?;
        table.values = values.to_vec();
        *tables.get_mut(usize::from(which))? = Some(table);
        segment = rest;
    }
    Some(())
}

/// A scan of all components (B.2.3).
struct Scan<'t> {
    frame: Frame,
    /// The table of each component.
    tables: Vec<&'t Huffman>,
    predictor: u8,
    /// So many low bits were left out.
    point_transform: u8,
}

impl<'t> Scan<'t> {
    fn read(segment: &[u8], frame: Frame, tables: &'t [Option<Huffman>; 4]) -> Option<Scan<'t>> {
        let (&count, rest) = segment.split_first()?;
        let (components, last) = rest.split_at_checked(usize::from(count) * 2)?;
        let chosen: Vec<&Huffman> = components
            .chunks_exact(2)
            .zip(&frame.components)
            .map(|(component, id)| match component {
                [which, table] if which == id => tables.get(usize::from(table >> 4))?.as_ref(),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let [predictor, _, approximation] = *last.first_chunk()?;
        let point_transform = approximation & 15;
        let is_whole = usize::from(count) == frame.components.len() && chosen.len() == frame.components.len();
        (is_whole && (1..=7).contains(&predictor) && point_transform < frame.precision).then_some(Scan {
            frame,
            tables: chosen,
            predictor,
            point_transform,
        })
    }

    /// Reads the differences and adds them to what was predicted.
    fn unpack(&self, entropy: &[u8], restart: usize) -> Option<Unpacked> {
        let Frame { precision, rows, columns, ref components } = self.frame;
        let samples = components.len();
        let width = columns * samples;
        let middle = 1_i32 << (precision - self.point_transform - 1);
        let mut bits = Bits { bytes: entropy, held: 0, count: 0 };
        let mut values: Vec<u16> = Vec::with_capacity(rows * width);
        // The first pixel of the interval: what stands above an interval's first row is not used.
        let mut since_restart = 0;
        for row in 0..rows {
            for column in 0..columns {
                let pixel = row * columns + column;
                if restart > 0 && pixel > 0 && pixel % restart == 0 {
                    bits.restart()?;
                    since_restart = pixel;
                }
                for table in &self.tables {
                    let at = values.len();
                    let before =
                        |back: usize| at.checked_sub(back).and_then(|at| values.get(at)).map(|value| i32::from(*value));
                    let is_first_row = pixel - since_restart < columns;
                    let predicted = match (is_first_row, column) {
                        _ if pixel == since_restart => middle,
                        (true, _) => before(samples)?,
                        (false, 0) => before(width)?,
                        (false, _) => {
                            let (left, above, corner) = (before(samples)?, before(width)?, before(width + samples)?);
                            match self.predictor {
                                1 => left,
                                2 => above,
                                3 => corner,
                                4 => left + above - corner,
                                5 => left + ((above - corner) >> 1),
                                6 => above + ((left - corner) >> 1),
                                _ => (left + above) >> 1,
                            }
                        }
                    };
                    // Modulo 2^16, as H.1.2.1 has it.
                    values.push((predicted + bits.difference(table)?) as u16);
                }
            }
        }
        values.iter_mut().for_each(|value| *value <<= self.point_transform);
        Some(Unpacked { rows, columns, samples, values })
    }
}

/// The bits of a scan: a byte FF has a byte 0 behind it, or is a marker.
struct Bits<'a> {
    bytes: &'a [u8],
    held: u32,
    count: u32,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        if self.count == 0 {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = if byte == 0xFF { rest.strip_prefix(b"\0")? } else { rest };
            (self.held, self.count) = (u32::from(byte), 8);
        }
        self.count -= 1;
        Some(self.held >> self.count & 1)
    }

    /// The next difference (F.2.2.1 and H.1.2.2).
    fn difference(&mut self, table: &Huffman) -> Option<i32> {
        let mut code = 0;
        let found = table.lengths.iter().find_map(|(first, count, begin)| {
            code = code << 1 | self.bit()?;
            let place = code.checked_sub(*first).filter(|place| place < count)?;
            table.values.get(begin + usize::try_from(place).ok()?)
        });
        match *found? {
            0 => Some(0),
            BITS => Some(1 << 15),
            length if length < BITS => {
                let value = (0..length).try_fold(0, |value, _| Some(value << 1 | self.bit()?))?;
                let value = i32::try_from(value).ok()?;
                Some(if value >> (length - 1) == 0 { value - (1 << length) + 1 } else { value })
            }
            _ => None,
        }
    }

    /// Passes over the marker between two intervals.
    fn restart(&mut self) -> Option<()> {
        self.count = 0;
        self.bytes = match self.bytes {
            [0xFF, 0xD0..=0xD7, rest @ ..] => rest,
            _ => return None,
        };
        Some(())
    }
}

#[cfg(test)]
pub(super) mod tests;
