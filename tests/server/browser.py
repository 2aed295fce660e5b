"""A real browser, headless Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

FOUND = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_KEYS = {"Enter": ("Enter", 13, "\r"), "Tab": ("Tab", 9, ""), " ": ("Space", 32, " ")}


class Browser:
    """One page of a browser.

    :ivar told: what its console and its network have complained of since the last :meth:`go`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession, socket: Any) -> None:
        self._loop, self._session, self._socket, self._number = loop, session, socket, 0
        self._loaded = 0
        self.told: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{domain}.enable")
        self.do("Page.bringToFront")
        self.do("Emulation.setFocusEmulationEnabled", enabled=True)

    def do(self, method: str, **params: Any) -> Any:
        """A command of the protocol, and its result."""
        return self._loop.run_until_complete(asyncio.wait_for(self._do(method, params), 60))

    async def _do(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        sent = self._number
        await self._socket.send_json({"id": sent, "method": method, "params": params})
        while (got := await self._next()).get("id") != sent:
            pass
        assert "error" not in got, got["error"]
        return got["result"]

    async def _next(self) -> dict[str, Any]:
        got: dict[str, Any] = json.loads((await self._socket.receive()).data)
        match got.get("method"):
            case "Page.loadEventFired":
                self._loaded += 1
            case "Log.entryAdded" if got["params"]["entry"]["level"] == "error":
                self.told.append(got["params"]["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.told.append(str(got["params"]))
        return got

    def go(self, url: str) -> None:
        """Open a page, and wait until it's loaded."""
        self.told.clear()
        self.navigating(lambda: self.do("Page.navigate", url=url))

    def navigating(self, act: Any) -> None:
        """Do something that leads to another page, and wait until that's loaded."""
        before = self._loaded
        act()

        async def loaded() -> None:
            while self._loaded == before:
                await self._next()

        self._loop.run_until_complete(asyncio.wait_for(loaded(), 15))

    def js(self, expression: str) -> Any:
        """The value of an expression, awaited."""
        got = self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in got, got
        return got["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression is true, also over pages that come meanwhile."""

        async def wait() -> None:
            while True:
                asked = {"expression": f"Boolean({expression})", "returnByValue": True}
                if (await self._do("Runtime.evaluate", asked))["result"].get("value"):
                    return
                await asyncio.sleep(0.05)

        self._loop.run_until_complete(asyncio.wait_for(wait(), 60))

    def press(self, key: str) -> None:
        """Press a key: Enter, Tab, a blank."""
        code, number, text = _KEYS[key]
        common = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        self.do("Input.dispatchKeyEvent", type="keyDown", **common, **({"text": text} if text else {}))
        self.do("Input.dispatchKeyEvent", type="keyUp", **common)

    def write(self, text: str) -> None:
        """Type a text where the focus is."""
        self.do("Input.insertText", text=text)

    def tab_to(self, said: str, most: int = 60) -> None:
        """Press Tab until what has the focus says (or is labelled) so."""
        for _ in range(most):
            self.press("Tab")
            if said in self.js("(a => a.ariaLabel || a.innerText || '')(document.activeElement)"):
                return
        raise AssertionError(f"the keyboard doesn't reach {said!r}")

    def size(self, width: int, scheme: str = "light") -> None:
        """The window's width, in CSS pixels, and the colours that are asked for."""
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own, ended at the end."""
    assert FOUND is not None
    command = [FOUND, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-extensions",
               "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    loop = asyncio.new_event_loop()
    try:
        assert process.stderr is not None
        found = next(m for line in process.stderr if (m := re.search(r"ws://(127\.0\.0\.1:\d+)/", line)))
        threading.Thread(target=process.stderr.read, daemon=True).start()

        async def connect() -> tuple[aiohttp.ClientSession, Any]:
            session = aiohttp.ClientSession()
            async with session.get(f"http://{found[1]}/json/list") as answer:
                [target] = [t for t in await answer.json() if t["type"] == "page"]
            return session, await session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0)

        session, socket = loop.run_until_complete(connect())
        yield Browser(loop, session, socket)
        loop.run_until_complete(session.close())
    finally:
        loop.close()
        process.terminate()
        process.wait(30)
        process.stderr.close()
