//! Fills an empty database with the past of visibly fictitious practices, of any size: for measuring, and for trying
//! out how something behaves among much.
//!
//! People, sessions, notes and what is revealed are made by the functions that serve requests. Check-ins, of which
//! there are the most, are written as those write them and many at a time ([`submissions::past`](crate::submissions)).
//! Every change has its audit row, chained as ever. A single row that says "filled" was rejected: a practice of that
//! age has a long chain, and what reads it is to be measured too.

pub mod clients;
mod days;
mod people;
mod shape;

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;

use self::days::History;
use self::people::{Couple, Practice};
use self::shape::{PRACTICES, Shape};
use crate::auth::{Acting, Gate, Tx};
use crate::db::conn::transaction;
use crate::db::id::{IdSource, PracticeId, UserId};
use crate::db::{Conn, Date, Instant};
use crate::demo::Login;
use crate::error::{Error, Result};
use crate::practices::founding;

/// The people are there some weeks before anything happens.
const BEFORE_DAYS: i64 = 30;
const DAY_SECONDS: i64 = 86_400;
/// After so many submissions the database looks at what it has, and again whenever there are twice as many.
const FIRST_LOOK: usize = 100;

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// Submissions.
    pub submissions: u64,
    /// The same seed gives the same people, ids and answers on the same day; keys are new each time.
    pub seed: u64,
    /// The present.
    pub now: Instant,
}

/// What was made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filled {
    /// Couples in treatment.
    pub couples: usize,
    /// Submissions.
    pub submissions: usize,
    /// Sessions that were held, each with a signed note.
    pub notes: usize,
    /// Rows that were written many at a time.
    pub rows: usize,
}

/// Somebody of each kind, to begin with.
#[derive(Debug)]
pub struct Cast {
    /// Who can log in.
    pub logins: Vec<Login>,
    /// Ids by their names.
    pub ids: BTreeMap<&'static str, String>,
}

/// How far it has come: what is made, how many of how many.
pub type Progress<'a> = &'a mut dyn FnMut(&'static str, u64, u64);

/// True when nothing is in the database that anybody made.
///
/// # Errors
/// Those of the database.
pub fn is_empty(conn: &mut Conn) -> Result<bool> {
    Ok(founding::all(conn)?.is_empty())
}

/// Fills the database, which must be empty, by many transactions: what was begun and not ended cannot be gone on
/// with.
///
/// # Errors
/// Those of the database.
pub fn fill(
    conn: &mut Conn,
    gate: &Gate,
    wish: Wish,
    progress: Progress<'_>,
) -> Result<(Filled, Cast)> {
    hurry(conn)?;
    let ids = IdSource::seeded(wish.seed);
    let shape = Shape::of(wish.submissions, wish.seed);
    let (days, today) = (shape.days(), wish.now.date_in(&jiff::tz::TimeZone::UTC));
    let mut filling = Filling {
        conn,
        gate,
        ids: &ids,
        practice: ids.next(wish.now),
        now: wish.now.plus_seconds(-(i64::from(days) + BEFORE_DAYS) * DAY_SECONDS),
        // The last day of the history is over everywhere.
        today: today.plus_days(-1),
        days,
    };
    let practices = found_all(&mut filling, &shape)?;
    let couples = form_all(&mut filling, &shape, &practices, progress)?;
    let mut filled = Filled { couples: couples.len(), ..Filled::default() };
    let mut history = History::new(&couples, wish.seed);
    let mut look = FIRST_LOOK;
    let same = |one: &shape::Happening, other: &shape::Happening| {
        (one.days_ago, one.practice) == (other.days_ago, other.practice)
    };
    for day in shape.happenings.chunk_by(same) {
        let done = history.day(&mut filling, day)?;
        filled.submissions += done.submissions;
        filled.notes += done.notes;
        filled.rows += done.rows;
        if filled.submissions >= look {
            look_at_growth(filling.conn)?;
            look = 2 * filled.submissions;
        }
        progress(
            "submissions",
            u64::try_from(filled.submissions).unwrap_or_default(),
            wish.submissions,
        );
    }
    filling.now = wish.now;
    for couple in &couples {
        people::assign_times(&mut filling, couple)?;
    }
    settle(conn)?;
    Ok((filled, cast(&practices, &couples)?))
}

/// The work, and where it stands.
struct Filling<'a> {
    conn: &'a mut Conn,
    gate: &'a Gate,
    ids: &'a IdSource,
    practice: PracticeId,
    now: Instant,
    today: Date,
    days: i32,
}

