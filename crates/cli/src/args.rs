//! What can be said on the command line.

mod entry;
mod table;
mod when;

pub(crate) use entry::{Add, Correct, Kind, Label, Said, Severity, YesNo};
pub(crate) use table::{Dates, Role, Table};
pub(crate) use when::When;

use when::{moment, seconds};

use clap::{Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// A health wallet that its patient owns.
///
/// Exit codes: 0 done; 1 refused or failed; 2 not understood; 3 locked, or the passphrase or the words are wrong; 4 the
/// relay is away (what was asked waits and is sent by the next command that opens the vault, unless it says otherwise).
#[derive(Debug, Parser)]
#[command(name = "carnet", version, max_term_width = 100)]
pub(crate) struct Args {
    /// The wallet's folder. Default: where this system keeps a person's data.
    #[arg(long, global = true, value_name = "DIR", env = "CARNET_VAULT")]
    pub(crate) vault: Option<PathBuf>,
    /// A file whose first line is the passphrase. Without it you are asked.
    #[arg(long, global = true, value_name = "FILE", env = "CARNET_PASSPHRASE_FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// The relay that carries shares. It is remembered.
    #[arg(long, global = true, value_name = "URL", env = "CARNET_RELAY")]
    pub(crate) relay: Option<String>,
    /// The language of summaries, pages and receipts: en, de, es, fr, pt. Default: this system's, else English.
    #[arg(long, global = true, value_name = "TAG", env = "CARNET_LANGUAGE", value_parser = language)]
    pub(crate) language: Option<String>,
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new, empty vault.
    Init {
        /// The name of the person whose records these will be.
        #[arg(long, default_value = "")]
        name: String,
    },
    /// Open the vault, send what waits, fetch what is new, and say how things stand.
    Unlock {
        /// The passphrase is lost: open the vault with the 24 recovery words, which you are asked for, and set a new
        /// passphrase. The first line of --passphrase-file is the new one; without it you are asked.
        #[arg(long)]
        words: bool,
        /// The same with the words in this file.
        #[arg(long, value_name = "FILE")]
        words_file: Option<PathBuf>,
    },
    /// Change the passphrase. The recovery words stay as they are.
    Passphrase {
        /// A file whose first line is the new passphrase. Without it you are asked.
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Import health records: files of any kind that is known here, or folders of them.
    Import {
        /// The files and folders.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Only read the files and say what is in them. Needs no vault and no passphrase. With --json, prints an array
        /// with the account of each file.
        #[arg(long)]
        dry_run: bool,
        /// Leave out of pictures where they were taken, before they are kept.
        #[arg(long)]
        strip_location: bool,
    },
    /// Look at a table whose columns do not say what they hold, say it, and import it. Looking needs no vault.
    Table(Table),
    /// List records, newest first.
    Records {
        /// One category: allergy, problem, medicine, immunization, result, vital, procedure, report, visit, document,
        /// care_plan, device, social, insurance, other.
        #[arg(long)]
        category: Option<String>,
        /// How many to leave out from the front.
        #[arg(long, default_value_t = 0)]
        offset: u64,
        /// How many at the most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show everything about one record.
    Show {
        /// Which, as `records` and `search` name it.
        id: String,
        /// Print the record exactly as it came.
        #[arg(long)]
        original: bool,
    },
    /// Find records by words.
    Search {
        /// The words; all must occur, the last one at least with its beginning.
        #[arg(required = true)]
        words: Vec<String>,
        /// How many at the most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Type something in by hand.
    Add(Box<Add>),
    /// Correct what was typed in by hand; the former version stays in the vault.
    Correct(Box<Correct>),
    /// Delete what was typed in by hand.
    Delete {
        /// Which, as `records` and `search` name it.
        id: String,
    },
    /// Show why a record is held back from shares, with the tables that say so, or decide it. What you decide stands over
    /// the tables, and over what later imports find; other records of the same fact go with it.
    Label(Label),
    /// Share a summary: prints a QR code and a link.
    Share(Share),
    /// Write records to a file of your own: a summary for a reader, pages for people, or lines for a program.
    Export(Export),
    /// Check a document against the rules of its format, or the vault for damage. Exit code 0 if all is well, 1 with a list
    /// of what is not. Warnings alone do not fail it.
    Check {
        /// What.
        #[command(subcommand)]
        what: Check,
    },
    /// List shares.
    Shares,
    /// Read what a clinician asks for, or write a request. Needs no vault and no passphrase.
    Request(Request),
    /// Pause a share: nobody can open it until it is resumed.
    Pause {
        /// Which, as `shares` names it.
        id: String,
    },
    /// Resume a paused share.
    Resume {
        /// Which, as `shares` names it.
        id: String,
    },
    /// Let a share run longer, and print its code to be shown again: some readers refuse the one with the former end.
    Extend {
        /// Which, as `shares` names it.
        id: String,
        /// Until when, as so long from now: 24h, 7d.
        #[arg(long, value_name = "TIME", value_parser = seconds)]
        expires: i64,
    },
    /// Print the link and the QR code of a share again. Whoever sees them can open it.
    ShowLink {
        /// Which, as `shares` names it.
        id: String,
    },
    /// Move a share to the relay named by --relay, under a new link. The old link is stopped once the new relay has it.
    Move {
        /// Which, as `shares` names it.
        id: String,
    },
    /// Write the consent receipt of a share: what was allowed, to whom, for what and until when.
    Receipt {
        /// Which, as `shares` names it.
        id: String,
        /// Write it to this file as JSON-LD (ISO/IEC TS 27560), for programs.
        #[arg(long = "jsonld", visible_alias = "json-file", value_name = "FILE")]
        jsonld: Option<PathBuf>,
        /// Write it to this file as pages.
        #[arg(long, value_name = "FILE")]
        pdf: Option<PathBuf>,
    },
    /// Stop a share: one of this wallet, or with --card any for which there is a withdrawal card.
    Withdraw {
        /// Which, as `shares` names it.
        #[arg(required_unless_present = "card")]
        id: Option<String>,
        /// The withdrawal card: its link, or its code with --relay. Needs no vault and no passphrase.
        #[arg(long, value_name = "LINK|CODE", conflicts_with = "id")]
        card: Option<String>,
    },
    /// Make the withdrawal card of a share, for somebody who may stop it: a parent, a guardian, a companion. With it the
    /// share can be stopped from any browser, and nothing else be done.
    Card {
        /// Which, as `shares` names it.
        id: String,
        /// Write its QR code as a PNG.
        #[arg(long, value_name = "FILE")]
        qr_png: Option<PathBuf>,
        /// Write its QR code as an SVG.
        #[arg(long, value_name = "FILE")]
        qr_svg: Option<PathBuf>,
    },
    /// Put what this device has in the place of what readers of a share see, where another device changed it meanwhile, as
    /// after a backup was restored.
    Update {
        /// Which, as `shares` names it.
        id: String,
    },
    /// Who looked.
    Opened,
    /// Read what somebody shared, and say what of it could be checked.
    Open {
        /// The link: `shlink:/…`, alone or behind a viewer's address; or a file that holds it: a picture of its QR code, a
        /// letter, a PDF, a web page.
        link: String,
        /// Who is opening it; the patient will read this. Default: the name in the wallet's settings, where --passphrase-file
        /// opens a wallet, else "Carnet in a terminal".
        #[arg(long = "as", value_name = "NAME")]
        recipient: Option<String>,
        /// Import what it holds into the vault, under the wallet's own name. A link whose files may change is asked again
        /// from time to time.
        #[arg(long, conflicts_with_all = ["recipient", "out"])]
        import: bool,
        /// Only print the links in the file, each on a line, and open none. Whoever sees one can open it.
        #[arg(long, conflicts_with_all = ["recipient", "import", "passcode", "out"])]
        links: bool,
        /// The passcode, if the link asks for one.
        #[arg(long)]
        passcode: Option<String>,
        /// Ask the server although the link says that it ended: whoever shared it may have extended it since.
        #[arg(long, conflicts_with_all = ["import", "links"])]
        even_ended: bool,
        /// Open the link in a file although it leads to this machine over plain http. One that is typed is opened anyway.
        #[arg(long, conflicts_with = "links")]
        this_machine: bool,
        /// Write the document to this file.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Whose signatures on cards and certificates are known.
    Trust {
        /// Fetch the lists of issuers anew: the VCI directory's snapshot and the WHO's list, unless others are named. A
        /// list that cannot be had, or cannot be read, leaves what is known as it is.
        #[arg(long)]
        update: bool,
        /// Fetch this snapshot of issuers of SMART Health Cards; may be repeated.
        #[arg(long, value_name = "URL", requires = "update")]
        snapshot: Vec<String>,
        /// Fetch this list of keys of signers of health certificates; may be repeated.
        #[arg(long, value_name = "URL", requires = "update")]
        documents: Vec<String>,
        /// Read a list of issuers from a file: a snapshot of the VCI directory, a WHO trust list, a list of signers' keys.
        #[arg(long, value_name = "FILE")]
        add: Option<PathBuf>,
    },
    /// Write the files with which anyone can check a share, without a network and without this program.
    Proof {
        /// Which share, as `shares` names it.
        id: String,
        /// The folder to write them to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Check such files, without a network and without a vault.
    Verify {
        /// The folder that `proof` wrote, or a document alone.
        path: PathBuf,
    },
    /// Write a backup of everything, encrypted to the recovery words.
    Backup {
        /// The file to write.
        file: PathBuf,
    },
    /// Make the vault anew from a backup.
    Restore {
        /// The backup.
        file: PathBuf,
        /// A file with the recovery words. Without it you are asked.
        #[arg(long, value_name = "FILE")]
        words_file: Option<PathBuf>,
    },
    /// Run a relay until it is stopped.
    Relay {
        /// The address to listen on; port 0 takes a free one.
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8460")]
        listen: SocketAddr,
        /// The folder for its data.
        #[arg(long, value_name = "DIR", default_value = "relay-data")]
        data: PathBuf,
        /// How the world reaches it, e.g. https://relay.example.org. Default: the address it listens on.
        #[arg(long, value_name = "URL")]
        public_url: Option<String>,
        /// The folder with the viewer's files. Default: those built in.
        #[arg(long, value_name = "DIR")]
        viewer: Option<PathBuf>,
    },
    /// Play it all through with a made-up person, a relay and a vault that are gone afterwards.
    Tour,
    /// What opens the vault and its backups when the passphrase is lost.
    Phrase {
        /// Which form.
        #[command(subcommand)]
        form: Phrase,
    },
}

/// The forms of the recovery phrase.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Phrase {
    /// The 24 words, to be written down.
    Words,
    /// The age identity that opens backups with any age tool. Whoever has it can read them all.
    Identity,
}

/// Which records: what an occasion suggests, changed by the rest.
#[derive(Debug, clap::Args)]
pub(crate) struct Choose {
    /// Only these categories, separated by commas: allergy, problem, medicine, immunization, result, vital, procedure,
    /// report, visit, document, care_plan, device, social, insurance, other. Documents go only if they are named here.
    #[arg(long, visible_alias = "category", value_name = "CATEGORIES", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Only records of this date or later. Allergies, problems, medicines and vaccinations are taken however old they are.
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<String>,
    /// Only records of this date or earlier, of any kind. What has no date is taken.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Also this record, whatever the rest says, as `records` names it; may be repeated.
    #[arg(long, value_name = "ID")]
    pub(crate) with: Vec<String>,
    /// Not this record, whatever the rest says; may be repeated.
    #[arg(long, value_name = "ID")]
    pub(crate) without: Vec<String>,
    /// Also what is held back for this sensitive subject: SUD, MH, HIV, STD, SEX, SDV, GDIS, R; may be repeated.
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) sensitive: Vec<String>,
    /// Also everything that is held back as sensitive.
    #[arg(long)]
    pub(crate) include_sensitive: bool,
}

/// An export.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The format.
    pub(crate) format: ExportFormat,
    /// The file to write. What is there is replaced once the new one is whole.
    #[arg(required_unless_present = "preview")]
    pub(crate) file: Option<PathBuf>,
    /// The occasion that the choice is made for; the other options change it.
    #[arg(long, value_enum, default_value = "custom")]
    pub(crate) preset: Preset,
    #[command(flatten)]
    pub(crate) choose: Choose,
    /// Say what would be in the file and what is held back, and write nothing.
    #[arg(long)]
    pub(crate) preview: bool,
}

/// The formats in which records are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ExportFormat {
    /// International Patient Summary 2.0.1, FHIR JSON.
    Ips,
    /// Patient-shared health documents for a front desk, FHIR JSON with a PDF inside.
    Ktc,
    /// Pages: one to read first, then everything.
    Pdf,
    /// One FHIR resource a line.
    Ndjson,
    /// The same with a cover and a list of contents, in a zip archive (not encrypted).
    Sphr,
}

/// The forms of a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ShareFormat {
    /// International Patient Summary.
    Ips,
    /// Patient-shared health documents, with their pages as a PDF inside.
    Ktc,
}

/// What can be checked.
#[derive(Debug, Subcommand)]
pub(crate) enum Check {
    /// An International Patient Summary 2.0.1. Needs no vault and no passphrase.
    Ips {
        /// The file: FHIR JSON.
        file: PathBuf,
    },
    /// Patient-shared health documents. Needs no vault and no passphrase.
    Ktc {
        /// The file: FHIR JSON.
        file: PathBuf,
    },
    /// The vault: its file, the journal of what happened in it, and every attachment. Reads all of it and changes nothing.
    Vault,
}

/// The occasions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Preset {
    /// At a front desk.
    Desk,
    /// For somebody who treats.
    Visit,
    /// For a journey.
    Travel,
    /// For an emergency.
    Emergency,
    /// Everything that is neither sensitive nor a document.
    Custom,
}

