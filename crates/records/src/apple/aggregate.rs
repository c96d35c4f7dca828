//! Days put together from samples, in memory that grows with days and not with samples.
//!
//! Sums and the "six step sources": phone, watch and apps count the same steps. Sources are ranked (watch, phone, other
//! apps; then by name). A day takes its best source whole; of each sample of the next only the part of its time that no
//! better source covers, and so on. So what overlaps is never added, and what does not overlap is. Doses are another matter: a
//! pump's basal insulin lasts the whole day and the bolus of an app is added to it.

use std::collections::BTreeMap;

/// The most samples that are held with their times, 8 bytes each; beyond it finished days are sealed.
const HELD: usize = 6_000_000;
/// Minutes of a day and the six hours that a sample may last past it.
const MINUTES: usize = 30 * 60;

/// The sums of one day of one type.
#[derive(Debug, Default)]
pub(super) struct DaySum {
    sources: Vec<FromSource>,
    sealed: Option<Box<Sealed>>,
}

/// What one source counted on a day.
#[derive(Debug)]
struct FromSource {
    source: u8,
    total: f64,
    count: u32,
    /// Samples with their times, packed.
    spans: Vec<Span>,
}

/// A day whose samples are no longer held: its sum so far and which minutes it covers.
#[derive(Debug)]
struct Sealed {
    total: f64,
    covered: [u64; MINUTES.div_ceil(64)],
}

/// What a day came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Total {
    pub(super) value: f64,
    /// Samples that were looked at.
    pub(super) count: u64,
    /// Sources as bits.
    pub(super) sources: u64,
}

impl DaySum {
    /// Adds a sample of `seconds` from `start`, seconds since the day's midnight. Says how many more samples are held.
    pub(super) fn add(&mut self, source: u8, start: u32, seconds: u32, value: f64) -> usize {
        let only = self.sources.len() == 1;
        let at = match self.sources.iter().position(|from| from.source == source) {
            Some(at) => at,
            None => {
                self.sources.push(FromSource { source, total: 0.0, count: 0, spans: Vec::new() });
                self.sources.len() - 1
            }
        };
        let known_only = only && self.sources.len() == 1;
        let Some(from) = self.sources.get_mut(at) else { return 0 };
        from.count = from.count.saturating_add(1);
        from.total += value;
        let span = Span::new(start, seconds, value);
        match &mut self.sealed {
            None => {
                from.spans.push(span);
                1
            }
            Some(sealed) => {
                // A source alone does not overlap with itself.
                let share = sealed.cover(&span);
                sealed.total += if known_only { value } else { value * share };
                0
            }
        }
    }

    /// The day's sum. `rank` orders sources, the preferred first.
    pub(super) fn total(&self, rank: &dyn Fn(u8) -> usize) -> Total {
        let count = self.sources.iter().map(|from| u64::from(from.count)).sum();
        let sources = self.sources.iter().fold(0, |bits, from| bits | source_bit(from.source));
        let value = match (&self.sealed, self.sources.as_slice()) {
            (Some(sealed), _) => sealed.total,
            (None, [only]) => only.total,
            (None, _) => self.without_overlap(rank),
        };
        Total { value, count, sources }
    }

    /// The day's sum of doses, where each counts whatever others are at the time. A dose that another source copied counts once.
    pub(super) fn all_doses(&self) -> Total {
        let count = self.sources.iter().map(|from| u64::from(from.count)).sum();
        let sources = self.sources.iter().fold(0, |bits, from| bits | source_bit(from.source));
        let mut value: f64 = self.sources.iter().map(|from| from.total).sum();
        // How often each dose was seen, at most in one source.
        let mut most: BTreeMap<Span, usize> = BTreeMap::new();
        for from in &self.sources {
            let mut own: BTreeMap<Span, usize> = BTreeMap::new();
            for span in &from.spans {
                let seen = own.entry(*span).or_default();
                *seen += 1;
                let known = most.entry(*span).or_default();
                if *seen <= *known {
                    value -= span.value();
                } else {
                    *known = *seen;
                }
            }
        }
        Total { value, count, sources }
    }

