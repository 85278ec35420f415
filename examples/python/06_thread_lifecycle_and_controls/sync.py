"""A thread's life: named, listed, read, archived, brought back, resumed, forked, compacted."""

from codexkit import Codex

with Codex() as codex:
    thread = codex.thread_start()
    thread.run("Say something about planning.")
    thread.run("Say it more simply.")

    thread.set_name("planning")
    listed = codex.thread_list(limit=20)
    print("Listed:", [stored.name for stored in listed.data])
    stored = thread.read(include_turns=True).thread
    print("Turns:", len(stored.turns))

    codex.thread_archive(thread.id)
    print("Archived:", len(codex.thread_list(archived=True).data))
    print("Active:", len(codex.thread_list().data))
    codex.thread_unarchive(thread.id)

    resumed = codex.thread_resume(thread.id)
    print("Resumed:", resumed.run("Go on.").status.value)

    fork = codex.thread_fork(thread.id)
    print("Forked:", fork.run("Take another view.").status.value, fork.id != thread.id)

    resumed.compact()
    for event in codex.notifications():
        if event.method == "turn/completed":
            print("Compacted:", event.payload.turn.status.value)
            break
