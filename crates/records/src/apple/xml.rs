//! The events of `export.xml`, element by element.

use std::io::BufRead;

use quick_xml::{
    Error, Reader,
    events::{BytesStart, Event},
};

use super::{
    AppleReason,
    attributes::{Sample, attribute, unescape},
    clinical::{Clinical, Told},
    elements::{self, Audiogram, Done, Vision, Workout},
    emit,
    input::Input,
    out::{Out, Person},
    samples::Samples,
    time::Stamp,
};

/// The most damaged places before reading is given up.
const DAMAGED: u64 = 1000;

/// What an export's XML holds.
#[derive(Debug)]
pub(super) struct Health {
    samples: Samples,
    /// Set by `Me`, or by the first element that needs it.
    person: Option<Person>,
    open: Open,
    damaged: u64,
    food: u64,
    beat_lists: u64,
    empty_summaries: u64,
    unknown: u64,
    bad: u64,
    pub(super) routes: u64,
    pub(super) clinical_records: u64,
    /// When the phone wrote the export, Unix seconds.
    pub(super) exported: Option<i64>,
    /// The member of the archive that is read, or was.
    member: String,
}

/// The element whose end is awaited.
#[derive(Debug, Default)]
enum Open {
    #[default]
    Nothing,
    Correlation,
    Workout(Box<Workout>),
    Audiogram(Audiogram),
    Vision(Vision),
}

/// Why the events ended.
enum End {
    /// `</HealthData>`, or the taker stopped.
    Whole,
    /// The file ended before.
    Cut,
    /// An error of the XML; the reader goes on behind it.
    Damage,
    /// The bytes could not be had.
    Failed,
}

impl Health {
    pub(super) fn new(limit: usize) -> Self {
        Health {
            samples: Samples::new(limit),
            person: None,
            open: Open::Nothing,
            damaged: 0,
            food: 0,
            beat_lists: 0,
            empty_summaries: 0,
            unknown: 0,
            bad: 0,
            routes: 0,
            clinical_records: 0,
            exported: None,
            member: String::new(),
        }
    }

    pub(super) fn person(&self) -> Person {
        self.person.clone().unwrap_or_default()
    }

    /// The member of the archive that was read.
    pub(super) fn member(&self) -> &str {
        &self.member
    }

    /// Reads from behind the root's name to its end, or as far as there is something to read.
    pub(super) fn read(
        &mut self,
        name: &str,
        reader: &mut dyn BufRead,
        clinical: &mut Clinical,
        out: &mut Out<'_, '_>,
    ) {
        self.member = name.to_owned();
        let mut input = Input::new(reader);
        let mut buffer = Vec::with_capacity(4096);
        loop {
            let before = input.total();
            match self.events(&mut input, &mut buffer, clinical, out) {
                End::Whole => break,
                End::Cut => {
                    out.skip(name, AppleReason::CutShort);
                    break;
                }
                End::Failed if !input.take_over() => {
                    out.skip(name, AppleReason::CutShort);
                    break;
                }
                End::Damage | End::Failed => {
                    self.damaged += 1;
                    self.open = Open::Nothing;
                    if self.damaged > DAMAGED || input.total() == before {
                        out.skip(name, AppleReason::TooDamaged);
                        break;
                    }
                    input.mark();
                }
            }
        }
    }

    fn events(
        &mut self,
        input: &mut Input<'_>,
        buffer: &mut Vec<u8>,
        clinical: &mut Clinical,
        out: &mut Out<'_, '_>,
    ) -> End {
        let mut reader = Reader::from_reader(input);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        loop {
            buffer.clear();
            match reader.read_event_into(buffer) {
                Ok(Event::Start(element)) => self.element(&element, false, clinical, out),
                Ok(Event::Empty(element)) => self.element(&element, true, clinical, out),
                Ok(Event::End(element)) => {
                    if element.name().as_ref() == "HealthData" {
                        self.close(out);
                        return End::Whole;
                    }
                    self.end(element.name().as_ref(), out);
                }
                Ok(Event::Eof) => return End::Cut,
                Ok(_) => {}
                Err(Error::Io(_)) => return End::Failed,
                // The reader consumed what was ill-formed and can go on.
                Err(Error::IllFormed(_)) => self.damaged += 1,
                Err(_) => return End::Damage,
            }
            if *out.stopped {
                return End::Whole;
            }
            if self.damaged > DAMAGED {
                return End::Damage;
            }
            reader.get_mut().mark();
        }
    }

