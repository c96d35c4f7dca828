//! Apple Health exports: `export.xml`, streamed, and the other members of `export.zip`.
//!
//! A phone writes one `Record` for each sample, tens of millions in a few years. They become what a person and a
//! clinician look at: **days** (steps, distance, energy: sums; heart rate, oxygen, temperature: average, least, most),
//! **nights** (minutes in each stage), and **single measurements** where each counts (weight, blood pressure, glucose).
//! Each day says of how many samples and which sources it was made. The day is the local one, by the offset that the
//! export writes.
//!
//! **Sources.** A watch, a phone and apps count the same steps. For each interval of time the source of the highest rank
//! counts (watch, phone, other apps; then by name), and only where times do not overlap are sources added. A sample
//! belongs to the day in which it begins. Averages are over all samples. Doses (insulin, puffs, food, drink) are all added.
//!
//! **Identity.** A day's record has an id of person, type and day, so a newer export brings a new version of the day and
//! never a double. What an export tells it tells as of its `ExportDate`: one that is older and imported later sets nothing back.
//! The person is the date of birth in the export, the only thing in it that stays.
//!
//! Memory grows with days and single measurements and not with samples;
//! [`Limits::entries`](crate::import::Limits::entries) bounds how many single measurements are handed over, the newest; older
//! readings of glucose are in the figures of their days. The DTD is not read. Routes of workouts are left out, and the account
//! says so.

mod aggregate;
mod attributes;
mod clinical;
mod ecg;
mod elements;
mod emit;
mod input;
mod names;
mod out;
mod reason;
mod samples;
mod single;
mod tables;
mod time;
mod units;
mod xml;

pub use reason::AppleReason;

use std::io::{BufRead, BufReader, Read};

use clinical::Clinical;
use ecg::Recording;
use flate2::{Compression, write::DeflateEncoder};
use input::Root;
use out::{Out, Person};
use xml::Health;

use crate::{
    Error, Result,
    convert::{Attachment, Sink, Source},
};

/// The most bytes that are looked at to tell what a file is.
pub const SNIFF_BYTES: usize = 64 << 10;
/// The most electrocardiograms of an export.
const RECORDINGS: usize = 2000;
/// The most bytes, packed, of electrocardiograms that wait for the export to say whose they are.
const WAITING_BYTES: usize = 48 << 20;

/// Whether a file that begins so is an Apple Health export, whatever its name in the phone's language (`exportación.xml`,
/// `Exportieren.xml`): its root is `HealthData`. [`SNIFF_BYTES`] are enough.
pub fn is_export(start: impl Read) -> bool {
    matches!(input::find_root(&mut BufReader::new(start)), Ok(Root::HealthData | Root::EmptyHealthData))
}

/// Whether a file is Apple's own clinical document (`export_cda.xml`), the second copy of the samples of an export, by its first
/// bytes. Portals call their documents so, too.
pub fn is_clinical_copy(start: impl Read) -> bool {
    const HEAD: u64 = 16 << 10;
    // The id of every one of them.
    const ID: &[u8] = b"\"Health Export CDA\"";
    let mut head = Vec::new();
    start.take(HEAD).read_to_end(&mut head).is_ok() && head.windows(ID.len()).any(|window| window == ID)
}

/// Whether a file lies in one of the folders that Apple makes beside `export.xml`, by its path below the folder of that.
pub fn is_beside_export(path: &str) -> bool {
    path.split_once('/')
        .is_some_and(|(folder, _)| matches!(folder, "clinical-records" | "electrocardiograms" | "workout-routes"))
}

/// Reads an `export.xml` that came alone.
///
/// # Errors
/// [`Error::NotRecognised`] if the root is not `HealthData`, [`Error::Empty`], [`Error::Io`] where nothing could be read.
/// Damage further on is a skip, and what can be read is.
pub fn read(reader: &mut dyn BufRead, source: &Source<'_>, sink: &mut Sink<'_>) -> Result<()> {
    let mut export = Export::new(source);
    match input::find_root(reader)? {
        Root::HealthData => export.health_data("", reader, sink),
        Root::EmptyHealthData => export.export_read = true,
        Root::Empty => return Err(Error::Empty),
        Root::ClinicalDocument | Root::Other => return Err(Error::NotRecognised { what: "an Apple Health export" }),
    }
    export.alone = true;
    export.finish(sink)
}

