//! The fonts that pages are set in: those that come with the program, and more that the caller finds.

use std::sync::Arc;

/// Fonts in the order in which they are asked for a character.
#[derive(Clone)]
pub struct Fonts {
    pub(super) faces: Vec<Arc<Vec<u8>>>,
    pub(super) bold: Arc<Vec<u8>>,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fonts({})", self.faces.len())
    }
}

macro_rules! bundled {
    ($name:literal) => {
        Arc::new(include_bytes!(concat!("../../../../assets/fonts/pdf/", $name)).to_vec())
    };
}

impl Fonts {
    /// Noto Sans for Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Bengali, Tamil, Telugu, Thai, Armenian, Georgian
    /// and Ethiopic. Chinese, Japanese and Korean need a font of the system's ([`with`](Self::with)): one alone is larger
    /// than all of these.
    pub fn bundled() -> Fonts {
        Fonts {
            faces: vec![
                bundled!("NotoSans-Regular.ttf"),
                bundled!("NotoSansArabic-Regular.ttf"),
                bundled!("NotoSansHebrew-Regular.ttf"),
                bundled!("NotoSansDevanagari-Regular.ttf"),
                bundled!("NotoSansBengali-Regular.ttf"),
                bundled!("NotoSansTamil-Regular.ttf"),
                bundled!("NotoSansTelugu-Regular.ttf"),
                bundled!("NotoSansThai-Regular.ttf"),
                bundled!("NotoSansArmenian-Regular.ttf"),
                bundled!("NotoSansGeorgian-Regular.ttf"),
                bundled!("NotoSansEthiopic-Regular.ttf"),
            ],
            bold: bundled!("NotoSans-Bold.ttf"),
        }
    }

    /// The same with one more, asked after the others. TrueType or OpenType, or the first of a collection; what is none
    /// is passed over.
    #[must_use]
    pub fn with(mut self, font: Vec<u8>) -> Fonts {
        self.faces.push(Arc::new(font));
        self
    }
}
