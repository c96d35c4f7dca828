//! The rows of a table's text: by what lines they stand in it, and where a quotation mark that nobody closed ends.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{
    dates::{self, DateOrder},
    header::Column,
};

/// After so many mends each line is taken by itself: a search for the end of a quotation can go over the whole rest.
const MENDS: usize = 8;
/// So many lines of a cell are looked at for rows.
const LINES_LOOKED_AT: usize = 200;

/// Gives the rows of a text one by one.
pub(super) struct Lines<'t> {
    text: &'t str,
    delimiter: char,
    reader: csv::Reader<&'t [u8]>,
    /// Where in the text the reader began.
    base: usize,
    /// Where the last row began, and on which line.
    counted: (usize, u64),
    /// What the columns hold, once it is known: tells a row that a quotation has swallowed from a remark of several lines.
    columns: Option<Vec<Column>>,
    mends: usize,
}

/// What is known of a row besides its cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    /// It opens a quotation that does not end in it: its cells are not to be trusted.
    pub(super) damaged: bool,
    /// There are empty lines before it.
    pub(super) after_gap: bool,
}

/// How the quotations of a text end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// As they should.
    Closed,
    /// With something between the closing mark and the next delimiter.
    Loosely,
    /// Not at all.
    Open,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, delimiter: char) -> Lines<'t> {
        let reader = reader(text, delimiter);
        Lines { text, delimiter, reader, base: 0, counted: (0, 1), columns: None, mends: 0 }
    }

    /// Says what the columns of the following rows hold; `None` if nobody knows.
    pub(super) fn expect(&mut self, columns: Option<&[Column]>) {
        self.columns = columns.map(<[Column]>::to_vec);
    }

    /// Reads the next row; `None` at the end. The text is UTF-8 and any number of fields will do, so nothing else can fail.
    pub(super) fn next(&mut self, row: &mut StringRecord) -> Option<Line> {
        let from = self.at();
        let alone = self.mends > MENDS;
        if !alone && !matches!(self.reader.read_record(row), Ok(true)) {
            return None;
        }
        let rest = self.text.get(from..)?;
        let lead = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let start = from + lead;
        let end = if alone { self.line_end(start) } else { self.at() };
        let raw = self.text.get(start..end)?;
        // The second half of the line break before it is not a line of its own.
        let half = from > 0 && self.text.as_bytes().get(from - 1) == Some(&b'\r') && rest.starts_with('\n');
        let after_gap = breaks(rest.get(usize::from(half)..lead).unwrap_or_default()) > 0;
        self.counted.1 += breaks(self.text.get(self.counted.0..start).unwrap_or_default());
        self.counted.0 = start;
        let line = |damaged| Some(Line { number: self.counted.1, damaged, after_gap });
        if alone {
            if raw.is_empty() {
                return None;
            }
            let line = line(!read_alone(raw, self.delimiter, row) || quoting(raw, self.delimiter) == Quoting::Open);
            self.base = end;
            return line;
        }
        let damaged = self.is_damaged(raw, end);
        let line = line(damaged);
        if damaged {
            self.mends += 1;
            self.base = self.line_end(start);
            self.reader = reader(self.text.get(self.base..).unwrap_or_default(), self.delimiter);
        }
        line
    }

    fn at(&self) -> usize {
        let read = if self.mends > MENDS { 0 } else { self.reader.position().byte() };
        self.base + usize::try_from(read).unwrap_or(usize::MAX)
    }

    fn line_end(&self, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        start + rest.find(['\r', '\n']).unwrap_or(rest.len())
    }

    /// Whether a quotation runs on past where it was meant to end: to the end of the text, or over rows.
    fn is_damaged(&self, raw: &str, end: usize) -> bool {
        let mut lines = raw.trim_end_matches(['\r', '\n']).split(['\r', '\n']).skip(1).peekable();
        let several = lines.peek().is_some();
        if !raw.contains('"') || (!several && end < self.text.len()) {
            return false;
        }
        match quoting(raw, self.delimiter) {
            Quoting::Open => true,
            quoting => lines.take(LINES_LOOKED_AT).any(|line| self.is_row(line, quoting == Quoting::Loosely)),
        }
    }

    /// Whether a line is a row of the table: of its width, with a date and a number where those belong. Where quotations end
    /// oddly besides, a row may lack its last columns.
    fn is_row(&self, line: &str, shorter: bool) -> bool {
        let Some(columns) = &self.columns else { return false };
        let mut row = StringRecord::new();
        if line.is_empty() || !read_alone(line, self.delimiter, &mut row) {
            return false;
        }
        let wide = row.len() == columns.len() || (shorter && (2..=columns.len()).contains(&row.len()));
        let cells = || row.iter().zip(columns);
        wide && cells().any(|(cell, column)| matches!(column, Column::Date | Column::DateTime) && is_date(cell))
            && cells().any(|(cell, column)| {
                matches!(column, Column::Measure { .. } | Column::Value)
                    && cell.starts_with(|c: char| c.is_ascii_digit())
            })
    }
}

