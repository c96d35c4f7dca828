//! The order of letters in a line with scripts that are written from right to left.
//!
//! A page says where each letter stands, so a line read from its left is in the order of what is seen. Whoever looks for a word
//! types it in the order of reading. This is the inverse of what the Unicode Bidirectional Algorithm (UAX #9) does to a line
//! without explicit marks, to the precision that finding words needs.

/// A line from its left as a line in the order of reading; of one in the order of reading, the line from its left.
pub(super) fn logical(seen: &str) -> String {
    let letters: Vec<char> = seen.chars().collect();
    let leftwards = letters.iter().filter(|letter| side(**letter) == Some(Side::Left)).count();
    if leftwards == 0 {
        return seen.to_owned();
    }
    let rightwards =
        letters.iter().filter(|letter| letter.is_alphabetic() && side(**letter) == Some(Side::Right)).count();
    let mut letters = letters;
    if leftwards >= rightwards {
        letters.reverse();
        turn(&mut letters, Side::Right);
    } else {
        turn(&mut letters, Side::Left);
    }
    letters.into_iter().collect()
}

/// In which direction a letter is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Latin, Greek and all others, and digits of any script.
    Right,
    /// Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms.
    Left,
}

/// `None` for what goes with its surroundings.
fn side(letter: char) -> Option<Side> {
    match letter {
        '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' if !letter.is_numeric() => {
            Some(Side::Left)
        }
        _ if letter.is_alphanumeric() => Some(Side::Right),
        _ => None,
    }
}

/// Turns around each stretch that begins and ends with letters of that direction and has none of the other in it.
fn turn(letters: &mut [char], of: Side) {
    let mut at = 0;
    while at < letters.len() {
        let rest = letters.get(at..).unwrap_or_default();
        if rest.first().and_then(|letter| side(*letter)) != Some(of) {
            at += 1;
            continue;
        }
        let other = rest.iter().position(|letter| side(*letter).is_some_and(|side| side != of)).unwrap_or(rest.len());
        let end = rest.iter().take(other).rposition(|letter| side(*letter) == Some(of)).map_or(1, |last| last + 1);
        if let Some(stretch) = letters.get_mut(at..at + end) {
            stretch.reverse();
        }
        at += end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_from_where_its_script_begins() {
        let seen = |text: &str| text.chars().rev().collect::<String>();
        for plain in ["", "Blood pressure 120/80 (2024)", "Ελληνικά", "血圧"] {
            assert_eq!(logical(plain), plain);
        }
        let hebrew = "\u{5D3}\u{5D5}\u{5D7} \u{5E8}\u{5E4}\u{5D5}\u{5D0}\u{5D9}";
        assert_eq!(logical(&seen(hebrew)), hebrew);
        // Numbers and words of other scripts keep their direction.
        let (word, date) = ("\u{5D3}\u{5D5}\u{5D7}", "12/05/2024");
        assert_eq!(logical(&format!("{date} {}", seen(word))), format!("{word} {date}"));
        let arabic = "\u{636}\u{63A}\u{637} \u{627}\u{644}\u{62F}\u{645}";
        let (drug, shown) = ("Amlodipine 5 mg", seen(arabic));
        assert_eq!(logical(&format!("{drug} {shown}")), format!("{drug} {arabic}"), "more Latin letters than others");
        assert_eq!(logical(&format!("mg 5 {shown}")), format!("{arabic} mg 5"));
        for text in [hebrew, &format!("{word} {date}"), &format!("{drug} {arabic}"), &format!("{arabic} mg 5")] {
            assert_eq!(logical(&logical(text)), text);
        }
    }
}
