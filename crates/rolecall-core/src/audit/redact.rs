//! What of a request and its answer goes into the record, and what is hidden, as CloudTrail does.

use rolecall_wire::operation::Encode;
use rolecall_wire::write::Writer;
use serde_json::{Map, Value};

/// The parameters of a query request, nested as they are meant, secrets hidden.
pub(crate) fn query_parameters(params: &[(String, String)]) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, value) in params.iter().take(MOST_PARAMETERS) {
        let is_control = CONTROL.contains(&name.as_str()) || name.to_ascii_lowercase().starts_with("x-amz-");
        if !is_control {
            out.insert(lower_camel(name), shown(name, value));
        }
    }
    out
}

/// The members of an answer, secrets hidden.
pub(crate) fn response_elements(output: &impl Encode) -> Value {
    let mut tree = Tree { stack: vec![Open::Map(Map::new())] };
    output.body(&mut tree);
    tree.close_all()
}

/// True for operations that change nothing (`AssumeRole*` among them, as CloudTrail has it).
pub(crate) fn is_read_only(operation: &str) -> bool {
    const READS: [&str; 9] =
        ["Get", "List", "Head", "Simulate", "Decode", "AssumeRole", "Generate", "Select", "Options"];
    READS.iter().any(|verb| operation.starts_with(verb))
}

fn shown(name: &str, value: &str) -> Value {
    let last = name.rsplit('.').next().unwrap_or(name);
    if SECRETS.iter().any(|secret| secret.eq_ignore_ascii_case(last)) {
        return HIDDEN.into();
    }
    match value.char_indices().nth(LONGEST_VALUE) {
        Some((cut, _)) => format!("{}…", value.get(..cut).unwrap_or_default()).into(),
        None => value.into(),
    }
}

fn lower_camel(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

enum Open {
    Map(Map<String, Value>),
    List(Vec<Value>),
}

/// Builds JSON from what an answer writes.
struct Tree {
    stack: Vec<Open>,
}

impl Tree {
    fn put(&mut self, name: &str, value: Value) {
        match self.stack.last_mut() {
            Some(Open::Map(map)) => {
                map.insert(lower_camel(name), value);
            }
            Some(Open::List(list)) => list.push(value),
            None => {}
        }
    }

    fn pop(&mut self, name: &str) {
        let Some(open) = self.stack.pop() else { return };
        self.put(name, open.into_value());
    }

    fn close_all(mut self) -> Value {
        while self.stack.len() > 1 {
            self.pop("");
        }
        self.stack.pop().map_or(Value::Null, Open::into_value)
    }
}

impl Open {
    fn into_value(self) -> Value {
        match self {
            Self::Map(map) => Value::Object(map),
            Self::List(list) => Value::Array(list),
        }
    }
}

impl Writer for Tree {
    fn open(&mut self, _name: &str) {
        self.stack.push(Open::Map(Map::new()));
    }

    fn close(&mut self, name: &str) {
        self.pop(name);
    }

    fn attribute(&mut self, _name: &str, _value: &str) {}

    fn content(&mut self, text: &str) {
        self.put("value", text.into());
    }

    fn open_list(&mut self, _name: &str, _member: &str, _flat: bool) {
        self.stack.push(Open::List(Vec::new()));
    }

    fn close_list(&mut self, name: &str, _flat: bool) {
        self.pop(name);
    }

    fn text(&mut self, name: &str, value: &str) {
        self.put(name, shown(name, value));
    }

    fn integer(&mut self, name: &str, value: i64) {
        self.put(name, value.into());
    }

    fn boolean(&mut self, name: &str, value: bool) {
        self.put(name, value.into());
    }

    fn timestamp(&mut self, name: &str, seconds: i64) {
        self.put(name, crate::clock::text::iso8601(seconds).into());
    }

    fn blob(&mut self, name: &str, _value: &[u8]) {
        self.put(name, HIDDEN.into());
    }
}

/// Parameters that carry the operation or the credential, not what is asked.
const CONTROL: [&str; 5] = ["Action", "Version", "AWSAccessKeyId", "Signature", "Expires"];
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";
const MOST_PARAMETERS: usize = 200;
const LONGEST_VALUE: usize = 4096;
/// Members that are secrets, or that grant something to whoever holds them.
const SECRETS: [&str; 14] = [
    "SecretAccessKey",
    "SessionToken",
    "TokenCode",
    "AuthenticationCode1",
    "AuthenticationCode2",
    "Password",
    "NewPassword",
    "OldPassword",
    "SAMLAssertion",
    "WebIdentityToken",
    "TradeInToken",
    "PrivateKey",
    "AddPrivateKey",
    "ServicePassword",
];
