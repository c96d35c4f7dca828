//! The pages in their order, each with what it inherits.

use std::{collections::HashSet, rc::Rc};

use super::{
    file::File,
    lexer::{Dict, Object},
};
use crate::documents::limits::Budget;

/// The deepest page tree that is followed.
const DEPTH: usize = 48;
/// The most nodes of the tree that are looked at.
const NODES: usize = 200_000;

/// A page: what it is drawn by.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) resources: Rc<Object>,
    pub(super) contents: Object,
}

/// At most `most` pages, and how many there are. A tree that turns back on itself is left where it does.
pub(super) fn pages(file: &File<'_>, root: &Dict, most: usize, budget: &mut Budget) -> (Vec<Page>, usize) {
    let mut out = Vec::new();
    let mut total = 0;
    let mut seen = HashSet::new();
    let mut stack: Vec<(Object, Rc<Object>, usize)> = Vec::new();
    if let Some(top) = root.get(b"Pages") {
        stack.push((top.clone(), Rc::new(Object::Null), 0));
    }
    let mut nodes = 0;
    while let Some((node, inherited, depth)) = stack.pop() {
        nodes += 1;
        if nodes > NODES || depth > DEPTH {
            continue;
        }
        if let Object::Reference(number) = node
            && !seen.insert(number)
        {
            continue;
        }
        let Some(dict) = file.dict(&node, budget) else { continue };
        let resources = dict.get(b"Resources").cloned().map_or(inherited, Rc::new);
        let kids = dict.get(b"Kids").and_then(|kids| file.resolve(kids, budget));
        if let Some(Object::Array(kids)) = kids
            && dict.name(b"Type") != Some(b"Page")
        {
            let room = NODES.saturating_sub(stack.len() + nodes);
            let kids = kids.into_iter().take(room).collect::<Vec<_>>();
            if budget.spend(kids.len() as u64).is_none() {
                break;
            }
            stack.extend(kids.into_iter().rev().map(|kid| (kid, Rc::clone(&resources), depth + 1)));
            continue;
        }
        total += 1;
        if out.len() < most {
            out.push(Page { resources, contents: dict.get(b"Contents").cloned().unwrap_or(Object::Null) });
        }
    }
    (out, total)
}
