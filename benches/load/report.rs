//! What is printed.

use crate::h2load::Load;
use crate::idle::Idle;
use crate::rounds::{Contestant, Round, median};
use crate::settings::Settings;

const MEGABYTE: f64 = 1e6;

/// What Moderato costs without callers, beside its budgets.
pub fn idle(idle: &Idle) {
    let milliseconds: Vec<_> = idle
        .ready_after
        .iter()
        .map(|time| time.as_secs_f64() * 1e3)
        .collect();
    println!(
        "ready after     {:.0} ms, median of {} starts, {:.0} to {:.0} (budget 200 ms)",
        median(&milliseconds),
        milliseconds.len(),
        milliseconds.first().copied().unwrap_or_default(),
        milliseconds.last().copied().unwrap_or_default(),
    );
    println!(
        "idle memory     {:.1} MB resident (budget 64 MB)\n",
        idle.resident as f64 / MEGABYTE
    );
}

/// What is going to be done, with messages of these bytes.
pub fn plan(settings: &Settings, request: usize, answer: usize) {
    println!(
        "{}, {} rounds, {} cores, comment `{}`, request {request} bytes, answer {answer} bytes",
        Load::command_line(settings.round),
        settings.rounds,
        std::thread::available_parallelism().map_or(0, usize::from),
        settings.comment,
    );
}

/// Each server beside the first.
pub fn comparison(contestants: &[Contestant]) {
    let Some((empty, others)) = contestants.split_first() else {
        return;
    };
    println!(
        "\n{:28}{:>17}{:>17}{:>16}  of the empty service's",
        "", "requests/s", "latency in ms", "CPU in µs"
    );
    println!(
        "{:28}{:>9}{:>8}{:>9}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}",
        "", "best", "median", "p50", "p99", "now", "later", "req/s", "p99", "CPU"
    );
    for contestant in contestants {
        row(contestant, empty);
    }
    println!(
        "\nCPU: the server's, for a request: while requests come, and on approvals that were packed \
         meanwhile\n(LOAD_SECONDS=30 is longer than packing bears). Ratios: the middle of those \
         within each round; of CPU, now.\nBudgets: 0.85 of the empty service's requests a second without Redis, 0.60 with Redis; 2.0 of its p99.\n"
    );
    for contestant in others {
        answers(contestant);
    }
}

fn row(contestant: &Contestant, empty: &Contestant) {
    let of = |figure: fn(&Round) -> f64| median(&each(contestant, figure));
    let ratio = |figure: fn(&Round) -> f64| {
        let pairs = each(contestant, figure)
            .into_iter()
            .zip(each(empty, figure));
        median(&pairs.map(|(own, empty)| own / empty).collect::<Vec<_>>())
    };
    let best = each(contestant, rate).into_iter().fold(0.0, f64::max);
    println!(
        "{:28}{best:>9.0}{:>8.0}{:>9.2}{:>8.2}{:>8.1}{:>8.1}{:>8.3}{:>8.2}{:>8.2}",
        contestant.name,
        of(rate),
        of(p50_ms),
        of(p99_ms),
        of(cpu_us),
        of(|round| round.later_us),
        ratio(rate),
        ratio(p99_ms),
        ratio(cpu_us),
    );
}

fn each(contestant: &Contestant, figure: fn(&Round) -> f64) -> Vec<f64> {
    contestant.rounds.iter().map(figure).collect()
}

const fn rate(round: &Round) -> f64 {
    round.rate
}

const fn cpu_us(round: &Round) -> f64 {
    round.cpu_us
}

fn p50_ms(round: &Round) -> f64 {
    round.p50_us as f64 / 1e3
}

fn p99_ms(round: &Round) -> f64 {
    round.p99_us as f64 / 1e3
}

/// What the server itself says of its answers.
fn answers(contestant: &Contestant) {
    let Some(tally) = &contestant.tally else {
        return;
    };
    let verdicts: Vec<_> = tally
        .verdicts
        .iter()
        .map(|(decision, count)| format!("{count} {decision}"))
        .collect();
    println!(
        "{:28}{} verdicts ({}), {} refused by quotas, {} counted by the stand-in for Redis, \
         {} log lines dropped",
        contestant.name,
        tally.judged(),
        verdicts.join(", "),
        tally.refusals,
        tally.stood_in,
        tally.log_lines_dropped,
    );
}