/// Reads an electrocardiogram that came alone, out of an export that was unpacked; whether it is one. The file is kept by who
/// calls. Its records are those that the whole export gives, where the file names the day of birth as the export does.
pub fn read_recording(bytes: &[u8], source: &Source<'_>, sink: &mut Sink<'_>) -> bool {
    if bytes.len() > ecg::FILE_BYTES {
        return false;
    }
    let Some(recording) = ecg::read(bytes) else { return false };
    let person = recording.born.map(|day| Person::known_by(&time::date(day))).unwrap_or_default();
    let mut stopped = false;
    let mut out = Out { sink, stopped: &mut stopped, member: "", as_of: None };
    for resource in recording.resources(&person, source.name) {
        out.resource(resource, "electrocardiogram".to_owned());
    }
    true
}

/// An `export.zip`, or what was unpacked of one, member by member and in any order.
///
/// ```
/// # use carnet_records::{apple::Export, convert::{Found, Source}, import::Limits};
/// # use std::ops::ControlFlow;
/// # let limits = Limits::default();
/// let source = Source { name: "export.zip", sha256: [0; 32], now: 0, limits: &limits };
/// let mut found = 0;
/// let mut sink = |_: Found<'_>| { found += 1; ControlFlow::Continue(()) };
/// let mut export = Export::new(&source);
/// export.member("apple_health_export/export.xml", &mut &b"<HealthData></HealthData>"[..], &mut sink)?;
/// export.finish(&mut sink)?;
/// # Ok::<(), carnet_records::Error>(())
/// ```
#[derive(Debug)]
pub struct Export {
    health: Health,
    clinical: Clinical,
    /// Electrocardiograms that came before the export, packed.
    waiting: Vec<(String, Vec<u8>)>,
    waiting_bytes: usize,
    recordings: usize,
    recordings_beyond: u64,
    routes: u64,
    export_read: bool,
    alone: bool,
    stopped: bool,
}

impl Export {
    /// Nothing read yet.
    pub fn new(source: &Source<'_>) -> Self {
        Export {
            health: Health::new(source.limits.entries),
            clinical: Clinical::default(),
            waiting: Vec::new(),
            waiting_bytes: 0,
            recordings: 0,
            recordings_beyond: 0,
            routes: 0,
            export_read: false,
            alone: false,
            stopped: false,
        }
    }

    /// Whether the one who takes has had enough; further members need not be opened.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Reads one member of the archive by what is in it; `name` is its path there. Members that are no health data, are
    /// damaged or come twice are skips.
    ///
    /// # Errors
    /// None at present: whatever is wrong with one member leaves the others as they are.
    pub fn member(&mut self, name: &str, reader: &mut dyn Read, sink: &mut Sink<'_>) -> Result<()> {
        if self.stopped || name.ends_with('/') {
            return Ok(());
        }
        let lower = name.to_lowercase();
        if lower.ends_with(".gpx") {
            self.routes += 1;
        } else if lower.ends_with(".xml") {
            self.xml(name, reader, sink);
        } else if lower.ends_with(".csv") {
            self.recording(name, reader, sink);
        } else if lower.ends_with(".json") {
            match bounded(reader, clinical::FILE_BYTES) {
                Ok(bytes) => self.clinical.keep(name, &bytes),
                Err(reason) => self.skip(name, reason, sink),
            }
        } else {
            self.skip(name, AppleReason::Unrelated, sink);
        }
        Ok(())
    }

