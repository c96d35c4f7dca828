//! Lucide icons, always beside words: hidden from screen readers.

use dioxus::prelude::*;

macro_rules! icons {
    ($($name:ident = $file:literal),+ $(,)?) => {
        /// An icon of the set (Lucide, ISC licence).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Icon { $(#[doc = $file] $name),+ }

        impl Icon {
            fn svg(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("../../../assets/icons/", $file, ".svg"))),+ }
            }
        }
    };
}

icons! {
    Adjust = "adjust", Again = "again", Allergy = "allergy", Archive = "backup", Back = "back", CarePlan = "care-plan",
    Check = "check", Clock = "clock", Close = "close", Copy = "copy", Device = "device", Document = "document",
    Download = "download", Eye = "eye", EyeOff = "eye-off", Folder = "folder", Forward = "forward", Hand = "hand",
    Home = "home", Immunization = "immunization", Import = "import", Info = "info", Insurance = "insurance",
    Key = "key", Lock = "lock", Medicine = "medicine", Offline = "offline", Ok = "ok", Pause = "pause",
    People = "people", Person = "person", Play = "play", Plus = "plus", Print = "print", Problem = "problem",
    Procedure = "procedure", Qr = "qr", Records = "records", Report = "report", Result = "result", Seal = "seal",
    Search = "search", Settings = "settings", Share = "share", Shield = "shield", Stamp = "stamp", Stop = "stop",
    Travel = "travel", Trend = "trend", Unchecked = "unchecked", Unknown = "unknown", Unlock = "unlock",
    Visit = "visit", Vital = "vital", Warn = "warn",
}

/// Shows an icon at the size of the text around it. `turns`: mirrored where the language runs right to left.
#[component]
pub fn IconView(icon: Icon, #[props(default)] class: &'static str) -> Element {
    let turns = if matches!(icon, Icon::Back | Icon::Forward) { "icon-turns" } else { "" };
    rsx! {
        span { class: "icon {turns} {class}", "aria-hidden": "true", dangerous_inner_html: icon.svg() }
    }
}
