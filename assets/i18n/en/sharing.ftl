# Sharing in the patient's wallet: the four steps, requests, one share's page, who looked. For a worried reader of twelve.

share-start = Share
share-step = Step { $number } of 4
share-who-title = Who is it for?
share-what-title = What may they see?
share-long-title = For how long?
share-review-title = Read this once more

## The occasions: one sentence each

preset-desk = At a front desk
preset-desk-text = They scan a code from your screen now. It stops working soon after.
preset-visit = A visit
preset-visit-text = A doctor can look for a day, with a passcode that you tell them.
preset-travel = A journey
preset-travel-text = Doctors elsewhere can look while you travel, with a passcode that you tell them. It follows your records.
preset-emergency = Emergency card
preset-emergency-text = Only what helpers must know when you cannot speak. It opens without a passcode, and you see every look.
preset-custom = Something else
preset-custom-text = You choose what, for whom and how long.
share-recipient = Their name
share-recipient-hint = For example “Dr Example” or “Example Clinic”. You may leave it empty.
share-answering = You answer what { $name } asked for
share-answering-text = Their wish is filled in. You can change every part of it.
share-answering-stop = Make a share of your own instead

## What

share-what-count =
    { $count ->
        [one] { $count } record will be shared
       *[other] { $count } records will be shared
    }
share-count-of = { $count } of { $all }
share-nothing = Nothing is chosen yet. Choose at least one kind of record.
share-since = Only from a certain time
share-since-all = From all years
share-since-set = Only from { $date } on
share-upto-set = Only up to { $date }
share-between-set = Only from { $since } to { $until }
share-since-legend = Only from this day on
share-since-hint = A year is enough. Allergies, health problems, medicines and vaccinations from before go in too: they count whatever their age.
share-upto-legend = Only up to this day
share-upto-hint = Empty: up to today. A year is enough.
share-list-title = Look through the list
share-list-text = Open a kind to see its records. Take out what you want to keep to yourself.
share-more-in =
    { $count ->
        [one] { $count } more record goes in that is not in this list.
       *[other] { $count } more records go in that are not in this list.
    }
share-more-held =
    { $count ->
        [one] { $count } older one is not in this list.
       *[other] { $count } older ones are not in this list.
    }
share-single-full = No more than { $count } records can be added one by one. To share more, choose their kind above.
share-held-title = Kept back for you
share-held-text = People often keep these to themselves. They stay with you unless you tick them.
share-held-stays =
    { $count ->
        [one] { $count } record stays with you
       *[other] { $count } records stay with you
    }
share-held-goes = Goes in, because you ticked it
share-held-other =
    { $count ->
        [one] Ticked. { $count } record stays, because it is about something else as well.
       *[other] Ticked. { $count } records stay, because they are about something else as well.
    }
share-one-by-one = Choose one by one
share-stays = What else stays with you
share-stays-text = Open it to see why, and to add single records
held-category = You did not choose this kind
held-document = Documents go only one by one: nobody can tell what is in them
held-unticked = You took it out
held-older = Older than the day you chose
held-newer = Newer than the day you chose
held-newer-values = There are newer values of the same thing
held-not-current = Medicines you no longer take
held-error = Written down by mistake
held-not-done = Not done, not taken, called off or a draft
held-another-person = About somebody else, or nobody knows about whom
held-no-place = The form you chose has no place for it
held-sensitive = Something people often keep to themselves
held-other = Kept back
sensitive-sud = Alcohol and drugs
sensitive-psy = Mental health
sensitive-hiv = HIV
sensitive-std = Sexually transmitted infections
sensitive-sex = Sexual and reproductive health
sensitive-sdv = Violence and abuse
sensitive-gdis = Genetic information
sensitive-other = Other sensitive records

## How long, and more choices

share-passcode-on = They need a passcode
share-passcode-on-hint = Whoever finds the code cannot open it without the passcode.
share-passcode = Passcode
share-passcode-hint = Tell it to the reader yourself, apart from the code.
share-passcode-short = Use at least four letters or digits.
share-passcode-other = Other digits
share-more = More choices
share-more-text = How often, from when, in which form, and what you ask of them
share-openings-title = How often may it be opened?
share-openings-any = As often as needed
share-openings =
    { $count ->
        [one] Once
       *[other] At most { $count } times
    }
