//! Who reads an answer: the table of the design, written down a second time and compared cell by cell.

use attune::activities::definition::audience::{Shown, Stage, Viewer, decide};
use attune::activities::definition::{Audience, ClinicianAudience};

use Audience as A;
use Shown::{Full, Nothing, Outcome, Overlap};

/// For each audience, with the clinicians' part that goes with it: what partners and clinicians are shown
/// while only the author has submitted, and when all have.
const TABLE: [(Audience, ClinicianAudience, [Shown; 2], [Shown; 2]); 6] = [
    (A::AuthorOnly, ClinicianAudience::None, [Nothing, Nothing], [Nothing, Nothing]),
    (A::Clinician, ClinicianAudience::Full, [Nothing, Nothing], [Full, Full]),
    (A::Shared, ClinicianAudience::Full, [Full, Full], [Full, Full]),
    (A::MutualReveal, ClinicianAudience::Full, [Nothing, Full], [Full, Full]),
    (A::AggregateOnly, ClinicianAudience::Aggregate, [Nothing, Outcome], [Nothing, Outcome]),
    (A::OverlapOnly, ClinicianAudience::Overlap, [Nothing, Overlap], [Nothing, Overlap]),
];

#[test]
fn the_table_of_audiences_holds_cell_by_cell() {
    let mut cells = 0;
    for (audience, clinicians, partner, clinician) in TABLE {
        for stage in Stage::ALL {
            let at = |row: [Shown; 2]| match stage {
                Stage::Draft => Nothing,
                Stage::Submitted => row[0],
                Stage::Revealed => row[1],
            };
            for viewer in Viewer::ALL {
                let expected = match viewer {
                    Viewer::Author => Full,
                    Viewer::Partner => at(partner),
                    Viewer::Clinician => at(clinician),
                    Viewer::Other => Nothing,
                };
                let shown = decide(audience, clinicians, false, viewer, stage);
                assert_eq!(shown, expected, "{audience:?} {viewer:?} {stage:?}");
                cells += 1;
            }
        }
    }
    println!("{cells} cells, 0 differences");
}

/// Laws that hold for every combination there is, also those that no definition should have.
#[test]
fn no_combination_opens_what_the_audience_closes() {
    let mut tried = 0;
    for audience in Audience::ALL {
        for clinicians in ClinicianAudience::ALL {
            for widened in [false, true] {
                let shown = |viewer, stage| decide(*audience, *clinicians, widened, viewer, stage);
                for stage in Stage::ALL {
                    assert_eq!(shown(Viewer::Author, stage), Full);
                    assert_eq!(shown(Viewer::Other, stage), Nothing);
                    tried += 2;
                }
                for viewer in [Viewer::Partner, Viewer::Clinician] {
                    assert_eq!(shown(viewer, Stage::Draft), Nothing, "a draft is the author's");
                    tried += 1;
                }
                if widened {
                    assert_eq!(shown(Viewer::Partner, Stage::Submitted), Full, "it was shared");
                    continue;
                }
                let partner = |stage| shown(Viewer::Partner, stage);
                if matches!(audience, A::AuthorOnly | A::Clinician) {
                    assert_eq!(
                        (partner(Stage::Submitted), partner(Stage::Revealed)),
                        (Nothing, Nothing)
                    );
                }
                if *audience != A::Shared {
                    assert_eq!(partner(Stage::Submitted), Nothing, "{audience:?} before all have");
                }
                if matches!(audience, A::AuthorOnly) || *clinicians == ClinicianAudience::None {
                    assert_eq!(shown(Viewer::Clinician, Stage::Revealed), Nothing);
                }
                let with_full = decide(
                    *audience,
                    ClinicianAudience::Full,
                    false,
                    Viewer::Partner,
                    Stage::Revealed,
                );
                assert_eq!(
                    partner(Stage::Revealed),
                    with_full,
                    "what clinicians read moves nothing for partners"
                );
                tried += 3;
            }
        }
    }
    println!("{tried} decisions keep the laws");
}
