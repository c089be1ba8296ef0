//! Programs that start others only by some of their options or scripts.
//!
//! Long options count by any beginning of theirs, because GNU's option reader completes them; short ones wherever their
//! letter stands in a cluster. They count behind `--` too: in `sort -o -- --compress-program=x` the `--` is the value
//! of `-o`, and which options take a value is not known here. That refuses more than necessary (`sort -k1S`,
//! `rg -- --pre`), never less. Tests: below, as tables.

/// A program that is harmless without these options.
struct Careful {
    name: &'static str,
    /// Letters of short options that start something.
    short: &'static str,
    /// Long options that start something.
    long: &'static [&'static str],
}

const CAREFUL: &[Careful] = &[
    // Runs a compressor for its temporary files.
    Careful { name: "sort", short: "", long: &["--compress-program"] },
    // `-l` runs `pr`.
    Careful { name: "diff", short: "l", long: &["--paginate"] },
    // Runs the diff program that is named.
    Careful { name: "diff3", short: "", long: &["--diff-program"] },
    Careful { name: "split", short: "", long: &["--filter"] },
    // Looks into archives with the programs for them; `-C` writes a compiled magic file, which is fine.
    Careful {
        name: "file",
        short: "zZS",
        long: &["--uncompress", "--uncompress-noreport", "--no-sandbox"],
    },
    // A preprocessor for each file, a program that names the host, and the programs for archives.
    Careful { name: "rg", short: "z", long: &["--pre", "--hostname-bin", "--search-zip"] },
];

/// What makes `find` start programs. `-delete` and `-fprint` only do what they say.
const FIND_STARTS: &[&str] = &["-exec", "-execdir", "-ok", "-okdir"];

/// Whether a program that could start others does not with these arguments.
pub(super) fn is_harmless(name: &str, arguments: &[String]) -> bool {
    if name == "find" {
        return !arguments.iter().any(|word| FIND_STARTS.contains(&word.as_str()));
    }
    if name == "sed" {
        return sed(arguments);
    }
    let Some(careful) = CAREFUL.iter().find(|careful| careful.name == name) else { return false };
    !arguments.iter().any(|word| careful.starts(word))
}

impl Careful {
    fn starts(&self, word: &str) -> bool {
        if word == "--" {
            return false;
        }
        if word.starts_with("--") {
            let given = word.split('=').next().unwrap_or(word);
            return self.long.iter().any(|option| option.starts_with(given));
        }
        let cluster = word.strip_prefix('-').unwrap_or_default();
        cluster.chars().any(|letter| self.short.contains(letter))
    }
}

/// Options of `sed` that take no script.
const SED_OPTIONS: &[&str] = &[
    "-n",
    "-E",
    "-r",
    "-s",
    "-u",
    "-z",
    "-i",
    "--quiet",
    "--silent",
    "--regexp-extended",
    "--in-place",
];

/// `sed` runs programs by the command `e` and the flag `e`. A script of one plain command is understood; any other
/// counts as starting programs, unless `--sandbox` makes sed itself refuse.
fn sed(arguments: &[String]) -> bool {
    if arguments.first().is_some_and(|word| word == "--sandbox") {
        return true;
    }
    let mut script = None;
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let word = word.as_str();
        if SED_OPTIONS.contains(&word) {
            continue;
        }
        let given = match word {
            "-e" => rest.next().map(String::as_str),
            other if other.starts_with('-') => return false,
            other => Some(other),
        };
        script = given;
        break;
    }
    // What follows are files; an option among them could bring another script.
    let files = rest.all(|word| !word.starts_with('-'));
    files && script.is_some_and(plain_sed)
}