share-later = It begins later
share-later-hint = For a visit next week: until then the code does not open anything.
share-begins = It begins on this day
share-begins-hour = At
share-live = Follow my records
share-live-hint = What is added or changed later goes out through the same link.
share-format = In which form?
share-format-ips = A medical summary
share-format-ips-text = What doctors here and abroad read best.
share-format-ktc = A list for a front desk
share-format-ktc-text = With a page inside that can be read and printed.
share-asks = What do you ask of them?
share-asks-hint = They see it beside your records. Nobody can force it, but it stands written in the share.
binds-no-redisclosure = They are asked not to pass it on.
binds-delete-after-use = They are asked to delete it after use.
share-erase = To erase it by a certain day
share-erase-by = Erase by the end of this day
share-tell = Tell them if something is left out
share-tell-hint = They then see that there is more, but not what.
problem-whole-date = Fill in day, month and year.
problem-past = This is over already. Choose a later time.
problem-too-late = Choose a day within the next 30 days.
problem-until-before = This is before the first day. Choose a later day, or an earlier first one.
problem-before-end = This is before the share ends. Choose a later day.

## Review

share-whoever = Whoever has the code
share-sentence =
    { $count ->
        [one] { $name } may see { $count } record until { $until }. You can stop this at any time.
       *[other] { $name } may see { $count } records until { $until }. You can stop this at any time.
    }
share-sentence-later =
    { $count ->
        [one] { $name } may see { $count } record from { $from } until { $until }. You can stop this at any time.
       *[other] { $name } may see { $count } records from { $from } until { $until }. You can stop this at any time.
    }
share-review-passcode = They need the passcode { $passcode }.
share-review-openings =
    { $count ->
        [one] It can be opened once.
       *[other] It can be opened { $count } times.
    }
share-review-live = It follows your records: what is added later goes out too.
share-review-held =
    { $count ->
        [one] { $count } sensitive record stays with you.
       *[other] { $count } sensitive records stay with you.
    }
share-review-sensitive = You ticked: { $what }.
share-review-single = You chose { $title } yourself. It is sensitive: { $what }.
share-review-tell = They are told if something is left out.
share-review-erase = They are asked to erase it by { $when }.
share-review-photo = Whoever photographs the code can open it too, while it lasts. You see every opening.
share-review-photo-locked = A photograph of the code is no use without the passcode. You see every opening, and every try.
share-make = Agree and make the code
share-busy = Making the code…
only-here = This code works on this device only
only-here-text = Your records are kept in Carnet on this device, and no other phone or computer can reach it. Choose a server for your shares first, or save a summary as a file.
only-here-choose = Choose a server
notice-agree = By making the code you agree to this notice. Its version is written into the share.
notice-title = What you agree to
notice-version = Version { $version }

## A file of one's own

export-title = Save or print a summary
export-way = A file or pages of your own, to read, to print or to take to another program.
export-lead = Nothing is sent anywhere. You choose what goes in, and where the file is kept.
export-for = What is it for?
export-desk-text = Allergies, health problems, medicines, vaccinations, insurance, and the newest values.
export-visit-text = What somebody who treats you needs: the medicines of today and the three newest values of each kind.
export-travel-text = What doctors elsewhere need: the medicines of today and the newest value of each kind.
export-emergency-text = Only what helpers must know when you cannot speak.
export-custom = Everything
export-custom-text = All kinds of records from all years. You can take out what you like.
export-pdf = Pages to read or print (PDF)
export-pdf-text = For people: every computer and phone can show them.
export-ips = For another program (IPS)
export-ips-text = The International Patient Summary, which programs of doctors and hospitals here and abroad can read.
export-others = Other forms, for programs
export-ktc = A list for a front desk, with its pages inside
export-ktc-text = A FHIR collection, as the code for a front desk hands out.
export-ndjson = One record a line (NDJSON)
export-ndjson-text = The records as they came in, for programs that work on data.
export-sphr = A package of records (SPHR)
export-sphr-text = The same with a cover and a list of contents, for other health booklets.
export-what = What goes in?
export-count =
    { $count ->
        [one] { $count } record goes into the file
       *[other] { $count } records go into the file
    }
export-before = Before you save
export-held =
    { $count ->
        [one] { $count } sensitive record stays out, unless you tick it above.
       *[other] { $count } sensitive records stay out, unless you tick them above.
    }
export-stays =
    { $count ->
        [one] { $count } other record stays out. The list above says why.
       *[other] { $count } other records stay out. The list above says why.
    }
export-unlocked = The file is not locked. It is outside your booklet, and everyone who uses this device or finds the file may be able to read it.
export-save = Save the file
export-print = Save and open to print
export-busy = Writing the file…
export-done =
    { $count ->
        [one] { $count } record is in the file
       *[other] { $count } records are in the file
    }
