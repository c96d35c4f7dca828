//! The three large squares by which a code is known: each line through the middle of one crosses dark, light, dark, light
//! and dark as 1 : 1 : 3 : 1 : 1 (ISO/IEC 18004, 6.3.3).

use super::bitmap::Bitmap;

/// The most squares that are kept, and those of them that are fitted together: the ones seen in most rows.
const MOST_KEPT: usize = 200;
const MOST_FITTED: usize = 60;
/// The most times that a row is taken for one through a square.
const MOST_SEEN: usize = 300_000;

/// A square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Finder {
    /// Its middle.
    pub(super) x: f32,
    pub(super) y: f32,
    /// The side of one module of the code.
    pub(super) module: f32,
    /// In how many rows it was seen.
    seen: u16,
}

/// Three squares that may belong to one code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Corners {
    pub(super) top_left: Finder,
    pub(super) top_right: Finder,
    pub(super) bottom_left: Finder,
}

impl Corners {
    /// Whether a square is in both.
    pub(super) fn shares(&self, other: &Corners) -> bool {
        let own = [self.top_left, self.top_right, self.bottom_left];
        [other.top_left, other.top_right, other.bottom_left].iter().any(|finder| own.contains(finder))
    }

    /// How many modules lie between the middles of two squares, by the size of the squares.
    pub(super) fn legs(&self) -> f32 {
        let Corners { top_left, top_right, bottom_left } = self;
        let (right, down) = (distance(top_left, top_right), distance(top_left, bottom_left));
        let module = (top_left.module + top_right.module + bottom_left.module) / 3.0 * self.askew();
        (right + down) / 2.0 / module.max(0.01)
    }

    /// What part of a level line through a square is as long as its side: less than all of it where the code stands askew.
    pub(super) fn askew(&self) -> f32 {
        let Corners { top_left: from, top_right: to, .. } = self;
        (to.x - from.x).abs().max((to.y - from.y).abs()) / distance(from, to).max(0.01)
    }

    /// Codes in a row have about the same height.
    pub(super) fn reading_order(&self) -> (u32, u32) {
        let high = distance(&self.top_left, &self.bottom_left).max(1.0);
        ((self.top_left.y / high).round().max(0.0) as u32, self.top_left.x.max(0.0) as u32)
    }
}

/// The squares in a picture, those seen most often first.
pub(super) fn find(dark: &Bitmap) -> Vec<Finder> {
    let mut found: Vec<Finder> = Vec::new();
    let mut left = MOST_SEEN;
    for y in 0..dark.height {
        let mut runs = Runs::default();
        for (x, is_dark) in dark.row(y).iter().copied().chain([false]).enumerate() {
            if let Some(middle) = runs.next(x, is_dark) {
                let Some(less) = left.checked_sub(1) else { return most_seen(found) };
                left = less;
                if let Some(finder) = confirmed(dark, middle, y, runs.total()) {
                    note(&mut found, finder);
                }
            }
        }
    }
    most_seen(found)
}

fn most_seen(mut found: Vec<Finder>) -> Vec<Finder> {
    found.sort_by_key(|finder| std::cmp::Reverse(finder.seen));
    found.truncate(MOST_FITTED);
    found
}

/// The last five runs of one colour in a row.
#[derive(Default)]
struct Runs {
    lengths: [usize; 5],
    is_dark: bool,
    /// How long the present run is.
    length: usize,
}

impl Runs {
    /// Takes the next pixel; gives the middle of five runs that ended before it and have the proportions.
    fn next(&mut self, x: usize, is_dark: bool) -> Option<usize> {
        if is_dark == self.is_dark {
            self.length += 1;
            return None;
        }
        self.lengths.rotate_left(1);
        if let Some(last) = self.lengths.last_mut() {
            *last = self.length;
        }
        (self.is_dark, self.length) = (is_dark, 1);
        let [_, _, middle, fourth, fifth] = self.lengths;
        (!is_dark && has_proportions(&self.lengths)).then(|| x.saturating_sub(fifth + fourth + middle.div_ceil(2)))
    }

    fn total(&self) -> usize {
        self.lengths.iter().sum()
    }
}

fn has_proportions(runs: &[usize; 5]) -> bool {
    let total: usize = runs.iter().sum();
    if total < 7 || runs.contains(&0) {
        return false;
    }
    let module = total as f32 / 7.0;
    runs.iter().zip([1.0_f32, 1.0, 3.0, 1.0, 1.0]).all(|(run, modules)| {
        let off = (*run as f32 - module * modules).abs();
        off <= module * modules * 0.5 + 0.2
    })
}