/// A share.
#[derive(Debug, clap::Args)]
pub(crate) struct Share {
    /// Whom it is for.
    #[arg(long = "for", value_name = "NAME")]
    pub(crate) recipient: Option<String>,
    /// The occasion: what it suggests is shared unless another option says otherwise. Default: desk, with a passcode visit,
    /// for the answer to a request custom.
    #[arg(long, value_enum)]
    pub(crate) preset: Option<Preset>,
    /// The form: ips is a summary, ktc a collection for a front desk with its pages inside. Default: the occasion's.
    #[arg(long, value_enum)]
    pub(crate) format: Option<ShareFormat>,
    #[command(flatten)]
    pub(crate) choose: Choose,
    /// How long it can be opened: 15m, 24h, 7d. Default: desk 15m, visit and custom 24h, travel 7d, emergency 30d.
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) expires: Option<i64>,
    /// From when it can be opened: a time like 2026-05-28T09:30Z, or how long from now, like 2h.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) from: Option<When>,
    /// A passcode that the reader must type; tell it, do not write it beside the link. For visit, travel and custom one is
    /// made and printed, unless --no-passcode is said.
    #[arg(long, value_name = "P", conflicts_with = "no_passcode")]
    pub(crate) passcode: Option<String>,
    /// No passcode: whoever has the code or the link can open it.
    #[arg(long)]
    pub(crate) no_passcode: bool,
    /// How many times it can be opened.
    #[arg(long, value_name = "N")]
    pub(crate) openings: Option<u32>,
    /// Ask the recipient to have erased by then what was kept: a time like 2026-06-30, or how long from now, like 30d.
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub(crate) erase_by: Option<When>,
    /// Ask the recipient not to pass it on without a consent that allows it.
    #[arg(long)]
    pub(crate) no_redisclosure: bool,
    /// Ask the recipient to delete it after use.
    #[arg(long)]
    pub(crate) delete_after_use: bool,
    /// Tell the reader whether something was left out.
    #[arg(long)]
    pub(crate) tell_left_out: bool,
    /// Follow the records: what is added or changed later goes out through the same link. Travel does so by itself.
    #[arg(long)]
    pub(crate) live: bool,
    /// Do not follow the records, whatever the preset or the request suggests: what is shared stays as it is now.
    #[arg(long, conflicts_with = "live")]
    pub(crate) snapshot: bool,
    /// Answer this request: a file, or its text. The other options narrow what it asks for.
    #[arg(long, value_name = "FILE|TEXT")]
    pub(crate) request: Option<String>,
    /// Give more than the request asks for, where the other options say so.
    #[arg(long, requires = "request")]
    pub(crate) wider: bool,
    /// Say what would be shared, and share nothing.
    #[arg(long)]
    pub(crate) preview: bool,
    /// The notice was read and is agreed to: do not ask. Asked is only a person at a terminal; with --json the notice is in
    /// the answer, also with --preview.
    #[arg(long)]
    pub(crate) agree: bool,
    /// Write the QR code as a PNG.
    #[arg(long, value_name = "FILE")]
    pub(crate) qr_png: Option<PathBuf>,
    /// Write the QR code as an SVG.
    #[arg(long, value_name = "FILE")]
    pub(crate) qr_svg: Option<PathBuf>,
}

