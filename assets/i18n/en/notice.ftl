# What a person agrees to when they share: one text for each version, never changed once somebody agreed to it. A new
# version is a new set of keys; the old ones stay, for receipts of shares that were made under them.
notice-v1-1 = The people you share with see only the records you chose, for as long as you chose.
notice-v1-2 = A relay keeps these records locked. It cannot read them, and it deletes them when the share is over.
notice-v1-3 = Every opening and every refused try is written down and shown to you, with the name that the reader gave. Nobody checks that name.
notice-v1-4 = You can stop sharing at any time, without giving a reason. From then on the code opens nothing.
notice-v1-5 = What was seen before cannot be unseen. Readers may keep a copy, as the rules for their work allow or demand.
notice-v1-6 = What you ask of them, such as not to pass it on, stands written in the share. Carnet cannot force anybody to do it.
notice-v1-7 = A public ledger says that a share was made, opened or stopped. It does not say whose, by whom, or what was in it.
notice-v1-8 = You need not share anything. If you leave something out that matters for your treatment, tell your doctor.
