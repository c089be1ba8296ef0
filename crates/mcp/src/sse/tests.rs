//! Tests of events: as the standard says, in any pieces, within the bound, and back.
//!
//! Examples follow the rules of the WHATWG text; the properties cut streams anywhere and write them again.

use proptest::prelude::*;

use super::*;

/// Everything that is read, and why it ended if it failed. Checks the bound after every piece.
fn read(pieces: &[&[u8]], bytes_max: usize) -> (Vec<Event>, Option<SseError>) {
    let mut reader = Reader::new(bytes_max);
    let mut events = Vec::new();
    for mut piece in pieces.iter().copied() {
        loop {
            let read = reader.next(&mut piece);
            assert!(reader.held() <= bytes_max, "more is held than the bound");
            match read {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(reader.next(&mut b"data: more\n\n".as_slice()), Err(error));
                    return (events, Some(error));
                }
            }
        }
        assert!(piece.is_empty());
    }
    (events, None)
}

fn event(kind: Option<&str>, data: &str, id: Option<&str>) -> Event {
    let owned = |text: &str| text.to_owned();
    Event { kind: kind.map(owned), data: data.to_owned(), id: id.map(owned), retry: None }
}

fn check(text: &str, expect: &[Event]) {
    let expect = (expect.to_vec(), None);
    assert_eq!(read(&[text.as_bytes()], 1_000), expect, "{text:?}");
    let bytes: Vec<_> = text.as_bytes().chunks(1).collect();
    assert_eq!(read(&bytes, 1_000), expect, "{text:?} byte by byte");
}

#[test]
fn streams_are_read_as_the_standard_says() {
    let data = |data| event(None, data, None);
    check("data: a\n\n", &[data("a")]);
    check("data: a\r\n\r\ndata: b\r\rdata: c\n\r\n", &[data("a"), data("b"), data("c")]);
    check("data: a\ndata: b\ndata\n\n", &[data("a\nb\n")]);
    // A piece that ended between the two bytes of a line's end once made an empty line of the second, and so an event.
    check("data: a\r\ndata: b\r\n\r\n", &[data("a\nb")]);
    check("data\n\ndata\ndata\n\ndata:", &[data(""), data("\n")]);
    check(
        "data:test\n\ndata: test\n\ndata:  test\n\n",
        &[data("test"), data("test"), data(" test")],
    );
    check("\u{feff}data: a\n\n\u{feff}data: b\n\n", &[data("a")]);
    check(": comment\n\n:\r\n: data: x\ndata: a\n: between\ndata: b\n\n", &[data("a\nb")]);
    check(
        "event: a\ndata: 1\n\nevent: b\n\ndata: 2\n\n",
        &[event(Some("a"), "1", None), data("2")],
    );
    check("dat: a\nDATA: a\n data: a\n\n", &[]);
    check("data: a:b: c\n\n", &[data("a:b: c")]);
    check("data: {\"a\":\"ä世\"}\n\n", &[data("{\"a\":\"ä世\"}")]);
    check("data: cut", &[]);
}

#[test]
fn ids_last_until_another_one_comes() {
    check(
        "id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\nid\ndata: d\n\nid: 3\0\ndata: e\n\n",
        &[
            event(None, "a", Some("1")),
            event(None, "b", Some("1")),
            event(None, "c", Some("2")),
            event(None, "d", None),
            event(None, "e", None),
        ],
    );
    let mut reader = Reader::new(100);
    assert_eq!(reader.next(&mut &b"id: 1\nretry: 20\n\nid: 2\ndata: a"[..]), Ok(None));
    assert_eq!(reader.last_id(), Some("1"), "an event that is cut has not delivered its id");
    assert_eq!(reader.retry(), Some(Duration::from_millis(20)));
    assert!(reader.is_amid_event());
    assert!(reader.next(&mut &b"\n\n"[..]).unwrap().is_some());
    assert_eq!((reader.last_id(), reader.is_amid_event()), (Some("2"), false));
}

