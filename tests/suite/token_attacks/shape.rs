//! Tokens whose signature, encoding or shape is broken.

use aws_lc_rs::signature::Ed25519KeyPair;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde_json::json;

use super::forge::{Forge, b64, cook, seal, with};

pub(super) fn signatures(forge: &mut Forge<'_>) {
    let [header, body, signature] = forge.parts();
    let raw = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let mut wrong: Vec<(String, Vec<u8>)> = vec![
        ("all zero".into(), vec![0; 64]),
        ("all ones".into(), vec![0xff; 64]),
        ("random".into(), (0..64).collect()),
    ];
    for bytes in [1, 16, 31, 32, 33, 62, 63] {
        wrong.push((format!("cut to {bytes} bytes"), raw[..bytes].to_vec()));
    }
    for bit in (0..512).step_by(32).chain([255, 509, 510, 511]) {
        let mut flipped = raw.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        wrong.push((format!("bit {bit} flipped"), flipped));
    }
    wrong.push(("halves swapped".into(), [&raw[32..], &raw[..32]].concat()));
    wrong.push(("reversed".into(), raw.iter().rev().copied().collect()));
    wrong.push(("a byte more".into(), [raw.as_slice(), &[0]].concat()));
    wrong.push(("twice".into(), raw.repeat(2)));
    wrong.push(("zero R".into(), [&[0; 32], &raw[32..]].concat()));
    wrong.push(("zero S".into(), [&raw[..32], &[0; 32]].concat()));
    wrong.push(("identity R, zero S".into(), [[1].as_slice(), &[0; 63]].concat()));
    wrong.push((
        "in DER".into(),
        [b"\x30\x44\x02\x20".as_slice(), &raw[..32], b"\x02\x20", &raw[32..]].concat(),
    ));
    wrong.push(("S + L".into(), [&raw[..32], &plus_order(&raw[32..])].concat()));
    for (name, bytes) in wrong {
        forge.put(format!("signature/{name}"), format!("{header}.{body}.{}", b64(bytes)));
    }
    let other = b64(with(&forge.body, "sub", r#""usr_other""#));
    let stolen = seal(forge.at.signing, &header, &other);
    let stolen = stolen.rsplit('.').next().unwrap();
    forge.put("signature/of another token", format!("{header}.{body}.{stolen}"));
    forge.put("signature/body of another token", format!("{header}.{other}.{signature}"));
    for (name, text) in [
        ("of the body alone", body.clone()),
        ("of the header alone", header.clone()),
        ("without the dot", format!("{header}{body}")),
        ("of the decoded text", format!("{}.{}", forge.header, forge.body)),
    ] {
        let made =
            Ed25519KeyPair::from_pkcs8(&forge.at.signing.to_pkcs8()).unwrap().sign(text.as_bytes());
        forge.put(format!("signature/{name}"), format!("{header}.{body}.{}", b64(made)));
    }
}

/// The scalar plus the order of the group: the second form of the same signature, which RFC 8032
/// section 5.1.7 forbids.
pub(super) fn plus_order(scalar: &[u8]) -> Vec<u8> {
    let mut order = [0; 32];
    order[..16].copy_from_slice(&0x14de_f9de_a2f7_9cd6_5812_631a_5cf5_d3ed_u128.to_le_bytes());
    order[31] = 0x10;
    let mut carry = 0;
    let add = |(a, b): (&u8, u8)| {
        carry += u16::from(*a) + u16::from(b);
        let [low, high] = carry.to_le_bytes();
        carry = u16::from(high);
        low
    };
    scalar.iter().zip(order).map(add).collect()
}

pub(super) fn encodings(forge: &mut Forge<'_>) {
    let good = forge.parts();
    for place in 0..3 {
        let part = &good[place];
        let raw = BASE64URL_NOPAD.decode(part.as_bytes()).unwrap();
        let (head, tail, rest) = (&part[..4], &part[4..], &part[5..]);
        let mut forms = cook(part, "~=|~==|~===|~ | ~|~\n|~\r\n|~\t|~\0|~%3D|~é|~AA|~.|");
        forms.extend(cook(tail, &format!("{head} ~|{head}\n~|{head}=~")));
        forms.extend(cook(rest, &format!("{head}+~|{head}/~")));
        forms.push(("hex".into(), HEXLOWER.encode(&raw)));
        forms.push(("raw text".into(), String::from_utf8_lossy(&raw).into_owned()));
        forms.push(("encoded twice".into(), b64(part)));
        for (recipe, form) in forms {
            let mut parts = good.clone();
            parts[place] = form;
            let recipe = recipe.replace(head, "…").replace(rest, "…");
            forge.put(format!("encoding/part {place}: {recipe}"), parts.join("."));
        }
    }
    // The last letter of a signature carries four bits that mean nothing: 15 other spellings.
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (start, last) = good[2].split_at(good[2].len() - 1);
    let last = letters.find(last).unwrap();
    for step in 1..16 {
        let letter = &letters[last + step..][..1];
        let token = format!("{}.{}.{start}{letter}", good[0], good[1]);
        forge.put(format!("encoding/other spelling {step}"), token);
    }
}

pub(super) fn shapes(forge: &mut Forge<'_>) {
    let [h, b, s] = forge.parts();
    let good = format!("{h}.{b}.{s}");
    let jwe = b64(r#"{"alg":"dir","enc":"A256GCM"}"#);
    let forms = "|.|..|....|{h}|{h}.{b}|~.{s}|{h}.{b}.{s}.{s}.{s}|{jwe}.{b}.{b}.{b}.{s}|.~\
        |~,|\"~\"|Bearer ~|~~|~,~|~ ~|{b}.{h}.{s}|{s}.{b}.{h}|{h}:{b}:{s}|{h}．{b}．{s}|0123456789abcdef\
        |é.ü.ß|\0|{\"protected\":\"{h}\",\"payload\":\"{b}\",\"signature\":\"{s}\"}";
    for (recipe, form) in cook(&good, forms) {
        let form = [("{h}", &h), ("{b}", &b), ("{s}", &s), ("{jwe}", &jwe)]
            .into_iter()
            .fold(form, |form, (name, part)| form.replace(name, part));
        forge.put(format!("shape/{recipe}"), form);
    }
    forge.put("shape/upper case", good.to_uppercase());
    forge.put("shape/lower case", good.to_lowercase());
    forge.put("shape/encoded whole", b64(&good));
    forge.put("shape/4 KiB of A", "A".repeat(4096));
    forge.put("shape/64 KiB of A", "A".repeat(65_536));
    forge.put("shape/4 KiB of dots", ".".repeat(4096));
    forge.body("shape/nested token", &good);
    forge.body("shape/nested token as string", json!(good).to_string());
    let long = json!("x".repeat(4096)).to_string();
    forge.body("shape/oversized by a claim", with(&forge.body, "extra", &long));
    forge.body("shape/oversized by white space", format!("{}{:4096}", forge.body, ""));
    forge.header("shape/oversized by its header", format!("{}{:4096}", forge.header, ""));
}
