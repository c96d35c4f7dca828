//! What a camera makes of a QR code: scaled, turned, blurred, seen at an angle on a screen.

use smart_health::QrCode;

/// A greyscale picture, one byte a pixel.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row by row; 0 is black.
    pub luma: Vec<u8>,
}

impl Picture {
    /// A code as a file of that side has it.
    ///
    /// # Panics
    /// Where it does not fit.
    pub fn file(code: &QrCode, side: usize) -> Self {
        Self { width: side, height: side, luma: code.to_luma_of(side).unwrap() }
    }

    /// The words of the first code in it that `rqrr` finds, as a reader without a camera of its own would.
    pub fn read(&self) -> Option<String> {
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(self.width, self.height, |x, y| self.luma[y * self.width + x]);
        image.detect_grids().iter().find_map(|grid| Some(grid.decode().ok()?.1))
    }

    /// How many of a thousand pixels differ from those of a picture of the same size by more than an eye overlooks.
    ///
    /// # Panics
    /// Where the sizes differ.
    pub fn differs(&self, other: &Self) -> usize {
        assert_eq!((self.width, self.height), (other.width, other.height));
        let other = self.luma.iter().zip(&other.luma).filter(|(a, b)| a.abs_diff(**b) > 16).count();
        other * 1000 / self.luma.len()
    }

    /// A code shown at that side, its quiet zone included: each pixel the mean of what lies under it.
    pub fn of(code: &QrCode, side: usize) -> Self {
        let (large, pixels) = code.to_luma(16);
        let source = Self { width: large, height: large, luma: pixels };
        let scale = large as f64 / side as f64;
        Self::draw(side, side, |x, y| {
            let mut sum = 0.0;
            for sub in 0..16 {
                let at = |base: usize, part: usize| (base as f64 + (part as f64 + 0.5) / 4.0) * scale - 0.5;
                sum += source.at(at(x, sub % 4), at(y, sub / 4));
            }
            sum / 16.0
        })
    }

    /// Turned by so many degrees about its middle, on a light ground that holds all of it.
    pub fn turned(&self, degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let side = (self.width as f64 * 1.5) as usize;
        let (middle, own) = (side as f64 / 2.0, self.width as f64 / 2.0);
        Self::draw(side, side, |x, y| {
            let (dx, dy) = (x as f64 - middle, y as f64 - middle);
            self.at(own + dx * cos + dy * sin, own - dx * sin + dy * cos)
        })
    }

    /// Out of focus: a Gaussian blur of that many pixels.
    pub fn blurred(&self, sigma: f64) -> Self {
        let reach = (sigma * 3.0).ceil() as i64;
        let weights: Vec<f64> = (-reach..=reach).map(|at| (-(at * at) as f64 / (2.0 * sigma * sigma)).exp()).collect();
        let total: f64 = weights.iter().sum();
        let pass = |from: &Self, dx: f64, dy: f64| {
            Self::draw(from.width, from.height, |x, y| {
                let sample =
                    |(at, weight): (i64, &f64)| weight * from.at(x as f64 + dx * at as f64, y as f64 + dy * at as f64);
                (-reach..=reach).zip(&weights).map(sample).sum::<f64>() / total
            })
        };
        pass(&pass(self, 1.0, 0.0), 0.0, 1.0)
    }

    /// A photo of a screen that shows it: seen from the side, the screen's own grid beating against the camera's (moire),
    /// unevenly lit, with the camera's gamma and noise. `seed` makes the noise.
    pub fn photographed(&self, seed: u64) -> Self {
        let side = (self.width as f64 * 1.3) as usize;
        let (margin, size) = (side as f64 * 0.12, self.width as f64);
        let mut noise = seed | 1;
        Self::draw(side, side, |x, y| {
            let (u, v) = (
                (x as f64 - margin) / (side as f64 - 2.0 * margin),
                (y as f64 - margin) / (side as f64 - 2.0 * margin),
            );
            // A plane tilted away to the right and a little downwards.
            let depth = 1.0 + 0.15 * u + 0.06 * v;
            let (u, v) = (u * 1.15 / depth, (v + 0.05 * u) * 1.1 / depth);
            let seen = self.at(u * size, v * size) / 255.0;
            let moire = 0.03 * ((x as f64 * 0.83).sin() + (y as f64 * 0.79 + x as f64 * 0.11).sin());
            let light = 0.95 - 0.3 * (x as f64 / side as f64) * (y as f64 / side as f64);
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let grain = ((noise >> 40) as f64 / f64::from(1 << 24) - 0.5) * 0.06;
            let value = (0.08 + 0.84 * seen + moire) * light + grain;
            value.clamp(0.0, 1.0).powf(1.0 / 1.4) * 255.0
        })
    }

    fn draw(width: usize, height: usize, mut pixel: impl FnMut(usize, usize) -> f64) -> Self {
        let mut luma = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                luma.push(pixel(x, y).round().clamp(0.0, 255.0) as u8);
            }
        }
        Self { width, height, luma }
    }

    /// The value between pixels; all around the picture is light.
    fn at(&self, x: f64, y: f64) -> f64 {
        let pixel = |x: i64, y: i64| match (usize::try_from(x), usize::try_from(y)) {
            (Ok(x), Ok(y)) if x < self.width && y < self.height => f64::from(self.luma[y * self.width + x]),
            _ => 255.0,
        };
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let (left, top) = (left as i64, top as i64);
        let upper = pixel(left, top) * (1.0 - fx) + pixel(left + 1, top) * fx;
        let lower = pixel(left, top + 1) * (1.0 - fx) + pixel(left + 1, top + 1) * fx;
        upper * (1.0 - fy) + lower * fy
    }
}
