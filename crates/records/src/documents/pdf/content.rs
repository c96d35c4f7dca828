//! What drawing a page is made of: its content stream, and where things stand on it.

use super::{
    file::{File, STREAM_BYTES},
    lexer::{Lexer, Object, Token, is_blank},
    pages::Page,
};
use crate::documents::{
    drawing::{IDENTITY, Matrix},
    limits::Budget,
};

/// The most parts that the content of a page is in.
const PARTS: usize = 1_000;

/// The operators that draw a page. One may begin in one part of the content and end in the next.
pub(super) fn of_page(file: &File<'_>, page: &Page, budget: &mut Budget) -> Vec<u8> {
    let parts = match file.resolve(&page.contents, budget) {
        Some(Object::Array(parts)) => parts,
        Some(_) => vec![page.contents.clone()],
        None => return Vec::new(),
    };
    let mut content = Vec::new();
    for part in parts.iter().take(PARTS) {
        let room = STREAM_BYTES.saturating_sub(content.len());
        if room == 0 {
            break;
        }
        content.extend(file.stream(part, room, budget).unwrap_or_default());
        content.push(b'\n');
    }
    content
}

/// The next operator of a content stream. What stands before it goes to its operands, `most` of them at most. None at the end
/// of the stream or of the budget.
pub(super) fn next_operator<'c>(
    lexer: &mut Lexer<'c>,
    operands: &mut Vec<Object>,
    most: usize,
    budget: &mut Budget,
) -> Option<&'c [u8]> {
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let mut ahead = lexer.clone();
        if let Token::Word(operator) = ahead.token()? {
            lexer.at = ahead.at;
            budget.spend((lexer.at - start) as u64 + 1)?;
            return Some(operator);
        }
        match lexer.object(budget) {
            Some(object) if operands.len() < most => operands.push(object),
            Some(_) => {}
            // What makes no sense is passed over.
            None => lexer.at = ahead.at.max(start + 1),
        }
        if budget.left(1) == 0 {
            return None;
        }
    }
}

/// The matrix that six operands are.
pub(super) fn six(operands: &[Object]) -> Matrix {
    let mut out = IDENTITY;
    for (to, from) in out.iter_mut().zip(operands) {
        *to = from.number().unwrap_or(*to);
    }
    out
}

/// Behind `EI`, which must stand alone.
pub(super) fn after_inline_image(content: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(rest) = content.get(at..) {
        let Some(found) = rest.windows(2).position(|two| two == b"EI") else { break };
        let found = at + found;
        let alone = |at: Option<&u8>| at.is_none_or(|byte| is_blank(*byte));
        if alone(found.checked_sub(1).and_then(|at| content.get(at))) && alone(content.get(found + 2)) {
            return found + 2;
        }
        at = found + 2;
    }
    content.len()
}
