# The clinician's viewer: exact, short, nothing claimed that was not checked.
title = Shared health records · Carnet
title-open = Opened: shared health records · Carnet
title-failed = Could not be opened: shared health records · Carnet
crashed = This page stopped. Nothing was lost: please reload it, or scan the code again.
footer = Decrypted in this browser. Nothing is sent to a server but the request for the encrypted file.

## Who is looking

who-title = Who is looking?
who-lead = A patient is sharing health records with you. They will see what you write here.
who-label = Your name and place of work
who-hint = For example “Dr Example, Example Clinic”. The patient sees it.
who-missing = Write who you are, in at most 200 characters.
who-go = Show the records
passcode-title = Passcode
passcode-lead = This share needs a passcode. Ask the patient for it.
passcode-label = Passcode
passcode-missing = Type the passcode first.
passcode-wrong = This passcode is wrong. Ask the patient again.
passcode-wrong-left =
    { $count ->
        [one] This passcode is wrong. { $count } try is left, then the share closes for good.
       *[other] This passcode is wrong. { $count } tries are left.
    }
passcode-go = Open
opening-title = Opening…
no-link-title = Open shared health records
no-link-lead = Scan the patient’s code with your camera, or paste the link here. The code of a withdrawal card goes here, too.
no-link-label = SMART Health Link
no-link-missing = Paste the link first.
no-link-go = Go on
no-link-privacy-title = The link stays in this browser
no-link-privacy = Its key is never sent to a server.
no-link-standard = Opens SMART Health Links of any wallet.

## A withdrawal card

stop-title = Stop a share
stop-footer = Nothing is sent before you choose. Then the card’s code goes to the server of this page, and nothing else.
stop-lead = This page belongs to a withdrawal card. A patient gave it to somebody they trust.

## The summary

patient-unnamed = Patient without a name
born = Born { $date }
born-unknown = Date of birth not given
sex-male = Male
sex-female = Female
sex-other = Other sex
sex-unknown = Sex not given
shared = Shared by the patient
shared-until = Shared by the patient until { $when }
shared-ended = Shared by the patient; ended { $when }
category-alert = Alerts
category-past-problem = Past problems
nothing-here = Nothing about this is in what was shared.
problems-past-only = Only past problems are in what was shared.
high-danger = High danger
narrative = In the words of the source
value-with-range = { $value } (reported range { $range })
left-out-title = Something was left out
left-out-text = The patient chose not to share everything. Ask them if it matters.
not-shown =
    { $count ->
        [one] { $count } more record is not shown here
       *[other] { $count } more records are not shown here
    }
not-shown-text = Keep the file and open it with your own system.
cards-title = Signed cards
card-verified = Signed with a key that this issuer publishes. Its records are below; whether the issuer is one you trust is for you to say.
card-not-checked = Not checked: the issuer’s keys could not be had. Its records are below.
card-refused = Refused: { $why }. Its records are not to be used and are not shown.
card-refused-key = it is not signed with any of the keys that this issuer publishes
card-issuer-unreadable = An issuer that cannot be read
files-title = Files
file-unnamed = File without a name
file-rendered = All of this as pages to read
file-unknown = Unknown kind
file-detail = { $kind } · { $size }
file-open = Open
file-keep = Download
live-title = This follows the patient’s records and can change
live-finished = This no longer changes
live-updated = Last updated { $when }.
live-updated-unknown = It does not say when it was last updated.
live-again = Look again
live-again-text = The patient sees every look.
asks-title = What the patient asks of you
asks-no-redisclosure = Do not pass this on without the patient’s consent.
asks-delete-after-use = Delete what you kept of it after use.
asks-erase = Erase what you kept of it by { $when }.
asks-other = Something that this page does not know. Ask the patient.
print = Print
print-all = Print all
print-unfolded = Print only what is unfolded
not-printed = Not printed because folded: { $what }
named-count = { $name } ({ $count })
keep = Keep as a FHIR file
printed = Printed { $when } by { $who }. Shared by the patient; not verified by an issuer.

## The seal

seal-good = Shared by the patient
seal-good-text = Sealed, unaltered, and not withdrawn as of { $when }
seal-checking = Checking the public ledger…
seal-unsure-text = Nothing is wrong, but not everything could be checked
seal-bad = Something is wrong with this share
seal-bad-text = Do not rely on it. Ask the patient to share again.
seal-withdrawn = The patient stopped this share
seal-withdrawn-text = Do not use it any further. Ask the patient.
seal-none = Not checked
seal-none-text = This link has no Carnet seal, so nothing was checked.
statement-signature = The seal is whole: it was signed with the key of this share.
statement-entries = Every record is as it was when the patient shared it; none was added or taken away.
statement-consent = The consent form inside says the same as the seal.
statement-time = The time of this share has begun and is not over.
statement-time-until = The share is valid until { $when }.
statement-link = This is the document that the patient’s code was made for.
statement-ledger = This share is recorded in the public ledger.
statement-withdrawn = The patient has not withdrawn this share.
statement-withdrawn-as-of = The patient has not withdrawn this share, as of { $when }.
statement-meant = The share is meant for { $name }.
statement-anyone = The share is meant for whoever holds the code.
statement-you = You called yourself { $who }. Nobody checked either name.
statement-patient = The patient is the person named above.
statement-patient-why = The seal does not say who the patient is. Check it as you always do.
statement-content = What the records say is right.
statement-content-why = The patient shared them. No signature of a hospital or laboratory was checked.

