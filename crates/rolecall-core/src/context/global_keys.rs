//! That every global condition key is either filled or left out for a reason.

use rolecall_policy::catalogue::keys::GLOBAL_KEYS;
use std::collections::BTreeMap;
use std::path::Path;

/// Keys that no request here has, and why.
const ABSENT: [(&str, &str); 21] = [
    ("aws:VpcSourceIp", NO_ENDPOINTS),
    ("aws:SourceVpc", NO_ENDPOINTS),
    ("aws:SourceVpcArn", NO_ENDPOINTS),
    ("aws:SourceVpce", NO_ENDPOINTS),
    ("aws:VpceAccount", NO_ENDPOINTS),
    ("aws:VpceOrgID", NO_ENDPOINTS),
    ("aws:VpceOrgPaths", NO_ENDPOINTS),
    ("aws:CalledVia", NO_SERVICES),
    ("aws:CalledViaFirst", NO_SERVICES),
    ("aws:CalledViaLast", NO_SERVICES),
    ("aws:SourceArn", NO_SERVICES),
    ("aws:SourceAccount", NO_SERVICES),
    ("aws:SourceOrgID", NO_SERVICES),
    ("aws:SourceOrgPaths", NO_SERVICES),
    ("aws:Ec2InstanceSourceVpc", NO_COMPUTE),
    ("aws:Ec2InstanceSourcePrivateIPv4", NO_COMPUTE),
    ("aws:ChatbotSourceArn", NO_COMPUTE),
    ("lambda:SourceFunctionArn", NO_COMPUTE),
    ("glue:RoleAssumedBy", NO_COMPUTE),
    ("glue:CredentialIssuingService", NO_COMPUTE),
    ("identitystore:UserId", NO_COMPUTE),
];
const NO_ENDPOINTS: &str =
    "there are no VPC endpoints in front of this server; a proxy's word is not taken for it";
const NO_SERVICES: &str = "no service asks on anybody's behalf";
const NO_COMPUTE: &str = "only AWS's own compute services make credentials that have it";

#[test]
fn every_global_key_is_filled_or_left_out_for_a_reason() {
    let absent = BTreeMap::from(ABSENT);
    let mut sources = String::new();
    read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut sources);
    for global in GLOBAL_KEYS {
        let name = global.key.name.trim_end_matches("${TagKey}");
        let filled = sources.contains(&format!("\"{name}"));
        assert_ne!(
            filled,
            absent.contains_key(name),
            "{name} is {}",
            if filled { "filled" } else { "nowhere" }
        );
    }
    for name in absent.keys() {
        assert!(GLOBAL_KEYS.iter().any(|global| global.key.name == *name), "there is no {name}");
    }
}

/// The sources without their tests, and without what only reads policies.
fn read(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if SKIPPED.contains(&name) {
            continue;
        } else if path.is_dir() {
            read(&path, sources);
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            sources.push_str(text.split("#[cfg(test)]").next().unwrap());
        }
    }
}

const SKIPPED: [&str; 4] = ["tests", "tests.rs", "global_keys.rs", "edits"];
