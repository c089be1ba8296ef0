//! Known credential values, read from where configuration says they stand. They are never shown or logged.
//! In: configuration. Out: the values, which go to the gate's and the journal's masks and nowhere else.

use domain::Code;
use gate::Refusal;

use crate::config::Config;

/// The values to mask.
///
/// # Errors
/// A variable or file that is not there, or a value too short to be masked everywhere. No text names a value.
pub(crate) fn read(config: &Config) -> Result<Vec<String>, Refusal> {
    let variables = config.secrets.env.iter().map(|name| {
        let value = std::env::var(name).map_err(|_| format!("the variable `{name}` is not set"));
        (format!("the variable `{name}`"), value)
    });
    let files = config.secrets.files.iter().map(|path| {
        let value = std::fs::read_to_string(path)
            .map_err(|error| format!("`{}` cannot be read: {error}", path.display()));
        (format!("`{}`", path.display()), value)
    });
    let mut values = Vec::new();
    for (place, value) in variables.chain(files) {
        let value = value.map_err(wrong)?.trim().to_owned();
        if value.chars().count() < contract::mask::KNOWN_CHARS_MIN {
            let least = contract::mask::KNOWN_CHARS_MIN;
            return Err(wrong(format!("{place} has fewer than {least} characters")));
        }
        values.push(value);
    }
    Ok(values)
}

fn wrong(message: String) -> Refusal {
    Refusal::new(Code::BadConfiguration, message, "correct `secrets` in the configuration")
}
