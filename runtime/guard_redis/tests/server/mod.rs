//! A Redis server for one test: on a free port of the loopback interface, in a folder of its own,
//! stopped when dropped.

use guard_redis::{Options, RedisStore};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
}

impl Server {
    /// `None`, and a line that says so, where there is no `redis-server`.
    pub(crate) fn start(settings: &[&str]) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("guard-redis-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let settings: Vec<String> = settings.iter().map(|word| (*word).to_owned()).collect();
        // Another program may take the free port first: then the next one.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let Ok(child) = spawn(port, &folder, &settings) else {
                std::fs::remove_dir_all(&folder).ok();
                say_skipped();
                return None;
            };
            let mut server =
                Self { child, folder: folder.clone(), port, settings: settings.clone() };
            if server.answers() {
                return Some(server);
            }
        }
        panic!("no redis-server answered");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn store(&self) -> RedisStore {
        self.store_with(Duration::from_secs(5))
    }

    pub(crate) fn store_with(&self, timeout: Duration) -> RedisStore {
        let options = Options { timeout, prefix: "test".to_owned() };
        RedisStore::connect(&self.url(), options).unwrap()
    }

    /// As `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn restart(&mut self) {
        for _ in 0..20 {
            self.child = spawn(self.port, &self.folder, &self.settings).unwrap();
            if self.answers() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the server did not come back");
    }

    /// Sends `STOP` or `CONT`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    pub(crate) fn command(&self, words: &[&str]) -> String {
        let mut connection = redis::Client::open(self.url()).unwrap().get_connection().unwrap();
        let value: redis::Value =
            redis::cmd(words[0]).arg(&words[1..]).query(&mut connection).unwrap();
        format!("{value:?}")
    }

    fn answers(&mut self) -> bool {
        let client = redis::Client::open(self.url()).unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end && self.child.try_wait().unwrap().is_none() {
            let pong = client
                .get_connection_with_timeout(Duration::from_secs(1))
                .and_then(|mut connection| redis::cmd("PING").query::<String>(&mut connection));
            // Another server on this port would answer as well, while ours ends at once.
            if pong.is_ok() && self.child.try_wait().unwrap().is_none() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().ok();
        self.child.wait().ok();
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

fn spawn(port: u16, folder: &PathBuf, settings: &[String]) -> std::io::Result<Child> {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"])
        .arg(port.to_string())
        .arg("--dir")
        .arg(folder)
        .args(settings)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

#[expect(
    clippy::print_stderr,
    reason = "who reads the tests' output must see that this one did nothing"
)]
fn say_skipped() {
    eprintln!("skipped: no redis-server");
}
