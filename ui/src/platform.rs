//! The little the interface needs of its surroundings: clock, address, focus, title, waiting.
//!
//! In a browser these are the page's own; natively (where the components are tested) the clock is the system's, the
//! zone is UTC and the rest does nothing.

/// A moment in the reader's own time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute.
    pub minute: u8,
}

#[cfg(target_arch = "wasm32")]
mod imp {
    use super::LocalTime;
    use js_sys::{Date, Promise};
    use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
    use wasm_bindgen_futures::JsFuture;

    fn window() -> Option<web_sys::Window> {
        web_sys::window()
    }

    fn element(id: &str) -> Option<web_sys::HtmlElement> {
        window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
    }

    pub(super) fn now() -> i64 {
        (Date::now() / 1000.0).floor() as i64
    }

    pub(super) fn local(at: i64) -> LocalTime {
        let date = Date::new(&JsValue::from_f64(at as f64 * 1000.0));
        LocalTime {
            year: date.get_full_year() as i32,
            month: date.get_month() as u8 + 1,
            day: date.get_date() as u8,
            hour: date.get_hours() as u8,
            minute: date.get_minutes() as u8,
        }
    }

    pub(super) fn at(when: LocalTime) -> i64 {
        let (month, day) = (i32::from(when.month) - 1, i32::from(when.day));
        let (hour, minute) = (i32::from(when.hour), i32::from(when.minute));
        let date = Date::new_with_year_month_day_hr_min(when.year.unsigned_abs(), month, day, hour, minute);
        (date.get_time() / 1000.0).floor() as i64
    }

    pub(super) async fn sleep(milliseconds: i32) {
        let promise = Promise::new(&mut |resolve, _| {
            if let Some(window) = window() {
                let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
            }
        });
        let _ = JsFuture::from(promise).await;
    }

    pub(super) fn languages() -> Vec<String> {
        let Some(window) = window() else { return Vec::new() };
        window.navigator().languages().iter().filter_map(|language| language.as_string()).collect()
    }

    pub(super) fn is_visible() -> bool {
        window().and_then(|window| window.document()).is_none_or(|document| !document.hidden())
    }

    pub(super) fn set_title(title: &str) {
        if let Some(document) = window().and_then(|window| window.document()) {
            document.set_title(title);
        }
    }

    pub(super) fn set_language(tag: &str, right_to_left: bool) {
        if let Some(root) =
            window().and_then(|window| window.document()).and_then(|document| document.document_element())
        {
            let _ = root.set_attribute("lang", tag);
            let _ = root.set_attribute("dir", if right_to_left { "rtl" } else { "ltr" });
        }
    }

    pub(super) fn set_text(id: &str, text: &str) {
        if let Some(element) = element(id) {
            element.set_text_content(Some(text));
        }
    }

    pub(super) fn focus(id: &str) {
        let Some(found) = window().and_then(|window| window.document()).and_then(|page| page.get_element_by_id(id))
        else {
            return;
        };
        // A mark in a picture takes the focus too, and is no HTML element.
        let _ = match found.dyn_into::<web_sys::HtmlElement>() {
            Ok(element) => element.focus(),
            Err(found) => found.dyn_into::<web_sys::SvgElement>().map_or(Ok(()), |element| element.focus()),
        };
    }

    pub(super) fn reveal(id: &str) {
        if let Some(element) = element(id) {
            element.scroll_into_view();
        }
    }

    pub(super) fn release_url(url: &str) {
        let _ = web_sys::Url::revoke_object_url(url);
    }