    fn element(&mut self, element: &BytesStart<'_>, empty: bool, clinical: &mut Clinical, out: &mut Out<'_, '_>) {
        match element.name().as_ref() {
            "Record" => {
                let sample = Sample::read(element);
                let nested = matches!(self.open, Open::Correlation);
                self.samples.add(&sample, nested);
                if empty {
                    self.samples.close();
                }
            }
            "ExportDate" => {
                let date = attribute(element, "value").and_then(Stamp::parse);
                self.exported = self.exported.or(date.map(Stamp::unix));
                out.as_of = self.exported;
            }
            // What samples carry beside their value; it is no entry of its own.
            "MetadataEntry" => {
                if let (Some(key), Some(value)) = (attribute(element, "key"), attribute(element, "value")) {
                    self.samples.metadata(key, value);
                }
            }
            "InstantaneousBeatsPerMinute" => {}
            "HeartRateVariabilityMetadataList" => self.beat_lists += 1,
            "Me" => {
                if self.person.is_none() {
                    self.person = elements::me(element, out);
                }
            }
            "Correlation" => {
                if Sample::read(element).kind == "HKCorrelationTypeIdentifierFood" {
                    self.food += 1;
                }
                self.begin(Open::Correlation, empty, out);
            }
            "Workout" => self.begin(Open::Workout(Box::new(Workout::start(element))), empty, out),
            "WorkoutStatistics" => self.in_workout(|workout| workout.statistics(element)),
            "WorkoutEvent" => self.in_workout(|workout| workout.event(element)),
            "WorkoutRoute" => self.routes += 1,
            "FileReference" | "WorkoutActivity" | "Attachment" | "Prescription" => {}
            "ActivitySummary" => {
                let person = self.person.get_or_insert_default();
                match elements::activity_summary(element, person, out) {
                    Done::Taken => {}
                    Done::Empty => self.empty_summaries += 1,
                    Done::Bad => self.bad += 1,
                }
            }
            "ClinicalRecord" => {
                let of =
                    |name: &str| attribute(element, name).map(|raw| unescape(raw).into_owned()).unwrap_or_default();
                self.clinical_records += 1;
                let told = Told {
                    fhir_version: of("fhirVersion"),
                    url: crate::build::text(&of("sourceURL"), 1000).unwrap_or_default(),
                    source: crate::build::text(&of("sourceName"), 200).unwrap_or_default(),
                    kind: crate::build::text(&of("type"), 100).unwrap_or_default(),
                };
                clinical.tell(&of("resourceFilePath"), told);
            }
            "Audiogram" => self.begin(Open::Audiogram(Audiogram::start(element)), empty, out),
            "SensitivityPoint" => {
                if let Open::Audiogram(audiogram) = &mut self.open {
                    audiogram.point(element);
                }
            }
            "VisionPrescription" => self.begin(Open::Vision(Vision::start(element)), empty, out),
            side @ ("RightEye" | "LeftEye") => {
                if let Open::Vision(vision) = &mut self.open {
                    vision.eye(element, side == "RightEye");
                }
            }
            _ => self.unknown += 1,
        }
    }

    fn in_workout(&mut self, change: impl FnOnce(&mut Workout)) {
        if let Open::Workout(workout) = &mut self.open {
            change(workout);
        }
    }

    /// An element with children begins; one before it whose end is missing ends here.
    fn begin(&mut self, open: Open, empty: bool, out: &mut Out<'_, '_>) {
        self.close(out);
        self.samples.close();
        self.open = open;
        if empty {
            self.close(out);
        }
    }

    fn end(&mut self, name: &str, out: &mut Out<'_, '_>) {
        if name == "Record" {
            self.samples.close();
        }
        let ends = match self.open {
            Open::Nothing => false,
            Open::Correlation => name == "Correlation",
            Open::Workout(_) => name == "Workout",
            Open::Audiogram(_) => name == "Audiogram",
            Open::Vision(_) => name == "VisionPrescription",
        };
        if ends {
            self.close(out);
        }
    }

    fn close(&mut self, out: &mut Out<'_, '_>) {
        let person = self.person.get_or_insert_default();
        let whole = match std::mem::take(&mut self.open) {
            Open::Nothing | Open::Correlation => true,
            Open::Workout(workout) => workout.finish(person, out),
            Open::Audiogram(audiogram) => audiogram.finish(person, out),
            Open::Vision(vision) => vision.finish(person, out),
        };
        self.bad += u64::from(!whole);
    }

    /// Hands over days, nights and readings, and what was left out.
    pub(super) fn finish(&mut self, out: &mut Out<'_, '_>) {
        let person = self.person();
        emit::all(&mut self.samples, &person, out);
        let path = |element: &str| {
            let colon = if self.member.is_empty() { "" } else { ": " };
            format!("{}{colon}/HealthData/{element}", self.member)
        };
        let bad = self.bad + self.samples.bad;
        let limit = self.samples.most_singles;
        for (element, count, reason) in [
            ("Record", bad, AppleReason::BadSample { count: bad }),
            ("Record", self.samples.repeated, AppleReason::Repeated { count: self.samples.repeated }),
            ("Record", self.samples.beyond, AppleReason::TooMany { count: self.samples.beyond, limit }),
            ("Record", self.samples.in_days, AppleReason::InDaysOnly { count: self.samples.in_days, limit }),
            ("Correlation", self.food, AppleReason::Food { count: self.food }),
            (
                "Record/HeartRateVariabilityMetadataList",
                self.beat_lists,
                AppleReason::BeatLists { count: self.beat_lists },
            ),
            ("ActivitySummary", self.empty_summaries, AppleReason::EmptySummary { count: self.empty_summaries }),
            ("*", self.unknown, AppleReason::UnknownElement { count: self.unknown }),
            ("*", self.damaged, AppleReason::Damaged { count: self.damaged }),
        ] {
            if count > 0 {
                out.skip(&path(element), reason);
            }
        }
    }
}
