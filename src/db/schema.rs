//! The tables, kept by hand; a test compares them with both migrated databases.
//!
//! Every table carries `practice_id`, and keys and foreign keys are composite, so that no row
//! can point into another practice. The exception is `signing_keys`, which belongs to the
//! installation.
#![expect(missing_docs, reason = "what the columns hold is said in the migrations")]

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    practice_keys (practice_id) {
        practice_id -> IdSql,
        root_key_id -> Binary,
        wrapped -> Binary,
        created_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    data_keys (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        compartment -> Text,
        wrapped -> Binary,
        active -> Bool,
        created_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    signing_keys (kid) {
        kid -> Text,
        public_key -> Binary,
        sealed_private_key -> Binary,
        created_at -> InstantSql,
        retires_at -> Nullable<InstantSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    practices (practice_id) {
        practice_id -> IdSql,
        name -> Text,
        legal_name -> Nullable<Text>,
        timezone -> Text,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        website -> Nullable<Text>,
        out_of_network -> Bool,
        insurance_text -> Nullable<Text>,
        sliding_scale_text -> Nullable<Text>,
        structures_text -> Nullable<Text>,
        settings -> DocSql,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    offices (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        name -> Text,
        line1 -> Text,
        line2 -> Nullable<Text>,
        city -> Text,
        region -> Text,
        postal_code -> Text,
        country -> Text,
        nearby -> DocSql,
        active -> Bool,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    posted_hours (practice_id, office_id, weekday, opens) {
        practice_id -> IdSql,
        office_id -> IdSql,
        weekday -> Integer,
        opens -> WallTimeSql,
        closes -> WallTimeSql,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    clinicians (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        profile -> Binary,
        modalities -> DocSql,
        accepts_new -> Bool,
        supervisor_id -> Nullable<IdSql>,
        requires_cosign -> Bool,
        archived_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    clients (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        external_id -> Nullable<Binary>,
        external_id_lookup -> Nullable<Binary>,
        identity -> Binary,
        contact -> Binary,
        background -> Binary,
        timezone -> Text,
        status -> Text,
        responsible_for_billing -> Bool,
        intake_clinician_id -> Nullable<IdSql>,
        archived_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    client_name_prefixes (practice_id, prefix, client_id) {
        practice_id -> IdSql,
        prefix -> Binary,
        client_id -> IdSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    users (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        email -> Binary,
        email_lookup -> Binary,
        practice_admin -> Bool,
        clinician_id -> Nullable<IdSql>,
        client_id -> Nullable<IdSql>,
        locale -> Text,
        session_version -> Integer,
        disabled_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    apps (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        name -> Text,
        scopes -> Text,
        session_version -> Integer,
        disabled_at -> Nullable<InstantSql>,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    couples (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        profile -> Binary,
        timezone -> Text,
        status -> Text,
        started_on -> Nullable<DateSql>,
        dissolved_on -> Nullable<DateSql>,
        max_members -> Integer,
        intake_clinician_id -> Nullable<IdSql>,
        previous_couple_id -> Nullable<IdSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    couple_members (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        couple_id -> IdSql,
        client_id -> IdSql,
        position -> Integer,
        display_name -> Binary,
        invitation_state -> Text,
        joined_on -> Nullable<DateSql>,
        left_on -> Nullable<DateSql>,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    secrets_policies (practice_id, couple_id, version_no) {
        practice_id -> IdSql,
        couple_id -> IdSql,
        version_no -> Integer,
        policy -> Text,
        set_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    secrets_policy_acceptances (practice_id, couple_id, version_no, client_id) {
        practice_id -> IdSql,
        couple_id -> IdSql,
        version_no -> Integer,
        client_id -> IdSql,
        accepted_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    treatments (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        couple_id -> Nullable<IdSql>,
        client_id -> Nullable<IdSql>,
        arc -> Text,
        planned_min_sessions -> Integer,
        planned_max_sessions -> Integer,
        status -> Text,
        held_from -> Nullable<Text>,
        consult_outcome -> Nullable<Text>,
        consult_waiver -> Nullable<Binary>,
        close_reason -> Nullable<Text>,
        started_on -> Nullable<DateSql>,
        closed_on -> Nullable<DateSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    care_team_members (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        treatment_id -> IdSql,
        clinician_id -> IdSql,
        role -> Text,
        from_on -> DateSql,
        to_on -> Nullable<DateSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    consents (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        client_id -> IdSql,
        couple_id -> Nullable<IdSql>,
        kind -> Text,
        document_version -> Text,
        signature -> Binary,
        signed_at -> InstantSql,
        expires_on -> Nullable<DateSql>,
        revoked_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    activity_definitions (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        key -> Text,
        version -> Text,
        title -> Text,
        origin -> Text,
        status -> Text,
        category -> Text,
        sensitivity -> Text,
        subject -> Text,
        threads -> Text,
        body -> DocSql,
        written_by -> Nullable<IdSql>,
        revision -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    assignments (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        activity_definition_id -> IdSql,
        couple_id -> Nullable<IdSql>,
        client_id -> Nullable<IdSql>,
        key -> Text,
        sensitivity -> Text,
        parameters -> DocSql,
        note -> Nullable<Binary>,
        status -> Text,
        starts_on -> DateSql,
        due_at -> Nullable<InstantSql>,
        remind_at -> Nullable<InstantSql>,
        resume_on -> Nullable<DateSql>,
        assigned_by -> Nullable<IdSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
        timezone -> Text,
        hold_id -> Nullable<IdSql>,
        deviation -> Nullable<Binary>,
        schedule -> DocSql,
        holds_from -> Nullable<DateSql>,
        schedule_before -> Nullable<DocSql>,
        made_until -> Nullable<DateSql>,
        work_at -> Nullable<InstantSql>,
        error_reason -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    assignment_participants (practice_id, assignment_id, client_id) {
        practice_id -> IdSql,
        assignment_id -> IdSql,
        client_id -> IdSql,
        position -> Integer,
        hidden -> Bool,
        left_out -> Nullable<DocSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    occurrences (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        assignment_id -> IdSql,
        local_date -> DateSql,
        slot_no -> Integer,
        opens_at -> InstantSql,
        due_at -> Nullable<InstantSql>,
        closes_at -> Nullable<InstantSql>,
        status -> Text,
        completed_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
        planned -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    excusals (practice_id, assignment_id, local_date, slot_no) {
        practice_id -> IdSql,
        assignment_id -> IdSql,
        local_date -> DateSql,
        slot_no -> Integer,
        kind -> Text,
        created_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    rests (practice_id, assignment_id, begins_at) {
        practice_id -> IdSql,
        assignment_id -> IdSql,
        begins_at -> InstantSql,
        ends_at -> Nullable<InstantSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    submissions (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        device_id -> IdSql,
        author_id -> IdSql,
        assignment_id -> IdSql,
        couple_id -> Nullable<IdSql>,
        sensitivity -> Text,
        occurrence_id -> Nullable<IdSql>,
        local_date -> Nullable<DateSql>,
        slot_no -> Nullable<Integer>,
        role -> Nullable<Text>,
        policy_version_no -> Nullable<Integer>,
        status -> Text,
        revision -> Integer,
        late -> Bool,
        device_shared -> Bool,
        app -> Nullable<Text>,
        completed_at -> Nullable<InstantSql>,
        received_at -> InstantSql,
        submitted_at -> Nullable<InstantSql>,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    answer_sets (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        place -> IdSql,
        submission_id -> IdSql,
        assignment_id -> IdSql,
        couple_id -> Nullable<IdSql>,
        occurrence_id -> Nullable<IdSql>,
        author_id -> IdSql,
        entry_no -> Nullable<Integer>,
        entry_at -> Nullable<InstantSql>,
        audience -> Text,
        clinician_audience -> Text,
        revision -> Integer,
        answers -> Binary,
        sensitivity -> Text,
        widened -> Bool,
        shared_at -> Nullable<InstantSql>,
        clinicians_at -> Nullable<InstantSql>,
        superseded_at -> Nullable<InstantSql>,
        created_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    submission_receipts (practice_id, author_id, device_id, content, revision) {
        practice_id -> IdSql,
        author_id -> IdSql,
        device_id -> IdSql,
        content -> Binary,
        submission_id -> IdSql,
        assignment_id -> IdSql,
        status -> Text,
        revision -> Integer,
        late -> Bool,
        problems -> DocSql,
        accepted_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    reveals (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        occurrence_id -> IdSql,
        assignment_id -> IdSql,
        couple_id -> Nullable<IdSql>,
        key -> Text,
        outcomes -> Nullable<Binary>,
        content -> Binary,
        revealed_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    reviews (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        assignment_id -> IdSql,
        submission_id -> Nullable<IdSql>,
        clinician_id -> IdSql,
        comment -> Nullable<Binary>,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    alerts (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        client_id -> IdSql,
        couple_id -> Nullable<IdSql>,
        kind -> Text,
        code -> Text,
        severity -> Text,
        submission_id -> Nullable<IdSql>,
        raised_by -> Nullable<IdSql>,
        detail -> Nullable<Binary>,
        status -> Text,
        pages -> Integer,
        next_page_at -> Nullable<InstantSql>,
        acknowledged_by -> Nullable<IdSql>,
        acknowledged_at -> Nullable<InstantSql>,
        plan -> Nullable<Binary>,
        closing -> Nullable<Binary>,
        closed_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    holds (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        couple_id -> IdSql,
        kind -> Text,
        cover_reason -> Text,
        reason -> Nullable<Binary>,
        alert_id -> Nullable<IdSql>,
        status -> Text,
        effective_at -> InstantSql,
        resume_on -> DateSql,
        placed_by -> IdSql,
        lifted_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    help_requests (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        client_id -> IdSql,
        alert_id -> IdSql,
        created_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    programs (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        couple_id -> Nullable<IdSql>,
        client_id -> Nullable<IdSql>,
        definition_key -> Text,
        definition_version -> Text,
        title -> Text,
        plan -> DocSql,
        variants -> DocSql,
        parameters -> DocSql,
        starts_on -> DateSql,
        status -> Text,
        phase -> Integer,
        paused_on -> Nullable<DateSql>,
        resume_on -> Nullable<DateSql>,
        proposed_plan -> Nullable<Text>,
        next_review_on -> Nullable<DateSql>,
        begun_by -> IdSql,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    clinician_licenses (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        clinician_id -> IdSql,
        state -> Text,
        number -> Binary,
        expires_on -> Nullable<DateSql>,
        created_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    sessions (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        treatment_id -> IdSql,
        couple_id -> Nullable<IdSql>,
        client_id -> Nullable<IdSql>,
        kind -> Text,
        modality -> Text,
        office_id -> Nullable<IdSql>,
        starts_at -> InstantSql,
        ends_at -> InstantSql,
        started_at -> Nullable<InstantSql>,
        ended_at -> Nullable<InstantSql>,
        status -> Text,
        exception -> Nullable<Binary>,
        cancellation -> Nullable<Binary>,
        rescheduled_to_id -> Nullable<IdSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    program_phases (practice_id, program_id, position) {
        practice_id -> IdSql,
        program_id -> IdSql,
        position -> Integer,
        key -> Text,
        planned_from -> DateSql,
        planned_to -> DateSql,
        actual_from -> Nullable<DateSql>,
        actual_to -> Nullable<DateSql>,
        state -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    program_actions (practice_id, program_id, key) {
        practice_id -> IdSql,
        program_id -> IdSql,
        key -> Text,
        position -> Integer,
        phase -> Integer,
        state -> Text,
        assignment_id -> Nullable<IdSql>,
        due_on -> Nullable<DateSql>,
        carry_forward -> Bool,
        rests -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    program_deviations (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        program_id -> IdSql,
        number -> Integer,
        kind -> Text,
        about -> Nullable<Text>,
        reason -> Nullable<Binary>,
        made_by -> IdSql,
        made_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    session_participants (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        session_id -> IdSql,
        client_id -> IdSql,
        position -> Integer,
        attendance -> Text,
        location_state -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    session_clinicians (practice_id, session_id, clinician_id) {
        practice_id -> IdSql,
        session_id -> IdSql,
        clinician_id -> IdSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    session_notes (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        treatment_id -> IdSql,
        session_id -> Nullable<IdSql>,
        couple_id -> Nullable<IdSql>,
        client_id -> Nullable<IdSql>,
        author_id -> IdSql,
        app_id -> Nullable<IdSql>,
        format -> Text,
        status -> Text,
        draft_no -> Integer,
        content -> Binary,
        content_hash -> Nullable<Binary>,
        signed_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    session_note_acts (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        note_id -> IdSql,
        act_no -> Integer,
        draft_no -> Integer,
        act -> Text,
        clinician_id -> IdSql,
        signature -> Binary,
        reason -> Nullable<Text>,
        content -> Binary,
        content_hash -> Binary,
        acted_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    note_templates (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        clinician_id -> Nullable<IdSql>,
        format -> Text,
        body -> Binary,
        archived_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    psychotherapy_notes (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        author_id -> IdSql,
        client_id -> Nullable<IdSql>,
        couple_id -> Nullable<IdSql>,
        text -> Binary,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    session_summaries (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        session_id -> IdSql,
        couple_id -> Nullable<IdSql>,
        client_id -> Nullable<IdSql>,
        author_id -> IdSql,
        text -> Binary,
        status -> Text,
        published_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    time_proposals (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        assignment_id -> IdSql,
        couple_id -> IdSql,
        proposed_by -> IdSql,
        time_of_day -> Nullable<WallTimeSql>,
        weekdays -> DocSql,
        schedule -> DocSql,
        status -> Text,
        expires_at -> InstantSql,
        decided_at -> Nullable<InstantSql>,
        version -> Integer,
        created_at -> InstantSql,
        updated_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    time_proposal_confirmations (practice_id, proposal_id, client_id) {
        practice_id -> IdSql,
        proposal_id -> IdSql,
        client_id -> IdSql,
        confirmed_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    calendar_feeds (practice_id, id) {
        practice_id -> IdSql,
        id -> IdSql,
        user_id -> IdSql,
        client_id -> IdSql,
        secret -> Binary,
        created_at -> InstantSql,
        revoked_at -> Nullable<InstantSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    joint_confirmations (practice_id, occurrence_id, client_id) {
        practice_id -> IdSql,
        occurrence_id -> IdSql,
        client_id -> IdSql,
        assignment_id -> IdSql,
        local_date -> DateSql,
        slot_no -> Integer,
        written_by -> IdSql,
        asked_at -> InstantSql,
        answer -> Nullable<Text>,
        answered_at -> Nullable<InstantSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    audit_heads (practice_id) {
        practice_id -> IdSql,
        seq -> BigInt,
        hash -> Binary,
        seal -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    audit_events (practice_id, seq) {
        practice_id -> IdSql,
        seq -> BigInt,
        id -> IdSql,
        at -> InstantSql,
        actor_kind -> Text,
        actor_id -> Nullable<IdSql>,
        app -> Nullable<Text>,
        action -> Text,
        resource -> Text,
        resource_id -> IdSql,
        fields -> DocSql,
        previous_hash -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    events (practice_id, seq) {
        practice_id -> IdSql,
        seq -> BigInt,
        id -> IdSql,
        at -> InstantSql,
        #[sql_name = "type"]
        kind -> Text,
        resource -> Text,
        resource_id -> IdSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    idempotency_keys (practice_id, key) {
        practice_id -> IdSql,
        id -> IdSql,
        key -> Binary,
        request -> Binary,
        resource_id -> IdSql,
        answer -> Binary,
        expires_at -> InstantSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    caseload_couples (practice_id, clinician_id, couple_id) {
        practice_id -> IdSql,
        clinician_id -> IdSql,
        couple_id -> IdSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;

    caseload_clients (practice_id, clinician_id, client_id) {
        practice_id -> IdSql,
        clinician_id -> IdSql,
        client_id -> IdSql,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    practice_keys,
    data_keys,
    signing_keys,
    practices,
    offices,
    posted_hours,
    clinicians,
    clients,
    client_name_prefixes,
    users,
    apps,
    couples,
    couple_members,
    secrets_policies,
    secrets_policy_acceptances,
    treatments,
    care_team_members,
    consents,
    activity_definitions,
    assignments,
    assignment_participants,
    occurrences,
    excusals,
    rests,
    submissions,
    answer_sets,
    submission_receipts,
    reveals,
    reviews,
    alerts,
    holds,
    help_requests,
    programs,
    program_phases,
    program_actions,
    program_deviations,
    clinician_licenses,
    sessions,
    session_participants,
    session_clinicians,
    session_notes,
    session_note_acts,
    note_templates,
    psychotherapy_notes,
    session_summaries,
    time_proposals,
    time_proposal_confirmations,
    calendar_feeds,
    joint_confirmations,
    audit_heads,
    audit_events,
    events,
    idempotency_keys,
    caseload_couples,
    caseload_clients,
);
