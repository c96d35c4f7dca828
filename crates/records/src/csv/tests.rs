//! Whole tables as meters and apps write them, and hostile ones.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::import::Limits;

mod names;

#[derive(Debug, Default, Clone, PartialEq)]
struct Taken {
    resources: Vec<Value>,
    skips: Vec<(String, String)>,
}

fn read_with(bytes: &[u8], mapping: Option<&Mapping>) -> Result<Taken> {
    let limits = Limits::default();
    let source = Source { name: "table.csv", sha256: [0; 32], now: 0, limits: &limits };
    let mut taken = Taken::default();
    read(bytes, &source, mapping, &mut |found| {
        match found {
            Found::Resource(converted) => taken.resources.push(Value::Object(converted.resource)),
            Found::Skipped(skip) => taken.skips.push((skip.path, skip.reason.code().to_owned())),
            Found::Attachment(_) => panic!("a table has no attachments"),
        }
        ControlFlow::Continue(())
    })?;
    Ok(taken)
}

fn read_text(text: &str) -> Taken {
    read_with(text.as_bytes(), None).unwrap()
}

/// Each observation in a line.
fn lines(taken: &Taken) -> Vec<String> {
    let quantity = |value: &Value| {
        let quantity = &value["valueQuantity"];
        let comparator = quantity["comparator"].as_str().unwrap_or_default();
        let text = value["valueString"].as_str().map(str::to_owned);
        text.unwrap_or_else(|| {
            format!("{comparator}{} {}", quantity["value"], quantity["code"].as_str().unwrap_or_default())
        })
    };
    let line = |resource: &Value| {
        let value = match resource["component"].as_array() {
            Some(parts) => parts.iter().map(quantity).collect::<Vec<_>>().join(" / "),
            None => quantity(resource),
        };
        format!(
            "{} {} {value}",
            resource["effectiveDateTime"].as_str().unwrap(),
            resource["code"]["coding"][0]["code"].as_str().unwrap()
        )
    };
    taken.resources.iter().map(line).collect()
}

const DEXCOM: &str = "\
Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID
1,,FirstName,,Ada,,,,,,,,,
2,,Device,,,Dexcom G6 Mobile App,iPhone G6,,,,,,,
3,2024-06-01T00:03:00,EGV,,,,iPhone G6,112,,,,,10,8GAAAA
4,2024-06-01T00:08:00,EGV,,,,iPhone G6,Low,,,,,20,8GAAAA
5,2024-06-01T00:13:00,EGV,,,,iPhone G6,High,,,,,30,8GAAAA
6,2024-06-01T07:00:00,Insulin,Fast-Acting,,,iPhone G6,,5,,,,,
7,2024-06-01T08:00:00,Calibration,,,,iPhone G6,120,,,,,,8GAAAA
";

#[test]
fn dexcom_clarity() {
    let taken = read_text(DEXCOM);
    assert_eq!(
        lines(&taken),
        [
            "2024-06-01T00:03:00Z 99504-3 112 mg/dL",
            "2024-06-01T00:08:00Z 99504-3 <40 mg/dL",
            "2024-06-01T00:13:00Z 99504-3 >400 mg/dL",
            "2024-06-01T08:00:00Z 2339-0 120 mg/dL",
        ]
    );
    assert_eq!(taken.resources[1]["interpretation"][0]["coding"][0]["code"], "<");
    assert_eq!(taken.resources[0]["device"]["display"], "iPhone G6 8GAAAA");
    let skipped: Vec<&str> = taken.skips.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(skipped, ["line 2", "line 3", "line 7"]);
    assert!(taken.skips.iter().all(|(_, code)| code == "table_not_a_measurement"));
}

