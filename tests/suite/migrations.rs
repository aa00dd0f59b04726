//! Migrations can be run, taken back and run again, and lead to one schema on both databases.

use attune::db::migrate::{Unready, check, integrity, revert_all, run};
use attune::db::{Conn, DatabaseUrl};

use crate::support::catalog::Catalog;
use crate::support::database::TestDatabase;
#[cfg(feature = "postgres")]
use crate::support::database::on_postgres;

fn catalog(url: &DatabaseUrl) -> Catalog {
    Catalog::of(&mut Conn::open(url, attune::db::conn::Purpose::Write).unwrap())
}

#[test]
fn up_down_and_up_again_is_the_same_schema() {
    let database = TestDatabase::empty();
    let count = run(&database.url).unwrap();
    let first = catalog(&database.url);
    assert_eq!(revert_all(&database.url).unwrap(), count);
    let nothing = catalog(&database.url);
    assert!(nothing.columns.is_empty() && nothing.rest.is_empty(), "{nothing:?}");
    assert!(matches!(check(&database.url), Err(Unready::Pending(pending)) if pending == count));
    assert_eq!(run(&database.url).unwrap(), count);
    assert_eq!(catalog(&database.url), first);
    assert_eq!(run(&database.url).unwrap(), 0, "running them again does nothing");
    check(&database.url).unwrap();
    println!("{count} migrations up, down, up: {} columns", first.columns.len());
}

#[test]
fn taking_migrations_back_removes_a_database_with_people_in_it() {
    let database = TestDatabase::with_story();
    let before = catalog(&database.url);
    assert!(integrity(&mut database.open()).unwrap().is_empty());
    revert_all(&database.url).unwrap();
    run(&database.url).unwrap();
    assert_eq!(catalog(&database.url), before);
}

/// Several processes may start at once: each migration is run by one of them.
#[test]
fn processes_that_start_together_migrate_once() {
    for _ in 0..5 {
        let database = TestDatabase::empty();
        // The write-ahead log is set up by the first connection; two at once would wait for it.
        drop(database.open());
        let mut ran: Vec<usize> = std::thread::scope(|scope| {
            let start = |_| scope.spawn(|| run(&database.url));
            let threads: Vec<_> = (0..4).map(start).collect();
            threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
        });
        ran.sort_unstable();
        assert!(ran[3] > 0 && ran[..3] == [0; 3], "{ran:?}");
        check(&database.url).unwrap();
        assert!(integrity(&mut database.open()).unwrap().is_empty());
    }
}

/// A migration may take longer than a request, and so may the wait for another process that migrates.
#[cfg(feature = "postgres")]
#[test]
fn a_process_waits_for_anothers_migrations_longer_than_a_request_may_take() {
    use diesel::connection::SimpleConnection;
    if !on_postgres() {
        return;
    }
    let (database, lock) = (TestDatabase::empty(), 0x0061_7474_756e_6501_i64);
    let mut other = database.open();
    other.batch_execute(&format!("SELECT pg_advisory_lock({lock})")).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| run(&database.url));
        std::thread::sleep(std::time::Duration::from_secs(16));
        assert!(!waiting.is_finished(), "it gave up, or took no lock");
        other.batch_execute(&format!("SELECT pg_advisory_unlock({lock})")).unwrap();
        assert!(waiting.join().unwrap().unwrap() > 0);
    });
}

/// The numbers and names of the migrations are the same in both folders.
#[test]
fn both_databases_have_the_same_steps() {
    let steps = |backend: &str| -> std::collections::BTreeSet<_> {
        let folder = format!("{}/migrations/{backend}", env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    };
    assert_eq!(steps("sqlite"), steps("postgres"));
}
