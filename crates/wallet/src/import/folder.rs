//! From what a person named to the files that are read: a folder stands for the files in it.

use crate::{Error, Result};
use carnet_records::apple;
use carnet_vault::Vault;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};

/// How deep a folder is looked into.
const MAX_DEPTH: usize = 16;
/// How many files a folder may stand for.
const MAX_FILES: usize = 20_000;
/// So many files of a folder are looked at for the export of a telephone.
const LOOKED_AT: usize = 64;

/// A file to be imported, or why what was named stands for none.
#[derive(Debug)]
pub(super) struct Named {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What the account calls it: its name, with the folders between it and the folder that was named.
    pub(super) name: String,
    /// Of the export of a telephone that was unpacked: what lies beside it and is read with it, by its path there.
    pub(super) beside: Vec<(String, PathBuf)>,
    /// Set where nothing can be read.
    pub(super) error: Option<Error>,
}

impl Named {
    fn new(path: PathBuf, name: String, error: Option<Error>) -> Self {
        Self { path, name, beside: Vec::new(), error }
    }
}

/// The files that the paths stand for: a file for itself, a folder for those in it and its folders, in the order of their
/// names. Hidden files, links and vaults in a folder are left out; what was named itself is taken as it is.
pub(super) fn files(paths: &[PathBuf]) -> Vec<Named> {
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        if !path.is_dir() {
            files.push(Named::new(path.clone(), file_name(path), None));
            continue;
        }
        let mut found = Vec::new();
        let error = match walk(path, "", 0, &mut found) {
            Ok(()) if found.is_empty() => Error::EmptyFolder,
            Ok(()) => {
                files.append(&mut found);
                continue;
            }
            Err(error) => error,
        };
        files.push(Named::new(path.clone(), file_name(path), Some(error)));
    }
    // Whoever takes all that is in the folder of an unpacked export names its files and folders one by one.
    let folders: BTreeSet<&Path> =
        paths.iter().filter(|path| !path.is_dir()).filter_map(|path| path.parent()).collect();
    folders.into_iter().fold(files, with_export)
}

fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<Named>) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::FolderTooLarge { files: MAX_FILES, depth: MAX_DEPTH });
    }
    let doing = "Looking into the folder";
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::file(doing))? {
        let entry = entry.map_err(Error::file(doing))?;
        if entries.len() >= MAX_FILES {
            return Err(Error::FolderTooLarge { files: MAX_FILES, depth: MAX_DEPTH });
        }
        entries.push(entry);
    }
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let before = found.len();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        // Of the entry itself, not of what a link points to: a link could lead out of the folder, or in a circle.
        let kind = entry.file_type().map_err(Error::file(doing))?;
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() && !Vault::exists(&entry.path()) {
            walk(&entry.path(), &format!("{prefix}{name}/"), depth + 1, found)?;
        } else if kind.is_file() {
            if found.len() >= MAX_FILES {
                return Err(Error::FolderTooLarge { files: MAX_FILES, depth: MAX_DEPTH });
            }
            found.push(Named::new(entry.path(), format!("{prefix}{name}"), None));
        }
    }
    let here = found.split_off(before);
    found.extend(with_export(here, folder));
    Ok(())
}

/// The files; where the export of a telephone was unpacked into this folder, what of them belongs to that goes along with it.
fn with_export(files: Vec<Named>, folder: &Path) -> Vec<Named> {
    let here = |named: &Named| path_in(folder, &named.path);
    let mut documents: Vec<&Named> = files.iter().filter(|named| is_xml(&here(named))).take(LOOKED_AT).collect();
    let begins = |named: &Named, as_wanted: fn(File) -> bool| File::open(&named.path).is_ok_and(as_wanted);
    let Some(at) = documents.iter().position(|named| begins(named, apple::is_export)) else { return files };
    let export = documents.remove(at).path.clone();
    documents.retain(|named| begins(named, apple::is_clinical_copy));
    let copies: Vec<PathBuf> = documents.into_iter().map(|named| named.path.clone()).collect();
    let (beside, mut files): (Vec<Named>, Vec<Named>) =
        files.into_iter().partition(|named| apple::is_beside_export(&here(named)) || copies.contains(&named.path));
    if let Some(export) = files.iter_mut().find(|named| named.path == export) {
        export.beside.extend(beside.into_iter().map(|named| (here(&named), named.path)));
    }
    files
}

