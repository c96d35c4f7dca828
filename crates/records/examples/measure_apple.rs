//! How fast an Apple Health export is read, and in how much memory:
//! `cargo run --release -p carnet-records --features formats,generator --example measure_apple [MB] [FILE]`.
//! Without a file, a made-up export of so many MB (1000 if not said) comes through a pipe and is never on the disk. With
//! `--csv`, a made-up table of half a million sensor values is read instead.
#![allow(clippy::print_stdout)]

use std::{
    error::Error,
    fs::{self, File},
    io::{self, BufRead, BufReader, BufWriter, Read},
    ops::ControlFlow,
    thread,
    time::Instant,
};

use carnet_records::{
    apple,
    convert::{Found, Source},
    csv, generator,
    import::Limits,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let limits = Limits::default();
    let source = Source { name: "export.xml", sha256: [0; 32], now: 0, limits: &limits };
    let (mut resources, mut skips, mut out_bytes) = (0_u64, Vec::new(), 0_u64);
    let mut sink = |found: Found<'_>| {
        match found {
            Found::Resource(converted) => {
                resources += 1;
                // What whoever takes it does at the least: write it down.
                out_bytes += serde_json::to_vec(&converted.resource).map_or(0, |bytes| bytes.len() as u64);
            }
            Found::Skipped(skip) => skips.push(format!("{}: {}", skip.path, skip.reason)),
            Found::Attachment(_) => {}
        }
        ControlFlow::Continue(())
    };
    let start;
    let read_bytes;
    if arguments.first().is_some_and(|first| first == "--csv") {
        let table = generator::table::dexcom(500_000, 1);
        start = Instant::now();
        csv::read(table.as_bytes(), &source, None, &mut sink)?;
        read_bytes = table.len() as u64;
    } else if let Some(path) = arguments.get(1) {
        start = Instant::now();
        let mut reader = Counted { inner: File::open(path)?, bytes: 0, waited: 0.0 };
        apple::read(&mut BufReader::with_capacity(1 << 20, &mut reader), &source, &mut sink)?;
        read_bytes = reader.bytes;
    } else {
        let megabytes: u64 = arguments.first().map_or(Ok(1000), |text| text.parse())?;
        let (reader, writer) = io::pipe()?;
        let maker = thread::spawn(move || {
            generator::apple::write(&mut BufWriter::with_capacity(1 << 20, writer), megabytes * 1_000_000, 1)
        });
        start = Instant::now();
        let mut reader = Counted { inner: reader, bytes: 0, waited: 0.0 };
        {
            let mut buffered = BufReader::with_capacity(1 << 20, &mut reader);
            apple::read(&mut buffered, &source, &mut sink)?;
            // The maker ends only when its last byte was taken.
            while !buffered.fill_buf()?.is_empty() {
                let length = buffered.buffer().len();
                buffered.consume(length);
            }
        }
        let written = maker.join().map_err(|_| "the maker of the export ended early")??;
        println!("{} samples; {:.1} s waiting for the maker of them", written.samples, reader.waited);
        read_bytes = reader.bytes;
        let own = start.elapsed().as_secs_f64() - reader.waited;
        println!("{:.0} MB/s without the waiting", read_bytes as f64 / 1e6 / own);
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{:.0} MB in {seconds:.1} s: {:.0} MB/s; {resources} resources, {:.0} MB of JSON",
        read_bytes as f64 / 1e6,
        read_bytes as f64 / 1e6 / seconds,
        out_bytes as f64 / 1e6
    );
    for skip in &skips {
        println!("skipped {skip}");
    }
    for line in fs::read_to_string("/proc/self/status").unwrap_or_default().lines() {
        if line.starts_with("VmHWM") {
            println!("peak memory {line}");
        }
    }
    Ok(())
}

/// Counts bytes and the time that reading them took.
struct Counted<R> {
    inner: R,
    bytes: u64,
    waited: f64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = Instant::now();
        let got = self.inner.read(buffer)?;
        self.waited += start.elapsed().as_secs_f64();
        self.bytes += got as u64;
        Ok(got)
    }
}