#[test]
fn a_time_counts_only_if_it_is_a_number() {
    let retries = |text: &str| {
        let (events, failed) = read(&[text.as_bytes()], 1_000);
        assert_eq!(failed, None);
        events
            .into_iter()
            .map(|event| event.retry.map(|retry| retry.as_millis()))
            .collect::<Vec<_>>()
    };
    assert_eq!(retries("retry: 10\ndata\n\ndata\n\n"), [Some(10), None]);
    assert_eq!(retries("retry: -1\ndata\n\nretry: 1s\ndata\n\nretry\ndata\n\n"), [None; 3]);
    assert_eq!(retries("retry: 99999999999999999999999\ndata\n\n"), [None]);
}

#[test]
fn what_is_no_text_ends_the_stream() {
    let (events, failed) = read(&[b"data: a\n\ndata: \xff\n\ndata: b\n\n"], 100);
    assert_eq!((events, failed), (vec![event(None, "a", None)], Some(SseError::NotUtf8)));
}

#[test]
fn an_endless_event_ends_the_stream_at_the_bound() {
    let failed = Some(SseError::TooLong { bytes_max: 32 });
    for endless in
        ["data: x\n", "data\n", "x", "data: ", "event: yyyyyyyy\ndata: x\n", "id: 1\ndata:\n"]
    {
        let text = endless.repeat(100);
        let (events, error) = read(&[b"data: a\n\n", text.as_bytes()], 32);
        assert_eq!((events.len(), error), (1, failed), "{endless:?}");
    }
    // What is not kept may go on for ever.
    let comments = ": a long, long comment without an end".repeat(100);
    let unknown = "unknown: field\nid: 1\nretry: 5\nevent: a\n".repeat(100);
    for endless in [comments, unknown] {
        let text = format!("{endless}\n\ndata: a\n\n");
        assert_eq!(read(&[text.as_bytes()], 32).0.len(), 1);
    }
}

#[test]
fn a_message_is_framed_on_one_line() {
    assert_eq!(frame("{\"a\":1}"), b"data: {\"a\":1}\n\n");
    assert_eq!(frame("a\r\nb\rc\n"), b"data: a\ndata: b\ndata: c\ndata: \n\n");
    assert_eq!(read(&[KEEP_ALIVE, &frame("a"), KEEP_ALIVE], 10).0, [event(None, "a", None)]);
}

#[test]
fn a_break_in_a_type_or_an_id_is_refused() {
    for bad in ["a\nb", "a\rb", "a\0b"] {
        assert!(event(Some(bad), "", None).to_bytes().is_err());
        assert!(event(None, "", Some(bad)).to_bytes().is_err());
    }
    assert!(event(Some(""), "", None).to_bytes().is_err());
    assert!(event(None, "", Some("")).to_bytes().is_ok());
}

fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<_> = cuts.iter().map(|&cut| cut.min(bytes.len())).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

/// Bytes that look like a stream more often than chance.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: [&str; 14] = [
        "data", "event", "id", "retry", ":", ": ", "\n", "\r", "\r\n", "\n\n", "\u{feff}", "ä",
        "1", "\0",
    ];
    let word = prop_oneof![
        9 => proptest::sample::select(&WORDS[..]).prop_map(|word| word.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 1..3),
    ];
    proptest::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

proptest! {
    // More than usual: it took thousands to find a cut between two bytes that matter.
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn any_pieces_give_the_same_events(
        bytes in stream(), cuts in proptest::collection::vec(0_usize..300, 0..10), bytes_max in 0_usize..80,
    ) {
        prop_assert_eq!(read(&pieces(&bytes, &cuts), bytes_max), read(&[&bytes], bytes_max));
    }

    #[test]
    fn events_come_back_as_they_were_written(
        events in proptest::collection::vec(
            ("([a-z ä]{1,9})?", "[^\\r\u{0}]{0,40}", "[^\\r\\n\u{0}]{1,9}", proptest::option::of(0_u64..1 << 40)), 0..6,
        ),
    ) {
        let events: Vec<_> = events.into_iter().map(|(kind, data, id, retry)| Event {
            kind: Some(kind).filter(|kind| !kind.is_empty()),
            data,
            id: Some(id),
            retry: retry.map(Duration::from_millis),
        }).collect();
        let bytes: Vec<u8> = events.iter().flat_map(|event| event.to_bytes().unwrap()).collect();
        prop_assert_eq!(read(&[&bytes], 10_000), (events, None));
    }
}
