//! Counters, in the text format of Prometheus. They count, and name nobody.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// One number.
#[derive(Debug, Default)]
pub(crate) struct Number(AtomicU64);

impl Number {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Name, type, help, and the numbers by their labels.
type Row<'n> = (&'n str, &'n str, &'n str, &'n [(&'n str, &'n Number)]);

/// All numbers of one relay.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) openings: Number,
    pub(crate) wrong_passcodes: Number,
    pub(crate) not_found: Number,
    pub(crate) too_fast: Number,
    pub(crate) publications: Number,
    pub(crate) withdrawals: Number,
    pub(crate) commits: Number,
    pub(crate) database_errors: Number,
    pub(crate) server_errors: Number,
    pub(crate) stored_bytes: Number,
    pub(crate) bodies_in_flight_bytes: Number,
    pub(crate) log_sizes: [Number; 2],
    pub(crate) checkpoint_times: [Number; 2],
    /// Refused openings that left no receipt because too much was waiting.
    pub(crate) refusals_without_receipt: Number,
    /// 1 while this relay is the one that signs the ledger.
    pub(crate) leads: Number,
    /// 1 once the ledger has stopped because it contradicted itself.
    pub(crate) ledger_stopped: Number,
}

impl Metrics {
    /// The page that Prometheus reads.
    pub(crate) fn page(&self) -> String {
        let [a, r] = &self.log_sizes;
        let [a_time, r_time] = &self.checkpoint_times;
        let rows: [Row<'_>; 16] = [
            ("openings_total", "counter", "Openings served.", &[("", &self.openings)]),
            ("wrong_passcodes_total", "counter", "Wrong passcodes.", &[("", &self.wrong_passcodes)]),
            ("not_found_total", "counter", "Requests answered 404 by the data plane.", &[("", &self.not_found)]),
            (
                "refusals_without_receipt_total",
                "counter",
                "Refused openings that left no receipt under load.",
                &[("", &self.refusals_without_receipt)],
            ),
            ("too_fast_total", "counter", "Requests answered 429.", &[("", &self.too_fast)]),
            ("publications_total", "counter", "Links published or replaced.", &[("", &self.publications)]),
            ("withdrawals_total", "counter", "Withdrawals taken.", &[("", &self.withdrawals)]),
            ("commits_total", "counter", "Database transactions.", &[("", &self.commits)]),
            ("database_errors_total", "counter", "Transactions rolled back.", &[("", &self.database_errors)]),
            ("server_errors_total", "counter", "Requests answered 5xx.", &[("", &self.server_errors)]),
            ("stored_bytes", "gauge", "Ciphertext that links refer to.", &[("", &self.stored_bytes)]),
            (
                "bodies_in_flight_bytes",
                "gauge",
                "Memory set aside for bodies being read or stored.",
                &[("", &self.bodies_in_flight_bytes)],
            ),
            ("log_size", "gauge", "Entries under the newest checkpoint.", &[("{log=\"a\"}", a), ("{log=\"r\"}", r)]),
            (
                "checkpoint_time_seconds",
                "gauge",
                "When the newest checkpoint was signed.",
                &[("{log=\"a\"}", a_time), ("{log=\"r\"}", r_time)],
            ),
            ("leads", "gauge", "Whether this relay signs the ledger.", &[("", &self.leads)]),
            ("ledger_stopped", "gauge", "1 if the ledger stopped signing.", &[("", &self.ledger_stopped)]),
        ];
        let mut page = String::new();
        for (name, kind, help, numbers) in rows {
            // Writing to a String cannot fail.
            let _ = writeln!(page, "# HELP carnet_relay_{name} {help}\n# TYPE carnet_relay_{name} {kind}");
            for (labels, number) in numbers {
                let _ = writeln!(page, "carnet_relay_{name}{labels} {}", number.value());
            }
        }
        page
    }
}