export-done-text = The file lies where you chose. Carnet does not keep it up to date.
export-left-out =
    { $count ->
        [one] { $count } chosen record is not in it: this form has no place for it.
       *[other] { $count } chosen records are not in it: this form has no place for them.
    }
export-boxes =
    { $count ->
        [one] { $count } letter could not be printed, because this device has no font for it. A box stands in its place.
       *[other] { $count } letters could not be printed, because this device has no font for them. Boxes stand in their place.
    }

## Somebody asks

asked-title = Somebody asks for my records
asked-way = Read what a doctor, a hospital or a study asks for, and decide what you give.
asked-lead = Paste what you were sent, or open the file. Nothing is shared by reading it.
asked-field = The request
asked-hint = The whole text, as it was sent to you.
asked-file = Or open a file
asked-missing = Paste the request first, or open its file.
asked-too-long = This is too long to be a request.
asked-unreadable = This is not a request that Carnet can read. Nothing was shared. Ask them to send it again.
asked-read = Read it
asked-safe-title = You stay in charge
asked-safe = They do not learn that you read it. You can give less than they ask for, or nothing.
asked-nobody = Somebody who gave no name
asked-sentence = { $name } asks to see your records.
asked-signed = Signed, but nobody checked by whom
asked-signed-text = The signature proves that one key made this request and that nobody changed it since. It does not prove who they are. Answer only if you know them.
asked-unsigned = Not signed
asked-unsigned-text = Anybody could have written this. Answer only if you know that it comes from them.
asked-purpose = What for: { $what }
asked-long = For how long: { $span }
asked-since = Records from { $date } on
asked-until = Records up to { $date }
asked-between = Records from { $since } to { $until }
asked-openings-any = They want to open it as often as needed.
asked-openings =
    { $count ->
        [one] They want to open it once.
       *[other] They want to open it { $count } times.
    }
asked-live = They also want to see what is added later.
asked-kinds = What they ask to see
asked-offers = What they promise
asked-when = Asked { $when }
asked-choose = You decide what you give. Their wish is filled in for you, and you can change every part of it.
asked-answer = Choose what I give
asked-refuse = Give nothing
asked-refused = You gave nothing.
asked-refused-text = They are not told.
asked-another = Read another request
asked-beside = Compared with what { $name } asked for
asked-exactly = You give exactly what was asked for.
asked-less = You give less than asked
asked-more = You give more than asked
differs-no-since = Records from all years
differs-no-until = Records up to today
differs-span = { $given } instead of { $asked }
differs-live = Also what is added later
differs-not-live = Nothing that is added later
differs-without =
    { $count ->
        [one] { $count } record that you took out
       *[other] { $count } records that you took out
    }
differs-with =
    { $count ->
        [one] { $count } record that you added by itself
       *[other] { $count } records that you added one by one
    }
differs-waived = You do not hold them to this: { $what }
purpose-treat = your treatment
purpose-etreat = treatment in an emergency
purpose-btg = an emergency in which nobody can ask you
purpose-coc = working together with others who treat you
purpose-patrqt = you asked for it yourself
purpose-famrqt = your family asked for it
purpose-hresch = research
purpose-hpaymt = payment
purpose-hoperat = running the hospital or practice
purpose-pubhlth = public health
purpose-other = something that Carnet does not know

## Asking somebody for their records

asking-title = Ask somebody for their records
asking-way = Write a request that they read in their own Carnet, and answer as they choose.
asking-lead = For example your mother, before you go with her to a doctor; or a patient, before a visit. They decide what they give.
asking-by = Your name
asking-by-hint = They read it first. For example “Ana Example, your daughter”.
asking-organization = I ask for an organisation, like a practice or a study
asking-purpose = What for?
wanted-treat = their treatment
wanted-coc = working together with others who treat them
wanted-famrqt = I am family, or care for them
wanted-patrqt = they asked me to
wanted-etreat = treatment in an emergency
wanted-hresch = research
wanted-hpaymt = payment
wanted-hoperat = running our hospital or practice
wanted-pubhlth = public health
asking-what = Which records?
asking-all = All kinds
asking-some = Only some kinds
asking-no-kind = Choose at least one kind of record, or all kinds.
asking-long = How long do you want to look at them?
asking-more-text = From which time, how often, and what you promise
asking-since = Only records from this day on
asking-until = Only records up to this day
asking-date-hint = You may leave it empty. A year is enough.
asking-openings = How often do you want to open them?
asking-live = Also what is added later
asking-live-hint = While it lasts you then see what changes in their records.
asking-promises = What do you promise?
asking-promises-hint = They read it, and it stands written in what they share.
asking-sensitive = You ask for nothing that people often keep to themselves. They can add it, if they want.
asking-go = Make the request
asking-busy = Making the request…
asking-no-name = Say who asks. They answer only if they know you.
asking-name-long = This is too long. Use at most { $count } letters.
asking-name-odd = There is a character in it that cannot be shown. Type the name again.
asking-openings-range = They must be able to show it once at least.
asking-span-range = Choose a time between a minute and a year.
asking-done = Your request is ready
asking-done-text = It has not been sent. Show them the code, or send them the text or the file.
asking-qr = Code of the request of { $name }
asking-scan = They scan it with the camera of their phone and copy the text it shows. In Carnet they paste it under Share, “Somebody asks for my records”.
asking-copy = Copy as text
asking-save = Save as a file
asking-text = The request as text
asking-signed = Signed by your booklet
asking-signed-text = They can see that nobody changed it on the way. It does not prove who you are, so tell them yourself that it comes from you. All your requests carry the same signature: two people who compare them see that they come from one booklet.
asking-reads = What they read
asking-change = Change the request
toast-copied-request = Request copied