/// `s/a/b/flags`, `5d`, `1,10p`, `$p`: one command with line numbers for an address.
fn plain_sed(script: &str) -> bool {
    let address = |letter: char| letter.is_ascii_digit() || letter == ',' || letter == '$';
    let command = script.trim_start_matches(address);
    if matches!(command, "d" | "p" | "q" | "=" | "D" | "P") {
        return true;
    }
    let Some(rest) = command.strip_prefix('s') else { return false };
    let mut letters = rest.chars();
    let Some(between) =
        letters.next().filter(|letter| letter.is_ascii_punctuation() && *letter != '\\')
    else {
        return false;
    };
    // A backslash could hide the end of a part, a line break begins another command, and a bracket makes the
    // separator an ordinary character for some.
    let body = letters.as_str();
    if body.contains(['\\', '\n', '[']) {
        return false;
    }
    let parts: Vec<&str> = body.split(between).collect();
    let [_, _, flags] = parts.as_slice() else { return false };
    flags.chars().all(|flag| matches!(flag, 'g' | 'p' | 'i' | 'I' | '0'..='9'))
}

#[cfg(test)]
mod tests {
    use super::is_harmless;

    fn check(lines: &[&str], expect: bool) {
        for line in lines {
            let mut words = line.split(' ');
            let name = words.next().unwrap();
            let words: Vec<String> = words.map(|word| word.replace('_', " ")).collect();
            assert_eq!(is_harmless(name, &words), expect, "{line}");
        }
    }

    #[test]
    fn options_that_start_programs_are_seen_however_they_are_written() {
        check(
            &[
                "sort --compress-program=x a",
                "sort --compress-program x a",
                "sort --compress-prog=x",
                "sort --co=x",
                "diff -l a b",
                "diff -ul a b",
                "diff --paginate a b",
                "diff --pag a b",
                "split --filter=x",
                "split --fil=x",
                "file -z a",
                "file -bz a",
                "rg --pre x y",
                "rg --pre=x y",
                "rg -nz x",
                "rg --hostname-bin=x",
                "diff3 --diff-program=x",
                "find . -exec x",
                "find . -execdir x",
                "find . -ok x",
                "find . -okdir x ;",
                "find -name a -exec rm {} +",
                // `--` may be the value of an option before it, and then it ends nothing.
                "sort -o -- --compress-program=./evil.sh big",
                "sort -- --compress-program=x",
                "split --additional-suffix -- --filter=./evil.sh big",
                "diff3 -L -- --diff-program=./evil.sh a b c",
                "rg -e -- --pre=./evil.sh x",
                "file -m -- -z a",
            ],
            false,
        );
        check(
            &[
                "sort -u a",
                "sort -u -- a",
                "sort --check a",
                "diff -u a b",
                "split -b 1 a",
                "file a",
                "rg -n x",
                "find . -name x -delete",
                "find .",
                "diff3 a b c",
            ],
            true,
        );
    }

    #[test]
    fn only_a_plain_script_of_sed_is_harmless() {
        check(
            &[
                "sed s/a/b/",
                "sed -n 1,10p x",
                "sed -i s/hello/there/g x",
                "sed -E -e s,a,b,2 x y",
                "sed $d x",
                "sed --sandbox e x",
            ],
            true,
        );
        check(
            &[
                "sed 1e_id x",
                "sed e x",
                "sed s/a/b/e x",
                "sed s/a/b/ge x",
                "sed s/a/b/;e x",
                "sed -f x y",
                "sed --file=x",
                "sed s/a/b/w_out x",
                "sed -e s/a/b/ -e e x",
                "sed s/a/b/ x -e e",
                "sed s/a\\/e x",
                "sed /x/e x",
                "sed -s",
                "sed s/[/]/e/e x",
                "sed p;e x",
                "sed --expression=e x",
                "sed y/a/b/;e x",
                "sed s/a/b/\ne x",
                "sed -ne p x",
                "sed",
            ],
            false,
        );
    }

    #[test]
    fn what_is_not_listed_is_not_harmless() {
        check(&["awk 1", "tar tf x", "rsync a b", "xargs", "sort2 x"], false);
    }
}