/// A request.
#[derive(Debug, clap::Args)]
pub(crate) struct Request {
    /// The request to read: a file, or its text.
    #[arg(value_name = "FILE|TEXT", required_unless_present_any = ["new", "new_key"], conflicts_with_all = ["new", "new_key"])]
    pub(crate) request: Option<String>,
    /// Write a request in this name.
    #[arg(long, value_name = "NAME", conflicts_with = "new_key")]
    pub(crate) new: Option<String>,
    /// Who asks is an organisation.
    #[arg(long, requires = "new")]
    pub(crate) organization: bool,
    /// What for: TREAT, ETREAT, COC, HRESCH, HPAYMT, HOPERAT, PUBHLTH, …
    #[arg(long, value_name = "CODE", default_value = "TREAT")]
    pub(crate) purpose: String,
    /// Ask for these categories only, separated by commas: allergy, problem, medicine, immunization, result, vital,
    /// procedure, report, visit, document, care_plan, device, social, insurance, other.
    #[arg(long, value_name = "CATEGORIES", value_delimiter = ',', requires = "new")]
    pub(crate) types: Vec<String>,
    /// Ask only for records of this date or later.
    #[arg(long, value_name = "DATE", requires = "new")]
    pub(crate) since: Option<String>,
    /// Ask only for records of this date or earlier.
    #[arg(long, value_name = "DATE", requires = "new")]
    pub(crate) until: Option<String>,
    /// Ask for so long: 15m, 24h, 7d.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = seconds)]
    pub(crate) expires: i64,
    /// Ask for so many openings.
    #[arg(long, value_name = "N", requires = "new")]
    pub(crate) openings: Option<u32>,
    /// Promise not to pass it on without a consent that allows it.
    #[arg(long, requires = "new")]
    pub(crate) no_redisclosure: bool,
    /// Promise to delete it after use.
    #[arg(long, requires = "new")]
    pub(crate) delete_after_use: bool,
    /// Ask for later changes as well.
    #[arg(long, requires = "new")]
    pub(crate) live: bool,
    /// Sign it with the key in this file, which --new-key made.
    #[arg(long, value_name = "FILE", requires = "new")]
    pub(crate) key: Option<PathBuf>,
    /// Write it to this file.
    #[arg(long, value_name = "FILE", requires = "new")]
    pub(crate) out: Option<PathBuf>,
    /// Make a key that signs requests, in this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) new_key: Option<PathBuf>,
}

/// Reads a language that summaries exist in: a tag like `de` or `de-AT`.
fn language(text: &str) -> Result<String, String> {
    let primary = text.split('-').next().unwrap_or_default();
    let known = ["en", "de", "es", "fr", "pt"].contains(&primary);
    if known { Ok(text.to_owned()) } else { Err("there are en, de, es, fr and pt".to_owned()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_category() {
        use carnet_records::index::Category;
        for command in ["share", "export", "request", "records"] {
            let mut root = Args::command();
            let help = root.find_subcommand_mut(command).unwrap().render_long_help().to_string();
            for category in Category::all().iter().filter(|category| **category != Category::Person) {
                assert!(help.contains(category.as_str()), "{command}: {}", category.as_str());
            }
        }
    }
}
