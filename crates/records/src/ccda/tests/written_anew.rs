//! The same document in other letters: the same records.

use super::*;

/// A portal hands the same document out again with other line ends or in another encoding.
#[test]
fn a_document_written_anew_is_the_same_document() {
    let ids = |bytes: &[u8], sha256: [u8; 32]| {
        let limits = Limits::default();
        let source = Source { name: "a.xml", sha256, now: 0, limits: &limits };
        let mut out = Vec::new();
        read(bytes, &source, &mut |found| {
            if let Found::Resource(converted) = found {
                out.push(converted.resource["id"].as_str().unwrap().to_owned());
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        out
    };
    let first = ids(SAMPLE.as_bytes(), [1; 32]);
    let wide: Vec<u8> = SAMPLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(ids(&wide, [2; 32]), first);
    assert_eq!(ids(SAMPLE.replace('\n', "\r\n").as_bytes(), [3; 32]), first);
}
