"""The age vault: credentials on the disk, each in a file of its own, sealed.

Docker's other stores need a session, a keyring that somebody has unlocked, a key server. A build machine has none of
these, and so its logins lie in config.json in plain text. The vault needs a folder. Its files are age's
(https://age-encryption.org), whose own program opens them: nobody is locked in.

One file a credential, in a folder a server (:mod:`~dockpass.vault.layout`; :mod:`~dockpass.vault.home` says where,
:mod:`~dockpass.vault.name` and :mod:`~dockpass.vault.account` what they are called). So a write never touches another
credential, a damaged file is one lost login and not all of them, listing needs no key, and ten thousand logins are no
slower than ten. What is sealed is what a helper has to print, byte for byte, so ``get`` neither parses nor renders. Of
several accounts on a server one is in use (:mod:`~dockpass.vault.chosen`).

Who seals and opens is age's Rust implementation as a Python module, or the program ``age``
(:mod:`~dockpass.vault.pick`): two engines with one face (:mod:`~dockpass.vault.engine`).

Sealing says who can read, not who wrote. So what comes out of a file is compared with the server and account that it
was looked up for (:mod:`~dockpass.vault.answer`), before it goes anywhere. And the list of those who can read must be
ours alone to write (:mod:`~dockpass.vault.recipients`): who can add a line reads every later secret.

The key is never made anew while something is sealed for the old one (:mod:`~dockpass.vault.identity`), and it may be
locked by a passphrase (:mod:`~dockpass.vault.passphrase`); then it is opened for some hours into memory
(:mod:`~dockpass.vault.unlocked`), and no program stays behind to hold it.

Two ways lead to a credential. :mod:`~dockpass.vault.quick` is the one that a helper takes some hundred times a day: it
imports next to nothing, and knows only success. :mod:`~dockpass.vault.find` is the one that knows every way in which a
vault can be damaged, and a sentence for each. :mod:`~dockpass.vault.keep`, :mod:`~dockpass.vault.forget`,
:mod:`~dockpass.vault.listing`, :mod:`~dockpass.vault.status` and :mod:`~dockpass.vault.reseal` are the others' doors;
all of them walk through :mod:`~dockpass.vault.folder`, which follows no link, and who writes waits for its turn
(:mod:`~dockpass.vault.turn`).

All of it can go into one file, and come back: :mod:`~dockpass.vault.collect` reads every login,
:mod:`~dockpass.vault.archive` makes one text of them, :mod:`~dockpass.vault.envelope` seals and opens that, and
:mod:`~dockpass.vault.restore` puts what is in it where it is lacking.
"""
