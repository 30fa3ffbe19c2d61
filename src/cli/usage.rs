//! Wrong usage, in the words of this project: what the argument parser found becomes a [`CommandError`].

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::error::CommandError;

/// The same finding with our wording and with its hint apart.
pub(crate) fn command_error(error: &clap::Error) -> CommandError {
    let all = |kind| {
        let mut texts = texts(error.get(kind));
        if matches!(kind, ContextKind::InvalidArg | ContextKind::PriorArg) {
            texts.iter_mut().for_each(|text| *text = flag_only(text));
        }
        texts
    };
    let first = |kind| all(kind).into_iter().next();
    let argument = first(ContextKind::InvalidArg).unwrap_or_default();
    let value = first(ContextKind::InvalidValue).unwrap_or_default();
    let suggestions = || {
        let kinds = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
        kinds.into_iter().flat_map(all).collect::<Vec<String>>()
    };
    let help = "`trailql help` and `trailql VERB --help` say what there is";
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let verb = first(ContextKind::InvalidSubcommand).unwrap_or_default();
            CommandError::user(format!("no such verb: `{verb}`")).hint(help).similar(&suggestions())
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            CommandError::user(format!("no such flag: `{argument}`")).hint(help).similar(&suggestions())
        }
        ErrorKind::UnknownArgument => {
            CommandError::user(format!("one argument too many: `{argument}`")).hint(help).similar(&suggestions())
        }
        ErrorKind::InvalidValue if value.is_empty() => CommandError::user(format!("no value given for: `{argument}`")),
        ErrorKind::InvalidValue => {
            let valid: Vec<String> = all(ContextKind::ValidValue).iter().map(|name| format!("`{name}`")).collect();
            CommandError::user(format!("not a value of `{argument}`: `{value}`"))
                .hint(format!("the values are {}", valid.join(", ")))
                .similar(&suggestions())
        }
        ErrorKind::ValueValidation => match std::error::Error::source(error).map(ToString::to_string) {
            // Our own parsers put the hint on a second line.
            Some(reason) => match reason.split_once('\n') {
                Some((message, hint)) => CommandError::user(message).hint(hint),
                None if reason.contains(&value) => CommandError::user(reason),
                None => CommandError::user(format!("not a value of `{argument}`, {reason}: `{value}`")),
            },
            None => CommandError::user(format!("not a value of `{argument}`: `{value}`")),
        },
        ErrorKind::MissingRequiredArgument => {
            let missing: Vec<String> = all(ContextKind::InvalidArg);
            let message = format!("something is missing: `{}`", missing.join(" "));
            // The usage names the flags that were given, among them the one that may have taken the missing word.
            let given = match error.get(ContextKind::Usage) {
                Some(ContextValue::StyledStr(usage)) => usage.to_string(),
                _ => String::new(),
            };
            let from = "`--from` takes every word after it: put it last, or write `--` after its exports";
            CommandError::user(message).hint(if given.contains(" --from ") { from } else { help })
        }
        ErrorKind::ArgumentConflict => match first(ContextKind::PriorArg) {
            Some(other) if other == argument => CommandError::user(format!("given more than once: `{argument}`")),
            Some(other) => CommandError::user(format!("`{argument}` does not go together with: `{other}`")),
            None => CommandError::user(format!("does not go together with the others: `{argument}`")),
        },
        ErrorKind::MissingSubcommand => CommandError::user("no verb given").hint(help),
        _ => {
            let text = error.render().to_string();
            let line = text.lines().next().unwrap_or_default();
            CommandError::user(line.strip_prefix("error: ").unwrap_or(line)).hint(help)
        }
    }
}

fn texts(value: Option<&ContextValue>) -> Vec<String> {
    match value {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// `--format` of `--format <FORMAT>`; an argument without a flag stays as it is.
fn flag_only(text: &str) -> String {
    match text.split_once(' ') {
        Some((flag, _)) if flag.starts_with('-') => flag.to_owned(),
        _ => text.to_owned(),
    }
}
