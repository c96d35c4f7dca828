//! From what was said to who does it.

use crate::args::{Args, Check, Command};
use crate::clock::now;
use crate::error::{Error, Exit, Result};
use crate::out::Out;
use crate::session::Session;
use crate::{
    check, entry, export, import, label, open, openings, proof, records, relay, request, share, shares, table, tour,
    trust, vault,
};
use carnet_wallet::DocumentOptions;
use carnet_wallet::bridge::ShareFormat;
use smart_health::reader::Options;

/// Does what was asked.
pub(crate) fn run(args: Args, out: &mut Out) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
    runtime.block_on(dispatch(args, out))
}

async fn dispatch(args: Args, out: &mut Out) -> Result<Exit> {
    // What needs no wallet.
    match &args.command {
        Command::Open { link, links: true, .. } => return open::links(link, out),
        Command::Open { link, recipient, passcode, out: file, import: false, even_ended, this_machine, .. } => {
            let (link, is_typed) = open::link(link)?;
            let allow_loopback = *this_machine || is_typed;
            let recipient = match recipient {
                Some(recipient) => recipient.clone(),
                None => open::reader(&args).await,
            };
            let options = Options { ask_ended: *even_ended, allow_loopback, ..Options::new(recipient, Some(now())) };
            return open::open(&link, options, open::typed(passcode.as_deref()), file.as_deref(), out).await;
        }
        Command::Withdraw { card: Some(card), .. } => {
            return shares::withdraw_with_card(card, args.relay.as_deref(), out).await;
        }
        Command::Verify { path } => return proof::verify(path, out),
        Command::Relay { listen, data, public_url, viewer } => {
            return relay::relay(*listen, data, public_url.as_deref(), viewer.as_deref(), out).await;
        }
        Command::Request(request) => return request::request(request, out),
        Command::Check { what: Check::Ips { file } } => return check::file(file, ShareFormat::Ips, out),
        Command::Check { what: Check::Ktc { file } } => return check::file(file, ShareFormat::Ktc, out),
        Command::Tour => return tour::tour(out).await,
        Command::Table(asked) if asked.columns.is_empty() => return table::show(&asked.file, out).await,
        Command::Import { files, dry_run: true, .. } => return import::dry_run(files, out).await,
        _ => {}
    }
    let session = Session::new(&args)?;
    match &args.command {
        Command::Init { name } => return vault::init(&session, name, out).await,
        Command::Restore { file, words_file } => {
            return vault::restore(&session, file, words_file.as_deref(), out).await;
        }
        Command::Passphrase { new_passphrase_file } => {
            return vault::passphrase(&session, new_passphrase_file.as_deref(), out).await;
        }
        _ => {}
    }
    let wallet = match &args.command {
        Command::Unlock { words, words_file } if *words || words_file.is_some() => {
            vault::unlock_with_words(&session, words_file.as_deref(), out).await?
        }
        _ => session.open().await?,
    };
    let result = match args.command {
        Command::Unlock { .. } => vault::unlock(&wallet, out).await,
        Command::Import { files, strip_location, .. } => {
            import::import(&wallet, &files, DocumentOptions { strip_location }, out).await
        }
        Command::Table(asked) => table::import(&wallet, &asked, out).await,
        Command::Open { link: named, passcode, this_machine, .. } => match open::link(&named) {
            Ok((link, is_typed)) => {
                import::link(&wallet, &link, open::typed(passcode.as_deref()), this_machine || is_typed, out).await
            }
            Err(error) => Err(error),
        },
        Command::Trust { update, snapshot, documents, add } => {
            let sources = update.then(|| trust::sources(snapshot, documents));
            trust::trust(&wallet, sources.as_ref(), add.as_deref(), out).await
        }
        Command::Records { category, offset, limit } => {
            records::list(&wallet, String::new(), category, offset, limit, out).await
        }
        Command::Search { words, limit } => records::list(&wallet, words.join(" "), None, 0, limit, out).await,
        Command::Show { id, original } => records::show(&wallet, &id, original, out).await,
        Command::Add(add) => entry::add(&wallet, &add, out).await,
        Command::Correct(correct) => entry::correct(&wallet, &correct, out).await,
        Command::Delete { id } => entry::delete(&wallet, &id, out).await,
        Command::Label(asked) => label::label(&wallet, &asked, out).await,
        Command::Share(share) => share::share(&wallet, &share, out).await,
        Command::Export(request) => export::export(&wallet, &request, out).await,
        Command::Shares => shares::shares(&wallet, out).await,
        Command::Pause { id } => shares::pause(&wallet, &id, true, out).await,
        Command::Resume { id } => shares::pause(&wallet, &id, false, out).await,
        Command::Extend { id, expires } => shares::extend(&wallet, &id, expires, out).await,
        Command::ShowLink { id } => shares::show_link(&wallet, &id, out).await,
        Command::Receipt { id, jsonld, pdf } => {
            shares::receipt(&wallet, &id, jsonld.as_deref(), pdf.as_deref(), out).await
        }
        Command::Move { id } => shares::move_to(&wallet, &id, out).await,
        Command::Update { id } => shares::update(&wallet, &id, out).await,
        Command::Card { id, qr_png, qr_svg } => {
            shares::card(&wallet, &id, qr_png.as_deref(), qr_svg.as_deref(), out).await
        }
        Command::Withdraw { id, .. } => shares::withdraw(&wallet, &id.unwrap_or_default(), out).await,
        Command::Opened => openings::opened(&wallet, out).await,
        Command::Proof { id, out: folder } => proof::proof(&wallet, &id, &folder, out).await,
        Command::Check { .. } => check::vault(&wallet, out).await,
        Command::Backup { file } => vault::backup(&wallet, &file, out).await,
        Command::Phrase { form } => vault::phrase(&wallet, form, out).await,
        Command::Init { .. }
        | Command::Restore { .. }
        | Command::Passphrase { .. }
        | Command::Verify { .. }
        | Command::Request(_)
        | Command::Relay { .. }
        | Command::Tour => Ok(Exit::Done),
    };
    // The vault is closed in any case; what the command came to matters more than how the closing went.
    let closed = wallet.shutdown().await;
    let exit = result?;
    closed?;
    Ok(exit)
}