## Shares, as visas

share-anyone = whoever has the code
visa-for = For { $name }
visa-until = until { $when }
visa-ended = ended { $when }
visa-live = follows my records
visa-passcode = with a passcode
visa-unheard = The server does not know yet
visa-changed = Changed from another device
visa-stopped-elsewhere = not from this device
status-live = Live
status-not-yet = Not yet
status-paused = Paused
status-pausing = Pausing
status-waiting = Waiting
status-expired = Over
status-stopped = Stopped
status-stopping = Stopping
status-exhausted = Used up
count-openings =
    { $count ->
        [0] not opened yet
        [one] opened once
       *[other] opened { $count } times
    }
shares-title = Shares
shares-mine = My shares
shares-way = See what you share, who looked, and stop it.
shares-empty-title = No shares yet
shares-empty-text = When you share records, the share is kept here with everyone who opened it.
shares-ended = Ended

## One share

qr-label = Code for { $name } to scan
share-until = Until { $when }
share-not-yet = It begins { $when }
share-not-yet-text = You can hand the code over already. Until then it does not open anything.
share-paused = You paused this share
share-pausing = Paused here, and the server does not know yet
share-pausing-text = Paused here. The server is away and may still serve it; it is told as soon as it can be reached.
share-unheard = The server does not know your last change yet
share-unheard-text = The server is away. Until it can be told, readers find the share as it was before.
share-paused-now = Nobody can open it now.
share-emptied = Carnet paused this share
share-emptied-text = Nothing is left of the records that it follows, or they have become too large for it. It goes on by itself once that has changed.
share-never-sent = This share was never sent
share-never-sent-text = The network was not reached before its time was over. Nobody could ever open it. Make a new share if it is still needed.
share-forget = Take it off the list
share-refused-paused = Paused, because the server refused
share-refused-paused-text = The server did not take your last change. So that nobody sees what you may have taken out, the share is paused. You can let it go on as it is, or stop it and make a new one.
share-refused = The server did not take this share
share-refused-text = Nobody could ever open it. Make a new one that holds less or ends sooner, or choose another server.
share-refused-reason = The reason: { $reason }
share-paused-text = Nobody can open it now. You can continue sharing, or stop it for good.
share-waiting = Waiting for a network
share-waiting-text = The share is ready. Nobody can open it until this device reaches the network.
share-over = This share is over
share-over-text = The code no longer opens anything. Make a new share if it is needed again.
share-stopped = You stopped this share
share-stopped-text = Nobody can open it any more. What was seen before cannot be unseen.
share-stopped-elsewhere = This share was stopped
share-stopped-elsewhere-text = Not on this device: with its withdrawal card, or from another device. Nobody can open it any more.
share-changed = Changed from another device
share-changed-text = After this copy of your booklet was made, the share was changed elsewhere. Readers see that one, which may hold newer records. You can put what is on this device in its place; show the code anew then.
share-update = Show what is on this device
toast-updated = Readers see what is on this device.
share-card = A card for somebody who may stop it
share-card-text = For a parent or a companion: they can stop this share, and do nothing else.
share-card-see = See the card
card-title = Withdrawal card
card-lead = Whoever has this card can stop one share of health records, at once and for good, and do nothing else. It opens no records.
card-for = The share is for { $name }
card-until = It ends { $when }
card-how = Scan the code with any phone and choose “Stop this share”. Without a camera: write the address below in a browser, and on its page the code.
card-code = For typing
card-qr = Code that leads to the page on which the share is stopped
card-print = Print
card-back = The share
card-only-here = A card for this share would help nobody
card-only-here-text = This share is kept in Carnet on this device and nowhere else. A card would lead whoever has it to their own device, where there is nothing.
card-helps = What does help
card-move = Move the share there
card-move-text = Move it to the server that you have chosen, { $relay }. It gets a new code there, which you show or send instead of the old one, and a card that works from anywhere.
card-relay = Choose a server
card-relay-text = Choose a server, a computer that keeps shares locked and can be reached from anywhere. Then come back here and move the share to it.
card-stop-here = Stop it from this device
card-stop-here-text = You yourself can stop the share at any time, from here.
toast-moved = The share has moved. Its code is a new one.
card-care = Give it to somebody you trust, and keep it apart from the share’s own code.
share-stopping-title = Stopping as soon as there is a network
share-stopping-text = You stopped this share, but the network could not be told yet. Until then it may still open.
share-exhausted = Opened as often as you allowed
share-exhausted-text = The code no longer opens anything. Whoever looked may have kept a copy, though. Stop the share if they should no longer use it: whoever checks the copy then sees that you stopped it.
share-superseded = A longer share took its place
share-superseded-go = See the share that counts now
share-has-passcode = They need the passcode.
share-passcode-unknown = They need the passcode. Carnet does not know it any more. If you lost it, stop this share and make a new one.
share-passcode-show = Show the passcode
share-passcode-hide = Hide the passcode
share-stop = Stop sharing
share-stopping = Stopping…
share-stop-sure = Stop sharing for good?
share-stop-text = The code no longer opens anything, at once. It cannot be started again, but you can make a new share.
share-stop-not = Keep sharing
share-not-stopped = The share is not stopped. Try again.
share-pause = Pause
share-resume = Continue sharing
share-copy = Copy link
share-longer = Make it last longer
share-longest = It lasts as long as it can for now.
share-longer-text = Then show this code again. Some readers refuse the old one.
share-other-ways = Other ways to hand it over
share-shlink-text = For a reader program of their own, copy this text:
share-print-text = On paper, the code stands there for everyone who finds it. Good for an emergency card, or with a passcode.
share-print = Print the code
share-terms = What was agreed
share-asked-by = { $name } asked for it
share-holds = What it holds
share-ledger = Publicly recorded
share-made = Made { $when }
ledger-proven = This device checked that it is there
ledger-named = Not checked by this device yet
ledger-place = Entry { $index } in the public ledger { $log }. It says that a share was made, not whose and not what.
ledger-none = Not in the public ledger yet.
receipt-title = A receipt to keep
receipt-text = It says what you agreed to, with whom and until when. It holds none of your records.
receipt-see = Read it here
receipt-pdf = As a page to read (PDF)
receipt-json = As a file for programs