#[test]
fn libreview_with_lines_before_the_table() {
    let taken = read_text(
        "Glukose-Werte,Erstellt am,24-02-2021 12:12 UTC,Erstellt von,Ada\nGerät,Seriennummer,Gerätezeitstempel,Aufzeichnungstyp,Glukosewert-Verlauf mmol/L,Glukose-Scan mmol/L,Notizen,Glukose-Teststreifen mmol/L,Keton mmol/L\nFreeStyle LibreLink,ABC,24-02-2021 11:05,0,\"5,6\",,,,\nFreeStyle LibreLink,ABC,24-02-2021 11:09,1,,\"10,25\",nach dem Essen,,\nFreeStyle LibreLink,ABC,24-02-2021 11:10,2,,,,\"5,9\",\nFreeStyle LibreLink,ABC,24-02-2021 11:11,0,HI,,,,\nFreeStyle LibreLink,ABC,24-02-2021 11:12,6,,,Sport,,\n",
    );
    assert_eq!(
        lines(&taken),
        [
            "2021-02-24T11:05:00Z 105272-9 5.6 mmol/L",
            "2021-02-24T11:09:00Z 105272-9 10.25 mmol/L",
            "2021-02-24T11:10:00Z 15074-8 5.9 mmol/L",
            "2021-02-24T11:11:00Z 105272-9 >27.8 mmol/L",
        ]
    );
    assert_eq!(taken.resources[1]["note"][0]["text"], "nach dem Essen");
    assert_eq!(taken.skips, [("line 7".to_owned(), "table_not_a_measurement".to_owned())]);
}

#[test]
fn blood_pressure_monitors() {
    let taken = read_text(
        "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Symptoms,Consumed,TruRead,Notes\nJan 12 2025,08:12,114,74,47,-,-,-,-\nJan 10 2025,7:49 PM,114,,47,-,-,-,\"after\nsport\"\nJan 6 2025,08:46,117,--,,-,-,-,-\n",
    );
    assert_eq!(
        lines(&taken),
        [
            "2025-01-12T08:12:00Z 85354-9 114 mm[Hg] / 74 mm[Hg]",
            "2025-01-12T08:12:00Z 8867-4 47 /min",
            "2025-01-10T19:49:00Z 8867-4 47 /min",
        ]
    );
    assert_eq!(taken.resources[2]["note"][0]["text"], "after sport");
    assert_eq!(
        taken.skips,
        [
            ("line 3".to_owned(), "table_half_a_pressure".to_owned()),
            ("line 5".to_owned(), "table_half_a_pressure".to_owned())
        ]
    );
    // Units that the numbers alone tell, in another language and delimiter.
    let taken = read_text("Datum;Uhrzeit;SYS;DIA;Puls;Bemerkung\n13.06.2024;08:05;135;85;70;\n");
    assert_eq!(
        lines(&taken),
        ["2024-06-13T08:05:00Z 85354-9 135 mm[Hg] / 85 mm[Hg]", "2024-06-13T08:05:00Z 8867-4 70 /min"]
    );
    assert!(taken.resources[0]["note"].to_string().contains("the only one that fits"));
}

#[test]
fn weights_and_temperatures() {
    let taken = read_text(
        "Datum;Gewicht (kg);Körperfett (%);BMI\n13.06.2024 07:00;72,50;18,4;22,53\n14.06.2024 07:00;1.072,5;;\n",
    );
    assert_eq!(
        lines(&taken),
        [
            "2024-06-13T07:00:00Z 29463-7 72.50 kg",
            "2024-06-13T07:00:00Z 41982-0 18.4 %",
            "2024-06-13T07:00:00Z 39156-5 22.53 kg/m2",
            "2024-06-14T07:00:00Z 29463-7 1072.5 kg",
        ]
    );
    let taken = read_text("Timestamp,Temperature\n2024-06-01 08:00:00 +0200,37.2\n");
    assert_eq!(lines(&taken), ["2024-06-01T08:00:00+02:00 8310-5 37.2 Cel"]);
    let taken = read_text("Timestamp,Temperature\n2024-06-01,98.6\n");
    assert_eq!(lines(&taken), ["2024-06-01 8310-5 98.6 [degF]"]);
}

