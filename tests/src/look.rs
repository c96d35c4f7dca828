//! How a page is looked at: how wide, in which colours, how large its text, from which side it is read.

/// The script below, whose value is a list of what reaches past the page's sides or is cut off; empty where all is well.
pub const OVERFLOW: &str = include_str!("overflow.js");

/// How wide, how high, in which of the two colour schemes, how large, from which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The name used in file names.
    pub name: &'static str,
    /// CSS pixels.
    pub width: u32,
    /// CSS pixels.
    pub height: u32,
    /// The reader prefers a dark page.
    pub dark: bool,
    /// The size of the text in hundredths of the usual one.
    pub text: u32,
    /// The page runs from right to left.
    pub turned: bool,
}

const PHONE: Look = Look { name: "phone-light", width: 390, height: 844, dark: false, text: 100, turned: false };
const DESK: Look = Look { name: "desk-light", width: 1280, height: 800, ..PHONE };

/// A phone held upright and a desk's screen, by day and by night.
pub const LOOKS: [Look; 4] =
    [PHONE, Look { name: "phone-dark", dark: true, ..PHONE }, DESK, Look { name: "desk-dark", dark: true, ..DESK }];

/// The phone of somebody who reads from right to left.
pub const TURNED: Look = Look { name: "rtl", turned: true, ..PHONE };

/// The narrowest phone, of somebody who has set text to twice its size.
pub const LARGE: Look = Look { name: "large", width: 320, text: 200, ..PHONE };

impl Look {
    /// A script that gives an open page this direction and size of text, as a setting of the system would. There is no
    /// translation for a language from right to left yet: the page turns, its words stay.
    pub fn script(self) -> String {
        let direction = if self.turned { "rtl" } else { "ltr" };
        format!(
            "const root = document.documentElement; root.dir = {direction:?}; root.style.fontSize = '{}%';",
            self.text
        )
    }
}
