//! `[[command]]`: programs that agents may run, and what their jail holds.
//! In: their twins from the file. Out: domain values; a value that is wrong is noted with its line and its rule
//! (`contract::command::rules`). Whether a readable path leads to what nobody may read is the business of `check`, which
//! knows where everything lies. Tests are in `tests/it/commands.rs`.

use std::collections::BTreeMap;
use std::ops::Range;

use contract::command::rules::{self, Fault};
use contract::visible::short;
use domain::{CommandRole, JailNeeds, NamedCommand, limits};

use super::{Problem, Reader, Text, file};

impl Reader<'_> {
    pub(super) fn commands(
        &mut self,
        written: Vec<file::Command>,
        everywhere: &[String],
    ) -> Vec<NamedCommand> {
        if let Some(surplus) = written.get(limits::NAMED_COMMANDS_MAX) {
            self.too_many("commands", limits::NAMED_COMMANDS_MAX, surplus.program.span());
            return Vec::new();
        }
        let mut commands: Vec<NamedCommand> = Vec::new();
        for each in written {
            let at = each.program.span();
            let command = self.command(each, everywhere);
            let same = |other: &NamedCommand| {
                (&other.program, &other.arguments) == (&command.program, &command.arguments)
            };
            if commands.iter().any(same) {
                let message = format!("command `{}` is named twice", line(&command));
                self.note(Problem::new(message, "name it once"), Some(at));
            }
            commands.push(command);
        }
        commands
    }

    fn command(&mut self, written: file::Command, everywhere: &[String]) -> NamedCommand {
        if let Err(fault) = rules::program(written.program.get_ref()) {
            let fix = format!(
                "{}; for a script of the workspace name its interpreter: `program = \"sh\"`, `arguments = \
                 [\"scripts/test.sh\"]`",
                fault.fix
            );
            self.note(Problem::new(fault.what, fix), Some(written.program.span()));
        }
        self.words(&written.arguments, written.program.span());
        let role = written.role.as_ref().and_then(|text| self.role(text));
        let arguments: Vec<String> = written.arguments.into_iter().map(Text::into_inner).collect();
        if let Some(text) = &written.role
            && let Err(fault) = rules::role(written.program.get_ref(), &arguments)
        {
            self.wrong(fault, text.span());
        }
        let mut reads = self.reads(&written.reads);
        let more = everywhere.iter().filter(|path| !reads.contains(path)).cloned();
        reads = reads.iter().cloned().chain(more).collect();
        NamedCommand {
            program: written.program.into_inner(),
            arguments,
            role,
            needs: JailNeeds {
                reads,
                caches: self.caches(&written.caches),
                hosts: Vec::new(),
                environment: self.variables(written.environment),
            },
        }
    }

    fn words(&mut self, words: &[Text], at: Range<usize>) {
        if let Err(fault) = rules::words(words.iter().map(|word| word.get_ref().as_str())) {
            self.wrong(fault, at);
        }
        for word in words {
            if let Err(fault) = rules::word(word.get_ref()) {
                self.wrong(fault, word.span());
            }
        }
    }

    fn role(&mut self, text: &Text) -> Option<CommandRole> {
        let role = CommandRole::from_word(text.get_ref());
        if role.is_none() {
            let message = format!("`{}` is not one of the words", short(text.get_ref()));
            self.note(Problem::new(message, "write `test`, `build` or `lint`"), Some(text.span()));
        }
        role
    }

    /// Readable paths: they must be there, because a jail without its toolchain fails in ways that nobody understands.
    pub(super) fn reads(&mut self, written: &[Text]) -> Vec<String> {
        self.not_too_many_paths(written);
        let mut paths = Vec::new();
        for text in written {
            let path = self.homes.written(text.get_ref());
            if let Err(fault) = rules::reads(&path) {
                self.wrong(fault, text.span());
            } else if !std::path::Path::new(&path).exists() {
                let problem = Problem::new(
                    format!("`{}` is not there", short(&path)),
                    "correct it, or take it out",
                );
                self.note(problem, Some(text.span()));
            } else {
                paths.push(path);
            }
        }
        paths
    }

    fn caches(&mut self, written: &[Text]) -> Vec<String> {
        self.not_too_many_paths(written);
        let mut caches = Vec::new();
        for text in written {
            match rules::cache(text.get_ref()) {
                Ok(path) => caches.push(path),
                Err(fault) => self.wrong(fault, text.span()),
            }
        }
        caches
    }

    fn not_too_many_paths(&mut self, written: &[Text]) {
        if let Some(surplus) = written.get(limits::JAIL_PATHS_MAX) {
            self.too_many("paths", limits::JAIL_PATHS_MAX, surplus.span());
        }
    }

    fn variables(&mut self, written: BTreeMap<String, Text>) -> BTreeMap<String, String> {
        if let Some(surplus) = written.values().nth(limits::JAIL_VARIABLES_MAX) {
            self.too_many("variables", limits::JAIL_VARIABLES_MAX, surplus.span());
        }
        for (name, value) in &written {
            if let Err(fault) = rules::variable(name, value.get_ref()) {
                self.wrong(fault, value.span());
            }
        }
        written.into_iter().map(|(name, value)| (name, value.into_inner())).collect()
    }

    pub(super) fn wrong(&mut self, fault: Fault, at: Range<usize>) {
        self.note(Problem::new(fault.what, fault.fix), Some(at));
    }

    pub(super) fn too_many(&mut self, what: &str, most: usize, at: Range<usize>) {
        self.note(Problem::new(format!("more than {most} {what}"), "name fewer"), Some(at));
    }
}

fn line(command: &NamedCommand) -> String {
    let words = command.arguments.iter().map(String::as_str);
    short(&std::iter::once(command.program.as_str()).chain(words).collect::<Vec<_>>().join(" "))
}
