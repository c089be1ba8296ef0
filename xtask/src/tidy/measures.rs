//! Sizes of files and functions against the bounds of the project's style; test code is not measured.
//!
//! In: sources. Out: per bound what was measured and what breaks it. A file is measured in lines that hold code, a
//! function from its signature to its closing brace. Percentiles are by nearest rank. Tests are at the end.

use super::report::Finding;
use super::source::Source;

/// The median file has at most this many lines of code.
const FILE_MEDIAN: usize = 120;
/// The 95th percentile of files stays below this many.
const FILE_P95: usize = 450;
/// 95 of 100 functions stay below this many.
const FUNCTION_USUAL: usize = 40;
/// No function has more.
const FUNCTION_MOST: usize = 70;
/// The journey is read in one screen.
const JOURNEY_MOST: usize = 40;
const JOURNEY: (&str, &str) = ("crates/gate/", "Gate::handle");

/// What was measured, as text, and what breaks the bound.
#[derive(Debug)]
pub(crate) struct Measure {
    pub(crate) shown: String,
    pub(crate) findings: Vec<Finding>,
}

/// Measures everything.
pub(crate) fn check(sources: &[Source]) -> Vec<(&'static str, Measure)> {
    let functions = functions(sources);
    vec![
        ("file lines", files(sources)),
        ("function lines", usual(&functions)),
        ("longest function", longest(&functions)),
        ("journey", journey(&functions)),
    ]
}

/// A function outside test code: its file, its name, its code lines.
struct Sized<'a> {
    path: &'a str,
    name: &'a str,
    lines: usize,
}

fn functions(sources: &[Source]) -> Vec<Sized<'_>> {
    let each = sources.iter().flat_map(|source| {
        let functions = source.functions();
        functions.map(|(function, lines)| Sized { path: &source.path, name: &function.name, lines })
    });
    each.collect()
}

fn files(sources: &[Source]) -> Measure {
    let product = sources.iter().filter(|source| !source.all_tests());
    let mut lines: Vec<usize> = product.map(Source::code_lines).collect();
    lines.sort_unstable();
    let (median, p95) = (percentile(&lines, 50), percentile(&lines, 95));
    let mut findings = Vec::new();
    if median > FILE_MEDIAN {
        let text =
            format!("the median file has {median} lines of code, at most {FILE_MEDIAN} are right");
        findings.push(Finding::new("median", text).measured(median));
    }
    if p95 >= FILE_P95 {
        let text = format!("one file in twenty has {p95} lines of code, below {FILE_P95} is right");
        findings.push(Finding::new("p95", text).measured(p95));
    }
    let (count, most) = (lines.len(), lines.last().copied().unwrap_or_default());
    Measure {
        shown: format!("{count} files: median {median}, p95 {p95}, longest {most}"),
        findings,
    }
}

