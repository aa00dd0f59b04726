//! What the service is compared with: the same work with nothing around it, served by actix
//! with as many workers, on the same kind of executor with as many threads.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Bytes, Data, Path};
use actix_web::{App, HttpResponse, HttpServer, error, web};
use attune::auth::{Acting, Gate};
use attune::clients::model::{Background, Contact, Identity, NewClient};
use attune::clients::store;
use attune::clock::Clock;
use attune::db::conn::{Purpose, transaction};
use attune::db::id::{ClientId, ClinicianId, IdSource, PracticeId};
use attune::db::schema::{client_name_prefixes, clients};
use attune::db::{Conn, DatabaseUrl, Executor, Instant, Settings};
use attune::error::{DbResultExt, Result};
use attune::seal::{LookupKey, Sealed, SealedJson};
use diesel::ConnectionError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::json;

use crate::people::{self, People};
use crate::records::Records;
use crate::{Outcome, bare_homework, bare_record, place};

/// A pooled writer waits for the lock as long as it takes: nobody may fail.
const PATIENCE: Duration = Duration::from_mins(10);

/// What the handlers share.
pub struct Bare {
    /// As the service has one.
    pub executor: Executor,
    /// Opens units of work.
    pub gate: Gate,
    /// As services usually have one; SQLite alone.
    pool: Option<r2d2::Pool<Writers>>,
    /// Who is asked for.
    pub people: People,
    template: Template,
    /// The rows of a check-in.
    pub check_in: bare_homework::Template,
    /// The rows of what is revealed.
    pub review: bare_homework::Template,
    /// The rows of a signature.
    pub record: bare_record::Template,
}

/// Serves the bare handlers until the process is ended.
pub fn serve(address: &str, listen: SocketAddr, connections: u32) -> Outcome<()> {
    let (url, mut conn) = (place::url(address)?, place::open(address)?);
    let people = people::find(&mut conn)?;
    let records = Arc::new(Records::of(&mut conn, &people)?);
    let of = |conn: &mut Conn, key| {
        bare_homework::Template::of(conn, &people, key, Arc::clone(&records))
    };
    let pool = || {
        let pool = r2d2::Pool::builder().max_size(connections).connection_timeout(PATIENCE);
        pool.build(Writers(url.clone()))
    };
    let bare = Data::new(Bare {
        executor: Executor::start(&url, Settings::default())?,
        gate: place::gate(address)?,
        pool: (!url.is_postgres()).then(pool).transpose()?,
        template: Template::of(&mut conn, &people, Arc::clone(&records))?,
        check_in: of(&mut conn, bare_homework::CHECK_IN)?,
        review: of(&mut conn, bare_homework::REVIEW)?,
        record: bare_record::Template::of(&mut conn, &people, Arc::clone(&records))?,
        people,
    });
    let app = move || {
        App::new()
            .app_data(bare.clone())
            .route("/empty", web::get().to(empty))
            .route("/statement/{id}", web::get().to(statement))
            .route("/bare/{id}", web::get().to(point_read))
            .route("/pool", web::post().to(pooled))
            .route("/insert", web::post().to(insert))
            .route("/inbox/{user}", web::get().to(bare_homework::statements))
            .route("/dashboard/{user}/{couple}", web::get().to(bare_homework::page))
            .route("/page/{user}/{couple}/{after}", web::get().to(bare_homework::submissions))
            .route("/check-in", web::put().to(bare_homework::insert_check_in))
            .route("/review", web::put().to(bare_homework::insert_review))
            .route("/note/{id}", web::get().to(bare_record::read))
            .route("/sign", web::post().to(bare_record::sign))
    };
    let server = HttpServer::new(app).keep_alive(Duration::from_secs(75)).bind(listen)?;
    Ok(actix_web::rt::System::new().block_on(server.run())?)
}

async fn empty() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body("{}")
}

/// The statement and the JSON of `GET /v1/clients/{id}`.
async fn point_read(bare: Data<Bare>, id: Path<ClientId>) -> Result<HttpResponse> {
    let (id, practice, gate) = (id.into_inner(), bare.people.practice, bare.gate.clone());
    let unit = move |conn: &mut Conn| {
        let operator = Acting::Operator(practice);
        gate.operate(conn, operator, &IdSource::Random, Clock::System.now(), |tx| {
            store::find(tx, id)
        })
    };
    let client = bare.executor.read(Some(practice), unit).await?;
    Ok(json_of(HttpResponse::Ok(), &client))
}

/// The columns that the service reads, as they lie there.
type Row = (
    ClientId,
    Option<Sealed<String>>,
    Sealed<SealedJson<Identity>>,
    Sealed<SealedJson<Contact>>,
    Sealed<SealedJson<Background>>,
    String,
    String,
    bool,
    Option<ClinicianId>,
    Option<Instant>,
    Instant,
    Instant,
);

async fn statement(bare: Data<Bare>, id: Path<ClientId>) -> Result<HttpResponse> {
    let (id, practice) = (id.into_inner(), bare.people.practice);
    let unit = move |conn: &mut Conn| {
        clients::table
            .filter(clients::practice_id.eq(practice))
            .into_boxed()
            .filter(clients::id.eq(id))
            .select((
                clients::id,
                clients::external_id,
                clients::identity,
                clients::contact,
                clients::background,
                clients::timezone,
                clients::status,
                clients::responsible_for_billing,
                clients::intake_clinician_id,
                clients::archived_at,
                clients::created_at,
                clients::updated_at,
            ))
            .first::<Row>(conn)
            .or_not_found()
    };
    let row = bare.executor.read(Some(practice), unit).await?;
    Ok(json_of(HttpResponse::Ok(), &json!({ "id": row.0, "timezone": row.5, "status": row.6 })))
}

