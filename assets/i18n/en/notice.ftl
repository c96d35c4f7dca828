# What a person reads before sharing. A consent names the version and the language of what was shown, for ever: so the words
# of a version that was published are never changed. Another wording is another version: notice-v2-…

notice-v1-title = Before you share
notice-v1-scope = You share what is listed here, and nothing else of your records.
notice-v1-reader = Whoever has the link, and the passcode if you set one, can open it. Give it only to those you mean.
notice-v1-purpose = It is for the purpose you chose. What the recipient may do with it is written in the consent inside.
notice-v1-time = It can be opened only in the time you set, and only as often as you set.
notice-v1-relay = It is kept on a relay, locked. The relay cannot read it, and does not know who you are.
notice-v1-receipts = You see each time it is opened, and what the reader calls themselves. Nobody checks that name.
notice-v1-withdraw = You can stop sharing at any time. Then nobody can open it any more.
notice-v1-copies = A copy that somebody has made stays with them. The law, not this app, says what they may do with it.
notice-v1-ledger = A public list keeps a sealed mark of your consent. Nobody can read from it who you are or what you shared.

# What the recipient is asked to hold to.

obligation-no-redisclosure = Not to pass it on without a consent that allows it.
obligation-delete-after-use = To delete it after use.
