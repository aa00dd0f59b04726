//! Who asks, and for whom: found in a database that `attune seed` has filled.

use attune::db::id::{
    AssignmentId, ClientId, ClinicianId, CoupleId, PracticeId, TreatmentId, UserId,
};
use attune::db::schema::{
    assignment_participants as participants, assignments, care_team_members as team, clients,
    practices, treatments, users,
};
use attune::db::{Conn, Date};
use diesel::prelude::*;

use crate::Outcome;

/// So many people send and read: as many tokens as a service keeps.
const MOST_AUTHORS: usize = 200;

/// The practice that is measured, and those of it who are asked for.
#[derive(Debug)]
pub struct People {
    /// The practice with the most clients.
    pub practice: PracticeId,
    /// Its administrator.
    pub admin: UserId,
    /// A clinician's login.
    pub clinician: UserId,
    /// The couples that this clinician treats.
    pub caseload: Vec<CoupleId>,
    /// Their treatments, in the same order.
    pub treatments: Vec<TreatmentId>,
    /// A practice beside it, to which the bare scenarios write: its rows are none that the service could read.
    pub other_practice: PracticeId,
    /// A practice to which nothing but the service writes.
    pub neighbour: PracticeId,
    /// Everybody in the first.
    pub clients: Vec<ClientId>,
    /// Partners who have homework, beside one another.
    pub authors: Vec<Author>,
}

impl People {
    /// Those who look at their own. What the others send is not theirs, so that the last minute of a run reads what the
    /// first has read: nobody checks in a hundred times in an hour.
    pub fn readers(&self) -> &[Author] {
        self.authors.split_at(self.half()).0
    }

    /// Those who send.
    pub fn writers(&self) -> &[Author] {
        self.authors.split_at(self.half()).1
    }

    /// Partners lie beside one another.
    fn half(&self) -> usize {
        self.authors.len() / 4 * 2
    }
}

/// Somebody with homework, and their couple's assignments.
#[derive(Debug, Clone)]
pub struct Author {
    /// The login.
    pub user: UserId,
    /// The client.
    pub client: ClientId,
    /// The couple.
    pub couple: CoupleId,
    /// The daily check-in.
    pub check_in: AssignmentId,
    /// What is revealed.
    pub threads: AssignmentId,
    /// The first day of both.
    pub starts_on: Date,
}

/// Finds everybody.
pub fn find(conn: &mut Conn) -> Outcome<People> {
    let mut sizes = Vec::new();
    let all: Vec<PracticeId> = practices::table.select(practices::practice_id).load(conn)?;
    for practice in all {
        let count: i64 =
            clients::table.filter(clients::practice_id.eq(practice)).count().get_result(conn)?;
        sizes.push((count, practice));
    }
    sizes.sort();
    let [.., (_, neighbour), (_, other_practice), (_, practice)] = sizes[..] else {
        return Err("the database holds no three practices".into());
    };
    let Desk { admin, clients, .. } = desk(conn, practice)?;
    let (own, clinician) = clinician(conn, practice)?;
    let (caseload, treatments) = caseload(conn, practice, own)?.into_iter().unzip();
    let authors = authors(conn, practice)?;
    if authors.len() < 4 {
        return Err("the database holds no two couples with homework".into());
    }
    let people = People {
        practice,
        admin,
        clinician,
        caseload,
        treatments,
        other_practice,
        neighbour,
        clients,
        authors,
    };
    Ok(people)
}

/// A practice's administrator, and everybody in it.
#[derive(Debug)]
pub struct Desk {
    /// The practice.
    pub practice: PracticeId,
    /// Its administrator.
    pub admin: UserId,
    /// Its clients.
    pub clients: Vec<ClientId>,
}

/// Finds them.
pub fn desk(conn: &mut Conn, practice: PracticeId) -> Outcome<Desk> {
    let admin = users::table
        .filter(users::practice_id.eq(practice))
        .filter(users::practice_admin.eq(true))
        .select(users::id)
        .first(conn)?;
    let clients = clients::table
        .filter(clients::practice_id.eq(practice))
        .select(clients::id)
        .order(clients::id)
        .load(conn)?;
    Ok(Desk { practice, admin, clients })
}

/// The clinician who treats the most couples.
fn clinician(conn: &mut Conn, practice: PracticeId) -> Outcome<(ClinicianId, UserId)> {
    let all: Vec<(ClinicianId, UserId)> = users::table
        .filter(users::practice_id.eq(practice))
        .filter(users::clinician_id.is_not_null())
        .order(users::id)
        .select((users::clinician_id.assume_not_null(), users::id))
        .load(conn)?;
    let mut found = None;
    for one in all {
        let couples = caseload(conn, practice, one.0)?.len();
        if found.is_none_or(|(most, _)| couples > most) {
            found = Some((couples, one));
        }
    }
    Ok(found.ok_or("nobody treats")?.1)
}

fn caseload(
    conn: &mut Conn,
    practice: PracticeId,
    clinician: ClinicianId,
) -> Outcome<Vec<(CoupleId, TreatmentId)>> {
    Ok(treatments::table
        .inner_join(
            team::table.on(team::practice_id
                .eq(treatments::practice_id)
                .and(team::treatment_id.eq(treatments::id))),
        )
        .filter(treatments::practice_id.eq(practice))
        .filter(treatments::couple_id.is_not_null())
        .filter(team::clinician_id.eq(clinician))
        .order(treatments::id)
        .select((treatments::couple_id.assume_not_null(), treatments::id))
        .load(conn)?)
}

fn authors(conn: &mut Conn, practice: PracticeId) -> Outcome<Vec<Author>> {
    type Found = (UserId, ClientId, CoupleId, AssignmentId, Date);
    let threads: Vec<(CoupleId, AssignmentId)> = assignments::table
        .filter(assignments::practice_id.eq(practice))
        .filter(assignments::key.eq("six_threads_check"))
        .select((assignments::couple_id.assume_not_null(), assignments::id))
        .load(conn)?;
    let found: Vec<Found> = assignments::table
        .inner_join(
            participants::table.on(participants::practice_id
                .eq(assignments::practice_id)
                .and(participants::assignment_id.eq(assignments::id))),
        )
        .inner_join(
            users::table.on(users::practice_id
                .eq(assignments::practice_id)
                .and(users::client_id.eq(participants::client_id.nullable()))),
        )
        .filter(assignments::practice_id.eq(practice))
        .filter(assignments::key.eq("daily_check_in"))
        .order((assignments::id, participants::position))
        .select((
            users::id,
            participants::client_id,
            assignments::couple_id.assume_not_null(),
            assignments::id,
            assignments::starts_on,
        ))
        .load(conn)?;
    let author = |(user, client, couple, check_in, starts_on)| {
        let threads = threads.iter().find(|(of, _)| *of == couple);
        let (_, threads) = *threads.ok_or("a couple without threads")?;
        Ok(Author { user, client, couple, check_in, threads, starts_on })
    };
    found.into_iter().take(MOST_AUTHORS).map(author).collect()
}