/// The path from the folder to a file, with `/` on every system; empty where the file is elsewhere.
fn path_in(folder: &Path, file: &Path) -> String {
    let path = file.strip_prefix(folder).unwrap_or(Path::new(""));
    path.iter().map(OsStr::to_string_lossy).collect::<Vec<_>>().join("/")
}

/// Whether a path is that of an XML file in the folder itself.
fn is_xml(path: &str) -> bool {
    !path.contains('/') && path.to_lowercase().ends_with(".xml")
}

pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_folder_stands_for_its_files_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for folder in ["in/b", "in/.git", "in/vault", "empty/inner"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        for file in ["in/c.json", "in/a.json", "in/b/z.json", "in/.hidden", "in/.git/x", "in/vault/vault.db", "single"]
        {
            fs::write(at(file), b"x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.path(), at("in/circle")).unwrap();
        let named = files(&[at("single"), at("in"), at("empty"), at("missing")]);
        let names: Vec<_> = named.iter().map(|named| (named.name.as_str(), named.error.is_some())).collect();
        let expected = [
            ("single", false),
            ("a.json", false),
            ("b/z.json", false),
            ("c.json", false),
            ("empty", true),
            ("missing", false),
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn what_belongs_to_the_export_of_a_telephone_goes_along_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for folder in ["phone/clinical-records", "phone/workout-routes", "letters/clinical-records"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        fs::write(at("phone/Exportieren.xml"), b"<!DOCTYPE HealthData []><HealthData></HealthData>").unwrap();
        fs::write(at("phone/export_cda.xml"), b"<ClinicalDocument><id extension=\"Health Export CDA\"/>").unwrap();
        for file in ["phone/clinical-records/a.json", "phone/workout-routes/r.gpx"] {
            fs::write(at(file), b"x").unwrap();
        }
        for file in ["phone/hospital.json", "phone/Ada_CDA.xml", "letters/clinical-records/b.json", "letters/a_cda.xml"]
        {
            fs::write(at(file), b"x").unwrap();
        }
        fn shown(named: &[Named]) -> Vec<(&str, Vec<&str>)> {
            named
                .iter()
                .map(|named| (named.name.as_str(), named.beside.iter().map(|(name, _)| name.as_str()).collect()))
                .collect()
        }
        let beside = vec!["clinical-records/a.json", "export_cda.xml", "workout-routes/r.gpx"];
        let expected = [
            ("letters/a_cda.xml", vec![]),
            ("letters/clinical-records/b.json", vec![]),
            ("phone/Ada_CDA.xml", vec![]),
            ("phone/Exportieren.xml", beside),
            ("phone/hospital.json", vec![]),
        ];
        assert_eq!(shown(&files(&[dir.path().to_owned()])), expected);

        let one_by_one = ["clinical-records", "export_cda.xml", "Exportieren.xml", "Ada_CDA.xml"];
        let one_by_one = one_by_one.map(|name| at("phone").join(name));
        let beside = vec!["clinical-records/a.json", "export_cda.xml"];
        assert_eq!(shown(&files(&one_by_one)), [("Exportieren.xml", beside), ("Ada_CDA.xml", vec![])]);
        let alone = [at("phone/export_cda.xml"), at("letters")];
        assert_eq!(files(&alone).len(), 3, "without its export Apple's document is a file as others are");
    }

    #[test]
    fn a_folder_that_is_too_deep_is_refused_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.json"), b"x").unwrap();
        let deep = (0..MAX_DEPTH + 1).fold(dir.path().to_owned(), |path, _| path.join("d"));
        fs::create_dir_all(deep).unwrap();
        let named = files(&[dir.path().to_owned()]);
        assert!(matches!(named.as_slice(), [Named { error: Some(Error::FolderTooLarge { .. }), .. }]), "{named:?}");
    }
}
