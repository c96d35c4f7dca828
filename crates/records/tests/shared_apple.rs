//! Apple Health exports that others made for their own readers, where they are at hand: `CARNET_SHARED_DATA`, else
//! `../shared/data` beside the workspace. Without them it says so and passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::{
    fs::{self, File},
    io::BufReader,
    ops::ControlFlow,
    path::Path,
};

use carnet_records::{
    apple::{self, Export},
    convert::{Found, Source},
    import::Limits,
    index,
};
use serde_json::Value;

#[path = "shared/public.rs"]
mod public;
use public::{data, files};

fn take(found: Found<'_>, resources: &mut Vec<Value>, skips: &mut Vec<String>) -> ControlFlow<()> {
    match found {
        Found::Resource(converted) => {
            let resource = Value::Object(converted.resource);
            let entry = index::index_record(resource.to_string().as_bytes()).unwrap();
            assert!(!entry.title.is_empty());
            resources.push(resource);
        }
        Found::Skipped(skip) => skips.push(format!("{}: {}", skip.path, skip.reason)),
        Found::Attachment(_) => {}
    }
    ControlFlow::Continue(())
}

#[test]
fn every_export_is_read_twice_alike() {
    let Some(folder) = data("apple") else { return };
    let limits = Limits::default();
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let mut read = 0;
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        if !apple::is_export(&bytes[..bytes.len().min(apple::SNIFF_BYTES)]) {
            assert!(!path.ends_with("export.xml"), "{}", path.display());
            continue;
        }
        let source = Source { name: "export.xml", sha256: [0; 32], now: 0, limits: &limits };
        let run = || {
            let (mut resources, mut skips) = (Vec::new(), Vec::new());
            let mut reader = BufReader::new(File::open(&path).unwrap());
            apple::read(&mut reader, &source, &mut |found| take(found, &mut resources, &mut skips)).unwrap();
            (resources, skips)
        };
        let (resources, skips) = run();
        assert_eq!((&resources, &skips), (&run().0, &run().1));
        println!("{}: {} resources, {skips:?}", path.display(), resources.len());
        assert!(!resources.is_empty());
        if let Some(to) = std::env::var_os("CARNET_WRITE_RESOURCES") {
            let name = format!("{}.json", path.file_name().unwrap().to_string_lossy());
            fs::write(Path::new(&to).join(name), Value::from(resources).to_string()).unwrap();
        }
        read += 1;
    }
    assert!(read > 0);
}

#[test]
fn nothing_of_other_wearables_is_claimed() {
    let Some(folder) = data("apple/other-wearables") else { return };
    let limits = Limits::default();
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        assert!(!apple::is_export(bytes.as_slice()), "{}", path.display());
        let source = Source { name: "export.xml", sha256: [0; 32], now: 0, limits: &limits };
        let mut none = |_: Found<'_>| panic!("something was made of {}", path.display());
        assert!(apple::read(&mut bytes.as_slice(), &source, &mut none).is_err());
        let mut resources = Vec::new();
        let mut export = Export::new(&source);
        let mut sink = |found: Found<'_>| take(found, &mut resources, &mut Vec::new());
        export.member("x.json", &mut bytes.as_slice(), &mut sink).unwrap();
        export.finish(&mut sink).unwrap();
        assert!(resources.is_empty(), "{}", path.display());
    }
}