/// Whether a cell is a date, in whatever order.
pub(super) fn is_date(cell: &str) -> bool {
    [DateOrder::DayFirst, DateOrder::MonthFirst].iter().any(|order| dates::parse(cell, *order).is_some())
}

fn reader(text: &str, delimiter: char) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .buffer_capacity(text.len().clamp(1, 8192))
        .from_reader(text.as_bytes())
}

fn read_alone(line: &str, delimiter: char, row: &mut StringRecord) -> bool {
    matches!(reader(line, delimiter).read_record(row), Ok(true))
}

/// The line breaks in a text, of any system.
fn breaks(text: &str) -> u64 {
    let mut count = 0;
    let mut before = 0;
    for byte in text.bytes() {
        count += u64::from(byte == b'\r' || (byte == b'\n' && before != b'\r'));
        before = byte;
    }
    count
}

fn quoting(raw: &str, delimiter: char) -> Quoting {
    enum At {
        Start,
        Bare,
        Quoted,
        Mark,
    }
    let mut loosely = false;
    let mut at = At::Start;
    for letter in raw.chars() {
        at = match (at, letter) {
            (At::Start | At::Mark, '"') => At::Quoted,
            (At::Quoted, '"') => At::Mark,
            (At::Quoted, _) => At::Quoted,
            (_, letter) if letter == delimiter || matches!(letter, '\r' | '\n') => At::Start,
            (At::Mark, _) => {
                loosely = true;
                At::Bare
            }
            (At::Start | At::Bare, _) => At::Bare,
        };
    }
    match at {
        At::Quoted => Quoting::Open,
        _ if loosely => Quoting::Loosely,
        _ => Quoting::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, bool, bool, String)> {
        let mut lines = Lines::new(text, ',');
        lines.expect(Some(&[Column::DateTime, Column::Value, Column::Note]));
        let mut row = StringRecord::new();
        let mut all = Vec::new();
        while let Some(line) = lines.next(&mut row) {
            let cells = if line.damaged { String::new() } else { row.iter().collect::<Vec<_>>().join("|") };
            all.push((line.number, line.damaged, line.after_gap, cells));
        }
        all
    }

    #[test]
    fn lines_are_counted_with_the_empty_ones_in_every_system() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "c,\"d", "e\"", "", "", "f"].join(end);
            let numbers: Vec<(u64, bool)> = read(&text).iter().map(|(number, _, gap, _)| (*number, *gap)).collect();
            assert_eq!(numbers, [(1, false), (3, true), (7, true)], "{end:?}");
        }
    }

    #[test]
    fn an_open_quotation_ends_with_its_line_and_a_remark_of_lines_does_not() {
        let cells = |text: &str| -> Vec<(u64, String)> {
            read(text).into_iter().map(|(number, _, _, cells)| (number, cells)).collect()
        };
        let some = |rows: &[(u64, &str)]| rows.iter().map(|(at, text)| (*at, (*text).to_owned())).collect::<Vec<_>>();
        // To the end of the text; up to the next mark; up to a mark that closes it well.
        assert_eq!(
            cells("2024-01-01,1,\"a\n2024-01-02,2,b\n"),
            some(&[(1, ""), (2, "2024-01-02|2|b")]),
            "damaged rows are empty here"
        );
        assert_eq!(
            cells("2024-01-01,1,\"a\n2024-01-02,2\n2024-01-03,3,\"c\"\n"),
            some(&[(1, ""), (2, "2024-01-02|2"), (3, "2024-01-03|3|c")])
        );
        assert_eq!(
            cells("2024-01-01,1,\"a\n2024-01-02,2,5\"\n2024-01-03,3,c\n"),
            some(&[(1, ""), (2, "2024-01-02|2|5\""), (3, "2024-01-03|3|c")])
        );
        let remark = "2024-01-01,1,\"a\nsince 2024-01-02, 2 days\n\n\"\"b\"\"\"\n2024-01-03,3,c\n";
        assert_eq!(cells(remark).len(), 2);
        assert_eq!(cells(remark)[1], (5, "2024-01-03|3|c".to_owned()));
    }

    #[test]
    fn many_open_quotations_do_not_take_ever_longer() {
        // Each line is open both from its beginning and inside a quotation.
        let text = "2024-01-01,1,\"a\n".to_owned() + &"a\"b,\"c\n".repeat(20_000);
        let start = std::time::Instant::now();
        assert_eq!(read(&text).len(), 20_001);
        assert!(start.elapsed().as_secs() < 30);
    }
}
