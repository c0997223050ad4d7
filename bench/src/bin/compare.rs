//! Runs the server beside its floors and prints how far above them it stands.

use anyhow::{Context, Result, anyhow};
use rolecall_bench::disk::durable_files_per_second;
use rolecall_bench::flood::{FLOODING, Flood};
use rolecall_bench::floor::{Floor, Sample};
use rolecall_bench::load::Load;
use rolecall_bench::nginx::{self, Nginx};
use rolecall_bench::process::Process;
use rolecall_bench::processors::Processors;
use rolecall_bench::rolecall::Rolecall;
use rolecall_bench::rounds::{CONNECTIONS, Contestant, Figures, race};
use rolecall_bench::start::{STARTS, Starts};
use rolecall_bench::tail::Tail;
use rolecall_bench::web_identity::WebIdentity;
use rolecall_bench::world::{Ask, OBJECT, OBJECT_BYTES, World};
use rolecall_bench::{audit, tokens};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

fn main() -> Result<()> {
    let begun = Instant::now();
    let mut words = env::args().skip(1);
    let binary = PathBuf::from(words.next().context("usage: compare PATH_TO_ROLECALL_BINARY [PART…]")?);
    let parts: Vec<String> = words.collect();
    let chosen = |part: &str| parts.is_empty() || parts.iter().any(|word| word == part);
    let folder = tempfile::tempdir()?;
    let bench = Bench::start(&binary, folder.path())?;
    println!("Requests per CPU-second over {CONNECTIONS} connections, and ours in parts of theirs");
    for (part, measure) in PARTS {
        if chosen(part) {
            measure(&bench)?;
        }
    }
    drop(bench);
    if chosen("tail") {
        tail(&binary, &folder.path().join("tail"))?;
    }
    if chosen("flood") {
        flood(&binary, folder.path())?;
    }
    if chosen("starts") {
        starts(&binary, folder.path())?;
    }
    println!("\n{:.0} s in all", begun.elapsed().as_secs_f64());
    Ok(())
}

