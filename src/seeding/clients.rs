//! Made-up clients in any number.

use crate::clients::model::NewClient;

const GIVEN: [&str; 12] = [
    "Åsa",
    "Tomás",
    "Zoë",
    "Łucja",
    "Nguyễn",
    "Oluwaseun",
    "Jürgen",
    "Noor",
    "Siobhán",
    "Çağla",
    "Ines",
    "Bo",
];
const FAMILY: [&str; 10] = [
    "Ångström",
    "Ibáñez",
    "Sample",
    "Fixture",
    "Placeholder",
    "Adébáyò",
    "Müller",
    "Demo",
    "Specimen",
    "Mock",
];

/// A client whose every field is made up from a number.
#[must_use]
pub fn new_client(number: u32) -> NewClient {
    let pick = |from: &[&str], step: u32| {
        let index = usize::try_from(number / step).unwrap_or_default() % from.len();
        from.get(index).copied().unwrap_or("Sample").to_owned()
    };
    NewClient {
        external_id: None,
        given_name: pick(&GIVEN, 1),
        family_name: Some(format!("{}-Example{number}", pick(&FAMILY, 12))),
        preferred_name: None,
        pronouns: None,
        date_of_birth: None,
        timezone: None,
        home_state: Some("WA".to_owned()),
        phone: Some(format!("+1206555{:04}", 100 + number % 100)),
        email: Some(format!("person{number}@people.example")),
        relationship_status: None,
        chronotype: None,
        safe_contact: None,
        responsible_for_billing: number.is_multiple_of(2),
        intake_clinician_id: None,
    }
}
