//! Which members an answer has, and the table of `docs/answers.md` that says so.

use super::{Credential, Seen, World};
use rolecall_wire::Service;
use std::collections::BTreeMap;

/// Answers by operation and situation.
#[derive(Default)]
pub struct Answers(BTreeMap<(String, String), String>);

/// An element with what is in it.
#[derive(Default)]
struct Element<'b> {
    name: &'b str,
    children: Vec<Element<'b>>,
    has_text: bool,
}

impl Answers {
    /// Asks, expects success, and remembers the answer's members.
    pub async fn of(
        &mut self,
        world: &World,
        who: &Credential,
        service: Service,
        (operation, situation): (&str, &str),
        params: &[(&str, &str)],
    ) -> Seen {
        let seen = world.ask(who, service, operation, params).await;
        assert_eq!(seen.status, 200, "{operation}: {}", seen.body);
        self.keep((operation, situation), &seen);
        seen
    }

    /// Remembers the members of an answer.
    pub fn keep(&mut self, (operation, situation): (&str, &str), seen: &Seen) {
        let members = members(&seen.body);
        let before = self.0.insert((operation.to_owned(), situation.to_owned()), members);
        assert!(before.is_none(), "{operation}, {situation} twice");
    }

    /// Remembers the headers of an answer and, if it is of elements, its members.
    pub fn keep_with_headers(&mut self, name: (&str, &str), seen: &Seen) {
        let ids = ["x-amz-request-id", "x-amz-id-2", "content-length"];
        let mut names: Vec<_> = seen.headers.keys().map(|name| name.as_str()).collect();
        names.retain(|name| !ids.contains(name));
        names.sort_unstable();
        let members = if seen.body.starts_with('<') { members(&seen.body) } else { String::new() };
        let told = format!("{} {}: {members}", seen.status, names.join(" "));
        let before = self.0.insert((name.0.to_owned(), name.1.to_owned()), told.trim().to_owned());
        assert!(before.is_none(), "{name:?} twice");
    }

    /// Compares them with the rows under a heading of `docs/answers.md`.
    pub fn compare(&self, heading: &str) {
        let (_, section) = TABLE.split_once(&format!("\n## {heading}\n")).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let row = |line: &str| {
            let cells: Vec<_> =
                line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
            ((cells[1].clone(), cells[2].clone()), cells[3].clone())
        };
        let rows: BTreeMap<_, _> = section.lines().filter(|line| line.starts_with("| `")).map(row).collect();
        let line = |((operation, situation), members): (&(String, String), &String)| {
            format!("| `{operation}` | {situation} | `{members}` |")
        };
        let (seen, told): (Vec<_>, Vec<_>) =
            (self.0.iter().map(line).collect(), rows.iter().map(line).collect());
        let missing: Vec<_> = seen.iter().filter(|row| !told.contains(row)).cloned().collect();
        let extra: Vec<_> = told.iter().filter(|row| !seen.contains(row)).cloned().collect();
        let (missing, extra) = (missing.join("\n"), extra.join("\n"));
        assert!(missing.is_empty() && extra.is_empty(), "answers:\n{missing}\nthe table:\n{extra}");
    }
}

/// The members of an answer in order: `Name` for a value, `Name[]` for what is there and empty, `Name[…]` for
/// a list or a structure.
fn members(body: &str) -> String {
    let mut open = vec![Element::default()];
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        let name = tag.trim_end_matches('/').split(' ').next().unwrap();
        if tag.starts_with('?') {
            continue;
        }
        if !tag.starts_with('/') {
            open.push(Element { name, has_text: !text.is_empty(), ..Element::default() });
        }
        if tag.starts_with('/') || tag.ends_with('/') {
            let done = open.pop().unwrap();
            open.last_mut().unwrap().children.push(done);
        }
    }
    let root = open.pop().unwrap().children.pop().unwrap();
    let result = root.children.iter().find(|child| child.name.ends_with("Result"));
    result.map_or_else(|| root.inside(), Element::inside)
}

impl Element<'_> {
    fn shown(&self) -> String {
        match (self.has_text, self.children.is_empty()) {
            (true, true) => self.name.to_owned(),
            _ => format!("{}[{}]", self.name, self.inside()),
        }
    }

    /// What is in it; what is alike is told once, and the members of lists without their name.
    fn inside(&self) -> String {
        let mut shown: Vec<String> = Vec::new();
        for child in self.children.iter().filter(|child| child.name != "ResponseMetadata") {
            let one = if child.name == "member" { child.inside() } else { child.shown() };
            if !shown.contains(&one) && !one.is_empty() {
                shown.push(one);
            }
        }
        if shown.is_empty() && !self.children.is_empty() {
            return "text".to_owned();
        }
        let between = if self.children.iter().any(|child| child.name == "member") { " or " } else { " " };
        shown.join(between)
    }
}

const TABLE: &str = include_str!("../../../../docs/answers.md");
