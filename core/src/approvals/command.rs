//! Takes a shell command apart, as far as that is certain: into simple commands of literal words.
//!
//! Whatever a shell would expand, substitute, redirect or group makes the whole line opaque (`None`), and an
//! opaque line matches no rule that accepts. Nothing here runs or expands anything.

/// The shells whose `-c` is looked through.
const SHELLS: [&str; 5] = ["bash", "sh", "zsh", "dash", "ksh"];

/// The line that a command has a shell run, or the command itself: `/bin/bash -lc 'git status'` is `git status`.
pub(crate) fn unwrapped(command: &str) -> String {
    match shlex::split(command).as_deref() {
        Some([shell, flag, line])
            if is_shell(shell) && matches!(flag.as_str(), "-c" | "-lc" | "-cl") =>
        {
            line.clone()
        }
        _ => command.to_owned(),
    }
}

fn is_shell(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    SHELLS.contains(&name)
}

/// The words of each simple command of a line joined by `&&`, `||`, `;` and `|`; `None` if there is anything else
/// in it. A command of a shell's `-c` is not looked into; see [`unwrapped`].
pub(crate) fn simple_commands(line: &str) -> Option<Vec<Vec<String>>> {
    let mut commands = Vec::new();
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(&next) = chars.peek() {
        match next {
            ' ' | '\t' => {
                chars.next();
            }
            ';' | '|' | '&' => {
                chars.next();
                let doubled = chars.next_if_eq(&next).is_some();
                // A lone `&` leaves something running; `;;` belongs to `case`.
                if (next == '&') != doubled && next != '|' || words.is_empty() {
                    return None;
                }
                commands.push(std::mem::take(&mut words));
            }
            _ => words.push(word(&mut chars)?),
        }
    }
    if words.is_empty() {
        // A `;` may end a line, an operator that wants something behind it may not.
        return (line.trim_end().ends_with(';') && !commands.is_empty()).then_some(commands);
    }
    commands.push(words);
    commands
        .iter()
        .all(|words| is_plain(words))
        .then_some(commands)
}

/// An assignment before a command changes what it does, and a reserved word is no command.
fn is_plain(words: &[String]) -> bool {
    const RESERVED: [&str; 20] = [
        "!", "{", "}", "[[", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for",
        "function", "if", "select", "then", "time", "until", "while",
    ];
    words
        .first()
        .is_some_and(|first| !first.contains('=') && !RESERVED.contains(&first.as_str()))
}

/// One word, quotes taken away.
fn word(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let mut text = String::new();
    while let Some(&next) = chars.peek() {
        match next {
            ' ' | '\t' | ';' | '|' | '&' => break,
            '\'' => {
                chars.next();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        inner => text.push(inner),
                    }
                }
            }
            '"' => {
                chars.next();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '$' | '`' | '\\' | '!' => return None,
                        inner => text.push(inner),
                    }
                }
            }
            _ if is_literal(next) => {
                // A `~` stands for a home, and a `#` begins a comment, only at the beginning of a word.
                if text.is_empty() && matches!(next, '~' | '#') {
                    return None;
                }
                text.push(next);
                chars.next();
            }
            _ => return None,
        }
    }
    Some(text)
}

/// What stands for itself in every shell.
fn is_literal(char: char) -> bool {
    char.is_alphanumeric() || "_-./:=@%+,^~#".contains(char)
}

/// Commands that only read, whatever their arguments are.
const READERS: [&str; 33] = [
    "basename",
    "cat",
    "cd",
    "cksum",
    "cmp",
    "comm",
    "cut",
    "diff",
    "dirname",
    "du",
    "echo",
    "expr",
    "false",
    "grep",
    "head",
    "id",
    "ls",
    "md5sum",
    "nl",
    "od",
    "paste",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "seq",
    "sha256sum",
    "stat",
    "tail",
    "true",
    "uname",
    "wc",
    "whoami",
];

/// Arguments with which `find` does more than look.
const FIND_ACTS: [&str; 9] = [
    "-delete", "-exec", "-execdir", "-fls", "-fprint", "-fprint0", "-fprintf", "-ok", "-okdir",
];
/// Arguments with which ripgrep runs other programs.
const RG_ACTS: [&str; 3] = ["--hostname-bin", "--pre", "--search-zip"];

/// Subcommands of git that change nothing, if no argument makes them write or run something.
const GIT_READERS: [&str; 12] = [
    "blame",
    "cat-file",
    "describe",
    "diff",
    "grep",
    "log",
    "ls-files",
    "ls-tree",
    "merge-base",
    "rev-list",
    "rev-parse",
    "status",
];
/// Arguments with which those do more: they write files, or run programs that the repository names.
const GIT_ACTS: [&str; 7] = [
    "--ext-diff",
    "--filters",
    "--exec-path",
    "--open-files-in-pager",
    "--output",
    "--paginate",
    "--textconv",
];

