//! What docs/security.md claims has a test: fixtures/security.txt says which, and this that both are there.

use std::fs;

use crate::paths;

fn read(name: &str) -> String {
    let text = fs::read_to_string(paths::root().join(name)).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_claim_of_the_page_has_its_test() {
    let page = read("docs/security.md");
    let list = fs::read_to_string(paths::root().join("fixtures/security.txt")).unwrap();
    let mut count = 0;
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (rest, needle) = line.split_once(" | ").unwrap();
        let (claim, file) = rest.rsplit_once(": ").unwrap();
        assert!(
            page.contains(claim),
            "docs/security.md does not say {claim:?}"
        );
        assert!(read(file).contains(needle), "{file} has no {needle:?}");
        count += 1;
    }
    assert!(count > 15, "{count} claims");
}
