//! Layers of settings, and what is wrong in a file.

use super::*;
use chrono_tz::Tz;

#[test]
fn sizes() {
    for (text, bytes) in [
        ("512MiB", Some(512 << 20)),
        ("2GB", Some(2_000_000_000)),
        ("2 gb", Some(2_000_000_000)),
        ("1KiB", Some(1024)),
        ("512", None),
        ("", None),
        ("MiB", None),
        ("0MiB", None),
        ("-1MiB", None),
        ("1.5GiB", None),
        ("99999999999999999999GiB", None),
        ("99999999TiB", None),
    ] {
        assert_eq!(text.parse::<MemorySize>().ok().map(MemorySize::bytes), bytes, "{text}");
    }
    for text in ["512MiB", "1GiB", "3KiB", "2000KB"] {
        let size: MemorySize = text.parse().unwrap();
        assert_eq!(size.to_string().parse::<MemorySize>(), Ok(size));
    }
    assert!(ValueError::Size("512".into()).hint().unwrap().contains("add a unit"));
}

#[test]
fn memory_limits_have_a_least() {
    for (text, wrong) in [
        ("32MiB", None),
        ("1GiB", None),
        ("32MB", Some(ValueError::TooLittleMemory("32MB".to_owned()))),
        (" 1 KiB ", Some(ValueError::TooLittleMemory("1 KiB".to_owned()))),
        ("512", Some(ValueError::Size("512".to_owned()))),
    ] {
        assert_eq!(parse_memory_limit(text).err(), wrong, "{text}");
    }
}

#[test]
fn the_later_layer_wins_and_is_named() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("trailql");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "tz = \"Asia/Tokyo\"\nthreads = 3\nlake = \"filed\"\n").unwrap();
    let xdg = home.path().to_str().unwrap();

    let file = Settings::resolve(Flags::default(), &Environment::of(&[("XDG_CONFIG_HOME", xdg)])).unwrap();
    assert_eq!((file.tz.value, file.threads.value.get()), (Zone::Named(Tz::Asia__Tokyo), 3));
    assert_eq!(file.lake.origin, Origin::File { path: folder.join("config.toml"), key: "lake" });
    assert_eq!(file.memory_limit, Setting { value: DEFAULT_MEMORY_LIMIT, origin: Origin::Default });

    let variables = [("XDG_CONFIG_HOME", xdg), ("TRAILQL_TZ", "UTC"), ("TRAILQL_LAKE", "named"), ("NO_COLOR", "1")];
    let environment = Environment::of(&variables);
    let named = Settings::resolve(Flags::default(), &environment).unwrap();
    assert_eq!(named.tz, Setting { value: Zone::UTC, origin: Origin::Environment("TRAILQL_TZ") });
    assert_eq!(named.lake.value, PathBuf::from("named"));
    assert_eq!(named.color.value, ColorChoice::Never);

    let flags = Flags { lake: Some("typed".into()), color: Some(ColorChoice::Always), ..Flags::default() };
    let typed = Settings::resolve(flags, &environment).unwrap();
    assert_eq!(typed.lake, Setting { value: "typed".into(), origin: Origin::Flag("--lake") });
    assert_eq!(typed.color.value, ColorChoice::Always);
}

#[test]
fn folders_of_views_may_be_several() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("trailql");
    std::fs::create_dir_all(&folder).unwrap();
    let xdg = ("XDG_CONFIG_HOME", home.path().to_str().unwrap());
    let resolve = |flags: &[&str], more: &[(&str, &str)]| {
        let flags = Flags { queries: flags.iter().map(PathBuf::from).collect(), ..Flags::default() };
        Settings::resolve(flags, &Environment::of(&[&[xdg], more].concat())).unwrap().queries
    };
    assert_eq!(resolve(&[], &[]), Setting { value: Vec::new(), origin: Origin::Default });
    std::fs::create_dir(folder.join("queries")).unwrap();
    assert_eq!(resolve(&[], &[]).value, [folder.join("queries")]);
    for (text, paths) in [("queries = \"a\"", &["a"][..]), ("queries = [\"a\", \"b\"]", &["a", "b"])] {
        std::fs::write(folder.join("config.toml"), text).unwrap();
        let setting = resolve(&[], &[]);
        assert_eq!(setting.value, paths.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(setting.origin, Origin::File { path: folder.join("config.toml"), key: "queries" });
    }
    let named = [("TRAILQL_QUERIES", "c:d")];
    assert_eq!(resolve(&[], &named).value, ["c", "d"].map(PathBuf::from));
    assert_eq!(resolve(&["e"], &named), Setting { value: vec!["e".into()], origin: Origin::Flag("--queries") });
}

#[test]
fn what_is_wrong_in_the_file_names_the_file() {
    for (text, message, hint) in [
        ("lake = [", "the settings are not TOML, line 1", None),
        ("\n\nlaek = \"x\"", "unknown key `laek`", Some("did you mean `lake`?")),
        ("memory-limit = \"1GiB\"", "unknown key `memory-limit`", Some("did you mean `memory_limit`?")),
        ("zzz = 1", "unknown key `zzz`", Some("the keys are `color`")),
        ("threads = 0", "`threads` in /etc/x.toml: not a number of threads", None),
        ("memory_limit = 512", "`memory_limit` in /etc/x.toml: not a size", Some("a bare number")),
        (
            "memory_limit = \"31MiB\"",
            "`memory_limit` in /etc/x.toml: too little memory to work with: `31MiB`",
            Some("give 32MiB or more"),
        ),
        ("tz = true", "`tz` in /etc/x.toml: not text: `boolean`", None),
    ] {
        let error = File::parse("/etc/x.toml".into(), text)
            .and_then(|file| {
                file.setting("threads", parse_threads, NonZeroUsize::MIN)?;
                file.setting("tz", parse_time_zone, Zone::UTC)?;
                file.setting("memory_limit", parse_memory_limit, DEFAULT_MEMORY_LIMIT)
            })
            .unwrap_err();
        assert!(error.to_string().starts_with(message), "{text}: {error}");
        assert!(error.to_string().contains("/etc/x.toml"), "{text}: {error}");
        match (error.hint(), hint) {
            (Some(got), Some(wanted)) => assert!(got.starts_with(wanted), "{text}: {got}"),
            (got, wanted) => assert_eq!(got.as_deref(), wanted, "{text}"),
        }
    }
}

