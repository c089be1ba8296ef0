//! The rules of one suggestion: which class of tool gets which, in the words of Cedar.
//!
//! ```text
//! destroys, and cannot be put back   nothing: a comment says that it was seen and stays denied
//! destroys, and can be put back      permit where the plan shows that it is put back
//! pure or restorable                 permit;  with a consequence that no plan takes back: a hold too
//! anything else                      permit and hold
//! ```
//! In: contracts and evidence. Out: text. What the house needs (an operator's undo, no hidden code) stands in each text.

use domain::{Consequence, Contract, EffectClass, Name, limits};

use super::{Evidence, Suggested, Window, words};

/// What every suggestion begins with beside its own comment.
const ALWAYS: &str = r#"// Operators take back what a call changed. Tools of the house stand in no class, so no other rule reaches this one.
@id("undo-by-operators")
@reason("operators take back what a call changed")
permit (principal, action == Action::"checkrein.undo", resource)
when { context.workflow == "operator" };

// An approval is for what people were shown, and a permit for what was seen.
@id("hidden-code")
@reason("beside what the agent declared this writes files that run later by themselves, such as hooks or build scripts")
forbid (principal, action in Action::"class:changing", resource)
when { context has plan && context.plan.unintended_consequences.contains("code_execution") };

// What a tool of a server does is guessed until a person or a pack says so.
@id("tell-guessed-reads")
@notify("group:operators")
@reason("nobody has confirmed yet that this tool only reads")
forbid (principal, action in Action::"class:pure", resource)
when { ["inferred", "annotated"].contains(context.tool.provenance) };
"#;
const ALWAYS_RULES: usize = 3;

/// What a tool gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    Permitted,
    /// Where the plan shows that everything can be put back.
    PermittedIfRestorable,
    Asked,
    /// Unless it is a command that starts nothing but itself, or a test, a build or a linter.
    AskedUnlessCommand,
    LeftDenied,
}

fn treatment(contract: &Contract) -> Treatment {
    use Consequence as C;
    let has = |one: &Consequence| contract.consequences.contains(one);
    let destroys = [C::Delete, C::Overwrite].iter().any(has);
    let serious = [C::Money, C::Credential, C::Rights, C::Production, C::IdentityChange];
    match contract.effect_class {
        EffectClass::Restorable | EffectClass::Pure if serious.iter().any(has) => Treatment::Asked,
        EffectClass::Restorable | EffectClass::Pure if has(&C::CodeExecution) => {
            Treatment::AskedUnlessCommand
        }
        EffectClass::Restorable if destroys => Treatment::PermittedIfRestorable,
        EffectClass::Restorable | EffectClass::Pure => Treatment::Permitted,
        EffectClass::Compensable
        | EffectClass::Delayed
        | EffectClass::Irreversible
        | EffectClass::Unknown => match destroys {
            true => Treatment::LeftDenied,
            false => Treatment::Asked,
        },
    }
}

/// A text under way.
#[derive(Debug)]
pub(super) struct Written {
    text: String,
    rules: usize,
    notes: Vec<String>,
}

impl Written {
    pub(super) fn begun(calls: usize, window: &Window) -> Self {
        let head = words::head(calls, window);
        Self { text: format!("{head}\n{ALWAYS}"), rules: ALWAYS_RULES, notes: Vec::new() }
    }

    /// Something to know that is no rule. Only so many are told.
    pub(super) fn note(&mut self, note: String) {
        if self.notes.len() < limits::SUGGESTION_NOTES_MAX {
            self.notes.push(note);
        }
    }

    /// What was seen of a tool in one space.
    pub(super) fn tool(
        &mut self,
        (contract, space): (&Contract, &str),
        evidence: &Evidence,
        tenant: &Name,
    ) {
        let name = contract.name.as_str();
        if evidence.well == 0 {
            let seen = words::not_well(evidence);
            return self.note(format!("`{name}` in `{space}`: {seen}; it is not permitted"));
        }
        let treatment = treatment(contract);
        self.text.push_str(&format!("\n{}", words::evidence((contract, space), evidence)));
        if treatment == Treatment::LeftDenied {
            self.text.push_str("// It destroys what cannot be put back, so it stays denied. Write a rule yourself if it should run.\n");
            return self.note(format!(
                "`{name}` in `{space}` destroys what cannot be put back; it is not permitted"
            ));
        }
        let id = words::id(name, space);
        let who = words::condition(tenant, &evidence.agents, space);
        let mut clauses = format!("when {{ {who} }}");
        if treatment == Treatment::PermittedIfRestorable {
            clauses.push_str("\nwhen { context has plan && context.plan.restorable }");
        }
        self.rule(&format!(
            "@id(\"seen-{id}\")\n@reason(\"{}\")\npermit (principal, action == Action::\"{name}\", resource)\n{clauses};\n",
            words::reason(evidence),
        ));
        if matches!(treatment, Treatment::Asked | Treatment::AskedUnlessCommand) {
            self.hold((name, space), (&id, treatment), contract);
        }
    }

    fn hold(
        &mut self,
        (name, space): (&str, &str),
        (id, treatment): (&str, Treatment),
        contract: &Contract,
    ) {
        let mut excuses = String::new();
        if treatment == Treatment::AskedUnlessCommand {
            excuses.push_str("unless {\n    context has command &&\n    (!context.command.starts_programs || [\"test\", \"build\", \"lint\"].contains(context.command.role))\n}\n");
        }
        let space = words::text(space);
        self.rule(&format!(
            "@id(\"ask-{id}\")\n@hold(\"group:operators\")\n@reason(\"{}\")\nforbid (principal, action == Action::\"{name}\", resource)\nwhen {{ context.space == {space} }}\n{excuses}unless {{ context.approvals.contains(\"ask-{id}\") }};\n",
            words::why_asked(contract),
        ));
    }

    fn rule(&mut self, text: &str) {
        self.text.push_str(text);
        self.rules += 1;
    }

    pub(super) fn ended(self) -> Suggested {
        let Self { text, rules, notes } = self;
        Suggested { text, rules, notes }
    }
}
