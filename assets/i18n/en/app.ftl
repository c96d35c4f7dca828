# The patient's wallet. Short, present tense, about the person's thing, for a reader of twelve.
title-page = { $page } · Carnet
skip-to-page = Skip to the page
crashed = Carnet stopped. Your records are safe in your booklet. Close this window and open Carnet again.
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
start-backup = I have a backup
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
passphrase-new = New passphrase
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
unlock-forgot = I forgot my passphrase

## The way back in with the recovery words

recover-title = Open with your recovery words
recover-lead = Your records are still here. The 24 words on your paper open them. Then a new passphrase does.
recover-go = Open my records
recover-busy = Opening your records…
recover-other = These words belong to another booklet, not to this one. Nothing was lost. Look for the paper of this one.
restore-title = Bring your records back
restore-lead = You need two things: your backup, and the paper with your 24 recovery words.
restore-file = Your backup
restore-file-hint = The locked file that you keep somewhere else. Its name often ends in “.age”.
restore-choose = Choose the file
restore-choose-again = Choose another file
restore-chosen = Chosen: { $name }
restore-missing = Choose your backup first.
restore-go = Bring them back
restore-busy = Bringing your records back. This can take some minutes…
restore-damaged = This file is not a backup of Carnet, or it is damaged. Nothing was changed. Choose another one.
restore-other = These words belong to another backup. Nothing was changed. Look for the paper of this one, or choose another file.
phrase-label = Your 24 recovery words
phrase-hint = In the order they have on your paper. You can paste them. Make sure nobody sees your screen.
phrase-count = { $count } of { $of } words
phrase-missing = Type your { $of } words first.
phrase-miscounted =
    { $count ->
        [one] This is { $count } word. There must be { $of }. Look for the ones that are missing.
       *[other] These are { $count } words. There must be { $of }. Look for one that is missing or there twice.
    }
phrase-unknown = Word { $number }, “{ $word }”, is not a recovery word. Look at it on your paper again.
phrase-order = Each word is known, but one is wrong or two are swapped. Compare them with your paper, one by one.

## A damaged booklet

damaged-text = Part of it cannot be read. Nothing of it was deleted, and nothing will be.
damaged-words = Try your 24 recovery words first. If only the lock is damaged, they open everything that is here.
damaged-words-go = Open with my recovery words
damaged-backup = If they do not help, bring your records back from your backup. The damaged booklet is then set aside in a folder of its own.
damaged-backup-go = Bring my records back
damaged-lock = Lock it and see what I can do
restore-over-lead = You need your backup, and the paper with your 24 recovery words. The damaged booklet is not deleted: it is set aside in a folder beside the new one, once your records are back.
set-aside-title = Your records are back
set-aside-text = They are as they were when the backup was made. What you added later is not among them: add it again if you still have it.
set-aside-kept = The damaged booklet was not deleted
set-aside-where = It is in this folder now:
set-aside-keep = Keep it until you are sure that nothing is missing. Somebody who knows computers may get more out of it. It is still locked, with the passphrase and the words it had.
set-aside-on = Open my booklet

## Home

home-title = Your booklet
home-hello = { $name }
home-example = Example data: this person is made up
home-attention = Needs your attention
home-empty-title = Your booklet is empty
home-empty-text = Add a file from your doctor, hospital or another app, a code, or something you type. You can also drop files on this window.
home-shares = Shares that may be opened now
home-all-shares = All shares
home-no-shares = Nobody can see your records now.
home-resting-shares =
    { $count ->
        [one] Nobody can see your records now. { $count } share is paused or begins later.
       *[other] Nobody can see your records now. { $count } shares are paused or begin later.
    }
home-looked = Who looked
home-all-looked = See all
home-nobody-looked = Nobody has looked at your records.
home-latest = Latest records
home-all-records =
    { $count ->
        [one] The { $count } record
       *[other] All { $count } records
    }
attention-journal-title = The history of your booklet was changed
attention-journal-text = Entries of it are missing or were edited by something else than Carnet. Your records still open. Keep your older backups, and do not write over them: they have the history as it was. If nobody you trust did this, show it to someone who knows computers.
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
attention-waiting-busy = Trying…
attention-ends-title = A share ends at { $when }
attention-ends-go = See the share

## Me

me-title = Me and my booklet
me-words-text = The way back in if you forget your passphrase
me-settings-text = Your name, when to lock, where shares go
me-imports-text = What became of each file
backup-title = Backup
backup-text = One locked file with everything in it. Keep it somewhere else. It opens with your recovery words.
backup-go = Make a backup
backup-busy = Making the backup…
lock-now = Lock now

