//! The kept corpus of the fuzz targets, replayed: what a target has learnt is looked at on each run.

use std::path::Path;

use codexkit::fuzzing::TARGETS;

#[test]
fn the_kept_corpus_of_each_fuzz_target_finds_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (name, target) in TARGETS {
        let folder = std::fs::read_dir(root.join(name)).expect("each target has a corpus");
        let mut files: Vec<_> = folder.map(|entry| entry.expect("a file").path()).collect();
        assert!(files.len() >= 10, "{name} has seeds");
        files.sort();
        for file in files {
            let data = std::fs::read(&file).expect("readable");
            let calm = std::panic::catch_unwind(|| target(&data));
            assert!(calm.is_ok(), "{} makes {name} panic", file.display());
        }
    }
}
