//! Tokens in a row with their lines, and the stretches of them that are test code.
//!
//! In: a token tree. Out: flat tokens (groups become their brackets), doc comments left out; the lines of every item
//! under `#[cfg(test)]` or a `#[test]` of any runner; the names of test modules kept in other files.
//! Nothing is resolved: an attribute is judged by its words alone. The tests are in `source.rs`.

use std::ops::RangeInclusive;

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

/// A word, sign, literal or bracket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Its text; a literal keeps its quotes.
    pub(crate) text: String,
    /// The first line, from 1.
    pub(crate) line: usize,
    last: usize,
}

impl Token {
    /// The lines it covers.
    pub(crate) fn lines(&self) -> RangeInclusive<usize> {
        self.line..=self.last
    }

    fn new(text: impl Into<String>, span: Span) -> Self {
        Self { text: text.into(), line: span.start().line, last: span.end().line }
    }
}

/// Where test code is.
#[derive(Debug, Default)]
pub(crate) struct TestCode {
    pub(crate) lines: Vec<RangeInclusive<usize>>,
    pub(crate) modules: Vec<String>,
}

/// What a token tree holds.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) tokens: Vec<Token>,
    pub(crate) tests: TestCode,
}

/// Flattens a token tree.
pub(crate) fn read(stream: TokenStream) -> Read {
    let mut read = Read::default();
    read.add(stream);
    read
}

impl Read {
    fn add(&mut self, stream: TokenStream) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut rest = trees.as_slice();
        while let Some((tree, after)) = rest.split_first() {
            if let Some(attribute) = attribute(rest) {
                if attribute.is_test() {
                    self.tests.add_item(rest);
                }
                if attribute.first == "doc" {
                    rest = attribute.after;
                    continue;
                }
            }
            self.add_tree(tree);
            rest = after;
        }
    }

    fn add_tree(&mut self, tree: &TokenTree) {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = brackets(group);
                self.tokens.push(Token::new(open, group.span_open()));
                self.add(group.stream());
                self.tokens.push(Token::new(close, group.span_close()));
            }
            TokenTree::Ident(word) => self.tokens.push(Token::new(word.to_string(), word.span())),
            TokenTree::Punct(sign) => self.tokens.push(Token::new(sign.to_string(), sign.span())),
            TokenTree::Literal(one) => self.tokens.push(Token::new(one.to_string(), one.span())),
        }
    }
}

impl TestCode {
    /// Adds the item that starts with this attribute: up to its body, or to its semicolon.
    fn add_item(&mut self, trees: &[TokenTree]) {
        let Some(first) = trees.first().map(|tree| tree.span().start().line) else { return };
        let mut module = None;
        let mut previous = String::new();
        for tree in trees {
            let text = tree.to_string();
            if previous == "mod" {
                module = Some(text.clone());
            }
            let is_body =
                matches!(tree, TokenTree::Group(one) if one.delimiter() == Delimiter::Brace);
            if is_body || text == ";" {
                self.lines.push(first..=tree.span().end().line);
                self.modules.extend(module.filter(|_| !is_body));
                return;
            }
            previous = text;
        }
    }
}

/// An attribute at the start of some trees.
struct Attribute<'a> {
    first: String,
    words: Vec<String>,
    after: &'a [TokenTree],
}

impl Attribute<'_> {
    /// `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]`, `#[tokio::test]`, `#[tokio::test(…)]`.
    fn is_test(&self) -> bool {
        let has = |word: &str| self.words.iter().any(|one| one == word);
        match self.first.as_str() {
            "cfg" => has("test") && !has("not"),
            "doc" | "cfg_attr" => false,
            _ => has("test"),
        }
    }
}

fn attribute(trees: &[TokenTree]) -> Option<Attribute<'_>> {
    let (TokenTree::Punct(hash), rest) = trees.split_first()? else { return None };
    let rest = match rest.split_first()? {
        (TokenTree::Punct(inner), rest) if inner.as_char() == '!' => rest,
        _ => rest,
    };
    let (TokenTree::Group(group), after) = rest.split_first()? else { return None };
    if hash.as_char() != '#' || group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let mut inside = Read::default();
    for tree in group.stream() {
        inside.add_tree(&tree);
    }
    let words: Vec<String> = inside.tokens.into_iter().map(|token| token.text).collect();
    Some(Attribute { first: words.first()?.clone(), words, after })
}

fn brackets(group: &Group) -> (&'static str, &'static str) {
    match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}
