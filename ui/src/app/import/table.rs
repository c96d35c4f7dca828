//! What the columns of a table mean: each column with its first values, the dates, and what no column says.

use super::questions::{Dismiss, answer};
use crate::kit::{Notice, Select, TextField, Tone};
use crate::platform;
use carnet_bridge::{Answer, ColumnRole, DateOrder, TableAnswer, TableProblem, TableQuestion};
use dioxus::prelude::*;

/// The form; what the wallet found is filled in, so that most people only have to agree.
#[component]
pub fn TableForm(id: String, table: TableQuestion) -> Element {
    let found: Vec<ColumnRole> = table.columns.iter().map(|column| column.role).collect();
    let mut roles = use_signal(|| found);
    let found = table.dates;
    // What the rows do not prove is not filled in: whoever only agrees would turn days into months.
    let mut dates = use_signal(|| table.dates_certain.then_some(found));
    let unit = use_signal(String::new);
    let kind = use_signal(String::new);
    let mut remember = use_signal(|| true);
    let mut tried = use_signal(|| false);
    let has = move |role: ColumnRole| roles.read().contains(&role);
    let given = move || TableAnswer {
        roles: roles(),
        dates: dates().unwrap_or(found),
        unit: unit().trim().to_owned(),
        kind: kind().trim().to_owned(),
        remember: remember(),
    };
    let problem = given().problem();
    let submit = {
        let id = id.clone();
        move |event: FormEvent| {
            event.prevent_default();
            if given().problem().is_some() {
                tried.set(true);
            } else if dates.peek().is_none() {
                tried.set(true);
                platform::focus(&format!("{id}-dates"));
            } else {
                answer(&id, Answer::Table(given()));
            }
        }
    };
    let name = |at: usize, title: &str| {
        if title.is_empty() { t!("table-column", number = at + 1) } else { title.to_owned() }
    };
    rsx! {
        form { class: "stack", onsubmit: submit, novalidate: true,
            p { {t!("table-asks", count = table.total)} }
            div { class: "scroll", tabindex: "0", role: "region", "aria-label": t!("table-preview"),
                table { class: "preview",
                    caption { class: "spoken", {t!("table-preview")} }
                    thead {
                        tr {
                            for (at, column) in table.columns.iter().enumerate() {
                                th { key: "{at}", scope: "col",
                                    Select {
                                        id: "{id}-column-{at}", label: name(at, &column.title),
                                        options: ColumnRole::ALL.map(|role| (role_name(role).to_owned(), t!(role_key(role)))).to_vec(),
                                        value: role_name(roles.read().get(at).copied().unwrap_or(ColumnRole::Ignore)),
                                        onchange: move |to: String| {
                                            let to = ColumnRole::ALL.into_iter().find(|role| role_name(*role) == to);
                                            if let (Some(role), Some(to)) = (roles.write().get_mut(at), to) { *role = to; }
                                        },
                                    }
                                }
                            }
                        }
                    }
                    tbody {
                        for (at, row) in table.rows.iter().enumerate() {
                            tr { key: "{at}",
                                for (column, cell) in row.iter().enumerate() {
                                    td { key: "{column}", dir: "auto",
                                        class: if roles.read().get(column) == Some(&ColumnRole::Ignore) { "preview-ignored" } else { "" },
                                        "{cell}"
                                    }
                                }
                            }
                        }
                    }
                }
            }
            if !table.dates_certain {
                Select {
                    id: "{id}-dates", label: t!("table-dates"), hint: t!("table-dates-hint"),
                    error: dates_error(tried(), dates()),
                    options: orders(),
                    value: dates().map(order_key).unwrap_or_default(),
                    onchange: move |to: String| dates.set(ORDERS.into_iter().find(|order| order_key(*order) == to)),
                }
            }
            if !has(ColumnRole::Kind) {
                TextField { id: "{id}-table-kind", label: t!("table-kind"), hint: t!("table-kind-hint"), maximum: 100,
                    error: if tried() && problem == Some(TableProblem::NoKind) { t!("table-kind-missing") } else { String::new() }, value: kind }
            }
            if !has(ColumnRole::Unit) {
                TextField { id: "{id}-table-unit", label: t!("table-unit"), hint: t!("table-unit-hint"), maximum: 40, value: unit }
            }
            label { class: "choice choice-line",
                input { r#type: "checkbox", id: "{id}-table-remember", checked: remember(), onchange: move |event| remember.set(event.checked()) }
                span { {t!("table-remember")} }
            }
            if let (true, Some(problem)) = (tried(), problem) {
                if problem != TableProblem::NoKind {
                    Notice { tone: Tone::Stop, title: problem_text(problem) }
                }
            }
            div { class: "actions",
                button { class: "button button-primary", r#type: "submit", {t!("table-go")} }
                Dismiss { id: id.clone() }
            }
        }
    }
}

const ORDERS: [DateOrder; 3] = [DateOrder::DayMonthYear, DateOrder::MonthDayYear, DateOrder::YearMonthDay];

/// The orders to choose from, below a line that is none of them.
fn orders() -> Vec<(String, String)> {
    let choose = (String::new(), t!("table-dates-choose"));
    let orders = ORDERS.map(|order| (order_key(order).to_owned(), t!(order_key(order))));
    [choose].into_iter().chain(orders).collect()
}

/// What is missing about the dates, once somebody tried to go on.
fn dates_error(tried: bool, chosen: Option<DateOrder>) -> String {
    if tried && chosen.is_none() { t!("table-dates-missing") } else { String::new() }
}

fn order_key(order: DateOrder) -> &'static str {
    match order {
        DateOrder::YearMonthDay => "dates-year-month-day",
        DateOrder::DayMonthYear => "dates-day-month-year",
        DateOrder::MonthDayYear => "dates-month-day-year",
    }
}

fn problem_text(problem: TableProblem) -> String {
    match problem {
        TableProblem::NoDate => t!("table-no-date"),
        TableProblem::NoValue => t!("table-no-value"),
        TableProblem::NoKind => t!("table-kind-missing"),
        TableProblem::Twice(role) => t!("table-twice", what = t!(role_key(role))),
    }
}

fn role_name(role: ColumnRole) -> &'static str {
    match role {
        ColumnRole::Ignore => "ignore",
        ColumnRole::Date => "date",
        ColumnRole::Time => "time",
        ColumnRole::Value => "value",
        ColumnRole::Unit => "unit",
        ColumnRole::Kind => "kind",
        ColumnRole::Note => "note",
    }
}

fn role_key(role: ColumnRole) -> &'static str {
    match role {
        ColumnRole::Ignore => "role-ignore",
        ColumnRole::Date => "role-date",
        ColumnRole::Time => "role-time",
        ColumnRole::Value => "role-value",
        ColumnRole::Unit => "role-unit",
        ColumnRole::Kind => "role-kind",
        ColumnRole::Note => "role-note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Face, start};

    #[test]
    fn the_order_of_dates_is_asked_for_and_never_taken_for_granted() {
        start("en", Face::App);
        assert_eq!(dates_error(true, None), "Choose how the dates are written.");
        assert_eq!(dates_error(false, None), "");
        assert_eq!(dates_error(true, Some(DateOrder::MonthDayYear)), "");
        assert_eq!(orders()[0], (String::new(), "Choose…".to_owned()));
    }
}