    /// Hands over what had to wait for the end: days, nights, blood pressures, clinical records.
    ///
    /// # Errors
    /// None at present.
    pub fn finish(mut self, sink: &mut Sink<'_>) -> Result<()> {
        if !self.export_read {
            self.skip("export.xml", AppleReason::NoExport, sink);
        }
        for (name, packed) in std::mem::take(&mut self.waiting) {
            let mut bytes = Vec::new();
            if flate2::read::DeflateDecoder::new(packed.as_slice()).read_to_end(&mut bytes).is_ok()
                && let Some(recording) = ecg::read(&bytes)
            {
                self.hand_over(&recording, &name, &bytes, sink);
            }
        }
        let member = self.health.member().to_owned();
        let as_of = self.health.exported;
        self.health.finish(&mut Out { sink, stopped: &mut self.stopped, member: &member, as_of });
        let mut out = Out { sink, stopped: &mut self.stopped, member: "", as_of };
        let person = self.health.person();
        if self.alone {
            let count = self.health.clinical_records;
            if count > 0 {
                out.skip("/HealthData/ClinicalRecord", AppleReason::FilesApart { count });
            }
        } else {
            self.clinical.finish(&person, &mut out);
        }
        let routes = self.routes.max(self.health.routes);
        if routes > 0 {
            out.skip("workout-routes", AppleReason::Location { count: routes });
        }
        if self.recordings_beyond > 0 {
            let count = self.recordings_beyond;
            out.skip("electrocardiograms", AppleReason::TooMany { count, limit: RECORDINGS });
        }
        Ok(())
    }

    fn xml(&mut self, name: &str, reader: &mut dyn Read, sink: &mut Sink<'_>) {
        let mut reader = BufReader::new(reader);
        let reason = match input::find_root(&mut reader) {
            Ok(Root::HealthData | Root::EmptyHealthData) if self.export_read => AppleReason::SecondExport,
            Ok(Root::HealthData) => return self.health_data(name, &mut reader, sink),
            Ok(Root::EmptyHealthData) => {
                self.export_read = true;
                return;
            }
            Ok(Root::ClinicalDocument) => AppleReason::SameAsExport,
            Ok(Root::Empty) => AppleReason::Empty,
            Ok(Root::Other) => AppleReason::NotHealthData,
            Err(_) => AppleReason::Unreadable,
        };
        self.skip(name, reason, sink);
    }

    fn health_data(&mut self, name: &str, reader: &mut dyn BufRead, sink: &mut Sink<'_>) {
        self.export_read = true;
        let mut out = Out { sink, stopped: &mut self.stopped, member: name, as_of: None };
        self.health.read(name, reader, &mut self.clinical, &mut out);
    }

    fn recording(&mut self, name: &str, reader: &mut dyn Read, sink: &mut Sink<'_>) {
        let bytes = match bounded(reader, ecg::FILE_BYTES) {
            Ok(bytes) => bytes,
            Err(reason) => return self.skip(name, reason, sink),
        };
        let Some(recording) = ecg::read(&bytes) else {
            return self.skip(name, AppleReason::BadElectrocardiogram, sink);
        };
        if self.recordings >= RECORDINGS {
            self.recordings_beyond += 1;
            return;
        }
        self.recordings += 1;
        if self.export_read {
            return self.hand_over(&recording, name, &bytes, sink);
        }
        let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
        let packed = std::io::Write::write_all(&mut packer, &bytes).ok().and_then(|()| packer.finish().ok());
        match packed {
            Some(packed) if self.waiting_bytes + packed.len() <= WAITING_BYTES => {
                self.waiting_bytes += packed.len();
                self.waiting.push((name.to_owned(), packed));
            }
            _ => self.recordings_beyond += 1,
        }
    }

    fn hand_over(&mut self, recording: &Recording, name: &str, bytes: &[u8], sink: &mut Sink<'_>) {
        let person: Person = self.health.person();
        let mut out = Out { sink, stopped: &mut self.stopped, member: "", as_of: self.health.exported };
        out.attachment(Attachment { sha256: recording.sha256, media_type: "text/csv", bytes });
        for resource in recording.resources(&person, clinical::base_name(name)) {
            out.resource(resource, name.to_owned());
        }
    }

    fn skip(&mut self, path: &str, reason: AppleReason, sink: &mut Sink<'_>) {
        Out { sink, stopped: &mut self.stopped, member: "", as_of: None }.skip(path, reason);
    }
}

/// A small member whole.
fn bounded(reader: &mut dyn Read, most: usize) -> Result<Vec<u8>, AppleReason> {
    let mut bytes = Vec::new();
    reader.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|_| AppleReason::Unreadable)?;
    match bytes.len() {
        0 => Err(AppleReason::Empty),
        len if len > most => Err(AppleReason::TooLarge { limit_mib: most >> 20 }),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests;