/// The square whose middle that is, if the lines through it say so.
fn confirmed(dark: &Bitmap, x: usize, y: usize, total: usize) -> Option<Finder> {
    let (upright, moved) = crossing(dark, x, y, false, total)?;
    let y = (y as f32 + moved).max(0.0);
    let (level, moved) = crossing(dark, x, y as usize, true, total)?;
    let x = x as f32 + moved;
    let (shorter, longer) = (upright.min(level) as f32, upright.max(level) as f32);
    // Seen from the side a square is a little higher than wide.
    (longer <= shorter * 1.7).then_some(Finder { x: x + 0.5, y: y + 0.5, module: (shorter + longer) / 14.0, seen: 1 })
}

/// How long a line through the square is, and by how much its middle is further on than the place asked about.
fn crossing(dark: &Bitmap, x: usize, y: usize, level: bool, total: usize) -> Option<(usize, f32)> {
    let at = |step: isize| {
        let (x, y) = if level { (x.checked_add_signed(step)?, y) } else { (x, y.checked_add_signed(step)?) };
        dark.is_dark(x, y)
    };
    let most = total * 2;
    let side = |way: isize| {
        let mut runs = [0_usize; 3];
        let mut step = if way > 0 { 0 } else { -1 };
        for (run, is_dark) in runs.iter_mut().zip([true, false, true]) {
            while at(step) == Some(is_dark) {
                *run += 1;
                if *run > most {
                    return None;
                }
                step += way;
            }
        }
        Some(runs)
    };
    let ([inner, light, outer], [inner_back, light_back, outer_back]) = (side(1)?, side(-1)?);
    let runs = [outer_back, light_back, inner_back + inner, light, outer];
    let moved = (inner as f32 - inner_back as f32 - 1.0) / 2.0;
    has_proportions(&runs).then(|| (runs.iter().sum(), moved))
}

/// Puts a square to those that are known, or to the one that it is.
fn note(found: &mut Vec<Finder>, new: Finder) {
    let same = |known: &&mut Finder| {
        let near = known.module.max(new.module) * 2.0;
        (known.x - new.x).abs() <= near
            && (known.y - new.y).abs() <= near
            && (known.module - new.module).abs() <= known.module.max(1.0)
    };
    if let Some(known) = found.iter_mut().find(same) {
        let (old, all) = (f32::from(known.seen), f32::from(known.seen) + 1.0);
        known.x = (known.x * old + new.x) / all;
        known.y = (known.y * old + new.y) / all;
        known.module = (known.module * old + new.module) / all;
        known.seen = known.seen.saturating_add(1);
    } else if found.len() < MOST_KEPT {
        found.push(new);
    }
}

/// Three at a time that could be the corners of a square, the best fitting first.
pub(super) fn fitting(finders: &[Finder]) -> Vec<Corners> {
    let mut fits: Vec<(f32, Corners)> = Vec::new();
    for (at, a) in finders.iter().enumerate() {
        for (further, b) in finders.iter().enumerate().skip(at + 1) {
            if !alike(a, b) {
                continue;
            }
            for c in finders.iter().skip(further + 1) {
                if alike(a, c) && alike(b, c) {
                    fits.extend(fit(a, b, c));
                }
            }
        }
    }
    fits.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    fits.into_iter().map(|(_, corners)| corners).collect()
}

fn alike(a: &Finder, b: &Finder) -> bool {
    a.module.max(b.module) <= a.module.min(b.module) * 1.7
}

fn distance(a: &Finder, b: &Finder) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// How badly three squares fit, and which is which; none where they do not.
fn fit(a: &Finder, b: &Finder, c: &Finder) -> Option<(f32, Corners)> {
    let (ab, bc, ca) = (distance(a, b), distance(b, c), distance(c, a));
    // The corner lies across from the longest side.
    let (corner, one, other, leg, other_leg, across) = if bc >= ab && bc >= ca {
        (a, b, c, ab, ca, bc)
    } else if ca >= ab {
        (b, a, c, ab, bc, ca)
    } else {
        (c, a, b, ca, bc, ab)
    };
    let (short, long) = (leg.min(other_leg), leg.max(other_leg));
    let uneven = long / short.max(0.01) - 1.0;
    let bent = ((leg * leg + other_leg * other_leg) / (across * across).max(0.01) - 1.0).abs();
    // With y downwards, the way from top right to bottom left is clockwise.
    let turn = (one.x - corner.x) * (other.y - corner.y) - (one.y - corner.y) * (other.x - corner.x);
    let (top_right, bottom_left) = if turn > 0.0 { (*one, *other) } else { (*other, *one) };
    let corners = Corners { top_left: *corner, top_right, bottom_left };
    let modules = corners.legs();
    // From the smallest code (21 modules) to the largest (177), between the middles of two squares.
    let fits = uneven <= 0.6 && bent <= 0.4 && (11.0..=200.0).contains(&modules);
    // Squares of two codes side by side fit as well, but are further apart.
    fits.then_some((uneven + bent + modules / 400.0, corners))
}