/// The unit of work of `POST /v1/clients`, the usual way.
async fn pooled(bare: Data<Bare>, body: Bytes) -> actix_web::Result<HttpResponse> {
    let new: NewClient = serde_json::from_slice(&body)?;
    let block = move || {
        let none = || attune::error::Error::overloaded("no connection");
        let pool = bare.pool.as_ref().ok_or_else(none)?;
        let mut conn = pool.get().map_err(|_| none())?;
        let user = Acting::User(bare.people.practice, bare.people.admin);
        transaction(&mut conn, |conn| {
            let now = Clock::System.now();
            bare.gate.operate(conn, user, &IdSource::Random, now, |tx| store::create(tx, new))
        })
    };
    let client = web::block(block).await.map_err(error::ErrorInternalServerError)??;
    Ok(json_of(HttpResponse::Created(), &client))
}

/// The rows of one new client, ready-made, by the executor.
async fn insert(bare: Data<Bare>, _: Bytes) -> Result<HttpResponse> {
    let shared = Data::clone(&bare);
    let practice = bare.people.other_practice;
    let id = bare
        .executor
        .write(Some(practice), move |conn| shared.template.insert(conn, practice))
        .await?;
    Ok(json_of(HttpResponse::Created(), &json!({ "id": id })))
}

/// An answer.
pub fn json_of(
    mut response: actix_web::HttpResponseBuilder,
    value: &impl serde::Serialize,
) -> HttpResponse {
    response.content_type("application/json").body(serde_json::to_vec(value).unwrap_or_default())
}

/// Connections for the pool, set up as the service sets up its own.
struct Writers(DatabaseUrl);

impl r2d2::ManageConnection for Writers {
    type Connection = Conn;
    type Error = ConnectionError;

    fn connect(&self) -> std::result::Result<Conn, ConnectionError> {
        let mut conn = Conn::open(&self.0, Purpose::Write)?;
        conn.batch_execute(&format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis()))
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(conn)
    }

    fn is_valid(&self, _: &mut Conn) -> std::result::Result<(), ConnectionError> {
        Ok(())
    }

    fn has_broken(&self, _: &mut Conn) -> bool {
        false
    }
}

/// What a new client adds to the database, copied from one that is there. It goes to the other
/// practice, so that its numbers do not meet those of the measured one.
struct Template {
    sealed: [Vec<u8>; 3],
    prefixes: Vec<LookupKey>,
    records: Arc<Records>,
}

type SealedFields =
    (Sealed<SealedJson<Identity>>, Sealed<SealedJson<Contact>>, Sealed<SealedJson<Background>>);

impl Template {
    fn of(conn: &mut Conn, people: &People, records: Arc<Records>) -> Outcome<Self> {
        let id = people.clients.last().copied().ok_or("no clients")?;
        let (identity, contact, background): SealedFields = clients::table
            .find((people.practice, id))
            .select((clients::identity, clients::contact, clients::background))
            .first(conn)?;
        let prefixes = client_name_prefixes::table
            .filter(client_name_prefixes::practice_id.eq(people.practice))
            .filter(client_name_prefixes::client_id.eq(id))
            .select(client_name_prefixes::prefix)
            .load(conn)?;
        Ok(Self {
            sealed: [identity.into_bytes(), contact.into_bytes(), background.into_bytes()],
            prefixes,
            records,
        })
    }

    fn insert(&self, conn: &mut Conn, practice: PracticeId) -> Result<ClientId> {
        let now = Clock::System.now();
        let id: ClientId = IdSource::Random.next(now);
        let [identity, contact, background] = &self.sealed;
        diesel::insert_into(clients::table)
            .values((
                clients::practice_id.eq(practice),
                clients::id.eq(id),
                clients::identity.eq(identity),
                clients::contact.eq(contact),
                clients::background.eq(background),
                clients::timezone.eq("America/Los_Angeles"),
                clients::status.eq("prospective"),
                clients::responsible_for_billing.eq(false),
                clients::version.eq(1),
                clients::created_at.eq(now),
                clients::updated_at.eq(now),
            ))
            .execute(conn)?;
        self.insert_prefixes(conn, practice, id)?;
        self.records.insert(conn, ("client", "client.created"), id.uuid(), now)?;
        Ok(id)
    }

    fn insert_prefixes(&self, conn: &mut Conn, practice: PracticeId, id: ClientId) -> Result<()> {
        let rows: Vec<_> = self
            .prefixes
            .iter()
            .map(|prefix| {
                (
                    client_name_prefixes::practice_id.eq(practice),
                    client_name_prefixes::prefix.eq(prefix.as_bytes().as_slice()),
                    client_name_prefixes::client_id.eq(id),
                )
            })
            .collect();
        match conn {
            Conn::Sqlite(conn) => {
                diesel::insert_into(client_name_prefixes::table).values(rows).execute(conn)?;
            }
            #[cfg(feature = "postgres")]
            Conn::Pg(conn) => {
                diesel::insert_into(client_name_prefixes::table).values(rows).execute(conn)?;
            }
        }
        Ok(())
    }
}