    fn without_overlap(&self, rank: &dyn Fn(u8) -> usize) -> f64 {
        let mut order: Vec<&FromSource> = self.sources.iter().collect();
        order.sort_by_key(|from| rank(from.source));
        let mut covered = Cover::default();
        let mut total = 0.0;
        for (place, from) in order.into_iter().enumerate() {
            total += if place == 0 { from.total } else { covered.uncovered(&from.spans) };
            covered.extend(&from.spans);
        }
        total
    }

    /// Lets the samples go, keeping the sum and the minutes. Says how many were held.
    pub(super) fn seal(&mut self, rank: &dyn Fn(u8) -> usize) -> usize {
        if self.sealed.is_some() {
            return 0;
        }
        let mut sealed = Box::new(Sealed { total: self.total(rank).value, covered: [0; MINUTES.div_ceil(64)] });
        let mut held = 0;
        for from in &mut self.sources {
            held += from.spans.len();
            for span in &from.spans {
                sealed.cover(span);
            }
            from.spans = Vec::new();
        }
        self.sealed = Some(sealed);
        held
    }
}

impl Sealed {
    /// Marks the minutes of a sample and says which part of them was free.
    fn cover(&mut self, span: &Span) -> f64 {
        let first = (span.start() / 60) as usize;
        let last = (span.end().saturating_sub(1) / 60) as usize;
        let (mut free, mut all) = (0_u32, 0_u32);
        for minute in first..=last.min(MINUTES - 1) {
            let Some(word) = self.covered.get_mut(minute / 64) else { break };
            let bit = 1_u64 << (minute % 64);
            all += 1;
            free += u32::from(*word & bit == 0);
            *word |= bit;
        }
        if all == 0 { 0.0 } else { f64::from(free) / f64::from(all) }
    }
}

/// Whether so many samples are held that days must be sealed.
pub(super) fn must_seal(held: usize) -> bool {
    held > HELD
}

/// The bit of a source in a set; those past the 64th share the last.
pub(super) fn source_bit(source: u8) -> u64 {
    1 << source.min(63)
}

/// A sample's time and value in eight bytes: 17 bits of seconds since midnight, 17 of duration, 30 of a number (a
/// single-precision float without its sign and last bit, exact for whole numbers up to four million).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span(u64);

const SECONDS_BITS: u64 = (1 << 17) - 1;

impl Span {
    fn new(start: u32, seconds: u32, value: f64) -> Span {
        let start = u64::from(start).min(SECONDS_BITS);
        // A moment takes a second, so that two sources at the same moment overlap.
        let seconds = u64::from(seconds).clamp(1, (MINUTES as u64 * 60).saturating_sub(start).max(1)).min(SECONDS_BITS);
        let value = u64::from((value.abs() as f32).to_bits() >> 1);
        Span(start << 47 | seconds << 30 | value & ((1 << 30) - 1))
    }

    fn start(self) -> u32 {
        (self.0 >> 47) as u32
    }

    fn seconds(self) -> u32 {
        (self.0 >> 30 & SECONDS_BITS) as u32
    }

    fn end(self) -> u32 {
        self.start() + self.seconds()
    }

    fn value(self) -> f64 {
        f64::from(f32::from_bits(((self.0 & ((1 << 30) - 1)) as u32) << 1))
    }
}

/// Times that are covered: disjoint, in order, each with the seconds covered before it.
#[derive(Debug, Default)]
struct Cover(Vec<(u32, u32, u32)>);

impl Cover {
    /// What the samples count in the time that is not covered.
    fn uncovered(&self, spans: &[Span]) -> f64 {
        let free = |span: &Span| span.seconds() - (self.until(span.end()) - self.until(span.start()));
        spans.iter().map(|span| span.value() * f64::from(free(span)) / f64::from(span.seconds())).sum()
    }

    /// How many seconds before `time` are covered.
    fn until(&self, time: u32) -> u32 {
        let after = self.0.partition_point(|(start, _, _)| *start < time);
        let last = after.checked_sub(1).and_then(|at| self.0.get(at));
        last.map_or(0, |(start, end, before)| before + time.min(*end) - start)
    }

