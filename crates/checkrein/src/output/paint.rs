//! Colour, where a person sees it: never off a terminal, never with `NO_COLOR`, never on a dumb terminal.
//!
//! In: text that is already safe to show. Out: the same text, in a tone. Words carry the meaning, colour only helps.

/// What a piece of text is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It is as it should be.
    Good,
    /// Somebody should look.
    Care,
    /// It is not as it should be.
    Bad,
    /// A heading.
    Strong,
    /// Said beside.
    Quiet,
}

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// With colours.
    Coloured,
    /// As it is.
    Plain,
}

impl Paint {
    /// For a stream: coloured if it is a terminal that shows colours and nobody forbids it (no-color.org).
    pub(crate) fn of(is_terminal: bool) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        match is_terminal && !dumb && !set("NO_COLOR") {
            true => Self::Coloured,
            false => Self::Plain,
        }
    }

    /// The text in a tone.
    pub(crate) fn tone(self, tone: Tone, text: &str) -> String {
        let code = match (self, tone) {
            (Self::Plain, _) => return text.to_owned(),
            (Self::Coloured, Tone::Good) => "32",
            (Self::Coloured, Tone::Care) => "33",
            (Self::Coloured, Tone::Bad) => "31",
            (Self::Coloured, Tone::Strong) => "1",
            (Self::Coloured, Tone::Quiet) => "2",
        };
        format!("\u{1B}[{code}m{text}\u{1B}[0m")
    }

    /// A word of the glossary in the tone that fits it.
    pub(crate) fn word(self, word: &str, padded: &str) -> String {
        match word {
            "succeeded" | "allow" | "approved" | "active" | "open" | "done" | "undone"
            | "withdrawn" | "ok" => self.tone(Tone::Good, padded),
            "held" | "pending" | "partial" | "in_doubt" | "notify" | "hold" | "paused"
            | "warning" | "due" | "armed" => self.tone(Tone::Care, padded),
            "denied" | "failed" | "stopped" | "deny" | "rejected" | "revoked" | "in_force"
            | "impossible" | "error" => self.tone(Tone::Bad, padded),
            _other_words => padded.to_owned(),
        }
    }
}
