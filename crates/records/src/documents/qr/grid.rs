//! From the three corners of a code to its modules, and to what they say.

use smart_health::card::Symbol;

use super::{
    Scanned,
    bitmap::Bitmap,
    finder::{Corners, Finder},
};
use crate::codes::is_card;

type Place = (f32, f32);

/// Of the pattern that every code has, so many hundredths must be there before its bits are read.
const ENOUGH: usize = 80;

/// Reads the code at these corners; `reads` is how many grids may still be read.
pub(super) fn read(dark: &Bitmap, corners: &Corners, reads: &mut usize) -> Option<Scanned> {
    sizes(dark, corners).into_iter().find_map(|size| {
        let grid = Grid::of(dark, corners, size)?;
        if !grid.is_likely() {
            return None;
        }
        *reads = reads.checked_sub(1)?;
        grid.code()
    })
}

/// How many modules wide the code may be, the likeliest first: by the line of modules between two corners that are dark and
/// light by turns, as far as that agrees with the size of the corners.
fn sizes(dark: &Bitmap, corners: &Corners) -> Vec<usize> {
    let Corners { top_left: start, top_right: right, bottom_left: down } = corners;
    let wide = corners.legs().round().max(0.0) as usize + 7;
    let mut sizes: Vec<usize> = Vec::new();
    for (end, aside) in [(right, down), (down, right)] {
        // Three modules inwards from the middle of each of the two corners, as large as they are there.
        let away = (aside.x - start.x, aside.y - start.y);
        let inwards = |from: &Finder| {
            let part = 3.0 * from.module * corners.askew() / length((0.0, 0.0), away).max(0.01);
            (from.x + away.0 * part, from.y + away.1 * part)
        };
        let modules = changes(dark, inwards(start), inwards(end)) + 13;
        // Sizes are 21, 25, 29, …
        let near = (modules.saturating_sub(17) + 2) / 4 * 4 + 17;
        if (21..=177).contains(&near) && near.abs_diff(wide) <= (wide / 6).max(4) && !sizes.contains(&near) {
            sizes.push(near);
        }
    }
    sizes.sort_by_key(|size| size.abs_diff(wide));
    sizes
}

/// How often dark and light change on the way.
fn changes(dark: &Bitmap, from: Place, to: Place) -> usize {
    let steps = (length(from, to) * 2.0).min(40_000.0) as usize;
    let mut before = None;
    let mut count = 0;
    for step in 0..=steps {
        let part = step as f32 / steps.max(1) as f32;
        let is_dark = dark.is_dark_at(between(from, to, part));
        count += usize::from(before.is_some_and(|before| before != is_dark));
        before = Some(is_dark);
    }
    count
}

/// The modules of a code.
struct Grid {
    size: usize,
    modules: Vec<bool>,
}

impl Grid {
    fn of(dark: &Bitmap, corners: &Corners, size: usize) -> Option<Grid> {
        let edge = size as f32;
        let [a, b, c] = [corners.top_left, corners.top_right, corners.bottom_left].map(|finder| (finder.x, finder.y));
        let legs = edge - 7.0;
        let right = ((b.0 - a.0) / legs, (b.1 - a.1) / legs);
        let down = ((c.0 - a.0) / legs, (c.1 - a.1) / legs);
        // The fourth corner has a small square of its own, but in the smallest codes. Where it is depends on how much the
        // paper leans, which shows in how large the corners are: not at all, or as far as they say, or half of that.
        let found = [0.0, 1.0, 0.6].into_iter().find_map(|lean| {
            let [near, wide, deep] = [corners.top_left, corners.top_right, corners.bottom_left]
                .map(|finder| (corners.top_left.module / finder.module.max(0.01)).powf(lean));
            let all = wide + deep - near;
            if all <= 0.2 {
                return None;
            }
            let over = |x: f32, b: f32, c: f32| (wide * b + deep * c - near * x) / all;
            // Of the square in which the four corners lie, as it is drawn there.
            let far = (over(a.0, b.0, c.0), over(a.1, b.1, c.1));
            let step = 3.0 * all.recip().min(2.0);
            let guess = (far.0 - step * (right.0 + down.0), far.1 - step * (right.1 + down.1));
            let grown = all.recip().sqrt();
            let (right, down) = ((right.0 * grown, right.1 * grown), (down.0 * grown, down.1 * grown));
            alignment(dark, guess, right, down, size)
        });
        let (fourth, at) = match found {
            Some(found) => (edge - 6.5, found),
            None => (edge - 3.5, (b.0 + c.0 - a.0, b.1 + c.1 - a.1)),
        };
        let drawn = Projection::onto([(3.5, 3.5), (edge - 3.5, 3.5), (fourth, fourth), (3.5, edge - 3.5)]);
        let project = Projection::onto([a, b, at, c]).after(&drawn.inverse());
        let mut modules = Vec::with_capacity(size * size);
        for y in 0..size {
            for x in 0..size {
                // The middle of the module and four places around it.
                let votes = [(0.5, 0.5), (0.3, 0.5), (0.7, 0.5), (0.5, 0.3), (0.5, 0.7)].into_iter();
                let votes = votes.filter(|(u, v)| dark.is_dark_at(project.of((x as f32 + u, y as f32 + v))));
                modules.push(votes.count() >= 3);
            }
        }
        Some(Grid { size, modules })
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.modules.get(y * self.size + x).copied().unwrap_or(false)
    }

