//! The verbs of a tool's name and description.
//!
//! ```text
//! getOrCreate_issue -> get | or | create | issue       a word of change after `or` leads again
//! list_commits      -> list | commits                  after a word that reads, `commits` is a thing
//! "Deletes a file." -> deletes                          the third person tells of the tool itself
//! ```
//! A description counts against a tool in every sentence, and for it only in its first words, where the name has no verb.

use serde_json::Value;

use super::verbs::{self, CHANGES, CHANGES_OR_THINGS, DESTROYS, JOINS, NEGATES, PAIRS, READS};

/// Words of a description that are looked at.
const WORDS_MAX: usize = 2_000;

/// What name and description say.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Why the tool changes something, one text for each sign.
    pub(super) changing: Vec<String>,
    /// Why it reads, if a word says so.
    pub(super) reads: Option<String>,
    /// Why something is lost, if a word says so.
    pub(super) destroys: Option<String>,
    /// The name's words, in lower case.
    pub(super) name: Vec<String>,
    /// The description's words, in lower case.
    pub(super) description: Vec<String>,
}

impl Reading {
    pub(super) fn of(raw: &Value) -> Self {
        let text = |key: &str| raw.get(key).and_then(Value::as_str).unwrap_or_default();
        let mut reading = Self { name: name_words(text("name")), ..Self::default() };
        let titles = [
            text("title"),
            raw.pointer("/annotations/title").and_then(Value::as_str).unwrap_or_default(),
        ];
        let name = reading.name.clone();
        let sentences = sentences(text("description"));
        let things =
            sentences.first().and_then(|words| words.first()).is_some_and(|first| shows(first));
        let led = reading.name(&name, ("name", things));
        for title in titles {
            // A title says the name again, for people; it only counts against the tool.
            let reads = reading.reads.take();
            reading.name(&name_words(title), ("title", things));
            reading.reads = reads;
        }
        reading.description(&sentences, led);
        reading.description = sentences.into_iter().flatten().collect();
        reading
    }

    /// Reads a name; whether any verb was found in it. With `things`, `console_messages` are things although no word of reading leads.
    fn name(&mut self, words: &[String], (of, things): (&str, bool)) -> bool {
        let mut reading = None;
        let mut any = false;
        for (index, word) in words.iter().enumerate() {
            let leads = index == 0
                || words.get(index - 1).is_some_and(|before| JOINS.contains(&before.as_str()));
            let word = word.as_str();
            if let Some(verb) = verbs::base(word, |word| CHANGES.contains(&word)) {
                any = true;
                if thing(word, verb) && reading.is_some() && !leads {
                    continue;
                }
                self.changes(verb, format!("`{word}` in the {of} is a word of change"));
            } else if verbs::base(word, |word| CHANGES_OR_THINGS.contains(&word)).is_some() {
                let thing = things && index > 0 && (word.ends_with('s') || word == "log");
                any |= !thing;
                if (reading.is_none() && !thing) || leads {
                    self.changing.push(format!("`{word}` leads the {of}"));
                }
            } else if READS.contains(&word) {
                any = true;
                reading.get_or_insert_with(|| format!("`{word}` in the {of} is a word of reading"));
            }
        }
        let pair = words.windows(2).find_map(|pair| match pair {
            [one, other] => PAIRS.iter().find(|(first, second)| one == first && other == second),
            _ => None,
        });
        if let Some((one, other)) = pair {
            self.changing.push(format!("`{one} {other}` in the {of} is a change"));
        }
        self.reads = self.reads.take().or(reading);
        any
    }

    fn changes(&mut self, verb: &str, why: String) {
        if DESTROYS.contains(&verb) {
            self.destroys.get_or_insert_with(|| why.clone());
        }
        self.changing.push(why);
    }

    fn description(&mut self, sentences: &[Vec<String>], named: bool) {
        for (index, words) in sentences.iter().enumerate() {
            if !named && index == 0 && self.reads.is_none() {
                let first = words.first().map(String::as_str).unwrap_or_default();
                let verb = verbs::base(first, |word| READS.contains(&word));
                self.reads = verb.map(|_| format!("the description begins with `{first}`"));
            }
            self.sentence(index, words);
        }
    }

