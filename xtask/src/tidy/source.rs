//! A Rust file as the rules see it: tokens with lines, functions with code lines, and which lines are test code.
//!
//! In: a path and text. Out: tokens without doc comments, the lines that hold code, every function, and the modules that
//! `#[cfg(test)] mod name;` brings in. Code in macro calls counts as lines; functions made by macros are not seen.
//! Parsing is syn's; test code is found among the tokens, so that it is found inside macros too. Tests are at the end.

mod functions;
mod tokens;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use anyhow::Context;

pub(crate) use self::functions::Function;
pub(crate) use self::tokens::Token;

/// One parsed file.
#[derive(Debug)]
pub(crate) struct Source {
    /// The path from the root, with `/` between parts.
    pub(crate) path: String,
    /// The text as it is.
    pub(crate) text: String,
    /// All tokens in order, comments left out.
    pub(crate) tokens: Vec<Token>,
    functions: Vec<Function>,
    code: BTreeSet<usize>,
    tests: tokens::TestCode,
    all_tests: bool,
}

impl Source {
    /// Parses a file; text that is not Rust is an error.
    pub(crate) fn parse(path: &str, text: String) -> anyhow::Result<Self> {
        let file = syn::parse_file(&text).context("not parsed as Rust")?;
        let stream = text.parse().map_err(|error| anyhow::anyhow!("not lexed as Rust: {error}"))?;
        let read = tokens::read(stream);
        Ok(Self {
            path: path.to_owned(),
            functions: functions::of(&file),
            code: read.tokens.iter().flat_map(Token::lines).collect(),
            all_tests: path.starts_with("tests/") || path.contains("/tests/"),
            tests: read.tests,
            tokens: read.tokens,
            text,
        })
    }

    /// Whether the line belongs to a test module, a test function or a file of tests.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.all_tests || self.tests.lines.iter().any(|range| range.contains(&line))
    }

    /// How many lines hold code that is not test code.
    pub(crate) fn code_lines(&self) -> usize {
        self.code.iter().filter(|line| !self.is_test(**line)).count()
    }

    /// Whether the whole file is test code.
    pub(crate) fn all_tests(&self) -> bool {
        self.all_tests
    }

    /// Every function outside test code, with the number of its code lines.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&Function, usize)> {
        let product = self.functions.iter().filter(|function| !self.is_test(function.first));
        product.map(|function| (function, self.code_in(function.first..=function.last)))
    }

    fn code_in(&self, lines: RangeInclusive<usize>) -> usize {
        self.code.range(lines).count()
    }

    /// The paths that `#[cfg(test)] mod name;` in this file may stand for.
    fn test_module_paths(&self) -> Vec<String> {
        let stem = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let (parent, name) = stem.rsplit_once('/').unwrap_or(("", stem));
        let inside = match name {
            "lib" | "main" | "mod" => parent,
            _ => stem,
        };
        let modules = self.tests.modules.iter();
        modules.map(|module| format!("{inside}/{module}")).collect()
    }
}

/// Marks the files that another file brings in as a test module, and all below them.
pub(crate) fn mark_test_modules(sources: &mut [Source]) {
    let modules: Vec<String> = sources.iter().flat_map(Source::test_module_paths).collect();
    for source in sources {
        source.all_tests |= modules.iter().any(|module| {
            let rest = source.path.strip_prefix(module.as_str());
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn comments_docs_and_blank_lines_are_no_code() {
        let text = "//! Doc.\n\nuse a::b;\n/// Doc.\nfn f() {\n    // Why.\n\n    g();\n}\n";
        let source = sample("src/a.rs", text);
        assert_eq!(source.code_lines(), 4);
        let functions: Vec<_> = source.functions().map(|(f, lines)| (&*f.name, lines)).collect();
        assert_eq!(functions, [("f", 3)]);
    }

    #[test]
    fn text_over_several_lines_is_code() {
        assert_eq!(sample("src/a.rs", "const A: &str = \"one\ntwo\nthree\";\n").code_lines(), 3);
    }

    #[test]
    fn test_module_in_the_file_is_left_out() {
        let text = "fn f() {}\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\nfn h() {}\n";
        let source = sample("src/a.rs", text);
        assert_eq!(source.code_lines(), 2);
        assert!(source.is_test(4) && !source.is_test(6));
    }

    #[test]
    fn test_module_in_a_file_of_its_own_is_left_out() {
        let mut sources = [
            sample("src/a.rs", "#[cfg(test)]\nmod checks;\nmod kept;\n"),
            sample("src/a/checks.rs", "fn f() {}\n"),
            sample("src/a/checks/more.rs", "fn f() {}\n"),
            sample("src/a/kept.rs", "fn f() {}\n"),
        ];
        mark_test_modules(&mut sources);
        let lines: Vec<usize> = sources.iter().map(Source::code_lines).collect();
        assert_eq!(lines, [1, 0, 0, 1]);
    }

    #[test]
    fn text_that_is_not_rust_is_an_error() {
        Source::parse("src/a.rs", "fn (".into()).unwrap_err();
    }
}