type Part = (&'static str, fn(&Bench) -> Result<()>);

/// What is measured, in this order.
const PARTS: [Part; 9] = [
    ("assume-role", Bench::assume_role),
    ("caller-identity", Bench::caller_identity),
    ("web-identity", Bench::web_identity),
    ("get-object", Bench::get_object),
    ("latencies", Bench::latencies),
    ("many-sessions", Bench::many_sessions),
    ("tokens", Bench::tokens),
    ("put-object", Bench::put_object),
    ("memory", Bench::memory),
];

/// The server under test and what it is asked about.
struct Bench {
    server: Rolecall,
    world: World,
    folder: PathBuf,
    idle_at_start: f64,
}

impl Bench {
    fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let server = Rolecall::start(binary, &folder.join(DATA))?;
        thread::sleep(IDLE);
        let idle_at_start = server.process.memory()?;
        let world = World::create(&server)?;
        nginx::write_file(folder, OBJECT, &OBJECT_BYTES)?;
        Ok(Self { server, world, folder: folder.to_owned(), idle_at_start })
    }

    fn assume_role(&self) -> Result<()> {
        let ours = self.beside_floors("AssumeRole", Ask::AssumeRole, "hyper, same bytes (goal 0.60)")?;
        let write = audit::cost_of_a_write(&self.server.data)?;
        println!(
            "  {:<36} {:.2} of the CPU time ({write:.1} µs)",
            "one write a record would be (≤ 0.15)",
            write * ours.median() / 1e6
        );
        Ok(())
    }

    fn caller_identity(&self) -> Result<()> {
        self.beside_floors("GetCallerIdentity", Ask::CallerIdentity, "hyper, same bytes (goal 0.75)")
            .map(drop)
    }

    /// Ours beside a floor and beside one that also hashes what it is sent and records what it answers; and the
    /// second beside the first, which is as near as ours could come. Gives ours.
    fn beside_floors(&self, name: &str, ask: Ask, bare_one: &str) -> Result<Figures> {
        let sample = self.sample(ask)?;
        let (floor, dutiful) = (Floor::bare(&sample)?, Floor::dutiful(&sample)?);
        let contestants = [self.ours(ask), bare(&floor, ask), bare(&dutiful, ask)];
        let [ours, floor, dutiful] = race(&self.world, &contestants, 15.0)?
            .try_into()
            .map_err(|_| anyhow!("figures of as many as took part"))?;
        println!("\n{name}: {ours}");
        println!("  {:<36} {floor}; ratio {}", bare_one, ours.over(&floor));
        println!("  {:<36} {dutiful}; ratio {}", "hyper that hashes and records", ours.over(&dutiful));
        println!("  {:<36} {}", "the second in parts of the first", dutiful.over(&floor));
        Ok(ours)
    }

    fn web_identity(&self) -> Result<()> {
        let found = WebIdentity::measure(&self.server, &self.folder)?;
        println!("\nAssumeRoleWithWebIdentity, new RS256 tokens: {}", found.ours);
        println!("  {:<36} {}", "hyper, same bytes", found.floor);
        println!("  {:<36} {}", "signatures verified", found.verifications);
        println!("  {:<36} {}", "ratio to both together (goal 0.80)", found.ratio);
        println!("  {:<36} {}", "of hyper that also hashes and records", found.most);
        Ok(())
    }

    fn get_object(&self) -> Result<()> {
        let floor = self.floor(Ask::Get)?;
        let (quiet, logging) = (Nginx::start(&self.folder, false)?, Nginx::start(&self.folder, true)?);
        let contestants = [
            self.ours(Ask::Get),
            contestant(&quiet.process, quiet.address, Ask::Get),
            contestant(&logging.process, logging.address, Ask::Get),
            bare(&floor, Ask::Get),
            self.ours(Ask::GetBySession),
        ];
        let beside = [
            "nginx, access_log off (goal 0.30)",
            "nginx, access_log on (goal 0.30)",
            "hyper, same bytes",
            "ours, by a session",
        ];
        report("GetObject, 4 KiB", &beside, &race(&self.world, &contestants, 12.0)?);
        Ok(())
    }

    fn latencies(&self) -> Result<()> {
        println!("\nLatency at {MODERATE} requests per second, in milliseconds");
        let asks = [
            ("AssumeRole", Ask::AssumeRole),
            ("GetCallerIdentity", Ask::CallerIdentity),
            ("GetObject, 4 KiB", Ask::Get),
        ];
        for (name, ask) in asks {
            let floor = self.floor(ask)?;
            let ours = self.ours(ask).send(&self.world, MODERATE * 2, Some(MODERATE as f64))?;
            let theirs = bare(&floor, ask).send(&self.world, MODERATE * 2, Some(MODERATE as f64))?;
            let [p50, p99] = [0.5, 0.99].map(|share| (ours.percentile(share), theirs.percentile(share)));
            println!(
                "  {name:<20} p50 {:.2}, p99 {:.2}; hyper p50 {:.2}, p99 {:.2}",
                p50.0, p99.0, p50.1, p99.1
            );
        }
        Ok(())
    }

    /// AssumeRole before and after a hundred thousand sessions were made that still live.
    fn many_sessions(&self) -> Result<()> {
        let ours = self.ours(Ask::AssumeRole);
        let p50 = || {
            Ok::<_, anyhow::Error>(
                ours.send(&self.world, 3 * MODERATE, Some(MODERATE as f64))?.percentile(0.5),
            )
        };
        let before = p50()?;
        ours.send(&self.world, SESSIONS, None)?;
        let after = p50()?;
        println!(
            "AssumeRole after {SESSIONS} more live sessions: p50 {after:.2} ms; before {before:.2} ms; ratio {:.2} (goal 1.2)",
            after / before
        );
        Ok(())
    }

    fn tokens(&self) -> Result<()> {
        let [plain, full] = tokens::lengths(&self.server, &self.world)?;
        println!(
            "Session tokens: {plain} characters (goal 1024); with 50 tags and the longest policy {full} (goal 4096)"
        );
        Ok(())
    }

    fn put_object(&self) -> Result<()> {
        println!("\nDurable writes of 4 KiB per second");
        for connections in [1, 4, 16] {
            let requests = self.world.requests(Ask::Put)?;
            let load = |count| {
                Load { address: self.server.address, requests: &requests, connections, count, rate: None }
                    .run()
            };
            let enough = load(40 * connections)?.per_second() * 1.5;
            let ours = load((enough as usize).clamp(100, 20_000))?;
            let disk = durable_files_per_second(&self.folder, connections)?;
            println!(
                "  {connections:>2} at once: PutObject {:.0} (p50 {:.2} ms, p99 {:.2} ms); write, fsync, rename {disk:.0}",
                ours.per_second(),
                ours.percentile(0.5),
                ours.percentile(0.99),
            );
        }
        Ok(())
    }

    fn memory(&self) -> Result<()> {
        let loaded = self.server.process.memory()?;
        thread::sleep(IDLE);
        let idle = self.server.process.memory()?;
        println!("\nResident memory in MB");
        println!(
            "  idle {:.1} (goal 25), after the load {loaded:.1}, idle again {idle:.1}",
            self.idle_at_start
        );
        Ok(())
    }

    fn ours(&self, ask: Ask) -> Contestant<'_> {
        contestant(&self.server.process, self.server.address, ask)
    }

    fn floor(&self, ask: Ask) -> Result<Floor> {
        Floor::bare(&self.sample(ask)?)
    }

    /// What the server answers just now.
    fn sample(&self, ask: Ask) -> Result<Sample> {
        let request = self.world.requests(ask)?.into_iter().next().context("no request")?;
        Sample::take(&self.server, &request, &self.folder)
    }
}

