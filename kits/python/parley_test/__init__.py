"""A workspace of Parley for each test: try an Intercom integration without Intercom.

With pytest, a test that takes ``parley`` has a workspace of its own::

    def test_sign_up(parley):
        sign_up("rosa@example.test", url=parley.url, token=parley.token)
        parley.assert_requests(operation="createContact", count=1)

Without it, ``with start() as server, server.workspace() as parley`` does the same.
"""

from ._call import ParleyError
from ._server import Server, attach, start
from ._workspace import Advance, Clock, Fault, Webhook, Workspace

__all__ = ["Advance", "Clock", "Fault", "ParleyError", "Server", "Webhook", "Workspace", "attach", "start"]
