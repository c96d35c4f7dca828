//! Made-up tables of measurements, as meters and apps export them.

use super::chance::Chance;
use crate::datetime::civil_from_days;

/// A sensor's table in the shape of Dexcom Clarity's, one value each five minutes, `rows` of them.
pub fn dexcom(rows: usize, seed: u64) -> String {
    let mut chance = Chance::new(seed);
    let mut out = String::from(
        "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,\
         Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),\
         Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID\n",
    );
    let mut glucose = 120;
    for row in 0..rows {
        let minutes = row as i64 * 5;
        let (year, month, day) = civil_from_days(20_000 + minutes / 1440);
        glucose = (glucose + chance.between(-8, 8)).clamp(30, 410);
        let value = match glucose {
            ..40 => "Low".to_owned(),
            401.. => "High".to_owned(),
            value => value.to_string(),
        };
        out.push_str(&format!(
            "{},{year:04}-{month:02}-{day:02}T{:02}:{:02}:00,EGV,,,,iPhone G6,{value},,,,,{minutes},8GAAAA\n",
            row + 1,
            minutes / 60 % 24,
            minutes % 60
        ));
    }
    out
}

/// A blood pressure monitor's table as German software writes it: semicolons, `D.M.Y`, decimal commas.
pub fn blood_pressure(rows: usize, seed: u64) -> String {
    let mut chance = Chance::new(seed);
    let mut out = String::from("Datum;Uhrzeit;SYS (mmHg);DIA (mmHg);Puls (1/min);Gewicht (kg)\n");
    for row in 0..rows {
        let (year, month, day) = civil_from_days(20_000 + row as i64);
        let (systolic, diastolic) = (chance.between(105, 150), chance.between(60, 95));
        let (pulse, weight) = (chance.between(50, 90), chance.between(680, 720));
        out.push_str(&format!(
            "{day:02}.{month:02}.{year};07:{:02};{systolic};{diastolic};{pulse};{},{}\n",
            chance.below(60),
            weight / 10,
            weight % 10
        ));
    }
    out
}

#[cfg(all(test, feature = "formats"))]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::{
        convert::{Found, Source},
        import::Limits,
    };

    #[test]
    fn tables_are_read_whole() {
        for (table, made) in [(dexcom(2000, 1), 2000), (blood_pressure(40, 1), 120)] {
            let limits = Limits::default();
            let source = Source { name: "table.csv", sha256: [0; 32], now: 0, limits: &limits };
            let mut resources = 0;
            crate::csv::read(table.as_bytes(), &source, None, &mut |found| {
                match found {
                    Found::Resource(_) => resources += 1,
                    Found::Skipped(skip) => panic!("{skip:?}"),
                    Found::Attachment(_) => {}
                }
                ControlFlow::Continue(())
            })
            .unwrap();
            assert_eq!(resources, made);
        }
    }
}
