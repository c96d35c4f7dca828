//! The component kit that app and viewer share. Components take plain values and hold no state of the program.

mod chart;
mod choice;
mod countdown;
mod field;
mod fold;
mod icon;
mod notice;
mod phrase;
mod qr;
mod range;
mod records;
mod seal;
mod spark;
mod stop;
mod visa;

pub use chart::{LabChart, flag_key, range_text, value_text};
pub use choice::{DateField, Select, Switch, TextArea};
pub use countdown::{Countdown, use_now};
pub use field::{FieldError, PasswordField, TextField};
pub use fold::{Fold, Sure};
pub use icon::{Icon, IconView};
pub use notice::{Empty, Notice, Skeleton, Tone};
pub use phrase::{PhraseField, WORDS, words_in};
pub use qr::QrView;
pub use range::{RangeView, range_words};
pub use records::{category_icon, category_key, fact_label, sensitivity_key, status_text};
pub use seal::{Mark, SealView, Statement};
pub use spark::Spark;
pub use stop::{Going, StopForm};
pub use visa::Visa;
