//! Text from outside, cleaned.
//!
//! One table of what goes and what stays, and properties: cleaning twice is cleaning once, and what is clean is left alone.

use std::borrow::Cow;

use contract::outside::{self, Cleaned};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn what_cannot_be_seen_goes_and_what_writing_needs_stays() {
    for (given, expect) in [
        ("plain\ttext\nand more", "plain\ttext\nand more"),
        ("line\r\nend", "line\r\nend"),
        ("ten\r20", "ten20"),
        ("\u{1B}[31mred\u{7}", "[31mred"),
        ("a\u{0}b\u{7F}c\u{9B}d", "abcd"),
        ("a\u{202E}b\u{2066}c\u{2069}\u{200F}", "abc"),
        ("a\u{200B}b\u{FEFF}c\u{2060}d\u{AD}e", "abcde"),
        ("a\u{E0041}\u{E0042}\u{E007F}b", "ab"),
        ("a\u{2028}b\u{2029}c", "abc"),
        ("h\u{3164}i\u{FFA0}\u{2800}", "hi"),
        // Emoji with their joiners and selectors.
        (
            "👨\u{200D}👩\u{200D}👧 ❤\u{FE0F}\u{200D}🔥 1\u{FE0F}\u{20E3} ☺\u{FE0E}",
            "👨\u{200D}👩\u{200D}👧 ❤\u{FE0F}\u{200D}🔥 1\u{FE0F}\u{20E3} ☺\u{FE0E}",
        ),
        // Persian and Hindi join letters so.
        ("می\u{200C}خواهم क्\u{200D}ष", "می\u{200C}خواهم क्\u{200D}ष"),
        ("葛\u{E0100}城", "葛\u{E0100}城"),
        // The same characters where nothing needs them.
        ("a\u{200D}b\u{200C}c", "abc"),
        ("👨\u{200D}", "👨"),
        ("a\u{FE0F}b\u{FE01}", "ab"),
        ("😀\u{FE01}\u{FE02}\u{FE0F}\u{E0101}", "😀"),
        ("葛\u{E0100}\u{E0101}", "葛\u{E0101}"),
        // Boxes are seen.
        ("\u{E0B0} prompt", "\u{E0B0} prompt"),
        ("x\u{F0000}y", "xy"),
        ("日本語 äöü ẞ 🏴", "日本語 äöü ẞ 🏴"),
    ] {
        let (clean, cleaned) = outside::clean_text(given);
        assert_eq!(clean, expect, "{given:?}");
        assert_eq!(cleaned.is_clean(), given == expect, "{given:?}");
        assert_eq!(matches!(clean, Cow::Borrowed(_)), given == expect);
    }
}

#[test]
fn it_is_said_what_was_removed() {
    let (_, cleaned) = outside::clean_text("a\u{202E}b\u{E0041}\u{E0042}c\u{7}");
    assert_eq!(
        cleaned.say().unwrap(),
        "1 control characters, 1 bidirectional characters, 2 tag characters"
    );
    assert_eq!(Cleaned::default().say(), None);
}

#[test]
fn keys_are_cleaned_and_never_lose_a_field() {
    let given = json!({"a": 1, "a\u{200B}": 2, "b\u{202E}": {"c\u{7}": "d\u{7}"}});
    let (clean, cleaned) = outside::clean(given);
    assert_eq!(clean, json!({"a": 1, "a#2": 2, "b": {"c": "d"}}));
    assert_eq!((cleaned.renamed_keys, cleaned.control), (1, 2));
}

#[test]
fn depth_and_number_of_values_are_bounded() {
    let mut deep = json!("x");
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let (clean, cleaned) = outside::clean(deep);
    assert_eq!(cleaned.cut, 1);
    assert!(clean.to_string().len() < 100);
    let many = Value::Array(vec![json!("x"); domain::limits::JSON_NODES_MAX + 5]);
    let (clean, cleaned) = outside::clean(many);
    assert_eq!(cleaned.cut, 6);
    assert!(clean[domain::limits::JSON_NODES_MAX + 4].is_null());
}

/// Text with many of the characters that matter.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        '\u{200D}',
        '\u{200C}',
        '\u{FE0F}',
        '\u{FE01}',
        '\u{E0100}',
        '\u{E0041}',
        '\u{202E}',
        '\u{200B}',
        '\r',
        '\n',
        '\u{7}',
        '👨',
        '❤',
        '葛',
        '\u{6DD}',
        '\u{70F}',
        'ی',
        'क',
        '᠊',
        '\u{180B}',
        'a',
        '1',
        '#',
        ' ',
        '\u{F0000}',
        '\u{FFFF}',
        '\u{20E3}',
    ]);
    prop::collection::vec(prop_oneof![3 => odd, 1 => any::<char>()], 0..40)
        .prop_map(|all| all.into_iter().collect())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        Just(Value::Null)
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((text(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn cleaning_twice_is_cleaning_once(given in value()) {
        let (once, _) = outside::clean(given);
        let (twice, cleaned) = outside::clean(once.clone());
        prop_assert!(cleaned.is_clean(), "{:?} {:?}", cleaned, once);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn ascii_text_is_left_alone(given in "[ -~\n\t]{0,200}") {
        let (clean, cleaned) = outside::clean_text(&given);
        prop_assert!(cleaned.is_clean());
        prop_assert_eq!(clean.as_ref(), given.as_str());
    }

    #[test]
    fn no_text_shows_or_hides_what_it_is_not(given in text()) {
        let (clean, _) = outside::clean_text(&given);
        for hidden in ['\u{202E}', '\u{200B}', '\u{E0041}', '\u{7}', '\u{1B}', '\u{FEFF}'] {
            prop_assert!(!clean.contains(hidden));
        }
    }
}
