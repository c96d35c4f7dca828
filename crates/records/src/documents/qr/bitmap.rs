//! Dark and light: each pixel against the mean of its surroundings, so that a shadow over half a photograph does no harm.

use super::pixels::Grey;

/// A pixel is dark below so many hundredths of the mean around it.
const DARK: u64 = 88;

/// A picture of dark and light pixels.
pub(super) struct Bitmap {
    pub(super) width: usize,
    pub(super) height: usize,
    dark: Vec<bool>,
}

impl Bitmap {
    /// `window`: the side of the square around a pixel that it is compared with.
    pub(super) fn of(grey: &Grey, window: usize) -> Bitmap {
        let (width, height) = (grey.width, grey.height);
        let reach = (window / 2).max(4);
        let row = |y: usize| grey.pixels.get(y * width..(y + 1) * width).unwrap_or_default();
        // The sum of each column over the rows of the window; the next row only adds one row and takes one away.
        let mut columns = vec![0_u32; width];
        let (mut first, mut end) = (0, 0);
        let mut dark = Vec::with_capacity(width * height);
        for y in 0..height {
            while end < (y + reach + 1).min(height) {
                columns.iter_mut().zip(row(end)).for_each(|(sum, pixel)| *sum += u32::from(*pixel));
                end += 1;
            }
            while first + reach < y {
                columns.iter_mut().zip(row(first)).for_each(|(sum, pixel)| *sum -= u32::from(*pixel));
                first += 1;
            }
            let rows = (end - first) as u64;
            let column = |x: usize| u64::from(columns.get(x).copied().unwrap_or_default());
            let (mut sum, mut left, mut right) = (0, 0, 0);
            for (x, pixel) in row(y).iter().enumerate() {
                while right < (x + reach + 1).min(width) {
                    sum += column(right);
                    right += 1;
                }
                while left + reach < x {
                    sum -= column(left);
                    left += 1;
                }
                let count = rows * (right - left) as u64;
                dark.push(u64::from(*pixel) * count * 100 < sum * DARK);
            }
        }
        Bitmap { width, height, dark }
    }

    /// Whether the pixel is dark; none outside the picture.
    pub(super) fn is_dark(&self, x: usize, y: usize) -> Option<bool> {
        if x >= self.width {
            return None;
        }
        self.dark.get(y * self.width + x).copied()
    }

    /// The same for a place between pixels; outside the picture it is light.
    pub(super) fn is_dark_at(&self, (x, y): (f32, f32)) -> bool {
        // What is no number, or below zero, fails the comparison.
        if !(x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32) {
            return false;
        }
        self.is_dark(x as usize, y as usize).unwrap_or(false)
    }

    /// The pixels of a row.
    pub(super) fn row(&self, y: usize) -> &[bool] {
        self.dark.get(y * self.width..(y + 1) * self.width).unwrap_or_default()
    }
}
