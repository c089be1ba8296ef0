//! Checks an export without a store: every entry's own hash, every link, up to signed heads.
//!
//! An altered entry is named, whether its text, its hash or its place was changed. Whoever could change
//! everything up to the head would still need the signing key: compare `public_key` with one that came on
//! another way, or give it as `trusted`.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::forms::{ChainIn, EndIn, EntryIn, JournalIn, Line, LinkIn, RunIn, StartIn};
use super::lines::LINES_FORMAT;
use super::{RUN_FORMAT, opened, summary};
use crate::chain;
use crate::error::Error;
use crate::keys::signing::PublicKey;
use crate::stored::Record;
use crate::verify::{Finding, Verification};
use domain::{Digest, Entry, WriterId};

/// Verifies an export of either form. With `trusted`, the heads must be signed by that key.
pub fn verify_export(
    mut input: impl BufRead,
    trusted: Option<&PublicKey>,
) -> Result<Verification, Error> {
    let mut proof = Proof { trusted: trusted.cloned(), ..Proof::default() };
    let mut first = String::new();
    input.read_line(&mut first).map_err(Error::Export)?;
    let checked = if first.starts_with("{\"journal\":") {
        proof.lines(&first, input)?
    } else {
        input.read_to_string(&mut first).map_err(Error::Export)?;
        proof.run(&first)
    };
    let mut found = proof.found;
    found.finding = checked.err();
    Ok(found)
}

/// Where the chains stand that were followed so far.
#[derive(Default)]
struct Proof {
    trusted: Option<PublicKey>,
    public: Option<PublicKey>,
    chains: BTreeMap<WriterId, Followed>,
    links: u64,
    found: Verification,
}

#[derive(Clone, Copy)]
struct Followed {
    seq: u64,
    hash: Digest,
    is_signed: bool,
}

type Checked<T = ()> = Result<T, Finding>;

fn parsed<T: std::str::FromStr>(text: &str, what: &str) -> Checked<T> {
    text.parse().map_err(|_| Finding::of(format!("`{text}` is not {what}")))
}

impl Proof {
    fn lines(&mut self, first: &str, input: impl BufRead) -> Result<Checked, Error> {
        let mut ended = false;
        let all = std::iter::once(Ok(first.to_owned())).chain(input.lines());
        for (number, line) in all.enumerate() {
            let line = line.map_err(Error::Export)?;
            if ended {
                return Ok(Err(Finding::of(format!(
                    "line {}: there is more behind the end",
                    number + 1
                ))));
            }
            let read: Result<Line, _> = serde_json::from_str(&line);
            let done = match read {
                Ok(Line::End(end)) => {
                    ended = true;
                    self.end(&end)
                }
                Ok(line) => self.line(line),
                Err(error) => Err(Finding::of(format!("it cannot be read: {error}"))),
            };
            if let Err(mut finding) = done {
                finding.what = format!("line {}: {}", number + 1, finding.what);
                return Ok(Err(finding));
            }
        }
        Ok(if ended {
            self.all_signed()
        } else {
            Err(Finding::of("it was cut: the end is missing"))
        })
    }

    fn line(&mut self, line: Line) -> Checked {
        match line {
            Line::Journal(JournalIn { format, public_key }) => {
                self.format(&format, LINES_FORMAT)?;
                self.key(&public_key)
            }
            Line::Start(StartIn { hash, seq, writer }) => self.start(&writer, seq, &hash),
            Line::Entry(entry) => self.entry(&entry).map(drop),
            Line::Link(LinkIn { digest, seq, writer }) => {
                self.link(parsed(&writer, "a writer")?, seq, &digest)
            }
            Line::Head(note) => self.head(&note),
            Line::End(end) => self.end(&end),
        }
    }

    fn end(&self, end: &EndIn) -> Checked {
        if (end.entries, end.links) == (self.found.entries, self.links) {
            return Ok(());
        }
        let EndIn { entries, links } = end;
        let (here, linked) = (self.found.entries, self.links);
        Err(Finding::of(format!(
            "{entries} entries and {links} links were exported, {here} and {linked} are here"
        )))
    }

    fn run(&mut self, text: &str) -> Checked {
        let read: Result<RunIn, _> = serde_json::from_str(text);
        let run = read.map_err(|error| Finding::of(format!("it cannot be read: {error}")))?;
        self.format(&run.format, RUN_FORMAT)?;
        self.key(&run.public_key)?;
        let mut entries = run.entries.iter();
        let mut records = Vec::with_capacity(run.entries.len());
        for chain in &run.chains {
            self.chain(chain, &mut entries, &mut records)?;
        }
        if let Some(entry) = entries.next() {
            let what = "no chain of the export leads to it".to_owned();
            return Err(Finding { position: Some(entry.position), what, ..Finding::default() });
        }
        self.all_signed()?;
        let again = summary::of(records.iter());
        for (name, given, made) in [
            ("run", &run.run, &again.run),
            ("calls", &run.calls, &again.calls),
            ("approvals", &run.approvals, &again.approvals),
        ] {
            if given != made {
                return Err(Finding::of(format!("`{name}` is not what the entries say")));
            }
        }
        if let Some(key) = &run.run_key {
            self.found.payloads = opened::check(key, &records)?;
        }
        Ok(())
    }