    /// Covers the time of the samples too.
    fn extend(&mut self, spans: &[Span]) {
        let own = self.0.drain(..).map(|(start, end, _)| (start, end));
        let mut all: Vec<(u32, u32)> = own.chain(spans.iter().map(|span| (span.start(), span.end()))).collect();
        all.sort_unstable();
        for (start, end) in all {
            match self.0.last_mut() {
                Some((_, last, _)) if *last >= start => *last = end.max(*last),
                last => {
                    let before = last.map_or(0, |(start, end, before)| *before + *end - *start);
                    self.0.push((start, end, before));
                }
            }
        }
    }
}

/// Average, minimum, maximum and count of one day of one type.
#[derive(Debug, Clone, Copy)]
pub(super) struct DayFigures {
    pub(super) count: u32,
    pub(super) sum: f64,
    pub(super) least: f64,
    pub(super) most: f64,
    pub(super) sources: u64,
}

impl Default for DayFigures {
    fn default() -> Self {
        DayFigures { count: 0, sum: 0.0, least: f64::INFINITY, most: f64::NEG_INFINITY, sources: 0 }
    }
}

impl DayFigures {
    pub(super) fn add(&mut self, source: u8, value: f64) {
        self.count = self.count.saturating_add(1);
        self.sum += value;
        self.least = self.least.min(value);
        self.most = self.most.max(value);
        self.sources |= source_bit(source);
    }

    pub(super) fn average(&self) -> f64 {
        self.sum / f64::from(self.count.max(1))
    }
}

/// An interval of a night, in seconds of local time since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interval<T> {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) source: u8,
    pub(super) stage: T,
}

