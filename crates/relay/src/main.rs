//! `carnet-relay`: reads the configuration, runs the relay until it is told to stop; or moves its database.

#![forbid(unsafe_code)]

use carnet_relay::{Config, LogFormat, Relay};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[cfg(feature = "server")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage: carnet-relay [--config FILE] [--check-config]
       carnet-relay move --from FILE --to URL

  --config FILE    the configuration (TOML); docs/operators.md describes it. Every value can also be given in the
                   environment, as CARNET_RELAY_ and its name in capitals
  --check-config   say whether the configuration can be used, and stop
  move             move all that a stopped relay has in the SQLite FILE (relay.db) into the empty PostgreSQL at URL
                   (postgres://USER@HOST/DATABASE; the password may stand in PGPASSFILE)
";

/// What is to be done.
enum Order {
    Run {
        file: Option<PathBuf>,
        check: bool,
    },
    #[cfg(feature = "server")]
    Move {
        from: PathBuf,
        to: String,
    },
}

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1).collect();
    let (file, check) = match parse(arguments) {
        Some(Order::Run { file, check }) => (file, check),
        #[cfg(feature = "server")]
        Some(Order::Move { from, to }) => return move_database(&from, to),
        None => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    let config = match Config::load(file.as_deref()) {
        Ok(config) => config,
        Err(error) => {
            say(&format!("carnet-relay: {error}\n"));
            return ExitCode::from(2);
        }
    };
    if check {
        say("carnet-relay: the configuration can be used\n");
        return ExitCode::SUCCESS;
    }
    start_log(config.log);
    match Relay::runtime().and_then(|runtime| runtime.block_on(run(config))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the relay did not start");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: Vec<std::ffi::OsString>) -> Option<Order> {
    #[cfg(feature = "server")]
    if let [first, from, file, to, url] = arguments.as_slice()
        && (first.to_str(), from.to_str(), to.to_str()) == (Some("move"), Some("--from"), Some("--to"))
    {
        return Some(Order::Move { from: file.into(), to: url.to_str()?.to_owned() });
    }
    let mut arguments = arguments.into_iter();
    let (mut file, mut check) = (None, false);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--config") if file.is_none() => file = Some(PathBuf::from(arguments.next()?)),
            Some("--check-config") => check = true,
            _ => return None,
        }
    }
    Some(Order::Run { file, check })
}

#[cfg(feature = "server")]
#[tokio::main]
async fn move_database(from: &std::path::Path, to: String) -> ExitCode {
    match carnet_relay::move_database(from, &carnet_relay::Secret::new(to)).await {
        Ok(tables) => {
            let rows: String = tables.iter().map(|(table, rows)| format!("  {table}: {rows}\n")).collect();
            say(&format!("carnet-relay: everything was moved, read back and found the same\n{rows}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("carnet-relay: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> carnet_relay::Result<()> {
    let running = Relay::start(config).await?;
    stop_signal().await;
    tracing::info!("stopping");
    running.shutdown().await;
    tracing::info!("stopped");
    Ok(())
}

/// Ctrl-C, or what an operating system sends to a service.
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    // Without any signal handler there is nothing to wait for but the end of the process.
    if interrupt.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// To standard error; `RUST_LOG` chooses what, `info` unless set.
fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}

fn say(text: &str) {
    // If standard error is closed, nobody is listening.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