    pub(super) fn scroll_to_top() {
        if let Some(window) = window() {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    pub(super) fn fragment() -> String {
        window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
    }

    pub(super) fn go(fragment: &str) {
        if let Some(window) = window() {
            let _ = window.location().set_hash(fragment);
        }
    }

    pub(super) fn replace(fragment: &str) {
        if let Some(history) = window().and_then(|window| window.history().ok()) {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(fragment));
        }
    }

    pub(super) fn forget_fragment() {
        let path = window().and_then(|window| window.location().pathname().ok());
        replace(path.as_deref().unwrap_or("/"));
    }

    pub(super) fn back() {
        if let Some(history) = window().and_then(|window| window.history().ok()) {
            let _ = history.back();
        }
    }

    pub(super) fn on_fragment_change(react: impl FnMut() + 'static) {
        let Some(window) = window() else { return };
        let closure = Closure::<dyn FnMut()>::new(react);
        let _ = window.add_event_listener_with_callback("hashchange", closure.as_ref().unchecked_ref());
        // The page listens for as long as it lives.
        closure.forget();
    }

    pub(super) fn page_is_plain_http() -> bool {
        window().and_then(|window| window.location().protocol().ok()).is_some_and(|protocol| protocol == "http:")
    }

    /// An address for bytes, good for as long as the page lives.
    pub(super) fn blob_url(bytes: &[u8], content_type: &str) -> Option<String> {
        let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
        let options = web_sys::BlobPropertyBag::new();
        options.set_type(content_type);
        let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
        web_sys::Url::create_object_url_with_blob(&blob).ok()
    }

    pub(super) fn print() {
        if let Some(window) = window() {
            let _ = window.print();
        }
    }

    fn storage() -> Option<web_sys::Storage> {
        window()?.session_storage().ok()?
    }

    pub(super) fn remember(name: &str, value: &str) {
        if let Some(storage) = storage() {
            let _ = storage.set_item(name, value);
        }
    }

    pub(super) fn remembered(name: &str) -> Option<String> {
        storage()?.get_item(name).ok()?
    }

    pub(super) fn random() -> u32 {
        let mut bytes = [0; 4];
        if let Some(Ok(crypto)) = window().map(|window| window.crypto()) {
            let _ = crypto.get_random_values_with_u8_array(&mut bytes);
        }
        u32::from_le_bytes(bytes)
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod imp {
    use super::{LocalTime, utc, utc_at};
    use std::time::{SystemTime, UNIX_EPOCH};

    pub(super) fn now() -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
    }

    pub(super) fn local(at: i64) -> LocalTime {
        utc(at)
    }

    pub(super) fn at(when: LocalTime) -> i64 {
        utc_at(when)
    }

    pub(super) async fn sleep(_milliseconds: i32) {
        std::future::pending::<()>().await;
    }

    pub(super) fn languages() -> Vec<String> {
        Vec::new()
    }

    pub(super) fn is_visible() -> bool {
        true
    }

    pub(super) fn set_title(_title: &str) {}
    pub(super) fn set_language(_tag: &str, _right_to_left: bool) {}
    pub(super) fn set_text(_id: &str, _text: &str) {}
    pub(super) fn focus(_id: &str) {}
    pub(super) fn reveal(_id: &str) {}
    pub(super) fn release_url(_url: &str) {}
    pub(super) fn scroll_to_top() {}
    pub(super) fn fragment() -> String {
        String::new()
    }
    pub(super) fn go(_fragment: &str) {}
    pub(super) fn replace(_fragment: &str) {}
    pub(super) fn forget_fragment() {}
    pub(super) fn back() {}
    pub(super) fn on_fragment_change(_react: impl FnMut() + 'static) {}
    pub(super) fn page_is_plain_http() -> bool {
        false
    }
    pub(super) fn blob_url(_bytes: &[u8], _content_type: &str) -> Option<String> {
        None
    }
    pub(super) fn print() {}
    pub(super) fn remember(_name: &str, _value: &str) {}
    pub(super) fn remembered(_name: &str) -> Option<String> {
        None
    }

    pub(super) fn random() -> u32 {
        use std::hash::{BuildHasher, Hasher, RandomState};
        RandomState::new().build_hasher().finish() as u32
    }
}

/// Now, in Unix seconds.
pub fn now() -> i64 {
    imp::now()
}

/// A moment as the reader's clock on the wall shows it.
pub fn local(at: i64) -> LocalTime {
    imp::local(at)
}

/// The moment at which the reader's clock on the wall shows this; years from 1000.
pub fn at(when: LocalTime) -> i64 {
    imp::at(when)
}

/// Waits; natively for ever.
pub async fn sleep(milliseconds: i32) {
    imp::sleep(milliseconds).await;
}

/// The languages the reader prefers, best first (BCP 47 tags).
pub fn languages() -> Vec<String> {
    imp::languages()
}

/// Whether the page can be seen: not where its window is minimised or its tab is behind another.
pub fn is_visible() -> bool {
    imp::is_visible()
}

/// Names the window or tab. Not through Dioxus, whose way uses `eval`.
pub fn set_title(title: &str) {
    imp::set_title(title);
}

/// Tells the page its language and direction.
pub fn set_language(tag: &str, right_to_left: bool) {
    imp::set_language(tag, right_to_left);
}

/// Replaces the text of an element of the HTML shell.
pub fn set_text(id: &str, text: &str) {
    imp::set_text(id, text);
}

/// Moves the keyboard focus.
pub fn focus(id: &str) {
    imp::focus(id);
}

/// Scrolls until an element can be seen.
pub fn reveal(id: &str) {
    imp::reveal(id);
}

/// Lets go of the bytes behind an address of [`blob_url`].
pub fn release_url(url: &str) {
    imp::release_url(url);
}

/// Shows the top of the page.
pub fn scroll_to_top() {
    imp::scroll_to_top();
}

/// What follows the address, with its `#`; empty if nothing does.
pub fn fragment() -> String {
    imp::fragment()
}

/// Goes to another fragment; Back returns.
pub fn go(fragment: &str) {
    imp::go(fragment);
}

/// Goes to another fragment in place of the present one, without telling [`on_fragment_change`].
pub fn replace(fragment: &str) {
    imp::replace(fragment);
}

/// Takes the fragment, and any key in it, out of the address and out of this tab's history.
pub fn forget_fragment() {
    imp::forget_fragment();
}

/// Goes back one step.
pub fn back() {
    imp::back();
}

/// Calls back each time the fragment has changed, for as long as the page lives.
pub fn on_fragment_change(react: impl FnMut() + 'static) {
    imp::on_fragment_change(react);
}

/// Whether the page came over plain `http`, as from a relay inside one room's network.
pub fn page_is_plain_http() -> bool {
    imp::page_is_plain_http()
}

/// An address under which the page can offer bytes for keeping; good for as long as the page lives.
pub fn blob_url(bytes: &[u8], content_type: &str) -> Option<String> {
    imp::blob_url(bytes, content_type)
}

/// Opens the print dialog.
pub fn print() {
    imp::print();
}

/// Keeps a value for as long as this tab is open.
pub fn remember(name: &str, value: &str) {
    imp::remember(name, value);
}

/// A value kept by [`remember`].
pub fn remembered(name: &str) -> Option<String> {
    imp::remembered(name)
}

/// A number from 0 to below `end` from the platform's random source; `end` is small, so the bias is below 2^-20.
pub fn random_below(end: u32) -> u32 {
    imp::random() % end.max(1)
}

/// Digits to propose as a passcode.
pub fn random_digits(count: usize) -> String {
    (0..count).filter_map(|_| char::from_digit(random_below(10), 10)).collect()
}

/// The moment in UTC, by the civil-from-days rule (proleptic Gregorian).
pub fn utc(at: i64) -> LocalTime {
    let (days, seconds) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    LocalTime {
        year: (year_of_era + era * 400 + i64::from(month <= 2)) as i32,
        month: month as u8,
        day: (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u8,
        hour: (seconds / 3_600) as u8,
        minute: (seconds % 3_600 / 60) as u8,
    }
}

/// The same the other way round: the moment at which it is this in UTC.
pub fn utc_at(when: LocalTime) -> i64 {
    let shifted_year = i64::from(when.year) - i64::from(when.month <= 2);
    let (era, year_of_era) = (shifted_year.div_euclid(400), shifted_year.rem_euclid(400));
    let month_from_march = (i64::from(when.month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(when.day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    days * 86_400 + i64::from(when.hour) * 3_600 + i64::from(when.minute) * 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_knows_leap_years_and_the_time_before_1970() {
        assert_eq!(utc(0), LocalTime { year: 1970, month: 1, day: 1, hour: 0, minute: 0 });
        assert_eq!(utc(1_709_210_096), LocalTime { year: 2024, month: 2, day: 29, hour: 12, minute: 34 });
        for at in [0, 951_782_400, 1_709_210_040, 4_102_444_740, -86_400] {
            assert_eq!(utc_at(utc(at)), at);
        }
        assert_eq!(utc(-1), LocalTime { year: 1969, month: 12, day: 31, hour: 23, minute: 59 });
    }
}