#[test]
fn a_unit_that_is_not_told_is_never_guessed() {
    let taken = read_text("Date,Weight\n2024-06-01,72.5\n2024-06-02,160\n");
    assert_eq!(taken.resources, [] as [Value; 0]);
    assert_eq!(taken.skips[0], ("line 2, column 2".to_owned(), "table_no_unit".to_owned()));
    // 25 could be either, and so could a column that mixes both.
    for values in [["25", "30"], ["5.5", "110"]] {
        let taken = read_text(&format!("Date,Glucose\n2024-06-01,{}\n2024-06-02,{}\n", values[0], values[1]));
        assert_eq!(taken.resources.len(), 0, "{values:?}");
    }
    assert_eq!(lines(&read_text("Date,Glucose\n2024-06-01,110\n2024-06-02,24\n"))[0], "2024-06-01 2339-0 110 mg/dL");
    assert_eq!(lines(&read_text("Date,Glucose\n2024-06-01,5.5\n2024-06-02,24\n"))[1], "2024-06-02 15074-8 24 mmol/L");
    let guess = Mapping::guess(b"Date,Weight\n2024-06-01,72.5\n").unwrap();
    assert_eq!(guess.questions, [Question::Unit { column: 1 }]);
    let mut mapping = guess.mapping;
    mapping.columns[1] = Column::Measure { measure: Measure::Weight, unit: Some("kg".to_owned()) };
    let taken = read_with(b"Date,Weight\n2024-06-01,72.5\n", Some(&mapping)).unwrap();
    assert_eq!(lines(&taken), ["2024-06-01 29463-7 72.5 kg"]);
}

#[test]
fn tables_of_kinds() {
    let taken = read_text(
        "date,type,value,unit\n2024-06-01T08:00:00Z,blood_pressure,120/80,mmHg\n2024-06-01T08:00:00Z,Heart rate,61,bpm\n2024-06-01T08:00:00Z,glucose,5.5,mmol/L\n2024-06-01T08:00:00Z,glucose,99,furlong\n2024-06-01T08:00:00Z,mood,7,\n,weight,70,kg\n2024-06-01T08:00:00Z,weight,heavy,kg\n2024-06-01T08:00:00Z,Heart rate,61,bpm\n2024-06-01T08:00:00Z,Heart rate,65,bpm\n1,2,3,4,5,6\n",
    );
    assert_eq!(
        lines(&taken),
        [
            "2024-06-01T08:00:00Z 85354-9 120 mm[Hg] / 80 mm[Hg]",
            "2024-06-01T08:00:00Z 8867-4 61 /min",
            "2024-06-01T08:00:00Z 15074-8 5.5 mmol/L",
            "2024-06-01T08:00:00Z 8867-4 65 /min",
        ]
    );
    let codes: Vec<&str> = taken.skips.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "table_other_unit",
            "table_unknown_kind",
            "table_no_date",
            "table_not_a_number",
            "table_repeated",
            "table_malformed"
        ]
    );
}

#[test]
fn day_and_month_are_told_from_the_column_or_asked() {
    let table = |dates: [&str; 2]| format!("Date,Weight (kg)\n{},70\n{},71\n", dates[0], dates[1]);
    assert_eq!(lines(&read_text(&table(["01/06/2024", "13/06/2024"])))[0], "2024-06-01 29463-7 70 kg");
    assert_eq!(lines(&read_text(&table(["06/01/2024", "06/13/2024"])))[0], "2024-06-01 29463-7 70 kg");
    let unclear = table(["01/06/2024", "02/06/2024"]);
    assert!(matches!(read_with(unclear.as_bytes(), None), Err(Error::TableUnclear)));
    let guess = Mapping::guess(unclear.as_bytes()).unwrap();
    assert_eq!(guess.questions, [Question::DateOrder]);
    assert_eq!(guess.preview[0], ["01/06/2024", "70"]);
    let mapping = Mapping { date_order: DateOrder::MonthFirst, utc_offset_minutes: Some(-330), ..guess.mapping };
    assert!(mapping.fits(unclear.as_bytes()));
    assert!(!mapping.fits(b"a,b\n"));
    let kept: Mapping = serde_json::from_str(&serde_json::to_string(&mapping).unwrap()).unwrap();
    assert_eq!(kept, mapping);
    assert_eq!(lines(&read_with(unclear.as_bytes(), Some(&kept)).unwrap())[0], "2024-01-06 29463-7 70 kg");
    assert!(matches!(read_with(b"Other,Header\n1,2\n", Some(&kept)), Err(Error::NotRecognised { .. })));
}

