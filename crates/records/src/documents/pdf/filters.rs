//! The filters of streams (ISO 32000-2, 7.4), each within the same bound on what comes out.
//!
//! What was unpacked before an error counts: text cut short is still text.

use flate2::{Decompress, FlushDecompress, Status};

use super::{
    file::File,
    lexer::{Dict, Object},
};
use crate::documents::limits::Budget;

/// The most filters on one stream.
const MOST_FILTERS: usize = 6;

/// The bytes of a stream unpacked, at most `limit`; `None` where a filter makes pictures or is not known.
pub(super) fn decode(dict: &Dict, raw: Vec<u8>, limit: usize, file: &File<'_>, budget: &mut Budget) -> Option<Vec<u8>> {
    let filters = list(dict, b"Filter", b"F", file, budget);
    let params = list(dict, b"DecodeParms", b"DP", file, budget);
    if filters.len() > MOST_FILTERS {
        return None;
    }
    let mut data = raw;
    for (at, filter) in filters.iter().enumerate() {
        let Object::Name(name) = filter else { return None };
        let limit = budget.left(limit);
        let param = params.get(at).and_then(|param| file.dict(param, budget)).unwrap_or_default();
        data = match name.as_slice() {
            b"FlateDecode" | b"Fl" => predict(flate(&data, limit), &param),
            b"LZWDecode" | b"LZW" => {
                let early = param.get(b"EarlyChange").and_then(Object::number) != Some(0.0);
                predict(lzw(&data, early, limit), &param)
            }
            b"ASCII85Decode" | b"A85" => ascii85(&data, limit),
            b"ASCIIHexDecode" | b"AHx" => ascii_hex(&data, limit),
            b"RunLengthDecode" | b"RL" => run_length(&data, limit),
            b"Crypt" => data,
            _ => return None,
        };
        budget.spend(data.len() as u64)?;
    }
    data.truncate(limit);
    Some(data)
}

/// One thing or an array of things, as a list.
fn list(dict: &Dict, key: &[u8], short: &[u8], file: &File<'_>, budget: &mut Budget) -> Vec<Object> {
    let Some(found) = dict.get(key).or_else(|| dict.get(short)).and_then(|found| file.resolve(found, budget)) else {
        return Vec::new();
    };
    match found {
        Object::Array(items) => {
            items.iter().take(MOST_FILTERS + 1).filter_map(|item| file.resolve(item, budget)).collect()
        }
        Object::Null => Vec::new(),
        one => vec![one],
    }
}

fn flate(data: &[u8], limit: usize) -> Vec<u8> {
    let zlib = inflate(data, true, limit);
    // Some writers leave the header out.
    if zlib.is_empty() { inflate(data, false, limit) } else { zlib }
}

fn inflate(data: &[u8], header: bool, limit: usize) -> Vec<u8> {
    let mut machine = Decompress::new(header);
    let mut out = Vec::new();
    let mut piece = [0_u8; 16 << 10];
    loop {
        let consumed = usize::try_from(machine.total_in()).unwrap_or(usize::MAX);
        let before = machine.total_out();
        let status = machine.decompress(data.get(consumed..).unwrap_or_default(), &mut piece, FlushDecompress::None);
        let made = usize::try_from(machine.total_out() - before).unwrap_or_default();
        out.extend_from_slice(piece.get(..made).unwrap_or_default());
        let went_on = made > 0 || machine.total_in() > consumed as u64;
        match status {
            Ok(Status::Ok | Status::BufError) if went_on && out.len() < limit => {}
            _ => break,
        }
    }
    out.truncate(limit);
    out
}

/// PNG's predictors, and TIFF's for bytes.
fn predict(data: Vec<u8>, params: &Dict) -> Vec<u8> {
    let number = |key: &[u8], usual: usize| params.get(key).and_then(Object::index).unwrap_or(usual);
    let predictor = number(b"Predictor", 1);
    if predictor < 2 {
        return data;
    }
    let bits = number(b"Colors", 1).clamp(1, 64) * number(b"BitsPerComponent", 8).clamp(1, 16);
    let pixel = bits.div_ceil(8);
    let row = (bits * number(b"Columns", 1).clamp(1, 1 << 20)).div_ceil(8);
    if predictor == 2 {
        let mut data = data;
        for line in data.chunks_mut(row) {
            for at in pixel..line.len() {
                let left = line.get(at - pixel).copied().unwrap_or_default();
                if let Some(byte) = line.get_mut(at) {
                    *byte = byte.wrapping_add(left);
                }
            }
        }
        return data;
    }
    let mut out = Vec::with_capacity(data.len());
    let mut above = vec![0_u8; row];
    let mut line = Vec::with_capacity(row);
    for chunk in data.chunks(row + 1) {
        let Some((kind, bytes)) = chunk.split_first() else { break };
        line.clear();
        for (at, byte) in bytes.iter().enumerate() {
            let left = at.checked_sub(pixel).and_then(|at| line.get(at)).copied().unwrap_or_default();
            let up = above.get(at).copied().unwrap_or_default();
            let corner = at.checked_sub(pixel).and_then(|at| above.get(at)).copied().unwrap_or_default();
            let guess = match kind {
                1 => left,
                2 => up,
                3 => u8::midpoint(left, up),
                4 => paeth(left, up, corner),
                _ => 0,
            };
            line.push(byte.wrapping_add(guess));
        }
        out.extend_from_slice(&line);
        line.resize(row, 0);
        std::mem::swap(&mut above, &mut line);
    }
    out
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let guess = a + b - c;
    let (to_left, to_up, to_corner) = ((guess - a).abs(), (guess - b).abs(), (guess - c).abs());
    if to_left <= to_up && to_left <= to_corner {
        left
    } else if to_up <= to_corner {
        up
    } else {
        corner
    }
}