/// Seconds in each stage, each second counted once: for the best source first, and within a source in the order of the
/// stages.
pub(super) fn seconds_by_stage<T: Copy + Ord>(intervals: &[Interval<T>], rank: &dyn Fn(u8) -> usize) -> Vec<(T, i64)> {
    let mut order: Vec<&Interval<T>> = intervals.iter().filter(|interval| interval.end > interval.start).collect();
    order.sort_by_key(|interval| (rank(interval.source), interval.stage, interval.start));
    let mut covered: BTreeMap<i64, i64> = BTreeMap::new();
    let mut out: Vec<(T, i64)> = Vec::new();
    for interval in order {
        let mut free = interval.end - interval.start;
        let (mut start, mut end) = (interval.start, interval.end);
        // What is covered and touches this interval is joined with it.
        while let Some((from, to)) = covered.range(..=end).next_back().map(|(from, to)| (*from, *to)) {
            if to < start {
                break;
            }
            free -= (interval.end.min(to) - interval.start.max(from)).max(0);
            start = start.min(from);
            end = end.max(to);
            covered.remove(&from);
        }
        covered.insert(start, end);
        match out.iter_mut().find(|(stage, _)| *stage == interval.stage) {
            Some((_, seconds)) => *seconds += free.max(0),
            None => out.push((interval.stage, free.max(0))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn by_number(source: u8) -> usize {
        source as usize
    }

    fn sum(samples: &[(u8, u32, u32, f64)]) -> f64 {
        let mut day = DaySum::default();
        for (source, start, seconds, value) in samples {
            day.add(*source, *start, *seconds, *value);
        }
        day.total(&by_number).value
    }

    #[test]
    fn sources_that_overlap_are_not_added_and_those_that_do_not_are() {
        let watch = (0, 36_000, 600, 800.0);
        assert_eq!(sum(&[watch, (1, 36_000, 600, 1000.0)]), 800.0, "the better source counts");
        assert_eq!(sum(&[(1, 36_000, 600, 1000.0), watch]), 800.0, "in whatever order they come");
        assert_eq!(sum(&[watch, (1, 40_000, 600, 100.0)]), 900.0, "apart they are added");
        assert_eq!(sum(&[watch, (1, 36_600, 30, 7.0)]), 807.0, "touching is not overlapping");
        assert_eq!(sum(&[watch, (1, 36_300, 600, 100.0)]), 850.0, "half of it overlaps");
        assert_eq!(sum(&[watch, (1, 35_900, 800, 100.0)]), 825.0, "the better source lies inside");
        assert_eq!(sum(&[(1, 5, 0, 3.0), (0, 5, 0, 2.0), (2, 6, 0, 4.0)]), 6.0, "moments");
        // Six sources of the same walk.
        let six: Vec<_> = (0..6).map(|source| (source, 1000, 600, 500.0 + f64::from(source))).collect();
        assert_eq!(sum(&six), 500.0);
    }

    #[test]
    fn doses_are_added_whatever_else_is_at_the_time() {
        let doses = |samples: &[(u8, u32, u32, f64)]| {
            let mut day = DaySum::default();
            for (source, start, seconds, value) in samples {
                day.add(*source, *start, *seconds, *value);
            }
            day.all_doses().value
        };
        let basal = (0, 0, 86_399, 20.0);
        assert_eq!(doses(&[basal, (1, 43_200, 0, 8.0), (1, 64_800, 0, 10.0)]), 38.0);
        assert_eq!(doses(&[basal, (1, 43_200, 0, 8.0), (2, 43_200, 0, 8.0)]), 28.0, "a copy is no dose");
        assert_eq!(doses(&[(1, 43_200, 0, 8.0), (1, 43_200, 0, 8.0), (2, 43_200, 0, 8.0)]), 16.0);
    }

    #[test]
    fn a_sealed_day_never_counts_a_minute_twice() {
        let mut day = DaySum::default();
        day.add(1, 36_000, 600, 100.0);
        assert_eq!(day.seal(&by_number), 1);
        day.add(1, 36_630, 60, 10.0);
        assert_eq!(day.total(&by_number).value, 110.0, "the same source goes on");
        day.add(0, 36_000, 600, 80.0);
        assert_eq!(day.total(&by_number).value, 110.0, "another comes too late for these minutes");
        day.add(0, 50_000, 60, 5.0);
        assert_eq!(day.total(&by_number), Total { value: 115.0, count: 4, sources: 3 });
    }

    #[test]
    fn sleep_is_counted_once() {
        let interval = |start, end, source, stage| Interval { start, end, source, stage };
        let night = [
            interval(0, 3600, 1, 5),
            interval(600, 1200, 0, 1),
            interval(1200, 1800, 0, 2),
            interval(1700, 1900, 0, 1),
        ];
        let mut seconds = seconds_by_stage(&night, &by_number);
        seconds.sort_unstable();
        assert_eq!(seconds, [(1, 800), (2, 500), (5, 2300)]);
    }

    proptest! {
        #[test]
        fn a_sum_is_between_the_best_source_and_all(samples in proptest::collection::vec((0_u8..4, 0_u32..90_000, 0_u32..9000, 0.0_f64..500.0), 1..60)) {
            let all: f64 = samples.iter().map(|sample| sample.3).sum();
            let best = samples.iter().map(|sample| sample.0).min().unwrap();
            let from_best: f64 = samples.iter().filter(|sample| sample.0 == best).map(|sample| sample.3).sum();
            let total = sum(&samples);
            prop_assert!(total <= all * 1.000_001 + 0.001, "{total} of {all}");
            prop_assert!(total >= from_best * 0.999_999 - 0.001);
            let mut reversed = samples.clone();
            reversed.reverse();
            prop_assert!((sum(&reversed) - total).abs() <= all * 1e-6 + 1e-6);
        }

        #[test]
        fn a_span_keeps_its_numbers(start in 0_u32..86_400, seconds in 1_u32..20_000, value in 0_u32..4_000_000) {
            let span = Span::new(start, seconds, f64::from(value));
            prop_assert_eq!((span.start(), span.seconds(), span.value()), (start, seconds, f64::from(value)));
        }

        #[test]
        fn stages_add_up_to_the_time_covered(night in proptest::collection::vec((0_i64..5000, 1_i64..900, 0_u8..3, 0_u8..4), 0..40)) {
            let intervals: Vec<_> = night.iter().map(|(start, length, source, stage)| Interval { start: *start, end: start + length, source: *source, stage: *stage }).collect();
            let covered = (0..6000).filter(|second| intervals.iter().any(|one| (one.start..one.end).contains(second))).count() as i64;
            let total: i64 = seconds_by_stage(&intervals, &by_number).iter().map(|(_, seconds)| seconds).sum();
            prop_assert_eq!(total, covered);
        }
    }
}
