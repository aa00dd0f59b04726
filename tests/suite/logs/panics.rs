//! A panic is logged by its place. Its message is not, where it was put together of what was met.

use std::process::Command;

use attune::config::{LogFormat, Logging};
use attune::db::{Executor, Settings};
use attune::telemetry;

const CHILD: &str = "ATTUNE_PANICS_IN_A_CHILD";
const SECRET: &str = "Kanari7Q-in-a-panic";

/// The hook belongs to a whole process, and this one's is the test runner's: it is set in a child, which is this
/// test program again with the next test alone.
#[test]
fn a_panic_says_where_and_not_what() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "logs::panics::in_a_child", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&child.stderr).into_owned();
    assert!(child.status.success(), "{log}");
    let panics: Vec<&str> = log.lines().filter(|line| line.contains("\"panicked\"")).collect();
    assert_eq!(panics.len(), 4, "{log}");
    assert!(panics.iter().all(|line| line.contains("panics.rs:")), "{log}");
    assert!(panics[0].contains("the wheel is broken") && panics[3].contains("writer"), "{log}");
    assert!(log.contains("a library says") && !log.contains("a library whispers"), "{log}");
    assert!(!log.contains(SECRET), "{log}");
    println!("{} panics logged by their place, 0 with what they met", panics.len());
}

/// Nothing, unless it is the child.
#[actix_web::test]
async fn in_a_child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let logging =
        Logging { log: "trace".to_owned(), log_format: LogFormat::Json, otlp_endpoint: None };
    let guard = telemetry::start(&logging).unwrap();
    tracing::info!(target: "actix_http::h1", "a library says");
    tracing::debug!(target: "actix_http::h1", "a library whispers {SECRET}");
    let panics: [fn(); 3] = [
        || panic!("the wheel is broken"),
        || panic!("{} is broken", std::hint::black_box(SECRET)),
        || std::hint::black_box(Err::<(), _>(SECRET)).unwrap(),
    ];
    for one in panics {
        assert!(std::thread::spawn(one).join().is_err());
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    let executor = Executor::start(&url, Settings { threads: 1, queue: 8, group: 1 }).unwrap();
    let unit =
        |_: &mut attune::db::Conn| -> attune::error::Result<()> { panic!("{SECRET} {}", 1 + 1) };
    assert!(executor.write(None, unit).await.is_err());
    drop(guard);
}
