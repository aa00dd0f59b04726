//! How long four weeks of occurrences take for many assignments, and whether that grows with their number.
//!
//! `cargo bench --bench generation` makes 28 days for 10,000 and for 100,000 assignments of every evening, on SQLite in
//! a file, by the worker as it runs in production, and prints what an occurrence costs. It ends with an error when one
//! of 100,000 costs more than one and a half times what one of 10,000 does.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant as Moment};

use attune::app::Service;
use attune::auth::gate::Parts;
use attune::auth::limits::Rates;
use attune::auth::token::{Issuer, Verifier};
use attune::auth::{Gate, Keyring, signing_keys};
use attune::clock::Clock;
use attune::db::conn::Purpose;
use attune::db::id::IdSource;
use attune::db::{Conn, DatabaseUrl, Executor, Settings, migrate};
use attune::demo;
use attune::seal::RootKey;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};

/// It protects nothing.
const ROOT_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SIZES: [u32; 3] = [1_000, 10_000, 100_000];
/// How much more an occurrence may cost among ten times as many.
const MOST_GROWTH: f64 = 1.5;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generation");
    println!("| Assignments | Occurrences | Seconds | µs per occurrence | To the size before |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    let mut before: Option<f64> = None;
    let mut grew = false;
    for size in SIZES {
        std::fs::create_dir_all(&folder)?;
        let url: DatabaseUrl = format!("sqlite:{}", folder.join("made.db").display()).parse()?;
        let (made, took) = measure(&url, size)?;
        std::fs::remove_dir_all(&folder)?;
        let cost = took.as_secs_f64() * 1e6 / f64::from(u32::try_from(made)?);
        let ratio = before.map(|before| cost / before);
        let shown = ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
        println!("| {size} | {made} | {:.1} | {cost:.1} | {shown} |", took.as_secs_f64());
        grew |= ratio.is_some_and(|ratio| ratio > MOST_GROWTH);
        before = Some(cost);
    }
    if grew { Err("an occurrence costs more among many".into()) } else { Ok(()) }
}

/// How many occurrences were made, and in what time.
fn measure(url: &DatabaseUrl, size: u32) -> Result<(i64, Duration), Box<dyn Error>> {
    // One that goes on: were it to stand still, all ids would be of one moment, and so in random order, as they
    // never are in a service.
    let clock = Clock::from_now_on(demo::clock::ARRIVAL);
    let mut conn = told(url, &clock)?;
    multiply(&mut conn, size)?;
    let before = count(&mut conn, "FROM occurrences")?;
    let issuer = Issuer { url: "http://attune.test".to_owned(), audience: "attune".to_owned() };
    let service = Service::assemble(parts(url, &clock, issuer)?, Duration::from_secs(15))
        .map_err(|error| error.to_string())?;
    let bar = ProgressBar::new(u64::from(size));
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} assignments, {eta} left")?);
    let begun = Moment::now();
    actix_web::rt::System::new().block_on(async {
        loop {
            service.tick().await;
            let left = count(&mut conn, "FROM assignments WHERE work_at = 1")?;
            bar.set_position(u64::from(size).saturating_sub(u64::try_from(left)?));
            if left == 0 {
                return Ok::<(), Box<dyn Error>>(());
            }
        }
    })?;
    let took = begun.elapsed();
    bar.finish_and_clear();
    Ok((count(&mut conn, "FROM occurrences")? - before, took))
}

fn count(conn: &mut Conn, what: &str) -> Result<i64, Box<dyn Error>> {
    let found: Count =
        diesel::sql_query(format!("SELECT count(*) AS count {what}")).get_result(conn)?;
    Ok(found.count)
}

fn parts(url: &DatabaseUrl, clock: &Clock, issuer: Issuer) -> Result<Parts, Box<dyn Error>> {
    let settings = Settings::default();
    Ok(Parts {
        executor: Executor::start(url, settings).map_err(|_| "no database threads")?,
        public_url: issuer.url.clone(),
        verifier: Verifier::new(issuer, std::sync::Arc::default(), 100),
        keyring: Keyring::new(RootKey::from_text(ROOT_KEY)?),
        clock: clock.clone(),
        ids: IdSource::Random,
        rates: Rates::default(),
    })
}

/// A database with the demo's people and homework.
fn told(url: &DatabaseUrl, clock: &Clock) -> Result<Conn, Box<dyn Error>> {
    migrate::run(url)?;
    let mut conn = Conn::open(url, Purpose::Write)?;
    let keyring = Keyring::new(RootKey::from_text(ROOT_KEY)?);
    signing_keys::rotate(&mut conn, &keyring, demo::BEGINNING)
        .map_err(|error| error.for_operator())?;
    let issuer = Issuer { url: "http://attune.test".to_owned(), audience: "attune".to_owned() };
    let gate = Gate::new(parts(url, clock, issuer)?);
    let cast = demo::cast(&mut conn, &gate).map_err(|error| error.for_operator())?;
    demo::homework(&mut conn, &gate, &cast).map_err(|error| error.for_operator())?;
    Ok(conn)
}

/// So many copies of one check-in of every evening, of which nothing was made yet, and nothing else to do.
fn multiply(conn: &mut Conn, size: u32) -> Result<(), Box<dyn Error>> {
    let columns: Vec<Column> =
        diesel::sql_query("SELECT name FROM pragma_table_info('assignments')").load(conn)?;
    let copied = columns.iter().map(|column| match column.name.as_str() {
        "id" => "randomblob(16)".to_owned(),
        "starts_on" => "'2026-11-23'".to_owned(),
        "schedule" => r#"'{"rhythm":{"kind":"daily","every":1,"times":["20:00"]}}'"#.to_owned(),
        "schedule_before" | "holds_from" | "made_until" => "NULL".to_owned(),
        "work_at" => "1".to_owned(),
        name => name.to_owned(),
    });
    let copied: Vec<String> = copied.collect();
    let one = "(SELECT * FROM assignments WHERE key = 'daily_check_in' LIMIT 1)";
    conn.batch_execute(&format!(
        "BEGIN; UPDATE assignments SET work_at = NULL; \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size}) \
         INSERT INTO assignments SELECT {} FROM n, {one}; COMMIT;",
        copied.join(", ")
    ))?;
    Ok(())
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}
