//! Text by the file's own character set (PS3.3, C.12.1.1.2).

use encoding_rs::{
    EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, ISO_8859_15, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1252, WINDOWS_1254,
};

use super::{dataset::DataSet, tags};

/// The most bytes of one text.
const TEXT: usize = 64 << 10;

/// How a file's texts are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charset(&'static Encoding);

impl Charset {
    /// As the file says; Windows-1252, a superset of its default, where it does not.
    pub(super) fn of(data: &DataSet<'_>) -> Charset {
        let names = data.string(tags::SPECIFIC_CHARACTER_SET);
        let mut names = names.split('\\').map(str::trim);
        let first = names.next().unwrap_or_default();
        // With code extensions the later ones are what is switched to; those of Asia hold the others' letters.
        let wide = names.find_map(|name| match name {
            "ISO 2022 IR 87" | "ISO 2022 IR 159" => Some(ISO_2022_JP),
            "ISO 2022 IR 149" => Some(EUC_KR),
            "ISO 2022 IR 58" => Some(GBK),
            _ => None,
        });
        Charset(wide.unwrap_or_else(|| single(first)))
    }

    /// A value as text, without padding.
    pub(super) fn text(&self, data: &DataSet<'_>, tag: u32) -> String {
        let bytes = data.bytes(tag);
        let bytes = bytes.get(..bytes.len().min(TEXT)).unwrap_or_default();
        self.0.decode_without_bom_handling(bytes).0.trim_matches(['\0', ' ']).to_owned()
    }

    /// A person's name as one would write it: prefix, given, middle, family, suffix of its first group that says
    /// something (PS3.5, 6.2.1).
    pub(super) fn name(&self, data: &DataSet<'_>, tag: u32) -> String {
        let text = self.text(data, tag);
        let group = text.split('=').find(|group| group.chars().any(char::is_alphanumeric)).unwrap_or_default();
        let parts: Vec<&str> = group.split('^').map(str::trim).collect();
        let part = |at: usize| parts.get(at).copied().unwrap_or_default();
        let ordered = [part(3), part(1), part(2), part(0), part(4)];
        ordered.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

fn single(name: &str) -> &'static Encoding {
    match name.strip_prefix("ISO_IR ").or_else(|| name.strip_prefix("ISO 2022 IR ")) {
        Some("101") => ISO_8859_2,
        Some("109") => ISO_8859_3,
        Some("110") => ISO_8859_4,
        Some("144") => ISO_8859_5,
        Some("127") => ISO_8859_6,
        Some("126") => ISO_8859_7,
        Some("138") => ISO_8859_8,
        Some("148") => WINDOWS_1254,
        Some("203") => ISO_8859_15,
        Some("13") => SHIFT_JIS,
        Some("87" | "159") => ISO_2022_JP,
        Some("149") => EUC_KR,
        Some("58") => GBK,
        Some("166") => WINDOWS_874,
        Some("192") => UTF_8,
        _ if name == "GB18030" => GB18030,
        _ if name == "GBK" => GBK,
        _ => WINDOWS_1252,
    }
}