    /// Whether the patterns are there that all codes of this size have: the large squares and the lines between them.
    fn is_likely(&self) -> bool {
        let (mut right, mut all) = (0, 0);
        let mut expect = |x: usize, y: usize, is_dark: bool| {
            all += 1;
            right += usize::from(self.is_dark(x, y) == is_dark);
        };
        for along in 8..self.size - 8 {
            expect(along, 6, along % 2 == 0);
            expect(6, along, along % 2 == 0);
        }
        let far = self.size - 7;
        for (left, top) in [(0, 0), (far, 0), (0, far)] {
            for y in 0..7_usize {
                for x in 0..7_usize {
                    let ring = x.abs_diff(3).max(y.abs_diff(3));
                    expect(left + x, top + y, ring != 2);
                }
            }
        }
        right * 100 >= all * ENOUGH
    }

    fn code(&self) -> Option<Scanned> {
        let bits = rqrr::SimpleGrid::from_func(self.size, |x, y| self.is_dark(x, y));
        let mut text = Vec::new();
        let said = rqrr::Grid::new(bits).decode_to(&mut text).ok()?;
        let text = String::from_utf8(text).ok()?;
        let symbol = Symbol {
            correction: u8::try_from(said.ecc_level).ok()?,
            mask: u8::try_from(said.mask).ok()?,
            modules: &self.modules,
        };
        let flaw = if is_card(&text) { symbol.check(&text) } else { None };
        Some(Scanned { text, flaw })
    }
}

/// The middle of the small square near the fourth corner: dark, light around it, dark around that.
fn alignment(dark: &Bitmap, guess: Place, right: Place, down: Place, size: usize) -> Option<Place> {
    if size < 25 {
        return None;
    }
    // The guess is further off in larger codes.
    let reach = 12 + i16::try_from(size / 5).unwrap_or(36);
    let mut best = (0_usize, f32::MAX);
    let mut found = (0.0_f32, 0.0_f32, 0.0_f32);
    for i in -reach..=reach {
        for j in -reach..=reach {
            // In thirds of a module.
            let (u, v) = (f32::from(i) / 3.0, f32::from(j) / 3.0);
            let at = (guess.0 + u * right.0 + v * down.0, guess.1 + u * right.1 + v * down.1);
            let Some(score) = small_square(dark, at, right, down) else { continue };
            let away = u.hypot(v);
            if score > best.0 || (score == best.0 && away + 1.0 < best.1) {
                best = (score, away);
                found = (at.0, at.1, 1.0);
            } else if score == best.0 {
                // As good, and the same square: its middle is the middle of them all.
                let middle = (found.0 / found.2, found.1 / found.2);
                if length(middle, at) < length((0.0, 0.0), right) * 1.5 {
                    found = (found.0 + at.0, found.1 + at.1, found.2 + 1.0);
                }
            }
        }
    }
    (best.0 > 0).then_some((found.0 / found.2, found.1 / found.2))
}

/// How many of its 25 modules are as they should be; none where more than three are not.
fn small_square(dark: &Bitmap, middle: Place, right: Place, down: Place) -> Option<usize> {
    let mut wrong = 0;
    for v in -2_i8..=2 {
        for u in -2_i8..=2 {
            let (x, y) = (f32::from(u), f32::from(v));
            let at = (middle.0 + x * right.0 + y * down.0, middle.1 + x * right.1 + y * down.1);
            let is_dark = u.unsigned_abs().max(v.unsigned_abs()) != 1;
            wrong += usize::from(dark.is_dark_at(at) != is_dark);
            if wrong > 3 {
                return None;
            }
        }
    }
    Some(25 - wrong)
}

fn length(from: Place, to: Place) -> f32 {
    (to.0 - from.0).hypot(to.1 - from.1)
}

fn between(from: Place, to: Place, part: f32) -> Place {
    (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
}

/// A projective mapping of the plane: a 3 x 3 matrix, by rows.
struct Projection([[f32; 3]; 3]);

impl Projection {
    /// Of the corners (0, 0), (1, 0), (1, 1), (0, 1) onto these four.
    fn onto([a, b, c, d]: [Place; 4]) -> Projection {
        let bend = (a.0 - b.0 + c.0 - d.0, a.1 - b.1 + c.1 - d.1);
        let (one, two) = ((b.0 - c.0, b.1 - c.1), (d.0 - c.0, d.1 - c.1));
        let turn = one.0 * two.1 - two.0 * one.1;
        let g = (bend.0 * two.1 - two.0 * bend.1) / turn;
        let h = (one.0 * bend.1 - bend.0 * one.1) / turn;
        Projection([
            [b.0 - a.0 + g * b.0, d.0 - a.0 + h * d.0, a.0],
            [b.1 - a.1 + g * b.1, d.1 - a.1 + h * d.1, a.1],
            [g, h, 1.0],
        ])
    }

    /// The way back, but for a factor that does not matter.
    fn inverse(&self) -> Projection {
        let Projection([[a, b, c], [d, e, f], [g, h, i]]) = self;
        Projection([
            [e * i - f * h, c * h - b * i, b * f - c * e],
            [f * g - d * i, a * i - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d],
        ])
    }

    /// This one after the other.
    fn after(&self, other: &Projection) -> Projection {
        let Projection([[a, b, c], [d, e, f], [g, h, i]]) = &other;
        Projection(self.0.map(|[x, y, z]| [x * a + y * d + z * g, x * b + y * e + z * h, x * c + y * f + z * i]))
    }

    fn of(&self, (x, y): Place) -> Place {
        let [u, v, w] = self.0.map(|[a, b, c]| a * x + b * y + c);
        (u / w, v / w)
    }
}
