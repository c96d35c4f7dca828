//! Codes that are drawn: many programs write a QR code as hundreds of filled rectangles or thick lines. The shapes of a drawing
//! become a picture, which is looked at as any other.

use super::{
    limits::Budget,
    qr::{self, Scanned},
};

/// The fewest lines around shapes that can be a code: the smallest code has more.
const FEWEST_EDGES: usize = 200;
/// The most corners of the shapes of a drawing.
const MOST_CORNERS: usize = 400_000;
/// The longest side of the picture, in pixels, and the most pixels for a unit of the drawing.
const SIDE: f64 = 2_400.0;
const FINEST: f64 = 8.0;
/// From here on a shade is light.
pub(super) const LIGHT: f64 = 0.5;
/// The most times that the outline of one shape crosses a row of pixels.
const MOST_CROSSINGS: usize = 1 << 20;

pub(super) type Point = (f64, f64);

/// An affine transformation: a b c d e f of PDF and SVG.
pub(super) type Matrix = [f64; 6];
pub(super) const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First `a`, then `b`.
pub(super) fn product(a: &Matrix, b: &Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

/// How a path is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fill {
    pub(super) is_light: bool,
    /// The rule by which insides are told from outsides: even-odd, or not zero.
    pub(super) even_odd: bool,
}

/// Shapes as they are drawn over one another, and the path that is being drawn. The vertical axis points up.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    path: Vec<Vec<Point>>,
    shapes: Vec<Shape>,
    corners: usize,
}

#[derive(Debug)]
struct Shape {
    fill: Fill,
    /// Closed outlines.
    outlines: Vec<Vec<Point>>,
}

impl Drawing {
    /// Whether there are so many shapes that no more are worth adding.
    pub(super) fn is_full(&self) -> bool {
        self.corners >= MOST_CORNERS
    }

    pub(super) fn move_to(&mut self, point: Point) {
        self.path.push(vec![point]);
    }

    /// Nothing where nothing was begun.
    pub(super) fn line_to(&mut self, point: Point) {
        if let Some(outline) = self.path.last_mut() {
            outline.push(point);
            self.corners += 1;
        }
    }

    /// An outline through these corners.
    pub(super) fn polygon(&mut self, corners: impl IntoIterator<Item = Point>) {
        let mut outline: Vec<Point> = corners.into_iter().collect();
        self.corners += outline.len();
        outline.extend(outline.first().copied());
        self.path.push(outline);
    }

    /// A rectangle between opposite corners, which lie where `ctm` puts them.
    pub(super) fn rectangle(&mut self, ctm: &Matrix, (left, low): Point, (right, high): Point) {
        let corners = [(left, low), (right, low), (right, high), (left, high)];
        self.polygon(corners.map(|corner| apply(ctm, corner)));
    }

    /// Goes back to where the last outline began.
    pub(super) fn close(&mut self) {
        if let Some(outline) = self.path.last_mut() {
            outline.extend(outline.first().copied());
        }
    }

    /// Fills the path, which stays.
    pub(super) fn fill(&mut self, fill: Fill) {
        if !self.path.is_empty() {
            self.shapes.push(Shape { fill, outlines: self.path.clone() });
        }
    }

    /// Draws lines along the path, which stays: each is a rectangle.
    pub(super) fn stroke(&mut self, width: f64, is_light: bool) {
        let half = width / 2.0;
        let mut outlines = Vec::new();
        for (from, to) in self.path.iter().flat_map(|outline| outline.iter().zip(outline.iter().skip(1))) {
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length > 0.0 && half > 0.0 {
                let (x, y) = ((to.1 - from.1) / length * half, (from.0 - to.0) / length * half);
                outlines.push(vec![
                    (from.0 + x, from.1 + y),
                    (to.0 + x, to.1 + y),
                    (to.0 - x, to.1 - y),
                    (from.0 - x, from.1 - y),
                ]);
                self.corners += 4;
            }
        }
        if !outlines.is_empty() {
            self.shapes.push(Shape { fill: Fill { is_light, even_odd: false }, outlines });
        }
    }

    pub(super) fn clear_path(&mut self) {
        self.path.clear();
    }

    /// The codes that the shapes are.
    pub(super) fn qr_codes(&self, budget: &mut Budget) -> Vec<Scanned> {
        if self.corners < FEWEST_EDGES {
            return Vec::new();
        }
        let picture = picture(&self.shapes, budget);
        picture.map(|(width, height, pixels)| qr::codes_of_grey(width, height, pixels)).unwrap_or_default()
    }
}

