//! Texts that are more than text.

use super::world::{Tree, World};
use crate::{About, Reader, Record, Subject, canonical_text};
use guard_plan::{Part, SlotType, TextKind};
use proptest::prelude::*;

fn canonical(kind: TextKind, text: &str) -> Option<String> {
    canonical_text(kind, text)
}

/// The canonical form and the parts, as the slots hold them: `Part=value`.
fn parts(kind: TextKind, text: &str) -> Option<Vec<String>> {
    let mut world = World::default();
    let layout = world.layout(Some(&Tree::Text(kind)), &[]);
    let mut record = Record::default();
    let json = serde_json::to_string(text).unwrap();
    let subject = Subject { about: About::Argument, owner: "" };
    let mut reader = Reader::default();
    let faults =
        reader.value(json.as_bytes(), &world.shapes, &layout, subject, &mut record).unwrap();
    let text_of = |slot: usize| {
        let slot = record.slot(slot);
        record.text(slot).map(|text| String::from_utf8(text.to_vec()).unwrap())
    };
    assert_eq!(faults.is_empty(), text_of(0).is_some());
    assert_eq!(text_of(0), canonical(kind, text));
    let mut shown = vec![text_of(0)?];
    for (index, part) in kind.parts().iter().enumerate() {
        let slot = record.slot(index + 1);
        let value = match part {
            Part::Port => slot.as_int().map(|port| port.to_string()),
            _ if part.is_list() => record.rows(slot).map(|(first, count)| {
                let texts = (first..first + count).map(|row| text_of(row).unwrap());
                texts.collect::<Vec<_>>().join(", ")
            }),
            _ if part.slot_type() == Some(SlotType::Bool) => {
                slot.as_bool().map(|is| is.to_string())
            }
            _ => text_of(index + 1),
        };
        assert!(value.is_some() || part.is_optional());
        shown.push(value.unwrap_or_else(|| "-".to_owned()));
    }
    Some(shown)
}

#[test]
fn an_email_address_has_one_spelling_of_its_domain() {
    let is =
        |text: &str, wanted: &[&str]| assert_eq!(parts(TextKind::Email, text).unwrap(), wanted);
    is("Ann.B+x@EXAMPLE.Com", &["Ann.B+x@example.com", "Ann.B+x", "example.com"]);
    is("a@bücher.example", &["a@xn--bcher-kva.example", "a", "xn--bcher-kva.example"]);
    is("a@ＥＸＡＭＰＬＥ.com", &["a@example.com", "a", "example.com"]);
    is("a@localhost", &["a@localhost", "a", "localhost"]);
    for text in [
        "",
        "a",
        "@b.c",
        "a@",
        "a@b..c",
        "a@b.c.",
        "a b@c.d",
        "a@b c.d",
        "Ann <a@b.c>",
        "a@b@c.d",
        "\"a b\"@c.d",
        "a@[10.0.0.1]",
        "a@-b.c",
        "a@b.c\n",
        "a@b_c.d",
        "a@b.c, d@e.f",
        "a@b!c.d",
        "a\0@b.c",
        "a@xn--a.example",
        "<a@b.c>",
    ] {
        assert_eq!(parts(TextKind::Email, text), None, "{text}");
    }
}

