//! Text that was pasted: codes of cards and certificates, and SMART Health Links.

use smart_health::SmartHealthLink;
use zeroize::Zeroizing;

/// What a pasted text holds.
pub(super) enum Code {
    /// Cards or certificates: what to call them, and their text as a file would hold it.
    File { name: &'static str, text: String },
    /// A link to records elsewhere.
    Link(Zeroizing<String>),
}

/// The codes of a text, in its order; several parts of one `shc:/` code are one. A line that is none of them is handed on
/// as a file, so that the account says what is wrong with it.
pub(super) fn codes(text: &str) -> Vec<Code> {
    let mut codes = Vec::new();
    let mut cards = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if SmartHealthLink::parse(line).is_ok() {
            codes.push(Code::Link(Zeroizing::new(line.to_owned())));
        } else if line.contains("shc:/") || line.starts_with("eyJ") {
            cards.push_str(line);
            cards.push('\n');
        } else {
            let name = if line.starts_with("HC1:") { "Health certificate" } else { "Pasted text" };
            codes.push(Code::File { name, text: line.to_owned() });
        }
    }
    if !cards.is_empty() {
        codes.push(Code::File { name: "SMART Health Card", text: cards });
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_told_by_its_start_and_parts_of_a_card_stay_together() {
        let codes = codes("shc:/1/2/5676\n\n  HC1:6BF \nshc:/2/2/5676\nhello");
        let named: Vec<_> = codes
            .iter()
            .map(|code| match code {
                Code::File { name, text } => (*name, text.as_str()),
                Code::Link(_) => ("link", ""),
            })
            .collect();
        let expected = [
            ("Health certificate", "HC1:6BF"),
            ("Pasted text", "hello"),
            ("SMART Health Card", "shc:/1/2/5676\nshc:/2/2/5676\n"),
        ];
        assert_eq!(named, expected);
    }
}