words-title = Recovery words
words-why = These 24 words open your records if you forget your passphrase or lose this device.
words-nobody = Nobody else has them. We cannot bring them back for you.
words-alone = Make sure nobody sees your screen
words-alone-text = Whoever reads these words and has a backup can open your records.
words-show = Show the words
words-busy = Fetching the words…
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
settings-lock = Lock by itself after
settings-relay = Where shares go
settings-relay-hint = The address of a server that keeps your shares locked. If this is empty, shares open on this device only.
settings-save = Save

change-title = Change my passphrase
change-text = You need the passphrase you have now. Your recovery words stay the same.
change-present = The passphrase you have now
change-present-missing = Type the passphrase you have now.
change-go = Change it
change-busy = Changing it…
change-done = Your passphrase is changed
change-done-text = From now on the new one opens your records. Your recovery words stay the same.

## A file held against its rules

check-title = Check a summary
check-way = See whether a file keeps the rules for medical summaries.
check-lead = For a file that you saved here or got from somebody else. It is only read: nothing goes into your booklet, and nothing leaves this device.
check-rules = Which rules?
check-found = Those of the file itself
check-found-text = The file says whether it is a summary or a list for a front desk.
check-ips-text = International Patient Summary (IPS)
check-ktc-text = Patient-shared health documents
check-go = Choose a file
check-busy = Checking the file…
check-which = The file does not say what it is
check-which-text = Nothing was checked. Choose above which rules it is to keep, then choose the file again.
check-result = What was found
check-keeps = It keeps every rule
check-keeps-warned = It keeps the rules, with something to look at
check-breaks = It does not keep the rules
check-file = { $name }, checked as: { $rules }
check-errors =
    { $count ->
        [one] It breaks a rule in { $count } place. A program may refuse it.
       *[other] It breaks rules in { $count } places. A program may refuse it.
    }
check-warnings =
    { $count ->
        [one] In { $count } place it could be better. Programs can read it all the same.
       *[other] In { $count } places it could be better. Programs can read it all the same.
    }
check-for-makers = This list is for whoever made the file. You can still keep it and show it.
check-error = Broken rule
check-warning = Could be better
check-place = Where:
check-spec = Written at:
check-more =
    { $count ->
        [one] And { $count } more that is not in this list.
       *[other] And { $count } more that are not in this list.
    }

## Before the booklet locks itself

locks-soon = Your booklet locks in 30 seconds.
locks-soon-stay = Stay open

## Short words after something was done

toast-opened = { $name } looked at your records
toast-refused = { $name } tried to look and was refused
toast-asked = { $name } asked and was told that a passcode is needed
toast-copied = Link copied
toast-forgotten = Taken off the list
toast-stopped = Sharing stopped
toast-stopping = Stopping as soon as there is a network
toast-paused = Paused. Nobody can open it now.
toast-resumed = It can be opened again.
toast-unheard = Done here. The server is away; it is told as soon as it can be reached.
toast-longer = It lasts longer now.
toast-receipt = Receipt saved
toast-synced = Everything is sent
toast-still-waiting = Still no network: { $count } waiting
toast-saved = Saved
toast-deleted = Deleted
toast-backed-up = Backup written
toast-recovered = From now on your new passphrase opens your records
toast-restored = Your records are back

## Failures: what happened, what is safe, what to do

failure-title = That did not work
failure-title-locked = Your records are locked
failure-title-away = No network
failure-title-not-found = Not there
failure-title-nobody-named = Your booklet does not say whose it is.
failure-title-damaged = Your booklet is damaged
failure-locked = Open your booklet with your passphrase first. Nothing was lost.
failure-wrong-passphrase = This is not the passphrase. Nothing was lost; try again.
failure-weak-passphrase = This passphrase is too short to protect you. Choose a longer one, for example four words.
failure-wrong-words = These are not the words. Look at your paper again.
failure-in-use = Your booklet is open in another window. Close that one first.
failure-busy = Files are still being added. Wait until they are done, or stop them first.
failure-not-found = What you asked for is not here any more. Go back and choose again.
failure-nothing-selected = There is nothing to share with this choice. Choose at least one kind of record.
failure-nobody-named = Whoever reads a summary must know whose it is, so nothing was made. Add your name, then come back here.
failure-nobody-named-go = Add my name
failure-relay-away = The server cannot be reached. Nothing was lost; it is sent as soon as there is a network.
failure-damaged = Part of your booklet cannot be read. Nothing of it was deleted. You can bring your records back from your backup; the damaged booklet is kept beside them.
failure-unexpected = Carnet gave no usable answer. Nothing was changed. Close Carnet and open it again.
failure-outside = This page works only inside the Carnet app.
