use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::TestResult;
use crate::seal::{RootKey, RootKeyError, RootKeySource};

const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1ef7";

fn load(path: &Path) -> Result<RootKey, RootKeyError> {
    RootKeySource::File(path.to_owned()).load()
}

fn command(line: &str) -> Result<RootKey, RootKeyError> {
    RootKeySource::Command(line.to_owned()).load()
}

#[test]
fn a_key_is_read_in_every_usual_spelling() -> TestResult {
    let id = RootKey::from_text(HEX)?.id();
    let spellings = [
        &HEX.to_uppercase(),
        &format!("  {HEX}\r\n"),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHvc=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHvc",
    ];
    for spelling in spellings {
        assert_eq!(RootKey::from_text(spelling)?.id(), id);
    }
    let [plus, minus] = ["+/".repeat(21) + "8=", "-_".repeat(21) + "8="];
    assert_eq!(RootKey::from_text(&plus)?.id(), RootKey::from_text(&minus)?.id());
    Ok(())
}

#[test]
fn what_is_no_key_is_refused_without_repeating_it() {
    let almost = HEX.replace("f7", "fg");
    let longer = format!("{HEX}0");
    let unicode = "é".repeat(32);
    for text in ["", "secret", "=", &almost, &longer, &unicode, &"=".repeat(44), &"+".repeat(43)] {
        let error = RootKey::from_text(text).err().map(|error| error.to_string());
        let sentence = error.unwrap_or_default();
        assert!(sentence.starts_with("the root key must be 32 bytes"));
        assert!(text.len() < 2 || !sentence.contains(text));
    }
}

#[test]
fn a_new_key_file_is_private_and_never_overwritten() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("root.key");
    assert!(matches!(load(&path), Err(RootKeyError::Missing(missing)) if missing == path));

    let key = RootKey::create_file(&path)?;
    assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o7777, 0o400);
    assert_eq!(fs::metadata(&path)?.len(), 65);
    assert_eq!(load(&path)?.id(), key.id());

    let again = RootKey::create_file(&path);
    assert!(matches!(again, Err(RootKeyError::AlreadyExists(existing)) if existing == path));
    assert_eq!(load(&path)?.id(), key.id());

    let link = folder.path().join("link");
    symlink(folder.path().join("nowhere"), &link)?;
    assert!(matches!(RootKey::create_file(&link), Err(RootKeyError::AlreadyExists(_))));

    let nowhere = folder.path().join("no").join("root.key");
    assert!(matches!(RootKey::create_file(&nowhere), Err(RootKeyError::CannotCreate { .. })));
    Ok(())
}

#[test]
fn a_key_file_open_to_others_is_refused() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("root.key");
    RootKey::create_file(&path)?;
    for mode in [0o440, 0o404, 0o644, 0o420, 0o402, 0o410] {
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
        let sentence = load(&path).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(sentence.contains(&format!("`chmod 0400 {}`", path.display())), "{mode:o}");
    }
    for mode in [0o400, 0o600] {
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
        assert!(load(&path).is_ok(), "{mode:o}");
    }
    assert!(matches!(load(folder.path()), Err(RootKeyError::Unreadable { .. })));
    Ok(())
}

#[test]
fn a_command_may_print_the_key() -> TestResult {
    let key = command(&format!("echo {HEX}"))?;
    assert_eq!(key.id(), RootKey::from_text(HEX)?.id());
    Ok(())
}

#[test]
fn a_command_that_fails_is_told_by_its_status_alone() {
    let error = command(&format!("echo {HEX}; echo {HEX} >&2; exit 3")).err();
    assert!(
        matches!(&error, Some(RootKeyError::CommandFailed(status)) if status.code() == Some(3))
    );
    let said = format!("{error:?} {}", error.as_ref().map(ToString::to_string).unwrap_or_default());
    assert!(!said.contains(HEX));
    assert!(said.contains("exit status: 3"));
}

#[test]
fn a_command_that_prints_without_end_is_cut_off() {
    assert!(matches!(command("exec yes"), Err(RootKeyError::CommandFailed(_))));
    assert!(matches!(command("true"), Err(RootKeyError::NotAKey)));
    assert!(matches!(command(r"printf '\377'"), Err(RootKeyError::CommandNotRun(_))));
}

#[test]
fn a_source_shows_its_kind_only() {
    let value = RootKeySource::Value(HEX.to_owned().into());
    assert_eq!(format!("{value:?}"), "Value(…)");
    assert!(value.load().is_ok());
    let command = RootKeySource::Command("vault read --token=hvs.secret".to_owned());
    assert_eq!(format!("{command:?}"), "Command(…)");
}
