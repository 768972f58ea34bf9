"""What a shop does with Intercom. It knows nothing of Parley: only the URL differs in its tests."""

import json
import time
import urllib.error
import urllib.request


class Support:
    def __init__(self, token, url="https://api.intercom.io", sleep=time.sleep):
        self._token = token
        self._url = url
        self._sleep = sleep

    def signed_up(self, email, name):
        """Makes a contact of who signed up, or updates the one that is there, and returns its id."""
        try:
            return self._call("POST", "/contacts", {"role": "user", "email": email, "name": name})["id"]
        except urllib.error.HTTPError as err:
            if err.code != 409:
                raise
        query = {"field": "email", "operator": "=", "value": email}
        [found] = self._call("POST", "/contacts/search", {"query": query})["data"]
        return self._call("PUT", f"/contacts/{found['id']}", {"name": name})["id"]

    def asked(self, contact, text):
        """Begins a conversation of a contact, and returns its id."""
        message = {"from": {"type": "user", "id": contact}, "body": text}
        return self._call("POST", "/conversations", message)["conversation_id"]

    def wait(self, conversation, until):
        """Has a conversation come back at a time, in Unix seconds."""
        admin = self._call("GET", "/me")["id"]
        snooze = {"message_type": "snoozed", "admin_id": admin, "snoozed_until": until}
        self._call("POST", f"/conversations/{conversation}/parts", snooze)

    def state(self, conversation):
        return self._call("GET", f"/conversations/{conversation}")["state"]

    def _call(self, method, path, body=None, tries=3):
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        text = None if body is None else json.dumps(body).encode()
        for left in reversed(range(tries)):
            try:
                with urllib.request.urlopen(urllib.request.Request(self._url + path, text, headers, method=method)) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as err:
                if err.code != 429 or not left:
                    raise
                with err:
                    self._sleep(max(0, int(err.headers["X-RateLimit-Reset"]) - time.time()))
