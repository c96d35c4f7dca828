//! Says what a link asks for, without opening it: `cargo run --example inspect -- 'shlink:/…'`.
#![allow(clippy::print_stdout)] // an example talks to a terminal

use smart_health::{Ask, Error, Reader, SmartHealthLink, reader};

fn main() -> Result<(), Error> {
    let link = SmartHealthLink::parse(&std::env::args().nth(1).unwrap_or_default())?;
    println!("label:   {}", link.label.as_ref().map_or("none", |label| label.as_str()));
    println!("server:  {}", link.url.host());
    println!("ends:    {}", link.exp.map_or_else(|| "not said".to_owned(), |at| format!("{at} (Unix seconds)")));
    println!("flags:   {:?}", link.flags.to_string());
    match Reader::new(link, reader::Options::new("an example", None))?.ask() {
        Ask::Get { .. } => println!("to open: one GET of the encrypted file"),
        Ask::PostManifest { .. } => println!("to open: one POST for the list of files"),
        Ask::Passcode { .. } => println!("to open: a passcode first"),
        _ => {}
    }
    Ok(())
}
