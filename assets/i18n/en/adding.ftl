# Adding files, codes and things typed in. Short, present tense, about the person's thing, for a reader of twelve.

add-go = Add
add-title = Add something
add-lead = Everything stays on this device, locked in your booklet.
add-have = From a file or a code
add-files = Choose files
add-files-text = One or many at once. You can also drop them on this window.
add-folder = Choose a folder
add-folder-text = Everything in it is looked at, file by file.
add-code-text = A vaccination card, a travel certificate or a shared link, as text.
add-formats = What can be read
format-fhir = Downloads of patient portals and other apps (FHIR)
format-ccda = Summaries and letters of clinics (CDA, C-CDA)
format-apple = The health export of an iPhone, also a very large one
format-cards = SMART Health Cards, EU and WHO health certificates, as files or as pictures of their codes
format-documents = PDF, pictures and scans, kept as documents
format-table = Tables of values (CSV), for example of a glucose meter
format-archive = ZIP archives with any of these inside

## A code

code-title = Add from a code
code-lead = A photo or screenshot of a code can be added as a file. Or scan the code with your phone’s camera app, copy the text it shows, and paste it here.
code-field = Text of the code
code-hint = It begins with shc:/, HC1: or shlink:/. Several codes go on a line each.
code-go = Add
code-safe-title = What happens with it
code-safe = Cards and certificates are read on this device. A link (shlink:/) is fetched from the place it names, which then knows that somebody opened it.
code-missing = Paste the text of a code first.
code-too-long = This is too long for a code. If it is a file, add it as a file.
code-card-wrong = This is a withdrawal card, but part of its code is missing or wrong. Nothing was stopped. Compare it with the card.
use-card-title = A withdrawal card
use-card-lead = It adds no records. With it you can stop a share that somebody gave you this card for.
use-card-host = The share is kept at { $host }.
code-unknown = Carnet does not know this kind of code. It must begin with shc:/, HC1: or shlink:/.

## While files are read

import-now = Files that are being added
import-running = Adding { $file }
import-running-many = Adding file { $number } of { $files }
import-progress = How much of the file is done
import-progress-files = How many files are done
import-count = { $done } of { $total } entries
import-so-far =
    { $count ->
        [0] No new records yet
        [one] { $count } new record so far
       *[other] { $count } new records so far
    }
import-stop = Stop
import-stopping = Stopping. The file being read is undone…
import-stop-means = If you stop, files that are done stay. The file being read is left out completely.
import-details = See each file
import-files-before =
    { $count ->
        [one] { $count } file before these
       *[other] { $count } files before these
    }
import-files-after =
    { $count ->
        [one] { $count } more file
       *[other] { $count } more files
    }
file-waiting = Waiting
file-reading-entries =
    { $done ->
        [one] { $done } entry read
       *[other] { $done } entries read
    }
file-reading-bytes = { $done } read
file-bytes = { $done } of { $total }
file-asks = Needs an answer from you
file-stopped = Stopped and undone
file-refused = Could not be added
file-done =
    { $count ->
        [0] Done, nothing new
        [one] Done, { $count } new record
       *[other] Done, { $count } new records
    }
import-done =
    { $count ->
        [0] Nothing new was added
        [one] { $count } record added
       *[other] { $count } records added
    }
import-asks =
    { $count ->
        [one] { $count } file needs an answer from you.
       *[other] { $count } files need an answer from you.
    }
import-links =
    { $count ->
        [one] There is a link to more records in it.
       *[other] There are { $count } links to more records in it.
    }
import-see = See what was added
drop-here = Drop the files here to add them
drop-locked = Open your booklet first, then drop the files

## What became of them

imports-title = Files you added
imports-now = Just now
imports-former = Before
imports-empty-title = No files yet
imports-empty-text = For each file you add, this page says what became of every entry in it.
import-stopped-title = You stopped
import-stopped-stays =
    { $count ->
        [0] No file was finished, so nothing was added.
        [one] { $count } file was finished. It stays.
       *[other] { $count } files were finished. They stay.
    }
import-stopped-undone = { $file } was undone as a whole.
import-stopped-not-begun =
    { $count ->
        [one] { $count } file was not begun.
       *[other] { $count } files were not begun.
    }
report-files =
    { $count ->
        [one] { $count } file
       *[other] { $count } files together
    }
report-in =
    { $count ->
        [0] No new record was added.
        [one] { $count } record was added.
       *[other] { $count } records were added.
    }
report-present =
    { $count ->
        [one] { $count } was there already.
       *[other] { $count } were there already.
    }
report-text =
    { $count ->
        [one] { $count } was kept as text only.
       *[other] { $count } were kept as text only.
    }
report-attachments =
    { $count ->
        [one] One document or picture was kept.
       *[other] { $count } documents and pictures were kept.
    }
report-skipped =
    { $count ->
        [one] { $count } could not be read.
       *[other] { $count } could not be read.
    }
import-others-title =
    { $count ->
        [one] { $count } new record may be about somebody else
       *[other] { $count } new records may be about somebody else
    }
import-others-text = They name another person than the one this booklet is for. They are marked in your lists and left out of everything you share. If the booklet is for that person, put their name in Me, Settings.
report-refused =
    { $count ->
        [one] { $count } file could not be added
       *[other] { $count } files could not be added
    }
account-why =
    { $count ->
        [one] What could not be read, and why
       *[other] What { $count } entries could not be read, and why
    }
account-texts =
    { $count ->
        [one] What was kept as text only, and why
       *[other] What { $count } entries were kept as text only, and why
    }
account-reason = Why
account-place = Place in the file
account-more = And { $count } more like these. A saved account has all of them.
account-refused = This file could not be added
account-refused-safe = Your records are as they were before.
account-save = Save this account
account-save-json = Save for programs (JSON)

