# Words that the wallet and the viewer share: dates, numbers, categories, labels of facts.
product = Carnet
loading = Loading…
back = Back
close = Close
try-again = Try again

## Dates and times

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
date-month-year = { $month } { $year }
date-day-month-year = { $day } { $month } { $year }
moment-today = { $time } today
moment-tomorrow = { $time } tomorrow
moment-yesterday = { $time } yesterday
moment-day = { $date }, { $time }
left-days =
    { $days ->
        [one] { $days } day { $hours } h
       *[other] { $days } days { $hours } h
    }
left-hours = { $hours } h { $minutes } min
left-minutes =
    { $minutes ->
        [one] { $minutes } minute left
       *[other] { $minutes } minutes left
    }
span-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
span-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
span-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }

size-bytes =
    { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }
size-kb = { $count } kB
size-mb = { $count } MB
size-gb = { $count } GB

## Counts

count-records =
    { $count ->
        [one] { $count } record
       *[other] { $count } records
    }

## Categories of records

category-person = Personal details
category-allergy = Allergies
category-problem = Health problems
category-medicine = Medicines
category-immunization = Vaccinations
category-result = Test results
category-vital = Measurements
category-procedure = Procedures
category-report = Reports
category-visit = Visits
category-document = Documents
category-care-plan = Care plans
category-device = Devices
category-social = Life and habits
category-insurance = Insurance
category-other = Other records

## A record's status, as recorded

record-status-active = active
record-status-inactive = no longer active
record-status-resolved = resolved
record-status-remission = in remission
record-status-recurrence = come back
record-status-relapse = come back
record-status-final = final
record-status-preliminary = preliminary
record-status-amended = amended
record-status-corrected = corrected
record-status-registered = not finished yet
record-status-completed = completed
record-status-finished = finished
record-status-planned = planned
record-status-in-progress = in progress
record-status-stopped = stopped
record-status-cancelled = cancelled
record-status-on-hold = paused
record-status-draft = draft
record-status-entered-in-error = entered by mistake
record-status-not-done = not done
record-status-unknown = status unknown
record-status-current = current
record-status-superseded = replaced by a newer one

## Measured values

range-both = { $low } to { $high }
range-from = from { $low }
range-up-to = up to { $high }
range-none = { $value } { $unit }, no range reported
range-below = { $value } { $unit }, below the reported range { $range }
range-above = { $value } { $unit }, above the reported range { $range }
range-within = { $value } { $unit }, within the reported range { $range }
record-range = Reported range: { $range } { $unit }
record-untitled = Record without a name
record-undated = No date

## The seal

mark-checked = Checked
mark-not-checked = Not checked
mark-failed = Failed

## Labels of facts

fact-value = Value
fact-reference-range = Reported range
fact-interpretation = Judged by the source as
fact-component = Part
fact-dosage = How to take it
fact-route = Route
fact-form = Form
fact-quantity = Amount
fact-reason = Reason
fact-severity = How bad
fact-criticality = Possible danger
fact-reaction = Reaction
fact-verification = How sure
fact-onset = Began
fact-abatement = Ended
fact-recorded = Written down
fact-period = From and to
fact-performer = Done by
fact-requester = Asked for by
fact-author = Written by
fact-location = Place
fact-body-site = Part of the body
fact-lot-number = Lot number
fact-dose-number = Dose number
fact-target-disease = Against
fact-manufacturer = Maker
fact-conclusion = Conclusion
fact-results = Results
fact-outcome = Outcome
fact-specimen = Measured in
fact-method = Method
fact-visit-class = Kind of visit
fact-category = Category
fact-activity = Activity
fact-note = Note
fact-file-type = Type of file
fact-file-size = Size in bytes
fact-answer = Answer
fact-family-condition = In the family
fact-birth-date = Born
fact-sex = Sex
fact-identifier = Number
fact-address = Address
fact-contact = Contact
fact-language = Language
fact-payer = Paid by
fact-amount = Amount of money
fact-code = Code

## A withdrawal card

stop-text = Stop the share and nobody can open its code any more, at once and for good. What was seen before cannot be unseen. The patient’s booklet will show that it was stopped.
stop-go = Stop this share
stop-sending = Stopping…
stop-done = The share is stopped
stop-done-text = Nobody can open it any more.
stop-waits = Stopping as soon as there is a network
stop-waits-text = It is a share of yours. Its server could not be told yet, so until then it may still open.
stop-unknown = There is no such share here
stop-unknown-text = Nothing was stopped. Open the link that is printed on the card, or compare the code with it.
stop-failed = The share is not stopped yet
stop-failed-text = The server could not be reached. Check the network, and the address on the card, and try again.