#[test]
fn a_wrong_variable_is_named() {
    for (name, value, message) in [
        ("TRAILQL_THREADS", "many", "$TRAILQL_THREADS: not a number of threads, 1 or more: `many`"),
        ("TRAILQL_MEMORY_LIMIT", "1MB", "$TRAILQL_MEMORY_LIMIT: too little memory to work with: `1MB`"),
    ] {
        let error = Settings::resolve(Flags::default(), &Environment::of(&[(name, value)])).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let empty = Environment::of(&[("TRAILQL_THREADS", ""), ("NO_COLOR", "")]);
    let settings = Settings::resolve(Flags::default(), &empty).unwrap();
    assert_eq!(settings.color.value, ColorChoice::Auto);
}

#[test]
fn a_relative_xdg_folder_is_ignored() {
    let file = |variables: &[(&str, &str)]| Environment::of(variables).config_file();
    assert_eq!(file(&[("XDG_CONFIG_HOME", "/x")]), Some("/x/trailql/config.toml".into()));
    let both = [("XDG_CONFIG_HOME", "x"), ("HOME", "/h")];
    assert_eq!(file(&both), Some("/h/.config/trailql/config.toml".into()));
    assert_eq!(file(&[]), None);
}

#[test]
fn the_environment_names_editor_and_characters() {
    let resolve = |variables: &[(&str, &str)]| {
        let settings = Settings::resolve(Flags::default(), &Environment::of(variables)).unwrap();
        (settings.editor.map(|editor| (editor.value, editor.origin)), settings.is_utf8)
    };
    let editor = |command: &str, name| Some((command.to_owned(), Origin::Environment(name)));
    assert_eq!(resolve(&[]), (None, true));
    assert_eq!(resolve(&[("EDITOR", "vi"), ("LANG", "C")]), (editor("vi", "EDITOR"), false));
    assert_eq!(resolve(&[("EDITOR", "vi"), ("VISUAL", "code --wait")]).0, editor("code --wait", "VISUAL"));
    assert_eq!(resolve(&[("EDITOR", "vi"), ("VISUAL", " ")]).0, editor("vi", "EDITOR"));
    for (variables, is_utf8) in [
        (&[("LANG", "en_US.UTF-8")][..], true),
        (&[("LANG", "en_US.utf8"), ("LC_ALL", "POSIX")], false),
        (&[("LANG", "C"), ("LC_CTYPE", "UTF-8")], true),
        (&[("LC_CTYPE", "ja_JP.eucJP"), ("LC_ALL", "")], false),
        (&[("LC_MESSAGES", "C")], true),
    ] {
        assert_eq!(resolve(variables).1, is_utf8, "{variables:?}");
    }
    let own = |variables: &[(&str, &str)]| {
        Settings::resolve(Flags::default(), &Environment::of(variables)).unwrap().own_queries
    };
    assert_eq!(own(&[("HOME", "/h")]), Some(PathBuf::from("/h/.config/trailql/queries")));
    assert_eq!(own(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")]), Some(PathBuf::from("/x/trailql/queries")));
    assert_eq!(own(&[]), None);
}

#[test]
fn the_pager_is_that_of_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let pager = |variables: &[(&str, &str)]| {
        let variables = [variables, &[("PATH", path.as_str())]].concat();
        let settings = Settings::resolve(Flags::default(), &Environment::of(&variables)).unwrap();
        settings.pager.value.map(|pager| (pager.command, pager.variables))
    };
    let command = |variables: &[(&str, &str)]| pager(variables).map(|(command, _)| command);
    // Where there is no less, nobody has asked for it either.
    assert_eq!(command(&[]), None);
    std::fs::write(folder.path().join("less"), "").unwrap();
    assert_eq!(command(&[]).as_deref(), Some("less"));
    assert_eq!(command(&[("PAGER", "more -d ")]).as_deref(), Some("more -d"));
    assert_eq!(command(&[("PAGER", "more"), ("TRAILQL_PAGER", "most")]).as_deref(), Some("most"));
    for off in [[("PAGER", "more"), ("TRAILQL_PAGER", "")], [("PAGER", "cat"), ("LESS", "R")]] {
        assert_eq!(command(&off), None, "{off:?}");
    }
    assert_eq!(pager(&[]).unwrap().1, [("LESS", "FRX"), ("LV", "-c")]);
    assert_eq!(pager(&[("LESS", "R")]).unwrap().1, [("LV", "-c")]);
}

#[test]
fn the_history_lies_in_the_folder_for_state() {
    for (variables, expected) in [
        (&[("HOME", "/home/a")][..], Some("/home/a/.local/state/trailql/history")),
        (&[("HOME", "/home/a"), ("XDG_STATE_HOME", "/state")], Some("/state/trailql/history")),
        (&[("HOME", "/home/a"), ("XDG_STATE_HOME", "state")], Some("/home/a/.local/state/trailql/history")),
        (&[], None),
    ] {
        let settings = Settings::resolve(Flags::default(), &Environment::of(variables)).unwrap();
        assert_eq!(settings.history_file, expected.map(PathBuf::from), "{variables:?}");
    }
}