statement-app = It was made with the app { $app }.
app-not-recognised = The app signed this itself. Whether it is one that is recognised is not known here, and it says nothing about the records.
app-unreadable = that calls itself nothing readable
reason-app-no-keys = The app’s keys could not be had.
reason-app-not-a-jws = What the app says cannot be read.
reason-app-header = What the app says does not name the key that signed it, or is signed in another way.
reason-app-claims = What the app says is not what such a statement holds.
reason-app-address = The app’s address cannot be asked for its keys.
reason-app-not-yet = It was made in the future, says the app.
reason-app-key-set = What the app publishes are no keys.
reason-app-key-not-published = The app does not publish the key that it names.
reason-app-key-unusable = The key that the app names is of the wrong kind.
reason-app-signature-invalid = The signature does not fit the app’s key.

## Why a statement was not checked or failed

reason-no-grant = The document carries no seal.
reason-several-grants = The document carries more than one seal.
reason-not-a-document = It is not a kind of document that carries a seal.
reason-no-grant-checked = Without a checked seal there is nothing to check it against.
reason-grant-unreadable = The seal is in a form that this page cannot read.
reason-signature-wrong = The signature does not fit.
reason-seal-altered = The part that carries the seal was altered.
reason-entries-altered = A record was altered after it was shared.
reason-entries-added-or-missing = A record was added or is missing.
reason-entries-unreadable = A record cannot be read exactly.
reason-consent-disagrees = The consent form says something else.
reason-not-yet-valid = The time of this share has not begun.
reason-expired = The time of this share is over.
reason-clock-behind = The clock of this computer is behind. Set it right.
reason-no-hash-in-link = The code does not say which document it belongs to.
reason-link-names-another = The code was made for another document.
reason-for-anyone = It is for whoever holds the code.
reason-name-not-proven = A name proves nothing by itself.
reason-no-evidence = The public ledger could not be reached.
reason-another-policy = The ledger here is not the one that the share names.
reason-policy-unreadable = The ledger’s rules cannot be read.
reason-no-nonce = The document does not say how to find it in the ledger.
reason-proof-wrong = The ledger does not show this share.
reason-another-log = The answer came from the wrong list of the ledger.
reason-list-wrong = The list of withdrawals is not the one that was signed.
reason-no-signed-time = Nobody signed a time for the list of withdrawals.
reason-stale = The list of withdrawals is too old.
reason-withdrawn = The patient withdrew it.

## When a link does not open

trouble-title = The records could not be opened
trouble-inactive = The link does not open now
trouble-inactive-text = It ended, has not begun yet, was opened as often as allowed, or the patient paused or stopped it. The server does not say which.
trouble-inactive-next = Ask the patient: they can let a paused share go on, or give you a new code.
trouble-new-share = Ask the patient for a new code.
trouble-expired = The link has ended
trouble-expired-text = It ended { $when }.
trouble-expired-next = Ask the patient for a new code. If they let this share run longer, the server still opens it.
trouble-expired-again = Ask the server
trouble-attempts = The passcode was wrong too often
trouble-attempts-text = The share is closed for good, to protect the patient.
trouble-attempts-next = Ask the patient for a new code and the new passcode.
trouble-network = No answer
trouble-network-text = The server that keeps the encrypted file cannot be reached from here. Nothing was opened.
trouble-network-next = Check your network and try again. If that does not help, ask the patient for a printout.
trouble-busy = The server is busy
trouble-busy-text =
    { $seconds ->
        [one] Try again in { $seconds } second.
       *[other] Try again in { $seconds } seconds.
    }
trouble-busy-next = Wait a moment and try again.
trouble-server = The server has trouble
trouble-server-text = Nothing was opened and nothing was lost.
trouble-link = This is not a whole SMART Health Link
trouble-link-text = Part of it is missing or damaged.
trouble-link-next = Scan the code again, from nearer and in better light.
trouble-insecure = The link leads to an address without encryption
trouble-insecure-text = This page does not open such links.
trouble-damaged = The file is damaged
trouble-damaged-text = It was altered on its way or does not belong to this link. Nothing of it is shown.
trouble-content = There is nothing to show
trouble-content-text = The link opened, but it holds no health records that this page can read.
trouble-card = A character of the code is wrong
trouble-card-text = Nothing was stopped.
trouble-card-next = Scan the card again, or compare the code with it.
trouble-name = The name cannot be used
trouble-name-next = Reload the page and write it again.
trouble-other = The link could not be opened
