//! One unambiguous way to write several fields as one byte string.

/// Joins `fields` so that no two different lists give the same bytes: each
/// field is preceded by its length, as eight bytes, big-endian.
///
/// Plain concatenation would let `("ab", "c")` pass for `("a", "bc")`, and a
/// separator would have to be kept out of every field forever.
pub(super) fn bind(fields: &[&[u8]]) -> Vec<u8> {
    let size = fields.iter().map(|field| size_of::<u64>() + field.len()).sum();
    let mut bound = Vec::with_capacity(size);
    for field in fields {
        // No slice is longer than 2^63 bytes, so the fallback is never taken.
        let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
        bound.extend_from_slice(&length.to_be_bytes());
        bound.extend_from_slice(field);
    }
    bound
}
