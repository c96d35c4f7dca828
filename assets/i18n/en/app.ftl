# The patient's wallet. Short, present tense, about the person's thing, for a reader of twelve.
title-page = { $page } · Carnet
skip-to-page = Skip to the page
crashed = Carnet stopped. Your records are safe in the vault. Close this window and open Carnet again.
next = Next

## The bar

nav-label = Main places
nav-home = Home
nav-records = Records
nav-share = Share
nav-me = Me

## First start

start-title = Your health booklet
start-lead = Keep your health records with you, locked. Show them to whom you choose, for as long as you choose.
start-own = Start my own
start-example = Try with example data
start-example-hint = The example is about a made-up person. You can look at everything and break nothing.
create-title = Start your booklet
create-lead = Choose a passphrase. It locks your records on this device.
create-example-title = Try the example
create-example-lead = The example is locked like a real booklet, so it needs a passphrase too.
create-name = Your name
create-name-hint = Shown in what you share if your records do not say it. You may leave it empty.
create-go = Make my booklet
create-busy = Making your booklet…
passphrase = Passphrase
passphrase-again = The same passphrase again
passphrase-hint = Four or more words that only you would put together are good. You can paste it.
passphrase-missing = Type a passphrase first.
passphrase-differs = The two passphrases differ. Type the same one twice.
show-passphrase = Show passphrase
strength-none = Not typed yet
strength-weak = Easy to guess. Add more words.
strength-fair = Could be longer
strength-good = Good
strength-strong = Very good

## Locked

unlock-title = Your records are locked
unlock-lead = Type your passphrase to open them.
unlock-go = Open
unlock-busy = Opening…

## Home

home-title = Your booklet
home-hello = { $name }
home-example = Example data: this person is made up
home-attention = Needs your attention
home-empty-title = Your booklet is empty
home-empty-text = Add a file from your doctor, hospital or another app, a code, or something you type. You can also drop files on this window.
home-shares = Shares that can be opened now
home-all-shares = All shares
home-no-shares = Nobody can see your records now.
home-looked = Who looked
home-all-looked = See all
home-nobody-looked = Nobody has looked at your records.
home-latest = Latest records
home-all-records =
    { $count ->
        [one] The { $count } record
       *[other] All { $count } records
    }
attention-words-title = Write down your recovery words
attention-words-text = If you forget your passphrase or lose this device, they are the only way back to your records.
attention-words-go = Show me how
attention-backup-title = Make a backup
attention-backup-text = There are records on this device that no backup holds yet.
attention-waiting-title = Waiting for a network
attention-waiting-text =
    { $count ->
        [one] { $count } message goes out as soon as the network is back. Your records work as always.
       *[other] { $count } messages go out as soon as the network is back. Your records work as always.
    }
attention-waiting-go = Try now
attention-ends-title = A share ends at { $when }
attention-ends-go = See the share

## Sharing

share-start = Share
share-step = Step { $number } of 4
share-who-title = Who is it for?
share-what-title = What may they see?
share-long-title = For how long?
share-review-title = Read this once more
preset-desk = Someone in front of me
preset-desk-text = They scan a code from this screen. It lasts 15 minutes.
preset-visit = A visit
preset-visit-text = They can look again for a day. They need a passcode.
share-recipient = Their name
share-recipient-hint = For example “Dr Example” or “Example Clinic”. You may leave it empty.
share-what-count =
    { $count ->
        [one] { $count } record will be shared
       *[other] { $count } records will be shared
    }
share-nothing = Choose at least one kind of record.
share-held-title = Held back, unless you say otherwise
share-held-included = Included because you chose to
share-held-line = { $what }: { $count }
share-held-include = Share these too
sensitive-sud = Alcohol and drugs
sensitive-psy = Mental health
sensitive-hiv = HIV
sensitive-std = Sexually transmitted infections
sensitive-sex = Sexual and reproductive health
sensitive-sdv = Violence and abuse
sensitive-gdis = Genetic information
sensitive-other = Other sensitive records
share-openings-title = How often may it be opened?
share-openings-any = As often as needed
share-openings =
    { $count ->
        [one] Once
       *[other] At most { $count } times
    }
share-passcode = Passcode
share-passcode-hint = Tell it to the reader yourself, apart from the code.
share-whoever = Whoever scans the code
share-sentence =
    { $count ->
        [one] { $name } may see { $count } record until { $until }. You can stop this at any time.
       *[other] { $name } may see { $count } records until { $until }. You can stop this at any time.
    }
share-review-passcode = They need the passcode { $passcode }.
share-review-openings =
    { $count ->
        [one] It can be opened once.
       *[other] It can be opened { $count } times.
    }
