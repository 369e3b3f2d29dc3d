"""Files that are shared with programs that know nothing of each other, changed without losing a byte.

config.json is written by docker, podman, an editor, a dotfiles tool and dockpass, sometimes in the same instant. Most
of them read the file, change it in memory and write it back: whoever reads first and writes last wins, and the others'
changes are gone. And a process can be killed, or the disk run full, between any two steps. So this room has four
rules.

*One at a time.* Processes and threads of dockpass take turns (:mod:`~dockpass.files.lock`). The kernel holds the lock
(:mod:`~dockpass.files.flock`), so a process that dies lets go, and a full disk does not get in the way.

*Look before and after.* The others take no lock. So the new file is swapped with the old one in one step of the
kernel (:mod:`~dockpass.files.exchange`), and what came out must be what was read; else it goes back, and the change is
made anew on the newer file (:mod:`~dockpass.files.replace`). Until that is known, nobody else gets to open the new one,
where the kernel can see to that (:mod:`~dockpass.files.lease`). And because another program may have read the file
before the swap and write it after (:mod:`~dockpass.files.unread`), the file is looked at again, and the change made
again if it is gone (:mod:`~dockpass.files.rewrite`).

*Old or new, never in between.* A new file is complete, on the disk and readable by its owner alone before it gets its
name (:mod:`~dockpass.files.fresh`). Where a file cannot be renamed over (it is a mount point, or its folder is not ours
to write), it is written in place, with a copy beside it that can bring the old contents back
(:mod:`~dockpass.files.inplace`).

*Nothing is followed blindly.* A link leads to its target, once, and the work goes on in the target's own folder, held
open (:mod:`~dockpass.files.place`). A pipe, device or folder is refused without waiting for it
(:mod:`~dockpass.files.read`). What other names a file has (hard links) is never written through to.

What the system refuses is said in words, with what to do about it (:mod:`~dockpass.files.cause`).
"""
