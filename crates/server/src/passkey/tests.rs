//! The checks against the test vectors of the specification (Web Authentication, Level 3, section 16), and each part of a
//! good answer changed once. Vectors are `packed.ES256` and `packed.RS256`: others differ in what is not looked at.

use serde_json::{Value, json};

use super::*;

const ES256_CHALLENGE: &str = "c1184a5fddf8045e13dc47f54b61f5a656b666b59018f16d870e9256e9952012";
const ES256_ID: &str = "c9a6f5b3462d02873fea0c56862234f99f081728084e511bb7760201a89054a5";
const ES256_CLIENT: &str = "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a227752684b58393334424634543345663153324831706c61325a725751475046746877365356756d56494249222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a20396138624e596a4b436757724258552d66436c316167227d";
const ES256_OBJECT: &str = "a363666d74667061636b65646761747453746d74a363616c6726637369675847304502203f19ec4b229f46ab8c45eff29b904ff10c0390dc40bf1216f04a78f4ceba3425022100fe7041a32759aff05a0f9f26c70a999c7a284451ba89234a1d3483c25e21925b637835638159022530820221308201c8a00302010202110088c220f83c8ef1feafe94deae45faad0300a06082a8648ce3d0403023062311e301c06035504030c15576562417574686e207465737420766563746f7273310c300a060355040a0c0357334331253023060355040b0c1c41757468656e74696361746f72204174746573746174696f6e204341310b30090603550406130241413020170d3234303130313030303030305a180f33303234303130313030303030305a305f311e301c06035504030c15576562417574686e207465737420766563746f7273310c300a060355040a0c0357334331223020060355040b0c1941757468656e74696361746f72204174746573746174696f6e310b30090603550406130241413059301306072a8648ce3d020106082a8648ce3d03010703420004a91ba4389409dd38a428141940ca8feb1ac0d7b4350558104a3777a49322f3798440f378b3398ab2d3bb7bf91322c92eb23556f59ad0a836fec4c7663b0e4dc3a360305e300c0603551d130101ff04023000300e0603551d0f0101ff040403020780301d0603551d0e04160414a589ba72d060842ab11f74fb246bdedab16f9b9b301f0603551d2304183016801445aff715b0dd786741fee996ebc16547a3931b1e300a06082a8648ce3d040302034700304402201726b9d85ecd8a5ed51163722ca3a20886fd9b242a0aa0453d442116075defd502207ef471e530ac87961a88a7f0d0c17b091ffc6b9238d30f79f635b417be5910e768617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54d00000000876ca4f52071c3e9b25509ef2cdf7ed60020c9a6f5b3462d02873fea0c56862234f99f081728084e511bb7760201a89054a5a50102032620012158201cf27f25da591208a4239c2e324f104f585525479a29edeedd830f48e77aeae522582059e4b7da6c0106e206ce390c93ab98a15a5ec3887e57f0cc2bece803b920c423";

const ES256_USE_CHALLENGE: &str =
    "b1106fa46a57bef1781511c0557dc898a03413d5f0f17d244630c194c7e1adb5";
const ES256_USE_CLIENT: &str = "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a2273524276704770587676463446524841565833496d4b4130453958773858306b526a44426c4d6668726255222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a20415a4d77794d78496244382d756775464e7036723851227d";
const ES256_USE_DATA: &str =
    "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50d00000000";
const ES256_USE_SIGNATURE: &str = "30450220694969d3ee928de6f02ef23a9c644d7d779916451734a94b432542f498a1ebe90221008b0819c824218a97152cd099c55bfb1477b29d900a49a64018314f9bfccda163";

const RS256_CHALLENGE: &str = "295f59f5fa8fe62c5aca9e27626c78c8da376ae6d8cd2dd29aebad601e1bc4c5";
const RS256_DATA: &str =
    "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000";
