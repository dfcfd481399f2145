"""The XOAUTH2 login text: a user and a bearer token, as Google and Microsoft read it."""


def xoauth2(user: str, token: str) -> str:
    """The initial response, before base64."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"