    /// A verb counts where it leads, joins a verb that does, or stands in the third person, which speaks of the tool.
    fn sentence(&mut self, index: usize, words: &[String]) {
        for (at, word) in words.iter().enumerate() {
            let known = |word: &str| CHANGES.contains(&word);
            // `Use this to …` and `Call it when …` speak to the caller, not of the tool.
            let acts = index == 0 || words.get(1).is_some_and(|next| object(next));
            let begins = at == 0 && acts && !matches!(word.as_str(), "use" | "call" | "like");
            let leading = |word: &str| begins && CHANGES_OR_THINGS.contains(&word);
            let Some(verb) = verbs::base(word, known).or_else(|| verbs::base(word, leading)) else {
                continue;
            };
            let before = at
                .checked_sub(1)
                .and_then(|at| words.get(at))
                .map(String::as_str)
                .unwrap_or_default();
            let third = word != verb && !follows_an_article(before);
            let tells = at == 0
                || JOINS.contains(&before)
                || matches!(
                    before,
                    "will"
                        | "can"
                        | "may"
                        | "might"
                        | "could"
                        | "optionally"
                        | "automatically"
                        | "tool"
                        | "it"
                        | "this"
                )
                || third;
            if tells && !negated(words, at) {
                self.changes(verb, format!("the description says `{word}`"));
            }
        }
    }
}

/// Whether a changing word, in the form that stands here, is also a common noun (`sets`, `patches`, `forms`).
fn thing(word: &str, verb: &str) -> bool {
    word != verb
        && matches!(
            verb,
            "set"
                | "patch"
                | "store"
                | "copy"
                | "format"
                | "clone"
                | "email"
                | "edit"
                | "replace"
                | "vote"
                | "pin"
                | "merge"
                | "book"
                | "mark"
                | "tweet"
                | "make"
                | "leave"
                | "deploy"
                | "join"
                | "launch"
                | "trigger"
                | "swap"
                | "transfer"
                | "refund"
                | "grant"
        )
}

/// Whether a description that begins so says that something is shown. `Returns` does not: so do tools that change something.
fn shows(first: &str) -> bool {
    let known = |word: &str| {
        matches!(
            word,
            "get" | "list" | "show" | "display" | "retrieve" | "read" | "view" | "describe"
        )
    };
    verbs::base(first, known).is_some()
}

/// Whether a word begins what a verb acts on.
fn object(word: &str) -> bool {
    matches!(
        word,
        "a" | "an" | "the" | "it" | "them" | "all" | "its" | "this" | "your" | "each" | "any"
    )
}

/// After an article or a preposition stands a noun.
fn follows_an_article(word: &str) -> bool {
    matches!(
        word,
        "a" | "an"
            | "the"
            | "all"
            | "any"
            | "each"
            | "its"
            | "of"
            | "in"
            | "for"
            | "with"
            | "and"
            | "or"
            | "to"
            | "from"
            | "these"
            | "those"
            | "multiple"
            | "several"
            | "many"
            | "some"
            | "available"
            | "existing"
            | "recent"
            | "your"
            | "both"
            | "by"
            | "on"
            | "about"
            | "no"
    )
}

/// Whether one of the few words before says that it does not happen.
fn negated(words: &[String], at: usize) -> bool {
    const NEAR: usize = 3;
    words
        .get(at.saturating_sub(NEAR)..at)
        .unwrap_or_default()
        .iter()
        .any(|word| NEGATES.contains(&word.as_str()))
}

/// The words of a name: at signs, at capitals, at digits that end a word.
pub(super) fn name_words(name: &str) -> Vec<String> {
    const CHARACTERS_MAX: usize = 256;
    let mut words = Vec::new();
    let mut word = String::new();
    let mut last_lower = false;
    let mut rest = name.chars().take(CHARACTERS_MAX).peekable();
    while let Some(character) = rest.next() {
        if !character.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
            last_lower = false;
            continue;
        }
        // `getURLFor` is `get url for`: a capital begins a word after a small letter, and before one.
        let before_lower = rest.peek().is_some_and(|next| next.is_lowercase());
        if character.is_uppercase() && (last_lower || (before_lower && !word.is_empty())) {
            words.push(std::mem::take(&mut word));
        }
        last_lower = character.is_lowercase() || character.is_numeric();
        word.extend(character.to_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The sentences of a description, as words in lower case.
pub(super) fn sentences(text: &str) -> Vec<Vec<String>> {
    let mut left = WORDS_MAX;
    let mut sentences = Vec::new();
    for sentence in text.split(['.', '\n', ';', ':', '!', '?', '(', ')', '•']) {
        let words = sentence
            .split(|character: char| {
                !(character.is_alphanumeric() || matches!(character, '\'' | '’' | '_'))
            })
            .filter(|word| !word.is_empty())
            .take(left)
            .map(|word| word.to_lowercase().replace('’', "'"));
        let words: Vec<String> = words.collect();
        left = left.saturating_sub(words.len());
        if !words.is_empty() {
            sentences.push(words);
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_where_a_reader_cuts_it() {
        for (given, expect) in [
            ("getOrCreate_issue", "get or create issue"),
            ("API-get-user", "api get user"),
            ("getURLFor", "get url for"),
            ("browser.navigate_back", "browser navigate back"),
            ("kubectl_get", "kubectl get"),
            ("", ""),
        ] {
            assert_eq!(name_words(given).join(" "), expect, "{given}");
        }
    }
}