const RS256_CLIENT: &str = "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224b56395a39667150356978617970346e596d7834794e6f33617562597a5333536d75757459423462784d55222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d";
const RS256_SIGNATURE: &str = "01063d52d7c39b4d432fc7063c5d93e582bdcb16889cd71f888d67d880ea730a428498d3bc8e1ee11f2b1ecbe6c292b118c55ffaaddefa8cad0a54dd137c51f1eec673f1bb6c4d1789d6826a222b22d0f585fc901fdc933212e579d199b89d672aa44891333e6a1355536025e82b25590256c3538229b55737083b2f6b9377e49e2472f11952f79fdd0da180b5ffd901b4049a8f081bb40711bef76c62aed943571f2d0575304cb549d68d8892f95086a30f93716aee818f8dc06e96c0d5e0ed4cfa9fd8773d90464b68cf140f7986666ff9c9e3302acd0535d60d769f465e2ab57ef8aabc89fccfef7ba32a64154a8b3d26be2298f470b8cc5377dbe3dfd4b0b45f8f01e63bde6cfc76b62771f9b70aa27cf40152cad93aa5acd784fd4b90f676e2ea828d0bf2400aebbaae4153e5838f537f88b6228346782a93a899be66ec77de45b3efcf311da6321c92e6b0cd11bfe653bf3e98cee8e341f02d67dbb6f9c98d9e8178090cfb5b70fbc6d541599ac794ae2f1d4de1286ec8de8c2daf7b1d15c8438e90d924df5c19045220a4c8438c1b979bbe016cf3d0eeec23c3999d4882cc645b776de930756612cdc6dd398160ff02a6";

fn hex(text: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(byte).collect()
}

fn url(text: &str) -> String {
    encode(&hex(text))
}

fn site() -> Site {
    Site { rp_id: "example.org".to_owned(), origins: vec!["https://example.org".to_owned()] }
}

fn registration() -> Value {
    json!({
        "type": "public-key", "id": url(ES256_ID), "rawId": url(ES256_ID),
        "response": { "clientDataJSON": url(ES256_CLIENT), "attestationObject": url(ES256_OBJECT) },
    })
}

/// Whose passkey it is, as the device says it.
const HANDLE: &str = "aGFuZGxl";

fn used((id, data): (&str, &str), client: &str, signature: &str) -> Value {
    json!({
        "type": "public-key", "id": url(id), "rawId": url(id),
        "response": {
            "clientDataJSON": url(client), "authenticatorData": url(data), "signature": url(signature),
            "userHandle": HANDLE,
        },
    })
}

fn es256_used() -> Value {
    used((ES256_ID, ES256_USE_DATA), ES256_USE_CLIENT, ES256_USE_SIGNATURE)
}

fn made() -> Made {
    registered(&site(), &url(ES256_CHALLENGE), &registration()).unwrap()
}

fn check_use(
    credential: &Value,
    (site, challenge, key): (&Site, &str, &str),
) -> Result<u32, Wrong> {
    Assertion::read(credential)?.verified(site, challenge, (key, HANDLE))
}

/// The product of 2^1279 - 1 and 2^2203 - 1, with 65537.
fn rs256_key() -> String {
    let mut modulus = [0_u8; 436];
    for bit in (0..3_482).filter(|bit| *bit == 0 || (*bit >= 1_279 && *bit != 2_203)) {
        modulus[435 - bit / 8] |= 1 << (bit % 8);
    }
    let key = [&hex("a4010303390100205901b4")[..], &modulus, &hex("2143010001")].concat();
    encode(&key)
}

#[test]
fn the_vectors_of_the_specification_hold() {
    let made = made();
    assert_eq!((&*made.id, made.counter), (&*url(ES256_ID), 0));
    let challenge = url(ES256_USE_CHALLENGE);
    assert_eq!(check_use(&es256_used(), (&site(), &challenge, &made.public_key)), Ok(0));
    // In this vector the device verified nobody, which is refused here; its signature holds.
    let rs256 = used((ES256_ID, RS256_DATA), RS256_CLIENT, RS256_SIGNATURE);
    let refused = check_use(&rs256, (&site(), &url(RS256_CHALLENGE), &rs256_key()));
    assert_eq!(refused, Err(Wrong("the device verified nobody")));
    let client = digest(&SHA256, &hex(RS256_CLIENT));
    let signed = [&hex(RS256_DATA)[..], client.as_ref()].concat();
    let key = PublicKey::read(&decode(&rs256_key()).unwrap()).unwrap();
    assert_eq!(key.verify(&signed, &hex(RS256_SIGNATURE)), Ok(()));
    assert_eq!(challenge_of(&es256_used()), Some(challenge));
}

