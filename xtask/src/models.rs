//! The public API models: their form, and how the pinned copies in `models/` are pruned to facts.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A JSON object whose members keep the order in which the file has them.
#[derive(Debug, Clone)]
pub(crate) struct Ordered<T>(pub(crate) Vec<(String, T)>);

/// A service model in the `service-2.json` form.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: Ordered<Operation>,
    pub(crate) shapes: Ordered<Shape>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) api_version: String,
    pub(crate) protocol: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) xml_namespace: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) http: Http,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Ref>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) authtype: Option<String>,
    #[serde(default, skip_serializing)]
    pub(crate) deprecated: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response_code: Option<u16>,
}

/// A mention of a shape: by an operation, a structure's member or a list.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Ref {
    pub(crate) shape: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result_wrapper: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location_name: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) flattened: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) streaming: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) xml_attribute: bool,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) required: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<Ordered<Ref>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pattern: Option<String>,
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) sensitive: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) flattened: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timestamp_format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorFacts>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) exception: bool,
    /// Any JSON.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) document: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    pub(crate) http_status_code: u16,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) sender_fault: bool,
}

impl Model {
    /// Reads `models/<service>.json`.
    pub(crate) fn load(service: &str) -> Result<Self> {
        let path = folder().join(format!("{service}.json"));
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }

    /// The shape of a name.
    pub(crate) fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.find(name).with_context(|| format!("no shape named {name}"))
    }

    /// The names of the shapes that `roots` reach, themselves among them.
    pub(crate) fn reachable(&self, roots: impl IntoIterator<Item = String>) -> Result<BTreeSet<String>> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<String> = roots.into_iter().collect();
        while let Some(name) = open.pop() {
            if seen.insert(name.clone()) {
                open.extend(self.shape(&name)?.mentions().map(|r| r.shape.clone()));
            }
        }
        Ok(seen)
    }

    fn write(&self, service: &str) -> Result<()> {
        let mut text = String::from("{\n");
        writeln!(text, "\"metadata\":{},", serde_json::to_string(&self.metadata)?)?;
        writeln!(text, "\"operations\":{{\n{}\n}},", self.operations.lines()?)?;
        writeln!(text, "\"shapes\":{{\n{}\n}}\n}}", self.shapes.lines()?)?;
        Ok(std::fs::write(folder().join(format!("{service}.json")), text)?)
    }
}

impl Shape {
    /// The members of a structure in the model's order; none for other shapes.
    pub(crate) fn fields(&self) -> &[(String, Ref)] {
        self.members.as_ref().map_or(&[], |m| m.0.as_slice())
    }

    /// True when a structure demands this member.
    pub(crate) fn requires(&self, member: &str) -> bool {
        self.required.iter().any(|r| r == member)
    }

    fn mentions(&self) -> impl Iterator<Item = &Ref> {
        let parts = [&self.member, &self.key, &self.value];
        self.fields().iter().map(|(_, r)| r).chain(parts.into_iter().flatten())
    }
}

impl<T> Ordered<T> {
    /// The member of a name.
    pub(crate) fn find(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The members.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, v)| v)
    }
}

impl<T: Serialize> Ordered<T> {
    /// One member a line, so that a new model's changes read as lines.
    fn lines(&self) -> Result<String> {
        let lines: Result<Vec<String>, serde_json::Error> =
            self.0.iter().map(|(n, v)| Ok(format!("{n:?}:{}", serde_json::to_string(v)?))).collect();
        Ok(lines?.join(",\n"))
    }
}

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

struct InOrder<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> de::Visitor<'de> for InOrder<T> {
    type Value = Ordered<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Ordered(entries))
    }
}

/// Prunes the models under `data` (the `botocore/data` folder of the package named in
/// `models/SOURCE`) into `models/`.
pub(crate) fn prune_all(data: &Path) -> Result<()> {
    for (service, version) in PUBLIC {
        let from = data.join(service).join(version);
        let mut model: Model = serde_json::from_slice(&gunzip(&from.join("service-2.json.gz"))?)?;
        model.operations.0.retain(|(_, o)| !o.deprecated);
        if *service == "s3" {
            keep_served(&mut model)?;
        }
        keep_reachable(&mut model)?;
        model.write(service)?;
        if crate::codegen::WITH_EXAMPLES.contains(service) {
            prune_examples(&from.join("examples-1.json"), service)?;
        }
    }
    crate::services::prune(data)
}

