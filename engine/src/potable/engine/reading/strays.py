"""Lines among a table's records that aren't records: notes of people, messages of programs."""

from __future__ import annotations

NOTE = (
    r"(?i)^\W{0,3}(?:"
    r"(?:data )?sources?\s*:|foot ?notes?\s*:|(?:please )?notes?\s*[:.]|n\.? ?b\.?\s*:|remarks?\s*:|legend\s*:|"
    r"disclaimer\b|"
    r"comments?\s*:|citation\s*:|cite as\b|license\s*:|licence\s*:|contact\s*:|copyright\b|\(c\) ?[12][0-9]{3}\b|© ?\w|"
    r"(?:date )?(?:last )?(?:updated|modified|refreshed|revised)(?: on)?\s*[: ]\s*\S|"
    r"(?:report |file |data )?(?:generated|exported|downloaded|retrieved|accessed|extracted|printed|prepared|created)"
    r"(?: on\b| by\b| at\b| from\b|\s*:)|data (?:from|as of|extracted|provided by)\b|as of [0-9]|"
    r"end of (?:file|report|data|table|record)|"
    r"quellen?\s*:|anmerkung(?:en)?\s*:|hinweise?\s*:|stand\s*:|fuentes?\s*:|notas?\s*:|fontes?\s*:|remarques?\s*:|"
    r"(?:total\s*:?\s*)?\(?[0-9][0-9,. ]{0,12} (?:rows?|records?|results?|lignes?|zeilen|filas|righe)"
    r"(?: (?:affected|selected|returned|found|exported|in set).*)?[.)]*\W{0,3}$|"
    r"(?:total |number of )*(?:rows|records|results|count)\s*[:=]\s*[0-9][0-9,. ]*\W{0,3}$|"
    r"n\s*=\s*[0-9][0-9,. ]*\W{0,3}$|\\\.$"
    r")|^[\"']?#{1,3}\s+\w{3}|^\s*<!--.*-->\s*$|^-- ?(?i:dump completed)\b|^[\"']?\s*(?:\*{1,3}|[†‡§¹²³])\s*[^\s*].*\s"
)
"""What a line of a note begins with, as a pattern of Polars: the text of a line of one filled cell."""

OUTPUT = (
    r"(?i:<!doctype html|<html[\s>])|"
    r"^\s*(?i:</?(?:html|head|body|title|meta|center|h1|hr|address|pre)\b[^>]*>|<br ?/?>\s*$|"
    r"(?:<br ?/?>\s*)?<b>(?:fatal error|parse error|warning|notice|deprecated)</b>)|"
    r"(?:Fatal error|Parse error|Warning|Notice|Deprecated)\s*:\s.* in \S.* on line [0-9]+|"
    r"Allowed memory size of [0-9]+ bytes|Maximum execution time of [0-9]+ seconds?|"
    r"^Traceback \(most recent call last\)|^\s*File \".*\", line [0-9]+|"
    r"^[\w.$]*(?:Error|Exception)(?: \(0x[0-9A-Fa-f]+\))?(?::\s|\s*$)|"
    r"^ {4,}(?:(?:return|raise|yield|await|assert) \S|(?:await )?[\w.\[\]'\"]+\(|[\w.\[\], ]+ [-+*/|&]?= \S|[~^]+\s*$)|"
    r"^(?:During handling of the above|The above exception was the direct cause)|"
    r"^Exception in thread |^Caused by: |^\s+at (?:async )?[\w.$<>\[\]/` ]+\(|^\s+at \S+:[0-9]+|"
    r"^\s+\.\.\. [0-9]+ more\s*$|"
    r"^(?:ERROR|FATAL|PANIC)\s*:\s+\S|^ERROR [0-9]{4} \(\w{5}\)|\bORA-[0-9]{5}\b|\bSQLSTATE\[|"
    r"^Msg [0-9]+, Level [0-9]+|"
    r"^(?:mysql|mysqldump|psql|pg_dump|bcp|sqlcmd|curl|wget): |You have an error in your SQL syntax|"
    r"^\[?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}\S* +\S*\b(?:DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL)\b|"
    r"^(?:Segmentation fault|Killed\s*$|Internal Server Error|Service Unavailable|Bad Gateway|Gateway Time-?out)|"
    r"^(?i:query (?:was )?(?:cancell?ed|failed|timed out))|^(?i:connection (?:reset|refused|timed out|closed))|"
    r"^\s*\{\s*\"(?:error|errors|status|message|code|detail|fault)\"\s*:|"
    r"^<{7} \S|^={7}\s*$|^>{7} \S"
)
"""What a program's message has, as a pattern of Polars: the text of a line of another number of cells than usual."""