#[test]
fn a_registration_with_anything_changed_is_refused() {
    let good = |credential: &Value| registered(&site(), &url(ES256_CHALLENGE), credential);
    let with = |pointer: &str, value: Value| {
        let mut changed = registration();
        *changed.pointer_mut(pointer).unwrap() = value;
        good(&changed).unwrap_err().0
    };
    assert_eq!(with("/type", json!("password")), "no public-key credential");
    assert_eq!(with("/id", json!(url("00"))), "another credential than the one it names");
    assert_eq!(with("/id", json!("")), "an id of a wrong length");
    let client = "/response/clientDataJSON";
    assert_eq!(with(client, json!(url(ES256_USE_CLIENT))), "another ceremony");
    assert_eq!(with(client, json!("!")), "a part that is missing or no base64url");
    // Without user verification: flag 0x04 of 0x4d.
    let unverified = ES256_OBJECT.replace("b2e4b54d", "b2e4b549");
    let object = "/response/attestationObject";
    assert_eq!(with(object, json!(url(&unverified))), "the device verified nobody");
    let without = ES256_OBJECT.replace("b2e4b54d", "b2e4b50d");
    assert_eq!(with(object, json!(url(&without))), "bytes after the authenticator data");
    let longer = format!("{ES256_OBJECT}00");
    assert_eq!(with(object, json!(url(&longer))), "bytes after the attestation object");
    let other_algorithm = ES256_OBJECT.replace("a50102032620", "a50102032820");
    let wrong = "a key of an algorithm that nobody asked for";
    assert_eq!(with(object, json!(url(&other_algorithm))), wrong);
    let challenge = registered(&site(), &url(ES256_USE_CHALLENGE), &registration());
    assert_eq!(challenge, Err(Wrong("another challenge")));
}

#[test]
fn a_use_with_anything_changed_is_refused() {
    let key = made().public_key;
    let challenge = url(ES256_USE_CHALLENGE);
    let refused = |credential: &Value, site: &Site| {
        check_use(credential, (site, &challenge, &key)).unwrap_err().0
    };
    let with = |pointer: &str, value: &str| {
        let mut changed = es256_used();
        *changed.pointer_mut(pointer).unwrap() = json!(url(value));
        refused(&changed, &site())
    };
    let signature = ES256_USE_SIGNATURE.replace("a163", "a164");
    assert_eq!(with("/response/signature", &signature), "a signature that does not hold");
    let counted = ES256_USE_DATA.replace("0d00000000", "0d00000001");
    assert_eq!(with("/response/authenticatorData", &counted), "a signature that does not hold");
    let unverified = ES256_USE_DATA.replace("0d00000000", "0900000000");
    assert_eq!(with("/response/authenticatorData", &unverified), "the device verified nobody");
    let backup = ES256_USE_DATA.replace("0d00000000", "1500000000");
    let odd = "a backup of what cannot be backed up";
    assert_eq!(with("/response/authenticatorData", &backup), odd);
    assert_eq!(with("/response/clientDataJSON", ES256_CLIENT), "another ceremony");
    let elsewhere = Site { origins: vec!["https://evil.example".to_owned()], ..site() };
    assert_eq!(refused(&es256_used(), &elsewhere), "from another page");
    let other = Site { rp_id: "evil.example".to_owned(), ..site() };
    assert_eq!(refused(&es256_used(), &other), "for another site");
    let mut of_somebody = es256_used();
    of_somebody["response"]["userHandle"] = json!(url("00"));
    assert_eq!(refused(&of_somebody, &site()), "the passkey of another person");
    of_somebody["response"]["userHandle"] = Value::Null;
    assert_eq!(refused(&of_somebody, &site()), "the passkey of another person", "or of nobody");
    let old = check_use(&es256_used(), (&site(), &url(ES256_CHALLENGE), &key));
    assert_eq!(old, Err(Wrong("another challenge")));
    let rs256 = check_use(&es256_used(), (&site(), &challenge, &rs256_key()));
    assert_eq!(rs256, Err(Wrong("a signature that does not hold")));
}
