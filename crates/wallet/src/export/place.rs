//! Where an export goes, and the fonts of this system that its pages may need.

use crate::{Error, Result};
use carnet_records::pdf::Fonts;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The most bytes of a font that is read.
const MAX_FONT: u64 = 64 << 20;

/// Fonts for Chinese, Japanese and Korean where Linux, macOS, Windows and Android keep them; the first that is there is
/// used.
const EAST_ASIAN: [&str; 11] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/Library/Fonts/Arial Unicode.ttf",
    "C:\\Windows\\Fonts\\msyh.ttc",
    "C:\\Windows\\Fonts\\malgun.ttf",
    "/system/fonts/NotoSansCJK-Regular.ttc",
];

/// The fonts that come with the program, and one of this system's for East Asian scripts if there is one.
pub(super) fn fonts() -> Fonts {
    let readable = |path: &&&str| std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= MAX_FONT);
    // Without one, boxes stand in the place of those characters, and the page and the account say so.
    let found = EAST_ASIAN.iter().find(readable).and_then(|path| std::fs::read(path).ok());
    match found {
        Some(font) => Fonts::bundled().with(font),
        None => Fonts::bundled(),
    }
}

/// Writes a file beside its place, syncs it and moves it there: after a power cut there is all of it, or what was there
/// before.
pub(super) async fn write(path: PathBuf, bytes: Vec<u8>) -> Result<()> {
    let writing = tokio::task::spawn_blocking(move || whole(&path, &bytes).map_err(Error::file("Writing the file")));
    writing.await.map_err(|_| Error::Internal("writing a file"))?
}

fn whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut part = path.to_owned().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let placed = std::fs::File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    });
    if placed.is_err() {
        // Half a file is of no use; the first error is the one to tell.
        let _ = std::fs::remove_file(&part);
        return placed;
    }
    sync_folder(path)
}

/// The move itself is only safe once the folder is.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        return std::fs::File::open(folder)?.sync_all();
    }
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        whole(&path, b"first").unwrap();
        whole(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        // The place cannot be written: what stands in its way stays, and nothing half is left beside it.
        let blocked = folder.path().join("folder");
        std::fs::create_dir_all(blocked.join("inside")).unwrap();
        assert!(whole(&blocked, b"third").is_err());
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }
}
