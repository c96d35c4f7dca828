//! Opens a link and says what is in it:
//!
//! ```text
//! cargo run -p smart-health --example open -- 'shlink:/…' [PASSCODE]
//! ```
//!
//! The link may stand behind a viewer's address or in the middle of a letter. The HTTP client is the caller's choice;
//! here it is `ureq`.
#![allow(clippy::print_stdout)] // an example talks to a terminal

use smart_health::content::{ApiAccess, Kind, Offer};
use smart_health::reader::Options;
use smart_health::{Answer, Ask, Reader, SmartHealthLink};
use std::error::Error;
use std::io::Read;
use std::time::{Duration, SystemTime};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let link = SmartHealthLink::parse(&arguments.next().ok_or("which link?")?)?;
    let mut passcode = arguments.next();
    println!("asking {}", link.url.host());
    let now = i64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs())?;
    // What the sender will read about who looked.
    let mut reader =
        Reader::new(link, Options { allow_loopback: true, ..Options::new("the example of a Rust crate", Some(now)) })?;
    let http: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    loop {
        let (answer, max_body) = match reader.ask() {
            Ask::Done => break,
            Ask::Passcode { rejected: true, remaining_attempts } => {
                return Err(format!("wrong passcode; tries left: {remaining_attempts:?}").into());
            }
            Ask::Passcode { .. } => {
                reader.enter_passcode(&passcode.take().ok_or("the link asks for a passcode")?)?;
                continue;
            }
            Ask::Wait { seconds } => {
                std::thread::sleep(Duration::from_secs(seconds.into()));
                reader.waited()?;
                continue;
            }
            Ask::Get { url, max_body } => (http.get(&url).call()?, max_body),
            Ask::PostManifest { url, body, max_body } => {
                (http.post(&url).content_type("application/json").send(body)?, max_body)
            }
            _ => return Err("this example is older than its crate".into()),
        };
        let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        // One byte more than allowed, so that the reader sees that it is too long.
        answer.into_body().into_reader().take(max_body as u64 + 1).read_to_end(&mut body)?;
        reader.answer(&Answer { status, retry_after, body })?;
    }
    let opened = reader.into_opened()?;
    println!("{:?}, {} files", opened.label.as_ref().map(|label| label.as_str()), opened.files.len());
    for file in &opened.files {
        println!("{} ({} bytes)", file.content_type, file.bytes.len());
        match file.kind() {
            Kind::Fhir => match serde_json::from_slice::<serde_json::Value>(&file.bytes) {
                Ok(resource) => match Offer::of(&resource) {
                    Some(offer) => println!("  more at {}: {}", offer.address, offer.name),
                    None => println!("  {}", resource.get("resourceType").unwrap_or(&serde_json::Value::Null)),
                },
                Err(error) => println!("  not JSON: {error}"),
            },
            Kind::HealthCards => println!("  health cards; the example `verify` checks them"),
            Kind::ApiAccess => println!("  access to {}", ApiAccess::read(&file.bytes)?.server),
            _ => println!("  nothing that this example knows"),
        }
    }
    Ok(())
}
