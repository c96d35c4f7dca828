//! Where the person is: a screen and its address. Back and forward are the browser's own.

use carnet_bridge::EntryKind;

/// A screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The first screen.
    Home,
    /// The list of records, of one category or all.
    Records(Option<String>),
    /// One record.
    Record(String),
    /// Accounts of imports.
    Imports,
    /// Ways to add something.
    Add,
    /// Adding from a code.
    AddCode,
    /// Typing something in.
    Type(EntryKind),
    /// Correcting what was typed in.
    Edit(String),
    /// Putting a share together.
    Share(Step),
    /// Somebody asks for records.
    Asked,
    /// Asking somebody for their records.
    Asking,
    /// Saving or printing a summary.
    Export,
    /// All shares.
    Shares,
    /// One share.
    ShareDetail(String),
    /// The withdrawal card of a share.
    Card(String),
    /// Who looked.
    Openings,
    /// The person, the wallet.
    Me,
    /// Holding a file against the rules of its format.
    Check,
    /// The recovery words.
    Words,
    /// The settings.
    Settings,
    /// Changing the passphrase.
    Passphrase,
}

/// A step of sharing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Who for.
    Who,
    /// What.
    What,
    /// How long.
    Long,
    /// Read it once more.
    Review,
}

/// One of the four places of the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Home.
    Home,
    /// Records.
    Records,
    /// Share.
    Share,
    /// Me.
    Me,
}