impl Filling<'_> {
    fn day(&self, days_ago: i32) -> Date {
        self.today.plus_days(-days_ago)
    }

    fn by_practice<T>(&mut self, unit: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.gate.operate(self.conn, Acting::Operator(self.practice), self.ids, self.now, unit)
    }

    fn by_user<T>(
        &mut self,
        user: UserId,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        self.gate.operate(self.conn, Acting::User(self.practice, user), self.ids, self.now, unit)
    }

    /// Something in one transaction.
    fn together<T>(&mut self, unit: impl FnOnce(&mut Filling<'_>) -> Result<T>) -> Result<T> {
        let Self { gate, ids, practice, now, today, days, .. } = *self;
        transaction(self.conn, |conn| {
            unit(&mut Filling { conn, gate, ids, practice, now, today, days })
        })
    }
}

fn found_all(filling: &mut Filling<'_>, shape: &Shape) -> Result<Vec<Practice>> {
    let of = |number| shape.couples.iter().filter(|couple| couple.practice == number).count();
    filling.together(|filling| {
        (0..PRACTICES).map(|number| people::practice(filling, number, of(number))).collect()
    })
}

fn form_all(
    filling: &mut Filling<'_>,
    shape: &Shape,
    practices: &[Practice],
    progress: Progress<'_>,
) -> Result<Vec<Couple>> {
    let mut couples = Vec::with_capacity(shape.couples.len());
    for (number, couple) in shape.couples.iter().enumerate() {
        let practice = practices.get(couple.practice);
        let practice = practice.ok_or_else(|| Error::internal("a couple of no practice"))?;
        couples.push(filling.together(|one| people::couple(one, number, *couple, practice))?);
        let all = u64::try_from(shape.couples.len()).unwrap_or_default();
        progress("couples", u64::try_from(couples.len()).unwrap_or_default(), all);
    }
    Ok(couples)
}

/// Whoever fills an empty database begins anew after a power cut, and waits for no disk until the end.
fn hurry(conn: &mut Conn) -> Result<()> {
    Ok(conn.batch_execute(match conn {
        Conn::Sqlite(_) => "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;",
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => "SET synchronous_commit = off; SET statement_timeout = 0;",
    })?)
}

/// PostgreSQL keeps the plans by which it checks foreign keys, and those that it made of empty tables read all rows of
/// the practice for each new one. It looks at tables by itself once a minute, which is seldom where all grow so fast.
fn look_at_growth(conn: &mut Conn) -> Result<()> {
    Ok(conn.batch_execute(match conn {
        Conn::Sqlite(_) => "",
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => "ANALYZE",
    })?)
}

/// Everything on the disk, and PostgreSQL knows what it has.
fn settle(conn: &mut Conn) -> Result<()> {
    Ok(conn.batch_execute(match conn {
        Conn::Sqlite(_) => "PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE);",
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => "VACUUM (ANALYZE)",
    })?)
}

/// The first practice's administrator and first clinician, a couple of theirs, and somebody of another practice.
fn cast(practices: &[Practice], couples: &[Couple]) -> Result<Cast> {
    let nobody = || Error::internal("nobody was made");
    let (practice, other) = practices.first().zip(practices.get(1)).ok_or_else(nobody)?;
    let couple = couples.first().ok_or_else(nobody)?;
    let [a, b] = couple.partners;
    let stranger = other.clinicians.first().ok_or_else(nobody)?;
    let login = |name, practice, user| Login { name, practice, user: Some(user), app: None };
    let logins = vec![
        login("practice_admin", practice.id, practice.admin),
        login("clinician", practice.id, couple.clinician.user),
        login("partner_a", practice.id, a.user),
        login("partner_b", practice.id, b.user),
        login("other_practice_clinician", other.id, stranger.user),
    ];
    let ids = BTreeMap::from([
        ("practice", practice.id.to_string()),
        ("clinician", couple.clinician.id.to_string()),
        ("couple", couple.id.to_string()),
        ("treatment", couple.treatment.to_string()),
        ("partner_a", a.client.to_string()),
        ("partner_b", b.client.to_string()),
        ("check_in", couple.check_in.to_string()),
        ("threads", couple.threads.to_string()),
        ("other_practice", other.id.to_string()),
    ]);
    Ok(Cast { logins, ids })
}
