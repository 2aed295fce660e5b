"""The page at ``/``."""

WELCOME = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Potable</title></head>
<body>
<h1>Potable</h1>
<p>Is a data source safe to ingest? This server runs the checks of a source and says what is wrong, where, how often,
and how to mend it.</p>
<ul>
<li><code>POST /controller/run?resourceID=…</code> starts a run of a source.</li>
<li><code>GET /controller/run_status?resourceID=…</code> says how its run stands, and where the report is.</li>
<li><code>POST /controller/accept?resourceID=…</code> accepts its last run, also if it failed, as a baseline.</li>
</ul>
<p>All need an API key: as the header <code>X-API-Key</code>, as a bearer token, or as the parameter
<code>api_key</code>. All calls are described in <a href="/openapi.json">/openapi.json</a>.</p>
</body>
</html>
"""
