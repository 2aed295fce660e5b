"""The pages for people: sources, how their runs stand, reports; to start, cancel and accept runs.

Plain HTML that works without scripts. A person signs in with an API key, which a cookie holds; the calls of the
contract know no cookie. All links are relative, so that a reverse proxy may put any prefix before them.
"""