## Who looked

openings-title = Who looked
openings-lead = Every time a share was opened, and every try that was refused.
openings-empty-title = Nobody has looked
openings-empty-text = When somebody opens a share, you see here who they said they are, and when.
openings-unseen =
    { $count ->
        [one] { $count } new look at your records
       *[other] { $count } new looks at your records
    }
openings-unseen-go = See who looked
opening-new = New
opening-nobody = Someone who gave no name
opening-served = Saw your records · { $share }
opening-refused = Tried and was refused · { $share }
opening-asked = Asked · { $share }
opening-proven = In the public ledger
opening-unproven = Not checked in the public ledger yet
opening-contradicted = The public ledger says something else
opening-contradicted-title = The server and the public ledger do not agree
opening-contradicted-text = What the server told you about an opening is not what it wrote down in public. One of the two is wrong, and somebody may hide who looked.
opening-contradicted-next = Stop this share, make no new ones through this server, and show this page to somebody you trust.
fault-false-title = The server gave an answer that cannot be
fault-false-text = It is about who looked at the share for { $share }. Somebody may have looked whom you do not see here.
fault-untold-title = The server did not say who looked
fault-untold-text = It is the server of the share for { $share }. Somebody may have looked whom you do not see here. Carnet asks it again by itself.
fault-what = What was found: { $what }
refused-passcode = The passcode was wrong.
refused-attempts = The passcode was wrong too often. The code is closed for good.
refused-exhausted = It was opened as often as you allowed.
refused-paused = The share was paused.
refused-time = It was not the time for it: too early or too late.
refused-withdrawn = The share had been stopped.
refused-passcode-missing = Gave no passcode, and was told that one is needed. Some readers ask like this first. It saw nothing.
refused-other = For a reason that this version of the app does not know.