impl Route {
    /// Reads a fragment; what leads nowhere leads home.
    pub fn parse(fragment: &str) -> Self {
        let path = fragment.trim_start_matches('#').trim_matches('/');
        let mut parts = path.split('/');
        match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
            ("records", None, _) => Self::Records(None),
            ("records", Some("in"), Some(category)) => Self::Records(Some(category.to_owned())),
            ("records", Some(id), _) => Self::Record(id.to_owned()),
            ("imports", _, _) => Self::Imports,
            ("add", Some("code"), _) => Self::AddCode,
            ("add", Some(kind), _) => EntryKind::from_name(kind).map_or(Self::Add, Self::Type),
            ("add", None, _) => Self::Add,
            ("edit", Some(id), _) => Self::Edit(id.to_owned()),
            ("share", None, _) => Self::Share(Step::Who),
            ("share", Some("what"), _) => Self::Share(Step::What),
            ("share", Some("long"), _) => Self::Share(Step::Long),
            ("share", Some("asked"), _) => Self::Asked,
            ("share", Some("ask"), _) => Self::Asking,
            ("share", Some("review"), _) => Self::Share(Step::Review),
            ("export", _, _) => Self::Export,
            ("shares", None, _) => Self::Shares,
            ("shares", Some(id), Some("card")) => Self::Card(id.to_owned()),
            ("shares", Some(id), _) => Self::ShareDetail(id.to_owned()),
            ("looked", _, _) => Self::Openings,
            ("me", None, _) => Self::Me,
            ("me", Some("check"), _) => Self::Check,
            ("me", Some("words"), _) => Self::Words,
            ("me", Some("settings"), _) => Self::Settings,
            ("me", Some("passphrase"), _) => Self::Passphrase,
            _ => Self::Home,
        }
    }

    /// Its fragment.
    pub fn fragment(&self) -> String {
        match self {
            Self::Home => "#/".to_owned(),
            Self::Records(None) => "#/records".to_owned(),
            Self::Records(Some(category)) => format!("#/records/in/{category}"),
            Self::Record(id) => format!("#/records/{id}"),
            Self::Imports => "#/imports".to_owned(),
            Self::Add => "#/add".to_owned(),
            Self::AddCode => "#/add/code".to_owned(),
            Self::Type(kind) => format!("#/add/{}", kind.as_str()),
            Self::Edit(id) => format!("#/edit/{id}"),
            Self::Share(Step::Who) => "#/share".to_owned(),
            Self::Share(Step::What) => "#/share/what".to_owned(),
            Self::Share(Step::Long) => "#/share/long".to_owned(),
            Self::Share(Step::Review) => "#/share/review".to_owned(),
            Self::Asked => "#/share/asked".to_owned(),
            Self::Asking => "#/share/ask".to_owned(),
            Self::Export => "#/export".to_owned(),
            Self::Shares => "#/shares".to_owned(),
            Self::ShareDetail(id) => format!("#/shares/{id}"),
            Self::Card(id) => format!("#/shares/{id}/card"),
            Self::Openings => "#/looked".to_owned(),
            Self::Me => "#/me".to_owned(),
            Self::Check => "#/me/check".to_owned(),
            Self::Words => "#/me/words".to_owned(),
            Self::Settings => "#/me/settings".to_owned(),
            Self::Passphrase => "#/me/passphrase".to_owned(),
        }
    }

    /// Whether the account of an import is shown by itself when it has ended. Elsewhere the person is at something else.
    pub fn leads_to_imports(&self) -> bool {
        matches!(self, Self::Add | Self::AddCode | Self::Imports)
    }

    /// The place of the bar it belongs to.
    pub fn tab(&self) -> Tab {
        match self {
            Self::Home | Self::Openings => Tab::Home,
            Self::Records(_)
            | Self::Record(_)
            | Self::Imports
            | Self::Add
            | Self::AddCode
            | Self::Type(_)
            | Self::Edit(_) => Tab::Records,
            Self::Share(_)
            | Self::Asked
            | Self::Asking
            | Self::Export
            | Self::Shares
            | Self::ShareDetail(_)
            | Self::Card(_) => Tab::Share,
            Self::Me | Self::Check | Self::Words | Self::Settings | Self::Passphrase => Tab::Me,
        }
    }

    /// The key of its name in the window's title.
    pub fn title_key(&self) -> &'static str {
        match self {
            Self::Home => "nav-home",
            Self::Records(_) | Self::Record(_) => "nav-records",
            Self::Imports => "imports-title",
            Self::Add => "add-title",
            Self::AddCode => "code-title",
            Self::Type(_) => "type-title",
            Self::Edit(_) => "type-edit-title",
            Self::Share(_) => "nav-share",
            Self::Asked => "asked-title",
            Self::Asking => "asking-title",
            Self::Export => "export-title",
            Self::Shares | Self::ShareDetail(_) => "shares-title",
            Self::Card(_) => "card-title",
            Self::Openings => "openings-title",
            Self::Me => "nav-me",
            Self::Check => "check-title",
            Self::Words => "words-title",
            Self::Settings => "settings-title",
            Self::Passphrase => "change-title",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_survives_its_address() {
        for route in [
            Route::Home,
            Route::Records(None),
            Route::Records(Some("care_plan".to_owned())),
            Route::Record("17".to_owned()),
            Route::Imports,
            Route::Add,
            Route::AddCode,
            Route::Type(EntryKind::Vaccination),
            Route::Edit("17".to_owned()),
            Route::Share(Step::Who),
            Route::Share(Step::What),
            Route::Share(Step::Long),
            Route::Share(Step::Review),
            Route::Asked,
            Route::Asking,
            Route::Export,
            Route::Shares,
            Route::ShareDetail("ab12".to_owned()),
            Route::Card("ab12".to_owned()),
            Route::Openings,
            Route::Me,
            Route::Check,
            Route::Words,
            Route::Settings,
            Route::Passphrase,
        ] {
            assert_eq!(Route::parse(&route.fragment()), route);
        }
    }

    #[test]
    fn the_end_of_an_import_throws_nobody_off_a_page() {
        for route in [Route::Add, Route::AddCode, Route::Imports] {
            assert!(route.leads_to_imports(), "{route:?}");
        }
        for route in
            [Route::Home, Route::Type(EntryKind::Note), Route::Edit("1".to_owned()), Route::Share(Step::Review)]
        {
            assert!(!route.leads_to_imports(), "{route:?}");
        }
    }

    #[test]
    fn what_leads_nowhere_leads_home() {
        for odd in ["", "#", "#/nowhere", "#///", "#/me/../x"] {
            assert!(matches!(Route::parse(odd), Route::Home | Route::Me), "{odd}");
        }
    }
}