/// Whether a simple command is known to read and nothing else.
pub(crate) fn only_reads(words: &[String]) -> bool {
    let Some((command, arguments)) = words.split_first() else {
        return false;
    };
    match command.as_str() {
        "find" => !arguments
            .iter()
            .any(|argument| FIND_ACTS.contains(&argument.as_str())),
        "rg" => !acts(arguments, &RG_ACTS, 'z'),
        // Options before the subcommand can name programs to run (`-c core.pager=...`), so there may be none.
        "git" => {
            let reads = |name: &String| GIT_READERS.contains(&name.as_str());
            arguments.first().is_some_and(reads) && !acts(arguments, &GIT_ACTS, 'O')
        }
        name => READERS.contains(&name),
    }
}

/// Whether an argument is one of the long options, which may be shortened, or has the short one.
fn acts(arguments: &[String], long: &[&str], short: char) -> bool {
    arguments.iter().any(|argument| {
        let name = argument.split('=').next().unwrap_or(argument);
        match argument.strip_prefix('-') {
            Some(rest) if rest.starts_with('-') => {
                name.len() > 2 && long.iter().any(|option| option.starts_with(name))
            }
            Some(rest) => rest.contains(short),
            None => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<String> {
        simple_commands(line).map(|commands| {
            let joined: Vec<String> = commands.iter().map(|words| words.join("·")).collect();
            joined.join(" | ")
        })
    }

    #[test]
    fn plain_lines_are_taken_apart() {
        for (line, wanted) in [
            ("git status", "git·status"),
            ("git  log\t-1 && ls", "git·log·-1 | ls"),
            ("a || b; c | d", "a | b | c | d"),
            ("ls;", "ls"),
            ("echo 'a; rm -rf $HOME' \"b c\"", "echo·a; rm -rf $HOME·b c"),
            ("echo a'b'\"c\"", "echo·abc"),
            ("make CFLAGS=-O2", "make·CFLAGS=-O2"),
            ("git show HEAD~1", "git·show·HEAD~1"),
        ] {
            assert_eq!(parsed(line).as_deref(), Some(wanted), "{line}");
        }
    }

    #[test]
    fn what_a_shell_would_interpret_is_opaque() {
        for line in [
            "",
            "   ",
            "ls >file",
            "ls > file",
            "cat <file",
            "ls &",
            "a & b",
            "a &&",
            "&& a",
            "a |",
            "a ;; b",
            "a || || b",
            "echo $HOME",
            "echo \"$HOME\"",
            "echo `id`",
            "echo $(id)",
            "(ls)",
            "{ ls; }",
            "ls *",
            "ls ?",
            "ls [a]",
            "ls ~",
            "ls ~root/x",
            "a\nb",
            "a \\\n b",
            "echo a\\ b",
            "X=1 ls",
            "echo 'open",
            "echo \"open",
            "! ls",
            "if true; then ls; fi",
            "ls # note",
            "echo \"a!b\"",
            "a\u{0}b",
            "{a,b} x",
            "time ls",
        ] {
            assert_eq!(parsed(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_shell_that_runs_a_line_is_looked_through() {
        assert_eq!(unwrapped("/bin/bash -lc 'git status'"), "git status");
        assert_eq!(unwrapped("sh -c \"ls\""), "ls");
        assert_eq!(unwrapped("bash -c ls x"), "bash -c ls x");
        assert_eq!(unwrapped("bash script.sh"), "bash script.sh");
        assert_eq!(unwrapped("/bin/bash -lc 'a $(b)'"), "a $(b)");
        assert_eq!(unwrapped(r#"/bin/bash -lc "echo 'a' \$X""#), "echo 'a' $X");
        assert_eq!(unwrapped("bash -c 'a' b c"), "bash -c 'a' b c");
    }

    #[test]
    fn readers_read() {
        let reads = |line: &str| {
            simple_commands(line).is_some_and(|all| all.iter().all(|words| only_reads(words)))
        };
        for line in [
            "ls -la",
            "cat a b | head -3",
            "git log --oneline",
            "find . -name x",
            "rg -n foo src",
            "cd a && pwd",
        ] {
            assert!(reads(line), "{line}");
        }
        for line in [
            "rm a",
            "find . -delete",
            "find . -exec rm a",
            "git -c core.pager=x log",
            "git push",
            "git diff --output=f",
            "git log --output f",
            "git log --outp=f",
            "git diff --ext-d",
            "git grep -nOless x",
            "rg -nz x",
            "rg --pre x y",
            "tee a",
            "sort -o a",
            "ls; rm a",
            "xargs rm",
            "sed -i s/a/b/ c",
            "./ls",
            "/tmp/cat a",
            "env ls",
            "sh -c ls",
            "git branch -D a",
        ] {
            assert!(!reads(line), "{line}");
        }
    }
}
