# The list of records and the page of one. Short, present tense, about the person's thing, for a reader of twelve.

## The list

records-title = Records
records-search = Search your records
records-categories = Kinds of records
records-years = Jump to a year
records-found =
    { $count ->
        [one] { $count } record
       *[other] { $count } records
    }
records-found-of = { $count } of { $all } records
records-empty-title = No records yet
records-empty-text = What you add will be listed here, by year. Add a file, drop it on this window, or type something in.
records-none-title = Nothing found
records-none-text = No record has “{ $text }”. Try fewer letters or another word.
records-none-here = No record fits this choice. Clear it to see all.
records-newest = Back to the newest
records-more =
    { $count ->
        [one] Show { $count } more
       *[other] Show more ({ $count } left)
    }
category-all = All
record-sensitive = Held back from shares
record-signed = Signed
record-typed = Typed by you
record-another = Another person’s
record-another-title = This may be about somebody else
record-another-text = It came in the same file as your records and names another person. It is left out of everything you share.
record-disagree = Sources disagree
record-sources =
    { $count ->
        [one] { $count } source
       *[other] { $count } sources
    }

## Filters

filter-title = Narrow down
filter-title-on =
    { $count ->
        [one] Narrowed down by { $count } choice
       *[other] Narrowed down by { $count } choices
    }
filter-years = Years
filter-from = From
filter-to = To
filter-source = Where it comes from
filter-any-source = Anywhere
filter-source-count = { $name } ({ $count })
filter-only = Show only
filter-clear = Show all

## One record

record-facts = What it says
record-text = In words
record-value = Value
record-linked = Belongs together
record-mentioned = Mentions this
record-not-here = Not among your records
record-disagree-text = Your sources say different things. Both stay as they are. Ask your doctor which is right.
record-says-nothing = Says nothing
record-this-one = { $source } (this record)
record-source = Where it comes from
record-source-from = From
record-source-file = File
record-source-place = Place in the file
record-source-when = Added
record-source-kind = Kind
record-source-signed = Signature
record-source-versions = Versions kept
record-original = The record exactly as it came
record-others =
    { $count ->
        [one] One other source says the same
       *[other] { $count } other sources say the same
    }
record-other-from = { $source }, added { $when }
record-versions =
    { $count ->
        [one] { $count } version
       *[other] { $count } versions, all kept
    }
version-now = Shown now
about-status = State
about-title = Name

signed-by = Signed by { $by }
signed-by-unlisted = Signed by { $by }, whom no trust list knows
signed-refused = Signature not accepted
signature-none = Nobody signed it; most records are not signed.
signature-typed = You typed it yourself.
signature-listed = Signed by { $by }. A trust list knows them. Nothing was changed since they signed. Checked { $when }.
signature-unlisted = Signed in the name of { $by }. Nothing was changed since, but no trust list says who that is. Checked { $when }.
signature-refused = It has a signature that does not hold. Treat it as unsigned.
signature-refused-by = It has a signature in the name of { $by } that does not hold. Treat it as unsigned.

## Values over time

record-trend = Over time
record-table =
    { $count ->
        [one] { $count } value as a table
       *[other] All { $count } values as a table
    }
table-date = Date
table-value = Value
table-stands = How it stands
trend-units = The units differ and cannot be turned into each other, so there is one picture for each.
chart-title = { $what } in { $unit }
chart-about = { $count } values from { $from } to { $to }, the lowest { $low }, the highest { $high } { $unit }.
chart-keys = Left and right arrow keys go from value to value.
chart-point = { $date }: { $value }, { $stands }
chart-stands = { $how } ({ $range })
chart-no-range = no range reported
chart-band = The range reported with each value
chart-limit = a limit: the value lies beyond it
chart-missing =
    { $count ->
        [one] { $count } value has no number or no date. It is in the table.
       *[other] { $count } values have no number or no date. They are in the table.
    }
chart-converted = Values in other units are turned into { $unit } for the picture. The table shows them as they came.
flag-unknown = no range
flag-none = not said
flag-within = within its range
flag-low = below its range
flag-high = above its range
flag-abnormal = outside, says the source
flag-source = (says the source)

## Documents and pictures

attachments-title = Documents and pictures
attachments-unlocked = What you save is outside your booklet. Everyone who uses this device may be able to read it.
attachment-untitled = Without a name
attachment-show = Show
attachment-save = Save a copy
attachment-save-open = Save and open
attachment-not-shown = This picture cannot be shown. Save a copy to look at it.
kind-pdf = PDF
kind-text = Text
kind-dicom = Scan (DICOM)
kind-picture = Picture
kind-other = File of the type { $media_type }

## Held back

labels-title = Held back from shares?
labels-held = Held back. Nobody sees this record unless you tick it while sharing.
labels-free = Not held back. It is shared when you share records of this kind.
labels-more = Hold it back for another reason
label-because = Found in it: { $because }
label-you-on = You chose this.
label-you-off = You switched this off. Found in it: { $because }
label-you-off-plain = You switched this off.
labels-changed = Changed.
labels-undo = Undo

## Typed in

own-title = You typed this
own-text = You can correct it. What it said before is kept below, under its versions.
own-edit = Correct it
own-delete = Delete
own-delete-sure = Delete this record?
own-delete-text = It leaves your lists and all shares you make from now on. You cannot bring it back here.
own-keep = Keep it