#[test]
fn a_url_is_taken_apart_as_browsers_do() {
    let is = |text: &str, wanted: &[&str]| {
        assert_eq!(parts(TextKind::Url, text).unwrap(), wanted, "{text}");
    };
    is(
        "HTTPS://User@EXAMPLE.com:443/a/../b?q=1#f",
        &["https://User@example.com/b?q=1#f", "https", "example.com", "443", "/b", "q=1", "false"],
    );
    is("http://a.example./", &["http://a.example./", "http", "a.example", "80", "/", "-", "false"]);
    is("http://[::1]:8080", &["http://[::1]:8080/", "http", "::1", "8080", "/", "-", "true"]);
    is("http://0x7f.1/", &["http://127.0.0.1/", "http", "127.0.0.1", "80", "/", "-", "true"]);
    is("http://2130706433/", &["http://127.0.0.1/", "http", "127.0.0.1", "80", "/", "-", "true"]);
    is(
        "mailto:a@b.c?subject=x",
        &["mailto:a@b.c?subject=x", "mailto", "-", "-", "a@b.c", "subject=x", "false"],
    );
    is("file:///etc/passwd", &["file:///etc/passwd", "file", "-", "-", "/etc/passwd", "-", "true"]);
    is(
        "ssh://EVIL.example/x",
        &["ssh://evil.example/x", "ssh", "evil.example", "-", "/x", "-", "false"],
    );
    is("ssh://127.1/x", &["ssh://127.0.0.1/x", "ssh", "127.0.0.1", "-", "/x", "-", "true"]);
    is(
        "http://ｅｖｉｌ.example",
        &["http://evil.example/", "http", "evil.example", "80", "/", "-", "false"],
    );
    for text in
        ["", "/a", "a.b", "//a.b/", "http://", "http://a b/", "http://a:99999/", "http://%00/"]
    {
        assert_eq!(parts(TextKind::Url, text), None, "{text}");
    }
}

#[test]
fn a_host_is_a_name_or_an_address() {
    let is = |text: &str, wanted: &[&str]| {
        assert_eq!(parts(TextKind::Host, text).unwrap(), wanted, "{text}");
    };
    is("Example.COM.", &["example.com", "false"]);
    is("bücher.example", &["xn--bcher-kva.example", "false"]);
    is("8.8.8.8", &["8.8.8.8", "false"]);
    is("0x08080808", &["8.8.8.8", "false"]);
    is("[2001:4860:4860::8888]", &["2001:4860:4860::8888", "false"]);
    is("2001:4860:4860:0::8888", &["2001:4860:4860::8888", "false"]);
    is("printer", &["printer", "true"]);
    for text in
        ["", ".", "a..b", "a b", "a/b", "a:80", "http://a", "256.1.1.1", "[::1", "a@b", "a\0b"]
    {
        assert_eq!(parts(TextKind::Host, text), None, "{text}");
    }
    assert_eq!(parts(TextKind::Host, &format!("{}.example", "a".repeat(64))), None);
    assert_eq!(parts(TextKind::Host, &"a.".repeat(128)), None);
}

#[test]
fn addresses_that_are_not_public_are_private() {
    for text in [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "198.18.0.1",
        "240.0.0.1",
        "192.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:a00:1::",
        "fec0::1",
        "::10.0.0.1",
        "::5",
    ] {
        assert_eq!(parts(TextKind::Ip, text).unwrap()[1], "true", "{text}");
    }
    for text in [
        "1.1.1.1",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "100.128.0.1",
        "169.253.0.1",
        "2606:4700::1111",
        "::ffff:1.1.1.1",
        "64:ff9b::1.1.1.1",
        "2002:101:101::",
        "198.20.0.1",
    ] {
        assert_eq!(parts(TextKind::Ip, text).unwrap()[1], "false", "{text}");
    }
    for text in
        ["localhost", "a.localhost", "nas.local", "x.internal", "router.home.arpa", "intranet"]
    {
        assert_eq!(parts(TextKind::Host, text).unwrap()[1], "true", "{text}");
    }
    for text in ["notlocalhost.com", "xlocal.com", "internal.example", "localhost.example"] {
        assert_eq!(parts(TextKind::Host, text).unwrap()[1], "false", "{text}");
    }
    for text in ["", "1.1.1", "01.1.1.1", "0x7f.0.0.1", "[::1]", "1.1.1.1 ", "fe80::1%eth0"] {
        assert_eq!(parts(TextKind::Ip, text), None, "{text}");
    }
}