pub(super) fn apply([a, b, c, d, e, f]: &Matrix, (x, y): Point) -> Point {
    (a * x + c * y + e, b * x + d * y + f)
}

/// Whether a colour of red, green and blue, each from 0 to 1, is light.
pub(super) fn is_light(red: f64, green: f64, blue: f64) -> bool {
    0.299 * red + 0.587 * green + 0.114 * blue >= LIGHT
}

/// How much wider a line is drawn than it says.
pub(super) fn widening([a, b, c, d, ..]: &Matrix) -> f64 {
    (a * d - b * c).abs().sqrt()
}

/// The shapes as a picture in shades of grey: its width, its height and its pixels from the top.
fn picture(shapes: &[Shape], budget: &mut Budget) -> Option<(usize, usize, Vec<u8>)> {
    let points = || {
        let dark = shapes.iter().filter(|shape| !shape.fill.is_light);
        dark.flat_map(|shape| shape.outlines.iter().flatten()).filter(|(x, y)| x.is_finite() && y.is_finite())
    };
    let (left, right) = points().fold((f64::MAX, f64::MIN), |(low, high), (x, _)| (low.min(*x), high.max(*x)));
    let (bottom, top) = points().fold((f64::MAX, f64::MIN), |(low, high), (_, y)| (low.min(*y), high.max(*y)));
    let scale = (SIDE / (right - left).max(top - bottom)).min(FINEST);
    if !scale.is_finite() || scale <= 0.0 {
        return None;
    }
    // A code needs some white around it.
    let quiet = 4.0 * FINEST;
    let size = |span: f64| (span * scale + 2.0 * quiet).ceil() as usize;
    let (width, height) = (size(right - left), size(top - bottom));
    budget.spend((width * height) as u64)?;
    let mut pixels = vec![255; width * height];
    for shape in shapes {
        let to_pixel = |(x, y): &Point| ((x - left) * scale + quiet, (top - y) * scale + quiet);
        let crossings = crossings(shape, &to_pixel, height, budget)?;
        let shade = if shape.fill.is_light { 255 } else { 0 };
        paint(&mut pixels, width, &crossings, shape.fill.even_odd, shade, budget)?;
    }
    Some((width, height, pixels))
}

/// Where an outline crosses the middle of a row of pixels, and whether upwards or downwards.
type Crossing = (usize, f32, i8);

fn crossings(
    shape: &Shape,
    to_pixel: &dyn Fn(&Point) -> Point,
    height: usize,
    budget: &mut Budget,
) -> Option<Vec<Crossing>> {
    let mut out = Vec::new();
    for outline in &shape.outlines {
        for (from, to) in outline.iter().zip(outline.iter().cycle().skip(1)) {
            let (from, to) = (to_pixel(from), to_pixel(to));
            let (upper, lower, way) = if from.1 <= to.1 { (from, to, 1) } else { (to, from, -1) };
            if ![upper.0, upper.1, lower.0, lower.1].iter().all(|number| number.is_finite()) {
                continue;
            }
            // Rows whose middle lies between the ends.
            let row = |y: f64| (y - 0.5).ceil().clamp(0.0, height as f64) as usize;
            let rows = row(upper.1)..row(lower.1);
            budget.spend(rows.len() as u64 + 1)?;
            if out.len() + rows.len() > MOST_CROSSINGS {
                return Some(out);
            }
            let slope = (lower.0 - upper.0) / (lower.1 - upper.1);
            out.extend(rows.map(|row| (row, (upper.0 + (row as f64 + 0.5 - upper.1) * slope) as f32, way)));
        }
    }
    out.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    Some(out)
}

fn paint(
    pixels: &mut [u8],
    width: usize,
    crossings: &[Crossing],
    even_odd: bool,
    shade: u8,
    budget: &mut Budget,
) -> Option<()> {
    let mut winding = 0_i64;
    for ((row, from, way), (next_row, to, _)) in crossings.iter().zip(crossings.iter().skip(1)) {
        winding += i64::from(*way);
        if row != next_row {
            winding = 0;
            continue;
        }
        let inside = if even_odd { winding % 2 != 0 } else { winding != 0 };
        if inside {
            let pixel = |x: f32| (x - 0.5).ceil().clamp(0.0, width as f32) as usize;
            let (from, to) = (row * width + pixel(*from), row * width + pixel(*to));
            budget.spend((to.saturating_sub(from) / 8) as u64 + 1)?;
            if let Some(run) = pixels.get_mut(from..to) {
                run.fill(shade);
            }
        }
    }
    Some(())
}