    /// Follows one chain through its entries and links, in the order of their numbers.
    fn chain<'a>(
        &mut self,
        chain: &ChainIn,
        entries: &mut std::slice::Iter<'a, EntryIn>,
        records: &mut Vec<Entry>,
    ) -> Checked {
        let writer: WriterId = parsed(&chain.writer, "a writer")?;
        self.start(&chain.writer, chain.start.seq, &chain.start.hash)?;
        let mut links = chain.links.iter().peekable();
        loop {
            let next = self.chains.get(&writer).map_or(1, |followed| followed.seq + 1);
            if let Some((seq, digest)) = links.next_if(|(seq, _)| *seq == next) {
                self.link(writer, *seq, digest)?;
                continue;
            }
            let is_own = |entry: &EntryIn| {
                Record::read_lenient(entry.record.get().as_bytes())
                    .map_or(true, |record| record.writer == writer)
            };
            match entries.as_slice().first().filter(|entry| is_own(entry)) {
                Some(entry) => {
                    entries.next();
                    records.push(self.entry(entry)?);
                }
                None => break,
            }
        }
        match links.next() {
            Some((seq, _)) => Err(Finding {
                writer: Some(writer),
                seq: Some(*seq),
                what: "entries before this link are missing".to_owned(),
                ..Finding::default()
            }),
            None => self.head(&chain.head),
        }
    }

    fn format(&self, found: &str, expected: &str) -> Checked {
        if found == expected {
            return Ok(());
        }
        Err(Finding::of(format!("the form is `{found}`, expected `{expected}`")))
    }

    fn key(&mut self, text: &str) -> Checked {
        let key =
            PublicKey::parse(text).map_err(|_| Finding::of("the public key cannot be read"))?;
        if self.trusted.as_ref().is_some_and(|trusted| *trusted != key) {
            return Err(Finding::of("it is signed by another key than the trusted one"));
        }
        self.found.public_key = Some(key.text());
        self.public = Some(key);
        Ok(())
    }

    fn start(&mut self, writer: &str, seq: u64, hash: &str) -> Checked {
        let writer = parsed(writer, "a writer")?;
        let hash: Digest = parsed(hash, "a hash")?;
        if seq == 0 && hash != Digest::default() {
            let what = "nothing can stand before the first entry".to_owned();
            return Err(Finding { writer: Some(writer), what, ..Finding::default() });
        }
        self.found.chains += 1;
        self.chains.insert(writer, Followed { seq, hash, is_signed: false });
        Ok(())
    }

    fn entry(&mut self, entry: &EntryIn) -> Checked<Entry> {
        let at =
            |what: String| Finding { position: Some(entry.position), what, ..Finding::default() };
        let record = Record::read_lenient(entry.record.get().as_bytes())
            .map_err(|error| at(format!("it cannot be read: {error}")))?;
        let here = |what: &str| Finding {
            writer: Some(record.writer),
            seq: Some(record.seq),
            ..at(what.to_owned())
        };
        let body = record.write().map_err(|error| at(error.to_string()))?;
        let hash = chain::hash(record.prev, chain::digest(&body));
        if entry.hash != hash.to_string() {
            return Err(here("it was altered: its text and its hash do not belong together"));
        }
        let before = self.followed(record.writer, record.seq);
        if before.seq + 1 != record.seq {
            let missing = format!("entries between {} and this one are missing", before.seq);
            return Err(here(&missing));
        }
        if before.hash != record.prev {
            return Err(here("it does not follow the entry before it"));
        }
        self.follow(record.writer, record.seq, hash);
        self.found.entries += 1;
        Ok(record.entry)
    }

    fn link(&mut self, writer: WriterId, seq: u64, digest: &str) -> Checked {
        let here = |what: String| Finding {
            writer: Some(writer),
            seq: Some(seq),
            what,
            ..Finding::default()
        };
        let digest: Digest =
            digest.parse().map_err(|_| here(format!("`{digest}` is not a digest")))?;
        let before = self.followed(writer, seq);
        if before.seq + 1 != seq {
            return Err(here(format!("entries between {} and this one are missing", before.seq)));
        }
        self.follow(writer, seq, chain::hash(before.hash, digest));
        self.links += 1;
        Ok(())
    }

    /// Where a chain stands before this number; a chain that begins here stands at nothing.
    fn followed(&mut self, writer: WriterId, seq: u64) -> Followed {
        let nothing = Followed { seq: 0, hash: Digest::default(), is_signed: false };
        if seq == 1 && !self.chains.contains_key(&writer) {
            self.found.chains += 1;
        }
        self.chains.get(&writer).copied().unwrap_or(nothing)
    }

    fn follow(&mut self, writer: WriterId, seq: u64, hash: Digest) {
        self.chains.insert(writer, Followed { seq, hash, is_signed: false });
    }

    fn head(&mut self, note: &str) -> Checked {
        let Some(public) = &self.public else {
            return Err(Finding::of("a head stands before the public key"));
        };
        let head = public.read(note).map_err(|error| Finding::of(error.to_string()))?.head;
        let here = |what: &str| Finding {
            writer: Some(head.writer),
            seq: Some(head.seq),
            what: what.to_owned(),
            ..Finding::default()
        };
        let Some(followed) = self.chains.get_mut(&head.writer) else {
            return Err(here("a signed head names a chain that is not here"));
        };
        if (followed.seq, followed.hash) != (head.seq, head.hash) {
            return Err(here("the chain does not lead to what the signed head names"));
        }
        followed.is_signed = true;
        self.found.heads += 1;
        self.found.head = Some(head);
        Ok(())
    }

    fn all_signed(&self) -> Checked {
        match self.chains.iter().find(|(_, followed)| !followed.is_signed) {
            Some((writer, followed)) => Err(Finding {
                writer: Some(*writer),
                seq: Some(followed.seq),
                what: "no signed head covers it".to_owned(),
                ..Finding::default()
            }),
            None => Ok(()),
        }
    }
}