## Questions

questions-title = Needs an answer from you
question-dismiss = Leave this file out
link-asks = This link leads to { $host } and opens with a passcode. Whoever gave you the link knows it.
link-called = They call it “{ $label }”.
link-passcode = Passcode
link-passcode-missing = Type the passcode first.
link-passcode-wrong = This is not the passcode. Try again.
link-passcode-wrong-left =
    { $count ->
        [0] This is not the passcode, and there are no tries left. Ask for a new link.
        [one] This is not the passcode. { $count } try is left.
       *[other] This is not the passcode. { $count } tries are left.
    }
link-open = Open it
found-link-title = There is a link to more records in it
found-link-host = They are kept at { $host }.
found-link-path = The link is in { $path }.
found-link-seen = Nothing was opened. Whoever keeps those records can see that somebody opened them, and when.
found-link-open = Open the link
found-link-not = Not now
found-card-text = Somebody gave it to you so that you can stop their share with it.
found-link-again = Add the file again to be asked whether to open it.
pictures-title =
    { $count ->
        [one] { $count } picture says where it was taken
       *[other] { $count } pictures say where they were taken
    }
pictures-more = and { $count } more
pictures-why-title = Why it matters
pictures-why = If you share a picture later, whoever gets it could read the place, for example your home.
pictures-leave-out = Leave out where it was taken
pictures-keep = Keep the place
pictures-dismiss =
    { $count ->
        [one] Leave this picture out
       *[other] Leave these pictures out
    }
table-asks =
    { $count ->
        [one] What do the columns of this table mean? It has { $count } row.
       *[other] What do the columns of this table mean? It has { $count } rows.
    }
table-preview = The first rows of the table
table-column = Column { $number }
role-ignore = Leave out
role-date = Date
role-time = Time of day
role-value = Value
role-unit = Unit
role-kind = What was measured
role-note = Remark
table-dates = How are the dates written?
table-dates-hint = The rows do not show whether the day or the month comes first.
table-dates-choose = Choose…
table-dates-missing = Choose how the dates are written.
dates-day-month-year = Day, month, year (3.5.2026)
dates-month-day-year = Month, day, year (5/3/2026)
dates-year-month-day = Year, month, day (2026-05-03)
table-kind = What was measured?
table-kind-hint = For example “Glucose” or “Weight”.
table-kind-missing = Say what was measured, or choose the column that says it.
table-unit = In which unit?
table-unit-hint = For example mmol/L. If you do not know, leave it empty: the values are then shown without a unit.
table-remember = Read the next file like this in the same way
table-no-date = Choose the column that says when.
table-no-value = Choose the column with the values.
table-twice = Two columns cannot both be “{ $what }”.
table-go = Add the rows

## Typing something in

type-title = Add something myself
type-edit-title = Correct what you typed
type-edit-lead = What it said before is kept among its versions.
type-edit-not-own = This record cannot be corrected here
type-edit-not-own-text = It came from somebody else and stays as they wrote it. Ask them to correct it and to give you the new record.
kind-allergy = Allergy
kind-condition = Health problem
kind-medicine = Medicine
kind-vaccination = Vaccination
kind-measurement = Measurement
kind-note = Note
what-allergy = What are you allergic to?
what-condition = What is it called?
what-medicine = Which medicine?
what-vaccination = Which vaccine, or against what?
what-measurement = What was measured?
type-suggest-hint = Suggestions appear as you type. You may also write your own words.
type-suggestions = Suggestions
type-suggest-count =
    { $count ->
        [one] { $count } suggestion
       *[other] { $count } suggestions
    }
type-optional = You may leave it empty.
type-note-title = Title
type-note-text = Text
type-note = Anything else
type-reaction = What happens?
type-reaction-hint = For example “rash”. You may leave it empty.
type-severity = How bad is it?
severity-unknown = Not said
severity-mild = Mild
severity-moderate = Moderate
severity-severe = Severe
type-dangerous = Could it threaten your life?
type-dangerous-yes = Yes
type-dangerous-no = No
type-over = It is over
type-dose = Which dose?
type-dose-hint = For example “2nd dose”. You may leave it empty.
type-dosage = How do you take it?
type-dosage-hint = For example “one tablet each morning”.
type-value = Value
type-value-hint = A number, like 72.5, or a word, like “negative”. Blood pressure: 120/80.
type-unit = Unit
type-unit-hint = For example kg.
type-lot = Lot number
type-lot-hint = It is on your vaccination card. You may leave it empty.
type-began = Since when?
type-taken-since = Since when do you take it?
type-given = When was it given?
type-measured = When was it measured?
type-when = When?
type-end = Until when?
type-end-hint = Leave it empty if it goes on.
type-date-hint = As exactly as you know. A year alone is enough.
date-day = Day
date-month = Month
date-no-month = Not known
date-year = Year
type-save = Keep it
type-saving = Keeping it…
type-problems =
    { $count ->
        [one] Please look at one field again.
       *[other] Please look at { $count } fields again.
    }
problem-title = Say what it is.
problem-note-title = Give the note a title.
problem-value = Type the number that was measured.
problem-note = Write something first.
problem-date = Say when it was measured. A year alone is enough.
problem-date-given = Say when it was given. A year alone is enough.
problem-too-long = This is too long. Shorten it, or write a note.
problem-no-date = This is not a date. Type a year with four digits; add the month, and then the day, if you know them.
problem-future = This date has not come yet.
problem-ends-first = It cannot end before it begins.
problem-no-number = This is not a number. Write it like 5.4. Blood pressure has two, like 120/80.
