//! The list of records in its states.

use super::*;
use crate::app::records::TimelineView;

fn entry(line: RecordLine) -> TimelineEntry {
    TimelineEntry::from(line)
}

fn run(values: &[f64], last: LabFlag) -> Vec<RunPoint> {
    let flag = |at: usize| if at + 1 == values.len() { last } else { LabFlag::Within };
    values.iter().enumerate().map(|(at, value)| RunPoint { value: *value, flag: flag(at) }).collect()
}

fn timeline() -> Timeline {
    Timeline {
        entries: vec![
            TimelineEntry {
                run: run(&[4.1, 4.4, 4.3, 5.4], LabFlag::High),
                ..entry(line("1", "result", "Potassium", "5.40 mmol/L", "2026-05-03"))
            },
            TimelineEntry {
                sources: 2,
                disagree: true,
                ..entry(line("2", "medicine", "Simvastatin 20 mg oral tablet", "once daily", "2026-04"))
            },
            TimelineEntry { signed: true, ..entry(line("5", "immunization", "Influenza vaccine", "", "2025-10-12")) },
            TimelineEntry { typed: true, ..entry(line("6", "allergy", "Peanut", "Anaphylaxis", "2025")) },
            entry(RecordLine { sensitive: true, ..line("3", "problem", "Alcohol dependence", "", "2019") }),
            entry(RecordLine { another: true, ..line("7", "problem", "Croup", "", "2018") }),
            entry(line("4", "document", "", "", "")),
        ],
        total: 90,
        all: 1_336,
        categories: counts(&[
            ("result", 1_204),
            ("medicine", 27),
            ("problem", 12),
            ("document", 3),
            ("allergy", 2),
            ("visit", 88),
        ]),
        years: [(Some(2026), 40), (Some(2025), 30), (Some(2019), 19), (None, 1)]
            .map(|(year, count)| YearCount { year, count })
            .to_vec(),
        sources: vec![
            SourceCount { id: "1".to_owned(), name: "hospital-export.json".to_owned(), count: 1_200 },
            SourceCount { id: "2".to_owned(), name: "Example Clinic".to_owned(), count: 136 },
        ],
    }
}

#[component]
fn Shown(
    page: Timeline,
    filter: TimelineFilter,
    #[props(default)] category: Option<String>,
    #[props(default)] start: u64,
) -> Element {
    rsx! {
        div { class: "stack", TimelineView { page, category, filter, start, change: |_| (), jump: |_| (), more: |()| () } }
    }
}

#[test]
fn records_are_cut_by_year_and_the_undated_stand_apart() {
    let html = render("records", || rsx! { Shown { page: timeline(), filter: TimelineFilter::default() } });
    let places: Vec<_> =
        ["class=\"year\">2026", "class=\"year\">2025", "class=\"year\">2019", "class=\"year\">No date"]
            .iter()
            .map(|year| html.find(year).unwrap_or_else(|| panic!("{year}: {html}")))
            .collect();
    assert!(places.is_sorted());
    for words in ["Held back from shares", "Record without a name", "Show more (83 left)", "90 records", "1204"] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn what_marks_a_fact_has_a_word_each() {
    let html = render("records-marks", || rsx! { Shown { page: timeline(), filter: TimelineFilter::default() } });
    for words in ["2 sources", "Sources disagree", "Signed", "Typed by you", "Another person’s", "spark-out"] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn a_narrowed_list_says_of_how_many_and_offers_the_way_back() {
    let filter = || TimelineFilter {
        from_year: Some(2019),
        held_back: true,
        source: Some("2".to_owned()),
        ..TimelineFilter::default()
    };
    let narrow = render("records-narrowed", || {
        let filter = TimelineFilter {
            from_year: Some(2019),
            held_back: true,
            source: Some("2".to_owned()),
            ..TimelineFilter::default()
        };
        rsx! { Shown { page: timeline(), filter, category: "medicine".to_owned() } }
    });
    assert!(filter().is_narrow());
    assert!(narrow.contains("90 of 1336 records") && narrow.contains("id=\"clear\""));
    assert!(narrow.contains("Narrowed down by 3 choices") && narrow.contains("Example Clinic (136)"));
    let wide = render("records-wide", || rsx! { Shown { page: timeline(), filter: TimelineFilter::default() } });
    assert!(!wide.contains("id=\"clear\"") && wide.contains("Narrow down"));
}

#[test]
fn a_list_that_begins_at_a_year_leads_back_to_the_newest() {
    let html = render(
        "records-jumped",
        || rsx! { Shown { page: timeline(), filter: TimelineFilter::default(), start: 70u64 } },
    );
    assert!(html.contains("Back to the newest") && html.contains("Show more (13 left)"));
}

#[test]
fn a_search_that_finds_nothing_says_what_to_try() {
    let html = render("records-none", || {
        let page = Timeline { total: 0, entries: vec![], years: vec![], ..timeline() };
        rsx! { Shown { page, filter: TimelineFilter { text: "zzz".to_owned(), ..TimelineFilter::default() } } }
    });
    assert!(html.contains("No record has “zzz”") && html.contains("0 of 1336 records"));
}

#[test]
fn an_empty_list_offers_the_first_step() {
    let html =
        render("records-empty", || rsx! { Shown { page: Timeline::default(), filter: TimelineFilter::default() } });
    assert!(html.contains("No records yet") && html.contains("#/add"));
}

#[test]
fn the_list_turns_with_the_language() {
    let html = render_turned("records-rtl", || rsx! { Shown { page: timeline(), filter: TimelineFilter::default() } });
    assert!(html.contains("Potassium"));
}
