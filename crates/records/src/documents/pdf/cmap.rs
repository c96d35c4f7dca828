//! CMaps as far as text needs them: a font's ToUnicode map (ISO 32000-2, 9.10.3) and how long its codes are.

use std::collections::HashMap;

use encoding_rs::UTF_16BE;

use super::lexer::{Lexer, Token};
use crate::documents::limits::Budget;

/// The most mappings of one font.
const MAPPINGS: usize = 70_000;

/// Codes to text.
#[derive(Debug, Default)]
pub(super) struct CMap {
    pub(super) map: HashMap<u32, String>,
    /// How many bytes a code has, by the code space ranges; 0 where there are none.
    pub(super) bytes: usize,
}

/// Reads a ToUnicode stream. `room` is how many mappings may still be made in the whole file.
pub(super) fn parse(data: &[u8], room: &mut usize, budget: &mut Budget) -> CMap {
    let mut out = CMap::default();
    if budget.spend(data.len() as u64).is_none() {
        return out;
    }
    let mut lexer = Lexer::new(data, 0);
    while let Some(token) = lexer.token() {
        match token {
            Token::Word(b"begincodespacerange") => {
                while let (Some(Token::String(low)), Some(Token::String(_))) = (lexer.token(), lexer.token()) {
                    out.bytes = out.bytes.max(low.len().min(4));
                }
            }
            Token::Word(b"beginbfchar") => {
                while let Some(Token::String(code)) = lexer.token() {
                    let Some(Token::String(text)) = lexer.token() else { break };
                    out.add(number(&code), utf16(&text), room);
                }
            }
            Token::Word(b"beginbfrange") => ranges(&mut lexer, &mut out, room),
            _ => {}
        }
    }
    out
}

impl CMap {
    fn add(&mut self, code: u32, text: String, room: &mut usize) -> bool {
        if *room == 0 || self.map.len() >= MAPPINGS || text.len() > 64 {
            return false;
        }
        *room -= 1;
        self.map.insert(code, text);
        true
    }
}

fn ranges(lexer: &mut Lexer<'_>, out: &mut CMap, room: &mut usize) {
    while let Some(Token::String(low)) = lexer.token() {
        let Some(Token::String(high)) = lexer.token() else { return };
        let (low, high) = (number(&low), number(&high));
        match lexer.token() {
            // No letter is that long.
            Some(Token::String(text)) if text.len() > 64 => {}
            Some(Token::String(text)) => {
                let last = text.last().copied().unwrap_or_default();
                for (step, code) in (low..=high.min(low.saturating_add(0xFFFF))).enumerate() {
                    let mut text = text.clone();
                    // Only the last unit counts up.
                    let [.., high_byte, low_byte] = text.as_mut_slice() else {
                        if let Some(byte) = text.last_mut() {
                            *byte = last.wrapping_add(step as u8);
                        }
                        if !out.add(code, utf16(&text), room) {
                            break;
                        }
                        continue;
                    };
                    let unit = u16::from_be_bytes([*high_byte, *low_byte]).wrapping_add(step as u16);
                    [*high_byte, *low_byte] = unit.to_be_bytes();
                    if !out.add(code, utf16(&text), room) {
                        break;
                    }
                }
            }
            Some(Token::ArrayBegin) => {
                let mut code = low;
                while let Some(Token::String(text)) = lexer.token() {
                    if code <= high {
                        out.add(code, utf16(&text), room);
                    }
                    code = code.saturating_add(1);
                }
            }
            _ => return,
        }
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// UTF-16BE; a single byte, which some writers make, stands for itself.
fn utf16(bytes: &[u8]) -> String {
    match bytes {
        [one] => char::from(*one).to_string(),
        bytes => UTF_16BE.decode_without_bom_handling(bytes).0.trim_matches('\0').to_owned(),
    }
}
