//! What programs' options mean, as far as telling operands from values needs it.

/// Programs that run what follows them.
#[derive(Debug)]
pub(crate) struct Wrapper {
    pub(crate) name: &'static str,
    /// Options that take the next word as their value.
    pub(crate) valued: &'static [&'static str],
    /// Operands before the wrapped program.
    pub(crate) operands: usize,
}

const fn wrapper(name: &'static str, valued: &'static [&'static str], operands: usize) -> Wrapper {
    Wrapper { name, valued, operands }
}

/// Wrappers through which data flow as if they were not there.
pub(crate) const WRAPPERS: [Wrapper; 31] = [
    wrapper("builtin", &[], 0),
    wrapper("busybox", &[], 0),
    wrapper("caffeinate", &["-t", "-w"], 0),
    wrapper("chroot", &[], 1),
    wrapper("chrt", &[], 1),
    wrapper("command", &[], 0),
    wrapper("doas", &["-u", "-C"], 0),
    wrapper("env", &["-u", "-C", "--unset", "--chdir"], 0),
    wrapper("exec", &["-a"], 0),
    wrapper("firejail", &[], 0),
    wrapper("flock", &["-w", "-E"], 1),
    wrapper("ionice", &["-c", "-n", "-p"], 0),
    wrapper("ltrace", &["-o", "-e", "-p", "-s"], 0),
    wrapper("nice", &["-n"], 0),
    wrapper("nocorrect", &[], 0),
    wrapper("noglob", &[], 0),
    wrapper("nohup", &[], 0),
    wrapper("nsenter", &["-t", "--target"], 0),
    wrapper("pkexec", &["--user"], 0),
    wrapper("proxychains", &["-f"], 0),
    wrapper("setsid", &[], 0),
    wrapper("sshpass", &["-p", "-f", "-d"], 0),
    wrapper("stdbuf", &["-i", "-o", "-e"], 0),
    wrapper("strace", &["-o", "-e", "-p", "-s"], 0),
    wrapper(
        "sudo",
        &[
            "-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "-r", "-t", "--user", "--group",
            "--host", "--prompt", "--chdir", "--chroot",
        ],
        0,
    ),
    wrapper("taskset", &["-p"], 1),
    wrapper("time", &["-f", "-o"], 0),
    wrapper("timeout", &["-k", "-s", "--signal", "--kill-after"], 1),
    wrapper("torsocks", &[], 0),
    wrapper("unbuffer", &[], 0),
    wrapper("unshare", &["--root", "--wd"], 0),
];

/// Wrappers that take the program's arguments from what they read.
pub(crate) const FEEDERS: [Wrapper; 2] = [
    wrapper("parallel", &["-j", "-S", "-a", "--jobs", "--arg-file"], 0),
    wrapper(
        "xargs",
        &[
            "-I",
            "-n",
            "-P",
            "-L",
            "-d",
            "-a",
            "-s",
            "-E",
            "--max-args",
            "--max-procs",
            "--delimiter",
            "--arg-file",
        ],
        0,
    ),
];

/// Programs whose arguments name a place and then a command to run there.
pub(crate) const REMOTE: [Wrapper; 1] = [wrapper(
    "ssh",
    &[
        "-p", "-i", "-l", "-o", "-F", "-L", "-R", "-D", "-J", "-E", "-c", "-m", "-b", "-W", "-w",
        "-S", "-Q", "-B", "-I", "-O",
    ],
    1,
)];

pub(crate) const SHELLS: [&str; 12] =
    ["ash", "bash", "csh", "dash", "fish", "ksh", "mksh", "rbash", "sh", "tcsh", "yash", "zsh"];

/// Interpreters of other languages, and the options that give them a text to run.
pub(crate) const INTERPRETERS: [(&str, &[&str]); 13] = [
    ("awk", &[]),
    ("gawk", &[]),
    ("lua", &["-e"]),
    ("node", &["-e", "-p", "--eval", "--print"]),
    ("nodejs", &["-e", "-p", "--eval"]),
    ("osascript", &["-e"]),
    ("perl", &["-e", "-E"]),
    ("php", &["-r"]),
    ("powershell", &["-c", "-command", "-e", "-enc", "-encodedcommand"]),
    ("pwsh", &["-c", "-command", "-e", "-enc", "-encodedcommand"]),
    ("python", &["-c"]),
    ("ruby", &["-e"]),
    ("tclsh", &[]),
];

/// Programs whose operands begin with a subcommand, and the options before it that take a value.
pub(crate) const NESTED: [(&str, &[&str]); 12] = [
    ("aws", &["--profile", "--region", "--output", "--endpoint-url"]),
    ("az", &["--subscription", "-o"]),
    ("docker", &["-H", "--host", "-c", "--context", "--config", "-l"]),
    ("gcloud", &["--project", "--account", "--configuration"]),
    ("gh", &["-R", "--repo"]),
    ("git", &["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path"]),
    ("gsutil", &["-o", "-h"]),
    ("helm", &["-n", "--namespace", "--kube-context", "--kubeconfig"]),
    ("kubectl", &["-n", "--namespace", "--context", "--kubeconfig", "-s", "--cluster", "--user"]),
    ("oc", &["-n", "--namespace", "--context"]),
    ("podman", &["--url", "--connection"]),
    ("systemctl", &["-H", "-M", "-t", "-p"]),
];

/// Programs whose long options have one dash, so that `-name` is no bundle of five.
pub(crate) const LONG_WITH_ONE_DASH: [&str; 30] = [
    "ant",
    "clang",
    "convert",
    "ffmpeg",
    "ffprobe",
    "find",
    "firefox",
    "g++",
    "gcc",
    "go",
    "gradle",
    "ip",
    "java",
    "javac",
    "keytool",
    "ld",
    "magick",
    "mogrify",
    "mvn",
    "nmcli",
    "openssl",
    "packer",
    "powershell",
    "pwsh",
    "qemu-img",
    "terraform",
    "tofu",
    "vault",
    "xinput",
    "xrandr",
];

/// Long options that have a short name: of one program, or of `*`, any that is a tool of a GNU system.
pub(crate) const SHORT_NAMES: [(&str, &str, &str); 27] = [
    ("chgrp", "--recursive", "-R"),
    ("chmod", "--recursive", "-R"),
    ("chown", "--recursive", "-R"),
    ("cp", "--force", "-f"),
    ("cp", "--recursive", "-r"),
    ("docker", "--all", "-a"),
    ("docker", "--force", "-f"),
    ("docker", "--volumes", "-v"),
    ("git", "--delete", "-d"),
    ("git", "--force", "-f"),
    ("grep", "--recursive", "-r"),
    ("kubectl", "--all-namespaces", "-A"),
    ("ln", "--force", "-f"),
    ("ls", "--all", "-a"),
    ("mv", "--force", "-f"),
    ("podman", "--all", "-a"),
    ("podman", "--force", "-f"),
    ("rm", "--force", "-f"),
    ("rm", "--recursive", "-r"),
    ("rm", "-R", "-r"),
    ("rsync", "--archive", "-a"),
    ("rsync", "--recursive", "-r"),
    ("shred", "--remove", "-u"),
    ("shutdown", "--reboot", "-r"),
    ("tar", "--extract", "-x"),
    ("tee", "--append", "-a"),
    ("wipefs", "--all", "-a"),
];

/// Programs that start a shell and can give it a text with `-c`.
pub(crate) const TEXT_RUNNERS: [&str; 4] = ["runuser", "script", "su", "sg"];
