"""A login through the browser, and what account is in use.

A real program opens `auth_url` and waits. This one changes its mind, so that nobody has to log in.
"""

from codexkit import Codex

with Codex() as codex:
    login = codex.login_chatgpt()
    print("Open:", login.auth_url)
    print("Cancelled:", login.cancel().status.value)
    print("Logged in:", login.wait().success)

    account = codex.account()
    print("Needs a login:", account.requires_openai_auth)
    print("Account:", account.account)