#[test]
fn a_table_read_in_halves_makes_the_same_records() {
    let (header, rows) = DEXCOM.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let part = |rows: &[&str]| read_text(&format!("{header}\n{}\n", rows.join("\n"))).resources;
    let mut halves = part(&rows[..4]);
    halves.extend(part(&rows[4..]));
    assert_eq!(halves, read_text(DEXCOM).resources);
    let mut mapping = Mapping::guess(DEXCOM.as_bytes()).unwrap().mapping;
    mapping.person = Some("profile 2".to_owned());
    let other = read_with(DEXCOM.as_bytes(), Some(&mapping)).unwrap();
    assert_ne!(other.resources[0]["id"], halves[0]["id"]);
}

#[test]
fn what_is_no_table_is_refused() {
    for bytes in [&b"{\"a\": 1}"[..], b"<xml/>", b"PK\x03\x04", b"%PDF-1.4", b"\x00\x00\x01\x02", b"[1]"] {
        assert!(matches!(Mapping::guess(bytes), Err(Error::NotRecognised { .. })), "{bytes:?}");
    }
    assert!(matches!(Mapping::guess(b"  \n"), Err(Error::Empty)));
    for text in ["hello world\n", "a,b\n1,2\n", "2024-01-01,120,80\n", "\"", "\"\n\n,,,;;;"] {
        assert_eq!(Mapping::guess(text.as_bytes()).unwrap().questions, [Question::Columns], "{text}");
        assert!(matches!(read_with(text.as_bytes(), None), Err(Error::TableUnclear)));
    }
    // A table without a header is read once somebody says what its columns hold.
    let mut mapping = Mapping::guess(b"2024-01-01,120,80\n").unwrap().mapping;
    let measure = |measure| Column::Measure { measure, unit: None };
    mapping.columns = vec![Column::DateTime, measure(Measure::Systolic), measure(Measure::Diastolic)];
    assert_eq!(
        lines(&read_with(b"2024-01-01,120,80\n", Some(&mapping)).unwrap()),
        ["2024-01-01 85354-9 120 mm[Hg] / 80 mm[Hg]"]
    );
}

