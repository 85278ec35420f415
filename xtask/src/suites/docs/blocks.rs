//! The fenced blocks of code of a Markdown page, and what the comment before one says about it.
//!
//! A block runs as it stands unless an HTML comment right before it says otherwise:
//! `<!-- test: frame=NAME script=NAME -->`, `<!-- test: skip, REASON -->` and so on. What the words
//! mean is in tests/docs/README.md. A comment that no block follows is a mistake, and so is a block in
//! a language that nobody knows how to try.

use anyhow::{Result, bail};

/// One fenced block of code.
#[derive(Debug)]
pub(super) struct Block {
    /// The word behind the fence.
    pub(super) language: String,
    /// The line of the fence, from 1.
    pub(super) line: usize,
    pub(super) code: String,
    pub(super) wishes: Wishes,
}

/// What the comment before a block asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    /// Not run, for this reason.
    pub(super) skip: Option<String>,
    /// A file of tests/docs/frames that the block is put into.
    pub(super) frame: Option<String>,
    /// A file of tests/docs/scripts that the model answers from.
    pub(super) script: Option<String>,
    /// A folder of tests/docs/files that is copied into the program's working folder.
    pub(super) files: Option<String>,
    /// The block is a test file of pytest or vitest.
    pub(super) test_file: bool,
    /// What the program must print.
    pub(super) prints: Option<String>,
}

/// Languages whose blocks are programs.
pub(super) const PROGRAMS: [&str; 4] = ["python", "js", "ts", "rust"];
/// Languages whose blocks are for reading.
const READ: [&str; 5] = ["sh", "text", "toml", "yaml", "json"];

/// All blocks of a page.
///
/// # Errors
/// For a comment that is not understood or that no block follows, for a language that is not known, and
/// for a block without an end.
pub(super) fn blocks(text: &str) -> Result<Vec<Block>> {
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    let mut wishes: Option<Wishes> = None;
    for (index, line) in text.lines().enumerate() {
        let (trimmed, number) = (line.trim(), index + 1);
        if let Some(block) = &mut open {
            if trimmed == "```" {
                found.extend(open.take());
            } else {
                block.code.push_str(line);
                block.code.push('\n');
            }
        } else if let Some(language) = trimmed.strip_prefix("```") {
            if !PROGRAMS.contains(&language) && !READ.contains(&language) {
                bail!("line {number}: nobody knows how to try a block in {language:?}");
            }
            open = Some(Block {
                language: language.to_owned(),
                line: number,
                code: String::new(),
                wishes: wishes.take().unwrap_or_default(),
            });
        } else if wishes.is_some() && !trimmed.is_empty() {
            bail!("line {number}: a block must follow the comment");
        } else if let Some(words) = trimmed.strip_prefix("<!-- test:") {
            let Some(words) = words.strip_suffix("-->") else {
                bail!("line {number}: the comment goes over more than a line");
            };
            wishes = Some(read(words.trim(), number)?);
        }
    }
    if open.is_some() || wishes.is_some() {
        bail!("the last block has no end, or the last comment no block");
    }
    Ok(found)
}

fn read(words: &str, line: usize) -> Result<Wishes> {
    let mut wishes = Wishes::default();
    if let Some(reason) = words.strip_prefix("skip") {
        let reason = reason.trim_matches([',', ' ']);
        if reason.is_empty() {
            bail!("line {line}: `skip` needs a reason");
        }
        wishes.skip = Some(reason.to_owned());
        return Ok(wishes);
    }
    let (words, prints) = match words.split_once("prints=") {
        Some((words, prints)) => (words, Some(prints.trim().to_owned())),
        None => (words, None),
    };
    wishes.prints = prints;
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some(("frame", name)) => wishes.frame = Some(name.to_owned()),
            Some(("files", name)) => wishes.files = Some(name.to_owned()),
            Some(("script", name)) => wishes.script = Some(name.to_owned()),
            None if word == "test-file" => wishes.test_file = true,
            _ => bail!("line {line}: {word:?} is not understood"),
        }
    }
    Ok(wishes)
}

/// `code` in the place of the line of `frame` that says `the block`, indented like it. JavaScript's imports go
/// to the top of the program, where they must be.
///
/// # Errors
/// When the frame has no such line.
pub(super) fn framed(frame: &str, code: &str) -> Result<String> {
    let mut out = String::new();
    let mut done = false;
    let import = |line: &&str| line.starts_with("import ") && line.ends_with(';');
    let (imports, code): (Vec<&str>, Vec<&str>) = code.lines().partition(import);
    for line in imports {
        out.push_str(line);
        out.push('\n');
    }
    for line in frame.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if ["# the block", "// the block"].contains(&line.trim()) {
            done = true;
            for line in &code {
                if !line.is_empty() {
                    out.push_str(indent);
                    out.push_str(line);
                }
                out.push('\n');
            }
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    if !done {
        bail!("the frame has no line `# the block` or `// the block`");
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::{Wishes, blocks, framed};

    #[test]
    fn finds_the_blocks_that_run() {
        let found =
            blocks("a\n```python\nx = 1\n\ny\n```\n```sh\nls\n```\n```rust\nfn main() {}\n```\n")
                .unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|b| (b.language.as_str(), b.line, b.code.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("python", 2, "x = 1\n\ny\n"),
                ("sh", 7, "ls\n"),
                ("rust", 10, "fn main() {}\n")
            ]
        );
    }

    #[test]
    fn a_comment_counts_for_the_next_block_alone() {
        let text = "<!-- test: frame=thread script=two prints=Hello you -->\n```js\n```\n```js\n```\n\
                    <!-- test: skip, why -->\n\n```ts\n```\n";
        let found = blocks(text).unwrap();
        let first = Wishes {
            frame: Some("thread".to_owned()),
            script: Some("two".to_owned()),
            prints: Some("Hello you".to_owned()),
            ..Wishes::default()
        };
        let last = Wishes {
            skip: Some("why".to_owned()),
            ..Wishes::default()
        };
        let wishes: Vec<_> = found.into_iter().map(|block| block.wishes).collect();
        assert_eq!(wishes, [first, Wishes::default(), last]);
    }

    #[test]
    fn nothing_is_passed_over_in_silence() {
        for page in [
            "<!-- test: skip -->\n```js\n```",
            "<!-- test: hurry -->\n```js\n```",
            "<!-- test: skip, why -->\ntext between\n```js\n```",
            "<!-- test: skip, why -->\n",
            "```pyhton\n```",
            "```\n```",
            "```js\n",
        ] {
            assert!(blocks(page).is_err(), "{page}");
        }
    }

    #[test]
    fn a_frame_indents_its_block() {
        let python = framed("def f():\n    # the block\nf()\n", "if x:\n    y\n\nz\n").unwrap();
        assert_eq!(python, "def f():\n    if x:\n        y\n\n    z\nf()\n");
        let script = framed("  // the block\n", "import x from \"x\";\nx();\n").unwrap();
        assert_eq!(script, "import x from \"x\";\n  x();\n");
    }
}