fn contestant(process: &Process, address: SocketAddr, ask: Ask) -> Contestant<'_> {
    Contestant { process, address, ask }
}

fn bare(floor: &Floor, ask: Ask) -> Contestant<'_> {
    contestant(&floor.process, floor.address, ask)
}

/// Prints the first figures, which are ours, beside each of the others.
fn report(name: &str, beside: &[&str], found: &[Figures]) {
    let Some((ours, others)) = found.split_first() else { return };
    println!("\n{name}: {ours}");
    for (other, figures) in beside.iter().zip(others) {
        println!("  {other:<36} {figures}; ratio {}", ours.over(figures));
    }
}

/// At seven tenths of what each answers as fast as it can, requests due at even distances, to servers on a processor
/// of their own.
fn tail(binary: &Path, folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    let processors = Processors::usable()?;
    processors.for_servers()?;
    let bench = Bench::start(binary, folder)?;
    let floor = bench.floor(Ask::AssumeRole)?;
    processors.for_load()?;
    let both = [bench.ours(Ask::AssumeRole), bare(&floor, Ask::AssumeRole)];
    println!("\nAssumeRole at 70 % of the rate that each reaches on one processor, in milliseconds");
    for (name, tail) in ["ours", "hyper"].iter().zip(Tail::measure(&bench.world, &both)?) {
        println!(
            "  {name:<6} {:.0} of {:.0} per second: p50 {}, p99.9 {}",
            tail.rate, tail.most, tail.p50, tail.p999
        );
        println!("  {:<6} p99.9 in times of p50 (goal 10): {}", "", tail.p999.over(&tail.p50));
    }
    Ok(())
}

fn flood(binary: &Path, folder: &Path) -> Result<()> {
    println!("\nSigned requests per second beside {FLOODING} connections that send forged tokens");
    for (name, ask, limited) in [
        ("AssumeRole", Ask::AssumeRole, true),
        ("GetCallerIdentity", Ask::CallerIdentity, true),
        ("without limits", Ask::CallerIdentity, false),
    ] {
        let found = Flood::measure(binary, &folder.join(format!("flood {name}")), ask, limited)?;
        println!(
            "  {name:<20} {}; alone {}; kept {} (goal 0.80); the flood gets {} answers per second",
            found.beside,
            found.alone,
            found.beside.over(&found.alone),
            found.flood,
        );
    }
    Ok(())
}

fn starts(binary: &Path, folder: &Path) -> Result<()> {
    let starts = Starts::measure(binary, folder)?;
    println!("\nFrom exec to the first signed answer in milliseconds, {STARTS} starts each");
    println!("  data directory initialised {} (goal 30)", starts.initialised);
    println!("  data directory empty       {}", starts.fresh);
    println!("  the floor                  {}", starts.floor);
    Ok(())
}

const DATA: &str = "data";
const SESSIONS: usize = 100_000;
const MODERATE: usize = 1000;
const IDLE: Duration = Duration::from_secs(2);