/// LZW with codes of 9 to 12 bits, most significant bit first.
fn lzw(data: &[u8], early: bool, limit: usize) -> Vec<u8> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let mut out: Vec<u8> = Vec::new();
    // Each entry is a stretch of what came out already.
    let mut table: Vec<(usize, usize)> = Vec::with_capacity(4096);
    let mut before: Option<(usize, usize)> = None;
    let (mut bits, mut held, mut width) = (0_u32, 0_u32, 9_u32);
    for byte in data {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        if held < width {
            continue;
        }
        held -= width;
        let code = (bits >> held & ((1 << width) - 1)) as usize;
        if code == END || out.len() >= limit {
            break;
        }
        if code == CLEAR {
            table.clear();
            before = None;
            width = 9;
            continue;
        }
        let start = out.len();
        if code < CLEAR {
            out.push(code as u8);
        } else if let Some(&(from, to)) = table.get(code - 258) {
            out.extend_from_within(from..to);
        } else if let (Some((from, to)), true) = (before, code - 258 == table.len()) {
            out.extend_from_within(from..to);
            out.extend_from_within(from..from + 1);
        } else {
            break;
        }
        if let Some((from, to)) = before
            && table.len() < 4096 - 258
        {
            // The one before and the first byte of this one stand side by side.
            debug_assert_eq!(to, start);
            table.push((from, to + 1));
        }
        before = Some((start, out.len()));
        let next = table.len() + 258 + usize::from(early) + 1;
        width = match next {
            0..=512 => 9,
            513..=1024 => 10,
            1025..=2048 => 11,
            _ => 12,
        };
    }
    out.truncate(limit);
    out
}

fn ascii85(data: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut group = [0_u8; 5];
    let mut held = 0;
    let mut full = false;
    let mut put = |group: &[u8; 5], count: usize| {
        let value = group.iter().fold(0_u32, |value, digit| value.wrapping_mul(85).wrapping_add(u32::from(*digit)));
        out.extend_from_slice(value.to_be_bytes().get(..count).unwrap_or_default());
        out.len() < limit
    };
    for byte in data {
        match byte {
            b'~' => break,
            _ if full => break,
            b'z' if held == 0 => full = !put(&[0; 5], 4),
            b'!'..=b'u' => {
                if let Some(digit) = group.get_mut(held) {
                    *digit = byte - b'!';
                }
                held += 1;
                if held == 5 {
                    held = 0;
                    full = !put(&group, 4);
                }
            }
            _ => {}
        }
    }
    if held > 1 {
        if let Some(rest) = group.get_mut(held..) {
            rest.fill(84);
        }
        put(&group, held - 1);
    }
    out.truncate(limit);
    out
}

fn ascii_hex(data: &[u8], limit: usize) -> Vec<u8> {
    let digits = data.iter().take_while(|byte| **byte != b'>').filter_map(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::new();
    let mut high = None;
    for digit in digits {
        match high.take() {
            None => high = Some(digit),
            Some(high) => out.push((high * 16 + digit) as u8),
        }
        if out.len() >= limit {
            break;
        }
    }
    out.extend(high.map(|high| (high * 16) as u8));
    out.truncate(limit);
    out
}

fn run_length(data: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(length) = data.get(at).copied() {
        at += 1;
        match length {
            128 => break,
            0..=127 => {
                let end = (at + usize::from(length) + 1).min(data.len());
                out.extend_from_slice(data.get(at..end).unwrap_or_default());
                at = end;
            }
            _ => {
                let Some(byte) = data.get(at).copied() else { break };
                out.resize(out.len() + 257 - usize::from(length), byte);
                at += 1;
            }
        }
        if out.len() >= limit {
            break;
        }
    }
    out.truncate(limit);
    out
}