#[test]
fn limits_and_stopping() {
    let table = "Date,Weight (kg)\n2024-06-01,70\n2024-06-02,71\n2024-06-03,72\n";
    let limits = Limits { entries: 2, ..Limits::default() };
    let source = Source { name: "t", sha256: [0; 32], now: 0, limits: &limits };
    let mut told = Vec::new();
    read(table.as_bytes(), &source, None, &mut |found| {
        told.push(match found {
            Found::Skipped(skip) => skip.reason.code().to_owned(),
            _ => "resource".to_owned(),
        });
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(told, ["resource", "resource", "table_too_many"]);
    let mut count = 0;
    read(table.as_bytes(), &source, None, &mut |_| {
        count += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(count, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn never_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = Mapping::guess(&bytes);
        let _ = read_with(&bytes, None);
    }

    #[test]
    fn never_panics_on_mutated_tables(which in 0_usize..3, cuts in proptest::collection::vec((0_usize..1500, any::<u8>()), 0..10)) {
        let table = [DEXCOM, "Datum;Uhrzeit;SYS;DIA;Puls\n13.06.2024;08:05;135;85;70\n", "date,type,value,unit\n2024-06-01,bp,120/80,mmHg\n"][which];
        let mut bytes = table.as_bytes().to_vec();
        for (at, byte) in cuts {
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
        }
        let mapping = Mapping::guess(table.as_bytes()).unwrap().mapping;
        let first = read_with(&bytes, Some(&mapping)).ok();
        prop_assert_eq!(&first, &read_with(&bytes, Some(&mapping)).ok());
        let _ = read_with(&bytes, None);
    }
}

#[test]
fn a_table_without_a_header_tells_its_decimal_and_the_order_of_its_dates() {
    let guess = Mapping::guess(b"03.04.2026;71,5;a\n04.04.2026;71,25;b\n").unwrap();
    assert_eq!((guess.questions, guess.mapping.decimal), (vec![Question::Columns], Decimal::Comma));
    assert_eq!((guess.mapping.date_order, guess.rows), (DateOrder::DayFirst, 2));
    let guess = Mapping::guess(b"03/04/2026;71.5;\n").unwrap();
    assert_eq!(guess.mapping.decimal, Decimal::Point);
    assert_eq!(guess.questions, [Question::Columns, Question::DateOrder], "which of them is the day?");
    let guess = Mapping::guess(b"03/14/2026;71.5;\n\n;;\n03/04/2026;71.6;\n").unwrap();
    assert_eq!((guess.questions, guess.rows), (vec![Question::Columns], 2));
    assert_eq!(guess.mapping.date_order, DateOrder::MonthFirst);
}

#[test]
fn the_rows_of_a_table_are_counted_and_the_first_are_shown() {
    let rows: String = (1..=20).map(|day| format!("2024-06-{day:02},{}\n", 60 + day)).collect();
    for (text, shown) in [(format!("a title\nDate,Weight (kg)\n{rows}"), 8), (rows.clone(), 8)] {
        let guess = Mapping::guess(text.as_bytes()).unwrap();
        assert_eq!((guess.rows, guess.preview.len()), (20, shown));
    }
}

/// Each in the shape that the maker's export has, with values made up here.
#[test]
fn tables_of_scales_meters_and_diaries() {
    // Withings, "Export my data", weight.csv.
    let withings = read_text(
        "Date,\"Weight (kg)\",\"Fat mass (kg)\",\"Bone mass (kg)\",\"Muscle mass (kg)\",\"Hydration (kg)\",Comments\n\
         \"2024-01-28 07:30:12\",72.5,15.2,3.1,53.9,38.2,\n",
    );
    assert_eq!(
        lines(&withings),
        [
            "2024-01-28T07:30:12Z 29463-7 72.5 kg",
            "2024-01-28T07:30:12Z 73708-0 15.2 kg",
            "2024-01-28T07:30:12Z 101685-6 3.1 kg",
            "2024-01-28T07:30:12Z 73964-9 53.9 kg",
            "2024-01-28T07:30:12Z 101683-1 38.2 kg"
        ],
        "fat in kilograms is no percentage"
    );
    assert_eq!(withings.skips, []);
    // Accu-Chek Mobile, DIARY.CSV: three lines before the header, a value of a control solution.
    let accu_chek = read_text(
        "Serial number;Download date;Download time;;;;;;;\nU100000000;08.12.2015;17:04;;;;;;;\n\
         Date;Time;Result;Unit;Temperature warning;Out of target range;Other;Before meal;After meal;Control test\n\
         28.11.2015;07:30;105;mg/dL;;;;X;;\n27.11.2015;21:10;180;mg/dL;;;;;X;\n26.11.2015;21:10;44;mg/dL;;;;;;X\n",
    );
    assert_eq!(
        lines(&accu_chek),
        ["2015-11-28T07:30:00Z 2339-0 105 mg/dL", "2015-11-27T21:10:00Z 2339-0 180 mg/dL"],
        "{:?}",
        accu_chek.skips
    );
    assert_eq!(
        skips(&accu_chek),
        [
            ("line 6", "table_not_a_measurement"),
            ("column 8", "table_column_not_taken"),
            ("column 9", "table_column_not_taken")
        ],
        "the marks of meals are told of"
    );
    // mySugr, its CSV export: a pressure in one cell, glycated haemoglobin, ketones in a unit that is not theirs here.
    let diary = read_text(
        "Date,Time,Blood Sugar Measurement (mg/dL),Blood Pressure,Body Weight (kg),HbA1c (Percent),Ketones (mg/dL),\
         Insulin Injection Units (Pen),Basal Injection Units\n\
         \"Jan 28, 2024\",7:30:00 AM,105,120/80,72.5,6.9,3,4,\n",
    );
    let codes: Vec<String> =
        lines(&diary).iter().map(|line| line.split(' ').skip(1).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(codes, ["85354-9 120 mm[Hg] / 80 mm[Hg]", "2339-0 105 mg/dL", "29463-7 72.5 kg", "4548-4 6.9 %"]);
    // What was injected is told of once, and not passed over; a column without values says nothing.
    let skips: Vec<(&str, &str)> = diary.skips.iter().map(|(place, code)| (place.as_str(), code.as_str())).collect();
    assert_eq!(skips, [("line 2, column 7", "table_other_unit"), ("column 8", "table_column_not_taken")]);
}

fn skips(taken: &Taken) -> Vec<(&str, &str)> {
    taken.skips.iter().map(|(place, code)| (place.as_str(), code.as_str())).collect()
}

#[test]
fn each_part_of_a_file_is_read_under_its_own_header() {
    let two = "Date,Glucose (mg/dL)\n2024-02-12 08:00,109\n\nDate,Weight (kg)\n2024-02-12,72\n2024-02-13,73\n";
    let taken = read_text(two);
    assert_eq!(
        lines(&taken),
        ["2024-02-12T08:00:00Z 2339-0 109 mg/dL", "2024-02-12 29463-7 72 kg", "2024-02-13 29463-7 73 kg"],
        "a weight is no glucose"
    );
    assert_eq!(taken.skips, []);
    let taken = read_text(
        "Date,Weight (kg)\n2024-02-12,72.5\nDate,Body fat (%)\n2024-02-12,21.5\nDate,Weight (kg)\n2024-02-13,72\n",
    );
    assert_eq!(
        lines(&taken),
        ["2024-02-12 29463-7 72.5 kg", "2024-02-12 41982-0 21.5 %", "2024-02-13 29463-7 72 kg"],
        "a header that comes again goes on with its columns"
    );
    // The best header is the last: those before it are read all the same. Units are told by each part's own values.
    let taken = read_text(
        "Date,Time,Glucose\n2024-02-12,08:00,109\nDate,Time,Weight (kg)\n2024-02-12,09:00,72.5\nDate,Time,Systolic,Diastolic\n2024-02-12,10:00,120,80\n",
    );
    assert_eq!(
        lines(&taken),
        [
            "2024-02-12T08:00:00Z 2339-0 109 mg/dL",
            "2024-02-12T09:00:00Z 29463-7 72.5 kg",
            "2024-02-12T10:00:00Z 85354-9 120 mm[Hg] / 80 mm[Hg]",
        ]
    );
    assert_eq!(taken.skips, []);
}

#[test]
fn rows_under_a_header_that_is_not_understood_or_not_chosen_are_skips() {
    let other = |from: u64, to: u64| -> Vec<(String, String)> {
        (from..=to).map(|line| (format!("line {line}"), "table_other_header".to_owned())).collect()
    };
    let table =
        "Date,Weight (kg)\n2024-02-12,72\nDate,Steps\n2024-02-12,90\n2024-02-13,91\nDate,Weight (kg)\n2024-02-14,73\n";
    let taken = read_text(table);
    assert_eq!(lines(&taken), ["2024-02-12 29463-7 72 kg", "2024-02-14 29463-7 73 kg"]);
    assert_eq!(taken.skips, other(3, 5));
    // Neither names a date: the line before them is empty, or they are a title that says what follows.
    for names in ["Tagesdatum;Steps", "Body fat"] {
        let taken = read_text(&format!("Date;Weight (kg)\n2024-02-12;72\n\n{names}\n2024-02-12;21\n2024-02-13;21\n"));
        assert_eq!(lines(&taken), ["2024-02-12 29463-7 72 kg"], "{names}");
        assert_eq!(taken.skips, other(4, 6));
    }
    let chosen = "Date,Weight\n2024-02-12,72\nDate,Body fat (%)\n2024-02-12,21.5\n2024-02-13,21.6\n";
    let mut mapping = Mapping::guess(chosen.as_bytes()).unwrap().mapping;
    mapping.columns[1] = Column::Measure { measure: Measure::Weight, unit: Some("kg".to_owned()) };
    let taken = read_with(chosen.as_bytes(), Some(&mapping)).unwrap();
    assert_eq!(lines(&taken), ["2024-02-12 29463-7 72 kg"]);
    assert_eq!(taken.skips, other(3, 5));
    // Rows without a date are not taken for names.
    let taken = read_text("date,type,value,unit\nyesterday,weight,heavy,kg\n2024-06-01,weight,70,kg\n");
    assert_eq!(lines(&taken), ["2024-06-01 29463-7 70 kg"]);
}

#[test]
fn rows_before_the_header_are_skips_and_titles_are_not() {
    let taken = read_text("sep=,\nMy weight\n2024-02-11,71\nDate,Weight (kg)\n2024-02-12,72\n");
    assert_eq!(lines(&taken), ["2024-02-12 29463-7 72 kg"]);
    assert_eq!(skips(&taken), [("line 3", "table_before_header")]);
}

#[test]
fn lines_are_told_as_an_editor_counts_them() {
    let taken = read_text("Date,Weight (kg)\n\n\n2024-02-12,72\n\n2024-02-13,x\n");
    assert_eq!(skips(&taken), [("line 6, column 2", "table_not_a_number")]);
}

#[test]
fn an_open_quotation_takes_its_row_and_no_other() {
    let rows: String = (1..=28).map(|day| format!("2024-03-{day:02},1{day:02},ok\n")).collect();
    let table = format!("Date,Glucose (mg/dL),Notes\n2024-02-13,110,\"he said 5\"\n2024-02-14,111,\"open\n{rows}");
    let taken = read_text(&table);
    assert_eq!(taken.resources.len(), 29);
    assert_eq!(skips(&taken), [("line 3", "table_open_quote")]);
    // Up to a later mark, and the mark of a remark of two lines is not one that was left open.
    let taken = read_text(&format!("{table}2024-04-01,120,\"two\nlines\"\n2024-04-02,121,\"x\"\n"));
    assert_eq!(taken.resources.len(), 31);
    assert_eq!(taken.resources[29]["note"][0]["text"], "two lines");
    assert_eq!(skips(&taken), [("line 3", "table_open_quote")]);
}

#[test]
fn a_unit_behind_the_value_is_that_of_the_row() {
    let german = "Datum;Gewicht\n13.02.2024;72,50 kg\n14.02.2024;160 lb\n15.02.2024;72,4\n16.02.2024;11 st 4\n17.02.2024;72 furlong\n";
    let taken = read_text(german);
    assert_eq!(lines(&taken), ["2024-02-13 29463-7 72.50 kg", "2024-02-14 29463-7 160 [lb_av]"]);
    assert_eq!(
        skips(&taken),
        [
            ("line 4, column 2", "table_no_unit"),
            ("line 5, column 2", "table_not_a_number"),
            ("line 6, column 2", "table_other_unit")
        ]
    );
    // Nothing is asked where each value says it.
    assert_eq!(Mapping::guess(b"Datum;Gewicht\n13.02.2024;72,50 kg\n").unwrap().questions, []);
    assert_eq!(Mapping::guess(german.as_bytes()).unwrap().questions, [Question::Unit { column: 1 }]);
    let taken = read_text(
        "Date,Blood Pressure\n2024-02-13,120/80\n2024-02-14,130/85 mmHg\n2024-02-15,130 mmHg/85 mmHg\n2024-02-16,17/11 kPa\n2024-02-17,17 kPa/85 mmHg\n",
    );
    assert_eq!(
        lines(&taken),
        [
            "2024-02-13 85354-9 120 mm[Hg] / 80 mm[Hg]",
            "2024-02-14 85354-9 130 mm[Hg] / 85 mm[Hg]",
            "2024-02-15 85354-9 130 mm[Hg] / 85 mm[Hg]",
            "2024-02-16 85354-9 17 kPa / 11 kPa",
        ]
    );
    assert_eq!(skips(&taken), [("line 6, column 2", "table_units_differ")]);
    // Fat as a weight, and a unit that is not the column's or the row's.
    let taken = read_text("Date,Body fat,Weight (kg)\n2024-02-13,15.2 kg,160 lb\n2024-02-14,21 %,72 kg\n");
    assert_eq!(lines(&taken), ["2024-02-13 73708-0 15.2 kg", "2024-02-14 41982-0 21 %", "2024-02-14 29463-7 72 kg"]);
    assert_eq!(skips(&taken), [("line 2, column 3", "table_units_differ")]);
    let taken = read_text("date,type,value,unit\n2024-06-01,weight,72 kg,lb\n2024-06-01,weight,72 kg,\n");
    assert_eq!(lines(&taken), ["2024-06-01 29463-7 72 kg"]);
    assert_eq!(skips(&taken), [("line 2, column 3", "table_units_differ")]);
}

#[test]
fn every_column_that_is_not_read_is_told_of_unless_it_is_about_the_table() {
    for (name, value) in [
        ("Wasser (%)", "55,0"),
        ("Knochen (kg)", "3,1"),
        ("Muskel (%)", "41"),
        ("Taille (cm)", "90"),
        ("Kcal", "1500"),
        ("Foo", "7"),
        ("Fett (g)", "70"),
        ("Geburtsdatum", "1.1.1970"),
        ("", "7"),
    ] {
        let taken = read_text(&format!("Datum;Gewicht (kg);{name}\n13.02.2024;72,5;{value}\n14.02.2024;72,4;-\n"));
        assert_eq!(taken.resources.len(), 2, "{name}");
        assert_eq!(skips(&taken), [("column 3", "table_column_not_taken")], "{name}");
    }
    for (name, value) in
        [("Foo", "--"), ("Foo", ""), ("Index", "7"), ("Zeitzone", "CET"), ("Quelle", "App"), ("Uhrzeit", "")]
    {
        let taken = read_text(&format!("Datum;Gewicht (kg);{name}\n13.02.2024;72,5;{value}\n"));
        assert_eq!(taken.skips, [], "{name}");
    }
    let taken = read_text("Datum;Gewicht (kg);Größe (cm)\n13.02.2024;72,5;178\n");
    assert_eq!(lines(&taken), ["2024-02-13 29463-7 72.5 kg", "2024-02-13 8302-2 178 cm"]);
    let taken = read_text(
        "Date,Time,Systolic,Diastolic,Pulse,Irregular heartbeat,MAP,Position,Arm,Notes,Comments\n2024-02-13,08:00,120,80,60,yes,93,sitting,left,a,b\n",
    );
    let places: Vec<&str> = taken.skips.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["column 6", "column 7", "column 8", "column 9", "column 11"]);
    // A column of a later part of the file is told by the line of its header.
    let taken = read_text("Date,Weight (kg)\n2024-02-12,72\nDate,Weight (lb),Steps\n2024-02-13,160,900\n");
    assert_eq!(skips(&taken), [("line 3, column 3", "table_column_not_taken")]);
    // Fat that was eaten is none of the body.
    let taken = read_text("Date,Fat (g)\n2024-02-12,70\n");
    assert_eq!(skips(&taken), [("line 2, column 2", "table_other_unit")]);
    let taken = read_text("Date,Fat\n2024-02-12,70 g\n");
    assert_eq!(skips(&taken), [("line 2, column 2", "table_other_unit")]);
}
