//! What the columns of a table mean: each column with its first values, the dates, and what no column says.

use super::questions::{Dismiss, answer};
use crate::kit::{Notice, Select, TextField, Tone};
use carnet_bridge::{Answer, ColumnRole, DateOrder, TableAnswer, TableProblem, TableQuestion};
use dioxus::prelude::*;

/// The form; what the wallet found is filled in, so that most people only have to agree.
#[component]
pub fn TableForm(id: String, table: TableQuestion) -> Element {
    let found: Vec<ColumnRole> = table.columns.iter().map(|column| column.role).collect();
    let mut roles = use_signal(|| found);
    let found = table.dates;
    let mut dates = use_signal(|| found);
    let unit = use_signal(String::new);
    let kind = use_signal(String::new);
    let mut remember = use_signal(|| true);
    let mut tried = use_signal(|| false);
    let has = move |role: ColumnRole| roles.read().contains(&role);
    let given = move || TableAnswer {
        roles: roles(),
        dates: dates(),
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
                    options: ORDERS.map(|order| (order_key(order).to_owned(), t!(order_key(order)))).to_vec(),
                    value: order_key(dates()),
                    onchange: move |to: String| {
                        if let Some(to) = ORDERS.into_iter().find(|order| order_key(*order) == to) { dates.set(to); }
                    },
                }
            }
            if !has(ColumnRole::Kind) {
                TextField { id: "table-kind", label: t!("table-kind"), hint: t!("table-kind-hint"), maximum: 100,
                    error: if tried() && problem == Some(TableProblem::NoKind) { t!("table-kind-missing") } else { String::new() }, value: kind }
            }
            if !has(ColumnRole::Unit) {
                TextField { id: "table-unit", label: t!("table-unit"), hint: t!("table-unit-hint"), maximum: 40, value: unit }
            }
            label { class: "choice choice-line",
                input { r#type: "checkbox", id: "table-remember", checked: remember(), onchange: move |event| remember.set(event.checked()) }
                span { {t!("table-remember")} }
            }
            if let (true, Some(problem)) = (tried(), problem) {
                if problem != TableProblem::NoKind {
                    Notice { tone: Tone::Stop, title: problem_text(problem) }
                }
            }
            div { class: "actions",
                button { class: "button button-primary", r#type: "submit", {t!("table-go")} }
                Dismiss { id }
            }
        }
    }
}

const ORDERS: [DateOrder; 3] = [DateOrder::DayMonthYear, DateOrder::MonthDayYear, DateOrder::YearMonthDay];

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