share-review-held =
    { $count ->
        [one] { $count } sensitive record stays with you.
       *[other] { $count } sensitive records stay with you.
    }
share-review-photo = Whoever photographs the code can open it too, while it lasts. You see every opening.
share-make = Make the code
share-busy = Making the code…
share-anyone = whoever has the code
visa-for = For { $name }
visa-until = until { $when }
visa-ended = ended { $when }
status-live = Live
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
share-until = Until { $when }
share-over = This share is over
share-over-text = The code opens nothing any more. Make a new share if it is needed again.
share-stop = Stop sharing
share-stopping = Stopping…
share-copy = Copy link
share-has-passcode = The reader needs the passcode you chose.
share-waiting = Waiting for a network
share-waiting-text = The share is ready. Nobody can open it until this device reaches the network.
share-stopped = You stopped this share
share-stopped-text = Nobody can open it any more. What was seen before cannot be unseen.
share-stopping-title = Stopping as soon as there is a network
share-stopping-text = You stopped this share, but the network could not be told yet. Until then it may still open.
share-exhausted = Opened as often as you allowed
share-exhausted-text = The code opens nothing any more.
share-holds = What it holds
share-ledger = Written down in public
share-made = Made { $when }
ledger-proven = This device checked that it is there
ledger-named = Not checked by this device yet
ledger-place = Entry { $index } in the public ledger { $log }. It says that a share was made, not whose and not what.
ledger-none = Not in the public ledger yet.
share-other-ways = Other ways to hand it over
share-shlink-text = For a reader program of their own, copy this text:
qr-label = Code for { $name } to scan
shares-title = Shares
shares-empty-title = No shares yet
shares-empty-text = When you share records, the share is kept here with everyone who opened it.
shares-ended = Ended

## Who looked

openings-title = Who looked
openings-lead = Every time a share was opened, and every try that was refused.
openings-empty-title = Nobody has looked
openings-empty-text = When somebody opens the share, you see here who they said they are, and when.
opening-nobody = Someone who gave no name
opening-served = Saw your records · { $share }
opening-refused = Tried and was refused · { $share }

## Me

me-title = Me and my booklet
me-words-text = The way back in if you forget your passphrase
me-settings-text = Your name, when to lock, where shares go
me-imports-text = What became of each file
backup-title = Backup
backup-text = One locked file with everything in it. Keep it somewhere else. It opens with your recovery words.
backup-go = Make a backup
lock-now = Lock now

words-title = Recovery words
words-why = These 24 words open your records if you forget your passphrase or lose this device.
words-nobody = Nobody else has them. We cannot bring them back for you.
words-alone = Make sure nobody sees your screen
words-alone-text = Whoever reads these words and has a backup can open your records.
words-show = Show the words
words-write = Write these { $count } words on paper, in this order.
words-written = I wrote them down
words-print = Print
words-ask = Type three of them to make sure the paper is right.
words-number = Word { $number }
words-check = Check
words-again = See the words again
words-confirmed = The paper is right
words-confirmed-text = Keep it where you keep your passport.

settings-title = Settings
settings-lock = Lock by itself when unused for
settings-relay = Where shares go
settings-relay-hint = The address of a relay. Empty: this device itself, for people on the same network.
settings-save = Save

## Short words after something was done

toast-opened = { $name } opened a share
toast-copied = Link copied
toast-stopped = Sharing stopped
toast-stopping = Stopping as soon as there is a network
toast-synced = Everything is sent
toast-still-waiting = Still no network: { $count } waiting
toast-saved = Saved
toast-deleted = Deleted
toast-backed-up = Backup written

## Failures: what happened, what is safe, what to do

failure-title = That did not work
failure-title-locked = Your records are locked
failure-title-away = No network
failure-title-not-found = Not there
failure-title-damaged = The vault is damaged
failure-locked = Open your booklet with your passphrase first. Nothing was lost.
failure-wrong-passphrase = This is not the passphrase. Nothing was lost; try again.
failure-weak-passphrase = This passphrase is too short to protect you. Choose a longer one, for example four words.
failure-wrong-words = These are not the words. Look at your paper again.
failure-in-use = Your booklet is open in another window. Close that one first.
failure-not-found = What you asked for is not here any more. Go back and choose again.
failure-invalid = This cannot be kept as it is. Nothing was changed. Look at what you typed or chose.
failure-nothing-selected = There is nothing to share with this choice. Choose at least one kind of record.
failure-relay-away = The relay cannot be reached. Nothing was lost; it is sent as soon as there is a network.
failure-damaged = Part of the vault cannot be read. Do not delete anything. Restore your backup with your recovery words.
failure-unexpected = The wallet gave no usable answer. Nothing was changed. Close Carnet and open it again.
failure-outside = This page works only inside the Carnet app.
