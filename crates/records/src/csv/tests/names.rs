//! Tables whose columns name other quantities than those that are read, or other times.

use super::*;

#[test]
fn what_is_another_quantity_is_not_taken_for_the_one_in_its_name() {
    let taken = read_text(
        "Time of Measurement,Weight(kg),BMI,Body Fat(%),Fat-free Body Weight(kg),Subcutaneous Fat(%),Visceral Fat,Body Water(%),\
         Skeletal Muscle(%),Muscle Mass(kg),Bone Mass(kg)\n\
         2024-03-15 07:01:05,82.40,25.4,22.1,64.19,19.0,9,56.2,50.3,60.98,3.21\n",
    );
    let codes: Vec<String> =
        lines(&taken).iter().map(|line| line.split(' ').skip(1).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        codes,
        [
            "29463-7 82.40 kg",
            "39156-5 25.4 kg/m2",
            "41982-0 22.1 %",
            "101684-9 56.2 %",
            "73964-9 60.98 kg",
            "101685-6 3.21 kg"
        ]
    );
    assert_eq!(taken.skips.len(), 4, "what is left out is told");
    let long = read_text(
        "Date,Measurement,Value,Unit\n2024-03-15,Lean body mass,64.2,kg\n2024-03-15,Weight,82.4,kg\n\
         2024-03-15,Target weight,75,kg\n2024-03-15,Body Mass Index,25.4,kg/m2\n2024-03-15,Visceral fat,9,%\n\
         2024-03-15,Insulin glucose factor,9,mg/dL\n2024-03-15,Heart rate [Max],140,bpm\n",
    );
    assert_eq!(lines(&long), ["2024-03-15 29463-7 82.4 kg", "2024-03-15 39156-5 25.4 kg/m2"]);
    assert!(long.skips.iter().all(|(_, code)| code == "table_unknown_kind"));
    assert_eq!(long.skips.len(), 5);
    let taken = read_text("date,weight_kg,fat_mass_kg,fat_ratio\n2024-03-15,82.4,18.2,22.1\n");
    assert_eq!(
        lines(&taken),
        ["2024-03-15 29463-7 82.4 kg", "2024-03-15 73708-0 18.2 kg", "2024-03-15 41982-0 22.1 %"]
    );
    let taken = read_text("Date,Pulse (m/s),Weight (kg)\n2024-03-15,7.2,82.4\n");
    assert_eq!(lines(&taken), ["2024-03-15 29463-7 82.4 kg"]);
    assert_eq!(skips(&taken), [("line 2, column 2", "table_other_unit")]);
}

#[test]
fn a_time_beside_a_moment_is_how_long_something_took() {
    let taken = read_text("Date,Time,Pulse,Avg HR,Min Temp\n2024-07-15 07:01:05,00:55:11,61,148,27.0\n");
    assert_eq!(lines(&taken), ["2024-07-15T07:01:05Z 8867-4 61 /min"]);
    let taken = read_text("Date,Time,Pulse\n2024-07-15 00:00:00,07:01,61\n");
    assert_eq!(lines(&taken), ["2024-07-15T07:01:00Z 8867-4 61 /min"], "a spreadsheet's midnight is none");
    let taken = read_text("Update_Time,Measured Time,Weight (kg)\n2024-09-01 10:00,2024-07-15 19:05,82\n");
    assert_eq!(lines(&taken), ["2024-07-15T19:05:00Z 29463-7 82 kg"]);
    assert_eq!(taken.skips, []);
}

#[test]
fn a_zone_in_a_column_of_its_own_is_that_of_the_time() {
    let taken = read_text(
        "Date,Time,Time Zone,Pulse\n2024-07-15,21:05,GMT-04:00,77\n2024-07-15,22:05,America/New_York,78\n2024-07-15,23:05,,79\n",
    );
    assert_eq!(
        lines(&taken),
        [
            "2024-07-15T21:05:00-04:00 8867-4 77 /min",
            "2024-07-15T22:05:00Z 8867-4 78 /min",
            "2024-07-15T23:05:00Z 8867-4 79 /min"
        ]
    );
    assert_eq!(taken.resources[0].get("note"), None);
    assert!(taken.resources[1]["note"][0]["text"].as_str().unwrap().contains("“America/New_York”"));
    assert!(taken.resources[2]["note"][0]["text"].as_str().unwrap().contains("names no time zone"));
    let samsung = read_text(
        "com.samsung.shealth.blood_pressure,6312003,7\nupdate_time,com.samsung.health.blood_pressure.systolic,\
         com.samsung.health.blood_pressure.start_time,com.samsung.health.blood_pressure.time_offset,\
         com.samsung.health.blood_pressure.pulse,com.samsung.health.blood_pressure.diastolic\n\
         2024-09-01 10:00:00.000,142.0,2024-07-15 19:05:00.000,UTC+0200,77,91.0\n",
    );
    assert_eq!(
        lines(&samsung),
        ["2024-07-15T19:05:00+02:00 85354-9 142.0 mm[Hg] / 91.0 mm[Hg]", "2024-07-15T19:05:00+02:00 8867-4 77 /min"]
    );
}

#[test]
fn rows_in_another_order_are_the_same_records() {
    let header = "Date,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm)\n";
    let rows = ["2024-07-15,142,91,77\n", "2024-07-15,138,88,71\n", "2024-07-16,130,80,70\n", "2024-07-15,142,91,77\n"];
    let ids = |rows: &[&str]| {
        let taken = read_text(&format!("{header}{}", rows.concat()));
        let mut ids: Vec<String> =
            taken.resources.iter().map(|resource| format!("{} {}", resource["id"], resource["code"])).collect();
        ids.sort_unstable();
        ids
    };
    let all = ids(&rows);
    assert_eq!(all.len(), 6);
    assert_eq!(all, ids(&[rows[2], rows[1], rows[0]]));
    // A moment with one value keeps the name that does not depend on it.
    assert_eq!(ids(&["2024-07-16,130,80,70\n"]), ids(&["2024-07-16,131,81,72\n"]));
}

#[test]
fn a_column_with_the_unit_of_another() {
    let taken = read_text(
        "Date,Weight,Weight Unit,Glucose,Glucose_Unit\n2024-07-15,82.4,kg,104,mg/dL\n2024-07-16,160,lb,5.4,mmol/L\n2024-07-17,160,,5.4,kg\n",
    );
    assert_eq!(
        lines(&taken),
        [
            "2024-07-15 29463-7 82.4 kg",
            "2024-07-15 2339-0 104 mg/dL",
            "2024-07-16 29463-7 160 [lb_av]",
            "2024-07-16 15074-8 5.4 mmol/L"
        ]
    );
    assert_eq!(skips(&taken), [("line 4, column 2", "table_no_unit"), ("line 4, column 4", "table_other_unit")]);
    assert_eq!(Mapping::guess(b"Date,Weight,Weight Unit\n2024-07-15,82.4,kg\n").unwrap().questions, []);
}