/// Unserved operations keep what routing needs: their parameters in the query string.
fn keep_served(model: &mut Model) -> Result<()> {
    let mut routing = BTreeSet::new();
    for (name, operation) in &mut model.operations.0 {
        operation.errors.clear();
        if !SERVED_S3.contains(&name.as_str()) {
            operation.output = None;
            routing.extend(operation.input.as_ref().map(|i| i.shape.clone()));
        }
    }
    for (name, shape) in &mut model.shapes.0 {
        if routing.contains(name) {
            keep_query_members(shape);
        }
    }
    Ok(())
}

fn keep_query_members(shape: &mut Shape) {
    let Some(members) = &mut shape.members else { return };
    members.0.retain(|(_, m)| m.location.as_deref() == Some("querystring"));
    shape.required.retain(|r| members.find(r).is_some());
    shape.payload = None;
}

fn keep_reachable(model: &mut Model) -> Result<()> {
    let messages =
        |o: &Operation| o.input.iter().chain(&o.output).chain(&o.errors).cloned().collect::<Vec<_>>();
    let roots: Vec<String> = model.operations.values().flat_map(messages).map(|r| r.shape).collect();
    let reached = model.reachable(roots)?;
    model.shapes.0.retain(|(name, _)| reached.contains(name));
    Ok(())
}

/// Worked examples: the messages only, without titles and comments.
fn prune_examples(from: &Path, service: &str) -> Result<()> {
    #[derive(Deserialize)]
    struct File {
        examples: BTreeMap<String, Vec<BTreeMap<String, serde_json::Value>>>,
    }
    let mut file: File = serde_json::from_slice(&std::fs::read(from)?)?;
    for example in file.examples.values_mut().flatten() {
        example.retain(|name, _| name == "input" || name == "output");
    }
    let text = Ordered(file.examples.into_iter().collect()).lines()?;
    Ok(std::fs::write(folder().join(format!("{service}-examples.json")), format!("{{\n{text}\n}}\n"))?)
}

pub(crate) fn gunzip(path: &Path) -> Result<Vec<u8>> {
    let output = Command::new("gzip").arg("-dc").arg(path).output().context("gzip")?;
    ensure!(output.status.success(), "gzip -dc {} failed", path.display());
    Ok(output.stdout)
}

pub(crate) fn folder() -> PathBuf {
    crate::codegen::root().join("models")
}

fn is_false(value: &bool) -> bool {
    !value
}

const PUBLIC: &[(&str, &str)] = &[
    ("sts", "2011-06-15"),
    ("iam", "2010-05-08"),
    ("iam-toolbox", "2018-05-10"),
    ("s3", "2006-03-01"),
    ("organizations", "2016-11-28"),
];

/// The S3 operations whose messages are read and written; the others are rows only.
pub(crate) const SERVED_S3: &[&str] = &[
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateBucket",
    "CreateMultipartUpload",
    "DeleteBucket",
    "DeleteBucketCors",
    "DeleteBucketEncryption",
    "DeleteBucketLifecycle",
    "DeleteBucketPolicy",
    "DeleteBucketReplication",
    "DeleteBucketTagging",
    "DeleteBucketWebsite",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjects",
    "DeletePublicAccessBlock",
    "GetBucketAccelerateConfiguration",
    "GetBucketAcl",
    "GetBucketCors",
    "GetBucketEncryption",
    "GetBucketLifecycleConfiguration",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketNotificationConfiguration",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketReplication",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectLockConfiguration",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetPublicAccessBlock",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PutBucketAcl",
    "PutBucketPolicy",
    "PutBucketTagging",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutPublicAccessBlock",
    "UploadPart",
    "UploadPartCopy",
];