fn usual(functions: &[Sized<'_>]) -> Measure {
    let long = functions.iter().filter(|function| function.lines >= FUNCTION_USUAL).count();
    let share = 100.0 * (functions.len() - long) as f64 / functions.len().max(1) as f64;
    let shown = format!("{} functions: {share:.1} % below {FUNCTION_USUAL} lines", functions.len());
    let mut findings = Vec::new();
    if long * 20 > functions.len() {
        let text =
            format!("{long} functions have {FUNCTION_USUAL} lines or more, one in twenty may");
        findings.push(Finding::new("share", text).measured(long));
    }
    Measure { shown, findings }
}

fn longest(functions: &[Sized<'_>]) -> Measure {
    let shown = match functions.iter().max_by_key(|function| function.lines) {
        Some(longest) => format!("{} lines: {} in {}", longest.lines, longest.name, longest.path),
        None => "no function".into(),
    };
    let long = functions.iter().filter(|function| function.lines > FUNCTION_MOST);
    Measure { shown, findings: long.map(|function| too_long(function, FUNCTION_MOST)).collect() }
}

fn journey(functions: &[Sized<'_>]) -> Measure {
    let (folder, name) = JOURNEY;
    let found = functions.iter().find(|one| one.path.starts_with(folder) && one.name == name);
    let Some(journey) = found else {
        let missing = Finding::new(folder, format!("has no `{name}`, the one way of a call"));
        return Measure { shown: "not there".into(), findings: vec![missing] };
    };
    let long = (journey.lines > JOURNEY_MOST).then(|| too_long(journey, JOURNEY_MOST));
    let shown = format!("{name}: {} lines in {}", journey.lines, journey.path);
    Measure { shown, findings: long.into_iter().collect() }
}

fn too_long(function: &Sized<'_>, most: usize) -> Finding {
    let place = format!("{}::{}", function.path, function.name);
    let text = format!("{} lines of code, at most {most} are right", function.lines);
    Finding::new(place, text).measured(function.lines)
}

/// The value below or at which `percent` of the sorted values are.
fn percentile(sorted: &[usize], percent: usize) -> usize {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{places, sample};
    use super::*;

    /// A function of so many code lines.
    fn function(name: &str, lines: usize) -> String {
        format!("fn {name}() {{\n{}}}\n", "    f();\n".repeat(lines - 2))
    }

    fn broken(sources: &[Source]) -> Vec<String> {
        let measures = super::check(sources);
        let broken = measures.iter().filter(|(_, measure)| !measure.findings.is_empty());
        broken
            .map(|(heading, measure)| format!("{heading}: {}", places(&measure.findings)[0]))
            .collect()
    }

    fn gate(lines: usize) -> Source {
        let handle = function("handle", lines);
        sample("crates/gate/src/journey.rs", &format!("impl<W> Gate<W> {{\n{handle}}}\n"))
    }

    #[test]
    fn sizes_at_the_bounds_are_right() {
        let short = (0..19).map(|one| function(&format!("f{one}"), 5)).collect::<String>();
        let sources =
            [gate(39), sample("src/a.rs", &function("f", 39)), sample("src/b.rs", &short)];
        assert_eq!(broken(&sources), [""; 0]);
        assert_eq!(broken(&[gate(40), sample("src/b.rs", &short)]), [""; 0]);
    }

    #[test]
    fn function_above_the_bound_is_found_by_name() {
        let short = (0..19).map(|one| function(&format!("f{one}"), 5)).collect::<String>();
        let sources = [gate(5), sample("src/a.rs", &function("f", 71)), sample("src/b.rs", &short)];
        assert_eq!(broken(&sources), ["longest function: src/a.rs::f"]);
    }

    #[test]
    fn too_many_long_functions_are_found() {
        assert_eq!(
            broken(&[gate(5), sample("src/a.rs", &function("f", 40))]),
            ["function lines: share"]
        );
    }

    #[test]
    fn long_files_are_found() {
        let long = "const A: u8 = 1;\n".repeat(450);
        let files = (0..3).map(|one| sample(&format!("src/{one}.rs"), &long));
        let sources: Vec<Source> = files.chain([gate(5)]).collect();
        let measures = super::check(&sources);
        assert_eq!(places(&measures[0].1.findings), ["median", "p95"]);
    }

    #[test]
    fn journey_above_forty_lines_or_absent_is_found() {
        let short = (0..30).map(|one| function(&format!("f{one}"), 5)).collect::<String>();
        let rest = sample("src/b.rs", &short);
        let found = broken(&[gate(41), rest]);
        assert_eq!(found, ["journey: crates/gate/src/journey.rs::Gate::handle"]);
        assert_eq!(broken(&[]), ["journey: crates/gate/"]);
    }

    #[test]
    fn percentile_is_by_nearest_rank() {
        let values: Vec<usize> = (1..=20).collect();
        assert_eq!((percentile(&values, 50), percentile(&values, 95)), (10, 19));
        assert_eq!(percentile(&[], 50), 0);
    }
}