#[test]
fn a_path_is_resolved_by_its_text() {
    let is = |text: &str, wanted: &[&str]| {
        assert_eq!(parts(TextKind::Path, text).unwrap(), wanted, "{text}");
    };
    is("/a//b/./c.TXT", &["/a/b/c.TXT", "TXT"]);
    is("/workspace/../etc/passwd", &["/etc/passwd", "-"]);
    is("/../..", &["/", "-"]);
    is("/", &["/", "-"]);
    is("a/..", &[".", "-"]);
    is("../a/../../b/", &["../../b", "-"]);
    is("..", &["..", "-"]);
    is("a/b/../../..", &["..", "-"]);
    is(".bashrc", &[".bashrc", "-"]);
    is("x.d/file", &["x.d/file", "-"]);
    is("archive.tar.gz/", &["archive.tar.gz", "gz"]);
    is("a.", &["a.", "-"]);
    is("...", &["...", "-"]);
    is(r"a\..\b", &[r"a\..\b", r"\b"]);
    is("%2e%2e/x", &["%2e%2e/x", "-"]);
    assert_eq!(parts(TextKind::Path, ""), None);
    assert_eq!(parts(TextKind::Path, "a\0b"), None);
}

/// A path resolved segment by segment on a stack.
fn naive_path(text: &str) -> String {
    let absolute = text.starts_with('/');
    let mut stack: Vec<&str> = Vec::new();
    for segment in text.split('/') {
        match segment {
            "" | "." => {}
            ".." if stack.last().is_some_and(|last| *last != "..") => {
                stack.pop();
            }
            ".." if absolute => {}
            segment => stack.push(segment),
        }
    }
    let path = format!("{}{}", if absolute { "/" } else { "" }, stack.join("/"));
    if path.is_empty() { ".".to_owned() } else { path }
}

proptest! {
    #[test]
    fn canonical_forms_are_their_own(text in "[a-zA-Z0-9.@:/\\[\\]%?#é _-]{0,24}") {
        for kind in [TextKind::Email, TextKind::Url, TextKind::Host, TextKind::Ip, TextKind::Path] {
            if let Some(once) = canonical(kind, &text) {
                prop_assert_eq!(canonical(kind, &once), Some(once.clone()), "{:?}", kind);
            }
        }
    }

    #[test]
    fn whole_urls_are_their_own(text in "(http|ws|ssh|foo|file):/{0,3}[a-zA-Z0-9.:%é_-]{0,12}(/[a-z./%]{0,6})?") {
        if let Some(once) = canonical(TextKind::Url, &text) {
            prop_assert_eq!(canonical(TextKind::Url, &once), Some(once.clone()));
        }
        parts(TextKind::Url, &text);
    }

    #[test]
    fn anything_is_parsed_without_panic(text in any::<String>()) {
        for kind in [TextKind::Email, TextKind::Url, TextKind::Host, TextKind::Ip, TextKind::Path] {
            parts(kind, &text);
        }
    }

    #[test]
    fn paths_are_resolved_like_on_a_stack(text in "/?([a-b.]{0,3}/){0,6}[a-c.]{0,4}") {
        prop_assume!(!text.is_empty());
        prop_assert_eq!(canonical(TextKind::Path, &text), Some(naive_path(&text)));
    }

    #[test]
    fn plain_names_are_what_the_url_standard_makes_of_them(text in "[a-zA-Z0-9-]{1,6}(\\.[a-zA-Z0-9-]{0,4}){0,3}") {
        let standard = url::Host::parse(&text).ok().map(|host| match host {
            url::Host::Domain(name) => name.strip_suffix('.').unwrap_or(&name).to_owned(),
            host => host.to_string(),
        });
        let ours = canonical(TextKind::Host, &text);
        // Empty labels are no DNS name, whatever browsers say.
        if !standard.as_ref().is_some_and(|name| name.split('.').any(str::is_empty)) {
            prop_assert_eq!(ours, standard);
        }
    }
}
